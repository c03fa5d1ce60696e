"""Switch off and on: what it takes to stop serving errgen's pages at once, and to serve them again."""

from __future__ import annotations

import importlib
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from .. import settings as settings_file
from ..edges import Edge
from ..edges._session import Session
from ..errors import UsageError
from ..publishing import Target, survey
from ..publishing.target import is_switched, numbered, remote_module
from .build import Report, silent
from .publish import Prepared
from .records import records_host
from .rollback import nothing, opened_sites, output_of


def prepare(
    project: Path,
    *,
    enabled: bool,
    sites: Sequence[str] = (),
    zones: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    report: Report = silent,
) -> Generator[Prepared]:
    """Make each site's plan to switch our live rules on or off: nothing is built, and no host has to be up.

    Where one is, it gets the records once the rules are switched.

    Raises UsageError where a site has no edge at which rules can be switched off.
    """
    settings = settings_file.load(project)
    chosen = opened_sites(settings, sites, zones)
    for site, edges in chosen:
        if not any(_can(edge) for edge in edges):
            kinds = ", ".join(sorted({edge.kind for edge in edges})) or "none"
            raise UsageError(
                f"the site {site.site.name} has no edge whose rules can be switched off (its edges: {kinds})",
                hint="name the sites that have one with --site; errgen rollback --to none removes what is at others",
            )
    session = Session()
    for site, edges in chosen:
        manifest = nothing(site)
        output = output_of(settings, site, (), manifest, {})
        able, unable = [edge for edge in edges if _can(edge)], [edge for edge in edges if not _can(edge)]
        remotes = tuple(
            importlib.import_module(remote_module(edge)).open_toggle(
                manifest,
                output.read,
                edge.options,
                environ,
                enabled=enabled,
                report=numbered(report, number, len(able)),
                session=session,
            )
            for number, edge in enumerate(able, start=1)
        )
        notes = tuple(f"{edge.kind}: has no rules to switch off; it stays as it is" for edge in unable)
        records = records_host(site, environ, project, report)
        target = Target(manifest, b"", output.read, records, remotes, notes, removal="rules")
        with closing(target):
            yield Prepared(output, target, survey(target, report=report))


def _can(edge: Edge) -> bool:
    return is_switched(edge) and hasattr(importlib.import_module(remote_module(edge)), "open_toggle")
