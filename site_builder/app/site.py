"""One site in memory: its pages, its manifest and what its edges need, made from catalog, theme and settings."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import catalog as catalogs
from .. import manifest as manifests
from ..catalog.completeness import is_wanted
from ..edges import Edge, open_edge
from ..errors import Fault, InvalidInput
from ..model import EXTENSIONS, MAINTENANCE, PROFILES, Compiled, Entry, File, Finding, Manifest, Page

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..settings import Settings, SiteSettings

MANIFEST = "manifest.json"
INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class EdgeOutput:
    """One edge of a site, opened, and what it needs. ``folder`` is the name below ``edges/``."""

    edge: Edge
    folder: str
    compiled: Compiled


@dataclass(frozen=True, slots=True)
class SiteOutput:
    """Everything a build makes of one site. ``files`` is the whole tree below ``output/SITE``.

    ``texts`` is by language what its pages say, with the site's own texts.
    """

    settings: SiteSettings
    all_sites: tuple[str, ...]
    entries: tuple[Entry, ...]
    texts: Mapping[str, Sequence[Entry]]
    manifest: Manifest
    edges: tuple[EdgeOutput, ...]
    files: Mapping[str, bytes]
    findings: tuple[Finding, ...]

    def read(self, path: str) -> bytes:
        """The bytes of one file of the manifest."""
        return self.files[path]


def make(settings: Settings, site: SiteSettings, catalog: Catalog) -> SiteOutput:
    """Make one site in memory. Touches no disk but the templates. Raises InvalidInput with every fault it finds."""
    edges = [
        open_edge(table, f"{site.where}.edge[{index}]", site.host, settings.project)
        for index, table in enumerate(site.edges)
    ]
    _check_languages(site, catalog)
    texts = _texts(site, catalog)
    default = {entry.key: entry for entry in texts[site.site.languages[0]]}
    entries = [default.get(entry.key, entry) for entry in catalog.everything]
    pages, unshown = _pages(settings, site, catalog, texts, sorted({edge.profile for edge in edges} or {"static"}))
    manifest = manifests.build(pages, site.site)
    files = {f"pages/{page.path}": page.content for page in pages}
    outputs = []
    for edge, folder in zip(edges, _edge_folders(edges), strict=True):
        compiled = edge.compile(manifest, files.__getitem__)
        files.update((f"edges/{folder}/{path}", content) for path, content in compiled.files.items())
        outputs.append(EdgeOutput(edge, folder, compiled))
    from ..preview.index import render_index

    findings = [*unshown, *_fallbacks(site, catalog)] + [
        finding for output in outputs for finding in output.compiled.findings
    ]
    files[INDEX] = render_index(manifest, entries, site.site)
    files[MANIFEST] = manifests.dumps(manifest)
    all_sites = tuple(one.site.name for one in settings.sites)
    return SiteOutput(site, all_sites, tuple(entries), texts, manifest, tuple(outputs), files, tuple(findings))


def load_catalog(settings: Settings) -> Catalog:
    """The catalog of a project: what ships, overlaid with its own, in the languages that its sites ask for."""
    asked = {tag for one in settings.sites for tag in one.site.languages}
    return catalogs.load(settings.catalog_folders, asked, own=settings.has_own_catalog)


def _texts(site: SiteSettings, catalog: Catalog) -> dict[str, list[Entry]]:
    """What each language of the site has texts for, with the site's own texts."""
    texts = {tag: {entry.key: entry for entry in catalog.localised(tag)} for tag in site.site.languages}
    faults = []
    known = [entry.key for entry in catalog.everything]
    default = site.site.languages[0]
    for tag, tables in site.overrides.items():
        for key, own in tables.items():
            where = f"{site.where}.overrides.{key}" + (f".{tag}" if tag != default else "")
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                faults.append(Fault(where, "no such entry or family" + (f"; did you mean {near[0]}?" if near else "")))
                continue
            if key not in texts[tag]:
                faults.append(Fault(where, f"there are no texts in {tag} that these could be laid over"))
                continue
            for name, text in own.items():
                faults.extend(Fault(f"{where}.{name}", problem) for problem in catalogs.prose_problems(name, text))
            entry = texts[tag][key]
            texts[tag][key] = dataclasses.replace(
                entry,
                title=own.get("title", entry.title),
                headline=own.get("headline", entry.headline),
                detail=own.get("detail", entry.detail),
                what_you_should_do=own.get("what_you_should_do", entry.what_you_should_do),
            )
    if faults:
        raise InvalidInput(faults, hint="correct errgen.toml and run the command again")
    if seconds := site.site.maintenance.retry_after:  # here, so that the page and the header say the same
        for entries in texts.values():
            if MAINTENANCE in entries:
                entries[MAINTENANCE] = dataclasses.replace(entries[MAINTENANCE], retryable=True, retry_after=seconds)
    return {tag: list(entries.values()) for tag, entries in texts.items()}


