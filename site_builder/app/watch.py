"""Watch: build on every save, keep the last good output, show it on 127.0.0.1."""

from __future__ import annotations

import errno
import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
    sys.setswitchinterval(SWITCH_SECONDS)
    with running(create_app(studio), sock=listener):
        started(base_url(listener))
        changed: frozenset[str] = frozenset()
        while not until():
            with _watching(project, poll) as (watched, watcher):
                turn(changed, watcher.pending)  # with the watch already set, so that no save falls between the two
                changed = frozenset()
                while _watched(project) == watched and not until():
                    if changed := watcher.wait(timeout=0.2):
                        if _watched(project) != watched:
                            break
                        turn(changed, watcher.pending)
                        changed = frozenset()


Watched = tuple[tuple[Path, ...], tuple[Path, ...]]
"""Folders with sources, and single files."""


@contextmanager
def _watching(project: Path, poll: bool) -> Iterator[tuple[Watched, Watcher]]:
    """What is watched, and what watches it. Raises LocalFilesFailed where the system has no room for that."""
    watcher = None
    while watcher is None:
        watched = _watched(project)
        try:
            watcher = Watcher(*watched, poll=poll).__enter__()
        except OSError as error:
            if error.errno == errno.ENOENT and project.is_dir():
                continue  # a folder went while it was looked at, as in a branch switch
            failure = from_os_error(error, project, "watch the sources")
            if error.errno in (errno.ENOSPC, errno.EMFILE):
                failure.hint = "look at them again and again instead: errgen watch --poll"
            raise failure from error
    try:
        yield watched, watcher
    finally:
        watcher.__exit__(None, None, None)


def _watched(project: Path) -> Watched:
    """The folders with sources, and the single files: the settings, what they name, and folders that may come."""
    folders = [folder for name in ("catalog", "templates") for folder in settings_file.overlay(project, name)]
    settings = project / settings_file.FILE_NAME
    named = [project / name for name in caches.named_files(settings)]
    coming = [project / name for name in ("catalog", "templates")]
    return (
        tuple(folder for folder in folders if folder.is_dir()),
        (settings, *(file for file in named if file.parent.is_dir()), *coming),
    )
