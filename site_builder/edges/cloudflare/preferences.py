"""Headers by which clients say what they prefer, read in Cloudflare's Rules language.

It has no content negotiation, and regular expressions only on some plans. Headers are read here with functions that
every plan with error rules has: ``split`` and ``join`` replace text, and what is left is searched
(developers.cloudflare.com/ruleset-engine/rules-language/functions/). So one form serves all plans.

All lines of the header are joined into one list, in lower case and without blanks. The list is then written ten times
in a row: first as it is, then with the weights 0.9, 0.8, down to 0.1 taken off, one in each copy. All other weights
hide the name before them, and any parameter becomes a member of its own, known to nobody. The first known name in that
text is what the reference picks: the best quality, and among equals what was listed first. Cutting the text off at each
rival leaves a name standing only if it comes before all of them. Where there is no such header, nothing is left to
search.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ACCEPT_DIFFERENCES: Final = (
    "Qualities are told apart by tenths: of q=0.85 and q=0.8 the first listed wins, and what is below 0.1 is refused.",
    "A range with an asterisk is not limited by other members: what one of them refuses (text/html;q=0, */*) or gives "
    "another quality (text/*, text/markdown;q=0.1) may still be what the asterisk stands for.",
    "A type that is listed twice, with q=0 or with parameters of its own beside, counts by its best listing.",
    "A parameter between a type and its weight (text/html;level=1;q=0.4) takes the weight away, and a type written as "
    "a parameter (q=0.8;application/json) is read as a type.",
    "A weight has to begin with a digit (not q=.5), and a lone asterisk is passed over.",
    "Commas and semicolons in quotation marks divide as they do elsewhere.",
    "Where more than a dozen members have weights, the lowest may be taken for higher ones.",
)
"""Where a client gets another format than negotiation.py says, in words. What is usual in headers is not among them."""

_WEIGHTS = ("1", *(f"0.{tenth}" for tenth in range(9, 0, -1)))
_HTML = ("text/html,", "*/*,")
_MARKDOWN = ("text/markdown,", "text/*,")
_JSON = ("application/json,", "application/problem+json,", "application/*,")


def replaced(text: str, old: str, new: str) -> str:
    """``text`` with ``new`` for every ``old``."""
    # 128 is the most that Cloudflare takes; there is no replacing of all the rest.
    return f'join(split({text}, "{old}", 128), "{new}")'


def by_quality(header: str) -> str:
    """The names in ``header`` (lower case), each with a comma behind it, the best first; worse ones come again later.

    A name whose weight has not come yet has an exclamation mark behind it.
    """
    lines = f'remove_bytes(lower(join(http.request.headers["{header}"], ",")), " \\x09")'
    copies = ", ".join(f'split({lines}, ";q={weight}", 128)' for weight in _WEIGHTS)
    return replaced(replaced(f'join(concat({copies}), ",")', ";q=0", "!"), ";", ",")


def comes_first(text: str, wanted: str, rivals: Iterable[str]) -> str:
    """The test that ``wanted`` is in ``text``, and before all ``rivals`` that are in it."""
    for name in rivals:
        text = f'split({text}, "{name}", 2)[0]'
    return f'{text} contains "{wanted}"'


def _prefers(wanted: tuple[str, ...], rivals: tuple[str, ...]) -> str:
    """The test that a client prefers one of the types ``wanted`` to all ``rivals``, and names one of them at all."""
    first, *others = wanted
    text = by_quality("accept")
    for name in others:
        text = replaced(text, name, first)
    return comes_first(text, first, rivals)


MARKDOWN_CLIENT: Final = _prefers(_MARKDOWN, _HTML + _JSON)
JSON_CLIENT: Final = _prefers(_JSON, _HTML + _MARKDOWN)
MACHINE_CLIENT: Final = _prefers(_MARKDOWN + _JSON, _HTML)
