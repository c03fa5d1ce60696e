"""A folder of a server, reached by rsync over ssh or as a daemon's module, and laid out as ``_release_folders`` says.

Nothing but rsync is run on the server, so that an account which rrsync restricts to one folder will do, and so will any
operating system. Unchanged pages become hard links (``--link-dest``). The link ``current`` is switched in one step:
since version 3.1, rsync makes a new symbolic link beside the old one and renames it over that (``atomic_create`` in its
generator.c). Web servers read ``current/pages/…``; ``public_url`` is where the folder of ``target`` itself is served.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ..errors import RemoteFailed
from ..rights import Grant, Rights
from ..validation import Table, WebAddress
from . import _keys, _release_folders
from ._host import KEEP, Host, Opening, Release, Stored, Upload
from ._rsync_listing import pages_among, releases_among
from ._rsync_program import Entry, RsyncProgram
from ._rsync_target import Target, parse

_PROBE = ".errgen-write-check-"


def _target(value: str) -> str:
    return str(parse(value))


class Options(Table):
    """``target`` is ``user@server:/srv/errors`` or ``rsync://server/module/errors``.

    Port, key and the like are ssh's affair (``~/.ssh/config``, ssh-agent, RSYNC_RSH), a daemon's password is
    RSYNC_PASSWORD's. ``public_url`` is needed only where an edge fetches the pages.
    """

    kind: Literal["rsync"]
    target: Annotated[str, AfterValidator(_target)]
    public_url: WebAddress | None = None
    keep: int = Field(KEEP, ge=1)


def connect(options: Options, opening: Opening) -> Host:
    """The folder of ``options``; rsync is run by the first method that needs it."""
    target = parse(options.target)
    return Rsync(target, RsyncProgram(target, opening.environ), options.public_url, opening.where, options.keep)


def rights(options: Options) -> Rights:
    """Reading and writing the folder by rsync; a shell on the server is not needed."""
    target = parse(options.target)
    grant = Grant(
        "read, write and delete by rsync", target.path, "stores releases, switches the link current, removes old ones"
    )
    if target.daemon:
        how = "in the server's rsyncd.conf: read only = false, munge symlinks = false, an auth user with :rw"
        credential = "RSYNC_PASSWORD"
    else:
        how = (
            "a key that does nothing else: before it in the account's authorized_keys write "
            f'command="rrsync {target.path}",restrict and then target = "{target.server}:/", for rrsync counts paths '
            "from its folder"
        )
        credential = f"the ssh key for {target.server}"
    return Rights(f"rsync {target}", credential, (grant,), how)


class Rsync(_release_folders.ReleaseFolders):
    """Releases as folders below the target's. What is sent is laid out in a local folder first."""

    keeps_records = True

    def __init__(self, target: Target, program: RsyncProgram, public_url: str | None, where: str, keep: int) -> None:
        super().__init__(public_url, where, "target")
        self.keep = keep
        self._target = target
        self._rsync = program
        self._read: dict[str, dict[str, bytes]] = {}  # of the release that was read last

    @property
    def name(self) -> str:
        """``rsync user@server:/srv/errors``."""
        return f"rsync {self._target}"

    def check(self) -> None:
        """The folder is there, and takes a symbolic link that leads where it says.

        A daemon with ``munge symlinks``, and rrsync with ``-munge``, would store links that lead nowhere.
        """
        self._linked_folder()
        probe = f"{_PROBE}{secrets.token_hex(8)}"
        try:
            with tempfile.TemporaryDirectory() as stage:
                (Path(stage) / probe).mkdir()
                (Path(stage) / probe / "link").symlink_to(".")
                self._rsync.push(Path(stage))
            self._require_link(probe)
        except BaseException:  # Ctrl-C, too, leaves nothing behind
            with contextlib.suppress(RemoteFailed):
                self._remove([probe], [f"{probe}/***"])
            raise
        self._remove([probe], [f"{probe}/***"])

    def list(self) -> Mapping[str, Stored]:
        """Every page by size; ``inspect`` tells the digest, at the cost of fetching the page."""
        return pages_among(self._rsync.listed("/releases/", "/releases/*/***"))

    def look(self, likely: str) -> tuple[Mapping[str, Stored], str | None]:  # noqa: ARG002  # one listing says it all
        """Everything with one login."""
        entries = self._rsync.listed("/current", "/releases/", "/releases/***")
        return pages_among(entries), self._current_among(entries)

    def inspect(self, keys: Iterable[str]) -> Mapping[str, Stored]:
        """Size and digest, of the fetched bytes."""
        return {
            key: Stored(key, len(content), hashlib.sha256(content).hexdigest())
            for key, content in self._fetched(list(keys)).items()
        }

    def read(self, key: str) -> bytes:
        """The bytes of a file. Raises RemoteFailed where there is none.

        With the first page of a release all of its pages are fetched: one login, however many are asked for.
        """
        folder = _release_folders.folder_of(key)
        if folder is not None and folder not in self._read:
            self._read = {folder: self._fetched([folder])}
        content = (self._read[folder] if folder is not None else self._fetched([key])).get(_keys.safe(key))
        if content is None:
            raise RemoteFailed(
                "there is no such file",
                where=f"{self.name}: {key}",
                hint="publish again: that stores whatever is missing",
            )
        return content

    def write(self, key: str, content: bytes, media_type: str, cache_control: str | None) -> None:
        """As ``write_many``."""
        self.write_many([Upload(key, content, media_type, cache_control)], lambda _: None)

    def write_many(self, objects: Iterable[Upload], progress: Callable[[Upload], None]) -> None:
        """All pages of a release in one go, as hard links to the current release's where that has the same bytes.

        What is equal already is left untouched. The two headers are the web server's affair.
        """
        for folder, uploads in groupby(objects, key=lambda upload: _release_folders.folder_of(upload.key)):
            batch = list(uploads)
            if folder is None:
                self._store({upload.key: upload.content for upload in batch})
            else:
                self._store_pages(folder, {upload.key: upload.content for upload in batch})
            for upload in batch:
                progress(upload)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove files, and those folders of releases that this leaves without a page. The current release stays."""
        keys = [_release_folders.ours(key) for key in keys]
        doomed = _release_folders.outside(self._linked_folder(), keys) if keys else []
        if not doomed:
            return
        self._remove(doomed, doomed)
        folders = {folder for key in doomed if (folder := _release_folders.folder_of(key))}
        if empty := sorted(folders - {_release_folders.folder_of(key) for key in self.list()}):
            self._remove(empty, [f"{folder}/***" for folder in empty])  # with what a killed rsync left in them

    def releases(self) -> tuple[Release, ...]:
        """By the second in which their manifests were stored first."""
        return releases_among(self._rsync.listed("/releases/", "/releases/*.json"))

    def records(self) -> tuple[str, ...]:
        """The files below the folder ``records``."""
        entries = self._rsync.listed("/records/", "/records/***")
        files = (entry.path.removeprefix(_keys.RECORDS) for entry in entries if entry.kind == "-")
        return tuple(sorted(name for name in files if not PurePosixPath(name).name.startswith(".")))

    def current(self) -> str | None:
        """The release that the ``current`` link points to; None where there is no link, or it leads to no release."""
        return self._current_among(self._rsync.listed("/current", "/releases/", "/releases/*.json"))

    def _current_among(self, entries: Sequence[Entry]) -> str | None:
        folder = self._link_among(entries)
        found = (release.digest for release in releases_among(entries))
        return next((digest for digest in found if _release_folders.folder(digest) == folder), None)

    def activate(self, release: str, manifest: bytes) -> None:
        """Store the manifest, then let rsync rename a new ``current`` link over the old one.

        rsync locks nothing. So what the link leads to is looked at again afterwards: where somebody else has swept that
        in between, the link goes back to where it led. Raises RemoteFailed where a page of the release is not there.
        """
        folder, sizes = _release_folders.folder(release), _release_folders.pages_of(manifest, release)
        before = self._require_whole(folder, sizes)
        self._store({_keys.release_key(release): manifest})
        self._link(folder)
        try:
            self._require_whole(folder, sizes)
        except RemoteFailed:
            if before not in (None, folder):
                self._link(str(before))
            raise

    def deactivate(self) -> None:
        """Remove the ``current`` link."""
        if self._linked_folder() is not None:
            self._remove([_keys.CURRENT], [_keys.CURRENT])

    def _require_whole(self, folder: str, sizes: Mapping[str, int]) -> str | None:
        """That a release's pages are there, in one login; gives what the ``current`` link points to."""
        entries = self._rsync.listed("/current", "/releases/", f"/{folder}/***")
        before = self._link_among(entries)
        there = {entry.path: entry.bytes for entry in entries}
        if folder not in there or any(there.get(key) != size for key, size in sizes.items()):
            raise RemoteFailed(
                "cannot switch to a release whose pages are not all there",
                where=f"{self.name}: {folder}",
                hint="publish it again",
            )
        return before

    def _link(self, folder: str) -> None:
        with tempfile.TemporaryDirectory() as stage:
            (Path(stage) / _keys.CURRENT).symlink_to(folder)
            self._rsync.push(Path(stage))

    def _fetched(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The files at ``keys`` and below them, by their own keys."""
        if not keys:
            return {}
        with tempfile.TemporaryDirectory() as folder:
            self._rsync.pull(map(_keys.safe, keys), Path(folder))
            files = [path for path in Path(folder).rglob("*") if path.is_file()]
            return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}

    def _store(self, files: Mapping[str, bytes], folder: str = "", *, link_to: str | None = None) -> None:
        """Store files by their path below ``folder``."""
        self._read.clear()
        with tempfile.TemporaryDirectory() as stage:
            for path, content in files.items():
                file = Path(stage, _keys.safe(path))
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            self._rsync.push(Path(stage), folder, link_to=link_to)

    def _store_pages(self, folder: str, files: Mapping[str, bytes]) -> None:
        with tempfile.TemporaryDirectory() as stage:  # rsync makes no more than the last folder of a path by itself
            (Path(stage) / folder).mkdir(parents=True)
            self._rsync.push(Path(stage))
        below = {key.removeprefix(f"{folder}/"): content for key, content in files.items()}
        self._store(below, f"{folder}/", link_to=_keys.CURRENT)

    def _remove(self, paths: Iterable[str], patterns: Iterable[str]) -> None:
        """Delete what fits ``patterns`` in the folders that ``paths`` are in."""
        self._read.clear()
        with tempfile.TemporaryDirectory() as stage:
            for parent in {PurePosixPath(path).parent for path in paths}:
                (Path(stage) / parent).mkdir(parents=True, exist_ok=True)
            self._rsync.remove(patterns, Path(stage))

    def _require_link(self, probe: str) -> None:
        """That the link in the folder ``probe``, which leads to that folder, can be gone along."""
        try:
            self._rsync.listed("/.", folder=f"{probe}/link/")
        except RemoteFailed as failure:
            if probe in failure.message:
                failure.hint = (
                    "the server changes symbolic links, which releases are switched by: set munge symlinks = no in "
                    "rsyncd.conf, or run rrsync without -munge"
                )
            raise

    def _linked_folder(self) -> str | None:
        return self._link_among(self._rsync.listed("/current"))

    def _link_among(self, entries: Iterable[Entry]) -> str | None:
        """What the ``current`` link points to; None without one."""
        entry = next((entry for entry in entries if entry.path == _keys.CURRENT), None)
        if entry is None or entry.link is not None:
            return entry.link if entry else None
        raise RemoteFailed(
            "is a file or folder, and not the link that errgen switches between releases",
            where=f"{self.name}: {_keys.CURRENT}",
            hint="move it away, or choose another path for this host",
        )
