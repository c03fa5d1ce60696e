"""A second publisher at the same host, at every step of the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from site_builder import manifest as manifests
from site_builder.errors import ErrgenError, LocalFilesFailed, PartlyApplied, PlanRefused, RemoteFailed
from site_builder.hosts import Host, netlify, open_host
from site_builder.publishing import Journal, Outcome, Target, apply, survey
from site_builder.publishing.releases import require_whole
from site_builder.serving import running
from tests.netlify_double import TOKEN, NetlifyDouble
from tests.rsync_peers import host_at, local_shell

from .memory_host import MemoryHost
from .test_own_files import build
from .world import Built

WHERE = "errgen.toml: site.default.host"
ONE, TWO, THREE = build("one"), build("two"), build("three")
FOUR = build("four")
NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Meanwhile:
    """A host at which ``do`` happens right before the call with the number ``at``; ``asked`` are the calls so far."""

    def __init__(self, host: Host, at: int = -1, do: Callable[[], object] = lambda: None) -> None:
        self._host = host
        self._at = at
        self._do = do
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._host, name)
        if name not in ("check", "list", "releases", "current", "activate", "delete", "write_many", "read"):
            return found

        def call(*arguments: Any) -> Any:
            self.asked.append(name)
            if len(self.asked) - 1 == self._at:
                self._do()
            return found(*arguments)

        return call


class Place:
    """Where two publishers meet. ``opened`` gives each of them a host of its own."""

    def __init__(self, folder: Path, opened: Callable[[], Any]) -> None:
        self.folder = folder
        self.opened = opened

    def publish(self, built: Built, host: Any = None) -> Outcome:
        target = Target(built.manifest, manifests.dumps(built.manifest), built.read, host or self.opened(), ())
        return apply(target, survey(target), journal=Journal(self.folder, {}, lambda: NOW))

    def serves(self, *versions: Built) -> Built:
        """Which of these is current, and whole."""
        host = self.opened()
        current = host.current()
        (built,) = (one for one in versions if one.manifest.release == current)
        require_whole(host, built.manifest)
        return built


def at_each_step(make: Callable[[str], Place], second: Built, steps: set[str]) -> dict[str, list[str]]:
    """What the first publisher says where ``second`` is published at each of its ``steps``; by the call's name."""
    calm = make("calm")
    for built in (ONE, TWO):
        calm.publish(built)
    first = Meanwhile(calm.opened())
    calm.publish(THREE, first)
    said: dict[str, list[str]] = {}
    for number, name in enumerate(first.asked):
        if name not in steps:
            continue
        place = make(str(number))
        for built in (ONE, TWO):
            place.publish(built)
        disturbed = Meanwhile(place.opened(), number, lambda place=place: place.publish(second))  # type: ignore[misc]
        try:
            place.publish(THREE, disturbed)
            said.setdefault(name, []).append("")
        except (PlanRefused, RemoteFailed, LocalFilesFailed, PartlyApplied) as failure:
            said.setdefault(name, []).append(f"{type(failure).__name__}: {failure.message}")
        assert place.serves(second, THREE)
        place.publish(THREE)
        assert place.serves(THREE)
    return said


def refused(built: Built, failure: type[ErrgenError]) -> str:
    release = built.manifest.release[:12]
    return f"{failure.__name__}: somebody else is publishing here: since the plan was made {release} became current"


@pytest.mark.parametrize("second", [ONE, FOUR], ids=["goes back to what the first sweeps", "publishes something new"])
def test_at_a_directory(tmp_path: Path, second: Built) -> None:
    def make(name: str) -> Place:
        root = tmp_path / name
        root.mkdir()
        return Place(tmp_path / f"{name}-journal", lambda: open_host(
            {"kind": "directory", "path": str(root), "keep": 2}, WHERE, {}))  # fmt: skip

    said = at_each_step(make, second, {"current", "check", "write_many", "activate", "list", "delete"})
    assert said["check"] == [refused(second, RemoteFailed)], "nothing is switched that somebody else has just switched"
    assert said["write_many"] == [refused(second, RemoteFailed)]
    assert refused(second, PlanRefused) in said["current"]
    assert set(said["delete"]) == {""}


def test_at_a_server_behind_rsync(tmp_path: Path) -> None:
    def make(name: str) -> Place:
        root = tmp_path / name
        root.mkdir()
        return Place(tmp_path / f"{name}-journal", lambda: host_at(
            f"web.example:{root}", local_shell(tmp_path), keep=2))  # fmt: skip

    said = at_each_step(make, ONE, {"activate", "delete"})
    assert said == {"activate": [""], "delete": ["", ""]}


def test_at_netlify(tmp_path: Path) -> None:
    apps: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await apps[-1](scope, receive, send)

    with running(app) as url:

        def make(name: str) -> Place:
            fresh = NetlifyDouble(url)
            apps.append(fresh.app())
            environ = {"NETLIFY_AUTH_TOKEN": TOKEN, "NETLIFY_API_URL": f"{url}/api/v1"}
            options = netlify.Options.model_validate({"kind": "netlify", "site": fresh.name, "keep": 2})
            return Place(
                tmp_path / f"{name}-journal",
                lambda: netlify.Netlify(options, environ, sleep=lambda _: None, now=lambda: 1_000_000.0),
            )

        said = at_each_step(make, ONE, {"write_many", "activate"})
    assert said == {"write_many": [refused(ONE, RemoteFailed)], "activate": [""]}


def test_a_switch_that_was_planned_is_not_made_on_top_of_another(tmp_path: Path) -> None:
    host = MemoryHost(by_content=True)
    place = Place(tmp_path, lambda: host)
    place.publish(ONE)
    target = Target(TWO.manifest, manifests.dumps(TWO.manifest), TWO.read, host, ())
    found = survey(target)
    place.publish(THREE)
    before = dict(host.files)
    with pytest.raises(PlanRefused) as caught:
        apply(target, found, journal=Journal(tmp_path, {}, lambda: NOW))
    assert (str(caught.value), caught.value.hint) == (
        f"memory: {refused(THREE, PlanRefused).partition(': ')[2]}",
        "see what errgen plan says now, then run the same command again",
    )
    assert host.files == before
    host.deactivate()
    with pytest.raises(PlanRefused, match="since the plan was made no release became current"):
        apply(target, found, journal=Journal(tmp_path, {}, lambda: NOW))
    host.active = TWO.manifest.release  # somebody else has published the same
    apply(target, found, journal=Journal(tmp_path, {}, lambda: NOW))
    place.serves(TWO)
