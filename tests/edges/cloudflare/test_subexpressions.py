from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.edges.cloudflare.subexpressions import failed_parts, places_of
from site_builder.rules_language import Expression, evaluate, parse
from site_builder.rules_language.tree import Combination, Not

CODE = "http.response.code"
CLASS = "cf.response.1xxx_code"
ACCEPT = 'http.request.headers["accept"][*]'


def values(code: int = 404, code_1xxx: int = 0, *accept: str) -> dict[str, Any]:
    return {CODE: code, CLASS: code_1xxx, "http.request.headers": {"accept": list(accept)}}


@pytest.mark.parametrize(
    ("expression", "given_values", "expected"),
    [
        (f"{CODE} eq 500", values(), (f"{CODE} eq 500 is false",)),
        # Of conjuncts the first that is false.
        (f"{CODE} eq 404 and {CLASS} ge 1000 and ssl", values(), (f"{CLASS} ge 1000 is false",)),
        # Of disjuncts all.
        (f"{CODE} eq 500 or {CLASS} ge 1000", values(), (f"{CODE} eq 500 is false", f"{CLASS} ge 1000 is false")),
        # Behind a negation what is true: one disjunct, or all conjuncts.
        (f"not ({CODE} eq 500 or {CODE} eq 404)", values(), (f"{CODE} eq 404 is true",)),
        (
            f"not ({CODE} eq 404 and {CLASS} eq 0)",
            values(),
            (f"{CODE} eq 404 is true", f"{CLASS} eq 0 is true"),
        ),
        (f"not (not {CODE} eq 500)", values(), (f"{CODE} eq 500 is false",)),
        (f"{CODE} eq 404 xor {CLASS} eq 0", values(), (f"{CODE} eq 404 xor {CLASS} eq 0 is false",)),
        (
            f'any({ACCEPT} wildcard "*json*")',
            values(404, 0, "text/html"),
            (f'any({ACCEPT} wildcard "*json*") is false',),
        ),
        # What a function gives cannot be seen in the request.
        (
            'lower(http.request.headers["accept"][0]) contains "json"',
            values(404, 0, "TEXT/html"),
            ('lower(http.request.headers["accept"][0]) contains "json" is false: the value is "text/html"',),
        ),
        (
            'lower(http.request.headers["accept"][0]) contains "json"',
            values(),
            ('lower(http.request.headers["accept"][0]) contains "json" is false: the value is missing',),
        ),
        ('len(http.request.headers["accept"][0]) gt 9', values(404, 0, "*/*"), (
            'len(http.request.headers["accept"][0]) gt 9 is false: the value is 3',
        )),
    ],
)  # fmt: skip
def test_the_smallest_parts_that_failed(
    expression: str, given_values: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert failed_parts(parse(expression), given_values) == expected


def test_long_values_are_shown_in_part() -> None:
    [said] = failed_parts(parse('lower(http.request.headers["accept"][0]) eq "x"'), values(404, 0, "a" * 200))
    assert said.endswith(f': the value is "{"a" * 80}…"')


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("ssl", {("ssl", None)}),
        (f"not {CODE} eq 404 or {CLASS} in {{1000..1999}}", {(CODE, None), (CLASS, None)}),
        (f'any(lower({ACCEPT})[*] contains "json")', {("http.request.headers", "accept")}),
        ('any(http.request.headers.names[*] eq "accept")', {("http.request.headers.names", None)}),
        (
            'concat(http.host, "/", http.request.uri.path) eq "a/b"',
            {("http.host", None), ("http.request.uri.path", None)},
        ),
        (f"{CODE} lt {CLASS}", {(CODE, None), (CLASS, None)}),
        ("ip.src in {192.0.2.0/24} and ssl", {("ip.src", None), ("ssl", None)}),
        ("true", set()),
    ],
)
def test_what_an_expression_reads(expression: str, expected: set[tuple[str, str | None]]) -> None:
    assert places_of(parse(expression)) == expected


# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

LEAVES = [
    *(f"{CODE} eq {code}" for code in (404, 500)),
    f"{CLASS} ge 1000",
    "ssl",
    'http.host eq "a"',
    f'any({ACCEPT} wildcard "*json*")',
]


def combined(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return parts.map(Not) | st.builds(Combination, st.sampled_from(["and", "or", "xor"]), several)


expressions = st.recursive(st.sampled_from(LEAVES).map(parse), combined, max_leaves=12)
requests = st.builds(
    lambda code, code_1xxx, ssl, host, accept: {**values(code, code_1xxx, accept), "ssl": ssl, "http.host": host},
    st.sampled_from([404, 500, 503]),
    st.sampled_from([0, 1015]),
    st.booleans(),
    st.sampled_from(["a", "b"]),
    st.sampled_from(["application/json", "text/html"]),
)


@unhurried
@given(expressions, requests)
def test_a_failed_part_is_what_it_is_said_to_be(expression: Expression, fields: dict[str, Any]) -> None:
    if evaluate(expression, fields):
        return
    said = failed_parts(expression, fields)
    assert said
    for one in said:
        part, _, holds = one.rpartition(" is ")
        assert evaluate(parse(part), fields) == (holds == "true")
