"""An emulator on a real port, a host that pages are fetched from, and a client that speaks to both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from site_builder.certificates import trusted
from site_builder.emulator import Account, Emulator, Zone, create_app
from site_builder.model import Entry, Source
from site_builder.serving import running

PRO, FREE, BUSINESS, ENTERPRISE = "a" * 32, "b" * 32, "c" * 32, "d" * 32
OWNER, FREE_OWNER = "e" * 32, "f" * 32
TOKEN = "secret-token"
ZONES = (
    Zone(PRO, "example.com", OWNER, "pro"),
    Zone(FREE, "free.example", FREE_OWNER, "free"),
    Zone(BUSINESS, "business.example", OWNER, "business"),
    Zone(ENTERPRISE, "enterprise.example", OWNER, "enterprise"),
)
ENTRY = "/rulesets/phases/http_custom_errors/entrypoint"
ASSETS = "/custom_pages/assets"
JSON = dict[str, Any]


class Clock:
    """A clock that moves one second a look. Every call of the API looks once, to be counted."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 4, 24, 9, 22, 40, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


@dataclass
class PageHost:
    """Serves what a test puts into ``pages``: path -> (status, body). Everything else is 404."""

    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.asked.append(request.url.path)
        status, body = self.pages.get(request.url.path, (404, b"no such page"))
        location = {"location": f"{self.url}/page.html"} if status in (301, 302) else None
        await Response(body, status, location)(scope, receive, send)


@dataclass
class Cloud:
    """The emulator as tests use it."""

    state: Emulator
    url: str
    http: httpx.Client
    host: PageHost

    def call(self, method: str, path: str, body: Any = None, *, scope: str = f"zones/{PRO}") -> httpx.Response:
        """One API call below a zone or an account."""
        content = None if body is None else json.dumps(body)
        headers = {"content-type": "application/json"} if content else {}
        return self.http.request(method, f"{self.url}/client/v4/{scope}{path}", content=content, headers=headers)

    def ok(self, method: str, path: str, body: Any = None, *, scope: str = f"zones/{PRO}") -> Any:
        """The result of an API call that has to succeed."""
        response = self.call(method, path, body, scope=scope)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert (answer["success"], answer["errors"], answer["messages"]) == (True, [], [])
        return answer["result"]

    def refused(self, method: str, path: str, body: Any = None, *, scope: str = f"zones/{PRO}") -> list[JSON]:
        """The errors of an API call that has to be refused with 400 and a whole envelope."""
        response = self.call(method, path, body, scope=scope)
        assert response.status_code == 400, response.text
        answer = response.json()
        errors: list[JSON] = answer.pop("errors")
        assert answer == {"success": False, "messages": [], "result": None}
        return errors

    def put_rules(self, *rules: JSON, scope: str = f"zones/{PRO}") -> JSON:
        """Replace the rules of the phase."""
        result: JSON = self.ok("PUT", ENTRY, {"rules": list(rules)}, scope=scope)
        return result

    def add_asset(self, name: str, content: bytes = b"<p>page</p>", *, scope: str = f"zones/{PRO}") -> JSON:
        """Register an asset with this content."""
        self.host.pages[f"/{name}.html"] = (200, content)
        body = {"name": name, "description": f"page {name}", "url": f"{self.host.url}/{name}.html"}
        result: JSON = self.ok("POST", ASSETS, body, scope=scope)
        return result

    def visit(self, path: str, *, host: str = "example.com", **headers: str) -> httpx.Response:
        """Ask as a visitor; ``accept_encoding`` becomes the header accept-encoding."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.get(self.url + path, headers={"host": host, **named})


def rule(expression: str = "http.response.code eq 500", ref: str | None = None, **parameters: Any) -> JSON:
    """A valid rule; ``parameters`` set by None are left out."""
    every = {"content": "<p>custom</p>", "content_type": "text/html"} | parameters
    made: JSON = {
        "action": "serve_error",
        "action_parameters": {name: value for name, value in every.items() if value is not None},
        "expression": expression,
    }
    return made | {"ref": ref} if ref else made


def facts(code: int) -> Entry | None:
    """What is known about a few codes."""
    known = {404: 404, 500: 500, 502: 502, 503: 503, 521: 521, 522: 522, 525: 525, 1015: 429, 1020: None}
    if code not in known:
        return None
    return Entry(
        key=str(code), code=code, codes=((code, code),), catch_all=False, status=known[code], serve_status=None,
        error_name=f"name_{code}", title=f"Title {code}", headline=f"Headline {code}", category="origin",
        detail=f"Detail {code}.", what_you_should_do=f"**Advice** {code}.", retryable=None, retry_after=None,
        owner_action_required=True, who_acts="owner", documentation=None, weight=1, source=Source("test", 1),
    )  # fmt: skip


@pytest.fixture(scope="session")
def host_server() -> Iterator[PageHost]:
    host = PageHost()
    with running(host) as host.url:
        yield host


@pytest.fixture
def host(host_server: PageHost) -> PageHost:
    host_server.pages.clear()
    host_server.asked.clear()
    host_server.pages["/page.html"] = (200, b"<!DOCTYPE html><title>Page</title>")
    return host_server


class Switch:
    """One server for all tests, with the application of the test behind it."""

    app: ASGIApp
    url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def switch() -> Iterator[Switch]:
    switch = Switch()
    with running(switch) as switch.url:
        yield switch


@pytest.fixture
def cloud(host: PageHost, switch: Switch) -> Iterator[Cloud]:
    accounts = (Account(OWNER, "Owner", "enterprise"),)
    state = Emulator(ZONES, accounts, token=TOKEN, clock=Clock())
    # Without defaults: what a test does not send is not sent.
    client = httpx.Client(trust_env=False, verify=trusted(), headers={"authorization": f"Bearer {TOKEN}"}, timeout=30)
    for name in ("accept", "accept-encoding", "user-agent"):
        del client.headers[name]
    switch.app = create_app(state, facts=facts)
    with client:
        yield Cloud(state, switch.url, client, host)
