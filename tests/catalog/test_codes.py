from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.catalog.codes import is_code, parse_codes
from site_builder.model import codes_text, contains

CODES = st.sampled_from([*range(400, 600), *range(1000, 2000)])
RANGES = st.tuples(CODES, CODES).filter(lambda pair: (pair[0] < 1000) == (pair[1] < 1000)).map(sorted)


@pytest.mark.parametrize(
    ("written", "codes", "text"),
    [
        (404, ((404, 404),), "404"),
        ("404", ((404, 404),), "404"),
        ("400..499", ((400, 499),), "400..499"),
        (("520..524", 527), ((520, 524), (527, 527)), "520..524 527"),
        ((526, 525), ((525, 526),), "525..526"),
        (("500..519", "520..599"), ((500, 599),), "500..599"),
        ("500..519 1000", ((500, 519), (1000, 1000)), "500..519 1000"),
    ],
)
def test_reads_what_a_catalog_writes(written: object, codes: tuple[tuple[int, int], ...], text: str) -> None:
    assert parse_codes(written) == codes
    assert codes_text(codes) == text


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ((), "names no code"),
        ("", "names no code"),
        (None, "'None' is neither a code like 404 nor a range like 400..499"),
        (404.0, "'404.0' is neither a code like 404 nor a range like 400..499"),
        (True, "'True' is neither a code like 404 nor a range like 400..499"),
        ("4xx", "'4xx' is neither a code like 404 nor a range like 400..499"),
        ("400-499", "'400-499' is neither a code like 404 nor a range like 400..499"),
        ("499..400", "the range 499..400 runs backwards"),
        (200, "200 is outside of 400 to 599 and 1000 to 1999"),
        ("500..1005", "500..1005 is outside of 400 to 599 and 1000 to 1999"),
        ((404, 404), "names 404 twice"),
        (("400..420", "410..430"), "names 410 twice"),
    ],
)
def test_says_what_is_wrong(written: object, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        parse_codes(written)
    assert str(caught.value) == message


@given(st.sets(CODES, min_size=1))
def test_any_set_of_codes_is_read_and_printed_alike(chosen: set[int]) -> None:
    codes = parse_codes(tuple(chosen))
    assert parse_codes(codes_text(codes)) == codes
    assert {code for code in range(2100) if contains(codes, code)} == chosen
    assert all(high + 1 < low for (_, high), (low, _) in pairwise(codes))


@given(RANGES)
def test_a_range_holds_both_its_ends(ends: list[int]) -> None:
    low, high = ends
    assert parse_codes(f"{low}..{high}") == ((low, high),)


@given(st.integers())
def test_a_code_is_what_can_be_parsed(code: int) -> None:
    try:
        parse_codes(code)
    except ValueError:
        assert not is_code(code)
    else:
        assert is_code(code)
