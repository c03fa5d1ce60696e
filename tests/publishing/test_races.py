"""Somebody else writes at the same time, or Cloudflare stores something else than it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from site_builder.errors import ErrgenError, LiveAnswersDiffer, PartlyApplied, RemoteFailed

from .cloudflare_trials import SMALL
from .world import FOREIGN_FIRST, FOREIGN_LAST, JSON, OTHER_ZONE, ZONE, Network, Send, Snapshot, World, build

ONE, TWO = build("1"), build("2")
FIRST, OURS, THEIRS = (build(version, SMALL) for version in ("1", "2", "3"))
NAME = f"cloudflare zone {ZONE}"
MERGED = "their version is kept and merged"


def is_switch(request: httpx.Request) -> bool:
    return request.method == "PUT" and not request.url.query


def at_the_switch(world: World, do: Callable[[int, httpx.Request, Send], httpx.Response]) -> None:
    """Let ``do`` handle each PUT of rules; its number counts from 0."""
    seen = 0

    def spoil(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        nonlocal seen
        if not is_switch(request):
            return send()
        seen += 1
        return do(seen - 1, request, send)

    world.refresh()
    world.network.spoil = spoil


def switches(world: World) -> int:
    return sum(method == "PUT" for method, _ in world.network.writes())


def test_an_edit_between_plan_and_publish_is_merged(world: World) -> None:
    world.publish(ONE)
    target, found = world.survey(TWO)
    world.put_around()
    foreign = world.foreign()
    world.apply(target, found)
    assert world.foreign() == foreign
    assert world.problems(TWO) == []
    assert MERGED in " ".join(world.said)
    backups = [json.loads(path.read_text()) for path in sorted((world.folder / ".errgen/backups").iterdir())]
    assert [(len(one["rules"]), one["version"]) for one in backups] == [(0, "0"), (10, "1"), (12, "2")]


@pytest.mark.parametrize("live", [True, False])
def test_an_edit_between_our_read_and_our_put_is_merged(world: World, live: bool) -> None:
    """Their write is gone for a moment; only the version tells. Also where they made the phase's first rules."""
    if live:
        world.publish(ONE)

    def just_before(number: int, _: httpx.Request, send: Send) -> httpx.Response:
        if number == 0:
            world.put_around()
        return send()

    at_the_switch(world, just_before)
    world.publish(TWO)
    assert {rule["ref"] for rule in json.loads(world.foreign())} == {FOREIGN_FIRST["ref"], FOREIGN_LAST["ref"]}
    assert world.problems(TWO) == []
    assert switches(world) == 2
    assert MERGED in " ".join(world.said)
    world.refresh()
    assert world.survey(TWO)[1].plan.is_empty


def test_two_edits_of_others_just_before_our_put_leave_the_later_one(world: World) -> None:
    world.publish(ONE)

    def just_before(number: int, _: httpx.Request, send: Send) -> httpx.Response:
        if number == 0:
            world.put([*world.rules(), FOREIGN_FIRST])
            world.put([*world.rules(), FOREIGN_LAST])
        return send()

    at_the_switch(world, just_before)
    world.publish(TWO)
    assert {rule["ref"] for rule in json.loads(world.foreign())} == {FOREIGN_FIRST["ref"], FOREIGN_LAST["ref"]}
    assert world.problems(TWO) == []


def test_an_edit_right_after_our_put_that_keeps_our_rules_is_left_alone(world: World) -> None:
    world.publish(ONE)

    def just_after(number: int, _: httpx.Request, send: Send) -> httpx.Response:
        response = send()
        if number == 0:
            world.put_around()
        return response

    at_the_switch(world, just_after)
    world.publish(TWO)
    assert world.problems(TWO) == []
    assert len(json.loads(world.foreign())) == 2
    assert switches(world) == 1


def test_an_edit_right_after_our_put_that_undoes_it_is_merged(world: World) -> None:
    world.publish(ONE)
    stale = world.rules()

    def just_after(number: int, _: httpx.Request, send: Send) -> httpx.Response:
        response = send()
        if number == 0:
            world.put([FOREIGN_FIRST, *stale])
        return response

    at_the_switch(world, just_after)
    world.publish(TWO)
    assert world.problems(TWO) == []
    assert len(json.loads(world.foreign())) == 1
    assert switches(world) == 2


def test_somebody_who_never_stops_writing_is_reported(world: World) -> None:
    world.publish(ONE)

    def always(number: int, _: httpx.Request, send: Send) -> httpx.Response:
        world.put([*world.rules(), {**FOREIGN_FIRST, "ref": f"theirs_{number}"}])
        return send()

    at_the_switch(world, always)
    with pytest.raises(PartlyApplied) as caught:
        world.publish(TWO)
    assert "somebody else writes the same rules at the same time; gave up after 3 rounds" in caught.value.message
    assert "in the ruleset's versions" in str(caught.value.hint)
    # Every edit but the last, which our last PUT replaced and the hint tells of.
    assert {rule["ref"] for rule in json.loads(world.foreign())} == {"theirs_2", "theirs_1", "theirs_0"}
    world.refresh()
    world.publish(TWO)
    assert world.problems(TWO) == []


def spoilt_on_the_way(request: httpx.Request, send: Send) -> httpx.Response:
    """Cloudflare stores all but the last rule, and says so."""
    rules = json.loads(request.content)["rules"]
    headers = [(k, v) for k, v in request.headers.items() if k != "content-length"]
    return send(httpx.Request("PUT", request.url, headers=headers, json={"rules": rules[:-1]}))


