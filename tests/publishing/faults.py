"""What can happen to one request, and commands that meet all of it at every request in turn.

A fault is a value: what errgen sees of the request, and whether that was carried out all the same. The services differ
only in how they word an error, and the libraries in how they tell that there was no answer.
"""

from __future__ import annotations

import json
import os
import signal
import traceback
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Literal, NoReturn

import httpx
import pytest

from site_builder.errors import ErrgenError

from .world import TOKEN

End = Literal["refused", "reset", "hung", "limited", "failed", "page", "broken", "no", "ctrl_c", "killed"]
"""What errgen sees: nobody listens, the line is cut, no answer comes in time, 429 with five minutes to wait, 500, a
gateway's page with 502, half an answer, a success that says it is none; or errgen is ended itself."""

Words = Callable[[int], bytes]
"""The body of an answer with this status, as a service words it; 200 stands for a success that says it is none."""

GATEWAY = b"<html><h1>502 Bad Gateway</h1></html>"


@dataclass(frozen=True)
class Answer:
    """An answer instead of the service's."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fault:
    """What happens to one request. ``late``: after it has been carried out, so that only the answer is lost."""

    end: End
    late: bool = False

    def __str__(self) -> str:
        return f"{self.end}_too_late" if self.late else self.end

    def answer(self, words: Words) -> Answer | None:
        """What is answered; None where nothing is."""
        match self.end:
            case "limited":
                return Answer(429, words(429), (("Retry-After", "300"),))
            case "failed":
                return Answer(500, words(500))
            case "page":
                return Answer(502, GATEWAY, (("Content-Type", "text/html"),))
            case "broken":
                return Answer(200, words(200)[:9])
            case "no":
                return Answer(200, words(200))
        return None

    def end_errgen(self) -> None:
        """Do what ends errgen, if this is that kind."""
        if self.end == "ctrl_c":
            raise KeyboardInterrupt
        if self.end == "killed":
            os.kill(os.getpid(), signal.SIGKILL)

    def over_httpx(self, request: httpx.Request, send: Callable[[], httpx.Response], words: Words) -> httpx.Response:
        """Let it happen to a request of httpx."""
        if self.late:
            send()
        self.end_errgen()
        if answer := self.answer(words):
            return httpx.Response(answer.status, content=answer.body, headers=answer.headers, request=request)
        raise {
            "refused": httpx.ConnectError("connection refused", request=request),
            "reset": httpx.ReadError("connection reset by peer", request=request),
            "hung": httpx.ReadTimeout("", request=request),
        }[self.end]


AT_ONCE = tuple(
    Fault(end) for end in ("refused", "reset", "hung", "limited", "failed", "page", "broken", "no", "ctrl_c")
)
TOO_LATE = tuple(Fault(end, late=True) for end in ("reset", "hung", "failed", "page", "broken", "ctrl_c"))
FAULTS = (*AT_ONCE, *TOO_LATE)
"""Every kind but SIGKILL."""

LASTING = (Fault("refused"), Fault("failed"), Fault("page"), Fault("no"), Fault("ctrl_c"), Fault("reset", late=True))
"""Those that are tried as the network's end, too: of this request and of all that come after it."""

KILLS = (Fault("killed"), Fault("killed", late=True))


PARTS = ["sample", pytest.param("all", marks=pytest.mark.long)]
"""How much of a trial a test does. In a sample each request meets a fifth of the faults."""


def cloudflare_words(status: int) -> bytes:
    """An error of Cloudflare's API, which repeats the token that it was sent."""
    error = {"code": 10_000 + status, "message": f"failed with {TOKEN}"}
    return json.dumps({"success": False, "errors": [error], "messages": [], "result": None}).encode()


