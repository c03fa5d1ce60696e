from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import octorules_wirefilter
import pytest

from site_builder.edges import open_edge
from site_builder.edges.cloudflare.compile import CloudflareRules, compile_rules
from site_builder.edges.cloudflare.expressions import failure
from site_builder.edges.cloudflare.preferences import ACCEPT_DIFFERENCES, JSON_CLIENT, MACHINE_CLIENT, MARKDOWN_CLIENT
from site_builder.edges.cloudflare.rules import is_edited, rule_digest
from site_builder.model import Entry, Finding
from site_builder.negotiation import negotiate_format
from site_builder.rules_language import Value, compile_expression, parse

WHERE = "errgen.toml: site.default.edge[0]"
MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]


def compiled(built: Any, **table: object) -> CloudflareRules:
    edge = open_edge({"kind": "cloudflare", "zone": "z1", **table}, WHERE)
    return compile_rules(built.manifest, built.read, edge.options)


@pytest.fixture
def small(site: MakeSite, entry: MakeEntry) -> Any:
    entries = [
        entry("404", weight=40.0),
        entry("522", weight=20.0, serve_status=503),
        entry("1015", weight=10.0),
        entry("4xx", (400, 499)),
        entry("5xx", (500, 599)),
        entry("1xxx", (1000, 1999)),
    ]
    return site(entries)


CODE_404 = "(http.response.code eq 404 and not (cf.response.1xxx_code ge 1000))"
CODE_522 = "(http.response.code eq 522 and not (cf.response.1xxx_code ge 1000))"
CODE_520_526 = "(http.response.code in {520..526} and not (cf.response.1xxx_code ge 1000))"
CODES_4XX = "(http.response.code in {400..499} and not (cf.response.1xxx_code ge 1000))"
CODES_5XX = "(http.response.code in {500..519 527..599} and not (cf.response.1xxx_code ge 1000))"
NO_MACHINES = f"not ({MACHINE_CLIENT})"


def test_a_small_site_is_written_as_the_body_of_the_put(small: Any) -> None:
    files = open_edge({"kind": "cloudflare", "zone": "z1"}, WHERE).compile(small.manifest, small.read).files
    sha = {file.path: file.sha256 for file in small.manifest.files}

    def rule(form: str, key: str, expression: str, **parameters: object) -> dict[str, Any]:
        extension = {"html": "html", "json": "json", "markdown": "md"}[form]
        made = {
            "ref": f"errgen_default_{form}_{key}",
            "description": f"errgen default: en/{key}.{extension}",
            "expression": expression,
            "action": "serve_error",
            "action_parameters": parameters,
            "enabled": True,
        }
        return {**made, "description": f"{made['description']} [{rule_digest(made)}]"}

    def inline(form: str, key: str, expression: str) -> dict[str, Any]:
        content_type = {"json": "application/json", "markdown": "text/plain"}[form]
        return rule(form, key, expression, content_type=content_type, content=f"en {key} as {form}\n")

    def asset(key: str) -> str:
        return f"errgen_default_en_{key}_{sha[f'pages/cloudflare/en/{key}.html'][:8]}"

    def html(key: str, expression: str, **more: object) -> dict[str, Any]:
        return rule("html", key, expression, content_type="text/html", asset_name=asset(key), **more)

    assert list(files) == ["ruleset.json", "assets.json", "report.json", "terraform.tf.json"]
    assert json.loads(files["ruleset.json"]) == {
        "rules": [
            inline("markdown", "404", f"{CODE_404} and ({MARKDOWN_CLIENT})"),
            inline("markdown", "4xx", f"{CODES_4XX} and ({MARKDOWN_CLIENT})"),
            inline("markdown", "5xx", f"{CODES_5XX} and ({MARKDOWN_CLIENT})"),
            inline("json", "404", f"{CODE_404} and ({JSON_CLIENT})"),
            inline("json", "4xx", f"{CODES_4XX} and ({JSON_CLIENT})"),
            inline("json", "5xx", f"{CODES_5XX} and ({JSON_CLIENT})"),
            html("404", CODE_404),
            html("522", f"{CODE_522} and {NO_MACHINES}", status_code=503),
            html("1015", f"(cf.response.1xxx_code eq 1015) and {NO_MACHINES}"),
            html("4xx", CODES_4XX),
            html("5xx", f"{CODES_5XX} or ({CODE_520_526} and {NO_MACHINES})"),
            html("1xxx", f"(cf.response.1xxx_code in {{1000..1999}}) and {NO_MACHINES}"),
        ]
    }
    assert json.loads(files["assets.json"]) == [
        {
            "name": asset(key),
            "page": f"pages/cloudflare/en/{key}.html",
            "sha256": sha[f"pages/cloudflare/en/{key}.html"],
        }
        for key in sorted(["1015", "1xxx", "404", "4xx", "522", "5xx"])
    ]


