"""Real S3 servers, a proxy that records or spoils what passes, and hosts of every kind on top of them."""

from __future__ import annotations

import http.client
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from site_builder.hosts import Host, open_host
from site_builder.hosts import netlify as netlify_host
from site_builder.hosts.netlify import Options
from site_builder.serving import running
from tests.netlify_double import TOKEN, NetlifyDouble
from tests.rsync_peers import host_at, local_shell
from tests.s3_peers import WHERE, Peer, moto, rclone

__all__ = ["moto", "rclone"]  # fixtures

if TYPE_CHECKING:
    pass


@dataclass
class Request:
    """What passed the proxy."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Proxy:
    """Hands requests on to a service, records them, and lets ``spoil`` answer some with raw bytes of its own."""

    def __init__(self, upstream: str) -> None:
        self.requests: list[Request] = []
        self.spoil: Callable[[Request], bytes | None] = lambda _: None
        target = urlsplit(upstream).netloc
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, body)
                proxy.requests.append(request)
                answer = proxy.spoil(request)
                if answer is None:
                    answer = _forwarded(target, request)
                self.wfile.write(answer)
                self.close_connection = True

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass  # noqa: N815  # http.server's names

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _forwarded(target: str, request: Request) -> bytes:
    connection = http.client.HTTPConnection(target, timeout=20)
    try:
        connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in request.headers.items():
            connection.putheader(name, value)
        connection.endheaders(request.body)
        response = connection.getresponse()
        body = response.read()
        lines = [f"HTTP/1.1 {response.status} {response.reason}", "Connection: close"]
        skipped = ("connection", "transfer-encoding", "content-length")
        lines += [f"{name}: {value}" for name, value in response.getheaders() if name.lower() not in skipped]
        length = response.getheader("Content-Length") if request.method == "HEAD" else len(body)
        return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode() + body
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No AWS setting of the machine reaches a test."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))


@pytest.fixture(params=["moto", "rclone"])
def peer(request: pytest.FixtureRequest) -> Peer:
    """Each of the S3 services."""
    found: Peer = request.getfixturevalue(request.param)
    return found


@pytest.fixture(params=["directory", "rsync", "moto", "rclone", "netlify"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    """A new, empty host of each kind and service."""
    return a_host(request, tmp_path)


def a_host(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    """The host that the fixture's parameter names."""
    if request.param == "directory":
        root = tmp_path / "served"
        root.mkdir()
        table = {"kind": "directory", "path": "served", "public_url": "https://errors.example.com/errors"}
        return open_host(table, WHERE, {}, project=tmp_path)
    if request.param == "netlify":
        netlify: Netlify = request.getfixturevalue("netlify")
        return netlify.host()
    if request.param == "rsync":
        root = tmp_path / "served"
        root.mkdir()
        return host_at(f"web.example:{root}", local_shell(tmp_path), public_url="https://errors.example.com/errors")
    peer: Peer = request.getfixturevalue(request.param)
    return peer.host(peer.bucket(), prefix="errors")


@dataclass
class Netlify:
    """A new double of Netlify, and hosts on it that never wait."""

    double: NetlifyDouble
    slept: list[float] = field(default_factory=list)

    def host(self, **table: Any) -> Host:
        """Names in capitals are of the environment, others of the table."""
        environ = {"NETLIFY_AUTH_TOKEN": TOKEN, "NETLIFY_API_URL": f"{self.double.url}/api/v1"}
        environ |= {name: table.pop(name) for name in list(table) if name.isupper()}
        options = Options.model_validate({"kind": "netlify", "site": "example-errors", **table})
        return netlify_host.Netlify(options, environ, sleep=self.slept.append, now=lambda: 1_000_000.0)


@pytest.fixture(scope="session")
def netlify_server() -> Iterator[tuple[str, list[Any]]]:
    """One server for all doubles; the list has the application that it serves."""
    apps: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await apps[-1](scope, receive, send)

    with running(app) as url:
        yield url, apps


@pytest.fixture
def netlify(netlify_server: tuple[str, list[Any]]) -> Netlify:
    """A site of Netlify with no deploys."""
    url, apps = netlify_server
    double = NetlifyDouble(url)
    apps.append(double.app())
    return Netlify(double)


@pytest.fixture(params=["directory", "rsync", "moto", "rclone"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> Host:
    """A new, empty host of each kind that keeps single files, and so records."""
    return a_host(request, tmp_path)


@pytest.fixture
def proxy(moto: Peer) -> Iterator[Proxy]:
    """Between errgen and moto."""
    proxy = Proxy(moto.endpoint)
    yield proxy
    proxy.close()


@pytest.fixture
def signed_proxy(rclone: Peer) -> Iterator[Proxy]:
    """Between errgen and rclone, which checks that what is signed arrives unchanged."""
    proxy = Proxy(rclone.endpoint)
    yield proxy
    proxy.close()
