from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import octorules_wirefilter
import pytest

from site_builder.edges import open_edge
from site_builder.edges.cloudflare.compile import CloudflareRules, compile_rules
from site_builder.edges.cloudflare.rules import is_edited
from site_builder.model import Entry
from site_builder.negotiation import negotiate_format
from site_builder.rules_language import Value, compile_expression, parse

from .test_compile import ACCEPTS, PLANS, WHERE, failures, row_for

MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]
ROOM: list[Mapping[str, object]] = [table for table in PLANS if table.get("plan") != "free"]
TINY: list[Mapping[str, object]] = [
    {"limits": {"rules": rules, "assets": assets}} for rules in (1, 2, 3, 5, 6, 9) for assets in (0, 2, 3, 25)
]


def compiled(built: Any, **table: object) -> CloudflareRules:
    edge = open_edge({"kind": "cloudflare", "zone": "z1", **table}, WHERE)
    return compile_rules(built.manifest, built.read, edge.options)


def name_of(table: Mapping[str, object]) -> str:
    return " ".join(str(value) for value in table.values())


def expected_row(report: Mapping[str, Any], code: int) -> dict[str, Any]:
    """The answers while planned work is announced: those that differ, and the usual ones."""
    usual = dict(row_for(report["served"], code))
    for codes, answers in report["maintenance"]["served"].items():
        for span in codes.split():
            low, _, high = span.partition("..")
            if int(low) <= code <= int(high or low):
                usual |= answers
    return usual


@pytest.mark.parametrize("table", [*ROOM, *TINY], ids=name_of)
def test_every_client_gets_what_the_report_says(maintained_site: Any, table: Mapping[str, object]) -> None:
    outcome = compiled(maintained_site, **table)
    rules = [(compile_expression(parse(rule["expression"])), rule) for rule in outcome.announced.rules]
    wrong = []
    for code, fields in failures():
        row = expected_row(outcome.report, code)
        for accept in ACCEPTS:
            values: dict[str, Value] = {**fields, "http.request.headers": {"accept": [accept]} if accept else {}}
            matching = next((rule for matches, rule in rules if matches(values)), None)
            page = matching["description"].split()[2] if matching else None
            expected = row[negotiate_format([accept] if accept else [])]
            if page != expected.get("page"):
                wrong.append((code, accept, page, expected))
    assert wrong == []


@pytest.mark.parametrize("table", ROOM, ids=name_of)
def test_every_5xx_of_the_website_gets_the_page_and_nothing_else_changes(
    maintained_site: Any, table: Mapping[str, object]
) -> None:
    outcome = compiled(maintained_site, **table)
    if outcome.announced.formats == ("html",):
        return
    pages = {"html": "html", "json": "json", "problem": "json", "markdown": "md"}
    assert outcome.report["maintenance"]["served"] == {
        "500..599": {
            form: {"page": f"en/maintenance.{extension}", "via": "maintenance"} for form, extension in pages.items()
        }
    }
    assert [rule["ref"] for rule in outcome.announced.rules[:3]] == [
        "errgen_default_markdown_maintenance",
        "errgen_default_json_maintenance",
        "errgen_default_html_maintenance",
    ]
    kept = outcome.announced.rules[3:]
    assert kept == tuple(rule for rule in outcome.rules if rule in kept)
    codes = {rule.page: rule.codes for rule in maintained_site.manifest.rules}
    gone = [codes[rule["description"].split()[2]] for rule in outcome.rules if rule not in kept]
    assert all(500 <= low <= high <= 599 for spans in gone for low, high in spans)
    assert {rule["action_parameters"]["status_code"] for rule in outcome.announced.rules[:3]} == {503}
    assert outcome.announced.assets == outcome.assets


@pytest.mark.parametrize("table", [*ROOM, *TINY], ids=name_of)
def test_it_fits_wherever_the_usual_rules_fit(maintained_site: Any, table: Mapping[str, object]) -> None:
    outcome = compiled(maintained_site, **table)
    announced = outcome.announced
    options: Any = open_edge({"kind": "cloudflare", "zone": "z1", **table}, WHERE).options
    assert announced.obstacle is None
    assert "errgen_default_html_maintenance" in [rule["ref"] for rule in announced.rules]
    assert outcome.report["maintenance"]["rules"] == {"used": len(announced.rules), "limit": options.quota.rules}
    assert len(announced.rules) <= options.quota.rules
    assert len({rule["ref"] for rule in announced.rules}) == len(announced.rules)
    named = {rule["action_parameters"].get("asset_name") for rule in announced.rules} - {None}
    assert named <= {asset.name for asset in announced.assets}
    for rule in announced.rules:
        assert octorules_wirefilter.parse_expression(rule["expression"]).get("error") is None
        assert len(rule["expression"]) <= 4096
        assert not is_edited(rule)


