"""SIGKILL for real, around any request and before any change of a file: what is live is whole, and can be completed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from itertools import count

import pytest

from tests.conftest import Survived

from .cloudflare_trials import COMMANDS, AtCloudflare
from .faults import KILLS, Fault, killed
from .world import World

CHANGING = ("open", "os.rename", "os.link", "os.symlink", "os.remove", "os.mkdir", "os.rmdir")
"""The audit events of what changes files (docs.python.org/3/library/audit_events.html)."""


def nothing(_: int) -> Fault | None:
    return None


@pytest.fixture(scope="module", params=COMMANDS)
def trial(request: pytest.FixtureRequest, make_worlds: Callable[[], World]) -> AtCloudflare:
    return AtCloudflare(make_worlds(), request.param)


def kill_at_change(trial: AtCloudflare, number: int) -> bool:
    """Run the command and kill it before it changes a file for that time; gives whether it came to that."""

    def run() -> None:
        seen = count()

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event not in CHANGING or (event == "open" and not _writes(arguments)):
                return
            if next(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        trial.command(nothing)

    return killed(run)


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


@pytest.mark.long
@pytest.mark.parametrize("fault", KILLS, ids=str)
def test_killed_at_any_request(trial: AtCloudflare, fault: Fault, survived: Survived) -> None:
    survived(f"{trial.name} with SIGKILL", trial.meets(fault))


@pytest.mark.long
def test_killed_at_any_change_of_a_file(trial: AtCloudflare, survived: Survived) -> None:
    for number in count():
        trial.go_back()
        if not kill_at_change(trial, number):
            break
        trial.is_new(f"killed at change {number}")
        trial.completes(f"killed at change {number}")
    assert number > 2
    survived(f"{trial.name} with SIGKILL", number)


@pytest.fixture(scope="module")
def publish(make_worlds: Callable[[], World]) -> AtCloudflare:
    return AtCloudflare(make_worlds(), "publish")


def test_killed_around_the_switch(publish: AtCloudflare, survived: Survived) -> None:
    """A sample of the kills that ``make test-long`` does: those of the first new asset, of the switch and after it."""
    publish.go_back()
    publish.command(nothing)
    asked = [method for method, _ in publish.world.network.asked]
    switch = max(number for number, method in enumerate(asked) if method == "PUT")
    numbers = [asked.index("POST"), switch]
    survived("publish with SIGKILL", sum(publish.meets(fault, numbers=numbers) for fault in KILLS))


def test_killed_while_files_are_written(publish: AtCloudflare, survived: Survived) -> None:
    for number in (4, 12):
        publish.go_back()
        assert kill_at_change(publish, number)
        assert not publish.is_new(f"killed at change {number}")
        publish.completes(f"killed at change {number}")
    survived("publish with SIGKILL", 2)
