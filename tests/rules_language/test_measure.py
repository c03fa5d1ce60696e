"""The length of an expression as the limit counts it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.rules_language import MOST_CHARACTERS, normalised_length, parse, print_expression

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("text", "counted_as"),
    [
        ("", ""),
        ("  ssl \n", "ssl"),
        ("ssl\n  and\t\r\n ssl", "ssl and ssl"),
        ('http.host eq   "a  b"', 'http.host eq "a  b"'),
        (r'http.host eq "a\"  b"   and ssl', r'http.host eq "a\"  b" and ssl'),
        ('http.host eq r"a  \\"   and ssl', 'http.host eq r"a  \\" and ssl'),
        ('http.host eq r#"a  "  b"#   and ssl', 'http.host eq r#"a  "  b"# and ssl'),
        ('http.host matches   "[" ]  "   and ssl', 'http.host matches "[" ]  " and ssl'),
        ('http.host ~   "[" ]  "   and ssl', 'http.host ~ "[" ]  " and ssl'),
        ('http.host eq   "a  b', 'http.host eq "a  b'),
        ("r#  a", "r# a"),
        ('http.host eq "é  日"', 'http.host eq "é  日"'),
        ('http.host eq "\\q"  and  "', 'http.host eq "\\q"  and  "'),
    ],
)
def test_white_space_counts_once_and_not_within_text(text: str, counted_as: str) -> None:
    assert normalised_length(text) == len(counted_as)


@unhurried
@given(st.text(' \n\t"r#a\\~', max_size=20))
def test_any_text_has_a_length(text: str) -> None:
    assert 0 <= normalised_length(text) <= len(text)


def test_canonical_text_is_as_long_as_it_looks() -> None:
    text = "http.response.code in {" + " ".join(map(str, range(400, 600))) + "}"
    assert normalised_length(print_expression(parse(text))) == len(text) < MOST_CHARACTERS
