"""Roll back: what a kept release would change, or what it takes to leave nothing of ours; ``publish`` applies it."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import settings as settings_file
from ..edges import Edge
from ..edges._session import Session
from ..errors import UsageError
from ..model import Compiled, Manifest
from ..publishing import open_target, survey
from ..publishing.canaries import unverified
from ..publishing.releases import KeptPages, choose, kept, require_whole
from ..publishing.target import NO_RELEASE, Removal, is_host, is_switched, site_host
from .build import Report, silent
from .build import choose as chosen_sites
from .publish import Prepared, narrowed, told
from .site import EdgeOutput, SiteOutput, edge_folders, open_edges

if TYPE_CHECKING:
    from ..settings import Settings, SiteSettings

Sites = list[tuple["SiteSettings", Sequence[Edge]]]


def prepare(
    project: Path,
    *,
    to: str | None = None,
    sites: Sequence[str] = (),
    zones: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    report: Report = silent,
) -> Generator[Prepared]:
    """Make each site's plan to go back to the release whose digest begins with ``to``, or to the one before.

    The release comes from the host whole: nothing is built, and the catalog is not read. Its rules are compiled anew,
    with the edges as errgen.toml has them today. Raises UsageError where no such release is kept, and PlanRefused where
    it is no longer whole.
    """
    settings = settings_file.load(project)
    session = Session()
    opened = opened_sites(settings, sites, ())
    every = {site.site.name: edges for site, edges in opened}
    for site, edges in narrowed(opened, zones):
        where, meant = site.where, {edge.key for edge in edges}
        host = site_host(site.host, environ, where=where, project=project)
        report(f"reading the releases of {host.name}")
        release = choose(kept(host, site.site.name), host.current(), to, host.name)
        manifest = release.manifest(host.name)
        require_whole(host, manifest)
        output = output_of(settings, site, edges, manifest, KeptPages(host, manifest))
        target = open_target(
            manifest, release.content, output.read, site.host, edges, environ, where=where, project=project,
            left_out=[edge for edge in every[site.site.name] if edge.key not in meant], report=report,
            session=session,
        )  # fmt: skip
        with closing(target):
            note = "its configuration stays as it is; where that release had another, it is made from its commit"
            noted = replace(target, notes=tuple(f"{kind}: {note}" for kind in _by_hand(site, edges)))
            yield Prepared(output, noted, survey(noted, [*told(output), *unverified(edges)], report=report))


def prepare_removal(
    project: Path,
    *,
    purge: bool = False,
    sites: Sequence[str] = (),
    zones: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    report: Report = silent,
) -> Generator[Prepared]:
    """Make each site's plan to leave nothing of ours: no rules, no assets, no current release; pages with ``purge``.

    Where only some ``zones`` are named, or an edge reads files that its owner has put in place, the host's current
    release stays as it is without ``purge``: answers are made from it.
    """
    if purge and zones:
        raise UsageError(
            "the pages of a site are there for all of its zones", hint="leave out --zone, or leave out --purge"
        )
    settings = settings_file.load(project)
    session = Session()
    for site, edges in opened_sites(settings, sites, zones):
        by_hand = _by_hand(site, edges)
        removal: Removal = "pages" if purge else "rules" if zones or by_hand else "release"
        manifest = nothing(site)
        output = output_of(settings, site, (), manifest, {})
        target = open_target(
            manifest, b"", output.read, site.host, edges, environ, where=site.where, project=project, removal=removal,
            report=report, session=session,
        )  # fmt: skip
        with closing(target):
            note = "take our files out of its configuration, and then: errgen rollback --to none --purge"
            noted = replace(target, notes=tuple(f"{kind}: {note}" for kind in by_hand))
            yield Prepared(output, noted, survey(noted, report=report))


def nothing(site: SiteSettings) -> Manifest:
    """The manifest of a site that serves nothing."""
    return Manifest(site.site.name, site.site.theme, site.site.languages, (), (), NO_RELEASE)


def opened_sites(settings: Settings, sites: Sequence[str], zones: Sequence[str]) -> Sites:
    """The named sites, or all, with those of their edges that are meant."""
    return narrowed([(site, open_edges(settings, site)) for site in chosen_sites(settings, sites)], zones)


def _by_hand(site: SiteSettings, edges: Sequence[Edge]) -> list[str]:
    """The kinds of edges whose files their owner puts in place."""
    return [edge.kind for edge in edges if not is_switched(edge) and not is_host(edge, site.host)]


def output_of(
    settings: Settings, site: SiteSettings, edges: Sequence[Edge], manifest: Manifest, pages: Mapping[str, bytes]
) -> SiteOutput:
    """What a build would have made, as far as publishing needs it: ``pages`` are its files.

    Edges of one table, its zones, have the same rules, which are compiled once.
    """
    compiled: dict[str, Compiled] = {}
    for edge in edges:
        if edge.where not in compiled:
            compiled[edge.where] = edge.compile(manifest, pages.__getitem__)
    findings = tuple(finding for one in compiled.values() for finding in one.findings)
    all_sites = tuple(one.site.name for one in settings.sites)
    outputs = tuple(
        EdgeOutput(edge, folder, compiled[edge.where]) for edge, folder in zip(edges, edge_folders(edges), strict=True)
    )
    return SiteOutput(site, all_sites, (), {}, manifest, outputs, pages, findings)