def test_previous_rules_are_put_back_where_something_else_was_stored(world: World) -> None:
    world.publish(ONE)
    world.put_around()
    foreign = world.foreign()
    at_the_switch(world, lambda number, request, send: spoilt_on_the_way(request, send) if number == 0 else send())
    with pytest.raises(RemoteFailed) as caught:
        world.publish(TWO)
    assert str(caught.value) == (
        f"{NAME}: rules of http_custom_errors, version 3: what Cloudflare stored is not what was sent; "
        "the previous rules are back"
    )
    assert world.problems(ONE) == []
    assert defined(world.foreign()) == defined(foreign)  # the last one was gone for a moment and has a new id
    world.refresh()
    world.publish(TWO)
    assert world.problems(TWO) == []


def defined(rules: bytes) -> list[JSON]:
    """Rules as their authors wrote them."""
    counted = ("id", "version", "last_updated")
    return [{key: value for key, value in rule.items() if key not in counted} for rule in json.loads(rules)]


def test_rules_that_cannot_be_put_back_are_reported(world: World) -> None:
    world.publish(ONE)

    def twice(number: int, request: httpx.Request, send: Send) -> httpx.Response:
        return spoilt_on_the_way(request, send) if number == 0 else httpx.Response(502, html="<h1>502</h1>")

    at_the_switch(world, twice)
    with pytest.raises(PartlyApplied) as caught:
        world.publish(TWO)
    assert str(caught.value).startswith(f"{NAME}: the rules are neither the old nor the new ones: PUT /zones/")
    assert ".errgen/backups" in str(caught.value.hint)
    world.refresh()
    world.publish(TWO)
    assert world.problems(TWO) == []


def test_differing_answers_whose_rules_cannot_be_put_back_are_reported(world: World) -> None:
    world.publish(ONE)
    down = httpx.Response(502, html="<h1>502</h1>")
    at_the_switch(world, lambda number, _, send: send() if number == 0 else down)
    with pytest.raises(PartlyApplied, match="the first: 404 is wrong; and the previous rules could not be put back"):
        world.publish(TWO, verify=lambda _: ["404 is wrong"])
    assert world.problems(TWO) == []


def test_foreign_rules_written_while_we_verified_survive_our_going_back(world: World) -> None:
    world.publish(ONE)

    def edited_meanwhile(_: str) -> list[str]:
        world.put_around()
        return ["404 is wrong"]

    with pytest.raises(LiveAnswersDiffer):
        world.publish(TWO, verify=edited_meanwhile)
    assert len(json.loads(world.foreign())) == 2
    assert world.problems(ONE) == []


def test_an_asset_registered_meanwhile_is_taken(world: World) -> None:
    """Two publishers of the same release at once."""
    target, found = world.survey(ONE)
    world.publish(ONE)
    world.apply(target, found)
    assert world.problems(ONE) == []
    assert len(world.assets()) == 4


def test_a_second_edge_that_fails_leaves_the_first_one_new(world: World) -> None:
    world.edges = [{"kind": "cloudflare", "zone": zone, "plan": "pro"} for zone in (ZONE, OTHER_ZONE)]
    world.publish(ONE)
    refusal = httpx.Response(400, json={"success": False, "errors": [{"code": 9, "message": "not now"}]})
    at_the_switch(world, lambda number, _, send: send() if number == 0 else refusal)
    with pytest.raises(PartlyApplied, match=f"the new answers are live at {NAME}, but then: answered 400: 9 not now"):
        world.publish(TWO)
    assert world.problems(TWO) == []
    assert world.problems(ONE, "other.example") == []
    world.refresh()
    world.publish(TWO)
    assert world.problems(TWO, "other.example") == []


@pytest.fixture(scope="module")
def small(make_worlds: Callable[[], World]) -> tuple[World, Snapshot, int]:
    """A small site among foreign rules, and how many requests its next release takes."""
    world = make_worlds()
    world.publish(FIRST)
    world.put_around()
    start = world.snapshot()
    world.refresh()
    world.publish(OURS)
    return world, start, len(world.network.asked)


def test_another_publisher_before_any_request(small: tuple[World, Snapshot, int]) -> None:
    """What clients get is all of one release; whoever is overtaken says so, unless it had done all that matters."""
    world, start, requests = small
    said = set()
    for number in range(requests):
        world.go_back(start)
        foreign = world.foreign()
        failure = publish_while_another_does(world, number)
        assert len({id(one) for one in (OURS, THEIRS) if not world.problems(one)}) == 1, number
        assert world.foreign() == foreign
        said.add(failure.exit_code if failure else 0)
        world.refresh()
        world.publish(OURS)
        assert world.problems(OURS) == []
        assert world.foreign() == foreign
        assert len(world.assets()) == 2
    assert said <= {0, 5, 6, 7}


def publish_while_another_does(world: World, at: int) -> ErrgenError | None:
    """Publish our release; theirs is published, from its plan to its end, right before that request of ours."""

    def spoil(number: int, _: httpx.Request, send: Send) -> httpx.Response:
        if number == at:
            ours, world.network = world.network, Network()
            try:
                world.publish(THEIRS)
            finally:
                world.network.hang_up()
                world.network = ours
        return send()

    world.refresh()
    world.network.spoil = spoil
    try:
        world.publish(OURS)
    except ErrgenError as failure:
        return failure
    return None
