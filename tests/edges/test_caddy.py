"""The generated files in a real Caddy, for every client, method and kind of failure."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings

from site_builder.edges import open_edge
from site_builder.model import Compiled, Format, Scope

from .conftest import Built, an_entry, build_site
from .servers import (
    LANGUAGES,
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
CONFIGURATION = """\
{{
	admin off
	auto_https off
	storage file_system {folder}/storage
}}
import {folder}/errgen.caddy
http://:{port} {{
	bind 127.0.0.1
	root * {folder}/website
	import errgen-default
	error /limited 429
	error /teapot 418
	error /private 403
	error /sign-in 401
	request_body {{
		max_size 1KB
	}}
	reverse_proxy /upstream/* 127.0.0.1:{upstream} {{
		header_down -Server
		import errgen-default-upstream
	}}
	reverse_proxy /dead/* 127.0.0.1:{dead} {{
		import errgen-default-upstream
	}}
	file_server
}}
"""


def compiled(built: Built, **options: Any) -> Compiled:
    return open_edge({"kind": "caddy", **options}, WHERE).compile(built.manifest, built.read)


def start(place: Ground, files: Mapping[str, bytes]) -> Server:
    text = CONFIGURATION.format(folder=place.folder, port=place.port, upstream=place.upstream, dead=place.dead)
    place.write({**files, "Caddyfile": text.encode(), "website/index.html": b"home\n"})
    environ = {**os.environ, "XDG_DATA_HOME": str(place.folder), "XDG_CONFIG_HOME": str(place.folder)}
    arguments = ["--adapter", "caddyfile", "--config", str(place.folder / "Caddyfile")]
    place.validate(["caddy", "validate", *arguments], environ)
    return place.serve(["caddy", "run", *arguments], environ)


@pytest.fixture(scope="module")
def built() -> Built:
    return server_site()


@pytest.fixture(scope="module")
def server(built: Built) -> Iterator[Server]:
    with ground() as place:
        yield start(place, compiled(built, root=str(place.folder)).files)


SITUATIONS = [
    # method, path, status, and who knows when to come again where that is not the page
    ("GET", "/missing", 404, None),
    ("HEAD", "/missing", 404, None),
    ("POST", "/missing", 404, None),
    ("GET", "/limited", 429, None),
    ("POST", "/limited", 429, None),
    ("GET", "/teapot", 418, None),
    ("GET", "/upstream/503", 503, None),
    ("GET", "/upstream/503?retry=77", 503, "77"),
    ("HEAD", "/upstream/503?retry=77", 503, "77"),
    ("POST", "/upstream/522", 522, None),
    ("GET", "/upstream/404?retry=5", 404, "5"),
    ("GET", "/dead/", 502, None),
    ("POST", "/dead/", 502, None),
    ("GET", "/pages/en/503.json", 404, None),
]


@pytest.mark.parametrize("accept", ROWS)
@pytest.mark.parametrize(("method", "path", "status", "retry_after"), SITUATIONS)
def test_each_client_gets_its_page(
    server: Server, built: Built, accept: str | None, method: str, path: str, status: int, retry_after: str | None
) -> None:
    ask_for_page(server, built, accept, method, path, status, retry_after)


@pytest.mark.parametrize("accept_language", VISITORS)
@pytest.mark.parametrize(("path", "status"), [("/missing", 404), ("/upstream/410", 410), ("/dead/", 502)])
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
        ("example.com", "/dead/api/x", 502),
        ("api.example.com", "/dead/", 502),
        ("example.com", "/dead/docs/x", 502),
    ],
)
def test_in_a_scope_everybody_gets_its_format(server: Server, built: Built, host: str, path: str, status: int) -> None:
    ask_in_scopes(server, built, host, path, status)


def test_scopes_know_a_host_in_whatever_way_it_is_named(server: Server, built: Built) -> None:
    ask_in_odd_ways(server, built)


@settings(deadline=None, max_examples=200)
@given(accept=header_texts, accept_language=header_texts)
def test_re2_reads_every_header_as_python_does(server: Server, built: Built, accept: str, accept_language: str) -> None:
    content, _ = page(built, 404, *picked(accept, accept_language))

    assert server.ask("/missing", {"Accept": accept, "Accept-Language": accept_language}).body == content


def test_several_header_lines_count_as_one(server: Server, built: Built) -> None:
    lines = b"Host: 127.0.0.1\r\nAccept: image/png\r\nAccept: text/markdown\r\nConnection: close\r\n"
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


def test_what_is_no_request_is_refused_by_the_go_server(server: Server) -> None:
    answer = server.send(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Content-Type: text/plain" in answer


def test_whom_the_server_denies_may_read_why(server: Server, built: Built) -> None:
    answer = server.ask("/private")

    assert (answer.status, answer.body) == (403, page(built, 403, "html")[0])


def test_what_is_no_error_and_what_is_not_bound_passes(server: Server) -> None:
    home = server.ask("/")
    assert (home.status, home.body) == (200, b"home\n")
    assert "vary" not in home.headers
    from_upstream = server.ask("/upstream/401")
    assert (from_upstream.status, from_upstream.body) == (401, b"from the upstream\n")
    own = server.ask("/sign-in")
    assert (own.status, own.body) == (401, b"")


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
    for path in ("/missing/mark?mark", "/missing/{http.request.header.Referer}", "/dead/mark"):
        answer = server.ask(path, marks)

        assert b"mark" not in answer.body
        assert not any("mark" in value for value in answer.headers.values())


def test_who_asks_for_parts_or_news_gets_the_whole_page(server: Server, built: Built) -> None:
    answer = server.ask(
        "/missing",
        {"Range": "bytes=0-1", "If-None-Match": "*", "If-Modified-Since": "Fri, 31 Dec 2100 00:00:00 GMT"},
    )

    assert (answer.status, answer.body) == (404, page(built, 404, "html")[0])
    assert {"etag", "last-modified", "accept-ranges"}.isdisjoint(answer.headers)


def test_the_files_of_a_small_site() -> None:
    entries = [an_entry("404"), an_entry("503", retry_after=120), an_entry("530", serve_status=503)]
    built = build_site(entries, languages=("en", "de"), profile="static")
    outcome = compiled(built, root="/srv/pages")
    generated = {name: text for name, text in outcome.files.items() if not name.startswith("pages/")}

    assert outcome.findings == ()
    assert {name: content for name, content in outcome.files.items() if name not in generated} == {
        path.replace("pages/static/", "pages/"): content for path, content in built.pages.items()
    }
    assert generated.keys() == {"errgen.caddy", "report.json"}
    # The steps are what test_accept_patterns.py is about.
    text = re.sub(r"(\t+`~\(\?i\)\^\(\?:\[\^,.*\n)+", "STEPS\n", generated["errgen.caddy"].decode())
    assert f"\n{text}" == FILE


def test_one_language_needs_no_choice() -> None:
    outcome = compiled(build_site([an_entry("404")], profile="static"))
    text = outcome.files["errgen.caddy"].decode()

    assert "errgen_language" not in text
    assert 'Vary "Accept"\n' in text
    assert "rewrite * /en/{errgen_page}.{errgen_extension}\n" in text


def test_the_report_tells_what_is_bound_and_what_differs(built: Built) -> None:
    report = json.loads(compiled(built).files["report.json"])

    assert (report["edge"], report["languages"]) == ("caddy", list(LANGUAGES))
    assert report["codes"]["429"] == {"page": "429", "retry_after": 30}
    assert any("Go's own server" in text for text in report["differences"])
    assert any("handle_errors" in text for text in report["notes"])


FILE = r"""
# Error pages for Caddy 2.6 or later, made by errgen. The folder that this file is in belongs at /srv/pages.
# In your Caddyfile, import this file before your sites, and its two snippets where they belong:
#     import /srv/pages/errgen.caddy
#     example.com {
#         import errgen-default
#         reverse_proxy localhost:8080 {
#             import errgen-default-upstream
#         }
#     }

(errgen-default) {
	handle_errors {
		map {err.status_code} {errgen_page} {errgen_wait} {errgen_status} {
			`~^(404)$` 404 "" ${1}
			`~^(503)$` 503 120 ${1}
			`~^(530)$` 530 "" 503
			default "" "" ""
		}
		@errgen expression `{errgen_page} != ""`
		route @errgen {
			@errgen_range expression `size({header.Accept}) <= 1000`
			map @errgen_range {header.Accept} {errgen_range} {
STEPS
				default ""
			}
			vars errgen_range {errgen_range}
			map {vars.errgen_range} {errgen_extension} {errgen_type} {
				`~(?i)^(?:application/json|application/\*)$` json "application/json; charset=utf-8"
				`~(?i)^(?:application/problem\+json)$` problem.json "application/problem+json; charset=utf-8"
				`~(?i)^(?:text/markdown|text/\*)$` md "text/markdown; charset=utf-8"
				default html "text/html; charset=utf-8"
			}
			@errgen_language_range expression `size({header.Accept-Language}) <= 1000`
			map @errgen_language_range {header.Accept-Language} {errgen_language_range} {
STEPS
				default ""
			}
			vars errgen_language_range {errgen_language_range}
			map {vars.errgen_language_range} {errgen_language} {
				`~(?i)^hi-latn(?:-|$)` en
				`~(?i)^de(?:-|$)` de
				`~(?i)^en(?:-|$)` en
				default en
			}
			map {http.reverse_proxy.header.Retry-After} {errgen_retry_after} {
				`~^(.+)$` ${1}
				default {errgen_wait}
			}
			@errgen_again expression `{errgen_retry_after} != ""`
			header @errgen_again Retry-After {errgen_retry_after}
			header {
				Cache-Control no-store
				Content-Language {errgen_language}
				Content-Type {errgen_type}
				Vary "Accept, Accept-Language"
				X-Content-Type-Options nosniff
				-Accept-Ranges
				-Etag
				-Last-Modified
				defer
			}
			request_header -Range
			request_header -If-*
			@errgen_not_get not method GET HEAD
			method @errgen_not_get GET
			rewrite * /{errgen_language}/{errgen_page}.{errgen_extension}
			file_server {
				root /srv/pages/pages
				status {errgen_status}
			}
		}
	}
}

(errgen-default-upstream) {
	@errgen status 404 503 530
	handle_response @errgen {
		error "from the upstream" {http.reverse_proxy.status_code}
	}
}
"""


def test_the_lines_for_scopes() -> None:
    built = build_site([an_entry("404")], profile="static")
    scopes = (Scope((), ("/api/*",), "json"), Scope(("*.example.org",), (), "html"))
    with_scopes = dataclasses.replace(built, manifest=dataclasses.replace(built.manifest, scopes=scopes))
    outcome = compiled(with_scopes)
    before, found, after = outcome.files["errgen.caddy"].decode().partition(SCOPES_LINES)

    assert found
    assert before + after == compiled(built).files["errgen.caddy"].decode()


SCOPES_LINES = r"""
			@errgen_scope expression `size({http.request.orig_uri}) <= 8000`
			map @errgen_scope "{http.request.host} {http.request.orig_uri}" {errgen_scope} {
				`~^\S*\s(?i:https?://[^/?\s]*)?(?:/api/[^?\s]*)(?:[?\s]|$)` application/json
				`~^(?i:[^/:]*\.example\.org)\.?(?::[0-9]*)?\s` text/html
				default {vars.errgen_range}
			}
			vars @errgen_scope errgen_range {errgen_scope}
"""[1:]


@pytest.mark.parametrize(("length", "format_"), [(8000, "json"), (8001, "html")])
def test_an_address_of_endless_length_is_in_no_scope(
    server: Server, built: Built, length: int, format_: Format
) -> None:
    answer = server.ask("/api/".ljust(length, "/"))

    assert (answer.status, answer.body) == (404, page(built, 404, format_)[0])
