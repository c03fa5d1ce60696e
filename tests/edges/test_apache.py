"""The generated files in a real Apache, for every client, method and kind of failure."""

from __future__ import annotations

import dataclasses
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
MODULES = "mpm_event authz_core authz_host mime dir alias headers setenvif proxy proxy_http rewrite negotiation"
CONFIGURATION = """\
ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Mutex file:{folder}
{user}
{modules}
TypesConfig /etc/mime.types
<Directory />
    Require all denied
</Directory>
<VirtualHost *:{port}>
    DocumentRoot {folder}/website
    <Directory {folder}/website>
        Require all granted
        Options +MultiViews
    </Directory>
    Include {folder}/errgen.conf
    Redirect 429 /limited
    Redirect 410 /gone
    <Location /private>
        Require all denied
    </Location>
    ProxyPass /upstream/ http://127.0.0.1:{upstream}/upstream/
    ProxyPass /dead/ http://127.0.0.1:{dead}/
</VirtualHost>
<VirtualHost *:{port}>
    ServerName proxied
    Include {folder}/errgen.conf
    <Location /kept/>
        ProxyErrorOverride Off
    </Location>
    ProxyPass / http://127.0.0.1:{upstream}/
</VirtualHost>
<VirtualHost *:{port}>
    ServerName rewritten
    DocumentRoot {folder}/website
    Include {folder}/errgen.conf
    RewriteEngine On
    RewriteCond %{{REQUEST_URI}} !^/\\.errgen/
    RewriteRule ^ /missing [PT]
    <Directory {folder}/website>
        Require all granted
    </Directory>
</VirtualHost>
<VirtualHost *:{port}>
    ServerName closed
    Include {folder}/errgen.conf
    <Location />
        Require all denied
    </Location>
</VirtualHost>
"""


def compiled(built: Built, **options: Any) -> Compiled:
    return open_edge({"kind": "apache", **options}, WHERE).compile(built.manifest, built.read)


def start(place: Ground, files: Mapping[str, bytes]) -> Server:
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES.split())
    text = CONFIGURATION.format(
        folder=place.folder,
        port=place.port,
        upstream=place.upstream,
        dead=place.dead,
        user="User www-data" if os.geteuid() == 0 else "",
        modules=modules,
    )
    place.write({**files, "apache.conf": text.encode(), "website/index.html": b"home\n"})
    command = ["apache2", "-f", str(place.folder / "apache.conf")]
    place.validate([*command, "-t"])
    return place.serve([*command, "-DFOREGROUND"])


@pytest.fixture(scope="module")
def built() -> Built:
    return server_site()


@pytest.fixture(scope="module")
def server(built: Built) -> Iterator[Server]:
    with ground() as place:
        yield start(place, compiled(built, root=str(place.folder)).files)


SITUATIONS = [
    ("GET", "/missing", 404),
    ("HEAD", "/missing", 404),
    ("POST", "/missing", 404),
    ("GET", "/limited", 429),
    ("GET", "/upstream/503", 503),
    ("GET", "/upstream/503?retry=77", 503),  # its own Retry-After is lost, as the report says
    ("HEAD", "/upstream/503?retry=77", 503),
    ("POST", "/upstream/504", 504),
    ("GET", "/upstream/404?retry=5", 404),
    ("GET", "/dead/", 503),
    ("POST", "/dead/", 503),
    ("GET", "/.errgen/default/503/en.json", 404),
    ("GET", "/.errgen/default/503/", 404),
]


@pytest.mark.parametrize("accept", ROWS)
@pytest.mark.parametrize(("method", "path", "status"), SITUATIONS)
def test_each_client_gets_its_page(
    server: Server, built: Built, accept: str | None, method: str, path: str, status: int
) -> None:
    ask_for_page(server, built, accept, method, path, status)


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


def test_several_lines_of_a_header_count_as_one(server: Server, built: Built) -> None:
    request = b"GET /missing HTTP/1.0\r\nAccept: image/png\r\nAccept: text/markdown\r\n\r\n"

    assert server.send(request).endswith(page(built, 404, "markdown")[0])


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: a b\r\nAccept: application/json\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n no header\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
    ],
)
def test_what_cannot_be_read_gets_the_default_page(server: Server, built: Built, request_: bytes, status: int) -> None:
    head, _, body = server.send(request_).partition(b"\r\n\r\n")

    assert head.startswith(f"HTTP/1.1 {status} ".encode())
    assert body == page(built, status, "html")[0]


