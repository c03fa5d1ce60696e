"""Tokens: what an edge replaces in a page at the moment of failure, and texts that only look like one.

Cloudflare replaces ``::RAY_ID::`` and its like wherever they stand in a page (developers.cloudflare.com, Error tokens).
Only the tokens of a page's profile may be live in it. A look-alike in a text would be replaced, or would stay as noise.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from markupsafe import Markup
from markupsafe import escape as _escape

from ..errors import Fault, InvalidInput

LOOK_ALIKE = re.compile(r"::[A-Z0-9_]+::")
_NEIGHBOURS = re.compile(":(?=:)")


def html_text(text: str) -> Markup:
    """``text`` escaped for HTML, in an element or in a quoted attribute, with no token in it."""
    return break_in_html(str(_escape(text)))


def break_in_html(html: str) -> Markup:
    """HTML without colons that could be part of a token: side by side, or at an end where the template's may follow."""
    if "::" in html or html[:1] == ":" or html[-1:] == ":":
        html = html.replace(":", "&#58;")
    return Markup(html)  # noqa: S704 - the caller hands over HTML


def break_in_json(json: str) -> str:
    """A JSON string without two colons side by side; it reads as the same text."""
    return _NEIGHBOURS.sub(r"\\u003a", json) if "::" in json else json


def refuse(texts: Iterable[tuple[str, str, str]]) -> None:
    """Raise InvalidInput for each ``(where, name, text)`` that looks like a token: Markdown has no escape for it."""
    faults = [
        Fault(where, f"{name} contains {found.group()}, which an edge would take for a token and replace")
        for where, name, text in texts
        if (found := LOOK_ALIKE.search(text))
    ]
    if faults:
        raise InvalidInput(
            faults,
            hint="write it with a space or in lower case; Markdown pages have no way to escape it",
            check="token",
        )


def strangers(page: str, tokens: Collection[str]) -> list[str]:
    """The look-alikes in a finished page that are not its profile's tokens, in order, each once."""
    return [found for found in dict.fromkeys(LOOK_ALIKE.findall(page)) if found not in tokens]
