"""The generated files in a real HAProxy, for every client, method and kind of failure."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from site_builder.edges import open_edge
from site_builder.edges.haproxy import LARGEST_PAGE
from site_builder.errors import InvalidInput
from site_builder.model import Compiled, Format, Scope

from .conftest import Built, an_entry, build_site
from .servers import (
    ROWS,
    SCOPED_REQUESTS,
    VISITORS,
    Ground,
    Server,
    ask_for_page,
    ask_in_language,
    ask_in_odd_ways,
    ask_in_scopes,
    ground,
    header_texts,
    page,
    picked,
    server_site,
)

WHERE = "errgen.toml: site.default.edge[0]"
DEFAULTS = """\
global
    maxconn 200
defaults common
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    retries 0
"""
FRONTENDS = """\
frontend web from errgen-default
    bind 127.0.0.1:{port}
    http-request deny deny_status 403 if {{ path /outside }}
    use_backend %[var(txn.errgen)]
frontend inside from common
    bind {inside} accept-proxy
    http-request deny deny_status 404 if !{{ path_beg /upstream/ /dead/ /limited /teapot /address }}
    http-request deny deny_status 429 if {{ path /limited }}
    http-request return status 418 if {{ path /teapot }}
    http-request return status 200 content-type text/plain lf-string "%[src]" if {{ path /address }}
    use_backend dead if {{ path_beg /dead/ }}
    default_backend upstream
backend upstream from common
    server upstream 127.0.0.1:{upstream}
backend dead from common
    server dead 127.0.0.1:{dead}
