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
from .allocation import ORDER, Allocation, in_language
from .delivery import Delivery
from .rules import SERVED_BY, Asset

NO_ROOM = "the plan has no room for it beside the page for planned work"
HTML: tuple[Format, ...] = ("html",)
NOTE = (
    "This is served from errgen publish --maintenance to errgen publish --no-maintenance; a code that is not listed is "
    "answered as usual. An origin that answers below 400 is not closed by it: no rule acts on such an answer."
)


@dataclass(frozen=True, slots=True)
class Mode:
    """The rules in order and the assets, as usual or while planned work is announced, and who is served what.

    ``allocation`` is of the default language, ``further`` of the others by their tags. ``formats`` are those in which
    the page for planned work is served: all, or HTML alone where there is no room for more. ``obstacle`` says why
    planned work cannot be announced; then everything else is as usual.
    """

    rules: tuple[dict[str, Any], ...]
    assets: tuple[Asset, ...]
    allocation: Allocation
    further: Mapping[str, Allocation]
    formats: tuple[Format, ...] = ()
    obstacle: str | None = None


def usual_mode(delivery: Delivery, allocation: Allocation, further: Mapping[str, Allocation]) -> Mode:
    """What is served when no planned work is announced."""
    rules, assets = [], {}
    for one in (*further.values(), allocation):
        for rule in one.in_order():
            body = delivery.body(rule)
            if isinstance(body, Asset):
                assets[body.name] = body
            rules.append(delivery.rule(rule, one.expression(rule), body))
    return Mode(tuple(rules), tuple(assets[name] for name in sorted(assets)), allocation, further)


def announce(delivery: Delivery, usual: Mode) -> Mode:
    """What is served while planned work is announced, made from what is served otherwise.

    It fits wherever the usual rules do: those that can no longer match make room. Where that is not enough for all
    formats of the page there is HTML alone, and where it is not enough for that the last of the other rules goes. In
    further languages there is HTML alone, as far as there is room for it.
    """
    manifest, room = delivery.manifest, delivery.options.quota.rules
    language = manifest.languages[0]
    pages = {(rule.language, rule.format): rule for rule in manifest.rules if rule.maintenance}
    ours = {wanted: pages[language, wanted] for wanted in ORDER if (language, wanted) in pages}
    if obstacle := _obstacle(ours, delivery, room):
        return dataclasses.replace(usual, obstacle=obstacle)
    planned = ours["html"].codes
    fits = all(wanted in ours and not delivery.obstacle(ours[wanted]) for wanted in ("markdown", "json"))
    others = {tag: _without(one, planned, ORDER) for tag, one in usual.further.items()}
    theirs = {
        tag: _with_page(one, pages[tag, "html"])
        for tag, one in others.items()
        if (tag, "html") in pages and not delivery.obstacle(pages[tag, "html"], inline_first=True)
    }
    choices = [
        (formats, freed, further)
        for formats, freed in ((ORDER, ORDER), (HTML, HTML), (HTML, ORDER))
        for further in ({**others, **theirs}, others, {})
    ]
    for formats, freed, further in choices:
        kept = _without(usual.allocation, planned, freed)
        count = sum(len(list(one.in_order())) for one in (kept, *further.values())) + len(formats)
        if (formats is HTML or fits) and count <= room:
            break
    else:
        kept = _only_html(kept, room - 1)
    answered = planned if formats is ORDER else ()
    announcing = dataclasses.replace(
        kept,
        rules=(*(ours[wanted] for wanted in formats), *kept.rules),
        pages=kept.pages | {ours[wanted].page for wanted in formats},
        machine_served=union(kept.machine_served, answered),
        left=difference(kept.left, answered),
    )
    rules, assets, stored = [], usual.assets, {}
    own = Allocation(announcing.rules[: len(formats)], announcing.pages, answered, (), {}, announcing.whom)
    for one in (*further.values(), own, kept):
        for rule in one.in_order():
            body = delivery.body(rule, inline_first=rule.maintenance)
            if rule.maintenance and isinstance(body, Asset):
                stored[body.name] = body
            rules.append(delivery.rule(rule, one.expression(rule), body))
    if stored:
        # Beside assets of its own there may be no room for those that no rule names meanwhile.
        named = {rule["action_parameters"].get("asset_name") for rule in rules}
        every = [one for one in (*assets, *stored.values()) if one.name in named]
        assets = tuple(sorted(every, key=lambda one: one.name))
    return Mode(tuple(rules), assets, announcing, further, formats)


def _obstacle(ours: Mapping[Format, Rule], delivery: Delivery, room: int) -> str | None:
    if "html" not in ours:
        return f"the site has no page {MAINTENANCE} in its default language"
    if room == 0:
        return "there is no room for custom error rules, and only they can announce it"
    obstacle = delivery.obstacle(ours["html"], inline_first=True)
    return "its page" + obstacle.removeprefix("it") if obstacle else None


def _with_page(kept: Allocation, rule: Rule) -> Allocation:
    """``kept`` with the page for planned work, for those who want HTML, before all else."""
    return dataclasses.replace(kept, rules=(rule, *kept.rules), pages=kept.pages | {rule.page})


def _without(usual: Allocation, planned: Codes, freed: Sequence[Format]) -> Allocation:
    """``usual`` with rules for ``planned`` in the formats of ``freed`` gone, as far as a rule is for nothing else."""
    machine_served = difference(usual.machine_served, planned) if "json" in freed else usual.machine_served
    rules = tuple(
        dataclasses.replace(rule, codes=difference(rule.codes, planned)) if rule.format in freed else rule
        for rule in usual.rules
    )
    everywhere = {"html", *usual.whom.scopes.tests}
    pages = frozenset(
        rule.page
        for rule in rules
        if rule.page in usual.pages
        and (rule.codes if rule.format in everywhere else intersection(rule.codes, machine_served))
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
    languages = {tag: in_language(one) for tag, one in announced.further.items()}
    return {
        "note": NOTE,
        "rules": {"used": len(announced.rules), "limit": limit},
        **({"languages": languages} if languages else {}),
        "served": {codes_text(codes): answers for codes, answers in served},
    }
