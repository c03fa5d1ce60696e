"""Ctrl-C while something must not be left half done, and while nothing is done but waiting."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


class _Deferral:
    """Handles SIGINT: the first is noted and told, the second counts."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self.pressed = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True
        with suppress(RuntimeError):  # Python's streams take no second line while they write one
            self._report("interrupted: finishing the current request first (Ctrl-C again stops at once)")


@contextmanager
def deferred(report: Callable[[str], None]) -> Iterator[None]:
    """Let the block end before a first Ctrl-C counts; a second one counts at once.

    Only the main thread gets signals; in others, and where SIGINT is ignored, the block runs as it is.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) in (
        signal.SIG_IGN,
        None,
    ):
        yield
        return
    deferral = _Deferral(report)
    before = signal.signal(signal.SIGINT, deferral)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if deferral.pressed:
        raise KeyboardInterrupt


@contextmanager
def waiting() -> Iterator[None]:
    """Let Ctrl-C end the block at once, in a ``deferred`` block too: no request is there to be finished.

    One that came before, and was put off, ends it before it begins.
    """
    deferral = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not isinstance(deferral, _Deferral):
        yield
        return
    if deferral.pressed:
        raise KeyboardInterrupt
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, deferral)
