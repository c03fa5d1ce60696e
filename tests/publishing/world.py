"""A small site, a folder served over HTTP as its host, an emulated Cloudflare, and a network that can be spoilt."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope
from starlette.types import Send as Answering

from site_builder import manifest as manifests
from site_builder.certificates import trusted
from site_builder.edges import open_edge
from site_builder.emulator import Emulator, Incoming, Logged
from site_builder.emulator.state import Asset
from site_builder.emulator.state import Scope as Stored
from site_builder.emulator.visitors import handle_visit
from site_builder.model import EXTENSIONS, FORMATS, Entry, Format, Manifest, Page, Site, Source
from site_builder.publishing import Journal, Outcome, Survey, Target, apply, open_target, survey
from site_builder.publishing.expected import Expectations, Probe, probes
from site_builder.publishing.proof import prover
from site_builder.publishing.reply import Reply, compare
from site_builder.publishing.verify import emulated
from site_builder.rendering.marker import BLANK, marked

ZONE, OTHER_ZONE, ACCOUNT = "a" * 32, "b" * 32, "c" * 32
TOKEN = "canary-token-that-is-never-shown"
JSON = dict[str, Any]

FOREIGN_FIRST: JSON = {
    "ref": "shop_maintenance",
    "description": "by hand, with fields errgen does not know",
    "expression": '(http.host eq "shop.example.com" and http.response.code eq 599)',
    "action": "serve_error",
    "action_parameters": {"content": "closed", "content_type": "text/plain", "status_code": 503},
    "enabled": False,
}
FOREIGN_LAST: JSON = {
    "ref": "errgen_default2_html_404",
    "description": "of another site of errgen",
    "expression": "http.response.code eq 598",
    "action": "serve_error",
    "action_parameters": {"content": "{}", "content_type": "application/json"},
    "enabled": True,
}


def an_entry(key: str, *codes: tuple[int, int]) -> Entry:
    code = int(key) if key.isdecimal() else None
    return Entry(
        key=key,
        code=code,
        codes=codes or ((int(key), int(key)),),
        catch_all=key.endswith("xx"),
        status=429 if key == "1015" else code if code and code < 1000 else None,
        serve_status=503 if key == "maintenance" else None,
        error_name=f"name_{key}",
        title=f"Title of {key}",
        headline=f"Headline of {key}",
        category="server",
        detail=f"Detail of {key}.",
        what_you_should_do="**Wait.**",
        retryable=None,
        retry_after=None,
        owner_action_required=None,
        who_acts="visitor",
        documentation=None,
        weight=1.0,
        source=Source("test", 1),
    )


ENTRIES = (an_entry("404"), an_entry("1015"), an_entry("4xx", (400, 499)), an_entry("5xx", (500, 599)))
WITH_MAINTENANCE = (*ENTRIES, an_entry("maintenance", (500, 599)))
FACTS = {entry.code: entry for entry in ENTRIES if entry.code}.get


@dataclass(frozen=True)
class Built:
    """One version of a site: its manifest and the bytes of its pages."""

    manifest: Manifest
    pages: Mapping[str, bytes]
    reports: dict[str, JSON] = field(default_factory=dict, init=False, repr=False, compare=False)

    def read(self, path: str) -> bytes:
        return self.pages[path]

    def report(self, edge: JSON) -> JSON:
        """What an edge's report.json says, compiled once."""
        table = json.dumps(edge)
        if table not in self.reports:
            files = open_edge(edge, "x").compile(self.manifest, self.read).files
            self.reports[table] = json.loads(files["report.json"])
        return self.reports[table]


def build(
    version: str, entries: tuple[Entry, ...] = ENTRIES, *, site: str = "default", formats: Sequence[Format] = FORMATS
) -> Built:
    """A site whose every page says ``version``; entries named in it keep their pages: ``"2 but 404"``."""
    changed, _, kept = version.partition(" but ")
    pages = []
    for entry in entries:
        text = f"{entry.key} in version {'1' if entry.key == kept else changed}"
        contents = {
            "html": marked(f"<!DOCTYPE html><html><head>{BLANK}<title>{text}</title></head><p>::RAY_ID::</p></html>"),
            "json": json.dumps({"title": text, "ray_id": "::RAY_ID::", "retryable": False}).encode(),
            "markdown": f'---\nray_id: "::RAY_ID::"\n---\n\n# {text}\n'.encode(),
        }
        contents["problem"] = contents["json"]
        for form in formats:
            name = f"cloudflare/en/{entry.key}.{EXTENSIONS[form]}"
            pages.append(Page(name, entry, form, "en", "cloudflare", contents[form]))
    built = manifests.build(pages, Site(site, "Example", "plain", ("en",), "https://example.com/"))
    return Built(built, {f"pages/{page.path}": page.content for page in pages})


