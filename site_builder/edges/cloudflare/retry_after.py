"""Retry-After for pages that say when to try again: an error rule replaces the body, and leaves headers as they are.

Rules of the phase http_response_headers_transform set it, which runs after http_custom_errors and acts on error pages
too (developers.cloudflare.com/ruleset-engine/reference/phases-list/, /rules/transform/response-header-modification/).
They set it only where the answer has none: what a rate limit, Cloudflare or the origin has measured is better than what
a page can know. One rule stands for all codes whose pages say the same number of seconds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ...model import FORMATS, Codes, Finding, Format, codes_text, contains
from .._codes import difference, intersection, union
from .allocation import Allocation
from .expressions import EVERYBODY, LONGEST, Whom, failure
from .maintenance import Mode
from .options import Options
from .preferences import MACHINE_CLIENT
from .rules import noted, rule_digest

HEADER = "Retry-After"
Spans = Sequence[tuple[tuple[int, int], int]]
"""Ranges of codes, each with one that is like all others of the range that have no range of their own."""

COMPANY: Final = " (with rules for Retry-After)"
"""What the first error rule says of itself where rules for headers go with the error rules."""

ABSENT: Final = 'not any(lower(http.response.headers.names[*])[*] eq "retry-after")'
"""The test that the answer has no such header, as Cloudflare's examples write it; names may have any case."""

MACHINE: tuple[Format, Format] = ("json", "markdown")
SET = "set to the page's seconds where the answer has none"
LEFT = "as the failing answer has it"
NOTE = (
    "The page's seconds are set for clients that get a page of ours. Where Cloudflare or the website answers machine "
    "clients itself, the header stays theirs. A page without seconds says nothing against those of another format."
)


@dataclass(frozen=True, slots=True)
class Seconds:
    """What the served pages say. ``said`` maps seconds to the codes whose pages say them.

    ``differing`` are codes with a page that says when to try again and no rule: pages for other formats or languages
    say other seconds, or the answer gets another status, by which rules for headers may know it, and that status says
    something else. At ``people`` machine clients get no page of ours; at those of them that are ``scoped`` they do
    where a scope decides the format.
    """

    said: Mapping[int, Codes]
    differing: Codes
    people: Codes
    scoped: Codes
    whom: Whom = EVERYBODY

    @property
    def codes(self) -> Codes:
        """Every code with a page that says when to try again."""
        return union(self.differing, *self.said.values())

    @classmethod
    def of(cls, spans: Spans, allocation: Allocation, further: Sequence[Allocation] = ()) -> Seconds:
        """What is said by the pages that ``allocation`` serves in the default language, and ``further`` ones in others.

        ``spans`` are the allocation's own, or those of a finer one.
        """
        rules = {rule.page: rule for one in (allocation, *further) for rule in one.rules}
        scopes: Sequence[Format] = tuple(allocation.whom.scopes.tests)
        single = tuple(span for span, _ in spans if span[0] == span[1])
        said: dict[int, Codes] = {}
        differing: Codes = ()
        people: Codes = ()
        scoped: Codes = ()
        statuses: list[tuple[int, int, Codes]] = []
        for span, code in spans:
            html = _pages(allocation, code, ("html",))
            machine = _pages(allocation, code, MACHINE)
            machine = machine if len(machine) == len(MACHINE) else []
            in_scope = _pages(allocation, code, scopes, in_scope=True)
            pages = [*html, *machine, *in_scope, *(page for one in further for page in _pages(one, code, FORMATS))]
            served = [rules[page] for page in pages]
            found = {rule.retry_after for rule in served if rule.retry_after}
            if not html or not found:
                continue
            codes = (span,) if span[0] == span[1] else difference((span,), single)
            if not machine:
                people = union(people, codes)
                scoped = union(scoped, codes) if scopes and len(in_scope) == len(scopes) else scoped
            if len(found) > 1:
                differing = union(differing, codes)
                continue
            seconds = found.pop()
            said[seconds] = union(said.get(seconds, ()), codes)
            statuses += [(rule.status, seconds, codes) for rule in served if rule.status]
        for status, seconds, codes in statuses:
            if not contains(said[seconds], status):
                said[seconds] = difference(said[seconds], codes)
                differing = union(differing, codes)
        kept = {seconds: codes for seconds, codes in sorted(said.items()) if codes}
        return cls(kept, differing, people, scoped, allocation.whom)

    def as_json(self) -> dict[str, Any]:
        """Seconds to codes, those of them where this is about HTML alone, and what differs, where anything does."""
        html_only = intersection(union(*self.said.values()), self.people)
        return {
            "seconds": {str(seconds): codes_text(codes) for seconds, codes in self.said.items()},
            **({"html_only": codes_text(html_only)} if html_only else {}),
            **({"differing": codes_text(self.differing)} if self.differing else {}),
        }


def _pages(allocation: Allocation, code: int, formats: Sequence[Format], *, in_scope: bool = False) -> list[str]:
    """The pages that are served for ``code``, in those of ``formats`` in which there are any."""
    answers = (allocation.served(code, wanted, in_scope=in_scope) for wanted in formats)
    return [answer["page"] for answer in answers if "page" in answer]


def header_rules(site: str, seconds: Seconds) -> list[dict[str, Any]]:
    """The rules, by ascending seconds: as the Rulesets API takes them, and known by ref and digest like error rules."""
    return [rule for value, codes in seconds.said.items() for rule in _rules(site, value, codes, seconds)]


