"""What is served in one language: for each code and format which page, and why not the page made for the code."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...model import FORMATS, Codes, Format, Rule, codes_text, contains
from .._codes import difference, intersection, union
from .candidates import tier_of
from .expressions import EVERYBODY, STATUSES, STRUCTURED, Whom, rule_expression
from .rules import SERVED_BY

ORDER: tuple[Format, ...] = ("markdown", "json", "html")
"""Rules test for a client from the rarest format to the commonest; the last takes everybody who is left."""

LEFT = "Cloudflare answers machine clients here with a live document of its own"
NO_MACHINE_RULES = "JSON and Markdown are only served together, and this range has no rules for both"
NO_PAGE = "the catalog has no page for it"


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which of the neutral ``rules`` (one language; html, json, markdown) became rules, and why others did not.

    ``pages`` are those with a rule, of whatever language. ``machine_served`` are the codes with JSON and Markdown
    rules, ``left`` those whose machine clients are Cloudflare's by choice, ``refused`` the reasons of pages without a
    rule. ``whom`` is whom the language's rules are for.
    """

    rules: tuple[Rule, ...]
    pages: frozenset[str]
    machine_served: Codes
    left: Codes
    refused: Mapping[str, str]
    whom: Whom = EVERYBODY
    # Filled when a code is first asked about, for many allocations are made on the way to one that is asked.
    _by_format_and_code: dict[tuple[Format, int], list[Rule]] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    def in_order(self) -> Iterator[Rule]:
        """Those with a page of Cloudflare's, by format as the tests of clients need it, then from narrow to wide."""
        for wanted in ORDER:
            yield from (rule for rule in self.rules if rule.format == wanted and rule.page in self.pages)

    def expression(self, rule: Rule) -> str:
        """The expression of one of the rules."""
        return rule_expression(rule.format, rule.codes, self.machine_served, self.whom)

    def because(self, reasons: Mapping[str, str]) -> Allocation:
        """The same with other ``reasons`` for pages without a rule."""
        return dataclasses.replace(self, refused=reasons)

    def served(self, code: int, wanted: Format, *, in_scope: bool = False) -> dict[str, str]:
        """What a client gets: ``page`` and ``via``, and a ``reason`` where that is not the page made for the code.

        ``via`` is ``own``, ``family``, ``catch-all`` or ``maintenance``; ``cloudflare`` where Cloudflare's own answer
        stays; ``none`` where the answer of whoever failed passes through. ``in_scope``: the client is in a scope that
        has this format, for which its rules count even where machine clients are left to Cloudflare.
        """
        if wanted != "html" and not in_scope and contains(self.left, code):
            return {"via": "cloudflare", "reason": LEFT}
        matching = self._for(SERVED_BY[wanted], code)
        answered = wanted == "html" or in_scope or contains(self.machine_served, code)
        found = next((rule for rule in matching if answered and rule.page in self.pages), None)
        if found is None:
            reasons = [self.refused[rule.page] for rule in matching if rule.page in self.refused]
            reason = (reasons or ([NO_MACHINE_RULES] if matching else [NO_PAGE]))[0]
            return {"via": "cloudflare" if contains(STRUCTURED, code) else "none", "reason": reason}
        answer = {"page": found.page, "via": "maintenance" if found.maintenance else tier_of(found)}
        if found is not matching[0]:
            answer["reason"] = self.refused[matching[0].page]
        return answer

    def spans(self) -> list[tuple[tuple[int, int], int]]:
        """The ranges to report about, ascending, each with one code to ask about; all codes of a range are alike.

        Codes with a page of their own, those of families and those that only Cloudflare fails with stand alone.
        """
        wide = union(*(rule.codes for rule in self.rules if tier_of(rule) == "catch-all"))
        near = union(*(rule.codes for rule in self.rules if tier_of(rule) != "catch-all"))
        near = union(near, intersection(wide, intersection(STRUCTURED, STATUSES)))
        spans = {(code, code): code for low, high in near for code in range(low, high + 1)}
        for rule in self.rules:
            if tier_of(rule) == "catch-all" and (others := difference(rule.codes, near)):
                spans[rule.codes[0]] = others[0][0]
        return sorted(spans.items())

    def _for(self, wanted: Format, code: int) -> Sequence[Rule]:
        """The rules for a code, in their order."""
        if not self._by_format_and_code:
            for rule in self.rules:
                for low, high in rule.codes:
                    for one in range(low, high + 1):
                        self._by_format_and_code.setdefault((rule.format, one), []).append(rule)
        return self._by_format_and_code.get((wanted, code), ())


def served_by(allocation: Allocation) -> dict[str, dict[str, dict[str, str]]]:
    """What is served for every code and format; a code stands once, a range means every other code in it."""
    return {
        codes_text((span,)): {wanted: allocation.served(code, wanted) for wanted in FORMATS}
        for span, code in allocation.spans()
    }


def in_language(allocation: Allocation) -> dict[str, dict[str, dict[str, str]]]:
    """What is served in a further language; for all else there are the pages of the default language.

    A code for which that is nothing stands there where it would otherwise be taken for one of a range.
    """
    found: dict[str, dict[str, dict[str, str]]] = {}
    wide: Codes = ()
    for span, code in allocation.spans():
        answers = {wanted: allocation.served(code, wanted) for wanted in FORMATS}
        served: dict[str, dict[str, str]] = {wanted: one for wanted, one in answers.items() if "page" in one}
        found[codes_text((span,))] = served
        wide = union(wide, (span,) if served and span[0] < span[1] else ())
    return {codes: served for codes, served in found.items() if served or contains(wide, int(codes.partition("..")[0]))}
