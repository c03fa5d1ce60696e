"""What a zone serves while planned work is announced: its page for every 5xx of the website, all else as usual.

The page stands in the rules themselves, HTML too, wherever it is small enough. So announcing planned work and ending it
is one PUT each: no upload, no asset, and no host that would have to be up. The assets of all other pages stay
registered meanwhile. Cloudflare's own 520 to 530 are answered with it as well, also for machine clients that
``machine_clients`` leaves to Cloudflare at other times: its live document would say that a server is broken which has
been switched off on purpose. 1xxx errors are about something else and stay as they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...model import MAINTENANCE, Codes, Format, Rule, codes_text
from .._codes import difference, intersection, union
from .delivery import Delivery
from .expressions import rule_expression
from .report import Allocation
from .rules import SERVED_BY, Asset, make_rule

NO_ROOM = "the plan has no room for it beside the page for planned work"
ALL: tuple[Format, ...] = ("markdown", "json", "html")
HTML: tuple[Format, ...] = ("html",)
NOTE = (
    "This is served from errgen publish --maintenance to errgen publish --no-maintenance; a code that is not listed is "
    "answered as usual. An origin that answers below 400 is not closed by it: no rule acts on such an answer."
)


@dataclass(frozen=True, slots=True)
class Mode:
    """The rules in order and the assets, as usual or while planned work is announced, and who is served what.

    ``formats`` are those in which its page is served: all, or HTML alone where there is no room for more. ``obstacle``
    says why planned work cannot be announced; then everything else is as usual.
    """

    rules: tuple[dict[str, Any], ...]
    assets: tuple[Asset, ...]
    allocation: Allocation
    formats: tuple[Format, ...] = ()
    obstacle: str | None = None


def announce(delivery: Delivery, usual: Mode) -> Mode:
    """What is served while planned work is announced, made from what is served otherwise.

    It fits wherever the usual rules do: those that can no longer match make room. Where that is not enough for all
    formats of the page there is HTML alone, and where it is not enough for that the last of the other rules goes.
    """
    manifest, room = delivery.manifest, delivery.options.quota.rules
    language = manifest.languages[0]
    ours = {rule.format: rule for rule in manifest.rules if rule.maintenance and rule.language == language}
    if obstacle := _obstacle(ours, delivery, room):
        return dataclasses.replace(usual, obstacle=obstacle)
    planned = ours["html"].codes
    fits = all(wanted in ours and not delivery.obstacle(ours[wanted]) for wanted in ("markdown", "json"))
    for formats, freed in ((ALL, ALL), (HTML, HTML), (HTML, ALL)):
        kept = _without(usual.allocation, planned, freed)
        if (formats is HTML or fits) and len(kept.pages) + len(formats) <= room:
            break
    else:
        kept = _only_html(kept, room - 1)
    own = delivery.body(ours["html"], inline_first=True)
    answered = planned if formats is ALL else ()
    rules = []
    for wanted in formats:
        rule = ours[wanted]
        body = own if wanted == "html" else delivery.body(rule)
        rules.append(make_rule(manifest.site, rule, rule_expression(wanted, planned, answered), body))
    for wanted in ALL:
        for rule in kept.rules:
            if rule.format == wanted and rule.page in kept.pages:
                expression = rule_expression(wanted, rule.codes, kept.machine_served)
                rules.append(make_rule(manifest.site, rule, expression, delivery.body(rule)))
    allocation = Allocation(
        (*(ours[wanted] for wanted in formats), *kept.rules),
        kept.pages | {ours[wanted].page for wanted in formats},
        union(kept.machine_served, answered),
        difference(kept.left, answered),
        kept.refused,
    )
    assets = usual.assets
    if isinstance(own, Asset):
        # Beside an asset of its own there may be no room for those that no rule names meanwhile.
        named = {rule["action_parameters"].get("asset_name") for rule in rules}
        assets = tuple(sorted((one for one in (*assets, own) if one.name in named), key=lambda one: one.name))
    return Mode(tuple(rules), assets, allocation, formats)


def _obstacle(ours: Mapping[Format, Rule], delivery: Delivery, room: int) -> str | None:
    if "html" not in ours:
        return f"the site has no page {MAINTENANCE} in its default language"
    if room == 0:
        return "there is no room for custom error rules, and only they can announce it"
    obstacle = delivery.obstacle(ours["html"], inline_first=True)
    return "its page" + obstacle.removeprefix("it") if obstacle else None


def _without(usual: Allocation, planned: Codes, freed: Sequence[Format]) -> Allocation:
    """``usual`` with rules for ``planned`` in the formats of ``freed`` gone, as far as a rule is for nothing else."""
    machine_served = difference(usual.machine_served, planned) if "json" in freed else usual.machine_served
    rules = tuple(
        dataclasses.replace(rule, codes=difference(rule.codes, planned)) if rule.format in freed else rule
        for rule in usual.rules
    )
    pages = frozenset(
        rule.page
        for rule in rules
        if rule.page in usual.pages
        and (rule.codes if rule.format == "html" else intersection(rule.codes, machine_served))
    )
    return dataclasses.replace(usual, rules=rules, pages=pages, machine_served=machine_served)


def _only_html(kept: Allocation, most: int) -> Allocation:
    """The first ``most`` HTML rules of ``kept``, from the narrow to the wide."""
    html = [rule.page for rule in kept.rules if rule.format == "html" and rule.page in kept.pages]
    gone = kept.pages - set(html[:most])
    refused = {**kept.refused, **dict.fromkeys(gone, NO_ROOM)}
    return dataclasses.replace(kept, pages=frozenset(html[:most]), machine_served=(), refused=refused)


def announced_report(usual: Allocation, announced: Mode, limit: int) -> dict[str, Any]:
    """``maintenance`` in report.json: what differs from ``served`` there, codes with the same answers together."""
    if announced.obstacle:
        return {"obstacle": announced.obstacle}
    spans = usual.spans()
    single = tuple(span for span, _ in spans if span[0] == span[1])
    differing: dict[str, tuple[dict[Format, dict[str, str]], Codes]] = {}
    for span, code in spans:
        answers: dict[Format, dict[str, str]] = {}
        for wanted in SERVED_BY:
            before, answer = usual.served(code, wanted), announced.allocation.served(code, wanted)
            if "page" not in answer and "page" in before:
                answer = {**answer, "reason": NO_ROOM}
            if answer.get("page") != before.get("page") or answer["via"] != before["via"]:
                answers[wanted] = answer
        if answers:
            codes = (span,) if span[0] == span[1] else difference((span,), single)
            known = differing.get(str(answers), (answers, ()))
            differing[str(answers)] = (answers, union(known[1], codes))
    served = sorted(((codes, answers) for answers, codes in differing.values()), key=lambda found: found[0])
    return {
        "note": NOTE,
        "rules": {"used": len(announced.rules), "limit": limit},
        "served": {codes_text(codes): answers for codes, answers in served},
    }