def test_the_report_of_a_small_site(small: Any) -> None:
    outcome = compiled(small)
    longest = max(outcome.rules, key=lambda rule: len(rule["expression"]))
    left = {"via": "cloudflare", "reason": "Cloudflare answers machine clients here with a live document of its own"}

    def ours(key: str, via: str) -> dict[str, Any]:
        pages = {"html": "html", "json": "json", "problem": "json", "markdown": "md"}
        return {form: {"page": f"en/{key}.{extension}", "via": via} for form, extension in pages.items()}

    def html_only(key: str, via: str) -> dict[str, Any]:
        return {"html": {"page": f"en/{key}.html", "via": via}, "json": left, "problem": left, "markdown": left}

    assert outcome.findings == ()
    assert outcome.report == {
        "edge": "cloudflare",
        "site": "default",
        "release": small.manifest.release,
        "plan": "pro",
        "machine_clients": "cloudflare",
        "delivery": "assets",
        "language": "en",
        "languages_left_out": [],
        "limits": {
            "rules": {"used": 12, "limit": 25},
            "assets": {"used": 6, "usable": 12, "limit": 25},
            "expression_characters": {"largest": len(longest["expression"]), "rule": longest["ref"], "limit": 4096},
            "content_bytes": {"largest": 19, "rule": "errgen_default_markdown_404", "limit": 10000},
            "put_bytes": {"used": len(json.dumps({"rules": outcome.rules}))},
        },
        "media_types": [
            {
                "format": "problem",
                "made_for": "application/problem+json; charset=utf-8",
                "served_as": "application/json",
            },
            {"format": "markdown", "made_for": "text/markdown; charset=utf-8", "served_as": "text/plain"},
        ],
        "differences": list(ACCEPT_DIFFERENCES),
        "headers": "An error rule sets no header: all stay as the failing answer has them, except Content-Type and "
        "Content-Length.",
        "served": {
            "400..499": ours("4xx", "catch-all"),
            "404": ours("404", "own"),
            "500..599": ours("5xx", "catch-all"),
            "520": html_only("5xx", "catch-all"),
            "521": html_only("5xx", "catch-all"),
            "522": html_only("522", "own"),
            "523": html_only("5xx", "catch-all"),
            "524": html_only("5xx", "catch-all"),
            "525": html_only("5xx", "catch-all"),
            "526": html_only("5xx", "catch-all"),
            "1000..1999": html_only("1xxx", "catch-all"),
            "1015": html_only("1015", "own"),
        },
        "maintenance": {"obstacle": "the site has no page maintenance in its default language"},
        "retry_after": {"header": "as the failing answer has it", "seconds": {}},
    }


def test_two_runs_write_the_same_bytes(large_site: Any) -> None:
    edge = open_edge({"kind": "cloudflare", "zone": "z1"}, WHERE)

    assert edge.compile(large_site.manifest, large_site.read) == edge.compile(large_site.manifest, large_site.read)


PLANS: Sequence[Mapping[str, object]] = [
    {"plan": "free"},
    {"limits": {"rules": 4, "assets": 8}},
    {"limits": {"rules": 6, "assets": 4}},
    {"plan": "pro"},
    {"plan": "pro", "machine_clients": "errgen"},
    {"plan": "business"},
    {"plan": "enterprise"},
    {"plan": "enterprise", "machine_clients": "errgen"},
    {"plan": "pro", "delivery": "inline"},
    {"plan": "pro", "delivery": "auto"},
    {"limits": {"rules": 20, "assets": 0}, "delivery": "inline"},
]
ACCEPTS = (
    *("application/json", "application/problem+json", "application/json, text/markdown;q=0.9", "text/markdown"),
    *("text/markdown, application/json", "text/*", "text/html", "*/*", None),
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    *("application/json, text/plain, */*", "text/markdown, text/html;q=0.9, */*;q=0.1", "text/css,*/*;q=0.1"),
)
STATUSES = (400, 404, 403, 410, 420, 429, 499, 500, 502, 503, 511, 519, 520, 522, 526, 527, 530, 599)
EDGE_CODES = (
    (1000, 403),
    (1005, 403),
    (1011, 403),
    (1015, 429),
    (1020, 403),
    (1027, 429),
    (1033, 530),
    (1103, 500),
    (1999, 409),
)