class Clock:
    """Time that only passes when somebody sleeps, and a millisecond for each look."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


class Send(Protocol):
    """Sends the request at hand, or the one that is given instead."""

    def __call__(self, instead: httpx.Request = ...) -> httpx.Response: ...


class Network(httpx.BaseTransport):
    """The real network, numbered from 0. ``spoil`` may answer a request itself, raise, or send it (or another) on."""

    def __init__(self) -> None:
        self._real = httpx.HTTPTransport(verify=False)  # plain HTTP only; loading certificates takes long
        self.asked: list[tuple[str, str]] = []
        self.spoil: Callable[[int, httpx.Request, Send], httpx.Response] | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        number = len(self.asked)
        self.asked.append((request.method, request.url.raw_path.decode().removeprefix("/client/v4")))

        def send(instead: httpx.Request = request) -> httpx.Response:
            response = self._real.handle_request(instead)
            response.read()
            return response

        return self.spoil(number, request, send) if self.spoil else send()

    def writes(self) -> list[tuple[str, str]]:
        """What was asked that could have changed something: not the trials of what is allowed."""
        return [one for one in self.asked if one[0] != "GET" and not one[1].endswith(("dry_run=true", "_rights_check"))]

    def close(self) -> None:
        """Stay open: one network outlives many clients."""

    def hang_up(self) -> None:
        self._real.close()


class Changeable:
    """An ASGI application that can be exchanged while it is served."""

    def __init__(self) -> None:
        self.app: ASGIApp = Response("nothing here", 404)
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Answering) -> None:
        await self.app(scope, receive, send)


@dataclass
class Folder:
    """A folder served as a web server would. ``instead`` replaces answers by path."""

    root: Path
    instead: Callable[[str], Response | None] = lambda _: None

    async def __call__(self, scope: Scope, receive: Receive, send: Answering) -> None:
        path = scope["path"]
        file = self.root / path.lstrip("/")
        found = file.read_bytes() if file.is_file() else None
        response = self.instead(path) or (Response("no such page", 404) if found is None else Response(found))
        await response(scope, receive, send)


@dataclass(frozen=True)
class Snapshot:
    """What Cloudflare and the host had stored."""

    scopes: dict[tuple[str, str], Stored]
    pages: Path


@dataclass
class World:
    """Everything around one project. Each publish gets a network of its own, kept in ``network``."""

    folder: Path
    emulator: Emulator
    url: str
    pages: Folder
    pages_url: str
    clock: Clock = field(default_factory=Clock)
    network: Network = field(default_factory=Network)
    said: list[str] = field(default_factory=list)
    edges: list[JSON] = field(default_factory=lambda: [{"kind": "cloudflare", "zone": ZONE, "plan": "pro"}])
    environ: dict[str, str] = field(default_factory=dict)
    logged: list[Logged] = field(default_factory=list)
    replies: dict[tuple[bytes, str, Probe], Reply] = field(default_factory=dict)

    @property
    def host_table(self) -> JSON:
        return {"kind": "directory", "path": str(self.pages.root), "public_url": self.pages_url}

    def target(
        self, built: Built, host: JSON | None = None, *, maintenance: bool | None = None, **options: Any
    ) -> Target:
        where = "errgen.toml: site.default"
        return open_target(
            built.manifest,
            manifests.dumps(built.manifest),
            built.read,
            host or self.host_table,
            [
                place
                for index, table in enumerate(self.edges)
                for place in open_edge(table, f"{where}.edge[{index}]").places()
            ],
            {"CLOUDFLARE_API_TOKEN": TOKEN, "CLOUDFLARE_BASE_URL": f"{self.url}/client/v4", **self.environ},
            where=where,
            project=self.folder,
            maintenance=maintenance,
            report=self.said.append,
            transport=self.network,
            sleep=self.clock.sleep,
            now=self.clock,
            **options,
        )

    def survey(
        self, built: Built, host: JSON | None = None, *, maintenance: bool | None = None
    ) -> tuple[Target, Survey]:
        target = self.target(built, host, maintenance=maintenance)
        return target, survey(target)

    def publish(
        self, built: Built, *, host: JSON | None = None, maintenance: bool | None = None, **options: Any
    ) -> Outcome:
        with closing(self.target(built, host, maintenance=maintenance)) as target:
            return self.apply(target, survey(target), **options)

    def apply(self, target: Target, found: Survey, **options: Any) -> Outcome:
        prove = prover(sleep=self.clock.sleep, report=self.said.append, transport=self.network)
        journal = Journal(self.folder / ".errgen", {"USER": "ada"}, self.clock)
        return apply(target, found, journal=journal, report=self.said.append, prove=prove, **options)

    def refresh(self) -> None:
        """Forget which requests were made and how they are spoilt."""
        self.network.hang_up()
        self.network = Network()
        self.clock.slept.clear()

    def expectations(self, built: Built, *, announced: bool = False) -> Expectations:
        return Expectations(built.manifest, built.report(self.edges[0]), built.read, "cloudflare", announced)

    def problems(self, built: Built, domain: str = "example.com", *, announced: bool = False) -> list[str]:
        """What browsers, API clients and agents get that is not as ``built`` says; asked without a network."""
        expectations, found = self.expectations(built, announced=announced), []
        stored = pickle.dumps((self.emulator.scopes, self.emulator.origin_headers))
        for probe in probes(built.manifest, expectations.report):
            if (stored, domain, probe) not in self.replies:  # what is stored decides what is answered
                self.replies[stored, domain, probe] = self._ask(probe, domain)
            if problem := compare(expectations.of(probe), self.replies[stored, domain, probe]):
                found.append(f"{probe}: {problem}")
        return found

    def _ask(self, probe: Probe, domain: str) -> Reply:
        path, _ = emulated(probe)
        headers = (("host", domain), *(("accept", line) for line in probe.accept))
        response = handle_visit(self.emulator, Incoming("GET", path, "", {}, headers, b""), FACTS)
        media_type = response.headers["content-type"].partition(";")[0]
        wait = response.headers.get("retry-after", "")
        return Reply(response.status_code, media_type, bytes(response.body), {"retry-after": (wait,)})

    def snapshot(self) -> Snapshot:
        """Everything that is stored, to go back to."""
        shutil.copytree(self.pages.root, saved := self.folder / "saved", symlinks=True)
        return Snapshot(copy.deepcopy(self.emulator.scopes), saved)

    def go_back(self, to: Snapshot) -> None:
        self.emulator.scopes = copy.deepcopy(to.scopes)
        shutil.rmtree(self.pages.root)
        shutil.copytree(to.pages, self.pages.root, symlinks=True)
        shutil.rmtree(self.folder / ".errgen", ignore_errors=True)
        self.said.clear()
        self.refresh()

    def rules(self, zone: str = ZONE) -> list[JSON]:
        return list(self.emulator.scopes["zone", zone].custom_error_rules)

    def foreign(self, zone: str = ZONE) -> bytes:
        """Foreign rules as the API shows them, byte for byte."""
        theirs = [rule for rule in self.rules(zone) if not rule["ref"].startswith("errgen_default_")]
        return json.dumps(theirs).encode()

    def assets(self, zone: str = ZONE) -> list[str]:
        return sorted(self.emulator.scopes["zone", zone].assets)

    def put(self, rules: list[JSON], zone: str = ZONE) -> None:
        """Write rules as somebody else would."""
        rules = [{k: v for k, v in rule.items() if k not in ("version", "last_updated")} for rule in rules]
        url = f"{self.url}/client/v4/zones/{zone}/rulesets/phases/http_custom_errors/entrypoint"
        answer = httpx.put(
            url, json={"rules": rules}, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False, verify=trusted()
        )
        assert answer.status_code == 200, answer.text

    def put_around(self, zone: str = ZONE) -> None:
        """Foreign rules before and after ours."""
        self.put([FOREIGN_FIRST, *self.rules(zone), FOREIGN_LAST], zone)

    def add_assets(self, *names: str) -> None:
        """Register assets as somebody else would."""
        scope = self.emulator.scopes["zone", ZONE]
        for name in names:
            scope.assets[name] = Asset(name, "theirs", "https://example.com/", self.emulator.now(), b"theirs")
