"""Our rules switched off and on again: one request each way, and nothing else is touched."""

from __future__ import annotations

import copy
import dataclasses

import pytest

from site_builder.model import Entry

from .commands import states, switch
from .world import JSON, WITH_MAINTENANCE, ZONE, World, build

ONE, TWO = build("1", WITH_MAINTENANCE), build("2", WITH_MAINTENANCE)
NAME = f"cloudflare zone {ZONE}"
PUT = ("PUT", f"/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint")
HEADERS = ("PUT", f"/zones/{ZONE}/rulesets/phases/http_response_headers_transform/entrypoint")


def bare(rules: list[JSON]) -> list[JSON]:
    """Rules as their authors wrote them."""
    return [{k: v for k, v in rule.items() if k not in ("version", "last_updated", "id")} for rule in rules]


@pytest.mark.parametrize("announced", [False, True])
def test_off_and_on_is_one_request_each_way_and_leaves_no_trace(world: World, announced: bool) -> None:
    world.publish(ONE, maintenance=announced)
    world.put_around()
    before, foreign, assets = copy.deepcopy(bare(world.rules())), world.foreign(), world.assets()
    for enabled in (False, True):
        world.refresh()
        outcome = switch(world, enabled=enabled)
        assert world.network.writes() == [PUT]
        assert outcome.switched == (NAME,)
        assert outcome.plan.switched_off == (() if enabled else (NAME,))
        assert states(world) == {enabled}
        assert (world.foreign(), world.assets()) == (foreign, assets)
        world.refresh()
        assert switch(world, enabled=enabled).plan.is_empty
        assert world.network.writes() == []
    assert bare(world.rules()) == before
    assert world.publish(ONE).plan.is_empty
    assert world.problems(ONE, announced=announced) == []


def test_what_is_published_meanwhile_stays_off_and_says_so(world: World) -> None:
    world.publish(ONE, maintenance=True)
    switch(world, enabled=False)
    assert world.publish(ONE).plan.is_empty
    outcome = world.publish(TWO, verify=lambda _: ["nobody is to ask for what is switched off"])
    (finding,) = [one for one in outcome.plan.findings if one.id == "cloudflare-switched-off"]
    assert finding.message.startswith("our rules are switched off, last written at 20")
    assert finding.message.endswith("; they stay so")
    assert finding.hint == "switch them on with: errgen publish --enable"
    assert not [change for change in outcome.plan.changes if change.drift]
    assert outcome.plan.switched_off == (NAME,)
    assert states(world) == {False}
    world.publish(TWO, maintenance=False)
    assert states(world) == {False}
    switch(world, enabled=True)
    assert world.problems(TWO) == []
    assert world.publish(TWO).plan.is_empty


def test_rules_for_headers_go_with_them(world: World) -> None:
    world.edges = [{**world.edges[0], "retry_after": True}]
    waiting = build("1", tuple(_waiting(entry) for entry in WITH_MAINTENANCE))
    world.publish(waiting)
    headers = world.emulator.scopes["zone", ZONE].header_rules
    before = copy.deepcopy(bare(list(headers)))
    assert before
    world.refresh()
    switch(world, enabled=False)
    assert world.network.writes() == [PUT, HEADERS]
    assert {rule["enabled"] for rule in world.emulator.scopes["zone", ZONE].header_rules} == {False}
    assert world.publish(waiting).plan.is_empty
    switch(world, enabled=True)
    assert bare(list(world.emulator.scopes["zone", ZONE].header_rules)) == before


def _waiting(entry: Entry) -> Entry:
    return dataclasses.replace(entry, retryable=True, retry_after=60)


def test_what_somebody_changed_by_hand_still_shows(world: World) -> None:
    world.publish(ONE)
    rules = world.rules()
    edited = {**rules[0], "expression": "http.response.code eq 404"}
    world.put([edited, {**rules[1], "enabled": False}, *rules[2:]])
    switch(world, enabled=False)
    switch(world, enabled=True)
    assert states(world) == {True}
    plan = world.publish(ONE).plan
    assert [(change.name, change.reason) for change in plan.changes] == [(edited["ref"], "edited by hand")]
    assert world.problems(ONE) == []


def test_a_rule_that_somebody_disabled_is_put_right(world: World) -> None:
    world.publish(ONE)
    world.put([{**rule, "enabled": False} for rule in world.rules()])
    plan = world.publish(ONE).plan
    assert {change.reason for change in plan.changes} == {"edited by hand"}
    assert plan.switched_off == ()
    assert states(world) == {True}


def test_a_site_that_is_not_live_has_nothing_to_switch(world: World) -> None:
    assert switch(world, enabled=False).plan.is_empty
    world.publish(ONE)
    assert states(world) == {True}