def failures() -> Iterator[tuple[int, dict[str, Value]]]:
    """Every kind of answer that fails: by the origin, by the edge, and 52x by either meaning of the field."""
    for status in STATUSES:
        yield status, {"http.response.code": status, "cf.response.1xxx_code": 0}
        if 520 <= status <= 526:
            yield status, {"http.response.code": status, "cf.response.1xxx_code": status}
    for code, status in EDGE_CODES:
        yield code, {"http.response.code": status, "cf.response.1xxx_code": code}


def row_for(served: Mapping[str, Any], code: int) -> Mapping[str, Any]:
    if str(code) in served:
        row: Mapping[str, Any] = served[str(code)]
        return row
    for codes, row in served.items():
        low, dots, high = codes.partition("..")
        if dots and int(low) <= code <= int(high):
            return row
    raise AssertionError(f"the report says nothing about {code}")


@pytest.mark.parametrize("table", PLANS, ids=lambda table: " ".join(str(value) for value in table.values()))
def test_every_client_gets_what_negotiation_and_the_report_say(large_site: Any, table: Mapping[str, object]) -> None:
    outcome = compiled(large_site, **table)
    rules = [(compile_expression(parse(rule["expression"])), rule) for rule in outcome.rules]
    wrong = []
    for code, fields in failures():
        row = row_for(outcome.report["served"], code)
        for accept in ACCEPTS:
            values: dict[str, Value] = {**fields, "http.request.headers": {"accept": [accept]} if accept else {}}
            matching = next((rule for matches, rule in rules if matches(values)), None)
            page = matching["description"].split()[2] if matching else None
            expected = row[negotiate_format([accept] if accept else [])]
            if page != expected.get("page"):
                wrong.append((code, accept, page, expected))
    assert wrong == []


@pytest.mark.parametrize("table", PLANS, ids=lambda table: " ".join(str(value) for value in table.values()))
def test_rules_keep_every_limit_and_are_accepted_by_the_real_parser(
    large_site: Any, table: Mapping[str, object]
) -> None:
    outcome = compiled(large_site, **table)
    limits = outcome.report["limits"]

    assert limits["rules"]["used"] == len(outcome.rules) <= limits["rules"]["limit"]
    assert limits["assets"]["used"] == len(outcome.assets) <= limits["assets"]["limit"] // 2
    assert len({rule["ref"] for rule in outcome.rules}) == len(outcome.rules)
    assert {asset.name for asset in outcome.assets} == {
        rule["action_parameters"]["asset_name"] for rule in outcome.rules if "asset_name" in rule["action_parameters"]
    }
    for rule in outcome.rules:
        assert octorules_wirefilter.parse_expression(rule["expression"]).get("error") is None
        assert len(rule["expression"]) <= 4096
        assert len(rule["action_parameters"].get("content", "").encode()) <= 10_000
        assert not is_edited(rule)


def test_on_pro_what_does_not_fit_is_served_by_a_wider_page_and_reported(large_site: Any) -> None:
    outcome = compiled(large_site, plan="pro")
    served = outcome.report["served"]
    reason = "the plan has no room for it beside pages that more clients get"

    assert (len(outcome.rules), len(outcome.assets)) == (25, 12)
    assert served["404"]["html"] == {"page": "en/404.html", "via": "own"}
    assert served["416"]["html"] == {"page": "en/4xx.html", "via": "catch-all", "reason": reason}
    assert all("page" in row["html"] for row in served.values())
    assert [finding.id for finding in outcome.findings] == ["cloudflare-covered-by-family"]
    assert outcome.findings[0].severity == "info"


def test_with_room_for_all_nothing_is_refused(large_site: Any) -> None:
    outcome = compiled(large_site, plan="enterprise", machine_clients="errgen")

    assert outcome.findings == ()
    assert outcome.report["served"]["1015"] == {
        "html": {"page": "en/1015.html", "via": "own"},
        "json": {"page": "en/1015.json", "via": "own"},
        "problem": {"page": "en/1015.json", "via": "own"},
        "markdown": {"page": "en/1015.md", "via": "own"},
    }