def test_whom_the_server_denies_may_read_why(server: Server, built: Built) -> None:
    answer = server.ask("/private")

    assert (answer.status, answer.body) == (403, page(built, 403, "html")[0])


def test_whom_the_whole_website_denies_may_read_why(server: Server, built: Built) -> None:
    answer = server.ask("/", {"Host": "closed", "Accept": "text/markdown"})

    assert (answer.status, answer.body) == (403, page(built, 403, "markdown")[0])


def test_pages_are_there_where_every_path_goes_to_an_upstream(server: Server, built: Built) -> None:
    answer = server.ask("/upstream/503", {"Host": "proxied", "Accept": "text/markdown", "Accept-Language": "ar"})

    assert (answer.status, answer.body) == (503, page(built, 503, "markdown", "ar")[0])


def test_what_the_notes_of_the_report_advise_works(server: Server, built: Built) -> None:
    rewritten = server.ask("/any", {"Host": "rewritten"})
    kept = server.ask("/kept/503", {"Host": "proxied"})

    assert (rewritten.status, rewritten.body) == (404, page(built, 404, "html")[0])
    assert (kept.status, kept.body) == (503, b"from the upstream\n")


def test_what_is_no_error_and_what_is_not_bound_passes(server: Server) -> None:
    home = server.ask("/")
    assert (home.status, home.body) == (200, b"home\n")
    assert "vary" not in home.headers
    for code in (401, 522):
        answer = server.ask(f"/upstream/{code}?retry=9")
        assert (answer.status, answer.body) == (code, b"from the upstream\n")
        assert answer.headers["retry-after"] == "9"


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
    marks = dict.fromkeys(("User-Agent", "Referer", "Cookie", "X-Forwarded-For"), "mark")
    marks |= {"Accept": "application/json;x=mark", "Accept-Language": "ar-mark"}
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
        path.replace("pages/static/", "pages/"): content for path, content in built.pages.items()
    }
    assert generated.keys() == {"errgen.conf", "report.json"}
    # The steps are what test_accept_patterns.py is about.
    assert re.sub(r"\^\(\?:\[\^,.*(?=\" ERR)", "STEP", generated["errgen.conf"].decode()) == INCLUDE


def test_codes_and_statuses_that_apache_does_not_have_are_said() -> None:
    entries = [an_entry("404", serve_status=410), an_entry("418"), an_entry("530"), an_entry("5xx", (500, 599))]
    outcome = compiled(build_site(entries, profile="static"), codes=[404, 418, "510..530"])

    assert [(finding.id, finding.severity, finding.message) for finding in outcome.findings] == [
        ("apache-codes", "warning", "apache gets no page for 418 512..530: Apache takes no ErrorDocument for it"),
        (
            "apache-status",
            "warning",
            "apache cannot answer 404 with another status; the page is sent with its own code",
        ),
    ]
    assert outcome.findings[0].hint == 'name the codes to bind, without these: codes = [404, "510..511"]'
    assert [
        line for line in outcome.files["errgen.conf"].decode().splitlines() if line.startswith("ErrorDocument")
    ] == [
        "ErrorDocument 404 /.errgen/default/404/en.%{reqenv:ERRGEN_EXTENSION}",
        "ErrorDocument 510 /.errgen/default/5xx/en.%{reqenv:ERRGEN_EXTENSION}",
        "ErrorDocument 511 /.errgen/default/5xx/en.%{reqenv:ERRGEN_EXTENSION}",
    ]


