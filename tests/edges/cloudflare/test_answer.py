from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from site_builder.edges.cloudflare.answer import (
    Answer,
    Deployment,
    Failure,
    Request,
    Visit,
    answer,
    edge_failure,
    first_match,
)
from site_builder.edges.cloudflare.exchange import Facts, expression_values
from site_builder.rules_language import FIELDS, ExpressionError

BROWSER = Request(headers={"accept": ("text/html,*/*;q=0.8",), "accept-encoding": ("gzip",)})
CLIENT = Request(headers={"accept": ("application/json",), "accept-encoding": ("gzip",)})
AGENT = Request(headers={"accept": ("text/markdown",), "accept-encoding": ("gzip",)})
ORIGIN_404 = Failure(
    404,
    made_by="origin",
    headers=(
        ("Content-Type", "application/problem+json"),
        ("Content-Length", "2"),
        ("Cache-Control", "max-age=60"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Content-Security-Policy", "default-src 'none'"),
    ),
    body=b"{}",
)


def rule(expression: str, ref: str = "r", *, enabled: bool = True, **parameters: Any) -> Mapping[str, Any]:
    parameters = {"content": f"<p>{ref}</p>", "content_type": "text/html"} | parameters
    return {
        "action": "serve_error",
        "action_parameters": {name: value for name, value in parameters.items() if value is not None},
        "expression": expression,
        "ref": ref,
        "enabled": enabled,
    }


def served(request: Request, failure: Failure, deployment: Deployment, visit: Visit, facts: Facts) -> str:
    return answer(request, failure, deployment, visit, facts).served_by


LAYERS = {
    "zone rule r": Deployment(zone_rules=(rule("http.response.code eq 522"),)),
    "account rule r": Deployment(account_rules=(rule("http.response.code eq 522"),)),
    "zone Error Page 500_errors": Deployment(zone_error_pages={"500_errors": b"page"}),
    "account Error Page 500_errors": Deployment(account_error_pages={"500_errors": b"page"}),
}


@pytest.mark.parametrize("present", [set(some) for n in range(5) for some in itertools.combinations(LAYERS, n)])
@pytest.mark.parametrize("request_", [BROWSER, CLIENT, AGENT])
def test_the_strongest_layer_that_is_there_serves(
    present: set[str], request_: Request, facts: Facts, visit: Visit
) -> None:
    merged = Deployment(
        zone_rules=LAYERS["zone rule r"].zone_rules if "zone rule r" in present else (),
        account_rules=LAYERS["account rule r"].account_rules if "account rule r" in present else (),
        zone_error_pages={"500_errors": b"page"} if "zone Error Page 500_errors" in present else {},
        account_error_pages={"500_errors": b"page"} if "account Error Page 500_errors" in present else {},
    )
    expected = next((name for name in LAYERS if name in present), "Cloudflare")
    assert served(request_, Failure(522), merged, visit, facts) == expected
    origin = Failure(522, made_by="origin", body=b"theirs")
    expected = next((name for name in ("zone rule r", "account rule r") if name in present), "origin")
    assert served(request_, origin, merged, visit, facts) == expected


def test_first_match_wins_and_disabled_rules_do_not_count(facts: Facts, visit: Visit) -> None:
    deployment = Deployment(
        zone_rules=(
            rule("http.response.code eq 500", "other"),
            rule("http.response.code ge 500", "off", enabled=False),
            rule("http.response.code in {520..526}", "first"),
            rule("true", "second"),
        )
    )
    assert served(BROWSER, Failure(522), deployment, visit, facts) == "zone rule first"
    assert served(BROWSER, ORIGIN_404, deployment, visit, facts) == "zone rule second"
    assert first_match((), {}) is None


def test_a_rule_replaces_body_and_status_and_keeps_the_other_headers(facts: Facts, visit: Visit) -> None:
    content = '{"ray": "::RAY_ID::", "ip": "::CLIENT_IP::", "geo": "::GEO::", "box": "::CAPTCHA_BOX::"}'
    deployment = Deployment(
        zone_rules=(rule("true", content=content, content_type="application/json", status_code=530),)
    )
    assert answer(CLIENT, ORIGIN_404, deployment, visit, facts) == Answer(
        status=530,
        headers=(
            ("content-type", "application/json"),
            ("Cache-Control", "max-age=60"),
            ("Set-Cookie", "a=1"),
            ("Set-Cookie", "b=2"),
            ("Content-Security-Policy", "default-src 'none'"),
            ("cf-ray", "9f140b785e57c458"),
        ),
        body=b'{"ray": "9f140b785e57c458", "ip": "2001:db8::7", "geo": "DE", "box": "::CAPTCHA_BOX::"}',
        served_by="zone rule r",
    )


def test_the_origins_answer_passes_as_it_came(facts: Facts, visit: Visit) -> None:
    failure = replace(ORIGIN_404, body=b"keeps ::RAY_ID::")
    passed = answer(AGENT, failure, Deployment(zone_error_pages={"500_errors": b"no"}), visit, facts)
    assert (passed.status, passed.body, passed.served_by) == (404, b"keeps ::RAY_ID::", "origin")
    assert passed.headers == (
        *(line for line in ORIGIN_404.headers if line[0] != "Content-Length"),
        ("cf-ray", "9f140b785e57c458"),
    )


def test_rules_apply_from_400_on(facts: Facts, visit: Visit) -> None:
    deployment = Deployment(zone_rules=(rule("true"),))
    assert served(BROWSER, Failure(399, made_by="origin"), deployment, visit, facts) == "origin"
    assert served(BROWSER, Failure(400, made_by="origin"), deployment, visit, facts) == "zone rule r"


def test_an_asset_is_that_of_the_rules_own_scope(facts: Facts, visit: Visit) -> None:
    by_asset = rule("true", content=None, asset_name="page")
    zone, account = {"page": b"zone ::RAY_ID::"}, {"page": b"account ::RAY_ID::"}
    of_zone = Deployment(zone_rules=(by_asset,), zone_assets=zone, account_assets=account)
    of_account = Deployment(account_rules=(by_asset,), zone_assets=zone, account_assets=account)
    assert answer(BROWSER, Failure(522), of_zone, visit, facts).body == b"zone 9f140b785e57c458"
    assert answer(BROWSER, Failure(522), of_account, visit, facts).body == b"account 9f140b785e57c458"


def test_a_rule_without_its_asset_changes_nothing_and_stops_the_search(facts: Facts, visit: Visit) -> None:
    lost = rule("true", "lost", content=None, asset_name="gone")
    found = answer(CLIENT, Failure(522), Deployment(zone_rules=(lost, rule("true", "next"))), visit, facts)
    plain = answer(CLIENT, Failure(522), Deployment(), visit, facts)
    assert (found.status, found.headers, found.body) == (plain.status, plain.headers, plain.body)
    assert found.served_by == "Cloudflare, zone rule lost lacks its asset"


def test_headers_of_an_edge_error_survive_a_rule(facts: Facts, visit: Visit) -> None:
    made = answer(CLIENT, edge_failure(1015, facts), Deployment(zone_rules=(rule("true"),)), visit, facts)
    assert made.headers == (
        ("content-type", "text/html"),
        ("server", "cloudflare"),
        ("cf-error-type", "1015"),
        ("cf-error-origin", "edge"),
        ("retry-after", "30"),
        ("cf-ray", "9f140b785e57c458"),
    )


def test_the_coding_of_the_old_body_is_not_kept(facts: Facts, visit: Visit) -> None:
    failure = Failure(404, made_by="origin", headers=(("Content-Encoding", "br"), ("Vary", "Accept")), body=b"?")
    made = answer(BROWSER, failure, Deployment(zone_rules=(rule("true"),)), visit, facts)
    assert made.headers == (("content-type", "text/html"), ("Vary", "Accept"), ("cf-ray", "9f140b785e57c458"))


ALL_PAGES = {name: name.encode() for name in ("500_errors", "1000_errors", "ratelimit_block", "ip_block", "waf_block")}


@pytest.mark.parametrize(
    ("code", "page"),
    [
        (502, "500_errors"), (504, "500_errors"), (520, "500_errors"), (526, "500_errors"), (530, "500_errors"),
        (500, None), (501, None), (503, None), (505, None), (404, None), (403, None),
        (1001, None), (1003, None), (1018, None), (1023, None),
        (1016, "1000_errors"), (1020, "1000_errors"), (1005, "ip_block"), (1015, "ratelimit_block"),
    ],
)  # fmt: skip
def test_which_error_page_a_code_gets(code: int, page: str | None, facts: Facts, visit: Visit) -> None:
    failure = edge_failure(code, facts)
    deployment = Deployment(zone_error_pages=ALL_PAGES)
    made = answer(CLIENT, failure, deployment, visit, facts)
    assert made.served_by == (f"zone Error Page {page}" if page else "Cloudflare")
    assert made.status == failure.status
    if page:
        assert (made.body, made.header("content-type")) == (page.encode(), "text/html; charset=utf-8")


def test_codes_with_a_page_type_of_their_own_fall_back_to_the_class(facts: Facts, visit: Visit) -> None:
    deployment = Deployment(zone_error_pages={"1000_errors": b"all"}, account_error_pages={"ratelimit_block": b"own"})
    assert served(BROWSER, edge_failure(1015, facts), deployment, visit, facts) == "zone Error Page 1000_errors"


def test_error_pages_need_accept_encoding_and_rules_do_not(facts: Facts, visit: Visit) -> None:
    bare = Request(headers={"accept": ("text/html",)})
    deployment = Deployment(zone_error_pages=ALL_PAGES)
    assert served(bare, Failure(522), deployment, visit, facts) == "Cloudflare"
    with_rule = replace(deployment, zone_rules=(rule("true"),))
    assert served(bare, Failure(522), with_rule, visit, facts) == "zone rule r"


def test_error_pages_have_their_tokens_replaced(facts: Facts, visit: Visit) -> None:
    page = b"<head></head>::RAY_ID:: ::CLIENT_IP:: ::GEO:: ::CLOUDFLARE_ERROR_500S_BOX::"
    made = answer(BROWSER, Failure(522), Deployment(zone_error_pages={"500_errors": page}), visit, facts)
    assert made.body == (
        b"<head></head>9f140b785e57c458 2001:db8::7 DE "
        b'<div class="cf-error-details">Error 522<br>Ray ID: 9f140b785e57c458</div>'
    )


RICH = Request(
    method="POST",
    host="shop.example.com",
    path="/a/b.HTML",
    query="x=1&x=2&y=",
    headers={
        "accept": ("text/html", "application/json;q=0.5"),
        "cookie": ("a=1",),
        "referer": ("https://example.com/",),
        "user-agent": ("Test/1",),
        "x-empty": ("",),
    },
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("http.response.code eq 429", True),
        ("cf.response.1xxx_code eq 1015", True),
        ('cf.response.error_type eq "1xxx"', True),
        ('any(http.request.headers["accept"][*] contains "application/json")', True),
        ('http.request.headers["accept"][1] eq "application/json;q=0.5"', True),
        ('http.request.headers["absent"][0] eq "x"', False),
        ('any(http.request.headers.names[*] eq "x-empty")', True),
        ('http.host eq "shop.example.com"', True),
        ('http.request.method eq "POST"', True),
        ('http.request.uri eq "/a/b.HTML?x=1&x=2&y="', True),
        ('http.request.uri.path eq "/a/b.HTML"', True),
        ('http.request.uri.path.extension eq "html"', True),
        ('http.request.uri.query eq "x=1&x=2&y="', True),
        ('http.request.uri.args["x"][1] eq "2" and http.request.uri.args["y"][0] eq ""', True),
        ('http.request.full_uri eq "https://shop.example.com/a/b.HTML?x=1&x=2&y="', True),
        ('http.user_agent eq "Test/1"', True),
        ('http.referer eq "https://example.com/"', True),
        ('http.cookie contains "a=1"', True),
        ("ssl", True),
        ("ip.src in {2001:db8::/32}", True),
        ("ip.src eq 2001:db8::8", False),
        ('ip.src.country eq "DE"', True),
        ('cf.zone.name eq "example.com"', True),
        ('http.response.headers["retry-after"][0] eq "30"', True),
        ('http.response.content_type.media_type eq "text/html"', True),
        ('cf.ray_id eq "9f140b785e57c458"', True),
    ],
)
def test_what_expressions_see(expression: str, expected: bool, facts: Facts, visit: Visit) -> None:
    deployment = Deployment(zone_rules=(rule(expression),), zone_name="example.com")
    made = answer(RICH, edge_failure(1015, facts), deployment, visit, facts)
    assert made.served_by == ("zone rule r" if expected else "Cloudflare")