class Trial(ABC):
    """One command, run again and again from the same start, each time with a fault.

    After each fault all clients must get the old answers or all the new ones, what is not errgen's must be untouched,
    and the same command again must leave exactly what an undisturbed run leaves. What is left behind decides what the
    next run does: from the same state it is tried once.
    """

    name: str
    """What users call the command."""

    secrets: tuple[str, ...] = (TOKEN,)
    """What must never be said."""

    def __init__(self) -> None:
        self.go_back()
        self.before = self.around()
        failure = self.run(lambda _: None)
        assert failure is None, failure
        self.changes = list(self.asked())
        self.requests = len(self.changes)
        self.result = self.stored()
        self.run(lambda _: None)
        assert self.stored() == self.result
        self._completed: set[Hashable] = set()
        self._live: dict[Hashable, list[str]] = {}

    @abstractmethod
    def go_back(self) -> None:
        """Make everything as it was at the start."""

    @abstractmethod
    def command(self, fault_at: Callable[[int], Fault | None]) -> None:
        """Run the command; the request with this number meets this fault."""

    @abstractmethod
    def asked(self) -> Iterable[bool]:
        """Of each request that the last run has made, whether it could change something."""

    @abstractmethod
    def live(self) -> Iterable[str]:
        """Which complete answers clients get now: ``old``, ``new``; nothing or both where they are a mixture."""

    @abstractmethod
    def around(self) -> bytes:
        """What is not errgen's, byte for byte."""

    @abstractmethod
    def stored(self) -> Hashable:
        """All that is errgen's, as far as a later run can see it."""

    @abstractmethod
    def said(self) -> str:
        """What users were told while the command ran."""

    def run(self, fault_at: Callable[[int], Fault | None]) -> ErrgenError | None:
        """Run the command; gives its failure."""
        try:
            self.command(fault_at)
        except ErrgenError as failure:
            return failure
        except KeyboardInterrupt:  # while only reading; the command line turns it into exit code 130
            return ErrgenError("interrupted")
        return None

    def meets(self, fault: Fault, *, lasting: bool = False, numbers: Iterable[int] | None = None) -> int:
        """Let each request of the command, or those with these numbers, meet the fault; gives how many were survived.

        ``lasting``: all requests after it meet the same. Whether a question that changes nothing got through before its
        answer was lost makes no difference, so that late faults are for the others.
        """
        survived = 0
        for number in range(self.requests) if numbers is None else numbers:
            if fault.late and not self.changes[number]:
                continue
            self.go_back()

            fault_at = _at(number, fault, lasting=lasting)
            if fault.end == "killed":
                assert killed(partial(self.command, fault_at)), f"request {number} was not reached"
                self.is_new(f"{fault} at {number}")
                self.completes(f"{fault} at {number}")
            else:
                failure = self.run(fault_at)
                assert len(list(self.asked())) > number
                self.survives(failure, f"{fault} at {number}")
            survived += 1
        return survived

    def numbers(self, kind: int, part: str) -> range:
        """The requests that meet the fault with the number ``kind`` in one of PARTS."""
        return range(self.requests) if part == "all" else range(kind % 5, self.requests, 5)

    def is_new(self, what: str) -> bool:
        """Whether clients get the new answers; AssertionError where they get neither those nor the old ones."""
        left = self.stored()
        if left not in self._live:  # what is stored decides what is answered
            self._live[left] = list(self.live())
        assert self._live[left] in (["old"], ["new"]), f"{what}: {self._live[left]}"
        return self._live[left] == ["new"]

    def survives(self, failure: ErrgenError | None, what: str) -> None:
        """Check what a run with this failure has left, and that the same command again completes it."""
        is_new = self.is_new(what)
        if failure is None:
            assert is_new, what
        elif failure.exit_code in (2, 5, 6, 130):
            assert not is_new, f"{what}: {failure}"
        else:
            assert failure.exit_code == 7 or (failure.message == "interrupted" and not is_new), f"{what}: {failure}"
        told = f"{failure} {failure.hint if failure else ''} {self.said()}"
        assert not [secret for secret in self.secrets if secret in told], what
        self.completes(what)

    def completes(self, what: str) -> None:
        """The same command again leaves what an undisturbed run leaves; nothing of ours is there twice."""
        assert self.around() == self.before, what
        left = self.stored()
        if left in self._completed:
            return
        failure = self.run(lambda _: None)
        assert failure is None, f"{what}: {failure}"
        assert self.is_new(what)
        assert self.around() == self.before, what
        assert self.stored() == self.result, f"{what}: {self.stored()} and not {self.result}"
        self._completed.add(left)


def _at(number: int, fault: Fault, *, lasting: bool) -> Callable[[int], Fault | None]:
    return lambda at: fault if at == number or (lasting and at > number) else None


def killed(step: Callable[[], object]) -> bool:
    """Run ``step`` in a process of its own; gives whether SIGKILL ended it. The servers stay in this one."""
    with warnings.catch_warnings():
        # Python 3.12 warns of threads that hold locks. Ours are servers that wait for requests, and hold none.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _end_with(step)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0, "the command failed before it was killed"
    return False


def _end_with(step: Callable[[], object]) -> NoReturn:
    try:
        step()
    except BaseException:  # nothing of pytest's may run in this process
        traceback.print_exc()
        os._exit(1)
    os._exit(0)
