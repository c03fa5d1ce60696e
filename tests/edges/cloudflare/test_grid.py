"""Where expressions hold, compared with evaluating each for each failure and client by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.edges.cloudflare.grid import Grid
from site_builder.rules_language import Expression, evaluate, parse
from site_builder.rules_language.tree import Combination, Not

CODE, CLASS = "http.response.code", "cf.response.1xxx_code"
FAILURES: list[dict[str, Any]] = [{CODE: code, CLASS: class_} for code in (404, 500, 503) for class_ in (0, 2)]
CLIENTS: list[dict[str, Any]] = [
    {"http.host": host, "ssl": ssl, "http.request.headers": {"accept": accept, "accept-language": [language]}}
    for host in ("a", "example")
    for ssl, language in ((True, "de"), (False, "de"), (True, "en"))
    for accept in (["application/json"], ["text/html", "*/*"], [])
]
LEAVES = [
    f"{CODE} eq 404",
    f"{CODE} in {{500..599}}",
    f"{CLASS} ge 2",
    f"{CODE} lt {CLASS}",
    "ssl",
    'http.host eq "a"',
    'any(http.request.headers["accept"][*] contains "json")',
    'http.request.headers["accept"][1] eq "*/*"',
    'any(http.request.headers.values[*] eq "x")',
    'any(http.request.headers["accept-language"][*] eq "de")',
    'http.user_agent eq ""',
    # What reads of both.
    f"{CLASS} lt len(http.host)",
    "true",
]


def combined(parts: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return parts.map(Not) | st.builds(Combination, st.sampled_from(["and", "or", "xor"]), several)


def one_by_one(expression: Expression) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row, failure in enumerate(FAILURES)
        for column, client in enumerate(CLIENTS)
        if evaluate(expression, {**client, **failure})
    ]


def cells_of(grid: Grid, cells: int) -> list[tuple[int, int]]:
    """Row and column of each of ``cells``, taken out one by one."""
    found = []
    while cells:
        found.append(grid.first_of(cells))
        cells &= cells - 1
    return found


@pytest.mark.parametrize("text", LEAVES)
def test_a_single_test_holds_where_it_holds_for_each(text: str) -> None:
    grid = Grid(FAILURES, CLIENTS)
    assert cells_of(grid, grid.holds(parse(text))) == one_by_one(parse(text))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.recursive(st.sampled_from(LEAVES).map(parse), combined, max_leaves=12), min_size=1, max_size=3))
def test_an_expression_holds_where_it_holds_for_each(expressions: list[Expression]) -> None:
    grid = Grid(FAILURES, CLIENTS)
    for expression in expressions:
        assert cells_of(grid, grid.holds(expression)) == one_by_one(expression)


@given(st.sets(st.integers(0, len(FAILURES) - 1)), st.sets(st.integers(0, len(CLIENTS) - 1)))
def test_rows_and_columns(rows: set[int], columns: set[int]) -> None:
    grid = Grid(FAILURES, CLIENTS)
    cells = grid.rows(rows) & grid.columns(columns)
    assert cells_of(grid, cells) == [(row, column) for row in sorted(rows) for column in sorted(columns)]
    assert grid.rows_of(cells) == (sorted(rows) if columns else [])
    assert grid.columns_of(cells) == (sorted(columns) if rows else [])


def test_without_failures_nothing_holds() -> None:
    assert Grid([], CLIENTS).every == 0
    assert Grid([], CLIENTS).holds(parse("true")) == 0
