"""The states of many edges, read a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..edges._remote import Remote, Report
from .target import numbered

AT_ONCE = 8
FEW = 2
"""So many edges are read in turn: what threads would save is less than they make harder to follow."""


def read_all(remotes: Sequence[Remote[Any]], report: Report) -> list[Any]:
    """The state of each of ``remotes``, in their order. Raises the first failure among them.

    After a failure or Ctrl-C the connections are closed, which ends what the others still wait for.
    """
    total = len(remotes)
    if total <= FEW:
        return [_read(remote, numbered(report, number, total)) for number, remote in enumerate(remotes, start=1)]
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="errgen-edge")
    try:
        reading = [pool.submit(remote.read) for remote in remotes]
        states = []
        for number, (remote, state) in enumerate(zip(remotes, reading, strict=True), start=1):
            numbered(report, number, total)(f"reading {remote.name}")
            states.append(state.result())
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for remote in remotes:
            remote.close()
        raise
    finally:
        pool.shutdown()
    return states


def _read(remote: Remote[Any], report: Report) -> Any:
    report(f"reading {remote.name}")
    return remote.read()
