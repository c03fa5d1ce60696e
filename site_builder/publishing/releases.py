"""The releases that a host keeps: which there are, which one is meant, and its pages as they can be published again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .. import manifest as manifests
from ..errors import InvalidInput, PlanRefused, RemoteFailed, UsageError
from ..hosts import Host
from ..model import Manifest
from ..object_keys import object_key


@dataclass(frozen=True, slots=True)
class Kept:
    """One release that a host keeps: its digest, when it was published first, and its manifest as it is stored."""

    digest: str
    published: datetime
    content: bytes

    def __str__(self) -> str:
        """``1a2b3c4d5e6f of 2026-11-21 09:00 UTC``."""
        return f"{self.digest[:12]} of {self.published.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    def manifest(self, where: str) -> Manifest:
        """Its manifest; ``where`` names the host. Raises PlanRefused where this errgen cannot read it."""
        try:
            return manifests.loads(self.content, f"release {self.digest[:12]}")
        except InvalidInput as invalid:
            raise PlanRefused(
                f"the release cannot be published again: {invalid}",
                where=where,
                hint="it was damaged, or written by another version of errgen: name another release with --to, or "
                "publish the commit that it was built from",
            ) from None


def kept(host: Host, site: str) -> list[Kept]:
    """The releases of ``site`` at ``host``, oldest first. Raises RemoteFailed or LocalFilesFailed."""
    found = []
    for release in host.releases():
        content = host.read(release.key)
        if _site(content) == site:
            found.append(Kept(release.digest, release.published, content))
    return found


def _site(content: bytes) -> str | None:
    """The site of a manifest; None where it is not one."""
    try:
        return str(json.loads(content)["site"])
    except (KeyError, TypeError, ValueError):
        return None


def digests(host: Host, site: str) -> dict[str, str]:
    """SHA-256 of every page of the kept releases of ``site``, by the name that the page has in a bucket."""
    found = {}
    for release in kept(host, site):
        for file in json.loads(release.content).get("files", ()):
            found[object_key(file["path"], file["sha256"])] = str(file["sha256"])
    return found


def choose(there: Sequence[Kept], current: str | None, to: str | None, where: str) -> Kept:
    """The release whose digest begins with ``to``; the one before ``current`` where that is None.

    ``there`` are those that the host ``where`` keeps, oldest first. Raises UsageError, which lists them.
    """
    if not there:
        raise UsageError("keeps no release of this site", where=where, hint="errgen publish makes the first")
    listed = ", ".join(f"{one}{' (current)' if one.digest == current else ''}" for one in there[::-1]) or "none"
    if to is not None:
        meant = [one for one in there if to and one.digest.startswith(to.lower())]
        if len(meant) == 1:
            return meant[0]
        problem = "more than one kept release begins with" if meant else "no kept release begins with"
        raise UsageError(f"{problem} {to!r}", where=where, hint=f"there are: {listed}")
    digests = [one.digest for one in there]
    if current not in digests:
        raise UsageError(
            "no release is current, so that none is before it",
            where=where,
            hint=f"name one with --to; there are: {listed}",
        )
    index = digests.index(current)
    if index == 0:
        raise UsageError(
            f"no release is kept from before the current one, {current[:12]}",
            where=where,
            hint=f"name one with --to; there are: {listed}",
        )
    return there[index - 1]


def require_whole(host: Host, manifest: Manifest) -> None:
    """Raise PlanRefused where ``host`` does not have every page of ``manifest`` as it was published."""
    listed = host.list()
    lacking = []
    for file in manifest.files:
        stored = listed.get(host.place(file.path, file.sha256, manifest.release))
        if stored is None or stored.bytes != file.bytes or stored.digest not in (None, file.sha256):
            lacking.append(file.path)
    if lacking:
        raise PlanRefused(
            f"release {manifest.release[:12]} is no longer whole: {len(lacking)} of its {len(manifest.files)} pages "
            f"are missing or altered, the first: {lacking[0]}",
            where=host.name,
            hint="name another release with --to, or publish the commit that it was built from",
        )


class KeptPages(Mapping[str, bytes]):
    """The pages of ``manifest`` by path, read from ``host`` when they are asked for and proved by their digests."""

    def __init__(self, host: Host, manifest: Manifest) -> None:
        self._host = host
        self._release = manifest.release
        self._sums = {file.path: file.sha256 for file in manifest.files}
        self._read: dict[str, bytes] = {}

    def __getitem__(self, path: str) -> bytes:
        """The bytes of one page. Raises RemoteFailed where they are not what was published."""
        if path not in self._read:
            key = self._host.place(path, self._sums[path], self._release)
            content = self._host.read(key)
            if hashlib.sha256(content).hexdigest() != self._sums[path]:
                raise RemoteFailed(
                    "is not what was published",
                    where=f"{self._host.name}: {key}",
                    hint="name another release with --to, or publish the commit that this one was built from",
                )
            self._read[path] = content
        return self._read[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sums)

    def __len__(self) -> int:
        return len(self._sums)