"""
CODES = [400, "402..404", "408..415", "417..425", "428..431", "500..510", "520..530"]


def compiled(built: Built, **options: Any) -> Compiled:
    return open_edge({"kind": "haproxy", **options}, WHERE).compile(built.manifest, built.read)


def start(place: Ground, built: Built, inside: str, **options: Any) -> Server:
    files = compiled(built, root=str(place.folder), inside=inside, **options).files
    frontends = FRONTENDS.format(inside=inside, port=place.port, upstream=place.upstream, dead=place.dead)
    place.write({**files, "defaults.cfg": DEFAULTS.encode(), "frontends.cfg": frontends.encode()})
    parts = [str(place.folder / name) for name in ("defaults.cfg", "errgen.cfg", "frontends.cfg")]
    command = ["haproxy", *(word for part in parts for word in ("-f", part))]
    # With -dW a warning is an error.
    place.validate([*command, "-dW", "-c"])
    return place.serve([*command, "-db"])


@pytest.fixture(scope="module")
def built() -> Built:
    """One of its pages is as large as can be."""
    site = server_site()
    return dataclasses.replace(site, pages={**site.pages, "pages/static/en/410.html": b"large\n" * (LARGEST_PAGE // 6)})


@pytest.fixture(scope="module")
def server(built: Built) -> Iterator[Server]:
    with ground() as place:
        yield start(place, built, f"unix@{place.folder}/inside", codes=CODES)


SITUATIONS = [
    # method, path, status, and who knows when to come again where that is not the page
    ("GET", "/missing", 404, None),
    ("HEAD", "/missing", 404, None),
    ("POST", "/missing", 404, None),
    ("GET", "/limited", 429, None),
    ("GET", "/teapot", 418, None),
    ("GET", "/upstream/503", 503, None),
    ("GET", "/upstream/503?retry=77", 503, "77"),
    ("HEAD", "/upstream/503?retry=77", 503, "77"),
    ("POST", "/upstream/522", 522, None),
    ("GET", "/upstream/404?retry=5", 404, "5"),
    ("GET", "/dead/", 503, None),
    ("HEAD", "/dead/", 503, None),
    ("POST", "/dead/", 503, None),
    ("GET", "/pages/en/503.json", 404, None),
]


@pytest.mark.parametrize("accept", ROWS)
@pytest.mark.parametrize(("method", "path", "status", "retry_after"), SITUATIONS)
def test_each_client_gets_its_page(
    server: Server, built: Built, accept: str | None, method: str, path: str, status: int, retry_after: str | None
) -> None:
    ask_for_page(server, built, accept, method, path, status, retry_after)


@pytest.mark.parametrize("accept_language", VISITORS)
@pytest.mark.parametrize(("path", "status"), [("/missing", 404), ("/upstream/410", 410), ("/dead/", 503)])
def test_each_visitor_gets_their_language(
    server: Server, built: Built, accept_language: str | None, path: str, status: int
) -> None:
    ask_in_language(server, built, accept_language, path, status)


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        *((host, path, 404) for host, path in SCOPED_REQUESTS),
        ("example.com", "/upstream/api/503", 503),
        ("api.example.com", "/upstream/503", 503),
        ("example.com", "/dead/api/x", 503),
        ("api.example.com", "/dead/", 503),
        ("example.com", "/dead/docs/x", 503),
    ],
)
def test_in_a_scope_everybody_gets_its_format(server: Server, built: Built, host: str, path: str, status: int) -> None:
    ask_in_scopes(server, built, host, path, status)


def test_scopes_know_a_host_in_whatever_way_it_is_named(server: Server, built: Built) -> None:
    ask_in_odd_ways(server, built)


@settings(deadline=None, max_examples=200)
@given(accept=header_texts, accept_language=header_texts)
def test_pcre_reads_every_header_as_python_does(
    server: Server, built: Built, accept: str, accept_language: str
) -> None:
    content, _ = page(built, 404, *picked(accept, accept_language))

    assert server.ask("/missing", {"Accept": accept, "Accept-Language": accept_language}).body == content


def test_two_header_lines_count_as_one(server: Server, built: Built) -> None:
    lines = b"Host: a\r\nAccept: image/png\r\nAccept: text/markdown\r\nConnection: close\r\n"
    answer = server.send(b"GET /missing HTTP/1.1\r\n" + lines + b"\r\n")

    assert answer.endswith(page(built, 404, "markdown")[0])


@pytest.mark.parametrize(
    ("length", "format_", "language"), [(1000, "json", "ar"), (1001, "html", "en"), (6000, "html", "en")]
)
def test_a_header_of_endless_length_counts_as_absent(
    server: Server, built: Built, length: int, format_: Format, language: str
) -> None:
    content, headers = page(built, 404, format_, language)
    long = "application/json,".ljust(length, "x")

    answer = server.ask("/missing", {"Accept": long, "Accept-Language": "ar-".ljust(length, "x")})

    assert (answer.status, answer.body) == (404, content)
    assert answer.only(headers) == headers


def test_what_is_no_request_gets_the_built_in_page(server: Server) -> None:
    answer = server.send(b"GET / HTTP/1.1\r\nHo st: a\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Your browser sent an invalid request." in answer


def test_what_the_outer_frontend_refuses_gets_the_default_page(server: Server, built: Built) -> None:
    content, headers = page(built, 403, "html", "en")

    answer = server.ask("/outside", {"Accept": "application/json", "Accept-Language": "ar"})

    assert (answer.status, answer.body) == (403, content)
    assert answer.only(headers) == headers


def test_what_is_no_error_and_what_is_not_bound_passes(server: Server) -> None:
    home = server.ask("/upstream/200?retry=3")
    assert (home.status, home.body) == (200, b"from the upstream\n")
    assert home.only(["vary", "retry-after", "content-language"]) == {
        "vary": None,
        "retry-after": "3",
        "content-language": None,
    }
    sign_in = server.ask("/upstream/401?retry=4")
    assert (sign_in.status, sign_in.body) == (401, b"from the upstream\n")
    assert sign_in.headers["retry-after"] == "4"


def test_the_inner_frontend_knows_the_address_of_the_client(server: Server) -> None:
    assert server.ask("/address").body == b"127.0.0.1"


def test_a_page_with_a_status_of_its_own_is_sent_with_it(server: Server, built: Built) -> None:
    content, headers = page(built, 530, "json")

    answer = server.ask("/upstream/530", {"Accept": "application/json"})

    assert (answer.status, answer.body) == (503, content)
    assert answer.only(headers) == headers


def test_nothing_of_a_request_comes_back(server: Server) -> None:
    marks = {
        "Accept": "application/json;x=<mark>",
        "Accept-Language": "ar-mark",
        "User-Agent": "mark",
        "Referer": "mark",
        "Retry-After": "mark",
    }
    for path in ("/missing/mark?mark", "/missing/%[path]", "/dead/mark"):
        answer = server.ask(path, marks)

        assert b"mark" not in answer.body
        assert not any("mark" in value for value in answer.headers.values())


def test_who_asks_for_parts_or_news_gets_the_whole_page(server: Server, built: Built) -> None:
    answer = server.ask("/missing", {"Range": "bytes=0-1", "If-None-Match": "*"})

    assert (answer.status, answer.body) == (404, page(built, 404, "html")[0])
    assert {"etag", "last-modified", "accept-ranges"}.isdisjoint(answer.headers)


@pytest.mark.parametrize("languages", [("en",), ("en", "de")])
def test_every_code_can_be_bound(languages: tuple[str, ...]) -> None:
    families = [an_entry("4xx", (400, 499)), an_entry("5xx", (500, 599))]
    built = build_site(families, languages=languages, profile="static")
    with ground() as place:
        # The default is like this, but for a name that no other HAProxy on this machine has.
        server = start(place, built, f"abns@{place.folder.name}", codes=["400..599"])

        answer = server.ask("/upstream/599", {"Accept": "text/markdown"})
    assert compiled(built, codes=["400..599"]).findings == ()
    assert (answer.status, answer.body) == (599, b"en 5xx as markdown\n")
    assert answer.headers["vary"] == ("Accept" if len(languages) == 1 else "Accept, Accept-Language")


def test_a_site_of_families_only_binds_all_codes() -> None:
    report = json.loads(compiled(build_site([an_entry("5xx", (500, 599))], profile="static")).files["report.json"])

    assert report["codes"] == {"500..510 512..599": {"page": "5xx"}}


def test_the_files_of_a_small_site() -> None:
    entries = [an_entry("404"), an_entry("503", retry_after=120), an_entry("530", serve_status=503)]
    built = build_site([*entries, an_entry("4xx", (400, 499))], profile="static", formats=("html", "json"))
    outcome = compiled(built, root="/p", defaults="mine")
    generated = {name: text for name, text in outcome.files.items() if not name.startswith("pages/")}

    assert outcome.findings == ()
    assert {name: content for name, content in outcome.files.items() if name not in generated} == {
        path.replace("pages/static/", "pages/"): content for path, content in built.pages.items() if "4xx" not in path
    }
    assert generated.keys() == {"accept-values.map", "accept.map", "errgen.cfg", "report.json"}
    assert "\n" + shortened(generated["errgen.cfg"]) == CONFIGURATION
    assert generated["accept-values.map"].decode() == (
        "(?i)^(?:application/problem\\+json|application/json|application/\\*)$ json\n"
    )
    steps = generated["accept.map"].decode().splitlines()
    assert len(steps) == 11
    assert all(re.fullmatch(r"\(\?i\)\^\S+ \\1", step) for step in steps)


def test_codes_without_a_page_of_their_own_are_bound_where_they_are_named(built: Built) -> None:
    report = json.loads(compiled(built).files["report.json"])
    named = json.loads(compiled(built, codes=[418, 503]).files["report.json"])

    assert list(report["codes"]) == ["400", "404", "410", "413", "429", "502", "503", "504", "522", "530"]
    assert report["not_bound"][-2]["reason"].startswith("a family's page needs a line for each code")
    assert named["codes"] == {"418": {"page": "4xx"}, "503": {"page": "503", "retry_after": 120}}
    assert "HAProxy makes these errors by itself: 503;" in named["notes"][0]


def test_a_page_that_is_too_large_is_an_error() -> None:
    entries = [an_entry("404")]
    large = {"en/404.html": b"x" * (LARGEST_PAGE + 1), "en/404.json": b"x" * LARGEST_PAGE}
    outcome = compiled(build_site(entries, profile="static", contents=large))

    assert [(found.id, found.severity, found.message, found.where) for found in outcome.findings] == [
        (
            "haproxy-page-size",
            "error",
            "pages/en/404.html has 15,001 bytes, and HAProxy can send 15,000 at most",
            WHERE,
        )
    ]


@pytest.mark.parametrize("options", [{"inside": "abns@a b"}, {"inside": "0.0.0.0:80"}, {"defaults": "a b"}])
def test_what_would_break_the_configuration_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        compiled(build_site([an_entry("404")], profile="static"), **options)


def test_two_runs_write_the_same_bytes(built: Built) -> None:
    assert compiled(built) == compiled(built)


def shortened(text: bytes) -> str:
    """The configuration without what stands in every answer."""
    headers = (
        'hdr Cache-Control "no-store" hdr Content-Language "en" hdr Vary "Accept" hdr X-Content-Type-Options "nosniff"'
    )
    return text.decode().replace("; charset=utf-8", "").replace(headers, "HEADERS").replace("(txn.errgen_", "(txn.")


CONFIGURATION = r"""
# Error pages for HAProxy 2.6 or later, made by errgen. The folder that this file is in belongs at /p.
#
# Start HAProxy with this file between your defaults and your frontends:
#     haproxy -f defaults.cfg -f /p/errgen.cfg -f frontends.cfg
# defaults.cfg has your "defaults mine" with mode http and your timeouts. In frontends.cfg, the frontend
# that the world sees only negotiates; all that yours did until now moves into one behind it:
#     frontend web from errgen-default
#         bind :80
#         use_backend %[var(txn.errgen)]
#     frontend inside from mine
#         bind abns@errgen-default accept-proxy
#         default_backend app
# src is the client's address in both. Whatever depends on TLS (ssl_fc, X-Forwarded-Proto) belongs into the first.

