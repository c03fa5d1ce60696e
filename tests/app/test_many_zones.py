"""One table for three zones, a canary among them, from the first plan to the removal of everything."""

from __future__ import annotations

import pytest
from starlette.responses import Response

from site_builder.app.emulate import API
from site_builder.emulator import Incoming, Zone
from site_builder.emulator.state import Scope
from site_builder.publishing import live_probes
from tests.app.conftest import ZONE, Cloud
from tests.conftest import Project

SECOND, THIRD = "2" * 32, "3" * 32
NAMES = [f"cloudflare zone {zone}" for zone in (ZONE, SECOND, THIRD)]


@pytest.fixture
def zones(project: Project, cloud: Cloud) -> Cloud:
    """The project's zone is reached as 127.0.0.1, the second as localhost, and the third has no address."""
    for zone in (Zone(SECOND, "localhost", "a" * 32), Zone(THIRD, "third.example", "a" * 32)):
        cloud.state.zones = (*cloud.state.zones, zone)
        cloud.state.scopes["zone", zone.id] = Scope("zone", zone.id, zone.name, zone.plan)
    settings = project.read("errgen.toml").replace(
        f'zone = "{ZONE}"',
        f'canary = ["{ZONE}"]\n[site.default.edge.zones]\n{SECOND} = "{cloud.url.replace("127.0.0.1", "localhost")}"\n'
        f'{ZONE} = "{cloud.url}"\n{THIRD} = ""',
    )
    head, _, plan = settings.rpartition('plan = "pro"\n')
    place = head.index("canary")
    project.write("errgen.toml", f'{head[:place]}plan = "pro"\n{head[place:]}{plan}')
    return cloud


def live(cloud: Cloud) -> list[int]:
    """How many rules of ours are on in each zone."""
    scopes = [cloud.state.scopes["zone", zone] for zone in (ZONE, SECOND, THIRD)]
    return [sum(rule["enabled"] for rule in scope.custom_error_rules) for scope in scopes]


def test_canary_first_then_the_others_and_all_away_again(
    project: Project, zones: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = project.run("publish", "--canary", "--yes")
    assert (first.code, first.err, live(zones)) == (0, "", [25, 0, 0])
    assert first.out.splitlines()[-3:] == [
        f"default: these are the canaries: {NAMES[0]}",
        "go on with: errgen publish --site default",
        "or go back with: errgen rollback --site default --to none",
    ]
    assert not (project.folder / "public/current").exists()

    zones.asked.clear()
    others = project.run("publish", "--yes")
    assert others.code == 0
    assert f"{NAMES[1]}, zone {THIRD}:" in others.out.splitlines()
    assert others.out.count("+ rule errgen_default_html_404 (missing)") == 1
    assert f"canaries, switched and verified before the other edges: {NAMES[0]}" in others.out
    assert live(zones) == [25, 25, 25]
    assert {path.split("/")[2] for path in zones.writes} == {SECOND, THIRD}
    assert (project.folder / "public/current").exists()

    monkeypatch.setattr(live_probes, "code_by_code", lambda probes, _: list(probes)[:3])
    verified = project.run("verify", "--json")
    assert [verified.out.count(f'"{name}"') for name in NAMES] == [1, 1, 0]

    backup = next(path.name for path in (project.folder / ".errgen/backups").iterdir() if SECOND in path.name)
    assert project.run("restore", backup, "--yes", "--force").code == 0
    assert live(zones) == [25, 0, 25]
    assert project.run("publish", "--zone", SECOND, "--yes").code == 0
    assert project.run("publish", "--disable", "--yes").code == 0
    assert live(zones) == [0, 0, 0]
    assert project.run("rollback", "--to", "none", "--yes", "--force").code == 0
    assert [len(zones.state.scopes["zone", zone].assets) for zone in (ZONE, SECOND, THIRD)] == [0, 0, 0]


def test_what_the_canary_answers_decides(project: Project, zones: Cloud) -> None:
    def parked(incoming: Incoming) -> Response | None:
        is_visit = not incoming.path.startswith(API) and incoming.header("host").startswith("127.0.0.1")
        return Response("a parking page") if is_visit else None

    zones.state.faults = parked
    refused = project.run("publish", "--yes")
    assert (refused.code, live(zones)) == (8, [0, 0, 0])
    assert refused.err.startswith(f"error: {NAMES[0]}: ")
    assert {path.split("/")[2] for path in zones.writes} == {ZONE}


def test_rights_are_those_of_every_zone(project: Project, zones: Cloud) -> None:
    assert zones.state.scopes
    told = project.run("policy")
    assert told.code == 0
    assert all(f"zone {zone}" in told.out for zone in (ZONE, SECOND, THIRD))


def test_a_zone_that_is_not_in_the_table(project: Project, zones: Cloud) -> None:
    assert zones.state.scopes
    refused = project.run("plan", "--zone", "4" * 32)
    assert (refused.code, f"errgen.toml has: {ZONE}, {SECOND}, {THIRD}" in refused.err) == (2, True)
    table = project.read("errgen.toml")
    project.write("errgen.toml", table.replace("canary = ", "# "))
    nobody = project.run("plan", "--canary")
    assert (nobody.code, nobody.err.splitlines()[0]) == (2, "error: no edge is a canary")
