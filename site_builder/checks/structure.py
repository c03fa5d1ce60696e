"""What a page needs so that people find their way in it: language, title, headings, a main part, room to zoom."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .. import languages
from ._check import Problem, Spot, grouped, page_check, site_check
from ._html import HtmlPage
from ._subject import Subject

ROOT_HINT = 'write  <html lang="{{ page.lang }}" dir="{{ page.dir }}">'
_WRITTEN = {"ltr": "from left to right", "rtl": "from right to left"}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SMALLEST_ZOOM = 2.0
"""WCAG 1.4.4 asks that text can be enlarged to twice its size."""


@site_check(
    "lang",
    "error",
    "Without the right lang attribute, a screen reader speaks a page with the sounds of another language (WCAG 3.1.1).",
)
def lang(subject: Subject) -> Iterator[Problem]:
    """Pages whose ``lang`` is missing, or is not the language that their words are in."""
    allowed = {tag: (tag, subject.catalog.resolve(tag)) for tag in subject.manifest.languages}

    def find(page: HtmlPage) -> Iterator[Spot]:
        root = next(page.all("html"), None)
        if root is None or not root.get("lang"):
            yield Spot("has no lang on <html>", root.line if root else 1, root.raw if root else "", ROOT_HINT)
        elif root.get("lang") not in allowed.get(page.file.language, (page.file.language,)):
            message = f'says lang="{root.get("lang")}", and it is the page for {page.file.language}'
            yield Spot(message, root.line, root.raw, ROOT_HINT)

    yield from grouped(subject, find)


@page_check("dir", "error", "Arabic and Hebrew read from right to left; without dir, sentences come out in pieces.")
def direction(page: HtmlPage) -> Iterator[Spot]:
    """Pages whose ``dir`` is not the direction of their language."""
    root = next(page.all("html"), None)
    if root is None:
        return  # lang says so
    wanted, found = languages.direction(page.file.language), root.get("dir").lower()
    if found != wanted and (found or wanted == "rtl"):
        says = f'says dir="{found}"' if found else "has no dir on <html>"
        message = f"{says}, and {page.file.language} is written {_WRITTEN[wanted]}"
        yield Spot(message, root.line, root.raw, ROOT_HINT)


@page_check(
    "title", "error", "A page's title is the first thing a screen reader says, and the name of its tab (WCAG 2.4.2)."
)
def title(page: HtmlPage) -> Iterator[Spot]:
    """Pages without a title, or with an empty one."""
    found = next(page.all("title"), None)
    if found is None:
        yield Spot("has no <title>", hint="write  <title>{{ page.document_title }}</title>  into its <head>")
    elif not found.text.strip():
        yield Spot("has an empty <title>", found.line, found.raw, "write  {{ page.document_title }}  into it")


@page_check("h1", "error", "One h1 says what happened; people who hear a page jump to it.")
def h1(page: HtmlPage) -> Iterator[Spot]:
    """Pages with no h1, with several, or with an empty one."""
    found = list(page.all("h1"))
    if not found:
        yield Spot("has no <h1>", hint="write  <h1>{{ page.headline }}</h1>")
    elif len(found) > 1:
        message = f"has {len(found)} <h1> elements"
        yield Spot(message, found[1].line, found[1].raw, "keep the one that says what happened, make the others <h2>")
    elif not found[0].text.strip() and not found[0].get("aria-label"):
        yield Spot("has an empty <h1>", found[0].line, found[0].raw, "write  {{ page.headline }}  into it")


@page_check("headings", "error", "Headings are the outline of a page for those who hear it; a level left out misleads.")
def headings(page: HtmlPage) -> Iterator[Spot]:
    """Headings that are more than one level below the one before."""
    before = 0
    for element in page.all(*_HEADINGS):
        level = int(element.tag[1])
        if level > before + 1 and (before or level > 1):
            after = f"after <h{before}>" if before else "as the first heading"
            message = f"has <{element.tag}> {after}, which leaves out <h{before + 1}>"
            yield Spot(
                message, element.line, element.raw, f"make it <h{before + 1}> and set its size in the stylesheet"
            )
        before = level


@page_check("main", "error", "The main landmark lets people who hear a page skip to what it is about.")
def main(page: HtmlPage) -> Iterator[Spot]:
    """Pages with no ``<main>``, or with several."""
    found = [one for one in page.elements if not one.foreign and (one.tag == "main" or one.get("role") == "main")]
    if not found:
        yield Spot("has no <main>", hint="put what the page is about into <main>…</main>")
    elif len(found) > 1:
        yield Spot(f"has {len(found)} main parts", found[1].line, found[1].raw, "keep one of them")


@page_check(
    "viewport", "error", "People who need large text must be able to zoom, on a phone too (WCAG 1.4.4, 1.4.10)."
)
def viewport(page: HtmlPage) -> Iterator[Spot]:
    """A viewport that is missing or forbids zoom."""
    hint = 'write  <meta name="viewport" content="width=device-width, initial-scale=1">'
    found = next((one for one in page.all("meta") if one.get("name").lower() == "viewport"), None)
    if found is None:
        yield Spot("has no viewport, so that a phone shows it as a small picture of a wide page", hint=hint)
        return
    pairs = (part.partition("=") for part in re.split("[,;]", found.get("content").lower()))
    values = {name.strip(): value.strip() for name, _, value in pairs}
    if values.get("user-scalable") in ("no", "0"):
        yield Spot("has a viewport that forbids zoom with user-scalable", found.line, found.raw, hint)
    elif re.fullmatch(r"[\d.]+", values.get("maximum-scale", "")) and _number(values["maximum-scale"]) < _SMALLEST_ZOOM:
        message = f"has a viewport that limits zoom to maximum-scale={values['maximum-scale']}"
        yield Spot(message, found.line, found.raw, hint)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:  # «1.2.3»: browsers ignore it
        return _SMALLEST_ZOOM


CHECKS = (lang, direction, title, h1, headings, main, viewport)