def test_the_free_plan_gets_no_rules_and_a_way_out(small: Any) -> None:
    compiled_files = open_edge({"kind": "cloudflare", "zone": "z1", "plan": "free"}, WHERE).compile(
        small.manifest, small.read
    )

    assert json.loads(compiled_files.files["ruleset.json"]) == {"rules": []}
    assert json.loads(compiled_files.files["assets.json"]) == []
    assert compiled_files.findings == (
        Finding(
            id="cloudflare-no-rules",
            severity="warning",
            message="Cloudflare serves none of the 18 pages: the plan has no custom error rules",
            where=WHERE,
            hint="custom error rules need the Pro plan or above; without them these pages still work at the origin "
            "(nginx, Apache, Caddy, HAProxy) or on Netlify, and Cloudflare keeps its own HTML, JSON and Markdown for "
            "what it fails with",
        ),
    )
    served = json.loads(compiled_files.files["report.json"])["served"]
    assert served["404"]["html"] == {"via": "none", "reason": "the plan has no room for it"}
    assert served["1015"]["html"] == {"via": "cloudflare", "reason": "the plan has no room for it"}


def test_limits_below_the_catch_alls_are_an_error_and_html_comes_first(small: Any) -> None:
    outcome = compiled(small, limits={"rules": 4, "assets": 50})

    assert [rule["ref"] for rule in outcome.rules] == [
        "errgen_default_html_404",
        "errgen_default_html_4xx",
        "errgen_default_html_5xx",
        "errgen_default_html_1xxx",
    ]
    assert [(finding.severity, finding.message) for finding in outcome.findings] == [
        ("error", "no json page of ours is served for 400..599"),
        ("error", "no problem page of ours is served for 400..599"),
        ("error", "no markdown page of ours is served for 400..599"),
        ("info", "2 codes are answered with a wider page than their own in at least one format"),
    ]
    # Who wants JSON keeps the answer of whoever failed, and is not given HTML instead.
    assert all(NO_MACHINES in rule["expression"] for rule in outcome.rules)


def test_content_that_is_too_large_falls_back_to_the_family(site: MakeSite, entry: MakeEntry) -> None:
    entries = [entry("404", weight=9.0), entry("4xx", (400, 499)), entry("5xx", (500, 599))]
    built = site(entries, contents={"en/404.json": b"x" * 10_001, "en/404.html": b"x" * 10_001})

    served = compiled(built).report["served"]["404"]

    assert served["json"] == {
        "page": "en/4xx.json",
        "via": "catch-all",
        "reason": "it has 10,001 bytes, and inline content may have 10,000",
    }
    assert served["html"] == {"page": "en/404.html", "via": "own"}


def bodies(outcome: CloudflareRules) -> dict[str, str]:
    """By ref, whether a rule names an asset or has its content in it."""
    return {
        rule["ref"].removeprefix("errgen_default_"): next(
            iter({"asset_name", "content"} & set(rule["action_parameters"]))
        )
        for rule in outcome.rules
    }


def test_in_the_rules_themselves_html_needs_no_asset_and_has_room_for_more_pages(large_site: Any) -> None:
    stored, inline = compiled(large_site, plan="pro"), compiled(large_site, plan="pro", delivery="inline")
    html = [rule for rule in inline.rules if rule["ref"].startswith("errgen_default_html_")]

    assert inline.assets == ()
    assert set(bodies(inline).values()) == {"content"}
    assert len(html) > len(stored.assets) == 12
    assert html[0]["action_parameters"] == {"content_type": "text/html", "content": "en 403 as html\n"}
    assert inline.report["limits"]["assets"] == {"used": 0, "usable": 12, "limit": 25}
    assert inline.report["delivery"] == "inline"


SIZES = {"en/404.html": b"x" * 10_001, "en/4xx.html": b"y" * 10_000, "en/5xx.html": b"z" * 10_001}


