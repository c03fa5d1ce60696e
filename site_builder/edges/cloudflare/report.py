"""What a compiled ruleset serves for each code and format, why not more, and how much of each limit it uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...model import FORMATS, MEDIA_TYPES, Codes, Finding, Format, Manifest, Rule, codes_text, contains
from .._codes import difference, intersection, union
from .budget import tier_of, usable_assets
from .delivery import INLINE_CONTENT
from .expressions import LONGEST, STATUSES, STRUCTURED
from .options import Options
from .rules import CONTENT_TYPES, MOST_CONTENT, SERVED_BY

LEFT = "Cloudflare answers machine clients here with a live document of its own"
NO_MACHINE_RULES = "JSON and Markdown are only served together, and this range has no rules for both"
NO_PAGE = "the catalog has no page for it"
FREE_HINT = (
    "custom error rules need the Pro plan or above; without them these pages still work at the origin (nginx, Apache, "
    "Caddy, HAProxy) or on Netlify, and Cloudflare keeps its own HTML, JSON and Markdown for what it fails with"
)


@dataclass(frozen=True, slots=True)
class Allocation:
    """Which of the neutral ``rules`` (default language; html, json, markdown) became rules, and why others did not.

    ``pages`` are those with a rule. ``machine_served`` are the codes with JSON and Markdown rules, ``left`` those whose
    machine clients are Cloudflare's by choice, ``refused`` the reasons of pages without a rule.
    """

    rules: tuple[Rule, ...]
    pages: frozenset[str]
    machine_served: Codes
    left: Codes
    refused: Mapping[str, str]
    _by_format_and_code: Mapping[tuple[Format, int], Sequence[Rule]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Rules by what they are for: every code is asked about several times."""
        found: dict[tuple[Format, int], list[Rule]] = {}
        for rule in self.rules:
            for low, high in rule.codes:
                for code in range(low, high + 1):
                    found.setdefault((rule.format, code), []).append(rule)
        object.__setattr__(self, "_by_format_and_code", found)

    def served(self, code: int, wanted: Format) -> dict[str, str]:
        """What a client gets: ``page`` and ``via``, and a ``reason`` where that is not the page made for the code.

        ``via`` is ``own``, ``family``, ``catch-all`` or ``maintenance``; ``cloudflare`` where Cloudflare's own answer
        stays; ``none`` where the answer of whoever failed passes through.
        """
        if wanted != "html" and contains(self.left, code):
            return {"via": "cloudflare", "reason": LEFT}
        matching = self._by_format_and_code.get((SERVED_BY[wanted], code), ())
        answered = wanted == "html" or contains(self.machine_served, code)
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
            others = difference(rule.codes, near)
            if tier_of(rule) == "catch-all" and others:
                spans[rule.codes[0]] = others[0][0]
        return sorted(spans.items())


def report_of(
    manifest: Manifest, options: Options, allocation: Allocation, rules: Sequence[Mapping[str, Any]], assets: int
) -> dict[str, Any]:
    """``report.json``: a code stands once in ``served``; a range there means every other code in it."""
    return {
        "edge": "cloudflare",
        "site": manifest.site,
        "release": manifest.release,
        "plan": options.plan_name,
        "machine_clients": options.machine_clients,
        "delivery": options.delivery,
        **({"traffic": {"file": options.traffic, "codes": len(options.counts.counts)}} if options.counts else {}),
        "language": manifest.languages[0],
        "languages_left_out": list(manifest.languages[1:]),
        "limits": _limits(options, rules, assets),
        "media_types": [
            {"format": wanted, "made_for": MEDIA_TYPES[wanted], "served_as": CONTENT_TYPES[SERVED_BY[wanted]]}
            for wanted in ("problem", "markdown")
        ],
        "headers": "An error rule sets no header: all stay as the failing answer has them, except Content-Type and "
        "Content-Length.",
        "served": {
            codes_text((span,)): {wanted: allocation.served(code, wanted) for wanted in FORMATS}
            for span, code in allocation.spans()
        },
    }


