"""Keys in a bucket; that two pages never share one is proved on the hosts, in tests/hosts/test_keys.py."""

from __future__ import annotations

import pytest

from site_builder.object_keys import digest, object_key, safe

SHA256 = "1a2b3c4d" + "0" * 56


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("pages/static/en/404.html", "o/static-en-404-1a2b3c4d.html"),
        ("pages/static/zh-Hant/5xx.problem.json", "o/static-zh-Hant-5xx-1a2b3c4d.problem.json"),
        ("theme/logo", "o/theme-logo-1a2b3c4d"),
    ],
)
def test_a_page_is_named_by_its_path_and_its_content(path: str, key: str) -> None:
    assert object_key(path, SHA256) == key


@pytest.mark.parametrize("path", ["pages/a.html/b", "../x", "", "pages/static//404.html", "pages/static/ä.html"])
def test_what_is_no_path_of_a_page_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not a path of a page"):
        object_key(path, SHA256)


def test_what_is_no_digest_is_refused() -> None:
    with pytest.raises(ValueError, match="not a digest"):
        object_key("pages/static/en/404.html", "1A2B")


def test_what_is_right_is_given_back() -> None:
    assert (safe("a/b.c"), digest(SHA256)) == ("a/b.c", SHA256)
