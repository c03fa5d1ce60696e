"""How fast calls may follow each other, so that a token is never blocked: one pace for all that use it in one run.

Cloudflare allows a token 1,200 calls in five minutes, dashboard and other programs together, and blocks all of them for
the next five minutes after that (developers.cloudflare.com/fundamentals/api/reference/limits/). Its answers say in
``Ratelimit: "default";r=50;t=30`` how many calls are left and for how many seconds, and in ``Ratelimit-Policy:
"burst";q=100;w=60`` of how many (draft-ietf-httpapi-ratelimit-headers).
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

WINDOW = 300.0
"""Seconds in which calls are counted."""

MOST = 1000
"""Calls of ours in a window. The rest of the 1,200 is for the dashboard and for others with the same token."""

SCARCE = 10
"""Once no more than one in so many calls of a window are left, they are spread over what is left of it."""

FEW = 20
"""So many calls are always few: those that are under way are not counted in what answers say, nor are others'."""

_ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"((?:\s*;\s*[a-z*][a-z0-9_.*-]*(?:=[^;,"]*)?)*)')
_PARAMETER = re.compile(r";\s*([a-z*][a-z0-9_.*-]*)=(\d{1,9})(?![^;\s])")


class WaitInterrupted(KeyboardInterrupt):
    """Ctrl-C while waiting to send a call of which nothing has been carried out: all stands as it did before."""


@dataclass(frozen=True, slots=True)
class Quota:
    """What an answer says is left: ``calls`` for the next ``seconds``, of ``of`` in a window where that is said."""

    calls: int
    seconds: float
    of: int | None

    @property
    def is_scarce(self) -> bool:
        """Whether so few are left that they have to last."""
        return self.calls <= max(FEW, (self.of or 0) // SCARCE)


def quotas(headers: Mapping[str, str]) -> tuple[Quota, ...]:
    """Every quota that ``headers`` tell of. What is malformed, or says too little, is left out."""
    sizes = {name: facts["q"] for name, facts in _items(headers.get("ratelimit-policy", "")) if "q" in facts}
    return tuple(
        Quota(facts["r"], min(float(facts["t"]), WINDOW), sizes.get(name))
        for name, facts in _items(headers.get("ratelimit", ""))
        if "r" in facts and "t" in facts
    )


class Pace:
    """Gives each call its moment. Shared by all clients of a token, from any thread.

    ``now`` tells the time. It may be set back: then no time has passed. No ``window`` of seconds ever gets more calls
    than ``most``, whatever answers say.
    """

    def __init__(self, now: Callable[[], datetime], *, most: int = MOST, window: float = WINDOW) -> None:
        self._now = now
        self._most = most
        self._window = window
        self._lock = threading.Lock()
        self._start = now()
        self._latest = 0.0
        self._set_back = 0.0
        self._given: deque[float] = deque(maxlen=most)
        self._free = 0.0
        self._gap, self._gap_ends = 0.0, 0.0

    def reserve(self) -> float:
        """Take the next moment at which a call may be sent; gives the seconds until then."""
        with self._lock:
            time = self._time()
            moment = max(time, self._free)
            if len(self._given) == self._most:
                moment = max(moment, self._given[0] + self._window)
            self._given.append(moment)
            self._free = moment + (self._gap if moment < self._gap_ends else 0.0)
            return moment - time

    def heed(self, headers: Mapping[str, str]) -> None:
        """Slow down where an answer with these ``headers`` says that few calls are left, before there are none."""
        scarce = [one for one in quotas(headers) if one.is_scarce]
        with self._lock:
            time = self._time()
            self._gap = max((one.seconds / max(one.calls, 1) for one in scarce), default=0.0)
            self._gap_ends = time + max((one.seconds for one in scarce), default=0.0)
            self._free = max(self._free, time + self._gap)

    def hold(self, seconds: float) -> None:
        """Let nobody call for so long, as an answer has asked."""
        with self._lock:
            self._free = max(self._free, self._time() + seconds)

    def _time(self) -> float:
        """Seconds since the beginning. Never fewer than before."""
        time = (self._now() - self._start).total_seconds() + self._set_back
        if time < self._latest:
            self._set_back += self._latest - time
        self._latest = max(time, self._latest)
        return self._latest


def _items(header: str) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Name and whole numbers of each item of a list of structured fields (RFC 9651)."""
    for found in _ITEM.finditer(header):
        yield found[1], {key: int(value) for key, value in _PARAMETER.findall(found[2])}
