"""Build: the tree, the manifest and what each edge needs, written only where something changed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import settings as settings_file
from .. import tree
from ..errors import ChecksFailed, UsageError
from ..model import Finding
from . import cache as caches
from .traffic import named, weighed

if TYPE_CHECKING:
    from ..settings import Settings, SiteSettings
    from .site import SiteOutput

OUTPUT = "output"
Report = Callable[[str], None]


def silent(_: str) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class Built:
    """What one build of one site did. ``written`` and ``removed`` are paths below ``folder``."""

    site: str
    folder: Path
    files: int
    pages: int
    release: str
    written: tuple[str, ...]
    removed: tuple[str, ...]
    findings: tuple[Finding, ...]


def build(
    project: Path,
    *,
    out: Path | None = None,
    sites: Sequence[str] = (),
    traffic: Path | None = None,
    report: Report = silent,
) -> list[Built]:
    """Build the named sites, or all, into ``out``/SITE. An unchanged site costs a look at its files' times, no more.

    ``traffic`` stands in for the files of the settings that say how often each code fails.
    """
    out = out or project / OUTPUT
    file = named(traffic, project) if traffic else None
    inputs = caches.digest_inputs(caches.stamp_inputs(project, file), time.time_ns())
    cache = caches.load(project)
    if done := _unchanged(cache, inputs, out, sites):
        return done
    return [write(project, output, out, inputs=inputs) for output in outputs(project, sites, report, traffic)]


def _unchanged(cache: caches.Cache, inputs: str, out: Path, sites: Sequence[str]) -> list[Built]:
    """What the last build did, where neither inputs nor outputs have changed since; nothing where any has."""
    current = {made.site: (folder, made) for folder, made in cache.items() if inputs and made.inputs == inputs}
    names = sites or next((made.sites for _, made in current.values()), ())
    done = []
    for name in names:
        folder = out / name
        made = cache.get(str(folder.resolve()))
        if made is None or made.inputs != inputs or not inputs or not caches.is_current(folder, made):
            return []
        done.append(Built(name, folder, len(made.outputs), made.pages, made.release, (), (), made.findings))
    return done


def outputs(
    project: Path, sites: Sequence[str] = (), report: Report = silent, traffic: Path | None = None
) -> list[SiteOutput]:
    """The named sites, or all, made in memory. Raises InvalidInput and UsageError, see ``choose``."""
    from . import site as site_maker

    settings = settings_file.load(project)
    chosen = choose(settings, sites, traffic)
    report("reading the catalog")
    catalog = site_maker.load_catalog(settings)
    return [site_maker.make(settings, one, catalog, report=report) for one in chosen]


def choose(settings: Settings, names: Sequence[str], traffic: Path | None = None) -> list[SiteSettings]:
    """The sites of these names in the order of errgen.toml, all of them for no names; with ``traffic`` for this run.

    Raises UsageError for a site that is not there, and where none has use for ``traffic``.
    """
    known = [one.site.name for one in settings.sites]
    for name in names:
        if name not in known:
            raise UsageError(f"there is no site '{name}'", hint=f"errgen.toml has: {', '.join(known)}")
    chosen = [one for one in settings.sites if not names or one.site.name in names]
    return weighed(chosen, traffic, settings.project) if traffic else chosen


def write(project: Path, output: SiteOutput, out: Path, *, inputs: str = "") -> Built:
    """Bring ``out``/SITE to what ``output`` says. Old files are intact until all new ones are on the disk."""
    from .site import MANIFEST

    name = output.settings.site.name
    folder = out / name
    key = str(folder.resolve())
    cache = caches.load(project)
    before = cache.get(key)
    ours = frozenset(before.outputs) if before else frozenset()
    tree.require_ours(folder, MANIFEST, ours)
    pages = len(output.manifest.files)
    release = output.manifest.release
    made = caches.Made(name, output.all_sites, "", {}, pages, release, output.findings)
    difference = tree.compare(folder, output.files, ours)
    if difference:  # noted before it is done, so that what a killed build wrote is still known as ours
        if before and not before.inputs:
            tree.remove_leftovers(folder)
        pending = dataclasses.replace(made, outputs=dict.fromkeys((*ours, *output.files), (0, 0)))
        caches.save(project, {**cache, key: pending})
        tree.replace(folder, output.files, difference, last=MANIFEST)
    stamps = caches.stamp_outputs(folder, output.files)
    caches.save(project, {**cache, key: dataclasses.replace(made, inputs=inputs, outputs=stamps)})
    written = tuple(sorted((*difference.missing, *difference.changed)))
    return Built(name, folder, len(output.files), pages, release, written, difference.stale, output.findings)


def check(
    project: Path,
    *,
    out: Path | None = None,
    sites: Sequence[str] = (),
    traffic: Path | None = None,
    report: Report = silent,
) -> list[Built]:
    """Compare the output with what a build would make and write nothing. Raises ChecksFailed naming what differs."""
    out = out or project / OUTPUT
    cache = caches.load(project)
    checked = []
    for output in outputs(project, sites, report, traffic):
        name = output.settings.site.name
        folder = out / name
        made = cache.get(str(folder.resolve()))
        difference = tree.compare(folder, output.files, made.outputs if made else ())
        if difference:
            kinds = {"missing": difference.missing, "changed": difference.changed, "stale": difference.stale}
            counts = ", ".join(f"{len(paths)} {kind} ({_some(paths)})" for kind, paths in kinds.items() if paths)
            raise ChecksFailed(
                f"the output is not what a build would make: {counts}",
                where=str(folder),
                hint="run: errgen build",
            )
        pages, release = len(output.manifest.files), output.manifest.release
        checked.append(Built(name, folder, len(output.files), pages, release, (), (), output.findings))
    return checked


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:3]) + (", …" if len(paths) > 3 else "")
