"""The manifest -> what Cloudflare needs: custom error rules in order, the assets they name, and a report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...manifest import is_own_page
from ...model import Codes, Compiled, Finding, Format, Manifest, Rule
from .._codes import difference, intersection, union
from .._edge import Read
from .budget import Candidate, Choice, choose, tier_of
from .delivery import Delivery
from .expressions import LONGEST, STRUCTURED, rule_expression
from .maintenance import Mode, announce, announced_report
from .options import Options
from .proof import prove
from .report import Allocation, findings_of, report_of
from .retry_after import retry_after
from .rules import Asset, make_rule
from .terraform import module

ORDER: tuple[Format, ...] = ("markdown", "json", "html")
"""Rules test for a client from the rarest format to the commonest; the last takes everybody who is left."""

MACHINE: tuple[Format, Format] = ("markdown", "json")
NO_ROOM = "the plan has no room for it beside pages that more clients get"
NO_ROOM_AT_ALL = "the plan has no room for it"


@dataclass(frozen=True, slots=True)
class CloudflareRules:
    """What to publish: ``rules`` in order, without foreign ones, and the assets that they name.

    ``announced`` is the same release while planned work is announced. ``headers`` are rules for response headers, as
    usual, and ``announced_headers`` while planned work is announced.
    """

    rules: tuple[dict[str, Any], ...]
    assets: tuple[Asset, ...]
    report: dict[str, Any]
    findings: tuple[Finding, ...]
    announced: Mode
    headers: tuple[dict[str, Any], ...] = ()
    announced_headers: tuple[dict[str, Any], ...] = ()


def compile_files(manifest: Manifest, read: Read, options: Options) -> Compiled:
    """``ruleset.json``, ``ruleset.maintenance.json`` where the site has that page, ``assets.json``, ``report.json``.

    Where the options ask for Retry-After, ``ruleset.headers.json`` and the same for planned work. And all but planned
    work as ``terraform.tf.json``, where there are rules at all.
    """
    compiled = compile_rules(manifest, read, options)
    proof = prove(manifest, read, options, compiled.rules, compiled.assets)
    assets = [{"name": one.name, "page": one.page_path, "sha256": one.sha256} for one in compiled.assets]
    files = {
        "ruleset.json": _json({"rules": list(compiled.rules)}),
        "assets.json": _json(assets),
        "report.json": _json({**compiled.report, "exactness": proof.figures}),
    }
    if compiled.rules:
        files["terraform.tf.json"] = _json(
            module(manifest.site, compiled.rules, compiled.headers, compiled.assets, options, options.pages)
        )
    if compiled.announced.obstacle is None:
        files["ruleset.maintenance.json"] = _json({"rules": list(compiled.announced.rules)})
    if options.retry_after:
        files["ruleset.headers.json"] = _json({"rules": list(compiled.headers)})
        if compiled.announced.obstacle is None:
            files["ruleset.headers.maintenance.json"] = _json({"rules": list(compiled.announced_headers)})
    return Compiled(files, compiled.findings, proof)


def compile_rules(manifest: Manifest, read: Read, options: Options) -> CloudflareRules:
    """The rules and assets for the site's default language within the limits of ``options``.

    ``read`` gives a page's bytes by its path in the manifest. Deterministic; what is not served as it could be is in
    the report with the reason.
    """
    delivery = Delivery.of(manifest, read, options)
    neutral = [rule for rule in manifest.rules if rule.language == manifest.languages[0] and rule.format in ORDER]
    neutral = [rule for rule in neutral if not rule.maintenance]
    left = STRUCTURED if options.machine_clients == "cloudflare" else ()
    refused = delivery.too_large(neutral)
    weights = {rule.codes[0][0]: rule.weight for rule in reversed(neutral) if is_own_page(rule)}
    weights = options.counts.weights(weights) if options.counts else weights
    candidates = [_candidate(rule, left, delivery, weights) for rule in neutral]
    while True:
        eligible = [one for one in candidates if one.codes and one.page not in refused]
        choice = choose(eligible, options.quota, weights)
        made = _expressions(neutral, choice)
        too_long = {page: text for page, text in made.items() if len(text) > LONGEST}
        if not too_long:
            break
        refused |= {
            page: f"its expression would have {len(text):,} characters, and Cloudflare takes {LONGEST:,}"
            for page, text in too_long.items()
        }
    refused |= _without_room(eligible, choice)
    rules, assets = [], {}
    for rule in _in_order(neutral):
        if rule.page in made:
            body = delivery.body(rule)
            if isinstance(body, Asset):
                assets[body.name] = body
            rules.append(make_rule(manifest.site, rule, made[rule.page], body))
    allocation = Allocation(tuple(neutral), frozenset(made), choice.machine_served, left, refused)
    usual = Mode(tuple(rules), tuple(assets[name] for name in sorted(assets)), allocation)
    announced = announce(delivery, usual)
    report = report_of(manifest, options, allocation, rules, len(assets))
    findings = findings_of(manifest, options, allocation, report)
    report["maintenance"] = announced_report(allocation, announced, options.quota.rules)
    waits = retry_after(manifest.site, options, allocation, announced.allocation)
    report["retry_after"] = waits.report
    if announced.obstacle is None:
        report["maintenance"]["retry_after"] = waits.announced_report
    return CloudflareRules(
        usual.rules, usual.assets, report, (*findings, *waits.findings), announced, waits.rules, waits.announced
    )


def _candidate(rule: Rule, left: Codes, delivery: Delivery, weights: Mapping[int, float]) -> Candidate:
    codes = rule.codes if rule.format == "html" else difference(rule.codes, left)
    weight = weights[rule.codes[0][0]] if is_own_page(rule) else rule.weight
    return Candidate(rule.page, rule.format, tier_of(rule), codes, weight, delivery.by_asset(rule))


def _without_room(candidates: Sequence[Candidate], choice: Choice) -> dict[str, str]:
    """Pages that were not chosen, as far as more room would change that: see ``choose`` on machine formats."""
    wide = [[one.codes for one in candidates if one.tier == "catch-all" and one.format == form] for form in MACHINE]
    possible = intersection(union(*wide[0]), union(*wide[1]))
    reason = NO_ROOM if choice.pages else NO_ROOM_AT_ALL
    return {
        one.page: reason
        for one in candidates
        if one.page not in choice.pages and (one.format == "html" or not difference(one.codes, possible))
    }


def _expressions(rules: Iterable[Rule], choice: Choice) -> dict[str, str]:
    """The expressions of the chosen pages."""
    return {
        rule.page: rule_expression(rule.format, rule.codes, choice.machine_served)
        for rule in rules
        if rule.page in choice.pages
    }


def _in_order(rules: Sequence[Rule]) -> list[Rule]:
    """By format as the tests of clients need it; within a format as in the manifest, from the narrow to the wide."""
    return [rule for wanted in ORDER for rule in rules if rule.format == wanted]


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
