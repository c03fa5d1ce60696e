"""The marker: found in a page as it was made, and after an edge has minified it."""

from __future__ import annotations

import hashlib

import pytest

from site_builder.rendering.marker import BLANK, digest_with_blank_marker, marked, marker_of

PAGE = f"<!doctype html><title>x</title>{BLANK}<p>Ünïcode"


def test_marker_is_the_digest_of_the_page_with_the_marker_blank() -> None:
    digest = hashlib.sha256(PAGE.encode()).hexdigest()[:16]
    content = marked(PAGE)
    assert content == PAGE.replace('content=""', f'content="{digest}"').encode()
    assert marker_of(content) == digest
    assert digest_with_blank_marker(content) == digest


def test_a_changed_page_has_another_digest() -> None:
    content = marked(PAGE)
    assert digest_with_blank_marker(content + b"!") != marker_of(content)


@pytest.mark.parametrize(
    "meta",
    [
        '<meta name="errgen" content="0123456789abcdef">',
        "<meta name=errgen content=0123456789abcdef>",
        "<meta name='errgen' content='0123456789abcdef' />",
        "<meta content=0123456789abcdef name=errgen>",
        '<META CONTENT="0123456789ABCDEF" NAME="errgen"/>',
        "<meta name=errgen\n content=0123456789abcdef/>",
    ],
)
def test_marker_is_found_after_minification(meta: str) -> None:
    page = f'<meta charset=utf-8><meta name=viewport content=width><meta name="description" content="errgen">{meta}<p>'
    assert marker_of(page.encode()) == "0123456789abcdef"


@pytest.mark.parametrize(
    "page",
    [
        "",
        "<meta name=errgen content=>",
        BLANK,
        "<meta name=errgenx content=0123456789abcdef>",
        "<meta name=description content='errgen 0123456789abcdef'>",
        "<meta name=errgen content=0123456789abcde>",
        "<meta name=errgen content=0123456789abcdef0>",
        "<p>name=errgen content=0123456789abcdef",
    ],
)
def test_no_marker(page: str) -> None:
    assert marker_of(page.encode()) is None
