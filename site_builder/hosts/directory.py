"""A folder of this machine that a web server serves, laid out as ``_release_folders`` says.

Web servers read ``current/pages/…``; ``public_url`` is where ``path`` itself is served, so that the pages of a release
can be fetched and proved before ``current`` moves.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field

from ..errors import LocalFilesFailed
from ..rights import Grant, Rights
from ..validation import Table, WebAddress
from . import _keys, _release_folders
from ._directory_files import STAGED, content_of, hard_linked, os_errors, remove_leftovers, size_of, staged
from ._host import KEEP, Host, Opening, Release, Stored, Upload

_ABANDONED = 3600.0
"""Seconds. A file is staged for moments; one of this age is of a run that was killed."""


class Options(Table):
    """``path`` starts at the project's folder. ``public_url`` is needed only where an edge fetches the pages."""

    kind: Literal["directory"]
    path: str = Field(min_length=1)
    public_url: WebAddress | None = None
    keep: int = Field(KEEP, ge=1)


def connect(options: Options, opening: Opening) -> Host:
    """The folder of ``options``, which is not touched yet."""
    return Directory(opening.project / Path(options.path).expanduser(), options.public_url, opening.where, options.keep)


def rights(options: Options) -> Rights:
    """Reading and writing the folder."""
    grant = Grant("read and write", options.path, "stores releases, switches the link current, removes old releases")
    how = f"mkdir -p {options.path}, owned by that account; a web server needs no more than to read it"
    return Rights(f"directory {options.path}", "the account that runs errgen", (grant,), how)


