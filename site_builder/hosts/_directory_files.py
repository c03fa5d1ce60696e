"""Files of a local folder that others read meanwhile: each is there whole or not at all, and failures are in words."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

from ..errors import from_os_error

STAGED = ".errgen-tmp-"
"""Begins the names of files that are being written."""


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed run left half written, if there is nothing else."""
    leftovers = list(folder.iterdir())
    if all(path.name.startswith(STAGED) for path in leftovers):
        for path in leftovers:
            path.unlink()


def size_of(path: Path) -> int | None:
    """The size of a file in bytes; None where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def content_of(path: Path) -> bytes | None:
    """The bytes of a file; None where there is none. Raises OSError for what cannot be read."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def hard_linked(existing: Path, new: Path) -> bool:
    """Whether ``new`` could be made another name of ``existing``."""
    try:
        new.hardlink_to(existing)
    except OSError:  # no hard links here, or too many on this file: a copy does as well
        return False
    return True


@contextlib.contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A name beside ``target`` to write to and rename from; whatever happens, nothing stays under it."""
    temporary = target.with_name(f"{STAGED}{secrets.token_hex(8)}")
    try:
        yield temporary
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def os_errors(path: Path, action: str) -> Iterator[None]:
    """Failures in here are LocalFilesFailed: ``path`` could not be what ``action`` says, «read»."""
    try:
        yield
    except OSError as error:
        raise from_os_error(error, path, action) from error
