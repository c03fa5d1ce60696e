"""Backups that errgen has made: in the project's ``.errgen``, and at its sites' hosts, where CI's are kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import settings as settings_file
from ..errors import ErrgenError, RemoteFailed, from_os_error
from ..publishing.journal import BACKUPS, readable
from ..publishing.target import site_host
from .build import Report, choose
from .rollback import opened_sites

if TYPE_CHECKING:
    from ..hosts import Host
    from ..settings import Settings

_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-(?P<target>.*)-(?P<digest>[0-9a-f]{16})\.json")
"""What ``Journal`` calls a backup: its moment, the target, and the beginning of its SHA-256."""


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups at one place, newest first. ``failure`` says why there may be others."""

    where: str
    names: tuple[str, ...]
    failure: ErrgenError | None = None


def backups(
    project: Path, sites: Sequence[str], zones: Sequence[str], environ: Mapping[str, str], report: Report
) -> list[Backups]:
    """All backups there are, place by place; where ``zones`` are named, of these alone.

    A host that cannot be asked is among the places with its failure. Raises UsageError for a zone that no edge is.
    """
    settings = settings_file.load(project)
    edges = [edge for _, edges in opened_sites(settings, sites, zones) for edge in edges]
    meant = {readable(edge.name) for edge in edges} if zones else None
    folder = project / ".errgen" / BACKUPS
    try:
        local = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    except OSError as error:
        raise from_os_error(error, folder, "list") from error
    found = [Backups(f".errgen/{BACKUPS}", _newest_first(local, meant))]
    for where, host in _hosts(settings, sites, environ):
        report(f"reading the records of {where}")
        try:
            found.append(Backups(where, _newest_first(host.records(), meant)))
        except ErrgenError as failure:
            found.append(Backups(where, (), failure))
    return found


def read_backup(project: Path, file: Path, sites: Sequence[str], environ: Mapping[str, str], report: Report) -> bytes:
    """The bytes of ``file``; a bare name is looked for in ``.errgen/backups``, and then at the hosts.

    Raises LocalFilesFailed where there is none, and RemoteFailed where a host does not answer or has another.
    """
    named = _NAME.fullmatch(str(file))
    if not file.exists() and file.name == str(file):
        file = project / ".errgen" / BACKUPS / file
    if named and not file.exists():
        for where, host in _hosts(settings_file.load(project), sites, environ):
            report(f"looking for {file.name} at {where}")
            if file.name in host.records():
                content = host.read(host.record_key(file.name))
                _require_whole(content, named["digest"], f"{where}: {file.name}")
                return content
    try:
        return file.read_bytes()
    except OSError as error:
        failure = from_os_error(error, file, "read the backup")
        failure.hint = "errgen restore lists the backups that there are"
        raise failure from error


def _hosts(settings: Settings, sites: Sequence[str], environ: Mapping[str, str]) -> Iterator[tuple[str, Host]]:
    """Every host of the named sites once, with its name for people."""
    seen = set()
    for site in choose(settings, sites):
        if site.host is None:
            continue
        host = site_host(site.host, environ, where=site.where, project=settings.project)
        if host.keeps_records and host.name not in seen:
            seen.add(host.name)
            yield host.name, host


def _newest_first(names: Sequence[str], meant: Collection[str] | None) -> tuple[str, ...]:
    """Those of ``names`` that are of backups of the targets that are ``meant``; of all where that is None."""
    named = [found for name in names if (found := _NAME.fullmatch(name))]
    return tuple(sorted((one[0] for one in named if meant is None or one["target"] in meant), reverse=True))


def _require_whole(content: bytes, digest: str, where: str) -> None:
    if hashlib.sha256(content).hexdigest()[:16] != digest:
        raise RemoteFailed(
            "is not what errgen stored there",
            where=where,
            hint="somebody changed it: name another backup, or go back to a kept release with errgen rollback",
        )
