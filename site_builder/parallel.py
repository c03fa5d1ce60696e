"""Bounded parallel work on a stream of items, with one clear outcome when something fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

NOTICED_AFTER = 0.5
"""Seconds. Python misses a Ctrl-C that comes just as it begins to wait, until the wait ends."""


def in_parallel(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    done: Callable[[Item, Result], None],
    hurry: Callable[[], None] = lambda: None,
) -> None:
    """Call ``work`` on every item, at most ``workers`` at a time, and ``done`` in this thread for each that succeeds.

    Items are taken from their iterable as workers become free. The first failure (of ``work``, of ``done``, of the
    iterable, or a KeyboardInterrupt in this thread) keeps further items from starting and is raised after the running
    ones have ended; ``hurry`` is called before, and may make them end. One worker is this thread itself.
    """
    if workers == 1:
        for item in items:
            done(item, work(item))
        return
    queue = iter(items)
    running: dict[Future[Result], Item] = {}
    with ThreadPoolExecutor(
        workers, thread_name_prefix="errgen-worker"
    ) as pool:  # leaving it waits for what still runs
        try:
            while True:
                for item in islice(queue, workers - len(running)):
                    running[pool.submit(work, item)] = item
                if not running:
                    return
                finished, _ = wait(running, NOTICED_AFTER, FIRST_COMPLETED)
                _settle({future: running.pop(future) for future in finished}, done)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            hurry()
            raise


def _settle(finished: Mapping[Future[Result], Item], done: Callable[[Item, Result], None]) -> None:
    """Report the successes, then raise the first failure."""
    for future, item in finished.items():
        if future.exception() is None:
            done(item, future.result())
    for future in finished:
        future.result()
