"""One table for many zones: compiled once, one pace, each zone a target of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from site_builder.edges.cloudflare import compile as compiler
from site_builder.emulator import Zone
from site_builder.emulator.rate_limit import RateLimit
from site_builder.errors import LiveAnswersDiffer
from site_builder.publishing import reading

from .world import ACCOUNT, Send, World, an_entry, build

ZONES = {letter * 32: f"{letter}.example" for letter in "abcdef"}
FAMILY = (an_entry("4xx", (400, 499)),)
ONE = build("1", FAMILY)


@pytest.fixture
def world(make_worlds: Callable[..., World]) -> World:
    world = make_worlds(zones=[Zone(zone, domain, ACCOUNT, "pro") for zone, domain in ZONES.items()])
    world.edges = [{"kind": "cloudflare", "zones": list(ZONES), "plan": "pro"}]
    return world


def test_all_zones_get_the_same_rules_compiled_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[object] = []
    compile_rules = compiler.compile_rules
    monkeypatch.setattr(compiler, "compile_rules", lambda *given: compiled.append(given) or compile_rules(*given))  # type: ignore[func-returns-value]  # append gives None
    outcome = world.publish(ONE)
    assert outcome.switched[:-1] == tuple(f"cloudflare zone {zone}" for zone in ZONES)
    assert len(compiled) == 1
    for zone, domain in ZONES.items():
        assert world.problems(ONE, domain) == []
        assert len(world.assets(zone)) == 1
    backups = sorted(path.name for path in (world.folder / ".errgen/backups").iterdir())
    assert [name.count(zone) for zone in ZONES for name in backups].count(1) == len(ZONES)


@pytest.fixture
def in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call after the other: where no time passes but by sleeping, what several threads wait would add up."""
    monkeypatch.setattr(reading, "FEW", len(ZONES))


@pytest.mark.usefixtures("in_turn")
def test_many_zones_stay_below_the_limit_together(world: World) -> None:
    """Nobody is ever refused, though the plain sequence of calls would be far above the limit."""
    world.emulator.rate_limit = RateLimit(30, is_strict=True)
    world.emulator.clock = world.clock
    start = world.clock()
    world.publish(ONE)
    calls = [line for line in world.logged if line.incoming.path.startswith("/client/v4")]
    assert len(calls) == 78
    assert {line.status for line in calls} & {429} == set()
    assert timedelta(minutes=10) < world.clock() - start < timedelta(minutes=20)
    assert any(line.startswith("waiting ") for text in world.said for line in [text.partition(": ")[2]])


@pytest.mark.usefixtures("in_turn")
def test_another_process_with_the_same_token_is_left_room(world: World) -> None:
    """It makes as many calls as we do, and never waits itself."""
    limit = world.emulator.rate_limit = RateLimit(40, is_strict=True)
    world.emulator.clock = world.clock
    others: list[bool] = []

    def spoil(_: int, __: httpx.Request, send: Send) -> httpx.Response:
        others.append(limit.count(world.clock()).refused)
        return send()

    world.network.spoil = spoil
    world.publish(ONE)
    statuses = {line.status for line in world.logged if line.incoming.path.startswith("/client/v4")}
    assert (429 in statuses, any(others)) == (False, False)


def test_a_failure_after_very_many_zones_names_the_first(world: World) -> None:
    *_, last = ZONES

    def differs(name: str) -> list[str]:
        return ["one"] if name.endswith(last) else []

    world.edges = [
        {"kind": "cloudflare", "zones": list(ZONES), "plan": "pro"},
        {"kind": "cloudflare", "account": ACCOUNT},
    ]
    first = [f"cloudflare zone {zone}" for zone in ZONES]
    with pytest.raises(LiveAnswersDiffer) as caught:
        world.publish(ONE, verify=differs)
    assert str(caught.value).endswith(
        f"; the previous rules are back (already new and verified: {', '.join(first[:5])})"
    )
    with pytest.raises(LiveAnswersDiffer) as caught:
        world.publish(build("2", FAMILY), verify=lambda name: ["one"] if "account" in name else [])
    assert str(caught.value).endswith(f"{first[4]} and 1 more that .errgen/audit.jsonl names)")
