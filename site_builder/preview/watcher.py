"""Waits for saves: which of a project's sources changed, however the editor writes them."""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from ..tree import STAGED

QUIET_SECONDS = 0.02
"""A burst of events ends with this much silence: an atomic save is several, a branch switch thousands."""
BURST_SECONDS = 0.5
"""A burst that does not end is acted on all the same after this long."""
WRITTEN = frozenset({"closed", "moved", "deleted"})
"""Events of a finished change where the system tells when a file was closed. «opened» also comes from our reading."""
SEEN = frozenset({"created", "modified", "moved", "deleted"})
"""Events of a change where it does not tell."""


class Watcher(FileSystemEventHandler):
    """Watches folders (with all below them) and single files. Use it as a context manager."""

    def __init__(self, folders: Sequence[Path], files: Sequence[Path], *, poll: bool = False) -> None:
        self._changes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._files = {str(file.resolve()) for file in files}
        self._roots = tuple(str(folder.resolve()) for folder in folders)
        self._observer = PollingObserver(timeout=0.2) if poll else Observer()
        self._acts = WRITTEN if sys.platform == "linux" and not poll else SEEN
        for folder in self._roots:
            self._observer.schedule(self, folder, recursive=True)
        for parent in {str(file.resolve().parent) for file in files}:
            if parent not in self._roots:
                self._observer.schedule(self, parent, recursive=False)

    def __enter__(self) -> Watcher:
        self._observer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._observer.stop()
        self._observer.join()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Called by the observer's thread."""
        new_folder = event.is_directory and event.event_type == "created"
        if event.event_type not in self._acts and not new_folder:
            return
        if event.is_directory and event.event_type == "modified":
            return
        for path in (str(event.src_path), str(event.dest_path)):
            if path and self._concerns(path):
                self._changes.put(path)

    def _concerns(self, path: str) -> bool:
        if path.endswith((STAGED, "~", ".swp", ".swx")) or Path(path).name == "4913":  # what vim tries a folder with
            return False
        return path in self._files or any(path.startswith(root + "/") for root in self._roots)

    def wait(self, timeout: float | None = None) -> frozenset[str]:
        """Wait for the next burst of changes and give the paths in it; empty after ``timeout`` seconds without any."""
        changed: set[str] = set()
        try:
            changed.add(self._changes.get(timeout=timeout))
        except queue.Empty:
            return frozenset()
        ends = time.monotonic() + BURST_SECONDS
        while time.monotonic() < ends:
            try:
                changed.add(self._changes.get(timeout=QUIET_SECONDS))
            except queue.Empty:
                break
        return frozenset(changed)
