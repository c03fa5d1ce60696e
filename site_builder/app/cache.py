"""What the last builds read and wrote, so that an unchanged build ends before anything is loaded.

One file, ``.errgen/cache/build.json``. It is never part of the output: delete it and the next build works all the same.
Standard library only, and quick: every command that builds begins here.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from .. import settings
from ..errors import from_os_error
from ..model import Finding
from ..preview.editors import is_of_editors

FORMAT = 1
TICK = 50_000_000
COARSE_TICK = 2_000_000_000
"""Nanoseconds within which a file could change again and keep its time: a kernel tick, or the clock of an old file
system that counts whole seconds."""

_NAMED_FILE = re.compile(r"""(?:logo|traffic)["']?\s*=\s*(?:"([^"\n]+)"|'([^'\n]+)')""")

Stamp = tuple[int, int]
"""Size in bytes and modification time in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Made:
    """One site's output as a build left it. ``outputs`` maps a path below the folder to its stamp.

    ``inputs`` is the digest of what it was made from, empty where that may still be changing or the build was cut
    short. ``sites`` are all that errgen.toml had.
    """

    site: str
    sites: tuple[str, ...]
    inputs: str
    outputs: Mapping[str, Stamp]
    pages: int
    release: str
    findings: tuple[Finding, ...]


Cache = Mapping[str, Made]
"""What was made, by absolute output folder."""


def stamp_inputs(project: Path, traffic: str | None = None) -> dict[str, Stamp]:
    """What a build depends on: settings, catalogs, templates, and errgen and its renderers themselves.

    ``traffic`` is the file that stands in for those of the settings in this build, as they would name it.
    """
    stamps: dict[str, Stamp] = {}
    for name in ("catalog", "templates"):
        for folder in settings.overlay(project, name):
            _stamp_tree(str(folder), stamps)
    package = Path(__file__).resolve().parent.parent
    _stamp_tree(str(package), stamps, ending=".py")
    _stamp_tree(str(package / "preview" / "assets"), stamps)
    own = project.resolve()
    _stamp_file(str(own / settings.FILE_NAME), stamps)
    for file in named_files(own / settings.FILE_NAME):
        _stamp_file(str(own / file), stamps)
    if traffic is not None:
        _stamp_file(str(own / traffic), stamps)
        stamps[f"--traffic {traffic}"] = (0, 0)  # without it a build is another, though the settings name the same file
    stamps.update((f"package {name}", (0, 0)) for name in _renderers())
    return stamps


def _stamp_tree(folder: str, stamps: dict[str, Stamp], ending: str = "") -> None:
    try:
        with os.scandir(folder) as found:
            for entry in found:
                if entry.is_dir():
                    if entry.name != "__pycache__" and not entry.name.startswith("."):
                        _stamp_tree(entry.path, stamps, ending)
                elif entry.name.endswith(ending) and not is_of_editors(entry.name):
                    try:
                        status = entry.stat()
                    except FileNotFoundError:
                        continue  # it has gone while the folder was looked at, or is a link to nothing
                    stamps[entry.path] = (status.st_size, status.st_mtime_ns)
    except FileNotFoundError:
        return  # as a branch switch has it; who needs what was there says so
    except OSError as error:
        raise from_os_error(error, folder, "read the folder") from error


def _stamp_file(path: str, stamps: dict[str, Stamp]) -> None:
    try:
        status = Path(path).stat()
    except OSError:
        return
    stamps[path] = (status.st_size, status.st_mtime_ns)


def named_files(settings_file: Path) -> list[str]:
    """The files that errgen.toml names as logos or traffic, without the time that a reader of TOML takes to load."""
    try:
        text = settings_file.read_text("utf-8", errors="replace")
    except OSError:
        return []
    return [double or single for double, single in _NAMED_FILE.findall(text)]


def _renderers() -> list[str]:
    """The installed releases of what decides the bytes of a page, read from the folder names: quicker than metadata."""
    found = importlib.util.find_spec("jinja2")  # finds it without importing it
    site_packages = Path(found.origin).parent.parent if found and found.origin else Path()
    names = ("babel-", "jinja2-", "markdown-", "markupsafe-", "ruamel.yaml-", "ruamel_yaml-")
    return sorted(name for name in os.listdir(site_packages) if name.lower().startswith(names))  # noqa: PTH208 names only


def digest_inputs(stamps: Mapping[str, Stamp], now_ns: int) -> str:
    """One digest for all inputs, or an empty one while any of them is so young that a change might not show."""
    for size, changed in stamps.values():
        tick = TICK if changed % 1_000_000_000 else COARSE_TICK
        if size + changed and now_ns - changed < tick:
            return ""
    return hashlib.sha256(json.dumps(sorted(stamps.items())).encode()).hexdigest()


def load(project: Path) -> Cache:
    """The cache of ``project``; an absent, broken or foreign one counts as empty."""
    try:
        raw = json.loads(_path(project).read_bytes())
        if raw["format"] != FORMAT:
            return {}
        return {
            folder: Made(
                site=one["site"],
                sites=tuple(one["sites"]),
                inputs=one["inputs"],
                outputs={path: (stamp[0], stamp[1]) for path, stamp in one["outputs"].items()},
                pages=one["pages"],
                release=one["release"],
                findings=tuple(Finding(**finding) for finding in one["findings"]),
            )
            for folder, one in raw["made"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return {}


def save(project: Path, cache: Cache) -> None:
    """Write the cache whole. Raises LocalFilesFailed."""
    path = _path(project)
    raw = {"format": FORMAT, "made": {folder: _raw(made) for folder, made in cache.items()}}
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(raw), "utf-8")
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise from_os_error(error, path, "write the build cache") from error


def _raw(made: Made) -> dict[str, Any]:
    """``made`` for JSON; ``asdict`` would copy the stamps one by one."""
    content = {field.name: getattr(made, field.name) for field in fields(made)}
    return {**content, "findings": [asdict(finding) for finding in made.findings]}


def _path(project: Path) -> Path:
    return project / ".errgen" / "cache" / "build.json"


def is_current(folder: Path, made: Made) -> bool:
    """Whether ``folder`` still holds exactly what the build left there, by size and time of every file."""
    root = str(folder.resolve())
    for path, stamp in made.outputs.items():
        try:
            status = os.stat(f"{root}/{path}")  # noqa: PTH116 a Path for each of a thousand files costs more than the stat
        except OSError:
            return False
        if (status.st_size, status.st_mtime_ns) != stamp:
            return False
    return True


def stamp_outputs(folder: Path, paths: Iterable[str]) -> dict[str, Stamp]:
    """The stamps of files just written below ``folder``."""
    stamps = {}
    root = str(folder.resolve())
    for path in paths:
        try:
            status = os.stat(f"{root}/{path}")  # noqa: PTH116 as above
        except OSError as error:
            raise from_os_error(error, f"{root}/{path}", "read the output") from error
        stamps[path] = (status.st_size, status.st_mtime_ns)
    return stamps
