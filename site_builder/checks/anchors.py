"""Links within a page, and the names they lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

from ._check import Spot, page_check
from ._html import HtmlPage

_REFERENCES = ("aria-controls", "aria-describedby", "aria-details", "aria-labelledby", "aria-owns", "for", "headers")


@page_check("anchor", "error", "A link or a label that names a part which is not on the page leads nowhere.")
def anchor(page: HtmlPage) -> Iterator[Spot]:
    """Fragments, labels and ARIA references to an ``id`` that the page does not have."""
    ids = {one.get("id") for one in page.elements} | {one.get("name") for one in page.all("a")}
    for element in page.elements:
        href = element.get("href") or (element.get("xlink:href") if element.foreign else "")
        target = href[1:] if href.startswith("#") else ""
        if target and target.lower() != "top" and target not in ids and unquote(target) not in ids:
            message = f"has a link to #{target}, and nothing on it has that id"
            yield Spot(message, element.line, element.raw, f'give the place that is meant  id="{target}"')
        for name in _REFERENCES:
            for wanted in element.get(name).split():
                if wanted not in ids and not element.foreign:
                    message = f'says {name}="{wanted}", and nothing on it has that id'
                    yield Spot(message, element.line, element.raw, f'give the element that is meant  id="{wanted}"')


@page_check("duplicate-id", "error", "Where two elements have one id, links and labels reach the first only.")
def duplicate_id(page: HtmlPage) -> Iterator[Spot]:
    """Values of ``id`` that stand more than once."""
    counts = Counter(one.get("id") for one in page.elements if one.get("id"))
    for name, count in counts.items():
        if count > 1:
            second = [one for one in page.elements if one.get("id") == name][1]
            yield Spot(f'has id="{name}" {count} times', second.line, second.raw, "give each its own")


CHECKS = (anchor, duplicate_id)
