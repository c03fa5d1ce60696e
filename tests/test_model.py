"""Which requests are in a scope."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.model import Scope


@pytest.mark.parametrize(
    ("hosts", "paths", "host", "path", "inside"),
    [
        ((), ("/api/*",), "example.com", "/api/", True),
        ((), ("/api/*",), "example.com", "/api/v1/users", True),
        ((), ("/api/*",), "example.com", "/api", False),
        ((), ("/api/*",), "example.com", "/API/v1", False),
        ((), ("/api",), "example.com", "/api", True),
        ((), ("/api",), "example.com", "/api/", False),
        ((), ("/", "/*.json"), "example.com", "/a/b.json", True),
        ((), ("/*/v1/*/x",), "example.com", "/api/v1/x", False),
        ((), ("/a*a",), "example.com", "/a", False),
        (("api.example.com",), (), "api.example.com", "/", True),
        (("api.example.com",), (), "example.com", "/", False),
        (("*.example.com",), (), "a.b.example.com", "/", True),
        (("*.example.com",), (), "example.com", "/", False),
        (("example.com",), ("/api/*",), "example.com", "/", False),
        (("example.com",), ("/api/*",), "example.org", "/api/", False),
    ],
)
def test_a_request_is_in_a_scope(
    hosts: tuple[str, ...], paths: tuple[str, ...], host: str, path: str, inside: bool
) -> None:
    assert Scope(hosts, paths, "json").contains(host, path) is inside


@given(st.text("/ab", max_size=8), st.text("/ab*", max_size=6))
def test_an_asterisk_stands_for_any_characters(path: str, pattern: str) -> None:
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), path)
    assert Scope((), (pattern,), "json").contains("example.com", path) is bool(expected)


def test_a_scope_in_words() -> None:
    assert str(Scope((), ("/api/*",), "json")) == "paths /api/*"
    assert str(Scope(("a.example", "*.b.example"), ("/x",), "json")) == "hosts a.example, *.b.example and paths /x"
