"""What a host is: a place that keeps pages by key and hands them out at a public address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

KEEP = 3
"""How many releases are kept where the settings do not say."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One page as the host keeps it. ``digest`` is its sha256; what the host does not tell or keep is None.

    ``modified`` is when it was put there last (UTC), as a hard link too: what a publish that is running has stored is
    younger than it. ``touched``: its bytes were written after its release was whole, so that they may be somebody
    else's.
    """

    key: str
    bytes: int
    digest: str | None = None
    etag: str | None = None
    media_type: str | None = None
    cache_control: str | None = None
    modified: datetime | None = None
    touched: bool = False


@dataclass(frozen=True, slots=True)
class Upload:
    """One file to write. A ``cache_control`` of None sends no such header."""

    key: str
    content: bytes = field(repr=False)
    media_type: str
    cache_control: str | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """One published manifest: its digest, the key it is read by, and when it was first published (UTC)."""

    digest: str
    key: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Opening:
    """What a host module gets besides its options: the key path of its table, the environment, the project's folder."""

    where: str
    environ: Mapping[str, str]
    project: Path


class Host(Protocol):
    """A place for pages. Every method may raise RemoteFailed, or LocalFilesFailed where the place is a local folder.

    Publishing goes: ``check``, ``write_many`` of what ``list`` lacks, at the keys that ``place`` gives; the pages can
    now be fetched at ``url``, and nothing that was served before has changed; then ``activate``. A release exists from
    the moment its manifest is stored, which is after all of its pages, so what an interrupted run leaves behind is
    never a release: it is carried on by the next run, or swept as pages that no release names.
    """

    @property
    def name(self) -> str:
        """For people: ``s3://bucket/prefix``, ``directory /srv/errors``."""
        ...

    @property
    def keep(self) -> int:
        """How many releases are kept, the current one among them."""
        ...

    @property
    def keeps_records(self) -> bool:
        """Whether it keeps single files beside releases: backups and audit lines, at ``record_key``."""
        ...

    def place(self, file_path: str, sha256: str, release: str) -> str:
        """The key of a file of the manifest, ``pages/static/en/404.html``. Two files never share one."""
        ...

    def record_key(self, name: str) -> str:
        """The key of a backup or an audit line, ``2026-11-21-ruleset.json``: kept apart from pages, never swept."""
        ...

    def url(self, key: str) -> str:
        """The public address of a key, percent-encoded. Raises InvalidInput where the settings name no address."""
        ...

    def cache_control(self, key: str) -> str | None:
        """The Cache-Control that belongs to a key; None where the host keeps no headers."""
        ...

    def check(self) -> None:
        """That the place is there, lets us in and lets us write. Leaves nothing behind."""
        ...

    def list(self) -> Mapping[str, Stored]:
        """Every page of ours by key, of whole releases and unfinished ones. Not: releases, records, others' files."""
        ...

    def look(self, likely: str) -> tuple[Mapping[str, Stored], str | None]:
        """``list`` and ``current`` together, in as few requests as it takes where ``likely`` is the current release.

        Where it is, pages of other releases may be left out.
        """
        ...

    def inspect(self, keys: Iterable[str]) -> Mapping[str, Stored]:
        """The same for these keys, with all that the host knows of each; a key that is not there is left out."""
        ...

    def read(self, key: str) -> bytes:
        """The bytes of a key, proved by the digest they were stored with where there is one."""
        ...

    def write(self, key: str, content: bytes, media_type: str, cache_control: str | None) -> None:
        """Store one file whole, or not at all."""
        ...

    def write_many(self, objects: Iterable[Upload], progress: Callable[[Upload], None]) -> None:
        """Store many; ``progress`` is called in the caller's thread for each that is stored.

        The first failure, Ctrl-C included, keeps further ones from starting and is raised once the running ones ended.
        """
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these; one that is gone already is no failure. ValueError for a key that is not of our making."""
        ...

    def releases(self) -> tuple[Release, ...]:
        """The releases that are whole, oldest first."""
        ...

    def records(self) -> tuple[str, ...]:
        """The names of the records that it keeps, in their order; ``record_key`` gives the key of each."""
        ...

    def current(self) -> str | None:
        """The digest of the release that was activated last; None where there is none."""
        ...

    def activate(self, release: str, manifest: bytes) -> None:
        """Store the manifest of a release whose pages are all there, then make it the current one, in one step."""
        ...

    def deactivate(self) -> None:
        """Make no release the current one. Pages and releases stay."""
        ...