def _check_languages(site: SiteSettings, catalog: Catalog) -> None:
    """Raise InvalidInput for a language that there is not, and where the default language lacks a family."""
    faults = [
        Fault(
            f"{site.where}.languages[{index}]",
            f"there is no language '{tag}' in the catalog, nor one that could stand in for it; there are: "
            f"{', '.join(catalog.available)}",
        )
        for index, tag in enumerate(site.site.languages)
        if catalog.resolve(tag) is None
    ]
    if faults:
        raise InvalidInput(faults, hint="add catalog/languages/TAG.yaml to the project, or remove the language")
    default = site.site.languages[0]
    present = {entry.key for entry in catalog.localised(default)}
    absent = [family.key for family in catalog.families if family.key not in present]
    if absent:
        raise InvalidInput(
            [
                Fault(
                    f"{site.where}.languages[0]",
                    f"the default language, {default}, has no texts for the families {', '.join(absent)}, and every "
                    "error without a page of its own is answered by one",
                )
            ],
            hint=f"translate them in catalog/languages/{default}.yaml, or put another language first",
        )


def _pages(
    settings: Settings,
    site: SiteSettings,
    catalog: Catalog,
    texts: Mapping[str, Sequence[Entry]],
    profiles: Sequence[str],
) -> tuple[list[Page], Sequence[Finding]]:
    """Every page, and what the theme does not show of the site."""
    from ..rendering import Renderer, csp_of

    renderer = Renderer(settings.template_folders, site.site.theme, where=f"{site.where}.theme")
    pages = []
    for tag, entries in texts.items():
        language = catalog.language(tag)
        for entry in entries:
            for name in profiles:
                for form, content in renderer.render(entry, language, PROFILES[name], site.site).items():
                    path = f"{name}/{tag}/{entry.key}.{EXTENSIONS[form]}"
                    csp = csp_of(content) if form == "html" else {}
                    pages.append(Page(path, entry, form, tag, name, content, csp))
    return pages, renderer.findings(site.site)


def _edge_folders(edges: Sequence[Edge]) -> list[str]:
    """``cloudflare``, and for a second edge of that kind ``cloudflare-2``."""
    seen: dict[str, int] = {}
    names = []
    for edge in edges:
        seen[edge.kind] = seen.get(edge.kind, 0) + 1
        names.append(edge.kind if seen[edge.kind] == 1 else f"{edge.kind}-{seen[edge.kind]}")
    return names


def _fallbacks(site: SiteSettings, catalog: Catalog) -> list[Finding]:
    """What a language does not have, and what stands in for it."""
    findings = []
    for index, tag in enumerate(site.site.languages):
        where = f"{site.where}.languages[{index}]"
        resolved = catalog.resolve(tag) or tag
        if resolved != tag:
            findings.append(
                Finding(
                    id="language-stands-in",
                    severity="info",
                    message=f"there are no texts in {tag}; its pages are in {resolved}",
                    where=where,
                    hint=f"write what differs in catalog/languages/{tag}.yaml",
                )
            )
        if borrowed := catalog.borrowed.get(resolved):
            findings.append(
                Finding(
                    id="interface-incomplete",
                    severity="warning",
                    message=f"catalog/languages/{resolved}.yaml lacks {len(borrowed)} strings of the interface, which "
                    f"are in English on pages in {tag}: {_some(borrowed)}",
                    where=where,
                    hint=f"see what is missing with: errgen translate {resolved}",
                )
            )
        present = {entry.key for entry in catalog.localised(tag)}
        absent = [entry for entry in catalog.entries if entry.key not in present]
        for wanted in (True, False):
            keys = [entry.key for entry in absent if is_wanted(entry) is wanted]
            if keys:
                whose = "entries" if wanted else "entries that are Cloudflare's own"
                findings.append(
                    Finding(
                        id="untranslated",
                        severity="warning" if wanted else "info",
                        message=f"{len(keys)} {whose} have no texts in {tag} and are answered by families, or in the "
                        f"default language where a family has none either: {_some(keys)}",
                        where=where,
                        hint=f"translate them in catalog/languages/{resolved}.yaml",
                    )
                )
    return findings


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def pages_of(manifest: Manifest) -> dict[str, File]:
    """The manifest's pages by path."""
    return {file.path: file for file in manifest.files}