defaults errgen-default from mine
  http-request set-var(txn.accept) req.fhdr(accept,1)
  http-request set-var-fmt(txn.accept) "%[req.fhdr(accept,1)],%[req.fhdr(accept,2)]" if { req.fhdr_cnt(accept) ge 2 }
  http-request set-var(txn.format) str(html)
  http-request set-var(txn.format_range) var(txn.accept),map_regm(/p/accept.map) if { var(txn.accept) -m len 1:1000 }
  http-request set-var(txn.format) var(txn.format_range),map_reg(/p/accept-values.map,html)
  http-request set-var-fmt(txn.errgen) "errgen-default-en-%[var(txn.format)]"
  http-error status 404 content-type "text/html" file /p/pages/en/404.html HEADERS
  http-error status 503 content-type "text/html" file /p/pages/en/503.html HEADERS hdr Retry-After 120

backend errgen-default-en-html from mine
  server inside abns@errgen-default send-proxy-v2
  http-response set-var(txn.retry) res.fhdr(retry-after) if { status 400:599 }
  http-response set-var(txn.retry) str(120) if { status 503 } !{ var(txn.retry) -m found }
  http-after-response set-header Retry-After %[var(txn.retry)] if { var(txn.retry) -m found }
  http-response return status 404 content-type "text/html" file /p/pages/en/404.html HEADERS if { status 404 }
  http-response return status 503 content-type "text/html" file /p/pages/en/503.html HEADERS if { status 503 }
  http-response return status 503 content-type "text/html" file /p/pages/en/530.html HEADERS if { status 530 }
  http-error status 404 content-type "text/html" file /p/pages/en/404.html HEADERS
  http-error status 503 content-type "text/html" file /p/pages/en/503.html HEADERS hdr Retry-After 120

