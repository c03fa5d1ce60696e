"""The layout of hosts that keep every release as a folder of its own: a directory, and a server behind rsync.

releases/<digest:12>/pages/…    the pages of one release; files that did not change are hard links to the last one's
releases/<digest>.json          its manifest, written after its pages: only now is it a release
current -> releases/<digest:12> the release that servers serve, switched by renaming a new link over the old one
records/<name>                  backups and audit lines
"""

from __future__ import annotations

import re

from . import _keys

_PAGE = re.compile(r"(releases/[0-9a-f]{12})/.")
_FOLDER = re.compile(r"releases/[0-9a-f]{12}")


def folder(release: str) -> str:
    """Where the pages of a release are: ``releases/<digest:12>``."""
    return _keys.RELEASES + _keys.digest(release)[:12]


def place(file_path: str, release: str) -> str:
    """The key of a file of a release."""
    return f"{folder(release)}/{_keys.safe(file_path)}"


def is_folder(key: str) -> bool:
    """Whether ``key`` is the folder of a release."""
    return bool(_FOLDER.fullmatch(key))


def folder_of(key: str) -> str | None:
    """The folder of the release that a page is in; None where ``key`` is anything else."""
    match = _PAGE.match(key)
    return match.group(1) if match else None


def ours(key: str) -> str:
    """``key`` itself, or ValueError where it is neither a page nor a manifest nor a record."""
    if folder_of(key) or _keys.release_of(key) or key.startswith(_keys.RECORDS):
        return _keys.safe(key)
    raise ValueError(f"not a file of errgen's: {key!r}")
