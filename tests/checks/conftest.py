"""A site for checks to look at, each part of which a test can replace."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pytest

from site_builder import catalog, settings
from site_builder.catalog import Catalog
from site_builder.checks import Subject, all_checks
from site_builder.model import (
    EXTENSIONS,
    MEDIA_TYPES,
    Entry,
    File,
    Finding,
    Format,
    Manifest,
    Rule,
    Site,
    Source,
)
from site_builder.rendering.marker import BLANK, marked
from site_builder.settings import CheckSettings, SiteSettings

PAGE = f"""<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>We can’t find that page – Example</title>
{BLANK}
<link rel="icon" href="data:,">
<link rel="alternate" type="application/json" href="404.json"><style>:root {{ --ink: #111; --paper: #fff }}</style>
<style>p {{ background: url(data:image/png;base64,AA==) }} a {{ fill: url("#dots") }}</style>
</head>
<body>
<main id="top">
<h1>We can’t find that page</h1>
<svg viewBox="0 0 1 1"><title>Dots</title><defs><pattern id="dots"/></defs><use href="#dots"/></svg>
<h2>What you can do</h2>
<p>Check the address. <a href="https://example.com/">Home</a> <a href="#top">Up</a></p>
<img src="data:image/png;base64,AA==" alt="">
<p>Reference <code>::RAY_ID::</code></p>
</main>
</body>
</html>
"""
"""A page in which no check finds anything."""

NOT_FOUND = Entry(
    key="404",
    code=404,
    codes=((404, 404),),
    catch_all=False,
    status=404,
    serve_status=None,
    error_name="not_found",
    title="Not Found",
    headline="We can’t find that page",
    category="client",
    detail="There is nothing at this address.",
    what_you_should_do="**Check the address.** Trying again does not help.",
    retryable=False,
    retry_after=None,
    owner_action_required=False,
    who_acts="visitor",
    documentation="https://example.com/404",
    weight=40.0,
    source=Source("catalog/mine.yaml", 2),
)
GONE = dataclasses.replace(
    NOT_FOUND,
    key="410",
    code=410,
    codes=((410, 410),),
    status=410,
    error_name="gone",
    title="Gone",
    headline="This page was removed",
    detail="It was here once.",
    what_you_should_do="**Go on from the home page.** It does not come back.",
    documentation="https://example.com/410",
    source=Source("catalog/mine.yaml", 12),
)
BARE = "name: Bare\ndescription: Nothing but words.\ncontrast:\n  text: [ink on paper]\n"
PROBLEM = '{"type": "https://example.com/404", "title": "Not Found", "status": 404, "error_code": 404}\n'


@lru_cache(maxsize=1)
def shipped_catalog() -> Catalog:
    """The catalog that ships."""
    return catalog.load([settings.shipped() / "catalog"])


@dataclass
class World:
    """One site. ``html`` and ``files`` are its pages: HTML by key of the entry, and any other by path below pages/."""

    project: Path
    html: dict[str, str] = field(default_factory=lambda: {"404": PAGE})
    files: dict[str, str | bytes] = field(default_factory=dict)
    profile: str = "cloudflare"
    language: str = "en"
    texts: Mapping[str, tuple[Entry, ...]] = field(default_factory=lambda: {"en": (NOT_FOUND, GONE)})
    rules: tuple[Rule, ...] = ()
    site: Site = field(default_factory=lambda: Site("default", "Example", "bare", ("en",), "https://example.com/"))
    check: CheckSettings = field(default_factory=CheckSettings)
    overrides: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    catalog: Catalog = field(default_factory=shipped_catalog)

    def change(self, old: str, new: str, key: str = "404") -> World:
        """Replace something in the HTML of one page; it must be there."""
        before = self.html.get(key, PAGE)
        assert old in before
        self.html[key] = before.replace(old, new)
        return self

    def write(self, path: str, text: str) -> World:
        """Write a file of the project."""
        file = self.project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return self

    def subject(self) -> Subject:
        """The site as checks see it."""
        pages: dict[str, bytes] = {
            f"pages/{self.profile}/{self.language}/{key}.html": marked(text) if BLANK in text else text.encode()
            for key, text in self.html.items()
        }
        for path, content in self.files.items():
            pages[f"pages/{path}"] = content.encode() if isinstance(content, str) else content
        files = tuple(_file(path, pages[path]) for path in sorted(pages))
        return Subject(
            project=self.project,
            catalog_folders=(settings.shipped() / "catalog", self.project / "catalog"),
            template_folders=(self.project / "templates",),
            settings=SiteSettings(self.site, None, (), self.overrides, self.check),
            catalog=self.catalog,
            texts=self.texts,
            manifest=Manifest("default", self.site.theme, self.site.languages, files, self.rules, ""),
            read=pages.__getitem__,
        )

    def findings(self, name: str) -> list[Finding]:
        """What one check says."""
        return next(check for check in all_checks() if check.id == name).run(self.subject())


def _file(path: str, content: bytes) -> File:
    _, profile, language, name = path.split("/")
    key, _, extension = name.partition(".")
    form: Format = next(form for form, wanted in EXTENSIONS.items() if wanted == extension)
    return File(
        path,
        hashlib.sha256(content).hexdigest(),
        len(content),
        MEDIA_TYPES[form],
        form,
        language,
        profile,
        key,
        int(key) if key.isdigit() else None,
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A site in which no check finds anything."""
    return World(tmp_path).write("templates/bare/theme.yaml", BARE)