def test_what_does_not_fit_into_a_rule_is_an_asset_or_is_left_out(site: MakeSite, entry: MakeEntry) -> None:
    entries = [entry("403"), entry("404", weight=9.0), entry("4xx", (400, 499)), entry("5xx", (500, 599))]
    built = site(entries, contents=SIZES)
    auto, inline = compiled(built, delivery="auto"), compiled(built, delivery="inline")

    assert {ref: body for ref, body in bodies(auto).items() if ref.startswith("html")} == {
        "html_403": "content",
        "html_404": "asset_name",
        "html_4xx": "content",
        "html_5xx": "asset_name",
    }
    assert [one.page_path for one in auto.assets] == ["pages/cloudflare/en/404.html", "pages/cloudflare/en/5xx.html"]
    assert auto.findings == ()
    reason = "it has 10,001 bytes, and inline content may have 10,000"
    assert inline.assets == ()
    assert inline.report["served"]["404"]["html"] == {"page": "en/4xx.html", "via": "catch-all", "reason": reason}
    assert inline.report["served"]["500..599"]["html"] == {"via": "none", "reason": reason}
    assert [(one.id, one.severity, one.message) for one in inline.findings] == [
        (
            "cloudflare-unserved",
            "error",
            "no html page of ours is served for 500..599",
        ),
        (
            "cloudflare-too-large",
            "warning",
            "2 HTML pages do not fit into rules, and get none: en/404.html, en/5xx.html",
        ),
        (
            "cloudflare-covered-by-family",
            "info",
            "1 codes are answered with a wider page than their own in at least one format",
        ),
    ]


def test_where_assets_are_scarce_auto_keeps_them_for_the_weightiest(site: MakeSite, entry: MakeEntry) -> None:
    large = {f"en/{code}.html": b"x" * 10_001 for code in (403, 404, 410)}
    entries = [entry("403", weight=5.0), entry("404", weight=9.0), entry("410"), entry("4xx", (400, 499))]
    outcome = compiled(site(entries, contents=large), delivery="auto", limits={"rules": 9, "assets": 2})

    assert bodies(outcome)["html_404"] == "asset_name"
    assert [one.page_path for one in outcome.assets] == ["pages/cloudflare/en/404.html"]
    assert outcome.report["served"]["403"]["html"]["page"] == "en/4xx.html"


def test_an_asset_that_is_too_large_falls_back_to_the_family(site: MakeSite, entry: MakeEntry) -> None:
    built = site([entry("404"), entry("4xx", (400, 499))], contents={"en/404.html": b"x" * 1_500_001})

    assert compiled(built).report["served"]["404"]["html"] == {
        "page": "en/4xx.html",
        "via": "catch-all",
        "reason": "it has 1,500,001 bytes, and an asset may have 1,500,000",
    }


def test_an_expression_that_is_too_long_falls_back_to_the_catch_all(site: MakeSite, entry: MakeEntry) -> None:
    scattered = tuple((code, code + 1) for code in range(1000, 1999, 3))
    built = site([entry("many", *scattered, weight=9.0), entry("1xxx", (1000, 1999))])
    outcome = compiled(built)
    length = len(failure(scattered)) + len(f" and {NO_MACHINES}")

    assert [rule["ref"] for rule in outcome.rules] == ["errgen_default_html_1xxx"]
    assert outcome.report["served"]["1000"]["html"] == {
        "page": "en/1xxx.html",
        "via": "catch-all",
        "reason": f"its expression would have {length:,} characters, and Cloudflare takes 4,096",
    }


def test_a_catch_all_that_cannot_be_served_is_an_error(site: MakeSite, entry: MakeEntry) -> None:
    built = site([entry("4xx", (400, 499))], contents={"en/4xx.md": b"x" * 10_001})
    outcome = compiled(built)

    assert outcome.report["served"]["400..499"] == {
        "html": {"page": "en/4xx.html", "via": "catch-all"},
        "json": {
            "via": "none",
            "reason": "JSON and Markdown are only served together, and this range has no rules for both",
        },
        "problem": {
            "via": "none",
            "reason": "JSON and Markdown are only served together, and this range has no rules for both",
        },
        "markdown": {"via": "none", "reason": "it has 10,001 bytes, and inline content may have 10,000"},
    }
    assert [finding.severity for finding in outcome.findings] == ["error", "error", "error"]


def test_only_the_default_language_is_served_and_the_others_are_reported(site: MakeSite, entry: MakeEntry) -> None:
    entries = [entry("4xx", (400, 499)), entry("5xx", (500, 599)), entry("1xxx", (1000, 1999))]
    outcome = compiled(site(entries, languages=("de", "en", "pt-BR")))

    assert [asset.page_path for asset in outcome.assets] == [
        "pages/cloudflare/de/1xxx.html",
        "pages/cloudflare/de/4xx.html",
        "pages/cloudflare/de/5xx.html",
    ]
    assert outcome.report["languages_left_out"] == ["en", "pt-BR"]
    hint = 'languages = ["en", "pt-BR"] in this table has them served, as far as there is room beside de'
    message = "Cloudflare's rules answer in de only; 2 languages are left out: en, pt-BR"
    assert list(outcome.findings) == [Finding("cloudflare-one-language", "warning", message, hint=hint)]
