"""Bounded parallel work: how many at once, what a failure stops, and what Ctrl-C leaves."""

from __future__ import annotations

import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_builder.parallel import in_parallel

WAIT = 60  # seconds until a test that hangs fails


def test_every_item_is_worked_on_and_reported_in_the_callers_thread() -> None:
    done: dict[int, int] = {}
    threads = set()

    def keep(item: int, result: int) -> None:
        done[item] = result
        threads.add(threading.current_thread())

    in_parallel(lambda item: item * item, range(100), 7, keep)
    assert done == {item: item * item for item in range(100)}
    assert threads == {threading.current_thread()}


def test_one_worker_is_the_caller_s_thread() -> None:
    done: list[int] = []
    threads = set()

    def work(item: int) -> int:
        threads.add(threading.current_thread())
        return item

    in_parallel(work, range(3), 1, lambda item, _: done.append(item))
    assert (done, threads) == ([0, 1, 2], {threading.current_thread()})


def test_what_still_runs_at_a_failure_can_be_hurried() -> None:
    begun, over = threading.Event(), threading.Event()

    def work(item: int) -> None:
        if item == 0:
            begun.set()
            assert over.wait(WAIT)
            return
        assert begun.wait(WAIT)
        _fail("the second")

    with pytest.raises(ValueError, match="the second"):
        in_parallel(work, range(9), 2, lambda *_: None, over.set)


def test_nothing_to_do_is_done() -> None:
    in_parallel(lambda item: item, [], 4, lambda *_: pytest.fail("reported"))


def test_all_workers_work_at_once_and_never_more() -> None:
    meeting = threading.Barrier(4, timeout=WAIT)
    lock = threading.Lock()
    running = most = 0

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        meeting.wait()  # passes only when four are here together
        with lock:
            running -= 1

    in_parallel(work, range(12), 4, lambda *_: None)
    assert (most, running) == (4, 0)


def test_items_are_taken_only_as_workers_become_free() -> None:
    taken: list[int] = []
    release = threading.Event()

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    def work(_: int) -> None:
        if len(taken) == 3:
            release.set()
        assert release.wait(WAIT)
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        in_parallel(work, items(), 3, lambda *_: None)
    assert taken == [0, 1, 2]


def test_the_first_failure_starts_nothing_new_and_waits_for_what_runs() -> None:
    failed = threading.Event()
    started: list[int] = []
    ended: list[int] = []

    def work(item: int) -> int:
        started.append(item)
        if item == 1:
            failed.set()
            raise OSError("the second")
        assert failed.wait(WAIT)
        ended.append(item)
        return item

    with pytest.raises(OSError, match="the second"):
        in_parallel(work, range(50), 3, lambda *_: None)
    assert set(started) - {1} == set(ended)
    assert len(started) < 10


def test_what_was_done_beside_a_failure_is_reported() -> None:
    done: list[int] = []
    with pytest.raises(ValueError, match="third"):
        in_parallel(lambda item: _fail("third") if item == 2 else item, range(3), 1, lambda item, _: done.append(item))
    assert done == [0, 1]


def _fail(message: str) -> int:
    raise ValueError(message)


def test_a_failing_report_stops_the_work() -> None:
    started: list[int] = []

    def report(item: int, _: None) -> None:
        raise BrokenPipeError(item)

    with pytest.raises(BrokenPipeError):
        in_parallel(started.append, range(1000), 2, report)
    assert len(started) < 1000


def stack_of(thread: threading.Thread) -> set[tuple[str, str]]:
    frames = traceback.walk_stack(sys._current_frames()[thread.ident or 0])
    return {(Path(frame.f_code.co_filename).name, frame.f_code.co_name) for frame, _ in frames}


def test_ctrl_c_starts_nothing_new_and_waits_for_what_runs() -> None:
    ended: list[int] = []
    interrupted = threading.Event()
    seen: list[int] = []

    def at_interrupt(*_: object) -> None:
        interrupted.set()
        raise KeyboardInterrupt

    def work(item: int) -> None:
        seen.append(item)
        if item == 2:
            while ("_base.py", "wait") not in stack_of(threading.main_thread()):  # not while it still starts threads
                time.sleep(0.001)  # so that it can get there: whoever only looks keeps the interpreter to himself
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        assert interrupted.wait(WAIT)
        ended.append(item)

    before = signal.signal(signal.SIGINT, at_interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            in_parallel(work, range(100), 3, lambda *_: None)
    finally:
        signal.signal(signal.SIGINT, before)
    assert sorted(seen) == sorted(ended)
    assert set(ended) <= {0, 1, 2}
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("errgen-worker")]
