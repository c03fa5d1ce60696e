"""Retry-After by a second ruleset: which answers get it, which do not, and what is said of those."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

import octorules_wirefilter
import pytest

from site_builder.edges import open_edge
from site_builder.edges._codes import union
from site_builder.edges.cloudflare.compile import CloudflareRules, compile_rules
from site_builder.edges.cloudflare.expressions import LONGEST
from site_builder.edges.cloudflare.preferences import MACHINE_CLIENT
from site_builder.edges.cloudflare.retry_after import LEFT, NOTE, SET, Seconds, header_rules
from site_builder.edges.cloudflare.rules import is_edited, rule_digest
from site_builder.model import Entry, Finding, Scope
from site_builder.rules_language import Value, compile_expression, parse
from tests.edges.conftest import MAINTENANCE, Built, an_entry, build_site, large_entries

from .test_compile import WHERE, failures

MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]
ABSENT = 'not any(lower(http.response.headers.names[*])[*] eq "retry-after")'
SECONDS = {408: 5, 429: 30, 500: 30, 502: 60, 503: 60, 504: 120, 520: 60, 521: 120, 522: 120, 1015: 30, 1200: 60}

SOME: list[Mapping[str, object]] = [
    {"limits": {"rules": 4, "assets": 8}},
    {"plan": "pro"},
    {"plan": "business", "machine_clients": "errgen"},
    {"plan": "enterprise"},
]


def compiled(built: Any, **table: object) -> CloudflareRules:
    edge = open_edge({"kind": "cloudflare", "zone": "z1", "retry_after": True, **table}, WHERE)
    return compile_rules(built.manifest, built.read, edge.options)


def name_of(table: Mapping[str, object]) -> str:
    return " ".join(str(value) for value in table.values())


@pytest.fixture(scope="module")
def waiting_site() -> Built:
    """As many pages as a real catalog has, some of which say when to try again, and one for planned work."""
    entries = [
        an_entry(one.key, *one.codes, weight=one.weight, retry_after=SECONDS.get(one.code or 0))
        for one in large_entries()
    ]
    planned = an_entry("maintenance", *MAINTENANCE.codes, serve_status=503, retry_after=3600)
    return build_site([*entries, planned])


def test_a_small_site_is_written_as_the_bodies_of_the_puts(site: MakeSite, entry: MakeEntry) -> None:
    built = site(
        [
            *(entry("503", retry_after=60), entry("504", retry_after=120), entry("522", retry_after=120), entry("404")),
            *(entry("4xx", (400, 499)), entry("5xx", (500, 599))),
            entry("maintenance", (500, 599), serve_status=503, retry_after=3600),
        ]
    )
    edge = open_edge({"kind": "cloudflare", "zone": "z1", "retry_after": True}, WHERE)
    outcome = edge.compile(built.manifest, built.read)

    def rule(seconds: int, test: str) -> dict[str, Any]:
        made = {
            "ref": f"errgen_default_retry_after_{seconds}",
            "description": f"errgen default: Retry-After {seconds}",
            "expression": f"{test} and {ABSENT}",
            "action": "rewrite",
            "action_parameters": {"headers": {"Retry-After": {"operation": "set", "value": str(seconds)}}},
            "enabled": True,
        }
        return {**made, "description": f"{made['description']} [{rule_digest(made)}]"}

    def status(codes: str) -> str:
        return f"(http.response.code {codes} and not (cf.response.1xxx_code ge 1000))"

    usual = [
        rule(60, status("eq 503")),
        rule(120, f"({status('eq 504')} or ({status('eq 522')} and not ({MACHINE_CLIENT})))"),
    ]
    planned = [rule(3600, status("in {500..599}"))]
    assert json.loads(outcome.files["ruleset.headers.json"]) == {"rules": usual}
    assert json.loads(outcome.files["ruleset.headers.maintenance.json"]) == {"rules": planned}
    assert json.loads(outcome.files["terraform.tf.json"])["resource"]["cloudflare_ruleset"][
        "errgen_default_headers"
    ] == {
        "zone_id": "z1",
        "name": "errgen default: headers",
        "description": "Headers of the error pages of the site default, made by errgen.",
        "kind": "zone",
        "phase": "http_response_headers_transform",
        "rules": usual,
    }
    report = json.loads(outcome.files["report.json"])
    common = {"header": SET, "note": NOTE}
    assert report["retry_after"] == {
        **common, "rules": {"used": 2, "limit": 25}, "seconds": {"60": "503", "120": "504 522"}, "html_only": "522",
    }  # fmt: skip
    assert report["maintenance"]["retry_after"] == {
        **common, "rules": {"used": 1, "limit": 25}, "seconds": {"3600": "500..599"},
    }  # fmt: skip
    assert outcome.findings == ()


def test_without_the_option_the_mismatch_is_reported(waiting_site: Built) -> None:
    edge = open_edge({"kind": "cloudflare", "zone": "z1", "plan": "enterprise"}, WHERE)
    outcome = edge.compile(waiting_site.manifest, waiting_site.read)
    report = json.loads(outcome.files["report.json"])

    assert not [name for name in outcome.files if "headers" in name]
    assert list(json.loads(outcome.files["terraform.tf.json"])["resource"]["cloudflare_ruleset"]) == ["errgen_default"]
    seconds = {"5": "408", "30": "429 500 1015", "60": "502..503 520 1200", "120": "504 521..522"}
    assert report["retry_after"] == {"header": LEFT, "seconds": seconds, "html_only": "520..522 1015 1200"}
    assert report["maintenance"]["retry_after"] == {
        "header": LEFT,
        "seconds": {"5": "408", "30": "429 1015", "60": "1200", "3600": "500..599"},
        "html_only": "1015 1200",
    }
    assert [one for one in outcome.findings if one.id == "cloudflare-retry-after"] == [
        Finding(
            "cloudflare-retry-after",
            "info",
            "the pages for 11 codes say in how many seconds to try again, and Retry-After stays as the failing answer "
            "has it: an error rule sets no header",
            where=WHERE,
            hint="retry_after = true in this table has it set where it is missing; the token then needs Transform "
            "Rules: Edit",
        )
    ]


@pytest.mark.parametrize("table", SOME, ids=name_of)
@pytest.mark.parametrize("announced", [False, True], ids=["usual", "announced"])
def test_header_and_page_agree_for_every_client(
    waiting_site: Built, table: Mapping[str, object], announced: bool
) -> None:
    """Whoever gets a page that says seconds gets them in the header, nobody else does unless a format of it says so."""
    outcome = compiled(waiting_site, **table)
    pages = {rule.page: rule.retry_after for rule in waiting_site.manifest.rules}
    told = outcome.report["maintenance" if announced else "retry_after"]
    told = told.get("retry_after", {"seconds": {}}) if announced else told
    made = outcome.announced_headers if announced else outcome.headers
    rules = [(compile_expression(parse(rule["expression"])), rule) for rule in made]
    errors = outcome.announced.rules if announced else outcome.rules
    serving = [(compile_expression(parse(rule["expression"])), rule) for rule in errors]
    wrong = []
    for code, fields in failures():
        for accept in ("application/json", "text/markdown", "text/html", None):
            values: dict[str, Value] = {**fields, "http.request.headers": {"accept": [accept]} if accept else {}}
            values["http.response.headers.names"] = ["Content-Type", "X-Retry-After"]
            served = next((rule["description"].split()[2] for matches, rule in serving if matches(values)), None)
            wanted = pages[served] if served else None
            given = [
                rule["action_parameters"]["headers"]["Retry-After"]["value"]
                for matches, rule in rules
                if matches(values)
            ]
            differing = in_text(code, told.get("differing", ""))
            listed = [int(one) for one, codes in told["seconds"].items() if in_text(code, codes)]
            right = [] if served is None or differing else [str(one) for one in listed]
            if given != right or (wanted and not differing and right != [str(wanted)]):
                wrong.append((code, accept, served, wanted, given, right))
            for name in ("Retry-After", "retry-after"):
                values["http.response.headers.names"] = ["Content-Type", name]
                assert not any(matches(values) for matches, _ in rules)
    assert wrong == []
    for rule in made:
        assert "error" not in octorules_wirefilter.parse_expression(rule["expression"])
        assert not is_edited(rule)


def in_text(code: int, codes: str) -> bool:
    """Whether ``502..503 520`` has the code."""
    spans = [span.partition("..") for span in codes.split()]
    return any(int(low) <= code <= int(high or low) for low, _, high in spans)


def test_formats_that_say_different_seconds_get_no_header(site: MakeSite, entry: MakeEntry) -> None:
    built = site(
        [
            entry("503", retry_after=60),
            entry("5xx", (500, 599), retry_after=30),
            entry("4xx", (400, 499)),
        ]
    )  # fmt: skip
    outcome = compiled(built, limits={"rules": 7, "assets": 8}, machine_clients="errgen")

    assert outcome.report["served"]["503"]["html"]["page"] == "en/503.html"
    assert outcome.report["served"]["503"]["markdown"]["page"] == "en/5xx.md"
    assert outcome.report["retry_after"]["differing"] == "503"
    assert outcome.report["retry_after"]["seconds"] == {"30": "500..502 504..599"}
    (finding,) = [one for one in outcome.findings if one.id == "cloudflare-retry-after"]
    assert (finding.severity, finding.message) == (
        "warning",
        "Retry-After is not set for 503: pages that are served for the same answer say different seconds",
    )


@pytest.mark.parametrize(("other", "set_for"), [(None, {"60": "503"}), (120, {"60": "503"}), (60, {"60": "503 522"})])
def test_a_status_that_stands_for_something_else_gets_no_header(
    site: MakeSite, entry: MakeEntry, other: int | None, set_for: dict[str, str]
) -> None:
    """Rules for headers may see 503 and not 522 where the page for 522 is served with status 503."""
    waits = entry("522", serve_status=503, retry_after=60 if other == 60 else 120)
    built = site([entry("503", retry_after=60), waits, entry("5xx", (500, 599)), entry("4xx", (400, 499))])
    report = compiled(built, plan="business", machine_clients="errgen").report["retry_after"]

    assert report["seconds"] == set_for
    assert report.get("differing") == (None if other == 60 else "522")


def test_a_rule_that_would_be_too_long_is_divided() -> None:
    codes = union((code, code) for code in range(400, 3000, 2))
    made = header_rules("default", Seconds({7: codes}, (), (), ()))

    assert [rule["ref"] for rule in made] == ["errgen_default_retry_after_7_1", "errgen_default_retry_after_7_2"]
    assert all(len(rule["expression"]) <= LONGEST for rule in made)
    matches = [compile_expression(parse(rule["expression"])) for rule in made]
    values: dict[str, Value] = {"http.response.headers.names": []}
    for code in range(400, 600):
        values |= {"http.response.code": code, "cf.response.1xxx_code": 0}
        assert sum(one(values) for one in matches) == (code % 2 == 0)


def test_what_has_no_room_is_left_out_and_said(waiting_site: Built) -> None:
    limits = {"rules": 300, "assets": 300, "header_rules": 2}
    outcome = compiled(waiting_site, plan="enterprise", limits=limits)

    assert [rule["ref"] for rule in outcome.headers] == [
        "errgen_default_retry_after_5",
        "errgen_default_retry_after_30",
    ]
    report = outcome.report["retry_after"]
    assert (report["rules"], report["seconds"]) == ({"used": 2, "limit": 2}, {"5": "408", "30": "429 500 1015"})
    assert report["without_room"] == {"60": "502..503 520 1200", "120": "504 521..522"}
    (finding,) = [one for one in outcome.findings if one.id == "cloudflare-retry-after"]
    assert finding.message == (
        "Retry-After is not set for 502..503 520 1200 504 521..522: there is room for 2 rules for response headers"
    )


def test_requests_of_a_scope_get_it_with_their_page_and_other_hosts_do_not(site: MakeSite, entry: MakeEntry) -> None:
    entries = [entry("522", retry_after=120), entry("404"), entry("4xx", (400, 499)), entry("5xx", (500, 599))]
    plain = site(entries)
    scopes = (Scope((), ("/api/*",), "json"),)
    built = dataclasses.replace(plain, manifest=dataclasses.replace(plain.manifest, scopes=scopes))
    outcome = compiled(built, hosts=["example.com"], plan="business")
    (made,) = outcome.headers
    header = compile_expression(parse(made["expression"]))
    serving = [(compile_expression(parse(rule["expression"])), rule) for rule in outcome.rules]
    for path in ("/", "/api/x"):
        for accept in ("application/json", "text/html"):
            for host in ("example.com", "other.example"):
                values: dict[str, Value] = {
                    "http.host": host, "http.request.uri.path": path, "http.request.headers": {"accept": [accept]},
                    "http.response.code": 522, "cf.response.1xxx_code": 0, "http.response.headers.names": ["date"],
                }  # fmt: skip
                served = any(matches(values) for matches, _ in serving)
                assert header(values) == served, (path, accept, host)
    assert "error" not in octorules_wirefilter.parse_expression(made["expression"])


def test_a_language_whose_page_says_something_else_has_no_header_for_anybody(site: MakeSite, entry: MakeEntry) -> None:
    entries = [entry("503", retry_after=60, weight=9.0), entry("404"), entry("4xx", (400, 499)),
               entry("5xx", (500, 599), retry_after=30)]  # fmt: skip
    too_large = {"de/503.html": b"x" * 1_500_001}
    built = site(entries, languages=("en", "de"), contents=too_large)
    report = compiled(built, plan="business", machine_clients="errgen", languages=["de"]).report

    assert report["served"]["503"]["html"]["page"] == "en/503.html"
    assert report["languages"]["de"]["503"]["html"]["page"] == "de/5xx.html"
    assert report["retry_after"]["differing"] == "503"
    assert report["retry_after"]["seconds"] == {"30": "500..502 504..599"}