@pytest.mark.parametrize(
    ("failure", "error_type", "code_1xxx"),
    [
        (Failure(522), "5xx", 0),
        (Failure(404), "", 0),
        (Failure(403, code_1xxx=1020), "1xxx", 1020),
        (Failure(522, made_by="origin"), "", 0),
        (Failure(429, code_1xxx=1015, error_type="ratelimit"), "ratelimit", 1015),
    ],
)
def test_error_type_and_code(failure: Failure, error_type: str, code_1xxx: int, facts: Facts, visit: Visit) -> None:
    wanted = f'cf.response.error_type eq "{error_type}" and cf.response.1xxx_code eq {code_1xxx}'
    assert served(BROWSER, failure, Deployment(zone_rules=(rule(wanted),)), visit, facts) == "zone rule r"


@pytest.mark.parametrize(
    ("failure", "covered"),
    [(Failure(522), True), (Failure(522, made_by="origin"), False), (Failure(502), False)],
)
def test_52x_can_be_in_the_1xxx_code(failure: Failure, covered: bool, facts: Facts, visit: Visit) -> None:
    deployment = Deployment(zone_rules=(rule("cf.response.1xxx_code eq 522"),))
    without = answer(BROWSER, failure, deployment, visit, facts)
    with_it = answer(BROWSER, failure, deployment, visit, facts, code_1xxx_covers_52x=True)
    assert (without.served_by == "zone rule r", with_it.served_by == "zone rule r") == (False, covered)


def test_every_value_is_a_field_of_the_language(facts: Facts, visit: Visit) -> None:
    existing = answer(RICH, Failure(522), Deployment(), visit, facts)
    assert set(expression_values(RICH, Failure(522), existing, Deployment(), visit)) <= set(FIELDS)


def test_a_rule_that_does_not_parse_raises(facts: Facts, visit: Visit) -> None:
    with pytest.raises(ExpressionError):
        answer(BROWSER, Failure(522), Deployment(zone_rules=(rule("http.response.code = 5"),)), visit, facts)
