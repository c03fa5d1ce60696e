"""Hashes for a Content Security Policy."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.rendering import csp_of

# The example of Content Security Policy Level 3, 8.3: alert('Hello, world.');
KNOWN = "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="


def hashed(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_example_of_the_specification() -> None:
    assert csp_of(b"<script>alert('Hello, world.');</script>") == {"script-src": (KNOWN,)}


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>no parts</p>", {}),
        ("<style></style>", {"style-src": (hashed(""),)}),
        ("<STYLE media=all>a{}</Style >", {"style-src": (hashed("a{}"),)}),
        ("<style>a</style><style>b</style><style>a</style>", {"style-src": (hashed("a"), hashed("b"))}),
        ("<!-- <style>a</style> --><styled>b</styled>", {}),
        ("<style>\na\r\nb\rc</style>", {"style-src": (hashed("\na\nb\nc"),)}),
        ("<style>a</styles></style>", {"style-src": (hashed("a</styles>"),)}),
        (
            "<script>1<2</script><style>é</style>",
            {"style-src": (hashed("é"),), "script-src": (hashed("1<2"),)},
        ),
    ],
)
def test_what_counts(html: str, expected: dict[str, tuple[str, ...]]) -> None:
    assert csp_of(html.encode()) == expected


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\r")).filter(lambda text: "</" not in text))
def test_it_is_of_the_exact_text_between_the_tags(text: str) -> None:
    assert csp_of(f"<head><style>{text}</style></head>".encode()) == {"style-src": (hashed(text),)}
