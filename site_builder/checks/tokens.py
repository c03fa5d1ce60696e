"""What an edge fills in: tokens that would stay as they are, pages that show no reference, pages without a marker."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import PROFILES
from ..rendering import digest_with_blank_marker, marker_of
from ..rendering.tokens import strangers
from ._check import Problem, Spot, grouped, on_pages, page_check, site_check
from ._html import HtmlPage
from ._subject import Subject


@site_check("token", "error", "A token that the edge cannot fill in stays on the page as ::NOISE::.")
def token(subject: Subject) -> Iterator[Problem]:
    """Look-alikes of tokens in pages of a profile that has none of that name."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for file in subject.manifest.files:
        profile = PROFILES[file.profile]
        text = subject.read(file.path).decode("utf-8", "replace")
        for stranger in strangers(text, profile.tokens) if "::" in text else ():
            line = text.count("\n", 0, text.index(stranger)) + 1
            found.setdefault((stranger, file.profile), []).append((file.path, f"{file.path}:{line}"))
    for (stranger, name), places in found.items():
        template = subject.templates.place_of(stranger)
        fills = ", ".join(PROFILES[name].tokens) or "none"
        yield Problem(
            f"{stranger} stays in pages of the profile {name}, whose edges fill in: {fills}"
            + on_pages(len(places), places[0][1], in_place=template is None),
            template or places[0][1],
            "use page.ray_id, page.client_ip or page.region, which are None where an edge cannot fill them in",
        )


@site_check(
    "no-reference",
    "warning",
    "Cloudflare can write the Ray ID on a page; without it, support cannot find what happened to whom.",
)
def no_reference(subject: Subject) -> Iterator[Problem]:
    """HTML pages that do not show the reference that their edge could fill in."""
    ray_id = PROFILES[subject.profile].ray_id

    def find(page: HtmlPage) -> Iterator[Spot]:
        if ray_id and not any(ray_id in words for _, words in page.words):
            yield Spot("does not show the reference", hint='write  {% include "reference.html.j2" %}  where it belongs')

    yield from grouped(subject, find)


@page_check(
    "marker",
    "error",
    "By the marker in its head, publishing and verify know a live answer as a page of ours, minified or not.",
)
def marker(page: HtmlPage) -> Iterator[Spot]:
    """Pages without the marker, or with one that is not of their content."""
    found = marker_of(page.content)
    hint = 'write  <meta name="errgen" content="">  once, in <head>'
    if found is None:
        yield Spot("has no marker", hint=hint)
    elif found != digest_with_blank_marker(page.content):
        yield Spot("has a marker that is not of this page", hint=hint)


CHECKS = (token, no_reference, marker)
