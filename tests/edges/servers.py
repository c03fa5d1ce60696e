"""Real web servers on 127.0.0.1 with the files that errgen makes for them, and what stands behind and before them.

A server gets a folder that its workers can read whoever starts it, a free port, an upstream that answers what it is
told, and the port of a backend that is dead. Everything is gone when the ``with`` block ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from hypothesis import strategies as st

from site_builder.edges._accept_patterns import accept_family, language_family
from site_builder.edges._explaining import Question, Reference
from site_builder.manifest import first_match
from site_builder.model import EXTENSIONS, FORMATS, MEDIA_TYPES, Format, Scope
from site_builder.negotiation import negotiate_format, negotiate_language

from .conftest import Built, an_entry, build_site

PATIENCE = 30.0
"""Seconds after which a server that does not come up has failed; a machine under load is slow."""

REFERENCE_ROWS: tuple[str | None, ...] = (
    "application/json",
    "application/problem+json",
    "application/json, text/markdown;q=0.9",
    "text/markdown",
    "text/markdown, application/json",
    "text/*",
    "text/html",
    "*/*",
    None,
)
HARDER_ROWS = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "application/json, text/plain, */*",
    "text/html;q=0.5, Application/JSON",
    "text/markdown;q=0.8, application/json;q=0.9, text/html;q=0.7",
    "text/html;level=1;q=0.3, application/problem+json ; q=0.4",
    'application/json;profile="a,b;q=0.1", text/html',
    "application/json;q=0, text/markdown;q=0.1, */*;q=0.05",
    "image/png",
    ';;,q=1,"///',
)
DIFFERENT_ROWS: Mapping[str, Format] = {
    "text/html;q=0, */*": "html",
    "text/markdown;q=0.81, application/json;q=0.89": "markdown",
    "text/*, text/markdown;q=0.1": "markdown",
}
"""What the patterns answer where it is known to differ from the reference."""
ROWS: tuple[str | None, ...] = (*REFERENCE_ROWS, *HARDER_ROWS, *DIFFERENT_ROWS)


def expected_format(accept: str | None) -> Format:
    """The reference's answer, or the known different one."""
    return DIFFERENT_ROWS.get(accept or "") or negotiate_format([] if accept is None else [accept])


LANGUAGES = ("en", "pt-BR", "ar")


HEADER_PARTS = (
    *("application/json", "application/problem+json", "text/markdown", "text/html", "text/*", "*/*", "*", "image/png"),
    *("en", "AR", "pt", "pt-BR", "-", "de", ",", ";", "q=", "Q =", "1", "0", "0.5", "0.55", ".1", "0.05", "1.0", "x=y"),
    *(" ", "\t", '"', "\\", "\u00e9"),
)
header_texts = st.lists(st.sampled_from(HEADER_PARTS), max_size=16).map(lambda parts: "".join(parts).strip(" \t"))
"""Header values of all kinds, for comparing a server's regular expressions with Python's."""


def picked(accept: str, accept_language: str) -> tuple[Format, str]:
    """The format and the language that the expressions give in Python for a site of LANGUAGES."""
    format_ = accept_family(FORMATS).pick(accept)
    return next(one for one in FORMATS if one == format_), language_family(LANGUAGES).pick(accept_language)


SCOPES = (
    Scope((), ("/api/*", "/upstream/api/*", "/dead/api/*"), "json"),
    Scope(("api.example.com", "*.api.example.org"), (), "problem"),
    Scope((), ("/*/docs/*",), "markdown"),
    Scope(("www.example.com",), ("/page",), "html"),
)
"""By the beginning of the path, by the host, by the middle of the path, and by both; a request can be in several."""
SCOPED_REQUESTS: Sequence[tuple[str, str]] = (
    # host and path of a request that is answered with 404
    ("example.com", "/api/x"),
    ("example.com", "/api/x?y=/a/docs/b"),
    ("example.com", "/api/a/docs/b"),
    ("example.com", "/api"),
    ("example.com", "/apix"),
    ("example.com", "/API/x"),
    ("example.com", "//api/x"),
    ("example.com", "/%61pi/x"),
    ("example.com", "/x/../api/y"),
    ("example.com", "/missing?/api/x"),
    ("example.com", "/a/docs/b"),
    ("example.com", "/a/b/docs/b/c"),
    ("example.com", "/docs/b"),
    ("example.com", "/upstream/api/404"),
    ("example.com", "/upstream/docs/404?y=1"),
    ("api.example.com", "/missing"),
    ("API.Example.com:8443", "/missing?y=1"),
    ("api.example.com", "/api/x"),
    ("api.example.com", "/a/docs/b"),
    ("api.example.com", "/upstream/404"),
    ("v1.api.example.org", "/missing"),
    ("a.v1.api.example.org:80", "/missing"),
    ("api.example.org", "/missing"),
    ("api.example.community", "/missing"),
    ("api.example.com.example.net", "/missing"),
    ("www.example.com", "/page"),
    ("www.example.com", "/page/"),
    ("example.com", "/page"),
)


