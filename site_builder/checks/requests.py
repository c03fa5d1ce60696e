"""Pages that ask a server for something, reload themselves, or say what referrer to send."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ._check import Spot, page_check
from ._html import Element, HtmlPage

_FETCHED = frozenset(
    (
        *("apple-touch-icon", "apple-touch-icon-precomposed", "compression-dictionary", "dns-prefetch", "icon"),
        *("manifest", "mask-icon", "modulepreload", "preconnect", "prefetch", "preload", "prerender", "stylesheet"),
    )
)
"""Relations of ``<link>`` that a browser follows by itself (HTML, link types); others lead somewhere."""

_SOURCES = {
    "src": ("audio", "embed", "frame", "iframe", "img", "input", "script", "source", "track", "video"),
    "srcset": ("img", "source"),
    "imagesrcset": ("link",),
    "poster": ("video",),
    "data": ("object",),
    "background": ("body", "table", "td", "th"),
    "manifest": ("html",),
}
_SVG_SOURCES = frozenset(
    ("cursor", "feimage", "filter", "image", "lineargradient", "mpath", "pattern", "script", "use")
)
_LOCAL = ("data:", "#", "about:", "blob:", "javascript:")
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_URL = re.compile(r"""\b(?:url|src)\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))\s*\)""", re.IGNORECASE)
_IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]+)""", re.IGNORECASE)
_IMAGE_SET = re.compile(r"""image-set\(\s*((?:[^()]|\([^()]*\))*)\)""", re.IGNORECASE)
_QUOTED = re.compile(r"""(?<!\()(?:"([^"]*)"|'([^']*)')(?!\s*\))""")

SELF_CONTAINED = "a page has to carry all it shows: write it into the page, as a data: address or as inline SVG"


@page_check(
    "external-request",
    "error",
    "A page that fetches a style, font, image or script shows nothing of it when the server it asks is the one that "
    "failed, and tells others who came.",
)
def external_request(page: HtmlPage) -> Iterator[Spot]:
    """Everything that a browser would fetch to show the page. Links that people choose are no requests."""
    for element in page.elements:
        for address in (*_fetched(element), *_in_css(_styling(element))):
            yield _spot(f"<{element.tag}>", address, element.line)
    for line, style in page.styles:
        for address in _in_css(style):
            yield _spot("the stylesheet", address, line)


@page_check(
    "referrer",
    "error",
    "Cloudflare asks that a page have no referrer meta tag, because its challenges fail with one.",
)
def referrer(page: HtmlPage) -> Iterator[Spot]:
    """Every ``<meta name="referrer">``."""
    for meta in page.all("meta"):
        if meta.get("name").lower() == "referrer":
            yield Spot(
                "has a referrer meta tag",
                meta.line,
                meta.raw,
                "remove it; a server can send the header Referrer-Policy instead",
            )


@page_check(
    "refresh",
    "error",
    "A page that reloads or leaves by itself takes away the time to read it (WCAG 2.2.1), and crowds a website that is "
    "already struggling.",
)
def refresh(page: HtmlPage) -> Iterator[Spot]:
    """Every ``<meta http-equiv="refresh">``."""
    for meta in page.all("meta"):
        if meta.get("http-equiv").lower() == "refresh":
            yield Spot(
                "reloads or leaves by itself",
                meta.line,
                meta.raw,
                "remove the refresh meta tag; a site's setting  script = true  adds tries that people can stop",
            )


def _spot(what: str, address: str, line: int) -> Spot:
    return Spot(f"{what} fetches {_short(address)}", line, address, SELF_CONTAINED)


def _fetched(element: Element) -> Iterator[str]:
    tag = element.tag
    for name, tags in _SOURCES.items():
        if tag in tags and (value := element.get(name)):
            addresses = _candidates(value) if name.endswith("srcset") else [value]
            yield from (address for address in addresses if _is_request(address))
    href = element.get("href") or element.get("xlink:href")
    relations = set(element.get("rel").lower().split())
    fetches = tag == "link" and not element.foreign and bool(relations & _FETCHED)
    if (fetches or (element.foreign and tag in _SVG_SOURCES)) and _is_request(href):
        yield href


def _candidates(srcset: str) -> list[str]:
    """The addresses of a ``srcset``. An address may have commas in it, but does not begin or end with one."""
    return [found.strip(",") for found in re.findall(r"[^\s,]\S*", srcset) if not re.fullmatch(r"[\d.]+[wxh],?", found)]


def _styling(element: Element) -> str:
    """What an element's attributes say in CSS: ``style``, and the presentation attributes of SVG."""
    return ";".join(value for name, value in element.attributes.items() if name == "style" or "url(" in value.lower())


def _in_css(css: str) -> Iterator[str]:
    if not css:
        return
    css = _COMMENT.sub(" ", css)
    found = [next(filter(None, groups), "") for groups in _URL.findall(css)]
    found += _IMPORT.findall(css)
    found += [double or single for images in _IMAGE_SET.findall(css) for double, single in _QUOTED.findall(images)]
    yield from dict.fromkeys(address.strip() for address in found if _is_request(address.strip()))


def _is_request(address: str) -> bool:
    return bool(address) and not address.lower().startswith(_LOCAL)


def _short(address: str) -> str:
    return address if len(address) <= 80 else f"{address[:79]}…"


CHECKS = (external_request, referrer, refresh)
