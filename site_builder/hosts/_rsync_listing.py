"""What a listing of an rsync host says: which pages and releases are there, and which may have been touched since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from . import _keys, _release_folders
from ._host import Release, Stored
from ._rsync_program import Entry


def pages_among(entries: Sequence[Entry]) -> dict[str, Stored]:
    """Every page by its key. Where the manifests are listed, too, it is known which page is younger than its own."""
    # A link to an older file keeps that one's time; when it was made is told by the folder that it is in.
    folders = {entry.path: entry.modified for entry in entries if entry.kind == "d"}
    whole = {_release_folders.folder(one.digest): one.published for one in releases_among(entries)}
    return {
        entry.path: Stored(
            entry.path,
            entry.bytes,
            modified=max(entry.modified, folders[_parent(entry.path)]),
            touched=entry.modified > whole.get(str(_release_folders.folder_of(entry.path)), entry.modified),
        )
        for entry in entries
        if _is_page(entry)
    }


def _is_page(entry: Entry) -> bool:
    """Whether it is a page, and not a folder, or what a killed rsync left half written under a name with a dot."""
    named = not PurePosixPath(entry.path).name.startswith(".")
    return entry.kind == "-" and named and _release_folders.folder_of(entry.path) is not None


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def releases_among(entries: Iterable[Entry]) -> tuple[Release, ...]:
    """By the second in which their manifests were stored first."""
    found = [
        Release(release, entry.path, entry.modified)
        for entry in entries
        if entry.kind == "-" and (release := _keys.release_of(entry.path)) is not None
    ]
    return tuple(sorted(found, key=lambda release: (release.published, release.digest)))
