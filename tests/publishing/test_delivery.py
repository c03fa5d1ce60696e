"""HTML in the rules themselves: nothing is uploaded for the edge or fetched by it, and one request switches all."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from site_builder.errors import ErrgenError

from .world import ZONE, Send, World, build

Fault = Callable[[httpx.Request, Send], httpx.Response]

OLD, NEW = build("1"), build("2")
SWITCH = ("PUT", f"/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint")
LONGEST = 40


def deliver(world: World, delivery: str) -> None:
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "pro", "delivery": delivery}]


def test_one_request_publishes_everything(world: World) -> None:
    deliver(world, "inline")
    host = {"kind": "directory", "path": str(world.pages.root)}  # nobody fetches from it, so it needs no address

    world.publish(OLD, host=host)
    assert world.network.writes() == [SWITCH]
    assert world.problems(OLD) == []
    assert world.assets() == []
    assert world.survey(OLD, host)[1].plan.is_empty
    world.refresh()
    world.publish(NEW, host=host)
    assert world.network.writes() == [SWITCH]
    assert world.problems(NEW) == []
    assert not any("custom_pages/assets" in path for method, path in world.network.asked if method != "GET")


@pytest.mark.parametrize("there", ["assets", "inline", "auto"])
@pytest.mark.parametrize("wanted", ["assets", "inline", "auto"])
def test_delivery_may_change(world: World, there: str, wanted: str) -> None:
    deliver(world, there)
    world.publish(OLD)
    world.put_around()
    foreign = world.foreign()
    deliver(world, wanted)
    world.publish(NEW)

    assert world.problems(NEW) == []
    assert world.foreign() == foreign
    assert len(world.assets()) == (4 if wanted == "assets" else 0)
    assert world.survey(NEW)[1].plan.is_empty


def lost(request: httpx.Request, send: Send) -> httpx.Response:
    send()
    raise httpx.ReadError("connection reset by peer", request=request)


def ctrl_c_too_late(_: httpx.Request, send: Send) -> httpx.Response:
    send()
    raise KeyboardInterrupt


def publish_spoilt(world: World, fault: Fault, at: int) -> ErrgenError | None:
    """Publish version 2 with one request spoilt; gives the failure."""
    world.network.spoil = lambda number, request, send: fault(request, send) if number == at else send()
    try:
        world.publish(NEW)
    except ErrgenError as failure:
        return failure
    except KeyboardInterrupt:
        return ErrgenError("interrupted")
    return None


@pytest.mark.parametrize(
    ("there", "fault"),
    [("assets", lost), ("assets", ctrl_c_too_late), ("inline", lost)],
    ids=["reset while leaving assets", "Ctrl-C while leaving assets", "reset"],
)
def test_any_one_request_may_fail(make_worlds: Callable[[], World], there: str, fault: Fault) -> None:
    """Answers are all old or all new, others' rules are untouched, and the next publish completes."""
    world = make_worlds()
    deliver(world, there)
    world.publish(OLD)
    world.put_around()
    foreign, snapshot = world.foreign(), world.snapshot()
    deliver(world, "inline")
    for number in range(LONGEST):
        world.go_back(snapshot)
        failure = publish_spoilt(world, fault, number)
        reached = len(world.network.asked) > number
        is_old, is_new = not world.problems(OLD), not world.problems(NEW)
        assert is_old != is_new
        assert is_new or failure is not None
        assert world.foreign() == foreign
        world.refresh()
        world.publish(NEW)
        assert world.problems(NEW) == []
        assert (world.foreign(), world.assets()) == (foreign, [])
        assert world.survey(NEW)[1].plan.is_empty
        if not reached:
            break
    assert 5 < number < LONGEST
