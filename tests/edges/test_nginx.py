"""The generated files in a real nginx, for every client, method and kind of failure."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from site_builder.edges import open_edge
from site_builder.model import Compiled, Scope

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
    page,
    server_site,
)

WHERE = "errgen.toml: site.default.edge[0]"
CONFIGURATION = """\
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/temporary/body;
    proxy_temp_path {folder}/temporary/proxy;
    fastcgi_temp_path {folder}/temporary/fastcgi;
    uwsgi_temp_path {folder}/temporary/uwsgi;
    scgi_temp_path {folder}/temporary/scgi;
    client_max_body_size 1k;
    include {folder}/http.conf;
    server {{
        listen 127.0.0.1:{port};
        server_name v1.api.example.org;
        root {folder}/website;
        include {folder}/server.conf;
        location = /limited {{ return 429; }}
        location = /teapot {{ return 418; }}
        location = /private {{ deny all; }}
        location = /own {{ error_page 410 /elsewhere; include {folder}/error_pages.conf; }}
        location /kept/ {{ proxy_pass http://127.0.0.1:{upstream}; proxy_intercept_errors off; }}
        location /upstream/ {{ proxy_pass http://127.0.0.1:{upstream}; }}
        location /dead/ {{ proxy_pass http://127.0.0.1:{dead}; }}
    }}
    server {{
        listen 127.0.0.1:{port};
        server_name closed;
        deny all;
        include {folder}/server.conf;
    }}
}}
"""


def compiled(built: Built, **options: Any) -> Compiled:
    return open_edge({"kind": "nginx", **options}, WHERE).compile(built.manifest, built.read)


def start(place: Ground, files: Mapping[str, bytes]) -> Server:
    user = "user root;" if os.geteuid() == 0 else ""
    text = CONFIGURATION.format(
        folder=place.folder, port=place.port, upstream=place.upstream, dead=place.dead, user=user
    )
    place.write({**files, "nginx.conf": text.encode(), "website/index.html": b"home\n", "temporary/keep": b""})
    command = ["nginx", "-e", str(place.folder / "error.log"), "-c", str(place.folder / "nginx.conf")]
    place.validate([*command, "-t"])
    return place.serve(command)


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
    ("GET", "/teapot", 418, None),
    ("GET", "/upstream/503", 503, None),
    ("GET", "/upstream/503?retry=77", 503, "77"),
    ("HEAD", "/upstream/503?retry=77", 503, "77"),
    ("POST", "/upstream/522", 522, None),
    ("GET", "/upstream/404?retry=5", 404, "5"),
    ("GET", "/dead/", 502, None),
    ("POST", "/dead/", 502, None),
    ("GET", "/.errgen/default/en/503.json", 404, None),
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


def test_who_names_no_host_is_in_the_scope_of_the_first_name(server: Server, built: Built) -> None:
    assert b"application/problem+json" in server.send(b"GET /missing HTTP/1.0\r\n\r\n")
    report = json.loads(compiled(built).files["report.json"])
    assert any("names no host" in difference for difference in report["differences"])


def test_what_is_refused_before_a_request_is_whole_gets_a_page(server: Server, built: Built) -> None:
    answer = server.send(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert body == page(built, 400, "html")[0]


def test_a_body_that_is_too_large_gets_the_page_of_413(server: Server, built: Built) -> None:
    request = b"POST /upstream/200 HTTP/1.0\r\nHost: a\r\nAccept: text/markdown\r\nContent-Length: 2000\r\n\r\n"
    answer = server.send(request + b"x" * 2000)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(page(built, 413, "markdown")[0])


def test_whom_the_server_denies_may_read_why(server: Server, built: Built) -> None:
    answer = server.ask("/private")

    assert (answer.status, answer.body) == (403, page(built, 403, "html")[0])


def test_whom_the_whole_website_denies_may_read_why(server: Server, built: Built) -> None:
    answer = server.ask("/", {"Host": "closed", "Accept": "text/markdown"})

    assert (answer.status, answer.body) == (403, page(built, 403, "markdown")[0])


def test_what_is_no_error_and_what_is_not_bound_passes(server: Server) -> None:
    home = server.ask("/")
    assert (home.status, home.body) == (200, b"home\n")
    assert "vary" not in home.headers
    sign_in = server.ask("/upstream/401")
    assert (sign_in.status, sign_in.body) == (401, b"from the upstream\n")


def test_what_the_notes_of_the_report_advise_works(server: Server, built: Built) -> None:
    own = server.ask("/own")
    kept = server.ask("/kept/503")

    assert (own.status, own.body) == (404, page(built, 404, "html")[0])
    assert (kept.status, kept.body) == (503, b"from the upstream\n")


def test_a_page_with_a_status_of_its_own_is_sent_with_it(server: Server, built: Built) -> None:
    content, headers = page(built, 530, "json")

    answer = server.ask("/upstream/530", {"Accept": "application/json"})

    assert (answer.status, answer.body) == (503, content)
    assert answer.only(headers) == headers


@pytest.mark.parametrize(
    "accept",
    [
        "image/png," * 700 + "application/json",
        'application/x;y="' + "\\a," * 2000 + '", application/json',
        "image/png" + ";q" * 1500 + " " * 1500 + ";q=1,application/json",
        "text/html;q=0.5" + ";x" * 3000 + ",application/json",
    ],
)
def test_a_header_as_long_as_the_server_takes_is_read_to_its_end(server: Server, built: Built, accept: str) -> None:
    answer = server.ask("/missing", {"Accept": accept})

    assert (answer.status, answer.body) == (404, page(built, 404, "json")[0])


def test_nothing_of_a_request_comes_back(server: Server) -> None:
    marks = {
        "Accept": "application/json;x=<mark>",
        "Accept-Language": "ar-mark",
        "User-Agent": "mark",
        "Referer": "mark",
    }
    answer = server.ask("/missing/mark?mark", marks)

    assert b"mark" not in answer.body
    assert not any("mark" in value for value in answer.headers.values())


def test_who_asks_for_parts_or_news_gets_the_whole_page(server: Server, built: Built) -> None:
    answer = server.ask("/missing", {"Range": "bytes=0-1", "If-Modified-Since": "Fri, 31 Dec 2100 00:00:00 GMT"})

    assert (answer.status, answer.body) == (404, page(built, 404, "html")[0])
    assert {"etag", "last-modified", "accept-ranges"}.isdisjoint(answer.headers)


def test_the_files_of_a_small_site() -> None:
    built = build_site([an_entry("404"), an_entry("503", retry_after=120)], languages=("en", "de"), profile="static")
    outcome = compiled(built, root="/srv/pages")
    generated = {name: text for name, text in outcome.files.items() if not name.startswith("pages/")}

    assert outcome.findings == ()
    assert {name: content for name, content in outcome.files.items() if name not in generated} == {
        path.replace("pages/static/", "pages/").replace("problem.json", "problem"): content
        for path, content in built.pages.items()
    }
    assert generated.keys() == {"error_pages.conf", "http.conf", "report.json", "server.conf"}
    assert generated["error_pages.conf"].decode() == ERROR_PAGES
    assert generated["server.conf"].decode() == SERVER
    # The steps are what test_accept_patterns.py is about.
    assert re.sub(r"\^\(\?:\[\^,.*(?=\" )", "STEP", generated["http.conf"].decode()) == HTTP


ERROR_PAGES = """\
# Which code gets which page of default, made by errgen. server.conf includes it, and so
# should every location that has an error_page line of its own.
error_page 404 /.errgen/default/$errgen_default_language/404.$errgen_default_extension;
error_page 503 /.errgen/default/$errgen_default_language/503.$errgen_default_extension;
"""
SERVER = """\
# The error pages of default, made by errgen. It belongs into each server of the website:
#
#     server {
#         server_name www.example.com;
#         include /srv/pages/server.conf;
#     }
include /srv/pages/error_pages.conf;
# Errors of what is behind nginx count like its own.
proxy_intercept_errors on;
fastcgi_intercept_errors on;
uwsgi_intercept_errors on;
scgi_intercept_errors on;
grpc_intercept_errors on;
location ^~ /.errgen/default/ {
    alias /srv/pages/pages/;
    # Whoever asks for a page by its address gets a 404.
    internal;
    # What keeps people from the website does not keep them from reading why.
    allow all;
    auth_basic off;
    # The answer is that of another request, not of this file.
    etag off;
    if_modified_since off;
    max_ranges 0;
    charset utf-8;
    charset_types application/json application/problem+json text/markdown;
    types {
        text/html html;
        application/json json;
        application/problem+json problem;
        text/markdown md;
    }
    add_header Cache-Control no-store always;
    add_header Content-Language $errgen_default_language always;
    add_header Retry-After $errgen_default_retry_after always;
    add_header Vary "Accept, Accept-Language" always;
    add_header X-Content-Type-Options nosniff always;
}
"""
HTTP = r"""
# How nginx chooses the error pages of default, made by errgen. It belongs into http, once:
#
#     http {
#         include /srv/pages/http.conf;
#     }
# Accept: the best quality first, and of equals the first listed.
map $http_accept $errgen_default_type {
    default "";
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
}
map $errgen_default_type $errgen_default_extension {
    default html;
    "~*^(?:application/json|application/\*)$" json;
    "~*^(?:application/problem\+json)$" problem;
    "~*^(?:text/markdown|text/\*)$" md;
}
# Accept-Language: the best quality first, and of equals the first listed.
map $http_accept_language $errgen_default_range {
    default "";
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
    "~*STEP" $1;
}
map $errgen_default_range $errgen_default_language {
    default en;
    "~*^hi-latn(?:-|$)" en;
    "~*^de(?:-|$)" de;
    "~*^en(?:-|$)" en;
}
# Retry-After, in seconds, by the page that is sent; what an upstream has said counts before.
map $uri $errgen_default_wait {
    default "";
    "~/(?:503)\.[a-z]+$" 120;
}
map $upstream_http_retry_after $errgen_default_retry_after {
    default $upstream_http_retry_after;
    "" $errgen_default_wait;
}
"""[1:]


def test_the_lines_for_scopes() -> None:
    built = build_site([an_entry("404")], profile="static")
    scopes = (Scope((), ("/api/*",), "json"), Scope(("*.example.org",), (), "html"))
    with_scopes = dataclasses.replace(built, manifest=dataclasses.replace(built.manifest, scopes=scopes))
    outcome = compiled(with_scopes)
    text = outcome.files["http.conf"].decode()

    assert "map $errgen_default_type $errgen_default_accepted {\n    default html;\n" in text
    assert SCOPES_MAP in text
    assert outcome.files["server.conf"] == compiled(built).files["server.conf"]


SCOPES_MAP = r"""
# The first scope that the request is in decides, and Accept where it is in none.
map "$host $request_uri" $errgen_default_extension {
    default $errgen_default_accepted;
    "~^\S*\s(?i:https?://[^/?\s]*)?(?:/api/[^?\s]*)(?:[?\s]|$)" json;
    "~^(?i:[^/:]*\.example\.org)\.?(?::[0-9]*)?\s" html;
}
"""
