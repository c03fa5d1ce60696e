"""The layout of hosts that keep every release as a folder of its own: a directory, and a server behind rsync.

releases/<digest:12>/pages/…    the pages of one release; files that did not change are hard links to the last one's
releases/<digest>.json          its manifest, written after its pages: only now is it a release
current -> releases/<digest:12> the release that servers serve, switched by renaming a new link over the old one
records/<name>                  backups and audit lines
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from ..errors import Fault, InvalidInput
from . import _keys

_PAGE = re.compile(r"(releases/[0-9a-f]{12})/.")
_FOLDER = re.compile(r"releases/[0-9a-f]{12}")


class ReleaseFolders:
    """What such hosts have in common: keys and addresses. ``served`` is the setting that ``public_url`` stands for."""

    def __init__(self, public_url: str | None, where: str, served: str) -> None:
        self._public_url = public_url
        self._where = where
        self._served = served

    def place(self, file_path: str, sha256: str, release: str) -> str:  # noqa: ARG002  # other hosts go by content
        """``releases/<release:12>/pages/…``."""
        return place(file_path, release)

    def record_key(self, name: str) -> str:
        """``records/<name>``."""
        return _keys.RECORDS + _keys.safe(name)

    def url(self, key: str) -> str:
        """``<public_url>/<key>``: public_url is the address of the folder that holds the releases."""
        if self._public_url is None:
            fault = Fault(f"{self._where}.public_url", "is required where an edge fetches the pages from this host")
            hint = f'add public_url = "https://…", the address at which {self._served} is served'
            raise InvalidInput([fault], hint=hint)
        return _keys.public_address(self._public_url, _keys.safe(key))

    def cache_control(self, key: str) -> str | None:  # noqa: ARG002  # a folder keeps no headers
        """None: the web server decides."""
        return None


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


def pages_of(manifest: bytes, release: str) -> dict[str, int]:
    """The keys of the pages that a manifest names, and their sizes in bytes; none where it is no manifest."""
    try:
        return {place(file["path"], release): int(file["bytes"]) for file in json.loads(manifest)["files"]}
    except (KeyError, TypeError, ValueError):
        return {}


def outside(live: str | None, keys: Iterable[str]) -> list[str]:
    """Those of ``keys`` that are not of the release whose folder is ``live``. ValueError for files that are not ours.

    Whoever sweeps has looked some time ago which release is current, and another may have become that since.
    """
    return [key for key in map(ours, keys) if live is None or _folder_with(key) != live]


def _folder_with(key: str) -> str | None:
    """The folder of the release that ``key`` is a page or the manifest of."""
    release = _keys.release_of(key)
    return folder(release) if release else folder_of(key)


def ours(key: str) -> str:
    """``key`` itself, or ValueError where it is neither a page nor a manifest nor a record."""
    if folder_of(key) or _keys.release_of(key) or key.startswith(_keys.RECORDS):
        return _keys.safe(key)
    raise ValueError(f"not a file of errgen's: {key!r}")
