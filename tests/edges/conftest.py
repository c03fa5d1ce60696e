"""Small sites as an edge sees them: a manifest and the bytes of its pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from site_builder import manifest as manifests
from site_builder.model import EXTENSIONS, FORMATS, Entry, Format, Manifest, Page, Site, Source

BASE = Entry(
    key="404",
    code=404,
    codes=((404, 404),),
    catch_all=False,
    status=None,
    serve_status=None,
    error_name="name",
    title="Title",
    headline="Headline",
    category=None,
    detail="Detail",
    what_you_should_do="**Wait.**",
    retryable=None,
    retry_after=None,
    owner_action_required=None,
    who_acts="visitor",
    documentation=None,
    weight=1.0,
    source=Source("test", 1),
)


def an_entry(key: str, *codes: tuple[int, int], **changes: Any) -> Entry:
    """An entry for ``an_entry("404")``, a family for ``an_entry("origin", (520, 524))``, a catch-all for ``"4xx"``."""
    code = int(key) if key.isdecimal() else None
    spans = codes or ((int(key), int(key)),)
    return dataclasses.replace(BASE, key=key, code=code, codes=spans, catch_all=key.endswith("xx"), **changes)


@dataclass(frozen=True)
class Built:
    """A manifest, and the bytes of its pages by their paths in it."""

    manifest: Manifest
    pages: Mapping[str, bytes]

    def read(self, path: str) -> bytes:
        return self.pages[path]


def build_site(
    entries: Iterable[Entry],
    *,
    languages: tuple[str, ...] = ("en",),
    profile: str = "cloudflare",
    contents: Mapping[str, bytes] | None = None,
    formats: tuple[Format, ...] = FORMATS,
) -> Built:
    """A site with every entry in all formats and languages. ``contents`` replaces pages: ``en/404.json`` -> bytes."""
    special = contents or {}
    pages = []
    for entry in entries:
        for language in languages:
            for form in formats:
                name = f"{language}/{entry.key}.{EXTENSIONS[form]}"
                text = special.get(
                    name, f"{language} {entry.key} as {'json' if form == 'problem' else form}\n".encode()
                )
                pages.append(Page(f"{profile}/{name}", entry, form, language, profile, text))
    site = Site("default", "Example", "plain", languages, "https://example.com/")
    return Built(manifests.build(pages, site), {f"pages/{page.path}": page.content for page in pages})


@pytest.fixture
def site() -> Callable[..., Any]:
    return build_site


@pytest.fixture
def entry() -> Callable[..., Entry]:
    return an_entry


CATCH_ALLS = {"4xx": (400, 499), "5xx": (500, 599), "1xxx": (1000, 1999)}
FAMILIES = {
    "origin": ((520, 524),),
    "ssl": ((525, 526),),
    "access_denied": ((1005, 1010), (1012, 1012), (1106, 1109)),
    "rate_limit": ((1015, 1015), (1025, 1025), (1027, 1027), (1200, 1200)),
    "worker": ((1042, 1042), (1100, 1105)),
}
CODES = (
    *range(400, 419),
    *(421, 422, 423, 424, 425, 426, 428, 429, 431, 451),
    *(500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511),
    *(520, 521, 522, 523, 524, 525, 526, 527, 530),
    *(1000, 1001, 1005, 1006, 1007, 1008, 1009, 1010, 1012, 1015, 1016, 1020, 1025, 1027, 1033, 1042, 1101, 1102, 1200),
)
WEIGHTS = {
    404: 400.0,
    403: 90.0,
    500: 80.0,
    503: 70.0,
    502: 60.0,
    429: 50.0,
    1015: 45.0,
    522: 40.0,
    504: 30.0,
    1020: 20.0,
}


def large_entries() -> list[Entry]:
    """As many entries as a real catalog has, or nearly."""
    entries = [an_entry(str(code), weight=WEIGHTS.get(code, 1.0)) for code in CODES]
    entries += [an_entry(key, *codes, weight=5.0) for key, codes in FAMILIES.items()]
    return entries + [an_entry(key, codes, weight=10.0) for key, codes in CATCH_ALLS.items()]


MAINTENANCE = an_entry("maintenance", (500, 599), serve_status=503)


@pytest.fixture(scope="session")
def large_site() -> Built:
    """As many pages as a real catalog has, or nearly, without one for planned work."""
    return build_site(large_entries())


@pytest.fixture(scope="session")
def maintained_site() -> Built:
    """The same with one for planned work."""
    return build_site([*large_entries(), MAINTENANCE])
