"""Waits for saves: which of a project's sources changed, however the editor writes them."""

from __future__ import annotations

import os
import queue
import stat
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingObserver

from .editors import is_of_editors

QUIET_SECONDS = 0.003
"""A save of one file ends with this much silence; an atomic one is several events."""
BURST_QUIET_SECONDS = 0.02
"""The same where several files change: a branch switch is thousands."""
LOST_SECONDS = 0.1
"""The same where a file has gone and not come back: some editors move the old one away before they write the new."""
BURST_SECONDS = 0.5
"""A burst that does not end is acted on all the same after this long."""
FINISHED = [
    *(FileClosedEvent, FileMovedEvent, FileDeletedEvent, FileCreatedEvent),
    *(DirCreatedEvent, DirMovedEvent, DirDeletedEvent),
]
"""Events of a finished change where the system tells when a file was closed; of a file that is created it is one for
links alone. It is asked for no others: they would come of our own reading, too."""
SEEN = frozenset({"created", "modified", "closed", "moved", "deleted"})
"""Events of a change."""
LOST = frozenset({"moved", "deleted"})
"""Events after which there is nothing at the path that they name first."""


class Watcher(FileSystemEventHandler):
    """Watches folders (with all below them) and single files. Use it as a context manager.

    A file that is a link is the link: what it points to is another.
    """

    def __init__(self, folders: Sequence[Path], files: Sequence[Path], *, poll: bool = False) -> None:
        self._changes: queue.SimpleQueue[tuple[str, bool]] = queue.SimpleQueue()
        self._files = {f"{os.path.realpath(file.parent)}/{file.name}" for file in files}
        self._roots = tuple(os.path.realpath(folder) for folder in folders)
        self._observer = PollingObserver(timeout=0.2) if poll else _observer()
        self._hears_of_closing = sys.platform == "linux" and not poll
        wanted = FINISHED if self._hears_of_closing else None
        for folder in self._roots:
            self._observer.schedule(self, folder, recursive=True, event_filter=wanted)
        for parent in {str(Path(file).parent) for file in self._files}:
            if parent not in self._roots:
                self._observer.schedule(self, parent, recursive=False, event_filter=wanted)

    def __enter__(self) -> Watcher:
        try:
            self._observer.start()
        except OSError:
            self._observer.stop()  # the threads that have been started, and what the system counts
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._observer.stop()
        self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by the observer's thread."""
        if event.event_type not in SEEN:
            return
        if event.is_directory and event.event_type == "modified":
            return
        if self._hears_of_closing and isinstance(event, FileCreatedEvent) and not _is_link(str(event.src_path)):
            return  # it is still being written
        before, after = str(event.src_path), str(event.dest_path)
        if self._concerns(before):
            # What was moved to a name of a source is an editor's temporary file: nobody waits for that to come back.
            lost = event.event_type in LOST and not self._concerns(after)
            self._changes.put((before, lost))
        if self._concerns(after):
            self._changes.put((after, False))

    def _concerns(self, path: str) -> bool:
        if path in self._files:
            return True
        return any(path.startswith(root + "/") and not is_of_editors(path[len(root) + 1 :]) for root in self._roots)

    def pending(self) -> bool:
        """Whether ``wait`` would have something to give."""
        return not self._changes.empty()

    def wait(self, timeout: float | None = None) -> frozenset[str]:
        """Wait for the next burst of changes and give the paths in it; empty after ``timeout`` seconds without any."""
        try:
            path, is_lost = self._changes.get(timeout=timeout)
        except queue.Empty:
            return frozenset()
        changed, lost = {path}, {path} if is_lost else set()
        ends = time.monotonic() + BURST_SECONDS
        while time.monotonic() < ends:
            quiet = LOST_SECONDS if lost else QUIET_SECONDS if len(changed) == 1 else BURST_QUIET_SECONDS
            try:
                path, is_lost = self._changes.get(timeout=quiet)
            except queue.Empty:
                break
            changed.add(path)
            if is_lost:
                lost.add(path)
            else:
                lost.discard(path)
        return frozenset(changed)


def _is_link(path: str) -> bool:
    """Whether a path was made to name what there is already: nobody opens that, so nobody closes it."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISLNK(status.st_mode) or status.st_nlink > 1


def _observer() -> BaseObserver:
    """The system's own. On Linux one that also tells of files that are moved in from folders that nobody watches."""
    if sys.platform == "linux":
        from watchdog.observers.inotify import InotifyObserver

        return InotifyObserver(generate_full_events=True)
    return Observer()
