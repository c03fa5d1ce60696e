"""Texts that look like tokens: broken where a format can, and reading the same."""

from __future__ import annotations

import html
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.rendering.tokens import break_in_json, html_text, strangers

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.lists(st.sampled_from([":", "::", "A", "RAY_ID", "::RAY_ID::", "\\", "x", "&", '"'])).map("".join)


@unhurried
@given(texts, texts, texts)
def test_no_text_makes_a_token_in_html_even_beside_others(before: str, text: str, after: str) -> None:
    page = f":{html_text(before)}:{html_text(text)}{html_text(after)}:"
    assert strangers(page, ()) == []
    assert html.unescape(page) == f":{before}:{text}{after}:"


@unhurried
@given(texts)
def test_no_text_makes_a_token_in_json(text: str) -> None:
    broken = break_in_json(json.dumps(text))
    assert "::" not in broken
    assert json.loads(broken) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("::RAY_ID::", "&#58;&#58;RAY_ID&#58;&#58;"),
        ("Note:", "Note&#58;"),
        ("a: b", "a: b"),
        ("<&>", "&lt;&amp;&gt;"),
        ("", ""),
    ],
)
def test_html_text(text: str, escaped: str) -> None:
    assert html_text(text) == escaped


def test_strangers_are_those_that_the_profile_does_not_have() -> None:
    page = "::RAY_ID:: ::GEO:: ::A::B:: ::lower:: ::GEO::"
    assert strangers(page, ["::RAY_ID::"]) == ["::GEO::", "::A::"]
    assert re.findall("::", page)
