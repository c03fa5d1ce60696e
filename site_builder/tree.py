"""A directory that holds exactly the files errgen says it holds, each written whole or not at all.

New contents are all staged beside their places first (so a full disk changes nothing), then renamed into place, then
what is ours and no longer made is removed. A file that is equal already is left untouched, its time too.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .errors import LocalFilesFailed, from_os_error

STAGED = ".errgen-tmp"
"""The ending of a file that is being written. One that a killed build left is removed by the next."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What separates a directory from the files it should hold: paths below it, sorted."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    stale: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.stale)


def compare(root: Path, files: Mapping[str, bytes], ours: Collection[str]) -> Difference:
    """What ``replace`` would write and remove, without doing it."""
    missing, changed = [], []
    for path, content in files.items():
        try:
            with open(f"{root}/{path}", "rb") as file:  # noqa: PTH123 a Path for each of a thousand files takes longer
                if file.read() != content:
                    changed.append(path)
        except (FileNotFoundError, NotADirectoryError):
            missing.append(path)
        except OSError as error:
            raise from_os_error(error, root / path, "read the output") from error
    stale = [path for path in ours if path not in files and (root / path).is_file()]
    return Difference(tuple(sorted(missing)), tuple(sorted(changed)), tuple(sorted(stale)))


def replace(root: Path, files: Mapping[str, bytes], difference: Difference, *, last: str) -> None:
    """Write and remove what ``difference`` says, so that ``root`` holds ``files``; ``last`` is put in place last.

    ``files`` maps a path below ``root`` to its bytes. Raises LocalFilesFailed; then nothing has changed unless the
    message says so. Interrupted or killed, it leaves whole files only, and running it again completes it.
    """
    order = sorted({*difference.missing, *difference.changed} - {last})
    if last in difference.missing or last in difference.changed:
        order.append(last)
    with _staged(root, files, order) as staged:
        for position, path in enumerate(order):
            try:
                os.replace(staged[path], f"{root}/{path}")  # noqa: PTH105 as above
                del staged[path]
            except OSError as error:
                failure = from_os_error(error, root / path, "put the new file in place")
                if position:
                    failure.hint = f"{position} of {len(order)} files are already new; run the same command again"
                raise failure from error
    for path in difference.stale:
        _remove(root, path)


@contextlib.contextmanager
def _staged(root: Path, files: Mapping[str, bytes], order: Collection[str]) -> Iterator[dict[str, str]]:
    """Every file of ``order`` written beside its place. What is still among them at the end is removed again."""
    staged: dict[str, str] = {}
    known: set[str] = set()
    folders: list[Path] = []
    try:
        for path in order:
            temporary = f"{root}/{path}{STAGED}"
            parent = path.rpartition("/")[0]
            try:
                if parent not in known:
                    folders.extend(_make_folders(root / parent))
                    known.add(parent)
                staged[path] = temporary
                _write(temporary, files[path])
            except OSError as error:
                raise from_os_error(error, root / path, "write") from error
        yield staged
        folders.clear()
    finally:
        for temporary in staged.values():
            with contextlib.suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
        for folder in reversed(folders):
            with contextlib.suppress(OSError):
                folder.rmdir()


def _make_folders(folder: Path) -> list[Path]:
    """Make ``folder`` and its parents; gives those that were not there, outermost first."""
    missing = []
    current = folder
    while not current.is_dir():
        missing.append(current)
        current = current.parent
    missing.reverse()
    for one in missing:
        one.mkdir(exist_ok=True)
    return missing


def _write(path: str, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
    finally:
        os.close(handle)


def _remove(root: Path, path: str) -> None:
    """Remove one file of ours and the folders that it leaves empty."""
    try:
        (root / path).unlink(missing_ok=True)
    except OSError as error:
        raise from_os_error(error, root / path, "remove a page that is no longer made") from error
    for parent in PurePosixPath(path).parents:
        if str(parent) == ".":
            break
        try:
            (root / parent).rmdir()
        except OSError:  # not empty: somebody else's files, or more of ours
            break


def remove_leftovers(root: Path) -> None:
    """Remove what a killed build had staged and not yet put in place."""
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(STAGED):
                with contextlib.suppress(OSError):
                    Path(folder, name).unlink()


def require_ours(root: Path, marker: str, ours: Collection[str]) -> None:
    """Refuse to fill a folder of somebody else's files. Ours are known by the cache, or by the file ``marker``."""
    if ours or (root / marker).is_file():
        return
    try:
        foreign = sorted(entry.name for entry in os.scandir(root))
    except FileNotFoundError:
        return
    except OSError as error:
        raise from_os_error(error, root, "read the output folder") from error
    foreign = [name for name in foreign if not name.endswith(STAGED)]
    if foreign:
        raise LocalFilesFailed(
            f"holds files that errgen did not write ({', '.join(foreign[:3])}{', …' if len(foreign) > 3 else ''})",
            where=str(root),
            hint="choose another folder with --out, or move these files away; errgen overwrites only its own",
        )