def _rules(site: str, value: int, codes: Codes, seconds: Seconds) -> list[dict[str, Any]]:
    """One rule, or as many as expressions of LONGEST characters need."""
    if len(_expression(codes[:1], seconds)) > LONGEST:
        seconds = dataclasses.replace(seconds, scoped=())
    parts = [codes]
    while any(len(_expression(part, seconds)) > LONGEST and len(part) > 1 for part in parts):
        parts = [half for part in parts for half in (part[: len(part) // 2], part[len(part) // 2 :]) if half]
    return [
        _rule(site, value, _expression(part, seconds), f"_{number}" if len(parts) > 1 else "")
        for number, part in enumerate(parts, start=1)
    ]


def _expression(codes: Codes, seconds: Seconds) -> str:
    everybody, people = difference(codes, seconds.people), intersection(codes, seconds.people)
    scoped, others = intersection(people, seconds.scoped), difference(people, seconds.scoped)
    tests = [failure(everybody)] if everybody else []
    if scoped:
        in_scopes = " or ".join(seconds.whom.scopes.tests.values())
        tests.append(f"({failure(scoped)} and ({in_scopes} or not ({MACHINE_CLIENT})))")
    if others:
        tests.append(f"({failure(others)} and not ({MACHINE_CLIENT}))")
    limits = [seconds.whom.hosts] if seconds.whom.hosts else []
    return " and ".join([tests[0] if len(tests) == 1 else f"({' or '.join(tests)})", *limits, ABSENT])


def _rule(site: str, seconds: int, expression: str, suffix: str) -> dict[str, Any]:
    made = {
        "ref": f"errgen_{site}_retry_after_{seconds}{suffix}",
        "description": f"errgen {site}: {HEADER} {seconds}",
        "expression": expression,
        "action": "rewrite",
        "action_parameters": {"headers": {HEADER: {"operation": "set", "value": str(seconds)}}},
        "enabled": True,
    }
    return {**made, "description": f"{made['description']} [{rule_digest(made)}]"}


def in_company(rules: Sequence[dict[str, Any]], headers: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The error rules ``rules``, the first of which says that ``headers`` go with them, where there are any.

    So error rules that are as they should be where no rules for headers are to be tell that there are none: nobody has
    to look. It holds because the one list is put before the other is, and removed after it.
    """
    return (noted(rules[0], COMPANY), *rules[1:]) if rules and headers else tuple(rules)


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """What becomes of Retry-After: the ``rules`` as usual and while planned work is ``announced``, and the reports.

    Both are empty unless the edge's ``retry_after`` asks for them. Those that the plan has no room for, the longest
    waits first, are left out.
    """

    rules: tuple[dict[str, Any], ...]
    announced: tuple[dict[str, Any], ...]
    report: dict[str, Any]
    announced_report: dict[str, Any]
    findings: tuple[Finding, ...]


def retry_after(site: str, options: Options, usual: Mode, announced: Mode) -> RetryAfter:
    """What ``options`` make of the seconds in the pages that are served as usual, and while planned work is announced.

    ``announced`` is as usual where planned work cannot be announced.
    """
    spans = usual.allocation.spans()
    said = [Seconds.of(spans, mode.allocation, tuple(mode.further.values())) for mode in (usual, announced)]
    if not options.retry_after:
        reports = [{"header": LEFT, **one.as_json()} for one in said]
        return RetryAfter((), (), reports[0], reports[1], tuple(_mismatch(said[0])))
    room = options.header_quota
    fitting = [_fitting(site, one, room) for one in said]
    rules = [tuple(header_rules(site, one)) for one in fitting]
    reports = []
    for one, kept, made in zip(said, fitting, rules, strict=True):
        left_out = {str(value): codes_text(codes) for value, codes in one.said.items() if value not in kept.said}
        reports.append(
            {
                "header": SET,
                "note": NOTE,
                "rules": {"used": len(made), "limit": room},
                **kept.as_json(),
                **({"without_room": left_out} if left_out else {}),
            }
        )
    findings = _lacking(said[0], reports[0].get("without_room", {}), room)
    return RetryAfter(rules[0], rules[1], reports[0], reports[1], tuple(findings))


def _fitting(site: str, seconds: Seconds, room: int) -> Seconds:
    """``seconds`` without the longest for whose rules there is no room."""
    said = dict(seconds.said)
    while sum(len(_rules(site, value, codes, seconds)) for value, codes in said.items()) > room:
        del said[max(said)]
    return dataclasses.replace(seconds, said=said)


def _mismatch(said: Seconds) -> list[Finding]:
    """What is said of pages whose seconds stay in the body alone."""
    if not said.codes:
        return []
    count = sum(high - low + 1 for low, high in said.codes)
    message = (
        f"{f'the pages for {count} codes say' if count > 1 else 'the page for 1 code says'} in how many seconds to try "
        "again, and Retry-After stays as the failing answer has it: an error rule sets no header"
    )
    hint = "retry_after = true in this table has it set where it is missing; the token then needs Transform Rules: Edit"
    return [Finding("cloudflare-retry-after", "info", message, hint=hint)]


def _lacking(said: Seconds, left_out: Mapping[str, str], room: int) -> list[Finding]:
    """What is said of codes that get no rule though they are asked for."""
    found = []
    if said.differing:
        message = (
            f"Retry-After is not set for {codes_text(said.differing)}: pages that are served for the same answer say "
            "different seconds"
        )
        hint = "raise the limits, so that all formats are served pages of the same entry; report.json has who gets what"
        found.append(Finding("cloudflare-retry-after", "warning", message, hint=hint))
    if left_out:
        codes = " ".join(left_out.values())
        message = f"Retry-After is not set for {codes}: there is room for {room} rules for response headers"
        hint = "raise limits.header_rules of this edge, or give entries of the catalog the same retry_after"
        found.append(Finding("cloudflare-retry-after", "warning", message, hint=hint))
    return found
