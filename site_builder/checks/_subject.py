"""What checks look at: one site as it would be built, and the files it is made from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..catalog import Catalog
from ..catalog.completeness import Completeness, completeness
from ..catalog.contents import DEFAULT_LANGUAGE, PSEUDO_LANGUAGE, TEXT_FIELDS
from ..catalog.states import read_states
from ..languages import fallback_chain
from ..model import Entry, File, Manifest
from ..rendering.theme import Theme, find_theme
from ..settings import SiteSettings
from ._html import HtmlPage, parse
from ._sources import CatalogLines, TemplateLines


def silent(_: str) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Subject:
    """One site in memory.

    ``texts`` is by language what its pages say, with the site's own texts. ``read`` gives a page's bytes by its path
    in the manifest. The folders are those of ``Settings``.
    """

    project: Path
    catalog_folders: Sequence[Path]
    template_folders: Sequence[Path]
    settings: SiteSettings
    catalog: Catalog
    texts: Mapping[str, Sequence[Entry]]
    manifest: Manifest
    read: Callable[[str], bytes]
    report: Callable[[str], None] = silent

    @cached_property
    def profile(self) -> str:
        """The profile whose pages are looked at: Cloudflare's where there is it, for its pages have most on them."""
        return min((file.profile for file in self.manifest.files), default="static")

    @cached_property
    def html(self) -> tuple[HtmlPage, ...]:
        """Every HTML page of one profile, each parsed once."""
        self.report(f"{self.settings.site.name}: reading the pages")
        return tuple(
            parse(self.read(file.path), file)
            for file in self.manifest.files
            if file.format == "html" and file.profile == self.profile
        )

    @cached_property
    def entries(self) -> Mapping[tuple[str, str], Entry]:
        """What the pages say by language and key."""
        return {(tag, entry.key): entry for tag, entries in self.texts.items() for entry in entries}

    @cached_property
    def templates(self) -> TemplateLines:
        """The theme's files, to find the line that wrote something."""
        return TemplateLines(self.template_folders, self.theme)

    @cached_property
    def theme(self) -> Theme:
        """The theme of the site."""
        return find_theme(self.template_folders, self.settings.site.theme, f"{self.settings.where}.theme")

    @cached_property
    def lines(self) -> CatalogLines:
        """The catalog's files, to find the line of a word."""
        return CatalogLines(self.catalog_folders, self.project)

    @cached_property
    def completeness(self) -> tuple[Completeness, ...]:
        """How complete each language of the site is that is a translation, in the site's order."""
        tags = dict.fromkeys(self.catalog.resolve(tag) or tag for tag in self.settings.site.languages)
        return tuple(
            completeness(
                self.catalog, tag, read_states(self.catalog_folders, fallback_chain(tag, self.catalog.available))
            )
            for tag in tags
            if tag not in (DEFAULT_LANGUAGE, PSEUDO_LANGUAGE)
        )

    @cached_property
    def json(self) -> tuple[tuple[File, object], ...]:
        """Every JSON page of one profile with what it holds: a ValueError where that cannot be read."""
        return tuple(
            (file, _json(self.read(file.path)))
            for file in self.manifest.files
            if file.format == "json" and file.profile == self.profile
        )

    def all_texts(self) -> Iterator[tuple[str, Entry, str, str]]:
        """Language, entry, field and text of everything that people read on the pages."""
        for tag, entries in self.texts.items():
            for entry in entries:
                for name in TEXT_FIELDS:
                    yield tag, entry, name, getattr(entry, name)

    def place_of_text(self, tag: str, entry: Entry, name: str, needle: str = "") -> str:
        """Where a text of a page is written: its key in errgen.toml, or the line of the catalog that has ``needle``."""
        own = self.settings.place_of_own(tag, entry.key, name)
        return own or self.lines.place_of(entry.source, name, needle)

    def place_of_string(self, tag: str, key: str) -> str:
        """Where a string of the interface is written."""
        return self.lines.place_of_string(tag, key)


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except ValueError as error:
        return error