def test_without_room_for_all_formats_there_is_html(maintained_site: Any) -> None:
    tiny = compiled(maintained_site, limits={"rules": 1, "assets": 2})
    assert [rule["ref"] for rule in tiny.rules] == ["errgen_default_html_4xx"]
    assert [rule["ref"] for rule in tiny.announced.rules] == ["errgen_default_html_maintenance"]
    assert tiny.announced.formats == ("html",)
    served = tiny.report["maintenance"]["served"]
    assert served["500..599"] == {"html": {"page": "en/maintenance.html", "via": "maintenance"}}
    reason = "the plan has no room for it beside the page for planned work"
    assert {answers["html"].get("reason") for codes, answers in served.items() if codes != "500..599"} == {reason}


def test_the_ruleset_is_written_too(maintained_site: Any, large_site: Any) -> None:
    edge = open_edge({"kind": "cloudflare", "zone": "z1"}, WHERE)
    files = edge.compile(maintained_site.manifest, maintained_site.read).files
    announced = compiled(maintained_site).announced
    assert json.loads(files["ruleset.maintenance.json"]) == {"rules": list(announced.rules)}
    assert "ruleset.maintenance.json" not in edge.compile(large_site.manifest, large_site.read).files


def test_with_inline_delivery_a_large_page_cannot_be_announced(site: MakeSite, entry: MakeEntry) -> None:
    entries = [entry("5xx", (500, 599)), entry("maintenance", (500, 599), serve_status=503)]
    built = site(entries, contents={"en/maintenance.html": b"x" * 10_001})

    announced = compiled(built, delivery="inline").announced
    assert announced.obstacle == "its page has 10,001 bytes, and inline content may have 10,000"
    assert compiled(built, delivery="auto").announced.obstacle is None


def test_a_large_page_is_an_asset_and_makes_room_for_itself(site: MakeSite, entry: MakeEntry) -> None:
    entries = [
        entry("503", weight=9.0),
        entry("4xx", (400, 499)),
        entry("5xx", (500, 599)),
        entry("maintenance", (500, 599), serve_status=503),
    ]
    outcome = compiled(site(entries, contents={"en/maintenance.html": b"x" * 10_001}))
    html = next(rule for rule in outcome.announced.rules if rule["ref"] == "errgen_default_html_maintenance")
    (own,) = [asset for asset in outcome.announced.assets if "_maintenance_" in asset.name]
    assert html["action_parameters"] == {
        "content_type": "text/html",
        "asset_name": own.name,
        "status_code": 503,
    }
    keys = [asset.name.split("_")[3] for asset in outcome.announced.assets]
    assert keys == ["4xx", "maintenance"]
    assert [asset.name.split("_")[3] for asset in outcome.assets] == ["4xx", "503", "5xx"]


@pytest.mark.parametrize(
    ("table", "contents", "obstacle"),
    [
        ({"plan": "free"}, {}, "there is no room for custom error rules, and only they can announce it"),
        (
            {},
            {"en/maintenance.html": b"x" * 1_500_001},
            "its page has 1,500,001 bytes, and an asset may have 1,500,000",
        ),
    ],
)
def test_what_is_in_the_way(
    site: MakeSite, entry: MakeEntry, table: Mapping[str, object], contents: Mapping[str, bytes], obstacle: str
) -> None:
    entries = [entry("5xx", (500, 599)), entry("maintenance", (500, 599))]
    outcome = compiled(site(entries, contents=contents), **table)
    assert outcome.report["maintenance"] == {"obstacle": obstacle}
    assert outcome.announced.rules == outcome.rules


def test_json_that_is_too_large_leaves_html(site: MakeSite, entry: MakeEntry) -> None:
    entries = [entry("5xx", (500, 599)), entry("maintenance", (500, 599))]
    outcome = compiled(site(entries, contents={"en/maintenance.json": b"x" * 10_001}))
    assert [rule["ref"] for rule in outcome.announced.rules] == [
        "errgen_default_html_maintenance",
        "errgen_default_markdown_5xx",
        "errgen_default_json_5xx",
    ]