backend errgen-default-en-json from mine
  server inside abns@errgen-default send-proxy-v2
  http-response set-var(txn.retry) res.fhdr(retry-after) if { status 400:599 }
  http-response set-var(txn.retry) str(120) if { status 503 } !{ var(txn.retry) -m found }
  http-after-response set-header Retry-After %[var(txn.retry)] if { var(txn.retry) -m found }
  http-response return status 404 content-type "application/json" file /p/pages/en/404.json HEADERS if { status 404 }
  http-response return status 503 content-type "application/json" file /p/pages/en/503.json HEADERS if { status 503 }
  http-response return status 503 content-type "application/json" file /p/pages/en/530.json HEADERS if { status 530 }
  http-error status 404 content-type "application/json" file /p/pages/en/404.json HEADERS
  http-error status 503 content-type "application/json" file /p/pages/en/503.json HEADERS hdr Retry-After 120
"""


def test_the_lines_for_scopes() -> None:
    built = build_site([an_entry("404")], profile="static")
    scopes = (Scope((), ("/api/*",), "json"), Scope(("*.example.org",), (), "html"))
    with_scopes = dataclasses.replace(built, manifest=dataclasses.replace(built.manifest, scopes=scopes))
    outcome = compiled(with_scopes, root="/p")
    before, found, after = outcome.files["errgen.cfg"].decode().partition(SCOPES_LINES)

    assert found
    assert before + after == compiled(built, root="/p").files["errgen.cfg"].decode()
    assert outcome.files["scopes.map"].decode().splitlines() == [
        r"^\S*\s(?i:https?://[^/?\s]*)?(?:/api/[^?\s]*)(?:[?\s]|$) json",
        r"^(?i:[^/:]*\.example\.org)\.?(?::[0-9]*)?\s html",
    ]


SCOPES_LINES = """
  http-request set-var-fmt(txn.errgen_asked) "%[req.fhdr(host,1)] %[path]"
  http-request set-var(txn.errgen_format) var(txn.errgen_asked),map_reg(/p/scopes.map)
"""[1:]
