"""The expressions of custom error rules: which codes, and which clients, one rule is for."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...model import Codes, Format
from .._codes import difference, intersection
from .preferences import JSON_CLIENT, MACHINE_CLIENT, MARKDOWN_CLIENT
from .rules import SERVED_BY
from .scopes import ScopeTests

LONGEST = 4096
"""Characters that Cloudflare accepts in an expression; ours have single blanks, as its normalised form has."""

STATUSES: Codes = ((100, 999),)
EDGE_CODES: Codes = ((1000, 9999),)
STRUCTURED: Codes = ((520, 526), (1000, 9999))
"""What Cloudflare alone can fail with, and answers machine clients about with live documents of its own."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom the rules of one language are for, beside what clients accept.

    ``language`` is the test that a client prefers it, None in the site's default language, whose rules come last.
    ``hosts`` is the test that a request is for a host that this edge's rules are limited to, None where they are not.
    """

    language: str | None = None
    scopes: ScopeTests = field(default_factory=ScopeTests)
    hosts: str | None = None


EVERYBODY = Whom()


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


def rule_expression(format: Format, codes: Codes, machine_served: Codes, whom: Whom = EVERYBODY) -> str:  # noqa: A002
    """The expression of one rule.

    ``machine_served`` are the codes for which JSON and Markdown rules of the same language stand before. An HTML rule
    serves everybody else there, and spares machine clients for all other codes; other formats serve nobody there but
    the requests whose scope has that format.
    """
    served, others = intersection(codes, machine_served), difference(codes, machine_served)
    in_scope = whom.scopes.tests.get(SERVED_BY[format])
    elsewhere = whom.scopes.elsewhere(SERVED_BY[format])
    if format == "html":
        humans = f"not ({MACHINE_CLIENT})"
        if elsewhere:  # without a rule for its format, the answer at an API's path is best left as it is
            humans = f"(not {elsewhere} and {humans})"
        if in_scope:
            humans = f"({in_scope} or {humans})"
        whole = [failure(served)] if served else []
        partly = [f"{failure(others)} and {humans}"] if others else []
    else:
        clients = f"({MARKDOWN_CLIENT if format == 'markdown' else JSON_CLIENT})"
        if elsewhere:
            clients = f"(not {elsewhere} and {clients})"
        if in_scope:
            clients = f"({in_scope} or {clients})"
        whole = []
        partly = [f"{failure(served)} and {clients}"] if served else []
        partly += [f"{failure(others)} and {in_scope}"] if others and in_scope else []
    expression = partly[0] if not whole and len(partly) == 1 else " or ".join([*whole, *(f"({one})" for one in partly)])
    limits = [test for test in (whom.hosts, whom.language) if test]
    return f"({expression}) and {' and '.join(limits)}" if limits else expression


def _membership(field: str, codes: Codes) -> str:
    if len(codes) == 1 and codes[0][0] == codes[0][1]:
        return f"{field} eq {codes[0][0]}"
    items = " ".join(str(low) if low == high else f"{low}..{high}" for low, high in codes)
    return f"{field} in {{{items}}}"