def server_site() -> Built:
    """A site in three languages, one of them written from right to left, with families and pages of their own.

    What other tests ask for is in none of its SCOPES.

    ``pt-BR`` has no page of its own for 410, which its family answers there.
    """
    entries = [
        an_entry("400"),
        an_entry("404"),
        an_entry("405"),
        an_entry("410"),
        an_entry("413"),
        an_entry("429", retry_after=30),
        an_entry("502", retry_after=60),
        an_entry("503", retry_after=120),
        an_entry("504", retry_after=120),
        an_entry("522", retry_after=120),
        an_entry("530", retry_after=60, serve_status=503),
        an_entry("maintenance", (500, 599), retry_after=900),
        an_entry("4xx", (400, 499)),
        an_entry("5xx", (500, 599)),
    ]
    names = [f"ar/{entry.key}.{extension}" for entry in entries for extension in EXTENSIONS.values()]
    arabic = {name: f"خطأ {name}\n".encode() for name in names}
    built = build_site(entries, languages=LANGUAGES, profile="static", contents=arabic)
    untranslated = {path for path in built.pages if path.startswith("pages/static/pt-BR/410.")}
    manifest = dataclasses.replace(
        built.manifest,
        files=tuple(file for file in built.manifest.files if file.path not in untranslated),
        rules=tuple(rule for rule in built.manifest.rules if f"pages/static/{rule.page}" not in untranslated),
        scopes=SCOPES,
    )
    return Built(manifest, {path: content for path, content in built.pages.items() if path not in untranslated})


def page(built: Built, code: int, format_: Format, language: str = "en") -> tuple[bytes, dict[str, str | None]]:
    """What the reference has a client get: the page, and the headers that belong to it."""
    rule = first_match(built.manifest, code, format_, language)
    assert rule is not None
    content = built.read(f"pages/static/{rule.page}")
    return content, {
        "cache-control": "no-store",
        "content-language": language,
        "content-length": str(len(content)),
        "content-type": MEDIA_TYPES[format_],
        "retry-after": None if rule.retry_after is None else str(rule.retry_after),
        "vary": "Accept, Accept-Language" if len(built.manifest.languages) > 1 else "Accept",
        "x-content-type-options": "nosniff",
    }


@dataclass(frozen=True)
class Answer:
    """What a client got. Header names are in lower case; a header that came in several lines is an error."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def only(self, names: Iterable[str]) -> dict[str, str | None]:
        """The headers of these names; None where one is absent. Vary is a list, whose blanks say nothing."""
        vary = {"vary": re.sub(r",\s*", ", ", self.headers["vary"])} if "vary" in self.headers else {}
        return {name: {**self.headers, **vary}.get(name) for name in names}


@dataclass(frozen=True)
class Server:
    """A server that is running. ``upstream`` and ``dead`` are the ports behind it."""

    port: int
    upstream: int
    dead: int
    folder: Path

    def ask(self, path: str, headers: Mapping[str, str | None] | None = None, method: str = "GET") -> Answer:
        """One request; headers of None are not sent."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        given = {name: value for name, value in (headers or {}).items() if value is not None}
        with contextlib.closing(connection):
            connection.request(method, path, body=b"x=1" if method == "POST" else None, headers=given)
            response = connection.getresponse()
            body = response.read()
            names = [name.lower() for name, _ in response.getheaders()]
            assert len(names) == len(set(names)), names
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)

    def send(self, raw: bytes) -> bytes:
        """What comes back for bytes that need not be a request."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))


VISITORS = (
    None,
    "ar",
    "PT",
    "pt-PT;q=0.8, ar;q=0.7",
    "de, ar-EG;q=0.9",
    "en;q=0.1, ar;q=0.05",
    "fr",
    "*",
    "ar;q=0, en",
)
"""Accept-Language as browsers and others send it."""


def ask_for_page(
    server: Server,
    built: Built,
    accept: str | None,
    method: str,
    path: str,
    status: int,
    retry_after: str | None = None,
) -> None:
    """Ask as a client with this Accept header, and compare the whole answer with the reference's page.

    ``retry_after`` is what the website itself says, where that wins over the page.
    """
    content, headers = page(built, status, expected_format(accept))
    if retry_after:
        headers["retry-after"] = retry_after

    answer = server.ask(path, {"Accept": accept}, method)

    assert answer.status == status
    assert answer.body == (b"" if method == "HEAD" else content)
    assert answer.only(headers) == headers


def ask_in_scopes(server: Server, built: Built, host: str, path: str, status: int) -> None:
    """Ask as several clients with several methods, and compare with the reference's page for this host and path."""
    for accept in (None, "text/html,*/*;q=0.8", "text/markdown;q=0.9, application/json;q=0.8"):
        lines = (accept,) if accept else ()
        format_, language = Reference(built.manifest).choose(Question(status, "edge", lines, ("ar",), host, path))
        content, headers = page(built, status, format_, language)
        for method in ("GET", "HEAD", "POST"):
            answer = server.ask(path, {"Host": host, "Accept": accept, "Accept-Language": "ar"}, method)

            assert (answer.status, answer.body) == (status, b"" if method == "HEAD" else content)
            assert answer.only(headers) == headers


