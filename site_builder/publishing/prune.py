"""What a host no longer needs: mark what kept releases and live answers name, sweep the rest. Last, and never in haste.

Kept are the release that is published, the one that was current before it, and then the newest; a page stays as long
as one of them names it, or an edge does. What belongs to other sites at the same host is theirs. A page that no release
names may be of a publish that is running elsewhere right now, and stays until that cannot be so any more; but where
everything of ours is to be removed and no other site has a release, it goes too. Nothing goes where only some of a
site's edges are published to: what the others need has not been asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from ..edges._remote import Change
from ..hosts import Host, Release, Stored
from ..model import Finding
from .target import Target

UNFINISHED = timedelta(days=1)
"""So much older than the newest page or release has to be what no release names. Both times are the host's."""

STALE = "stale"
UNREADABLE, LIVE, UNNAMED = "release-unreadable", "pages-live", "pages-unfinished"
STAYING = (UNREADABLE, LIVE, UNNAMED)
"""The ids of the findings that say what stays at a host from which everything of ours was to be removed."""

_AGAIN = "errgen rollback --to none --purge"
_TAIL = re.compile(r"(?:^|/)((?:o/[^/]+|releases/[0-9a-f]{12}/.+))$")


@dataclass(frozen=True, slots=True)
class Stale:
    """What may go: releases by digest, and pages by key. ``unread``: manifests that keep all of it where it is.

    Where everything of ours is to be removed, ``live`` are the pages that stay because answers are made from them, and
    ``unfinished`` those that another site's publish may be bringing.
    """

    releases: tuple[Release, ...] = ()
    pages: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()

    def changes(self, host: str) -> list[Change]:
        """The deletions for the plan."""
        return [
            *(Change("delete", "release", host, one.digest, STALE, before=one.digest) for one in self.releases),
            *(Change("delete", "page", host, key, STALE) for key in self.pages),
        ]

    def findings(self, host: str) -> list[Finding]:
        """What to say about manifests that nobody can read, and about pages that stay."""
        found = [
            Finding(
                UNREADABLE,
                "warning",
                f"the release {key} cannot be read, so that nothing old is removed",
                f"{host}: {key}",
                "it was damaged, or written by another version of errgen: restore it, or delete it by hand",
            )
            for key in self.unread
        ]
        if self.live:
            said = f"{_stay(self.live)} that live answers were made from until now"
            found.append(Finding(LIVE, "info", said, host, f"later, to remove what stays: {_AGAIN}"))
        if self.unfinished:
            said = f"{_stay(self.unfinished)} that no release names, for another site may be bringing them"
            found.append(Finding(UNNAMED, "info", said, host, f"in a day, to remove what stays: {_AGAIN}"))
        return found


def stale(target: Target, listed: Mapping[str, Stored], before: str | None, live: Iterable[str]) -> Stale:
    """What at the target's host may go once its release is current; ``before`` was current until then.

    ``listed`` are the host's pages, ``live`` the references of the edges. Where everything of ours is to be removed,
    that is all releases of the site and all of their pages, or none of either.
    """
    host, manifest = target.host, target.manifest
    if target.partial or target.removal not in (None, "pages"):
        return Stale()
    published = [release for release in host.releases() if release.digest != manifest.release]
    named: dict[str, tuple[str, frozenset[str]]] = {}
    unread = []
    for release in published:
        try:
            named[release.digest] = _named(host.read(release.key), host, release.digest)
        except (KeyError, TypeError, ValueError):
            unread.append(release.key)
    if unread:
        return Stale(unread=tuple(unread))
    ours = [release for release in published if named[release.digest][0] == manifest.site]
    dropped = ours if target.removal else _dropped(ours, before, host.keep)
    gone = {release.digest for release in dropped}
    needed = set(target.places().values())
    needed.update(key for digest, (_, keys) in named.items() if digest not in gone for key in keys)
    swept = {key for digest in gone for key in named[digest][1]}
    unnamed = {*listed} - needed - {key for _, keys in named.values() for key in keys}
    is_alone = len(ours) == len(published)
    swept |= unnamed if target.removal and is_alone else unnamed & _abandoned(listed.values(), published)
    paths = {unquote(urlsplit(reference).path) for reference in live}
    free = (swept & listed.keys()) - needed
    staying = {key for key in free if _is_live(key, paths)}
    found = Stale(tuple(dropped), tuple(sorted(free - staying)))
    if not target.removal:
        return found
    return replace(found, live=tuple(sorted(staying)), unfinished=tuple(sorted(unnamed - swept)))


def references(target: Target, states: Iterable[Any]) -> set[str]:
    """The addresses or paths of the pages that live answers are made from, where ``states`` are the edges'."""
    return {one for remote, state in zip(target.remotes, states, strict=True) for one in remote.references(state)}


def sweep(target: Target, planned: Collection[str], before: str | None, live: Iterable[str]) -> None:
    """Delete what was planned, as far as it is still stale by now; the other arguments are those of ``stale``.

    Releases go first, so that none is ever there without a page. Where somebody else has published meanwhile nothing
    goes: the next publish tells what is stale. The edges are asked again what their answers are made from.
    """
    host = target.host
    if target.removal is None and host.current() != target.manifest.release:
        return
    live = {*live, *references(target, [remote.read() for remote in target.remotes])}
    now = stale(target, host.list(), before, live)
    host.delete([release.key for release in now.releases if release.digest in planned])
    host.delete([key for key in now.pages if key in planned])


def _named(content: bytes, host: Host, release: str) -> tuple[str, frozenset[str]]:
    """The site of a manifest and the keys of its files: of any version of errgen's that has these fields."""
    raw = json.loads(content)
    return str(raw["site"]), frozenset(host.place(file["path"], file["sha256"], release) for file in raw["files"])


def _dropped(ours: Sequence[Release], before: str | None, keep: int) -> list[Release]:
    """Those of ``ours``, oldest first, that are not kept besides the one that is published now."""
    newest_first = ours[::-1]
    ranked = [
        *(one for one in newest_first if one.digest == before),
        *(one for one in newest_first if one.digest != before),
    ]
    return ranked[keep - 1 :][::-1]


def _abandoned(listed: Collection[Stored], published: Iterable[Release]) -> set[str]:
    """The pages that are too old for whatever publish stored them to be running still."""
    times = {one.key: one.modified for one in listed if one.modified is not None}
    newest = max((*times.values(), *(release.published for release in published)), default=None)
    return {key for key, modified in times.items() if newest and modified < newest - UNFINISHED}


def _stay(keys: Sequence[str]) -> str:
    return "1 page stays" if len(keys) == 1 else f"{len(keys)} pages stay"


def _is_live(key: str, paths: Iterable[str]) -> bool:
    """Whether one of ``paths`` leads to ``key``, whatever the host's prefix is called there."""
    match = _TAIL.search(key)
    return match is None or any(path.endswith(f"/{match.group(1)}") for path in paths)
