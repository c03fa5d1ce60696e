"""Response header transform rules: what is refused, who may write them, and what visitors get."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import ENTRY, OWNER, PRO, Cloud, rule

HEADERS = "/rulesets/phases/http_response_headers_transform/entrypoint"
ACCOUNT = f"accounts/{OWNER}"
JSON = dict[str, Any]


def header_rule(expression: str = "http.response.code ge 400", /, **changes: JSON) -> JSON:
    """A rule that changes headers: ``x_a={"operation": "set", "value": "1"}``."""
    headers = {name.replace("_", "-"): change for name, change in changes.items()}
    return {"action": "rewrite", "action_parameters": {"headers": headers}, "expression": expression}


def to(value: str) -> JSON:
    return {"operation": "set", "value": value}


def put(cloud: Cloud, *rules: JSON, scope: str = f"zones/{PRO}") -> None:
    cloud.ok("PUT", HEADERS, {"rules": list(rules)}, scope=scope)


@pytest.mark.parametrize(
    ("made", "pointer"),
    [
        (rule(), "/rules/0/action"),
        (header_rule() | {"action_parameters": None}, "/rules/0/action_parameters"),
        (header_rule() | {"action_parameters": {}}, "/rules/0/action_parameters/headers"),
        (header_rule() | {"action_parameters": {"headers": {}, "uri": {}}}, "/rules/0/action_parameters/uri"),
        (header_rule("no.such.field eq 1"), "/rules/0/expression"),
        (header_rule(cf_ray=to("1")), "/rules/0/action_parameters/headers/cf-ray"),
        (header_rule(x_cf_a=to("1")), "/rules/0/action_parameters/headers/x-cf-a"),
        (
            header_rule() | {"action_parameters": {"headers": {"a b": to("1")}}},
            "/rules/0/action_parameters/headers/a b",
        ),
        (header_rule(a={"operation": "put", "value": "1"}), "/rules/0/action_parameters/headers/a/operation"),
        (header_rule(a={"operation": "set"}), "/rules/0/action_parameters/headers/a"),
        (header_rule(a={"operation": "add", "value": 1}), "/rules/0/action_parameters/headers/a"),
        (header_rule(a=to("1") | {"expression": "x"}), "/rules/0/action_parameters/headers/a"),
        (header_rule(a={"operation": "remove", "value": "1"}), "/rules/0/action_parameters/headers/a"),
    ],
)
def test_what_is_refused(cloud: Cloud, made: JSON, pointer: str) -> None:
    errors = cloud.refused("PUT", HEADERS, {"rules": [made]})
    assert pointer in [error["source"]["pointer"] for error in errors]


def test_a_plan_has_so_many(cloud: Cloud) -> None:
    put(cloud, *[header_rule()] * 25)
    (error,) = cloud.refused("PUT", HEADERS, {"rules": [header_rule()] * 26})
    assert error["message"].endswith("26 out of 25")


@pytest.mark.parametrize(("withheld", "mine", "other"), [("Transform Rules", HEADERS, ENTRY),
                                                         ("Custom Error Rules", ENTRY, HEADERS)])  # fmt: skip
def test_each_phase_needs_its_own_right(cloud: Cloud, withheld: str, mine: str, other: str) -> None:
    ids = {path: cloud.ok("PUT", path, {"rules": []})["id"] for path in (mine, other)}
    cloud.state.withheld = {f"{withheld}:Edit"}
    for path in (mine, f"/rulesets/{ids[mine]}"):
        assert cloud.call("GET", path).status_code == 200
        assert cloud.call("PUT", path, {"rules": []}).status_code == 403
    for path in (other, f"/rulesets/{ids[other]}"):
        assert cloud.call("PUT", path, {"rules": []}).status_code == 200
    cloud.state.withheld = {f"{withheld}:Read"}
    assert cloud.call("GET", mine).status_code == 403
    assert cloud.call("GET", other).status_code == 200


def test_they_change_what_errors_and_pages_are_answered_with(cloud: Cloud) -> None:
    put(
        cloud,
        header_rule("http.response.code eq 503", x_origin={"operation": "remove"}, x_a=to("1")),
        header_rule("http.response.code eq 503", x_a={"operation": "add", "value": "2"}),
        header_rule('any(http.response.headers["x-a"][*] eq "1")', x_saw=to("what an earlier rule has set")),
        header_rule(
            'http.response.content_type.media_type eq "text/html"', x_b={"operation": "set", "expression": "1"}
        ),
        header_rule("http.response.code eq 503", x_off=to("1")) | {"enabled": False},
    )
    cloud.put_rules(rule("http.response.code eq 502", status_code=503))
    for path in ("/origin/503", "/cdn-cgi/error/503", "/origin/502"):
        made = cloud.visit(path)
        assert made.headers.get_list("x-a") == ["1", "2"], path
        assert not {"x-origin", "x-saw", "x-off", "x-b"} & set(made.headers)
    assert "x-a" not in cloud.visit("/origin/404").headers
    assert cloud.visit("/origin/404").headers["x-origin"] == "errgen"


def test_answers_that_are_no_errors_pass_them_too(cloud: Cloud) -> None:
    put(cloud, header_rule("true", x_a=to("1")))
    assert cloud.visit("/origin/200").headers["x-a"] == "1"


def test_those_of_the_account_go_first(cloud: Cloud) -> None:
    put(cloud, header_rule(x_a=to("zone")))
    put(cloud, header_rule(x_a=to("account"), x_b=to("account")), scope=ACCOUNT)
    made = cloud.visit("/origin/404")
    assert (made.headers["x-a"], made.headers["x-b"]) == ("zone", "account")
