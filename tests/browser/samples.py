"""Sites to look at in a browser: every theme that ships, with all that a site can say of itself."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from site_builder import settings
from site_builder.app import build
from site_builder.app.site import SiteOutput
from site_builder.rendering import themes

THEMES = tuple(theme.key for theme in themes([settings.shipped() / "templates"]))
LANGUAGES = ("en", "de", "ar")
"""One that most read, one with long words, one that runs from right to left."""
SAMPLE = (
    *("401", "403", "404", "429", "451", "500", "503", "522", "525", "1015", "1020"),
    *("4xx", "5xx", "access_denied", "dns", "origin", "maintenance"),
)
"""Entries and families that reach every block of a page; those that a language does not have are its families'."""

SETTINGS = """\
[site.default]
name = "Example & Söhne"
theme = "{theme}"
languages = [{languages}]
home = "https://example.com/"
contact = "mailto:support@example.com"
status_page = "https://status.example.com/"
sign_in = "https://example.com/login"
pages_url = "https://errors.example.com/pages/static"
script = {script}
{brand}
[site.default.maintenance]
from = 2026-12-01T22:00:00Z
until = 2026-12-02T02:30:00Z
time_zone = "Europe/Berlin"
retry_after = 1800
still_works = "Orders by phone, and everything that you have downloaded."

[[site.default.edge]]
kind = "cloudflare"
zone = "023e105f4ecef8ad9ca31a8372d0c353"

[[site.default.edge]]
kind = "netlify"
"""
LOGO = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32" width="120" height="32" role="img" aria-label="Example">
<path d="M4 4h24v24H4z" fill="currentColor"/><circle cx="48" cy="16" r="12" fill="none" stroke="currentColor"/></svg>
"""
BRAND = """\
logo = "logo.svg"
tagline = "Good things, since 1923"
colors = { accent = "#7a1fa2" }
"""


def write_project(folder: Path, theme: str, languages: tuple[str, ...], *, script: bool = False) -> None:
    """A project in ``theme`` with every setting that shows in a page."""
    tags = ", ".join(f'"{tag}"' for tag in languages)
    brand = BRAND if theme == "brand" else ""
    text = SETTINGS.format(theme=theme, languages=tags, script=str(script).lower(), brand=brand)
    (folder / "errgen.toml").write_text(text, "utf-8")
    (folder / "logo.svg").write_text(LOGO, "utf-8")


def site(theme: str, languages: tuple[str, ...] = LANGUAGES, *, script: bool = False) -> SiteOutput:
    """The site in memory, as a build would write it."""
    return _made(theme, languages, script)


@functools.lru_cache(maxsize=8)
def _made(theme: str, languages: tuple[str, ...], script: bool) -> SiteOutput:
    """Apart from ``site``, since a cache takes an argument that is left out for another one."""
    with tempfile.TemporaryDirectory(prefix="errgen-sample-") as name:
        write_project(Path(name), theme, languages, script=script)
        return build.outputs(Path(name))[0]


def sample(theme: str, language: str, profile: str = "cloudflare", *, script: bool = False) -> dict[str, bytes]:
    """The HTML of the sample's pages that there are in this language, by key."""
    files = site(theme, script=script).files
    found = {key: files.get(f"pages/{profile}/{language}/{key}.html") for key in SAMPLE}
    return {key: content for key, content in found.items() if content is not None}
