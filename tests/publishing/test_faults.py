"""One publish that changes every page, with every request spoilt in turn: nothing is ever half old and half new."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from site_builder.errors import ErrgenError
from site_builder.publishing.plan import Plan

from .world import TOKEN, WITH_MAINTENANCE, Built, Send, Snapshot, World, build

Fault = Callable[[httpx.Request, Send], httpx.Response]

OLD, NEW = build("1"), build("2")
PLANNED = build("1", WITH_MAINTENANCE)
LONGEST = 40
"""More than the requests of one publish."""


def refused(request: httpx.Request, _: Send) -> httpx.Response:
    raise httpx.ConnectError("connection refused", request=request)


def reset(request: httpx.Request, _: Send) -> httpx.Response:
    raise httpx.ReadError("connection reset by peer", request=request)


def lost(request: httpx.Request, send: Send) -> httpx.Response:
    send()
    raise httpx.ReadError("connection reset by peer", request=request)


def hung(request: httpx.Request, send: Send) -> httpx.Response:
    send()
    raise httpx.ReadTimeout("", request=request)


def too_many(_: httpx.Request, __: Send) -> httpx.Response:
    body = {"success": False, "errors": [{"code": 10429, "message": "rate limited"}]}
    return httpx.Response(429, json=body, headers={"Retry-After": "300"})


def html_502(_: httpx.Request, __: Send) -> httpx.Response:
    return httpx.Response(502, html="<html><h1>502 Bad Gateway</h1></html>")


def html_502_too_late(_: httpx.Request, send: Send) -> httpx.Response:
    send()
    return httpx.Response(502, html="<html><h1>502 Bad Gateway</h1></html>")


def error_500(_: httpx.Request, __: Send) -> httpx.Response:
    return httpx.Response(500, json={"success": False, "errors": [{"code": 1, "message": "internal"}], "result": None})


def broken_json(_: httpx.Request, __: Send) -> httpx.Response:
    return httpx.Response(200, content=b'{"success": tr')


def broken_json_too_late(_: httpx.Request, send: Send) -> httpx.Response:
    send()
    return httpx.Response(200, content=b'{"success": tr')


def not_a_success(_: httpx.Request, __: Send) -> httpx.Response:
    return httpx.Response(200, json={"success": False, "errors": [{"code": 7, "message": "no"}], "result": None})


def ctrl_c(_: httpx.Request, __: Send) -> httpx.Response:
    raise KeyboardInterrupt


def ctrl_c_too_late(_: httpx.Request, send: Send) -> httpx.Response:
    send()
    raise KeyboardInterrupt


FAULTS = [
    refused, reset, lost, hung, too_many, html_502, html_502_too_late, error_500, broken_json, broken_json_too_late,
    not_a_success, ctrl_c, ctrl_c_too_late,
]  # fmt: skip


@pytest.fixture(scope="module")
def start(make_worlds: Callable[[], World]) -> tuple[World, Snapshot]:
    """Version 1 is live, among foreign rules."""
    world = make_worlds()
    world.publish(OLD)
    world.put_around()
    return world, world.snapshot()


def publish_spoilt(
    world: World, fault: Fault, first: int, last: int, built: Built = NEW, *, maintenance: bool | None = None
) -> ErrgenError | None:
    """Publish version 2, or ``built``, with requests ``first`` to ``last`` spoilt; gives the failure."""

    def spoil(number: int, request: httpx.Request, send: Send) -> httpx.Response:
        return fault(request, send) if first <= number <= last else send()

    world.network.spoil = spoil
    try:
        world.publish(built, maintenance=maintenance)
    except ErrgenError as failure:
        return failure
    except KeyboardInterrupt:  # while only reading; the command line turns it into exit code 130
        return ErrgenError("interrupted")
    return None


def check_survived(world: World, foreign: bytes, failure: ErrgenError | None) -> None:
    """Answers are all old or all new, others' rules are untouched, and the next publish completes."""
    is_old, is_new = not world.problems(OLD), not world.problems(NEW)
    assert is_old != is_new
    assert world.foreign() == foreign
    if failure is None:
        assert is_new
    elif failure.exit_code in (6, 130):
        assert is_old
    else:
        assert failure.exit_code == 7 or (failure.message == "interrupted" and is_old)
    said = f"{failure} {failure.hint if failure else ''} {world.said}"
    assert TOKEN not in said
    world.refresh()
    world.publish(NEW)
    assert world.problems(NEW) == []
    assert world.foreign() == foreign
    assert len(world.assets()) == len({asset.rpartition("_")[0] for asset in world.assets()}) == 4
    plan: Plan = world.survey(NEW)[1].plan
    assert plan.is_empty


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_any_one_request_may_fail(start: tuple[World, Snapshot], fault: Fault) -> None:
    world, snapshot = start
    foreign = b""
    for number in range(LONGEST):
        world.go_back(snapshot)
        foreign = world.foreign()
        failure = publish_spoilt(world, fault, number, number)
        reached = len(world.network.asked) > number
        check_survived(world, foreign, failure)
        if not reached:
            break
    assert 15 < number < LONGEST
    assert json.loads(foreign)


@pytest.mark.parametrize("fault", [refused, lost, html_502, not_a_success, ctrl_c], ids=lambda fault: fault.__name__)
def test_the_network_may_fail_for_good(start: tuple[World, Snapshot], fault: Fault) -> None:
    world, snapshot = start
    for number in range(LONGEST):
        world.go_back(snapshot)
        foreign = world.foreign()
        failure = publish_spoilt(world, fault, number, 10_000)
        reached = len(world.network.asked) > number
        assert (failure is not None) == reached
        check_survived(world, foreign, failure)
        if not reached:
            break
    assert 15 < number < LONGEST


@pytest.fixture(scope="module", params=[True, False], ids=["into", "out of"])
def switch(request: pytest.FixtureRequest, make_worlds: Callable[[], World]) -> tuple[World, Snapshot, bool]:
    """A site that is live among foreign rules, and the state that it goes into: planned work announced, or not."""
    world = make_worlds()
    world.publish(PLANNED, maintenance=not request.param)
    world.put_around()
    return world, world.snapshot(), request.param


@pytest.mark.parametrize(
    "fault",
    [refused, lost, html_502_too_late, not_a_success, ctrl_c, ctrl_c_too_late],
    ids=lambda fault: fault.__name__,
)
def test_planned_work_is_announced_or_not_whatever_fails(switch: tuple[World, Snapshot, bool], fault: Fault) -> None:
    world, snapshot, wanted = switch
    for number in range(LONGEST):
        world.go_back(snapshot)
        foreign, assets = world.foreign(), world.assets()
        failure = publish_spoilt(world, fault, number, number, PLANNED, maintenance=wanted)
        reached = len(world.network.asked) > number
        is_old = not world.problems(PLANNED, announced=not wanted)
        is_new = not world.problems(PLANNED, announced=wanted)
        assert is_old != is_new
        assert is_new or failure is not None
        assert is_old or failure is None or failure.exit_code == 7
        world.refresh()
        world.publish(PLANNED, maintenance=wanted)
        assert world.problems(PLANNED, announced=wanted) == []
        assert (world.foreign(), world.assets()) == (foreign, assets)
        assert world.survey(PLANNED)[1].plan.is_empty
        if not reached:
            break
    assert 8 < number < LONGEST
