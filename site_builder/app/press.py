"""The press: renders pages, and keeps them as long as nothing that they are made of changes.

A build has one for itself. ``errgen watch`` keeps one between builds, so that a save renders what depends on it alone;
it takes a new one where a template has changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import EXTENSIONS, Entry, Language, Page, Profile, Site

if TYPE_CHECKING:
    from ..rendering import Renderer


@dataclass(frozen=True, slots=True)
class _Printed:
    """The pages of one entry for one profile, and what they are made of beside the templates."""

    entry: Entry
    language: Language
    site: Site
    pages: tuple[Page, ...]


class Press:
    """Pages in any theme of ``template_folders``, which are ``templates/`` roots, the project's own first.

    ``most`` is how many entries it keeps the pages of; all for None. It may be asked by several threads. Raises what
    ``Renderer`` raises, and what ``proceed`` does, which is called before anything is rendered.
    """

    def __init__(self, template_folders: Sequence[Path], most: int | None = None) -> None:
        self._folders = tuple(template_folders)
        self._most = most
        self.proceed: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._renderers: dict[str, Renderer] = {}
        self._printed: dict[tuple[str, str, str, str, str], _Printed] = {}
        self._languages: dict[tuple[str, str | None], Language] = {}
        self._sites: dict[tuple[str, str], Site] = {}

    def renderer(self, site: Site) -> Renderer:
        """The renderer of the site's theme."""
        from ..rendering import Renderer

        if site.theme not in self._renderers:
            where = f"errgen.toml: site.{site.name}.theme"
            self._renderers[site.theme] = Renderer(self._folders, site.theme, where=where)
        return self._renderers[site.theme]

    def files(self) -> dict[str, tuple[str, ...]]:
        """By theme the templates that it has read, each as its user knows it."""
        return {theme: (*one.files("html"), *one.files("markdown")) for theme, one in self._renderers.copy().items()}

    def pages(self, entry: Entry, language: Language, profile: Profile, site: Site) -> tuple[Page, ...]:
        """The pages of ``entry``, one for each format of the site."""
        with self._lock:
            key = (site.name, site.theme, language.site_tag, entry.key, profile.name)
            before = self._printed.get(key)
            if before and before.entry == entry and before.language == language and before.site == site:
                return before.pages
            language, site = self._known(language, site)
            if before and before.language is language and before.site is site and _says_the_same(before.entry, entry):
                pages = tuple(replace(page, entry=entry) for page in before.pages)
            else:
                pages = self._print(entry, language, profile, site)
            if len(self._printed) == self._most and before is None:
                del self._printed[next(iter(self._printed))]
            self._printed[key] = _Printed(entry, language, site, pages)
            return pages

    def keep_only(self, sites: Collection[Site], entries: Collection[Entry]) -> None:
        """Let go of pages in sites, themes and languages, and of entries, that are not among these."""
        brands = {(site.name, site.theme) for site in sites}
        folders = {(site.name, site.theme, tag) for site in sites for tag in site.languages}
        keys = {entry.key for entry in entries}
        with self._lock:
            self._printed = {key: one for key, one in self._printed.items() if key[:3] in folders and key[3] in keys}
            self._sites = {brand: site for brand, site in self._sites.items() if brand in brands}

    def _known(self, language: Language, site: Site) -> tuple[Language, Site]:
        """The equal ones that renderers have met before: they keep what they make of each."""
        names, brand = (language.tag, language.asked), (site.name, site.theme)
        if self._languages.get(names) != language:
            self._languages[names] = language
        if self._sites.get(brand) != site:
            self._sites[brand] = site
        return self._languages[names], self._sites[brand]

    def _print(self, entry: Entry, language: Language, profile: Profile, site: Site) -> tuple[Page, ...]:
        from ..rendering import csp_of

        self.proceed()
        tag = language.site_tag
        return tuple(
            Page(
                f"{profile.name}/{tag}/{entry.key}.{EXTENSIONS[form]}",
                entry,
                form,
                tag,
                profile.name,
                content,
                csp_of(content) if form == "html" else {},
            )
            for form, content in self.renderer(site).render(entry, language, profile, site).items()
        )


def _says_the_same(one: Entry, other: Entry) -> bool:
    """Whether two entries differ in the lines that they are written on and in nothing that a page shows."""
    return replace(one, source=other.source, weight=other.weight) == other
