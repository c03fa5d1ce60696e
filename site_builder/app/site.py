"""One site in memory: its pages, its manifest and what its edges need, made from catalog, theme and settings."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import catalog as catalogs
from .. import manifest as manifests
from ..edges import Edge, open_edge
from ..errors import Fault, InvalidInput
from ..model import MAINTENANCE, PROFILES, Compiled, Entry, File, Finding, Manifest, Page, Site
from . import gaps
from .origins import Places, own_places, states_of
from .press import Press

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..catalog.states import State
    from ..settings import Settings, SiteSettings

MANIFEST = "manifest.json"
INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class EdgeOutput:
    """One edge of a site, opened, and what it needs. ``folder`` is the name below ``edges/``."""

    edge: Edge
    folder: str
    compiled: Compiled

    def places(self) -> list[EdgeOutput]:
        """It as publishing sees it: each of several zones in its table is an edge of its own."""
        return [dataclasses.replace(self, edge=place) for place in self.edge.places()]


@dataclass(frozen=True, slots=True)
class SiteOutput:
    """Everything a build makes of one site. ``files`` is the whole tree below ``output/SITE``.

    ``texts`` is by language what its pages say, with the site's own texts. A language without pages is not in it.
    ``states`` has by language and entry how far its translation has come, ``places`` what has texts of the site's own.
    """

    settings: SiteSettings
    all_sites: tuple[str, ...]
    entries: tuple[Entry, ...]
    texts: Mapping[str, Sequence[Entry]]
    manifest: Manifest
    edges: tuple[EdgeOutput, ...]
    files: Mapping[str, bytes]
    findings: tuple[Finding, ...]
    states: Mapping[str, Mapping[str, State]] = field(default_factory=dict)
    places: Places = field(default_factory=dict)

    def read(self, path: str) -> bytes:
        """The bytes of one file of the manifest."""
        return self.files[path]


def make(
    settings: Settings,
    site: SiteSettings,
    catalog: Catalog,
    press: Press | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> SiteOutput:
    """Make one site in memory. Touches no disk but the templates. Raises InvalidInput with every fault it finds.

    ``press`` may have pages from before.
    """
    edges = open_edges(settings, site)
    draft = draft_of(site, catalog)
    shown, by_key, texts = draft.shown, draft.by_key, draft.texts
    default = by_key[shown.languages[0]]
    entries = [default.get(entry.key, entry) for entry in catalog.everything]
    pages, unshown = _pages(press or Press(settings.template_folders), draft, catalog, profiles_of(edges), report)
    manifest = manifests.build(pages, shown)
    files = {f"pages/{page.path}": page.content for page in pages}
    outputs = []
    for edge, folder in zip(edges, edge_folders(edges), strict=True):
        report(f"{site.site.name}: compiling for {folder}")
        compiled = edge.compile(manifest, files.__getitem__)
        files.update((f"edges/{folder}/{path}", content) for path, content in compiled.files.items())
        outputs.append(EdgeOutput(edge, folder, compiled))
    from ..preview import gallery

    findings = [*unshown, *gaps.findings(site, catalog, by_key), *gaps.hidden_scopes(site)] + [
        finding for output in outputs for finding in output.compiled.findings
    ]
    all_sites = tuple(one.site.name for one in settings.sites)
    states, places = states_of(settings, catalog, texts), own_places(settings, site, texts)
    data = gallery.gallery_data(
        shown,
        manifest,
        catalog.everything,
        texts,
        languages=[catalog.language(tag) for tag in shown.languages],
        edges=[gallery.GalleryEdge(one.folder, one.edge.kind, one.edge.profile) for one in outputs],
        sites=all_sites,
        states=states,
        places=places,
    )
    files[INDEX] = gallery.gallery_document(data)
    files[MANIFEST] = manifests.dumps(manifest)
    return SiteOutput(
        site, all_sites, tuple(entries), texts, manifest, tuple(outputs), files, tuple(findings), states, places
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """What a site's pages say, before any is made.

    ``shown`` is the site with the languages that pages are made in, ``texts`` by these what the pages say; ``by_key``
    has the languages without pages too.
    """

    shown: Site
    by_key: Mapping[str, Mapping[str, Entry]]
    texts: Mapping[str, Sequence[Entry]]


def draft_of(site: SiteSettings, catalog: Catalog) -> Draft:
    """What the pages of ``site`` say. Raises InvalidInput for languages that there are not, and for faulty texts."""
    gaps.check_languages(site, catalog)
    by_key = _texts(site, catalog)
    gaps.check_default_language(site, catalog, by_key)
    shown = dataclasses.replace(site.site, languages=gaps.with_pages(site, catalog, by_key))
    return Draft(shown, by_key, {tag: list(by_key[tag].values()) for tag in shown.languages})


def open_edges(settings: Settings, site: SiteSettings) -> list[Edge]:
    """The edges of ``site``. Raises InvalidInput for faulty tables, and where two name one place."""
    edges = [
        open_edge(table, f"{site.where}.edge[{index}]", site.host, settings.project)
        for index, table in enumerate(site.edges)
    ]
    _check_targets(edges)
    return edges


def profiles_of(edges: Iterable[Edge]) -> list[str]:
    """The profiles that ``edges`` serve, by name; the one that fills in nothing where there are none."""
    return sorted({edge.profile for edge in edges} or {"static"})


def _check_targets(edges: Sequence[Edge]) -> None:
    """Raise InvalidInput where two tables of a site name one place: each would put its rules over the other's."""
    faults = []
    seen: dict[str, str] = {}
    for edge in edges:
        for place in edge.places():
            if place.id and (first := seen.setdefault(place.name, edge.where)) != edge.where:
                _, name, identifier = place.name.split(" ")
                what, key = ("is", name) if edge.id else (f"has {identifier}, which is", "zones")
                message = (
                    f"{what} the {name} of {first.rpartition('.')[2]} too, and a site has one list of rules in each"
                )
                faults.append(Fault(f"{edge.where}.{key}", message))
    if faults:
        raise InvalidInput(faults, hint="make one table of both, or give the other one a site of its own: [site.NAME]")


