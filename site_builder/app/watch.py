"""Watch: build on every save, keep the last good output, show it on 127.0.0.1."""

from __future__ import annotations

import errno
import gc
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .. import settings as settings_file
from ..errors import from_os_error
from ..preview.server import create_app
from ..preview.watcher import Watcher
from ..serving import base_url, listen, running
from . import cache as caches
from .build import OUTPUT
from .rebuild import Rebuilder, Round
from .studio import Studio

__all__ = ["Round", "watch"]

SWITCH_SECONDS = 0.0005
"""How long one thread computes before another may: a browser that fetches a page waits for a build ten times as long
as this, and with Python's own 5 ms that would be seen."""
PAUSE_SECONDS = 0.02
"""Between two tries to watch folders that are just being moved about."""


def watch(
    project: Path,
    *,
    out: Path | None = None,
    sites: Sequence[str] = (),
    port: int = 8000,
    poll: bool = False,
    started: Callable[[str], None],
    tell: Callable[[Round], None],
    until: Callable[[], bool] = lambda: False,
) -> None:
    """Serve and rebuild until Ctrl-C, or until ``until`` says so. ``started`` gets the address, ``tell`` every round.

    A source that does not build is told and leaves the output as it was; the next save tries again.
    """
    studio = Studio(out or project / OUTPUT)
    rebuilder = Rebuilder(project, out or project / OUTPUT, sites, studio)

    def turn(changed: frozenset[str], pending: Callable[[], bool]) -> None:
        if done := rebuilder.turn(changed, pending):
            tell(done)
            if not changed:
                gc.freeze()  # what the first build has loaded is there to stay, and need not be gone through again

    listener = listen(port, else_next=True)
    with _quick_to_answer(), running(create_app(studio), sock=listener):
        started(base_url(listener))
        changed: frozenset[str] = frozenset()
        while not until():
            with _watching(project, poll) as (watched, watcher):
                turn(changed, watcher.pending)  # with the watch already set, so that no save falls between the two
                changed = frozenset()
                while _watched(project) == watched and not until():
                    if changed := watcher.wait(timeout=0.2):
                        if changed & watched.coming or _watched(project) != watched:
                            break
                        turn(changed, watcher.pending)
                        changed = frozenset()


@contextmanager
def _quick_to_answer() -> Iterator[None]:
    """Threads that let each other compute often; and at the end the interpreter as it was."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
        gc.unfreeze()


@dataclass(frozen=True, slots=True)
class Watched:
    """``folders`` with sources, single ``files``, and which folders these are: one made again is another.

    ``coming`` are the folders in the project that may come and go. One that is made again may get the number that the
    one before had, so that of such a folder only what is told of it counts.
    """

    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    numbers: tuple[tuple[int, int] | None, ...]
    coming: frozenset[str]


@contextmanager
def _watching(project: Path, poll: bool) -> Iterator[tuple[Watched, Watcher]]:
    """What is watched, and what watches it. Raises LocalFilesFailed where the system has no room for that."""
    watcher = None
    while watcher is None:
        watched = _watched(project)
        try:
            project.stat()  # fails where there is no project, of which nothing would be watched
            watcher = Watcher(watched.folders, watched.files, poll=poll).__enter__()
        except OSError as error:
            if error.errno == errno.ENOENT and project.is_dir():
                time.sleep(PAUSE_SECONDS)  # a folder went while it was looked at, as in a branch switch
                continue
            failure = from_os_error(error, project, "watch the sources")
            if error.errno in (errno.ENOSPC, errno.EMFILE):
                failure.hint = "look at them again and again instead: errgen watch --poll"
            raise failure from error
    try:
        yield watched, watcher
    finally:
        watcher.__exit__(None, None, None)


def _watched(project: Path) -> Watched:
    """What is there to watch: the settings, what they name, the sources, and the folders that may come."""
    project = project.resolve()
    own = [project / name for name in ("catalog", "templates")]
    folders = {folder: _number(folder) for one in own for folder in settings_file.overlay(project, one.name)}
    settings = project / settings_file.FILE_NAME
    named = [project / name for name in caches.named_files(settings)]
    inside = [file for file in named if ".." not in file.parts]
    between = [folder for file in inside for folder in file.parents if project in folder.parents]
    coming = [*own, *between]
    files = {file: _number(file.parent) for file in _with_targets([settings, *named, *coming])}
    return Watched(
        tuple(folder for folder, number in folders.items() if number),
        tuple(file for file, number in files.items() if number),
        (*folders.values(), *files.values()),
        frozenset(str(folder) for folder in _with_targets(coming)),
    )


def _with_targets(paths: Iterable[Path]) -> Iterator[Path]:
    """Each, and what it comes to where it is a link or lies beyond one."""
    for path in paths:
        yield path
        yield Path(os.path.realpath(path))


def _number(folder: Path) -> tuple[int, int] | None:
    """By which the system knows a folder; None where there is none."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None
