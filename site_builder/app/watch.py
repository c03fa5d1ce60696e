"""Watch: build on every save, keep the last good output, show it on 127.0.0.1."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import settings as settings_file
from ..errors import ErrgenError
from ..preview.server import create_app
from ..preview.watcher import Watcher
from ..serving import base_url, listen, running
from .build import OUTPUT, Built, build


@dataclass(frozen=True, slots=True)
class Round:
    """One round of building. ``changed`` are the paths that began it, none for the first. One of the two is set."""

    changed: frozenset[str]
    seconds: float
    built: tuple[Built, ...] = ()
    error: ErrgenError | None = None


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
    out = out or project / OUTPUT
    problem = ""

    def folders() -> dict[str, Path]:
        try:
            return {path.name: path for path in sorted(out.iterdir()) if (path / "manifest.json").is_file()}
        except OSError:
            return {}

    def turn(changed: frozenset[str]) -> None:
        nonlocal problem
        begin = time.perf_counter()
        try:
            built = build(project, out=out, sites=sites)
        except ErrgenError as error:
            problem = str(error) + (f"\nhint: {error.hint}" if error.hint else "")
            tell(Round(changed, time.perf_counter() - begin, error=error))
        else:
            problem = ""
            tell(Round(changed, time.perf_counter() - begin, built=tuple(built)))

    listener = listen(port, else_next=True)
    with running(create_app(folders, lambda: problem), sock=listener):
        started(base_url(listener))
        changed: frozenset[str] = frozenset()
        first = True
        while not until():
            watched = _sources(project)
            with Watcher(watched, _names(project), poll=poll) as watcher:
                if first or changed:  # built with the watch already set, so that no save falls between the two
                    turn(changed)
                    first = False
                changed = frozenset()
                while _sources(project) == watched and not until():
                    if changed := watcher.wait(timeout=0.2):
                        if _sources(project) != watched:
                            break
                        turn(changed)
                        changed = frozenset()


def _sources(project: Path) -> tuple[Path, ...]:
    folders = [folder for name in ("catalog", "templates") for folder in settings_file.overlay(project, name)]
    return tuple(folder for folder in folders if folder.is_dir())


def _names(project: Path) -> tuple[Path, ...]:
    """The settings, and the folders that a project may get later."""
    return tuple(project / name for name in (settings_file.FILE_NAME, "catalog", "templates"))