INCLUDE = r"""
# The error pages of default, made by errgen. It belongs into each VirtualHost of the
# website, before any ProxyPass, and needs the modules alias, headers and setenvif:
#
#     <VirtualHost *:443>
#         ServerName www.example.com
#         Include /srv/pages/errgen.conf
#     </VirtualHost>
# Accept: the last line that matches counts. The best quality, and of equals the first listed.
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIfNoCase Accept "STEP" ERRGEN_TYPE=$1
SetEnvIf Request_URI "^" ERRGEN_EXTENSION=html
SetEnvIfNoCase ERRGEN_TYPE "^(?:text/markdown|text/\*)$" ERRGEN_EXTENSION=md
SetEnvIfNoCase ERRGEN_TYPE "^(?:application/problem\+json)$" ERRGEN_EXTENSION=problem.json
SetEnvIfNoCase ERRGEN_TYPE "^(?:application/json|application/\*)$" ERRGEN_EXTENSION=json
# Accept-Language: the last line that matches counts. The best quality, and of equals the first listed.
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIfNoCase Accept-Language "STEP" ERRGEN_RANGE=$1
SetEnvIf Request_URI "^" ERRGEN_LANGUAGE=en
SetEnvIfNoCase ERRGEN_RANGE "^en(?:-|$)" ERRGEN_LANGUAGE=en
SetEnvIfNoCase ERRGEN_RANGE "^de(?:-|$)" ERRGEN_LANGUAGE=de
SetEnvIfNoCase ERRGEN_RANGE "^hi-latn(?:-|$)" ERRGEN_LANGUAGE=en
ErrorDocument 404 /.errgen/default/404/%{reqenv:ERRGEN_LANGUAGE}.%{reqenv:ERRGEN_EXTENSION}
ErrorDocument 503 /.errgen/default/503/%{reqenv:ERRGEN_LANGUAGE}.%{reqenv:ERRGEN_EXTENSION}
# Errors of what is behind Apache count like its own.
<IfModule mod_proxy.c>
    ProxyPass "/.errgen/default/" "!"
    ProxyErrorOverride On 404 503
</IfModule>
AliasMatch "^/\.errgen/default/(404|503)/(en|de)\.(html|json|problem\.json|md)$" "/srv/pages/pages/$2/$1.$3"
# A request that cannot be read has no variables, and gets the default.
AliasMatch "^/\.errgen/default/(404|503)/" "/srv/pages/pages/en/$1.html"
<Directory "/srv/pages/pages">
    Options None
    AllowOverride None
    FileETag None
    # What keeps people from the website does not keep them from reading why. If counts after Location.
    <If "true">
        Require all granted
    </If>
    # Whoever asks for a page by its address gets a 404.
    <If "-z %{reqenv:REDIRECT_STATUS}">
        Redirect 404 "/"
    </If>
    <FilesMatch "^[^.]+\.html$">
        ForceType "text/html; charset=utf-8"
    </FilesMatch>
    <FilesMatch "^[^.]+\.json$">
        ForceType "application/json; charset=utf-8"
    </FilesMatch>
    <FilesMatch "^[^.]+\.problem\.json$">
        ForceType "application/problem+json; charset=utf-8"
    </FilesMatch>
    <FilesMatch "^[^.]+\.md$">
        ForceType "text/markdown; charset=utf-8"
    </FilesMatch>
    Header always set Cache-Control "no-store"
    Header always set Content-Language "en"
    Header always set X-Content-Type-Options "nosniff"
    Header always merge Vary "Accept, Accept-Language"
    <FilesMatch "^(?:503)\.">
        Header always set Retry-After "120"
    </FilesMatch>
    Header unset Last-Modified
    Header unset Accept-Ranges
</Directory>
<Directory "/srv/pages/pages/de">
    Header always set Content-Language "de"
</Directory>
"""[1:]


def test_the_lines_for_scopes() -> None:
    built = build_site([an_entry("404")], profile="static")
    scopes = (Scope((), ("/api/*",), "json"), Scope(("*.example.org",), (), "html"))
    with_scopes = dataclasses.replace(built, manifest=dataclasses.replace(built.manifest, scopes=scopes))
    outcome = compiled(with_scopes)
    before, found, after = outcome.files["errgen.conf"].decode().partition(SCOPES_LINES)

    assert found
    assert before + after == compiled(built).files["errgen.conf"].decode()


SCOPES_LINES = r"""
# The first scope that the request is in decides, whatever Accept says: here, too, the last line counts.
SetEnvIf Host "^(.*)$" ERRGEN_HOST=$1
SetEnvIfExpr "'%{reqenv:ERRGEN_HOST} %{THE_REQUEST}' =~ m#^(?i:[^/:]*\.example\.org)\.?(?::[0-9]*)?\s#" ERRGEN_EXTENSION=html
SetEnvIfExpr "'%{reqenv:ERRGEN_HOST} %{THE_REQUEST}' =~ m#^\S*\s\S+\s+(?i:https?://[^/?\s]*)?(?:/api/[^?\s]*)(?:[?\s]|$)#" ERRGEN_EXTENSION=json
"""[1:]  # noqa: E501  # lines as they are
