"""The gallery: every page of a site as one web page to look through, alone or served by ``errgen watch``.

``gallery_data`` says what there is, ``gallery_document`` puts it into one HTML file with its script and its style. It
asks for nothing but the pages, which are beside it, and for the rest only where it is served live.
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from ..model import EXTENSIONS, MEDIA_TYPES, Entry, Format, Language, Manifest, Site, codes_text
from ..rendering import PAGE_BUDGET

ASSETS = Path(__file__).parent / "assets"
SCRIPT = "gallery.js"
"""The module that the others are imported from, itself or by another."""
LABELS: Mapping[Format, str] = {
    "html": "HTML",
    "json": "JSON",
    "problem": "Problem",
    "markdown": "Markdown",
    "text": "Text",
    "xml": "XML",
}

_IMPORT = re.compile(r'^import .* from "\./([a-z_]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|let|class) )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class GalleryEdge:
    """An edge as the gallery lists it: ``name`` is its folder below ``edges/``, ``kind`` what errgen.toml says."""

    name: str
    kind: str
    profile: str


@dataclass(frozen=True, slots=True)
class GalleryTheme:
    """A theme that pages can be looked at in: its folder, and its name where theme.yaml could be read."""

    key: str
    name: str = ""


def gallery_data(
    site: Site,
    manifest: Manifest,
    originals: Sequence[Entry],
    texts: Mapping[str, Sequence[Entry]],
    *,
    languages: Sequence[Language],
    edges: Sequence[GalleryEdge],
    sites: Sequence[str],
    themes: Sequence[GalleryTheme] = (),
    states: Mapping[str, Mapping[str, str]],
    places: Mapping[str, Mapping[str, Sequence[str]]],
) -> dict[str, Any]:
    """What the gallery shows, for JSON; that of a build, to which ``errgen watch`` adds what is live.

    ``originals`` are all entries and families as they were written first, ``texts`` what they say by language, those
    without pages too. ``languages`` are what one can look at, the site's own first; without ``themes`` only the site's.
    ``states`` has by language and key how far a translation has come: ``reviewed``, ``draft`` or ``stale``. ``places``
    has the lines of those texts that are not, or not all, on the line of their entry. A text that is absent is answered
    by a family or in the default language.
    """
    by_key: dict[str, dict[str, Any]] = {entry.key: {} for entry in originals}
    originals_by_key = {entry.key: entry for entry in originals}
    for tag, entries in texts.items():
        known, own = states.get(tag, {}), places.get(tag, {})
        for entry in entries:
            by_key[entry.key][tag] = {
                "title": entry.title,
                "headline": entry.headline,
                "detail": entry.detail,
                "what_you_should_do": entry.what_you_should_do,
                "state": text_state(entry, originals_by_key[entry.key], known),
                "sources": own.get(entry.key, [str(entry.source)]),
            }
    formats = [form for form in EXTENSIONS if any(file.format == form for file in manifest.files)]
    return {
        "live": False,
        "version": 0,
        "site": site.name,
        "sites": list(sites),
        "title": site.title,
        "theme": manifest.theme,
        "themes": [
            {"key": theme.key, "name": theme.name or theme.key} for theme in themes or [GalleryTheme(manifest.theme)]
        ],
        "languages": [
            {"tag": one.site_tag, "direction": one.direction, "built": one.site_tag in manifest.languages}
            for one in languages
        ],
        "profiles": sorted({file.profile for file in manifest.files}),
        "edges": [{"name": edge.name, "kind": edge.kind, "profile": edge.profile} for edge in edges],
        "formats": [
            {
                "key": form,
                "extension": EXTENSIONS[form],
                "label": LABELS[form],
                "media_type": MEDIA_TYPES[form],
                "budget": PAGE_BUDGET,
            }
            for form in formats
        ],
        "entries": [_entry_data(entry, by_key[entry.key]) for entry in originals],
        "pages": {
            file.path.removeprefix("pages/"): {"bytes": file.bytes, "sha256": file.sha256[:16]}
            for file in manifest.files
        },
    }


def text_state(entry: Entry, original: Entry, states: Mapping[str, str]) -> str:
    """How far the text of a page has come; ``states`` has that of translations by key."""
    return "original" if entry.source == original.source else states.get(entry.key, "draft")


def _entry_data(entry: Entry, texts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": entry.key,
        "code": entry.code,
        "codes": codes_text(entry.codes),
        "catch_all": entry.catch_all,
        "category": entry.category,
        "who_acts": entry.who_acts,
        "retryable": entry.retryable,
        "retry_after": entry.retry_after,
        "status": entry.serve_status or entry.status,
        "source": str(entry.source),
        "texts": texts,
    }


def gallery_document(data: Mapping[str, Any]) -> bytes:
    """The whole gallery as one file of HTML."""
    frame, style, script, policy = _parts()
    text = _dumps(data).replace("<", "\\u003c")
    values = {"TITLE": escape(str(data["title"])), "POLICY": policy, "STYLE": style, "SCRIPT": script, "DATA": text}
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: values[found[1]], frame).encode()


def _dumps(data: Mapping[str, Any]) -> str:
    """``data`` as JSON. Its pages are thousands and of one shape, which is written three times as fast by hand."""
    rest = {name: value for name, value in data.items() if name != "pages"}
    pages = ",".join(
        f'"{path}":{{"bytes":{page["bytes"]},"sha256":"{page["sha256"]}"}}' for path, page in data["pages"].items()
    )
    return f'{{"pages":{{{pages}}},{json.dumps(rest, ensure_ascii=False, separators=(",", ":"))[1:]}'


@lru_cache(maxsize=1)
def _parts() -> tuple[str, str, str, str]:
    """The document around the data, the style, the script, and the policy that allows these two and no other site."""
    frame = (ASSETS / "gallery.html").read_text("utf-8")
    style = "\n" + (ASSETS / "gallery.css").read_text("utf-8")
    script = "\n" + _bundle(SCRIPT, {})
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_hash_source(style)}'",
            f"script-src '{_hash_source(script)}'",
            "frame-src 'self' file:",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return frame, style, script, policy


def _bundle(name: str, done: dict[str, str]) -> str:
    """A module after those that it imports, each once, as one module: what they export is in the same scope there.

    An import is one line, of a file beside it, and no two modules have a name of their own in common.
    """
    source = (ASSETS / name).read_text("utf-8")
    done[name] = ""
    before = "".join(_bundle(other, done) for other in _IMPORT.findall(source) if other not in done)
    return before + _EXPORT.sub("", _IMPORT.sub("", source))


def _hash_source(text: str) -> str:
    """The hash source of an inline element (CSP Level 3, section 2.3.1)."""
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()
