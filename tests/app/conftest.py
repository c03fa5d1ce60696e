"""A project whose host is served over HTTP and whose zone is emulated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from site_builder.app.emulate import API, facts_of
from site_builder.emulator import Emulator, Incoming, Logged, Zone, create_app
from site_builder.preview.files import create_app as create_file_app
from site_builder.serving import running
from site_builder.settings import shipped
from tests.conftest import Project

ZONE = "023e105f4ecef8ad9ca31a8372d0c353"
CANARY = "canary-4f1d8c-never-shown"


@dataclass
class Cloud:
    """The emulated Cloudflare: its state, its address, and what was asked of its API."""

    state: Emulator
    url: str
    asked: list[Incoming] = field(default_factory=list)

    def log(self, line: Logged) -> None:
        """Keep what the API was asked."""
        if line.incoming.path.startswith(API):
            self.asked.append(line.incoming)

    @property
    def writes(self) -> list[str]:
        """Requests that stored something."""
        return [
            f"{one.method} {one.path.removeprefix(API)}"
            for one in self.asked
            if one.method != "GET" and "dry_run" not in one.query and not one.path.endswith("_rights_check")
        ]

    @property
    def rules(self) -> list[dict[str, object]]:
        """The live rules of the zone."""
        return list(self.state.scopes["zone", ZONE].custom_error_rules)

    @property
    def assets(self) -> set[str]:
        """The names of the zone's assets."""
        return set(self.state.scopes["zone", ZONE].assets)


@contextmanager
def emulated_cloud(project: Project) -> Iterator[Cloud]:
    """Serves the project's folder ``public`` as its host and emulates its zone on the Pro plan."""
    public = project.folder / "public"
    public.mkdir()
    state = Emulator(zones=[Zone(ZONE, "example.com", "a" * 32, "pro")], token=CANARY)
    app = create_app(state, facts=facts_of(shipped()))
    with running(create_file_app(lambda: {"errors": public})) as host, running(app) as url:
        one = Cloud(state, url)
        state.log = one.log
        settings = project.read("errgen.toml")
        project.write("errgen.toml", settings.replace("http://127.0.0.1:9/errors", f"{host}/errors"))
        project.environ |= {"CLOUDFLARE_API_TOKEN": CANARY, "CLOUDFLARE_BASE_URL": url + API}
        yield one


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried again at once."""
    monkeypatch.setattr("site_builder.edges.cloudflare.calls.FIRST_PAUSE", 0.0)


@pytest.fixture
def cloud(project: Project) -> Iterator[Cloud]:
    """The project's host, served, and its zone, emulated."""
    with emulated_cloud(project) as one:
        yield one
