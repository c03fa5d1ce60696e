from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges._codes import difference, intersection, union
from site_builder.model import Codes

spans = st.tuples(st.integers(400, 440), st.integers(0, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))
codes = st.lists(spans, max_size=5).map(union)


def members(of: Codes) -> set[int]:
    return {code for low, high in of for code in range(low, high + 1)}


def is_normal(of: Codes) -> bool:
    inside = all(low <= high for low, high in of)
    return inside and all(one[1] + 1 < other[0] for one, other in pairwise(of))


@given(st.lists(spans), st.lists(spans))
def test_a_union_has_the_codes_of_both(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    joined = union(one, other)

    assert is_normal(joined)
    assert members(joined) == members(tuple(one)) | members(tuple(other))


@given(codes, codes)
def test_an_intersection_has_what_is_in_both(one: Codes, other: Codes) -> None:
    common = intersection(one, other)

    assert is_normal(common)
    assert members(common) == members(one) & members(other)


@given(codes, codes)
def test_a_difference_has_what_is_only_in_the_first(one: Codes, other: Codes) -> None:
    rest = difference(one, other)

    assert is_normal(rest)
    assert members(rest) == members(one) - members(other)


@given(codes, codes)
def test_a_split_loses_nothing(one: Codes, other: Codes) -> None:
    assert union(intersection(one, other), difference(one, other)) == one
