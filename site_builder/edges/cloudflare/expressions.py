"""The expressions of custom error rules: which codes, and which clients, one rule is for.

Cloudflare's Rules language has no content negotiation, and regular expressions only on some plans. Accept is read here
with functions that every plan with error rules has: ``split`` and ``join`` replace text, and what is left is searched
(developers.cloudflare.com/ruleset-engine/rules-language/functions/). So one form serves all plans.

All Accept lines are joined into one list, in lower case and without blanks. The list is then written ten times in a
row: first as it is, then with the weights 0.9, 0.8, down to 0.1 taken off, one in each copy. All other weights hide the
name before them, and any parameter becomes a member of its own, known to nobody. The first known name in that text is
what the reference picks: the best quality, and among equals what was listed first. Cutting the text off at each rival
leaves a name standing only if it comes before all of them. Where there is no Accept, nothing is left to search.
"""

from __future__ import annotations

from typing import Final

from ...model import Codes, Format
from .._codes import difference, intersection

LONGEST = 4096
"""Characters that Cloudflare accepts in an expression; ours have single blanks, as its normalised form has."""

STATUSES: Codes = ((100, 999),)
EDGE_CODES: Codes = ((1000, 9999),)
STRUCTURED: Codes = ((520, 526), (1000, 9999))
"""What Cloudflare alone can fail with, and answers machine clients about with live documents of its own."""

DIFFERENCES: Final = (
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

_LINES = 'remove_bytes(lower(join(http.request.headers["accept"], ",")), " \\x09")'
_WEIGHTS = ("1", *(f"0.{tenth}" for tenth in range(9, 0, -1)))
_HTML = ("text/html,", "*/*,")
_MARKDOWN = ("text/markdown,", "text/*,")
_JSON = ("application/json,", "application/problem+json,", "application/*,")


def _replaced(text: str, old: str, new: str) -> str:
    # 128 is the most that Cloudflare takes; there is no replacing of all the rest.
    return f'join(split({text}, "{old}", 128), "{new}")'


def _by_quality() -> str:
    """The names that a client accepts, each with a comma behind it, the best first; worse ones come again later."""
    copies = ", ".join(f'split({_LINES}, ";q={weight}", 128)' for weight in _WEIGHTS)
    return _replaced(_replaced(f'join(concat({copies}), ",")', ";q=0", "!"), ";", ",")


def _prefers(wanted: tuple[str, ...], rivals: tuple[str, ...]) -> str:
    """The test that a client prefers one of ``wanted`` to all ``rivals``, and names one of them at all."""
    first, *others = wanted
    text = _by_quality()
    for name in others:
        text = _replaced(text, name, first)
    for name in rivals:
        text = f'split({text}, "{name}", 2)[0]'
    return f'{text} contains "{first}"'


MARKDOWN_CLIENT: Final = _prefers(_MARKDOWN, _HTML + _JSON)
JSON_CLIENT: Final = _prefers(_JSON, _HTML + _MARKDOWN)
MACHINE_CLIENT: Final = _prefers(_MARKDOWN + _JSON, _HTML)


def failure(codes: Codes) -> str:
    """The test that the answer is for one of ``codes``, in parentheses. ``codes`` is not empty."""
    tests = []
    statuses, edge_codes = intersection(codes, STATUSES), intersection(codes, EDGE_CODES)
    if statuses:
        # A 1015 is also a 429, and belongs to the rules for 1015. Not «gt 0»: by Cloudflare's page on the API the field
        # holds 52x codes too, and then no status rule would match those.
        tests.append(f"({_membership('http.response.code', statuses)} and not (cf.response.1xxx_code ge 1000))")
    if edge_codes:
        tests.append(f"({_membership('cf.response.1xxx_code', edge_codes)})")
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"


def rule_expression(format: Format, codes: Codes, machine_served: Codes) -> str:  # noqa: A002
    """The expression of one rule.

    ``machine_served`` are the codes for which JSON and Markdown rules stand before. An HTML rule serves everybody else
    there, and spares machine clients for all other codes; other formats serve nobody there.
    """
    served, spared = intersection(codes, machine_served), difference(codes, machine_served)
    if format == "markdown":
        return f"{failure(served)} and ({MARKDOWN_CLIENT})"
    if format in ("json", "problem"):
        return f"{failure(served)} and ({JSON_CLIENT})"
    if not spared:
        return failure(served)
    humans = f"{failure(spared)} and not ({MACHINE_CLIENT})"
    return f"{failure(served)} or ({humans})" if served else humans


def _membership(field: str, codes: Codes) -> str:
    if len(codes) == 1 and codes[0][0] == codes[0][1]:
        return f"{field} eq {codes[0][0]}"
    items = " ".join(str(low) if low == high else f"{low}..{high}" for low, high in codes)
    return f"{field} in {{{items}}}"
