"""The generated files in a real Apache, for every client, method and kind of failure."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from site_builder.edges import open_edge
from site_builder.model import Compiled
from site_builder.negotiation import negotiate_language

from .conftest import Built
from .servers import LANGUAGES, ROWS, Ground, Server, expected_format, ground, page, server_site

WHERE = "errgen.toml: site.default.edge[0]"
MODULES = "mpm_event authz_core authz_host mime dir alias headers setenvif proxy proxy_http negotiation"
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
    ProxyPass / http://127.0.0.1:{upstream}/
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
    content, headers = page(built, status, expected_format(accept))

    answer = server.ask(path, {"Accept": accept}, method)

    assert answer.status == status
    assert answer.body == (b"" if method == "HEAD" else content)
    assert answer.only(headers) == headers


@pytest.mark.parametrize(
    "accept_language",
    [None, "ar", "PT", "pt-PT;q=0.8, ar;q=0.7", "de, ar-EG;q=0.9", "en;q=0.1, ar;q=0.05", "fr", "*", "ar;q=0, en"],
)
@pytest.mark.parametrize(("path", "status"), [("/missing", 404), ("/upstream/410", 410), ("/dead/", 503)])
def test_each_visitor_gets_their_language(
    server: Server, built: Built, accept_language: str | None, path: str, status: int
) -> None:
    language = negotiate_language([accept_language] if accept_language else [], LANGUAGES)
    content, headers = page(built, status, "html", language)

    answer = server.ask(path, {"Accept-Language": accept_language})

    assert (answer.status, answer.body) == (status, content)
    assert answer.only(headers) == headers


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


def test_pages_are_there_where_every_path_goes_to_an_upstream(server: Server, built: Built) -> None:
    answer = server.ask("/upstream/503", {"Host": "proxied", "Accept": "text/markdown", "Accept-Language": "ar"})

    assert (answer.status, answer.body) == (503, page(built, 503, "markdown", "ar")[0])


def test_what_is_no_error_and_what_is_not_bound_passes(server: Server) -> None:
    home = server.ask("/")
    assert (home.status, home.body) == (200, b"home\n")
    assert "vary" not in home.headers
    for code in (401, 522):
        answer = server.ask(f"/upstream/{code}?retry=9")
        assert (answer.status, answer.body) == (code, b"from the upstream\n")
        assert answer.headers["retry-after"] == "9"


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
