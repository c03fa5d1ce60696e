from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.conftest import BUSINESS, ENTERPRISE, ENTRY, OWNER, PRO, Cloud, rule


def problem(cloud: Cloud, made: object, *, scope: str = f"zones/{PRO}") -> tuple[str, str, int]:
    """Pointer, message and code of the only problem with a rule."""
    (error,) = cloud.refused("PUT", ENTRY, {"rules": [made]}, scope=scope)
    assert cloud.call("GET", ENTRY, scope=scope).status_code == 404
    return error["source"]["pointer"], error["message"], error["code"]


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("http.response.code = 500", "expected"),
        ("http.response.code in {500, 502}", "expected"),
        ("http.respons.code eq 500", "http.respons.code"),
        ("http.host eq 5", ""),
        ('http.request.headers["accept"][*] contains "x"', "any"),
        ("http.response.code eq 500 # comment", "expected"),
        (" ", "empty"),
    ],
)
def test_bad_expressions(cloud: Cloud, expression: str, complaint: str) -> None:
    pointer, message, _ = problem(cloud, rule(expression))
    assert pointer == "/rules/0/expression"
    assert complaint in message


@pytest.mark.parametrize("expression", ["", None, 7])
def test_expressions_that_are_none(cloud: Cloud, expression: object) -> None:
    pointer, _, _ = problem(cloud, rule() | {"expression": expression})
    assert pointer == "/rules/0/expression"


def test_length_of_expressions(cloud: Cloud) -> None:
    def of(length: int) -> str:
        start = 'http.host eq "'
        return start + "x" * (length - len(start) - 1) + '"'

    assert problem(cloud, rule(of(4097)))[::2] == ("/rules/0/expression", 20127)
    cloud.put_rules(rule(of(4096)), rule("  http.response.code   eq   500 " + " " * 5000))


def test_matches_needs_business(cloud: Cloud) -> None:
    plain = rule('http.host matches "^a"')
    nested = rule('any(http.request.headers["accept"][*] matches "json") or not (ssl and http.host ~ "b")')
    for made in (plain, nested):
        pointer, message, _ = problem(cloud, made)
        assert pointer == "/rules/0/expression"
        assert "Business" in message
    for scope in (f"zones/{BUSINESS}", f"zones/{ENTERPRISE}", f"accounts/{OWNER}"):
        assert len(cloud.put_rules(plain, nested, scope=scope)["rules"]) == 2


@pytest.mark.parametrize("name", ["kind", "phase", "id", "version", "last_updated", "Rules"])
def test_unknown_fields_of_the_ruleset(cloud: Cloud, name: str) -> None:
    (error,) = cloud.refused("PUT", ENTRY, {"rules": [], name: "zone"})
    assert (error["message"], error["source"]) == (f"invalid JSON: unknown field {name}", {"pointer": f"/{name}"})


@pytest.mark.parametrize(
    "name", ["version", "last_updated", "name", "position", "ratelimit", "exposed_credential_check"]
)
def test_unknown_fields_of_a_rule(cloud: Cloud, name: str) -> None:
    pointer, message, _ = problem(cloud, rule() | {name: "1"})
    assert pointer == f"/rules/0/{name}"
    assert name in message


@pytest.mark.parametrize(
    ("name", "value"),
    [("description", 1), ("enabled", "yes"), ("ref", 5), ("logging", True), ("id", None), ("action", "block")],
)
def test_wrong_values_in_a_rule(cloud: Cloud, name: str, value: object) -> None:
    pointer, message, _ = problem(cloud, rule() | {name: value})
    assert pointer == f"/rules/0/{name}"
    assert name in message


@pytest.mark.parametrize(
    ("parameters", "below", "complaint"),
    [
        ({"asset_name": "page"}, "", "exactly one"),
        ({"content": None}, "", "exactly one"),
        ({"content": None, "asset_name": "nobody"}, "/asset_name", "'nobody' is not the name of a custom error asset"),
        ({"content": None, "asset_name": ["page"]}, "/asset_name", "is not the name"),
        ({"content": ""}, "/content", "not empty"),
        ({"content": 5}, "/content", "string"),
        ({"content": "x" * 10_241}, "/content", "10241 bytes out of 10240"),
        ({"content": "é" * 5_121}, "/content", "10242 bytes"),
        ({"content_type": None}, "/content_type", "needs a content_type"),
        ({"content_type": "text/markdown"}, "/content_type", "text/html, text/plain, application/json, text/xml"),
        ({"content_type": "application/problem+json"}, "/content_type", "must be one of"),
        ({"content_type": "text/html; charset=utf-8"}, "/content_type", "must be one of"),
        ({"status_code": 399}, "/status_code", "from 400 to 999"),
        ({"status_code": 1000}, "/status_code", "from 400 to 999"),
        ({"status_code": "503"}, "/status_code", "integer"),
        ({"status_code": True}, "/status_code", "integer"),
        ({"headers": {}}, "/headers", "unknown field headers"),
    ],
)
def test_wrong_parameters(cloud: Cloud, parameters: dict[str, Any], below: str, complaint: str) -> None:
    cloud.add_asset("page")
    pointer, message, _ = problem(cloud, rule(**parameters))
    assert pointer == f"/rules/0/action_parameters{below}"
    assert complaint in message


