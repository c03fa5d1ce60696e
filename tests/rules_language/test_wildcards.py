"""Wildcards, against the plain definition: a regular expression in which each star is any text."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.rules_language.wildcards import wildcard_fault, wildcard_matcher

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

pieces = st.lists(st.sampled_from([b"a", b"b", b"AB", b"*", b"\\*", b"\\\\", b"?", b"\xff"]), max_size=10)
subjects = st.lists(st.sampled_from([b"a", b"b", b"A", b"B", b"*", b"\\", b"?", b"\xff", b"\n"]), max_size=10).map(
    b"".join
)


@unhurried
@given(pieces, subjects, st.booleans())
def test_the_definition(tokens: list[bytes], subject: bytes, strict: bool) -> None:
    pattern = b"".join(tokens)
    if b"**" in pattern.replace(b"\\\\", b"").replace(b"\\*", b"x"):
        return
    regex = b"".join(
        b".*" if token == b"*" else re.escape(token[-1:] if token[:1] == b"\\" else token) for token in tokens
    )
    expected = re.fullmatch(regex, subject, re.DOTALL | (0 if strict else re.IGNORECASE)) is not None
    assert wildcard_matcher(pattern, strict=strict)(subject) is expected


def test_many_stars_on_long_text() -> None:
    matches = wildcard_matcher(b"*a" * 10, strict=True)
    assert not matches(b"a" * 100_000 + b"b")
    assert matches(b"a" * 100_000)


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        (b"*a*b", None),
        (rb"*\**", None),
        (rb"\\*", None),
        (b"*" + b"a*" * 9, None),
        (b"*" + b"a*" * 10, "a wildcard takes at most 10 stars"),
        (b"a**b", "two stars in a row are refused"),
        (rb"\a", "in a wildcard a backslash stands only before `*` or another backslash"),
        (b"a\\", "in a wildcard a backslash stands only before `*` or another backslash"),
    ],
)
def test_faults(pattern: bytes, fault: str | None) -> None:
    assert wildcard_fault(pattern) == fault
