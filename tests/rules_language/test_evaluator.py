"""Evaluation: the corpus of published facts, and what evaluation promises for every input."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.rules_language import (
    HTTP_CUSTOM_ERRORS,
    Scheme,
    Type,
    Value,
    compile_expression,
    evaluate,
    parse,
    value_of,
)
from site_builder.rules_language.tree import Ordering

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Case(TypedDict):
    expression: str
    values: dict[str, Value]
    result: bool


class Group(TypedDict):
    source: str
    fields: dict[str, str] | None
    cases: list[Case]


GROUPS: list[Group] = json.loads((Path(__file__).parent / "corpus.json").read_text(encoding="utf-8"))
HEADERS = "http.request.headers"
BOTH = 'any((http.request.headers["x"][*] eq "a" and http.request.headers["y"][*] eq "d"))'


def field_type(written: str) -> Type:
    """``Map<Array<Bytes>>`` as a type."""
    name, _, inner = written.partition("<")
    return Type(name, field_type(inner[:-1]) if inner else None)  # type: ignore[arg-type]  # the corpus names types


def scheme_of(group: Group) -> Scheme:
    if group["fields"] is None:
        return HTTP_CUSTOM_ERRORS
    fields = {name: field_type(written) for name, written in group["fields"].items()}
    return Scheme(fields, HTTP_CUSTOM_ERRORS.functions)


CORPUS = [
    pytest.param(scheme_of(group), case, id=f"{case['expression'][:60]}-{index}")
    for group in GROUPS
    for index, case in enumerate(group["cases"])
]


def test_the_corpus_has_at_least_a_hundred_facts_of_both_results() -> None:
    results = [case["result"] for group in GROUPS for case in group["cases"]]
    assert results.count(True) >= 100
    assert results.count(False) >= 100


@pytest.mark.parametrize(("scheme", "case"), CORPUS)
def test_corpus(scheme: Scheme, case: Case) -> None:
    assert evaluate(parse(case["expression"], scheme), case["values"]) is case["result"]


@pytest.mark.parametrize(
    ("text", "result"),
    [("true", True), ("false", False), ("not true", False), ("false or not false", True), ("(true)", True)],
)
def test_constants(text: str, result: bool) -> None:
    assert evaluate(parse(text), {}) is result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("http.response.code eq 404", False),
        ("http.response.code ne 404", True),
        ("not http.response.code eq 404", True),
        ("http.response.code in {0..999}", False),
        ("http.response.code & 1", False),
        ("http.response.code gt 0", False),
        ("http.response.code lt 1000", False),
        ('http.host contains ""', False),
        ('http.host matches ""', False),
        ('http.host wildcard "*"', False),
        ('http.host strict wildcard "*"', False),
        ('http.host in {""}', False),
        ("http.host in $names", False),
        ("ip.src in {0.0.0.0/0 ::/0}", False),
        ("ssl", False),
        ('lower(http.host) eq ""', False),
        ('lower(http.host) ne ""', True),
        ("len(http.host) ge 0", False),
        ('starts_with(http.host, "")', False),
        ('concat(http.host, "a") eq "a"', True),
        ("concat(http.host, http.user_agent) ne http.cookie", False),
        ('coalesce(http.host, http.user_agent, "b") eq "b"', True),
        ('http.request.headers["accept"][0] eq ""', False),
        ('any(http.request.headers["accept"][*] eq "")', False),
        ('all(http.request.headers["accept"][*] eq "")', True),
        ('all(not http.request.headers["accept"][*] eq "")', True),
        ('all(starts_with(http.request.headers["accept"][*], ""))', False),
        ('all(not starts_with(http.request.headers["accept"][*], ""))', True),
        ('any(lower(http.request.headers["accept"][*])[*] eq "")', False),
        ('all(http.request.headers[*][*] eq "")', True),
    ],
)
def test_a_missing_value(text: str, result: bool) -> None:
    assert evaluate(parse(text), {}) is result
    names = dict.fromkeys(HTTP_CUSTOM_ERRORS.fields, None)
    assert evaluate(parse(text), names) is result


@pytest.mark.parametrize(
    ("text", "headers", "result"),
    [
        ('any(http.request.headers[*][*] eq "b")', {"x": ["a"], "y": ["c", "b"]}, True),
        ('any(http.request.headers[*][1] eq "b")', {"x": ["a"], "y": ["c", "b"]}, True),
        ('all(http.request.headers[*][1] eq "b")', {"x": ["a"], "y": ["c", "b"]}, True),
        ('lower(http.request.headers["x"][*])[1] eq "b"', {"x": ["A", "B"]}, True),
        ('any(split(http.request.headers["x"][*], ",", 9)[*][*] eq "b")', {"x": ["a,b", "c"]}, True),
        ('any(split(http.request.headers["x"][*], ",", 9)[1][*] eq "c")', {"x": ["a,b", "c"]}, True),
        (BOTH, {"x": ["b", "a"], "y": ["c", "d"]}, True),
        (BOTH, {"x": ["b", "a"], "y": ["d"]}, False),
        ('has_key(http.request.headers, "x")', {"x": []}, True),
        ('has_key(http.request.headers, "y")', {"x": []}, False),
        ('has_value(http.request.headers["x"], "b")', {"x": ["a", "b"]}, True),
        ('has_value(http.request.headers["x"], "c")', {"x": ["a", "b"]}, False),
        ('contains(http.request.headers["x"][0], "ell")', {"x": ["hello"]}, True),
    ],
)
def test_arrays_and_maps(text: str, headers: Mapping[str, Sequence[str]], result: bool) -> None:
    assert evaluate(parse(text), {HEADERS: headers}) is result


def test_text_may_be_bytes_and_addresses_may_be_objects() -> None:
    assert evaluate(parse(r'http.host eq "\xff"'), {"http.host": b"\xff"})
    assert evaluate(parse(r'http.host eq "\xff"'), {"http.host": "\udcff"})
    assert evaluate(parse('http.host eq "ä"'), {"http.host": "ä"})
    assert evaluate(parse("ip.src in {10.0.0.0/8}"), {"ip.src": ip_address("10.1.2.3")})
    assert evaluate(parse("ip.src in $mine"), {"ip.src": "10.1.2.3", "$mine": [ip_address("10.1.2.3")]})


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('http.host eq "a"', {"http.host": 1}),
        ("http.response.code eq 1", {"http.response.code": "1"}),
        ("http.response.code eq 1", {"http.response.code": True}),
        ("ssl", {"ssl": 1}),
        ("ip.src eq 1.2.3.4", {"ip.src": 16909060}),
        ('any(http.request.headers["a"][*] eq "b")', {HEADERS: {"a": "b"}}),
        ('any(http.request.headers.names[*] eq "b")', {"http.request.headers.names": 3}),
        ("http.host in $names", {"http.host": "a", "$names": "a"}),
    ],
)
def test_a_value_of_another_type_is_an_error_of_the_caller(text: str, values: Mapping[str, Value]) -> None:
    with pytest.raises(TypeError):
        evaluate(parse(text), values)


@unhurried
@given(st.text(), st.text())
def test_comparisons_of_text_are_those_of_its_bytes(left: str, right: str) -> None:
    a, b = left.encode(), right.encode()
    values: dict[str, Value] = {"http.host": left, "http.user_agent": right}
    for operator, expected in {
        "eq": a == b,
        "ne": a != b,
        "lt": a < b,
        "le": a <= b,
        "gt": a > b,
        "ge": a >= b,
    }.items():
        assert evaluate(parse(f"http.host {operator} http.user_agent"), values) is expected
    assert evaluate(parse("contains(http.host, http.user_agent)"), values) is (b in a)
    assert evaluate(parse("starts_with(http.host, http.user_agent)"), values) is a.startswith(b)


@unhurried
@given(st.lists(st.booleans(), min_size=1, max_size=5), st.sampled_from(["and", "or", "xor"]))
def test_operators_reduce_from_the_left(operands: list[bool], operator: str) -> None:
    text = f" {operator} ".join(str(operand).lower() for operand in operands)
    expected = operands[0]
    for operand in operands[1:]:
        expected = {"and": expected and operand, "or": expected or operand, "xor": expected != operand}[operator]
    assert evaluate(parse(text), {}) is expected


def test_a_compiled_expression_is_kept() -> None:
    first = compile_expression(parse("ssl and http.response.code eq 404"))
    assert compile_expression(parse("ssl  and (http.response.code == 404)")) is first
    assert first({"ssl": True, "http.response.code": 404})
    assert not first({"ssl": True, "http.response.code": 403})


ACCEPT = 'http.request.headers["accept"][*]'
MARKDOWN = f"""
any({ACCEPT} eq "text/*") or (
  any({ACCEPT} wildcard "*text/markdown*")
  and not any({ACCEPT} wildcard "*json,*text/markdown*") and not any({ACCEPT} wildcard "*text/html,*text/markdown*")
)"""
JSON = f"""
(any({ACCEPT} wildcard "*application/json*") or any({ACCEPT} wildcard "*application/problem+json*"))
and not any({ACCEPT} wildcard "*json;q=0,*")"""


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (["application/json"], "json"),
        (["application/problem+json"], "json"),
        (["application/json, text/markdown;q=0.9"], "json"),
        (["text/markdown"], "markdown"),
        (["text/markdown, application/json"], "markdown"),
        (["text/*"], "markdown"),
        (["text/html"], "html"),
        (["*/*"], "html"),
        (None, "html"),
    ],
)
def test_ordered_rules_without_regex_answer_the_nine_rows_of_the_reference(
    accept: list[str] | None, expected: str
) -> None:
    values: dict[str, Value] = {HEADERS: {} if accept is None else {"accept": accept}}
    rules = {"markdown": parse(MARKDOWN), "json": parse(JSON), "html": parse("true")}
    assert next(name for name, rule in rules.items() if evaluate(rule, values)) == expected


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("http.response.code eq 1", {"http.response.code": 404}, 404),
        ('http.host eq "a"', {}, None),
        ('lower(http.host) eq "a"', {"http.host": "EXAMPLE.com"}, b"example.com"),
        ('http.request.headers["accept"][1] eq "a"', {HEADERS: {"accept": ["a", "b"]}}, b"b"),
    ],
)
def test_the_value_that_a_part_compares(text: str, values: dict[str, Value], expected: Value) -> None:
    part = parse(text)
    assert isinstance(part, Ordering)
    assert value_of(part.value, values) == expected