def _limits(options: Options, rules: Sequence[Mapping[str, Any]], assets: int) -> dict[str, Any]:
    expressions = [(len(rule["expression"]), rule["ref"]) for rule in rules]
    contents = [
        (len(rule["action_parameters"]["content"].encode()), rule["ref"])
        for rule in rules
        if "content" in rule["action_parameters"]
    ]
    return {
        "rules": {"used": len(rules), "limit": options.quota.rules},
        "assets": {"used": assets, "usable": usable_assets(options.quota), "limit": options.quota.assets},
        "expression_characters": _largest(expressions, LONGEST),
        "content_bytes": _largest(contents, MOST_CONTENT),
        # Cloudflare publishes no limit of a whole ruleset; publishing puts it on a dry run before anything is switched.
        "put_bytes": {"used": len(json.dumps({"rules": list(rules)}, ensure_ascii=False).encode())},
    }


def _largest(sizes: Iterable[tuple[int, str]], limit: int) -> dict[str, Any]:
    size, ref = max(sizes, key=lambda found: found[0], default=(0, None))
    return {"largest": size, **({"rule": ref} if ref else {}), "limit": limit}


def findings_of(
    manifest: Manifest, options: Options, allocation: Allocation, report: Mapping[str, Any]
) -> tuple[Finding, ...]:
    """What a person has to know before publishing."""
    unknown = options.counts.findings(allocation.rules) if options.counts else ()
    if options.quota.rules == 0:
        message = f"Cloudflare serves none of the {len(allocation.rules)} pages: the plan has no custom error rules"
        return (Finding("cloudflare-no-rules", "warning", message, hint=FREE_HINT), *unknown)
    findings = [*unknown]
    unserved = _unserved(report["served"])
    for wanted, codes in unserved.items():
        message = f"no {wanted} page of ours is served for {codes}"
        hint = "raise the limits, take a larger plan, or make the pages smaller; report.json has each reason"
        findings.append(Finding("cloudflare-unserved", "error", message, hint=hint))
    if options.delivery == "inline" and (large := _larger_than_a_rule(allocation)):
        named = ", ".join(large[:3]) + (", …" if len(large) > 3 else "")
        message = f"{len(large)} HTML pages do not fit into rules, and get none: {named}"
        hint = 'delivery = "auto" makes assets of them; report.json says what is served instead'
        findings.append(Finding("cloudflare-too-large", "warning", message, hint=hint))
    covered = [
        codes
        for codes, formats in report["served"].items()
        if any("page" in answer and "reason" in answer for answer in formats.values())
    ]
    if covered:
        message = f"{len(covered)} codes are answered with a wider page than their own in at least one format"
        hint = "report.json says for each which page and why"
        findings.append(Finding("cloudflare-covered-by-family", "info", message, hint=hint))
    if len(manifest.languages) > 1:
        default, *others = manifest.languages
        left_out = "1 language is left out" if len(others) == 1 else f"{len(others)} languages are left out"
        message = f"Cloudflare's rules answer in {default} only; {left_out}: {', '.join(others)}"
        hint = (
            "put the language first that most visitors read; nginx, Apache, Caddy, HAProxy and Netlify choose by "
            "Accept-Language"
        )
        findings.append(Finding("cloudflare-one-language", "warning", message, hint=hint))
    return tuple(findings)


def _larger_than_a_rule(allocation: Allocation) -> list[str]:
    """The HTML pages that were refused for their size."""
    html = [rule.page for rule in allocation.rules if rule.format == "html" and rule.page in allocation.refused]
    return [page for page in html if INLINE_CONTENT in allocation.refused[page]]


def _unserved(served: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, str]:
    """By format, the codes that errgen has pages for and Cloudflare does not serve, other than by choice."""
    found: dict[str, list[str]] = {}
    for codes, formats in served.items():
        for wanted, answer in formats.items():
            if "page" not in answer and answer["reason"] not in (LEFT, NO_PAGE):
                found.setdefault(wanted, []).append(codes)
    return {wanted: " ".join(codes) for wanted, codes in found.items()}
