"""What a run has switched and not asked is asked by the next, before the release is done."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx
import pytest

from site_builder.emulator import Zone
from site_builder.errors import Interrupted, LiveAnswersDiffer, PartlyApplied

from .world import ACCOUNT, Send, Snapshot, World, an_entry, build

ZONES = {"a" * 32: "first.example", "b" * 32: "second.example", "d" * 32: "third.example"}
FIRST, SECOND, THIRD = (f"cloudflare zone {zone}" for zone in ZONES)
FAMILY = (an_entry("4xx", (400, 499)),)
OLD, NEW = build("1", FAMILY), build("2", FAMILY)


@dataclass
class Visitors:
    """Asks zones as ``verify`` does. At ``lost`` Ctrl-C is pressed, ``unhappy`` answers something else."""

    lost: str = ""
    unhappy: str = ""
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        if name == self.lost:
            raise KeyboardInterrupt
        return ["404 of the website: marker (none)"] if name == self.unhappy else []


@pytest.fixture(scope="module")
def start(make_worlds: Callable[..., World]) -> tuple[World, Snapshot]:
    """The old version is live in three zones."""
    world = make_worlds(zones=[Zone(zone, domain, ACCOUNT, "pro") for zone, domain in ZONES.items()])
    world.edges = [{"kind": "cloudflare", "zones": list(ZONES), "plan": "pro"}]
    world.publish(OLD, verify=Visitors())
    return world, world.snapshot()


@pytest.fixture
def world(start: tuple[World, Snapshot]) -> World:
    world, snapshot = start
    world.go_back(snapshot)
    return world


def audit(world: World) -> list[str]:
    return (world.folder / ".errgen/audit.jsonl").read_text("utf-8").splitlines()


def actions(world: World, target: str) -> list[str]:
    lines = map(json.loads, audit(world))
    return [line["action"] for line in lines if line["target"] == target]


def current(world: World) -> str:
    return (world.pages.root / "current").readlink().name


def cut_off(world: World) -> None:
    """Publish NEW; Ctrl-C is pressed while the second of three zones is asked."""
    with pytest.raises(PartlyApplied, match=r"^directory .*: interrupted after the new answers went live at "):
        world.publish(NEW, verify=Visitors(lost=SECOND))
    world.refresh()


@pytest.mark.parametrize("has_audit", [True, False])
def test_it_is_asked_before_the_others_follow_and_the_release_is_made_current(world: World, has_audit: bool) -> None:
    cut_off(world)
    assert actions(world, FIRST) == ["back up", "switch", "verify"]
    assert actions(world, SECOND) == ["back up", "switch"]
    if not has_audit:
        shutil.rmtree(world.folder / ".errgen")  # as the disk of a CI job is
    standing: list[tuple[str, bool, int]] = []

    def ask(name: str) -> Sequence[str]:
        puts = sum(method == "PUT" for method, _ in world.network.writes())
        standing.append((name, current(world) == NEW.manifest.release[:12], puts))
        return []

    outcome = world.publish(NEW, verify=ask)
    assert standing == [(FIRST, False, 0), (SECOND, False, 0), (THIRD, False, 1)]
    assert outcome.confirmed == (FIRST, SECOND)
    assert current(world) == NEW.manifest.release[:12]
    assert actions(world, SECOND)[-2:] == ["verify", "prune"]
    again = Visitors()
    assert (world.publish(NEW, verify=again).confirmed, again.asked) == ((), [])


def test_others_do_not_follow_what_has_turned_out_bad(world: World) -> None:
    cut_off(world)
    for _ in range(2):  # it is not forgotten
        with pytest.raises(LiveAnswersDiffer) as caught:
            world.publish(NEW, verify=Visitors(unhappy=SECOND))
        assert caught.value.message.endswith("; the one that follows it is as it was")
        assert "errgen rollback --to RELEASE" in str(caught.value.hint)
    assert [path for method, path in world.network.writes() if method == "PUT"] == []
    assert current(world) == OLD.manifest.release[:12]
    outcome = world.publish(NEW, verify=Visitors(unhappy=SECOND), keep=True)
    assert (outcome.differences, outcome.confirmed) == (("404 of the website: marker (none)",), (FIRST, SECOND))
    again = Visitors()
    world.publish(NEW, verify=again)
    assert again.asked == [], "it was kept all the same, and that is not asked again"


def edit(world: World) -> None:
    """Change a rule of the second zone by hand, so that the same release switches it and nothing else."""
    zone = SECOND.rpartition(" ")[2]
    world.put([{**rule, "enabled": True, "description": "mine"} for rule in world.rules(zone)], zone)


@pytest.mark.parametrize("noted", [True, False], ids=["cut off while it was asked", "killed before it was noted"])
def test_a_plan_with_nothing_in_it_does_not_let_it_pass(world: World, noted: bool) -> None:
    world.publish(OLD, verify=Visitors())
    edit(world)
    with pytest.raises(PartlyApplied):
        world.publish(OLD, verify=Visitors(lost=SECOND))
    assert actions(world, SECOND)[-2:] == ["back up", "switch"]
    if not noted:
        (world.folder / ".errgen/audit.jsonl").write_text("\n".join(audit(world)[:-1]) + "\n", "utf-8")
    world.refresh()
    with pytest.raises(Interrupted, match=r"^interrupted before all that an earlier run has switched was asked$"):
        world.publish(OLD, verify=Visitors(lost=SECOND))
    with pytest.raises(LiveAnswersDiffer, match=r"; its rules are as this run found them$"):
        world.publish(OLD, verify=Visitors(unhappy=SECOND))
    visitors = Visitors()
    outcome = world.publish(OLD, verify=visitors)
    assert (outcome.plan.is_empty, outcome.switched, outcome.confirmed) == (True, (), (SECOND,))
    assert visitors.asked == [SECOND]
    assert world.network.writes() == []
    world.publish(OLD, verify=visitors)
    assert visitors.asked == [SECOND]


def test_one_that_nobody_can_ask_is_not_called_verified(world: World) -> None:
    edit(world)
    assert world.publish(OLD, verify=lambda _: None).switched == (SECOND,)
    outcome = world.publish(OLD, verify=lambda _: None)
    assert (outcome.confirmed, actions(world, SECOND)) == ((), ["back up", "switch", "prune"])


def test_an_answer_that_was_lost_is_noted_with_its_backup(world: World) -> None:
    """The switch was carried out, and its answer and everything after it got lost until errgen looked."""

    def lose(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        if request.method == "PUT" and not request.url.query:
            send()
            raise KeyboardInterrupt
        return send()

    edit(world)
    world.network.spoil = lose
    with pytest.raises(PartlyApplied):
        world.publish(OLD, verify=Visitors())
    switch = json.loads(audit(world)[-1])
    (backup,) = (world.folder / ".errgen/backups").iterdir()
    assert (switch["action"], switch["cut_off"], switch["backup"]) == ("switch", "interrupted", backup.name)
