"""Languages, scopes and hosts at Cloudflare: which rules there are for them, and that they answer as the reference."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import octorules_wirefilter
import pytest

from site_builder.edges import open_edge
from site_builder.edges.cloudflare.answer import Deployment, Failure, Request, answer, edge_failure
from site_builder.edges.cloudflare.compile import CloudflareRules, compile_rules
from site_builder.edges.cloudflare.explain import VISIT
from site_builder.edges.cloudflare.expressions import failure
from site_builder.edges.cloudflare.languages import language_test
from site_builder.edges.cloudflare.preferences import JSON_CLIENT, MACHINE_CLIENT
from site_builder.edges.cloudflare.selection import language_shares
from site_builder.edges.cloudflare.simulation import Simulation
from site_builder.errors import InvalidInput
from site_builder.model import Codes, Entry, Finding, Scope
from site_builder.publishing.expected import Expectations, probes

MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]
WHERE = "errgen.toml: site.default.edge[0]"
API = Scope((), ("/api/*",), "json")
DOCS = Scope(("docs.example.com",), (), "markdown")
OLD = Scope(("old.example.com",), ("/api/*",), "html")
SCOPES: list[tuple[Scope, ...]] = [(), (API,), (OLD, API, DOCS), (DOCS,), (OLD,)]
CODE_404: Codes = ((404, 404),)


def options(**table: object) -> Any:
    return open_edge({"kind": "cloudflare", "zone": "z1", **table}, WHERE).options


@pytest.fixture
def entries(entry: MakeEntry) -> list[Entry]:
    return [
        entry("404", weight=40.0),
        entry("522", weight=20.0, serve_status=503),
        entry("1015", weight=10.0),
        entry("4xx", (400, 499)),
        entry("5xx", (500, 599)),
        entry("1xxx", (1000, 1999)),
        entry("maintenance", (500, 599)),
    ]


def with_scopes(built: Any, scopes: tuple[Scope, ...]) -> Any:
    return SimpleNamespace(manifest=dataclasses.replace(built.manifest, scopes=scopes), read=built.read)


def differing(built: Any, compiled: CloudflareRules, **table: object) -> list[tuple[str, str]]:
    found = Simulation(built.manifest, built.read, options(**table)).run(compiled.rules, compiled.assets)
    return [(one.kind, one.says) for one in found.differences]


@pytest.mark.parametrize("scopes", SCOPES)
@pytest.mark.parametrize("languages", [("en",), ("en", "de"), ("de", "en", "zh-Hans")])
@pytest.mark.parametrize(
    "table", [{}, {"machine_clients": "errgen", "delivery": "inline"}, {"hosts": ["docs.example.com"]}]
)
def test_with_room_for_everything_all_answers_are_those_of_the_reference(
    site: MakeSite,
    entries: list[Entry],
    scopes: tuple[Scope, ...],
    languages: tuple[str, ...],
    table: dict[str, object],
) -> None:
    built = with_scopes(site(entries, languages=languages), scopes)
    compiled = compile_rules(built.manifest, built.read, options(plan="enterprise", **table))

    left = [("left", "Cloudflare answers clients for JSON and Markdown with a live document of its own")]
    assert differing(built, compiled, plan="enterprise", **table) in ([], [] if "machine_clients" in table else left)
    for rule in (*compiled.rules, *compiled.announced.rules):
        assert octorules_wirefilter.parse_expression(rule["expression"]).get("error") is None
    refs = [rule["ref"] for rule in compiled.rules]
    assert len(set(refs)) == len(refs)


@pytest.mark.parametrize("scopes", SCOPES)
@pytest.mark.parametrize("rules", [8, 20, 300])
@pytest.mark.parametrize("announced", [False, True])
def test_the_report_says_who_gets_what(
    site: MakeSite, entries: list[Entry], scopes: tuple[Scope, ...], rules: int, announced: bool
) -> None:
    built = with_scopes(site(entries, languages=("en", "de")), scopes)
    limits = {"rules": rules, "assets": 30}
    compiled = compile_rules(built.manifest, built.read, options(limits=limits, languages=["de"]))
    mode = compiled.announced if announced else compiled
    assets = {one.name: built.read(one.page_path) for one in mode.assets}
    deployment = Deployment(zone_rules=mode.rules, zone_assets=assets)
    expectations = Expectations(built.manifest, compiled.report, built.read, "cloudflare", announced)

    for probe in probes(built.manifest, compiled.report):
        expected = expectations.of(probe)
        headers = {"accept": probe.accept, "accept-language": (probe.language,)}
        request = Request("GET", probe.host or "example.com", probe.path or "/", "", {
            name: lines for name, lines in headers.items() if any(lines)
        })  # fmt: skip
        origin = Failure(probe.code, made_by="origin", headers=(), body=b"the origin's own")
        failing = origin if probe.made_by == "origin" else edge_failure(probe.code, no_facts)
        made = answer(request, failing, deployment, VISIT, no_facts)
        ours = made.served_by.startswith("zone rule")
        assert (probe, ours, made.body if ours else b"") == (probe, expected.kind == "page", expected.content)


def no_facts(_: int) -> None:
    """What a catalog would know about a code."""


@pytest.mark.parametrize("scopes", SCOPES)
@pytest.mark.parametrize("rules", range(1, 26, 4))
def test_with_less_room_answers_are_wider_or_in_the_default_language_and_never_wrong(
    site: MakeSite, entries: list[Entry], scopes: tuple[Scope, ...], rules: int
) -> None:
    built = with_scopes(site(entries, languages=("en", "de", "fr")), scopes)
    table = {"limits": {"rules": rules, "assets": 25}, "languages": ["de", "fr"]}
    compiled = compile_rules(built.manifest, built.read, options(**table))

    kinds = {kind for kind, _ in differing(built, compiled, **table)}
    assert kinds <= {"wider", "left", "language", "unserved"}
    assert len(compiled.rules) <= rules
    assert len(compiled.announced.rules) <= rules


def test_the_rules_of_a_further_language_come_first_and_carry_its_name(site: MakeSite, entries: list[Entry]) -> None:
    built = site(entries, languages=("en", "pt-BR"))
    compiled = compile_rules(built.manifest, built.read, options(plan="enterprise"))
    test = language_test("pt-BR", ("en", "pt-BR"))

    refs = [rule["ref"] for rule in compiled.rules]
    assert refs == [
        *(f"errgen_default_pt_br_{form}_{key}" for form in ("markdown", "json") for key in ("404", "4xx", "5xx")),
        *(f"errgen_default_pt_br_html_{key}" for key in ("404", "522", "1015", "4xx", "5xx", "1xxx")),
        *(f"errgen_default_{form}_{key}" for form in ("markdown", "json") for key in ("404", "4xx", "5xx")),
        *(f"errgen_default_html_{key}" for key in ("404", "522", "1015", "4xx", "5xx", "1xxx")),
    ]
    by_ref = {rule["ref"]: rule["expression"] for rule in compiled.rules}
    assert by_ref["errgen_default_pt_br_html_404"] == f"({failure(CODE_404)}) and {test}"
    assert by_ref["errgen_default_pt_br_json_404"] == f"({failure(CODE_404)} and ({JSON_CLIENT})) and {test}"
    assert by_ref["errgen_default_html_404"] == failure(CODE_404)
    assert compiled.report["languages"]["pt-BR"]["404"] == {
        "html": {"page": "pt-BR/404.html", "via": "own"},
        "json": {"page": "pt-BR/404.json", "via": "own"},
        "problem": {"page": "pt-BR/404.json", "via": "own"},
        "markdown": {"page": "pt-BR/404.md", "via": "own"},
    }
    assert compiled.report["languages"]["pt-BR"]["522"] == {"html": {"page": "pt-BR/522.html", "via": "own"}}
    assert compiled.report["languages_left_out"] == []


def test_while_planned_work_is_announced_each_language_has_its_page(site: MakeSite, entries: list[Entry]) -> None:
    built = site(entries, languages=("en", "de"))
    compiled = compile_rules(built.manifest, built.read, options(plan="enterprise"))
    test = language_test("de", ("en", "de"))
    planned = failure(((500, 599),))

    announced = {rule["ref"]: rule["expression"] for rule in compiled.announced.rules}
    assert list(announced)[:4] == [
        "errgen_default_de_markdown_404",
        "errgen_default_de_markdown_4xx",
        "errgen_default_de_json_404",
        "errgen_default_de_json_4xx",
    ]
    assert announced["errgen_default_de_html_maintenance"] == f"({planned} and not ({MACHINE_CLIENT})) and {test}"
    assert announced["errgen_default_html_maintenance"] == planned
    assert "errgen_default_de_html_5xx" not in announced


def test_a_scope_is_answered_for_codes_whose_machine_clients_are_cloudflares(
    site: MakeSite, entries: list[Entry]
) -> None:
    built = with_scopes(site(entries), (API,))
    compiled = compile_rules(built.manifest, built.read, options(plan="business"))
    in_scope = '(starts_with(http.request.uri.path, "/api/"))'

    by_ref = {rule["ref"]: rule["expression"] for rule in compiled.rules}
    assert by_ref["errgen_default_json_522"] == f"{failure(((522, 522),))} and {in_scope}"
    assert by_ref["errgen_default_json_404"] == f"{failure(CODE_404)} and ({in_scope} or ({JSON_CLIENT}))"
    assert "errgen_default_markdown_522" not in by_ref
    assert compiled.report["scopes"] == [
        {
            "format": "json",
            "paths": ["/api/*"],
            "served": {
                **{str(code): {"page": "en/5xx.json", "via": "catch-all"} for code in (520, 521, 523, 524, 525, 526)},
                "522": {"page": "en/522.json", "via": "own"},
                "1000..1999": {"page": "en/1xxx.json", "via": "catch-all"},
                "1015": {"page": "en/1015.json", "via": "own"},
            },
        }
    ]


def test_a_scope_of_text_counts_for_nothing_and_it_is_said(site: MakeSite, entries: list[Entry]) -> None:
    built = with_scopes(site(entries), (Scope(("a.org",), ("/robots.txt",), "text"),))
    compiled = compile_rules(built.manifest, built.read, options(plan="business"))

    assert [one for one in compiled.findings if one.id == "cloudflare-scope"] == [
        Finding(
            "cloudflare-scope",
            "warning",
            "the scope of a.org, /robots.txt does not count here: no rule serves plain text or XML",
            hint="clients there get what they accept; html, json and markdown are served",
        )
    ]
    assert compiled.report["scopes"] == [
        {"format": "text", "hosts": ["a.org"], "paths": ["/robots.txt"], "obstacle": "no rule serves plain text or XML"}
    ]


@pytest.mark.parametrize(
    ("table", "shares"),
    [
        ({"plan": "pro"}, {"en": 1}),
        ({"plan": "pro", "languages": ["fr"]}, {"en": 6, "fr": 4}),
        ({"plan": "pro", "languages": ["fr", "de"]}, {"en": 12, "de": 4, "fr": 4}),
        ({"plan": "business"}, {"en": 12, "de": 4, "fr": 4}),
        ({"plan": "business", "languages": []}, {"en": 1}),
        ({"limits": {"rules": 20, "assets": 20}}, {"en": 1}),
        ({"plan": "pro", "language_shares": {"en": 70, "fr": 2.5}}, {"en": 70000, "fr": 2500}),
        ({"plan": "pro", "languages": ["de"], "language_shares": {"en": 1}}, {"en": 1000, "de": 1}),
    ],
)
def test_which_languages_are_served_and_how_much_each_counts(table: dict[str, object], shares: dict[str, int]) -> None:
    found = language_shares(("en", "de", "fr"), options(**table))

    assert (list(found), found) == (list(shares), shares)


def test_languages_that_the_site_has_not_and_that_have_no_room(site: MakeSite, entries: list[Entry]) -> None:
    built = site(entries, languages=("en", "de"))
    table = {"limits": {"rules": 3, "assets": 6}, "languages": ["de", "xx"]}
    found = compile_rules(built.manifest, built.read, options(**table)).findings

    assert [one for one in found if "language" in one.id] == [
        Finding(
            "cloudflare-language",
            "error",
            "the site has no pages in xx, which this table names",
            hint="the site has en, de; add to its languages, or correct this table",
        ),
        Finding(
            "cloudflare-language-room",
            "warning",
            "no page in de is served: there is no room for it beside pages that more clients get",
            hint="raise the limits, take a larger plan, or say in language_shares how many of the clients read each",
        ),
    ]


def test_what_the_table_may_say() -> None:
    with pytest.raises(InvalidInput) as caught:
        options(languages=["not a tag"], language_shares={"en": 0}, hosts=["https://a.example/"])

    assert [str(fault) for fault in caught.value.faults] == [
        f"{WHERE}.languages[0]: 'not a tag' is not a language tag like en, de or pt-BR",
        f"{WHERE}.language_shares.en: must be more than 0",
        f"{WHERE}.hosts[0]: 'https://a.example/' is not a host name like api.example.com or *.example.com, without "
        "https:// or port",
    ]