def ask_in_odd_ways(server: Server, built: Built) -> None:
    """Requests that are in a scope, and name their host as few do: an address as target, a dot at the end, no host."""
    address = b"GET HTTP://api.example.com/missing HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n"
    assert server.send(address).endswith(page(built, 404, "problem")[0])
    assert b"application/problem+json" in server.send(address)
    assert server.send(b"GET /api/x HTTP/1.0\r\n\r\n").endswith(page(built, 404, "json")[0])
    # The known difference
    answer = server.ask("/missing", {"Host": "api.example.com."})
    assert answer.headers["content-type"] == MEDIA_TYPES["problem"]


def ask_in_language(server: Server, built: Built, accept_language: str | None, path: str, status: int) -> None:
    """Ask as a browser with this Accept-Language header, and compare with the reference's page in that language."""
    language = negotiate_language([accept_language] if accept_language else [], LANGUAGES)
    content, headers = page(built, status, "html", language)

    answer = server.ask(path, {"Accept-Language": accept_language})

    assert (answer.status, answer.body) == (status, content)
    assert answer.only(headers) == headers


class _Upstream(BaseHTTPRequestHandler):
    """``/upstream/503?retry=77`` is answered with 503 and Retry-After: 77."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        body = b"" if self.command == "HEAD" else b"from the upstream\n"
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(int(address.path.rpartition("/")[2]))
        for seconds in parse_qs(address.query).get("retry", []):
            self.send_header("Retry-After", seconds)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(b"from the upstream\n")))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  # the library calls methods by these names
    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # the name is the library's
        """Say nothing."""


class _UpstreamServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a proxy that hangs up as soon as it knows the status; every other fault is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # what comes in is handed on


@dataclass
class Ground:
    """Where a server is to run, before it does. ``serve`` starts it."""

    folder: Path
    port: int
    upstream: int
    dead: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files by their paths below the folder."""
        for path, content in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)

    def validate(self, command: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
        """Run the server's own validator; its output is the failure's message."""
        done = subprocess.run(command, capture_output=True, text=True, env=environ, check=False, cwd=self.folder)
        assert done.returncode == 0, done.stdout + done.stderr

    def serve(self, command: Sequence[str], environ: Mapping[str, str] | None = None) -> Server:
        """Start the server in the foreground of its own process and wait until it accepts connections."""
        log = self.folder / "output.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, env=environ, cwd=self.folder)
        self.running.append(process)
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return Server(self.port, self.upstream, self.dead, self.folder)
            assert process.poll() is None, log.read_text("utf-8", "replace")
            assert time.monotonic() < until, log.read_text("utf-8", "replace")
            time.sleep(0.01)  # between two tries; how often that is decides nothing


@contextlib.contextmanager
def ground() -> Iterator[Ground]:
    """A folder, a free port and an upstream; all servers started on it are ended at the end."""
    # Not pytest's folder: a server started by root serves as a user who may not read that one.
    folder = Path(tempfile.mkdtemp(prefix="errgen-server-"))
    folder.chmod(0o755)
    upstream = _UpstreamServer(("127.0.0.1", 0), _Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    with socket.socket() as dead, reserved_port() as port:
        dead.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        one = Ground(folder, port, upstream.server_address[1], dead.getsockname()[1])
        try:
            yield one
        finally:
            for process in one.running:
                process.terminate()
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            upstream.shutdown()
            upstream.server_close()
            shutil.rmtree(folder)


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A port for a program that has to be told one, which nobody else takes before it starts.

    It is below those that Linux gives out by itself (32768 and more), and held against other tests by a name in the
    kernel that goes with this process, however that ends.
    """
    for port in range(20_000, 32_000):
        with socket.socket(socket.AF_UNIX) as claim, socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                claim.bind(f"\0errgen-tests-port-{port}")
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            trial.close()
            yield port
            return
    raise AssertionError("every port from 20000 to 31999 is in use")
