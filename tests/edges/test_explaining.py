"""The reference answer over a manifest, and edges that are explained by their report."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from site_builder.edges import open_edge
from site_builder.edges._clients import ALL_CLIENTS, CLIENTS, REFERENCE_ROWS
from site_builder.edges._edge import pages_of
from site_builder.edges._explaining import (
    Explanation,
    Question,
    Reference,
    Reply,
    Wanted,
    differences,
    pages_by_digest,
    tier,
)
from site_builder.model import Entry, Scope
from site_builder.negotiation import negotiate_format

MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]
JSON = ("application/json",)


@pytest.fixture
def built(site: MakeSite, entry: MakeEntry) -> Any:
    entries = [
        entry("404"),
        entry("503", retry_after=60),
        entry("522", serve_status=503),
        entry("1015"),
        entry("origin", (520, 524)),
        entry("4xx", (400, 499)),
        entry("5xx", (500, 599)),
        entry("1xxx", (1000, 1999)),
        entry("maintenance", (500, 599), serve_status=503),
    ]
    return site(entries, languages=("en", "de"), profile="static")


def asked(code: int, *accept: str, **more: Any) -> Question:
    return Question(code, "edge" if code >= 520 else "origin", accept, **more)


@pytest.mark.parametrize(
    ("question", "page", "status", "near"),
    [
        (asked(404), "en/404.html", 404, "its own page"),
        (asked(404, *JSON), "en/404.json", 404, "its own page"),
        (asked(404, "application/problem+json"), "en/404.problem.json", 404, "its own page"),
        (asked(410, "text/*"), "en/4xx.md", 410, "the page for the whole range"),
        (asked(410, accept_language=("de-AT",)), "de/4xx.html", 410, "the page for the whole range"),
        (asked(410, accept_language=("fr",)), "en/4xx.html", 410, "the page for the whole range"),
        (asked(521, *JSON), "en/origin.json", 521, "a family's page"),
        (asked(522), "en/522.html", 503, "its own page"),
        # Not the page for planned work.
        (asked(500), "en/5xx.html", 500, "the page for the whole range"),
        (asked(1015), "en/1015.html", None, "its own page"),
    ],
)
def test_the_reference_answer(built: Any, question: Question, page: str, status: int | None, near: str) -> None:
    wanted = Reference(built.manifest).to(question)
    assert wanted.rule
    assert (wanted.page, wanted.status(question.code), tier(wanted.rule)) == (page, status, near)


def test_no_page_stands_for_a_code_of_another_kind(built: Any) -> None:
    assert Reference(built.manifest).to(asked(700)) == Wanted("html", "en", None)


def test_rules_for_one_origin_only(built: Any) -> None:
    manifest = built.manifest
    plain = next(rule for rule in manifest.rules if rule.page == "en/4xx.html")
    own = next(rule for rule in manifest.rules if rule.page == "en/404.html")
    reference = Reference(dataclasses.replace(manifest, rules=(dataclasses.replace(own, origin="origin"), plain)))

    assert reference.to(Question(404, "origin")).page == "en/404.html"
    assert reference.to(Question(404, "edge")).page == "en/4xx.html"


def test_the_first_scope_that_a_request_is_in_decides_the_format(built: Any) -> None:
    scopes = (
        Scope((), ("/api/pages/*",), "markdown"),
        Scope(("api.example.com", "*.example.org"), (), "problem"),
        Scope((), ("/api/*",), "json"),
    )
    reference = Reference(dataclasses.replace(built.manifest, scopes=scopes))

    def page(host: str, path: str) -> str | None:
        return reference.to(Question(404, "origin", ("text/html",), (), host, path)).page

    assert page("example.com", "/api") == "en/404.html"
    assert page("example.com", "/api/x?page=/api/pages/") == "en/404.json"
    assert page("example.com", "/api/pages/x") == "en/404.md"
    assert page("API.example.com", "/") == "en/404.problem.json"
    assert page("api.example.com:8443", "/") == "en/404.problem.json"
    assert page("a.b.example.org", "/api/x") == "en/404.problem.json"
    assert page("example.org", "/") == "en/404.html"


def test_a_language_without_the_page_gives_way_to_the_default_language(built: Any) -> None:
    rules = tuple(rule for rule in built.manifest.rules if not rule.page.startswith("de/4"))
    reference = Reference(dataclasses.replace(built.manifest, rules=rules))
    assert reference.to(asked(404, accept_language=("de",))).page == "en/404.html"


@pytest.mark.parametrize(
    ("page", "media_type", "status", "expected"),
    [
        ("en/404.problem.json", "application/problem+json", 404, []),
        # The same bytes under another name.
        (
            "en/404.json",
            "application/json",
            404,
            ["it is sent as application/json, because this edge cannot say application/problem+json"],
        ),
        ("en/404.problem.json", "application/problem+json", 200, ["the status is 200, and 404 is wanted"]),
        ("en/4xx.json", "application/json", 404, ["en/404.problem.json is wanted, and en/4xx.json is served"]),
        (
            "de/404.html",
            "text/html",
            404,
            [
                "en/404.problem.json is wanted, and de/404.html is served",
                "the format is html, and problem is wanted",
                "the language is de, and en is wanted",
            ],
        ),
        (None, "text/html", 404, ["en/404.problem.json is wanted, and the origin's is served"]),
    ],
)
def test_differences_in_words(built: Any, page: str | None, media_type: str, status: int, expected: list[str]) -> None:
    question = asked(404, "application/problem+json")
    reply = Reply("the origin's", page, status, (("Content-Type", f"{media_type}; charset=utf-8"),))
    wanted = Reference(built.manifest).to(question)
    assert list(differences(question, wanted, reply, pages_of(built.manifest, "static"))) == expected


def test_a_page_where_none_is_wanted_is_a_difference(built: Any) -> None:
    pages = pages_of(built.manifest, "static")
    nothing = Wanted("html", "en", None)
    assert list(differences(asked(700), nothing, Reply("it"), pages)) == []
    assert list(differences(asked(700), nothing, Reply("it", "en/4xx.html"), pages)) == [
        "en/4xx.html is served, and no page of the site stands for this failure"
    ]


def test_pages_are_known_by_their_content(built: Any) -> None:
    pages = pages_of(built.manifest, "static")
    known = pages_by_digest(pages)
    assert set(known) == {file.sha256 for file in pages.values()}
    assert known[pages["en/404.problem.json"].sha256] == "en/404.json"


def explained(built: Any, kind: str, question: Question, **table: object) -> Explanation:
    edge = open_edge({"kind": kind, **table}, "errgen.toml: site.default.edge[0]")
    return edge.explainer(built.manifest, built.read, lambda _: None).explain(question)


@pytest.mark.parametrize("kind", ["nginx", "apache", "caddy", "haproxy"])
def test_servers_give_the_reference_answer_where_a_code_is_bound(built: Any, kind: str) -> None:
    reference = Reference(built.manifest)
    for code in (404, 410, 503):
        for accept in ALL_CLIENTS.values():
            question = asked(code, *accept, accept_language=("de",))
            reply = explained(built, kind, question, codes=[404, 410, 503]).reply
            wanted = reference.to(question)
            assert list(differences(question, wanted, reply, pages_of(built.manifest, "static"))) == []
            assert reply.page
            assert reply.body == built.read(f"pages/static/{reply.page}")
    assert ("retry-after", "60") in explained(built, kind, asked(503)).reply.headers


@pytest.mark.parametrize("kind", ["nginx", "apache", "caddy", "haproxy"])
def test_servers_give_a_scope_its_format(built: Any, kind: str) -> None:
    scopes = (Scope((), ("/api/*",), "json"), Scope(("*.example.org",), (), "markdown"))
    scoped = SimpleNamespace(manifest=dataclasses.replace(built.manifest, scopes=scopes), read=built.read)

    def told(host: str, path: str) -> tuple[str | None, str | None]:
        explanation = explained(scoped, kind, Question(404, "origin", ("text/html",), (), host, path), codes=[404])
        return explanation.reply.page, explanation.test

    assert told("example.com", "/") == ("en/404.html", "the code is one of 404")
    assert told("a.example.org:80", "/api/x?y") == (
        "en/404.json",
        "the code is one of 404, and the request in the scope of paths /api/*",
    )
    assert told("A.example.org", "/api") == (
        "en/404.md",
        "the code is one of 404, and the request in the scope of hosts *.example.org",
    )


@pytest.mark.parametrize(
    ("kind", "code", "reason"),
    [
        ("nginx", 401, "its answer needs WWW-Authenticate, which clients sign in by"),
        ("nginx", 1015, "only Cloudflare fails with it"),
        ("cloudfront", 1015, "only Cloudflare fails with it"),
        ("netlify", 503, "Netlify shows a page of the site for 404 only; pages for its own failures cannot be set."),
    ],
)
def test_why_nothing_is_bound(built: Any, kind: str, code: int, reason: str) -> None:
    explanation = explained(built, kind, asked(code))
    assert explanation == Explanation(Reply("the answer of whoever failed"), reason=reason)


@pytest.mark.parametrize(
    ("kind", "language"),
    [("netlify", "de"), ("cloudfront", "en")],
)
def test_services_give_html_to_everybody(built: Any, kind: str, language: str) -> None:
    explanation = explained(built, kind, asked(404, *JSON, accept_language=("de",)))
    assert explanation.reply == Reply(
        kind,
        f"{language}/404.html",
        404,
        (("content-type", "text/html; charset=utf-8"),),
        f"{language} 404 as html\n".encode(),
    )
    assert explanation.rule == "the binding of 404"


def test_all_clients_are_the_named_ones_and_the_rows_of_the_reference() -> None:
    assert set(ALL_CLIENTS.values()) == {*CLIENTS.values(), *REFERENCE_ROWS}
    assert [negotiate_format(row) for row in REFERENCE_ROWS] == [
        *("json", "problem", "json", "markdown", "markdown", "markdown"),
        *("html", "html", "html"),
    ]
