"""The expressions for scopes against Scope.contains: equal for every host and path, whatever else is in the text."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.edges._scope_patterns import DIFFERENCES, scope_pattern
from site_builder.model import Scope

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

host_names = st.sampled_from(["a.b", "x.a.b", "y.x.a.b", "aab", "xa.b", "a.b.c", "b", "1.2.3.4"])
host_patterns = st.sampled_from(["a.b", "*.a.b", "b", "*.b", "1.2.3.4"])
path_patterns = st.text("ab./~-%*", max_size=6).map("/{}".format)
paths = st.text("ab./~-%*", max_size=10).map("/{}".format)
scopes = st.builds(
    Scope,
    st.lists(host_patterns, max_size=2).map(tuple),
    st.lists(path_patterns, max_size=2).map(tuple),
    st.just("json"),
)


@unhurried
@given(scopes, host_names, paths, st.sampled_from(["", "?", "?a", "?/a/b"]), st.sampled_from(["", ":", ":80"]))
def test_what_is_in_a_scope_is_found_and_nothing_else(
    scope: Scope, host: str, path: str, query: str, port: str
) -> None:
    expected = scope.contains(host, path)

    for atomic in (True, False):
        for asked in (host, host.upper()):
            pattern = scope_pattern(scope, atomic=atomic)
            assert bool(re.search(pattern, f"{asked}{port} {path}{query}")) is expected
            assert bool(re.search(pattern, f"{asked}{port} HTTP://x:1{path}{query}")) is expected
            pattern = scope_pattern(scope, atomic=atomic, method=True)
            assert bool(re.search(pattern, f"{asked}{port} GET {path}{query} HTTP/1.1")) is expected
            assert bool(re.search(pattern, f"{asked}{port} GET {path}{query}")) is expected


@pytest.mark.parametrize(
    ("hosts", "paths_", "text", "found"),
    [
        ((), ("/api/*",), " /api/x", True),  # no Host header
        (("a.b",), (), "a.b *", True),  # OPTIONS *
        ((), ("/*",), "a.b *", False),
        (("a.b",), (), "a.b. /", True),  # the known difference
        (("a.b",), (), "a.bc /", False),
        (("a.b",), (), "a.b:80x /", False),
        ((), ("/api/*",), "a.b /x?/api/x", False),
        ((), ("/Api",), "a.b /api", False),
        ((), ("/%61pi",), "a.b /api", False),
        ((), ("/a/*/b",), "a.b /a/b", False),
        ((), ("/a**b",), "a.b /ab", True),
    ],
)
def test_single_texts(hosts: tuple[str, ...], paths_: tuple[str, ...], text: str, found: bool) -> None:
    assert bool(re.search(scope_pattern(Scope(hosts, paths_, "json")), text)) is found


def test_the_expressions_in_full() -> None:
    scope = Scope(("api.example.com", "*.example.org"), ("/api/*", "/x-*/y.z"), "json")

    assert scope_pattern(scope) == (
        r"^(?i:api\.example\.com|[^/:]*\.example\.org)\.?(?::[0-9]*)?\s"
        r"(?i:https?://[^/?\s]*)?(?:/api/[^?\s]*|/x-[^?\s]*/y\.z)(?:[?\s]|$)"
    )
    assert scope_pattern(Scope((), ("/a*b*c",), "json"), method=True, atomic=False) == (
        r"^\S*\s\S+\s+(?i:https?://[^/?\s]*)?(?:/a[^?\s]*b[^?\s]*c)(?:[?\s]|$)"
    )


def test_the_expressions_need_no_escaping_anywhere() -> None:
    for method in (True, False):
        pattern = scope_pattern(Scope(("*.a-b.c_d",), ("/%7E~-._*/*/x",), "json"), method=method)
        assert not re.search(r"""[\s"'`{}#]|\\\\""", pattern)
        assert re.compile(pattern).groups == 0


def test_a_long_path_is_answered_in_time_that_grows_with_it() -> None:
    """As many steps as characters: with four asterisks, 8 kB would not end within the test run otherwise."""
    pattern = scope_pattern(Scope((), ("/*a*b*a*b*a*b*x",), "json"))

    assert not re.search(pattern, "example.com /" + "ab" * 4000)


def test_differences_are_said_in_sentences() -> None:
    for sentence in DIFFERENCES:
        assert re.fullmatch(r"[A-Z].*\.", sentence)
