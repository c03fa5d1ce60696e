"""Hosts and paths as tests of the Rules language, against what a scope contains."""

from __future__ import annotations

import re

import octorules_wirefilter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges.cloudflare.scopes import ScopeTests, hosts_test, scope_test
from site_builder.model import Format, Scope
from site_builder.rules_language import compile_expression, parse

API = Scope((), ("/api/*",), "json")


@pytest.mark.parametrize(
    ("scope", "text"),
    [
        (API, '(starts_with(http.request.uri.path, "/api/"))'),
        (Scope((), ("/a", "/b", "/c/*/d"), "json"), '(http.request.uri.path in {"/a" "/b"} or '
         'http.request.uri.path strict wildcard "/c/*/d")'),
        (Scope(("api.example.com",), (), "json"), '(lower(http.host) eq "api.example.com")'),
        (Scope(("a.org", "*.b.org"), ("/x",), "json"), '((lower(http.host) eq "a.org" or ends_with(lower(http.host), '
         '".b.org")) and (http.request.uri.path eq "/x"))'),
    ],
)  # fmt: skip
def test_the_text(scope: Scope, text: str) -> None:
    assert scope_test(scope) == text
    assert octorules_wirefilter.parse_expression(text).get("error") is None


PARTS = st.text("/ab", max_size=3)
PATHS = st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: "/" + re.sub(r"\*+", "*", "*".join(parts)))
HOSTS = st.sampled_from(["a.org", "*.a.org", "b.a.org", "*.b.a.org"])
FORMATS: tuple[Format, ...] = ("html", "json", "markdown", "problem", "xml")


@given(
    st.lists(
        st.builds(
            Scope,
            st.lists(HOSTS, max_size=2).map(tuple),
            st.lists(PATHS, min_size=1, max_size=2).map(tuple),
            st.sampled_from(FORMATS),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["a.org", "b.a.org", "c.b.a.org", "B.a.org", "xa.org"]),
    st.lists(PARTS, max_size=3).map(lambda parts: "/" + "".join(parts)),
)
def test_the_first_scope_that_a_request_is_in_decides(scopes: list[Scope], host: str, path: str) -> None:
    tests = ScopeTests.of(scopes)
    values = {"http.host": host, "http.request.uri.path": path}
    holding = [wanted for wanted, text in tests.tests.items() if compile_expression(parse(text))(values)]
    first = next((one.format for one in scopes if one.contains(host.lower(), path)), None)

    assert holding == ([] if first in (None, "xml") else ["json" if first == "problem" else first])
    for wanted in ("html", "json", "markdown"):
        elsewhere = tests.elsewhere(wanted)
        others = [one for one in holding if one != wanted]
        assert bool(elsewhere and compile_expression(parse(elsewhere))(values)) is bool(others)


def test_the_hosts_of_an_edge() -> None:
    assert hosts_test(["shop.example.com", "www.example.com"]) == (
        '(lower(http.host) in {"shop.example.com" "www.example.com"})'
    )