def load_catalog(settings: Settings) -> Catalog:
    """The catalog of a project: what ships, overlaid with its own, in the languages that its sites ask for."""
    asked = {tag for one in settings.sites for tag in one.site.languages}
    return catalogs.load(settings.catalog_folders, asked, own=settings.has_own_catalog)


def _texts(site: SiteSettings, catalog: Catalog) -> dict[str, dict[str, Entry]]:
    """What each language of the site has texts for, by key, with the site's own texts."""
    texts = {tag: {entry.key: entry for entry in catalog.localised(tag)} for tag in site.site.languages}
    faults = []
    originals = {entry.key: entry for entry in catalog.everything}
    default = site.site.languages[0]
    for tag, tables in site.overrides.items():
        for key, own in tables.items():
            where = f"{site.where}.overrides.{key}" + (f".{tag}" if tag != default else "")
            if key not in originals:
                near = difflib.get_close_matches(key, originals, n=1)
                faults.append(Fault(where, "no such entry or family" + (f"; did you mean {near[0]}?" if near else "")))
                continue
            missing = [name for name in catalogs.TEXT_FIELDS if name not in own]
            if key not in texts[tag] and missing:
                message = f"there are no texts in {tag} that these could be laid over; give {', '.join(missing)} too"
                faults.append(Fault(where, message))
                continue
            for name, text in own.items():
                faults.extend(Fault(f"{where}.{name}", problem) for problem in catalogs.prose_problems(name, text))
            texts[tag][key] = _with_own(texts[tag].get(key, originals[key]), own)
    if faults:
        raise InvalidInput(faults, hint="correct errgen.toml and run the command again")
    if seconds := site.site.maintenance.retry_after:  # here, so that the page and the header say the same
        for entries in texts.values():
            if MAINTENANCE in entries:
                entries[MAINTENANCE] = dataclasses.replace(entries[MAINTENANCE], retryable=True, retry_after=seconds)
    return {tag: {key: entries[key] for key in originals if key in entries} for tag, entries in texts.items()}


def _with_own(entry: Entry, own: Mapping[str, str]) -> Entry:
    """``entry`` with the site's own texts, of which there may be some or all."""
    return dataclasses.replace(
        entry,
        title=own.get("title", entry.title),
        headline=own.get("headline", entry.headline),
        detail=own.get("detail", entry.detail),
        what_you_should_do=own.get("what_you_should_do", entry.what_you_should_do),
    )


def _pages(
    press: Press, draft: Draft, catalog: Catalog, profiles: Sequence[str], report: Callable[[str], None]
) -> tuple[list[Page], Sequence[Finding]]:
    """Every page, and what of the site's own is on none, or not on all."""
    from ..rendering.brand import absent_taglines
    from ..rendering.maintenance import absent_texts

    site = draft.shown
    renderer = press.renderer(site)
    pages: list[Page] = []
    for number, (tag, entries) in enumerate(draft.texts.items(), start=1):
        report(f"{site.name}: rendering {tag}, {number} of {len(draft.texts)}")
        language = catalog.language(tag)
        for entry in entries:
            for name in profiles:
                pages += press.pages(entry, language, PROFILES[name], site)
    unshown = renderer.findings(site, {page.path: len(page.content) for page in pages if page.format == "html"})
    nowhere = {finding.where for finding in unshown}  # said once: a theme without a tagline lacks it in all languages
    absent = [one for one in (*absent_taglines(site), *absent_texts(site)) if one.where not in nowhere]
    return pages, [*unshown, *absent]


def edge_folders(edges: Sequence[Edge]) -> list[str]:
    """``cloudflare``, and for a second edge of that kind ``cloudflare-2``."""
    seen: dict[str, int] = {}
    names = []
    for edge in edges:
        seen[edge.kind] = seen.get(edge.kind, 0) + 1
        names.append(edge.kind if seen[edge.kind] == 1 else f"{edge.kind}-{seen[edge.kind]}")
    return names


def pages_of(manifest: Manifest) -> dict[str, File]:
    """The manifest's pages by path."""
    return {file.path: file for file in manifest.files}