@pytest.mark.parametrize("parameters", [None, [], "x"])
def test_parameters_are_required(cloud: Cloud, parameters: object) -> None:
    pointer, _, _ = problem(cloud, rule() | {"action_parameters": parameters})
    assert pointer == "/rules/0/action_parameters"


@pytest.mark.parametrize(
    "parameters",
    [
        {"content": "x" * 10_240},
        {"content": "é" * 5_120},
        {"content_type": "text/plain"},
        {"content_type": "application/json"},
        {"content_type": "text/xml"},
        {"status_code": 400},
        {"status_code": 999},
        {"content": None, "asset_name": "page"},
        {"content": None, "asset_name": "page", "content_type": None},
    ],
    ids=str,
)
def test_what_is_just_allowed(cloud: Cloud, parameters: dict[str, Any]) -> None:
    cloud.add_asset("page")
    (stored,) = cloud.put_rules(rule(**parameters))["rules"]
    assert stored["action_parameters"] == rule(**parameters)["action_parameters"]


def test_a_rule_cannot_name_an_asset_of_another_scope(cloud: Cloud) -> None:
    cloud.add_asset("page", scope=f"accounts/{OWNER}")
    made = rule(content=None, asset_name="page")
    assert problem(cloud, made)[0] == "/rules/0/action_parameters/asset_name"
    cloud.put_rules(made, scope=f"accounts/{OWNER}")


def test_refs_and_ids_are_unique(cloud: Cloud) -> None:
    (error,) = cloud.refused("PUT", ENTRY, {"rules": [rule(ref="same"), rule(ref="other"), rule(ref="same")]})
    assert "same ref 'same'" in error["message"]
    (stored,) = cloud.put_rules(rule(ref="a"))["rules"]
    twice = [rule() | {"id": stored["id"]}, rule() | {"id": stored["id"]}]
    assert "same id" in cloud.refused("PUT", ENTRY, {"rules": twice})[0]["message"]
    (error,) = cloud.refused("POST", f"/rulesets/{cloud.ok('GET', ENTRY)['id']}/rules", rule(ref="a"))
    assert "same ref 'a'" in error["message"]


@pytest.mark.parametrize(
    ("scope", "quota"), [(f"zones/{PRO}", 25), (f"zones/{BUSINESS}", 50), (f"zones/{ENTERPRISE}", 300)]
)
def test_number_of_rules(cloud: Cloud, scope: str, quota: int) -> None:
    rules = [rule(ref=f"r{n}") for n in range(quota + 1)]
    (error,) = cloud.refused("PUT", ENTRY, {"rules": rules}, scope=scope)
    assert error["message"].endswith(f"{quota + 1} out of {quota}")
    full = cloud.put_rules(*rules[:-1], scope=scope)
    (error,) = cloud.refused("POST", f"/rulesets/{full['id']}/rules", rules[-1], scope=scope)
    assert error["message"].endswith(f"{quota + 1} out of {quota}")


def test_every_problem_is_told(cloud: Cloud) -> None:
    errors = cloud.refused("PUT", ENTRY, {"rules": [rule("x", status_code=1), "no rule", rule(content_type="a/b")]})
    assert [error["source"]["pointer"] for error in errors] == [
        "/rules/0/expression",
        "/rules/0/action_parameters/status_code",
        "/rules/1",
        "/rules/2/action_parameters/content_type",
    ]


@pytest.mark.parametrize("rules", [None, {}, "x"])
def test_rules_are_an_array(cloud: Cloud, rules: object) -> None:
    assert cloud.refused("PUT", ENTRY, {"rules": rules})[0]["source"] == {"pointer": "/rules"}
    assert cloud.refused("PUT", ENTRY, {"rules": [], "name": 5})[0]["source"] == {"pointer": "/name"}
