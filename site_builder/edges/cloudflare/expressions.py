"""The expressions of custom error rules: which codes, and which clients, one rule is for.

Cloudflare's Rules language has no content negotiation, and regular expressions only on some plans, so that an Accept
header is read with wildcards here. Rules stand in the order Markdown, JSON, HTML, which is why only the first two test
it. The tests agree with the reference for a single Accept line unless it orders two types by qualities below 1 that
ascend, or asks for JSON or Markdown through ``*/*``, ``application/*`` or ``text/*`` among other types.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...model import Codes, Format
from .._codes import difference, intersection

LONGEST = 4096
"""Characters that Cloudflare accepts in an expression; ours have single blanks, as its normalised form has."""

STATUSES: Codes = ((100, 999),)
EDGE_CODES: Codes = ((1000, 9999),)
STRUCTURED: Codes = ((520, 526), (1000, 9999))
"""What Cloudflare alone can fail with, and answers machine clients about with live documents of its own."""

_ACCEPT = 'http.request.headers["accept"][*]'


def _some_line(pattern: str) -> str:
    return f'any({_ACCEPT} wildcard "{pattern}")'


def _outranked(wanted: str, rival: str) -> tuple[str, ...]:
    """Patterns of Accept headers that list both types and prefer ``rival``; an omitted quality is the highest."""
    return (
        f"*{rival},*{wanted}*",
        f"*{rival};*{wanted};*q=0*",
        f"*{wanted};*q=0*{rival}",
        f"*{wanted};*q=0*{rival},*",
    )


def _none_of(patterns: Iterable[str]) -> str:
    return "".join(f" and not {_some_line(pattern)}" for pattern in patterns)


MARKDOWN_CLIENT = (
    f'any({_ACCEPT} eq "text/*") or ({_some_line("*text/markdown*")}'
    + _none_of((*_outranked("text/markdown", "json"), *_outranked("text/markdown", "text/html")))
    + ")"
)
JSON_CLIENT = f"({_some_line('*application/json*')} or {_some_line('*application/problem+json*')})" + _none_of(
    (*_outranked("json", "text/html"), "*json;q=0", "*json;q=0,*")
)
MACHINE_CLIENT = f"{MARKDOWN_CLIENT} or ({JSON_CLIENT})"


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