class Directory(_release_folders.ReleaseFolders):
    """Releases as folders below ``root``. Every file is written whole or not at all."""

    keeps_records = True

    def __init__(self, root: Path, public_url: str | None, where: str, keep: int) -> None:
        super().__init__(public_url, where, "path")
        self.root = root
        self.keep = keep

    @property
    def name(self) -> str:
        """``directory /srv/errors``."""
        return f"directory {self.root}"

    def check(self) -> None:
        """The folder exists, takes a file and takes a symbolic link. What killed runs left beside pages is removed."""
        self._require_root()
        probe = self.root / f"{STAGED}{secrets.token_hex(8)}"
        try:
            with os_errors(probe.parent, "write into this folder"):
                probe.write_bytes(b"")
                self._remove_abandoned(before=probe.stat().st_mtime - _ABANDONED)
                probe.unlink()
                probe.symlink_to("releases")
        finally:
            with contextlib.suppress(OSError):
                probe.unlink(missing_ok=True)
        self._linked_folder()

    def list(self) -> Mapping[str, Stored]:
        """Every page with its digest, read from the files themselves."""
        self._require_root()
        digests: dict[tuple[int, int], str] = {}
        return {key: self._stored(key, digests) for key in sorted(self._page_keys())}

    def look(self, likely: str) -> tuple[Mapping[str, Stored], str | None]:  # noqa: ARG002  # of use over networks
        """Both, one after the other."""
        return self.list(), self.current()

    def inspect(self, keys: Iterable[str]) -> Mapping[str, Stored]:
        """Size and digest of those of ``keys`` that are files."""
        digests: dict[tuple[int, int], str] = {}
        return {key: self._stored(key, digests) for key in keys if self._path(key).is_file()}

    def read(self, key: str) -> bytes:
        """The bytes of a file. Raises LocalFilesFailed where there is none."""
        path = self._path(key)
        with os_errors(path, "read"):
            return path.read_bytes()

    def write(self, key: str, content: bytes, media_type: str, cache_control: str | None) -> None:  # noqa: ARG002
        """Write a file whole, as a hard link to the current release's where that has the same bytes.

        A file that is equal already is left untouched. The two headers are the web server's affair.
        """
        self._require_root()
        target = self._path(key)
        with os_errors(target, "write"):
            if content_of(target) == content:
                return
            twin = self._twin(key)
            target.parent.mkdir(parents=True, exist_ok=True)
            with staged(target) as temporary:
                if twin is None or content_of(twin) != content or not hard_linked(twin, temporary):
                    with temporary.open("xb") as file:
                        file.write(content)
                temporary.replace(target)

    def write_many(self, objects: Iterable[Upload], progress: Callable[[Upload], None]) -> None:
        """One after the other: a local disk gains nothing from threads."""
        for upload in objects:
            self.write(upload.key, upload.content, upload.media_type, upload.cache_control)
            progress(upload)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files, and the folders below the root that this leaves empty. The current release stays whole."""
        with self._alone():
            for key in _release_folders.outside(self._linked_folder(), keys):
                path = self._path(key)
                with os_errors(path, "delete"):
                    path.unlink(missing_ok=True)
                for parent in PurePosixPath(key).parents[:-1]:
                    try:
                        if _release_folders.is_folder(str(parent)) or _release_folders.folder_of(str(parent)):
                            remove_leftovers(self.root / parent)
                        (self.root / parent).rmdir()
                    except OSError:  # not empty: it is still needed
                        break

    def releases(self) -> tuple[Release, ...]:
        """By the time their manifests were written first."""
        self._require_root()
        found = []
        with os_errors(self.root / _keys.RELEASES, "list"):
            for path in sorted((self.root / _keys.RELEASES).glob("*.json")):
                key = _keys.RELEASES + path.name
                if (release := _keys.release_of(key)) is not None:
                    found.append((path.stat().st_mtime_ns, release, key))
        found.sort()
        return tuple(Release(release, key, datetime.fromtimestamp(ns / 1e9, UTC)) for ns, release, key in found)

    def records(self) -> tuple[str, ...]:
        """The files of the folder ``records``."""
        self._require_root()
        folder = self.root / _keys.RECORDS
        with os_errors(folder, "list"):
            found = folder.rglob("*") if folder.is_dir() else ()
            names = [path.relative_to(folder).as_posix() for path in found if path.is_file()]
        return tuple(sorted(name for name in names if not PurePosixPath(name).name.startswith(STAGED)))

    def current(self) -> str | None:
        """The release that the ``current`` link points to; None where there is no link, or it leads to no release."""
        folder = self._linked_folder()
        return next(
            (release.digest for release in self.releases() if _release_folders.folder(release.digest) == folder), None
        )

    def activate(self, release: str, manifest: bytes) -> None:
        """Write the manifest, then rename a new ``current`` link over the old one.

        Raises LocalFilesFailed where a page of the release is not here, be it that somebody else has swept it since.
        """
        key = _keys.release_key(release)
        with self._alone():
            self._require_whole(release, manifest)
            self._linked_folder()
            self.write(key, manifest, "application/json", None)
            link = self.root / _keys.CURRENT
            with os_errors(link, "switch the link"), staged(link) as temporary:
                temporary.symlink_to(_release_folders.folder(release))
                temporary.replace(link)

    def deactivate(self) -> None:
        """Remove the ``current`` link."""
        link = self.root / _keys.CURRENT
        if self._linked_folder() is not None:
            with os_errors(link, "remove the link"):
                link.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else switches or deletes in here meanwhile: the folder itself is locked, and left so by no crash."""
        self._require_root()
        with os_errors(self.root, "lock this folder"):
            folder = os.open(self.root, os.O_RDONLY)
        try:
            with contextlib.suppress(OSError):  # some network file systems have no locks
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _require_whole(self, release: str, manifest: bytes) -> None:
        folder = self.root / _release_folders.folder(release)
        sizes = _release_folders.pages_of(manifest, release)
        if not folder.is_dir() or any(size_of(self._path(key)) != size for key, size in sizes.items()):
            raise LocalFilesFailed(
                "cannot switch to a release whose pages are not all here", where=str(folder), hint="publish it again"
            )

    def _path(self, key: str) -> Path:
        return self.root / _keys.safe(key)

    def _require_root(self) -> None:
        if not self.root.is_dir():
            raise LocalFilesFailed(
                "there is no such folder", where=str(self.root), hint=f"make it with: mkdir -p {self.root}"
            )

    def _linked_folder(self) -> str | None:
        """What the ``current`` link points to, relative to the root; None without one."""
        link = self.root / _keys.CURRENT
        with os_errors(link, "read the link"):
            if link.is_symlink():
                return str(link.readlink())
            if link.exists():
                raise LocalFilesFailed(
                    "is a file or folder, and not the link that errgen switches between releases",
                    where=str(link),
                    hint="move it away, or choose another path for this host",
                )
        return None

    def _remove_abandoned(self, before: float) -> None:
        """``before`` is a moment of the file system's own clock. What is among pages goes with their release."""
        for folder in (self.root, self.root / _keys.RELEASES, self.root / _keys.RECORDS):
            for path in folder.glob(f"{STAGED}*"):
                with contextlib.suppress(OSError):  # somebody else has just removed it
                    if path.lstat().st_mtime < before:
                        path.unlink()

    def _twin(self, key: str) -> Path | None:
        """The file in the current release that ``key`` may share its bytes with."""
        folder = self._linked_folder()
        if folder is None or _release_folders.folder_of(key) is None:
            return None
        return self.root / folder / PurePosixPath(*PurePosixPath(key).parts[2:])

    def _page_keys(self) -> Iterator[str]:
        with os_errors(self.root / _keys.RELEASES, "list"):
            for path in (self.root / _keys.RELEASES).glob("*/"):
                if not _release_folders.is_folder(path.relative_to(self.root).as_posix()):
                    continue
                for folder, _, names in os.walk(path):
                    below = Path(folder).relative_to(self.root).as_posix()
                    yield from (f"{below}/{name}" for name in names if not name.startswith(STAGED))

    def _stored(self, key: str, digests: dict[tuple[int, int], str]) -> Stored:
        """``digests`` remembers files by device and inode: hard links are read once."""
        path = self.root / key
        with os_errors(path, "read"):
            status = path.stat()
            inode = (status.st_dev, status.st_ino)
            if inode not in digests:
                digests[inode] = hashlib.sha256(path.read_bytes()).hexdigest()
        # A link to an older file keeps the time of its content; that of its inode is when the link was made.
        changed = datetime.fromtimestamp(status.st_ctime_ns / 1e9, UTC)
        return Stored(key, status.st_size, digests[inode], modified=changed)
