"""Our rules switched off and on again: one request each way, and nothing else is touched."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from contextlib import closing

import pytest

from site_builder.edges import open_edge
from site_builder.edges.cloudflare.remote import open_toggle
from site_builder.model import Entry, Manifest
from site_builder.publishing import Outcome, Target, survey
from site_builder.publishing.no_host import NoHost
from site_builder.publishing.target import NO_RELEASE

from .test_rollback import FAULTS, failure_of
from .world import JSON, TOKEN, WITH_MAINTENANCE, ZONE, Snapshot, World, build

ONE, TWO = build("1", WITH_MAINTENANCE), build("2", WITH_MAINTENANCE)
NAME = f"cloudflare zone {ZONE}"
PUT = ("PUT", f"/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint")
HEADERS = ("PUT", f"/zones/{ZONE}/rulesets/phases/http_response_headers_transform/entrypoint")
LONGEST = 20
"""More than the requests of one switch."""


def no_page(path: str) -> bytes:
    raise KeyError(path)


def switch(world: World, *, enabled: bool) -> Outcome:
    manifest = Manifest("default", "plain", ("en",), (), (), NO_RELEASE)
    remotes = [
        open_toggle(
            manifest,
            no_page,
            open_edge(table, "x").options,
            {"CLOUDFLARE_API_TOKEN": TOKEN, "CLOUDFLARE_BASE_URL": f"{world.url}/client/v4"},
            enabled=enabled,
            report=world.said.append,
            transport=world.network,
            sleep=world.clock.sleep,
            now=world.clock,
        )
        for table in world.edges
    ]
    target = Target(manifest, b"", no_page, NoHost(), tuple(remotes), removal="rules")
    with closing(target):
        return world.apply(target, survey(target), command="publish --disable")


def bare(rules: list[JSON]) -> list[JSON]:
    """Rules as their authors wrote them."""
    return [{k: v for k, v in rule.items() if k not in ("version", "last_updated", "id")} for rule in rules]


def states(world: World) -> set[bool]:
    return {rule["enabled"] for rule in world.rules() if rule["ref"].startswith("errgen_default_")}


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


@pytest.fixture(scope="module", params=[False, True], ids=["off", "on"])
def start(request: pytest.FixtureRequest, make_worlds: Callable[[], World]) -> tuple[World, Snapshot, bool]:
    """A site among foreign rules that is live or switched off, and the state that it goes into."""
    world = make_worlds()
    world.publish(ONE)
    world.put_around()
    if request.param:
        switch(world, enabled=False)
    return world, world.snapshot(), request.param


def test_it_is_on_or_off_whatever_fails(start: tuple[World, Snapshot, bool]) -> None:
    world, snapshot, enabled = start
    for number in range(LONGEST):
        world.go_back(snapshot)
        foreign, assets = world.foreign(), world.assets()
        failure, reached = failure_of(
            world, FAULTS[number % len(FAULTS)], number, lambda: switch(world, enabled=enabled)
        )
        assert states(world) in ({True}, {False})
        is_new = states(world) == {enabled}
        assert is_new or failure is not None
        assert not is_new or failure is None or failure.exit_code == 7
        switch(world, enabled=enabled)
        assert states(world) == {enabled}
        assert (world.foreign(), world.assets()) == (foreign, assets)
        if not reached:
            break
    assert 7 < number < LONGEST
