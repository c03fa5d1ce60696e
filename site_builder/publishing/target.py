"""One site with where it goes: its host, and those of its edges that are reached over the network."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..edges import Edge
from ..edges._remote import Remote, Report
from ..edges._session import Session
from ..errors import Fault, InvalidInput
from ..hosts import Host, open_host
from ..model import Manifest
from .canaries import canaries_first, is_canary

Read = Callable[[str], bytes]

Removal = Literal["rules", "release", "pages"]
"""How far everything of ours goes: what edges have, then the host's current release too, then its pages too."""

NO_RELEASE = "none"
"""Stands for the digest of a release where nothing of ours is to be left."""


@dataclass(frozen=True, slots=True)
class Item:
    """One file that the host is to have. ``is_page``: it is of the manifest, so that its release has it for good."""

    path: str
    sha256: str
    bytes: int
    media_type: str
    is_page: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """What is published and where to. ``read`` gives the bytes of a file of the manifest by its path.

    ``own`` are the files of an edge that is the host itself, by path: a site of Netlify gets its whole publish folder.
    ``notes`` say which edges have nothing to switch over the network. ``maintenance``: whether planned work is to be
    announced at ``remotes``; None leaves that as it is live. ``removal``: where nothing of ours is to be left, how far.
    ``partial``: edges of the site are left out, so that what they need of the host is not known. ``canaries`` are the
    names of those of ``remotes`` that are switched and verified before the others, and come first among them;
    ``canaries_only``: no others are meant, and the host's current release stays.
    """

    manifest: Manifest
    manifest_bytes: bytes
    read: Read
    host: Host
    remotes: tuple[Remote[Any], ...]
    notes: tuple[str, ...] = ()
    maintenance: bool | None = None
    own: Mapping[str, bytes] = field(default_factory=dict)
    removal: Removal | None = None
    partial: bool = False
    canaries: frozenset[str] = frozenset()
    canaries_only: bool = False

    def close(self) -> None:
        """Close the connections to the edges."""
        for remote in self.remotes:
            remote.close()

    def items(self) -> list[Item]:
        """Everything that the host is to have: the files of the manifest, and its own."""
        pages = [Item(file.path, file.sha256, file.bytes, file.media_type) for file in self.manifest.files]
        return pages + [
            Item(path, hashlib.sha256(content).hexdigest(), len(content), "application/octet-stream", is_page=False)
            for path, content in sorted(self.own.items())
        ]

    def content(self, path: str) -> bytes:
        """The bytes of one of the items."""
        return self.own[path] if path in self.own else self.read(path)

    def places(self) -> dict[str, str]:
        """The key at the host of each item, by its path."""
        release = self.manifest.release
        return {item.path: self.host.place(item.path, item.sha256, release) for item in self.items()}


def open_target(
    manifest: Manifest,
    manifest_bytes: bytes,
    read: Read,
    host: Mapping[str, Any] | None,
    edges: Sequence[Edge],
    environ: Mapping[str, str],
    *,
    where: str,
    project: Path,
    maintenance: bool | None = None,
    removal: Removal | None = None,
    left_out: Sequence[Edge] = (),
    canaries_only: bool = False,
    report: Report = lambda _: None,
    session: Session | None = None,
    **network: Any,
) -> Target:
    """Open a site's host and edges. Sends nothing yet.

    ``host`` is the site's host table; ``where`` the site's key path, ``errgen.toml: site.default``; ``network`` goes to
    each edge's ``open_remote`` (transport, sleep, now), and so does ``maintenance``. ``left_out`` are the site's other
    edges, which stay as they are; with ``canaries_only`` they are to follow later. ``session`` is that of the run,
    where it has more targets. Raises InvalidInput, RemoteFailed where a token is missing, and PlanRefused where planned
    work is to be announced and an edge cannot do that.
    """
    opened = site_host(host, environ, where=where, project=project)
    session = session or Session()
    remotes: list[Remote[Any]] = []
    notes = []
    own: dict[str, bytes] = {}
    switched = canaries_first(edge for edge in edges if is_switched(edge))
    for number, edge in enumerate(switched, start=1):
        open_remote = importlib.import_module(remote_module(edge)).open_remote
        told = numbered(report, number, len(switched))
        remotes.append(
            open_remote(
                manifest, read, edge.options, environ, maintenance=maintenance, report=told, session=session, **network
            )
        )
    for edge in edges:
        if is_switched(edge):
            continue
        if is_host(edge, host):
            notes.append(f"{edge.kind}: its files are published with the pages")
        else:
            notes.append(f"{edge.kind}: nothing to switch over the network; its files are in edges/{edge.kind}")
    if removal is None:  # a site of Netlify gets all of its files, whichever edges are meant
        own = {path: content for edge in (*edges, *left_out) if is_host(edge, host)
               for path, content in edge.compile(manifest, read).files.items()}  # fmt: skip
    partial = canaries_only or any(not is_host(edge, host) for edge in left_out)
    canaries = frozenset(one.name for one, edge in zip(remotes, switched, strict=True) if is_canary(edge))
    if canaries and len(canaries) < len(remotes):
        notes.insert(0, f"canaries, switched and verified before the other edges: {', '.join(sorted(canaries))}")
    return Target(
        manifest, manifest_bytes, read, opened, tuple(remotes), tuple(notes), maintenance, own, removal, partial,
        canaries, canaries_only,
    )  # fmt: skip


def numbered(report: Report, number: int, total: int) -> Report:
    """``report`` told which edge each text is about: ``12 of 50: …``. Where there is one edge only, itself."""
    if total == 1:
        return report
    return lambda text: report(f"{number} of {total}: {text}")


def site_host(host: Mapping[str, Any] | None, environ: Mapping[str, str], *, where: str, project: Path) -> Host:
    """The host of a site's table; the arguments are those of ``open_target``. Raises InvalidInput without one."""
    if host is None:
        raise InvalidInput(
            [Fault(f"{where}.host", "is required: publishing has to know where the pages go")],
            hint=f'add [{where.partition(": ")[2]}.host] with kind = "s3", "directory", "rsync" or "netlify"',
        )
    return open_host(host, f"{where}.host", environ, project=project)


def is_host(edge: Edge, host: Mapping[str, Any] | None) -> bool:
    """Whether the edge is the site's host itself, which switches with its current release."""
    return host is not None and edge.kind == host.get("kind")


def remote_module(edge: Edge) -> str:
    """The name of the module by which an edge is reached over the network, whether there is one or not."""
    return f"site_builder.edges.{edge.kind}.remote"


def is_switched(edge: Edge) -> bool:
    """Whether the edge is switched over the network: its module can be, and its table says where. Others get files."""
    names_remote = getattr(edge.module, "names_remote", None)
    if names_remote and not names_remote(edge.options):
        return False
    try:
        return importlib.util.find_spec(remote_module(edge)) is not None
    except ModuleNotFoundError:  # the edge is a file and not a folder
        return False
