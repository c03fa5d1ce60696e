"""What a Content Security Policy by hashes blocks: handlers and styles in attributes."""

from __future__ import annotations

from collections.abc import Iterator

from ._check import Spot, page_check
from ._html import HtmlPage


@page_check(
    "inline-code",
    "warning",
    "A Content Security Policy by hashes, as the manifest lists them, blocks style and on… attributes and javascript: "
    "addresses.",
)
def inline_code(page: HtmlPage) -> Iterator[Spot]:
    """Attributes ``style`` and ``on…``, and ``javascript:`` addresses."""
    for element in page.elements:
        for name, value in element.attributes.items():
            if name == "style":
                hint = "give the element a class and style that in the stylesheet"
                yield Spot(f"has a style attribute on <{element.tag}>", element.line, element.raw, hint)
            elif name.startswith("on") and name.isalpha() and value.strip():
                hint = "add the handler in a <script>, or do without: a page has to work without scripts"
                yield Spot(f"has {name} on <{element.tag}>", element.line, element.raw, hint)
            elif value.strip().lower().startswith("javascript:"):
                hint = "use a link that works without scripts"
                yield Spot(f"has a javascript: address on <{element.tag}>", element.line, element.raw, hint)


CHECKS = (inline_code,)
