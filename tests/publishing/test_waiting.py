"""Ctrl-C while Cloudflare lets us wait: it ends with what stands, and the next run carries on."""

from __future__ import annotations

import os
import signal

import httpx
import pytest

from site_builder.errors import Interrupted, PartlyApplied, RemoteFailed

from .faults import cloudflare_words
from .world import Send, World, an_entry, build

FAMILY = (an_entry("4xx", (400, 499)),)
OLD, NEW = build("1", FAMILY), build("2", FAMILY)


def limited(seconds: int) -> httpx.Response:
    return httpx.Response(429, content=cloudflare_words(429), headers={"Retry-After": str(seconds)})


def is_switch(request: httpx.Request) -> bool:
    return request.method == "PUT" and not request.url.query


@pytest.fixture
def impatient(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The old version is live, and somebody presses Ctrl-C whenever there is something to wait for."""
    world.publish(OLD)
    world.refresh()
    monkeypatch.setattr(world.clock, "sleep", lambda _: os.kill(os.getpid(), signal.SIGINT))
    return world


def carries_on(world: World) -> None:
    world.refresh()
    world.publish(NEW)
    assert world.problems(NEW) == []
    assert len(world.assets()) == 1


def test_a_switch_that_was_refused_has_not_happened(impatient: World) -> None:
    impatient.network.spoil = lambda _, request, send: limited(300) if is_switch(request) else send()
    with pytest.raises(Interrupted, match="interrupted; the old answers are still live"):
        impatient.publish(NEW)
    assert any(text.endswith("trying again in 300 s") for text in impatient.said)
    assert impatient.problems(OLD) == []
    carries_on(impatient)


def test_a_switch_whose_fate_cannot_be_looked_up_is_told_as_that(impatient: World) -> None:
    switched = False

    def spoil(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        nonlocal switched
        if is_switch(request):
            switched = True
            send()
            raise httpx.ReadError("connection reset by peer", request=request)
        return limited(300) if switched else send()

    impatient.network.spoil = spoil
    with pytest.raises(PartlyApplied, match="it is not known whether the new rules are live: interrupted"):
        impatient.publish(NEW)
    assert impatient.problems(NEW) == []
    carries_on(impatient)


def test_who_lets_us_wait_until_tomorrow_is_not_waited_for(world: World) -> None:
    world.publish(OLD)
    world.refresh()
    world.network.spoil = lambda _, request, send: limited(86_400) if is_switch(request) else send()
    with pytest.raises(RemoteFailed) as caught:
        world.publish(NEW)
    assert caught.value.hint == "Cloudflare asks to wait 86400 seconds; run the same command again after that"
    assert world.clock.slept == []
    assert world.problems(OLD) == []


def test_an_hour_is_waited_out(world: World) -> None:
    world.publish(OLD)
    world.refresh()
    refusals = [3600, 300]
    world.network.spoil = lambda _, request, send: (
        limited(refusals.pop(0)) if refusals and is_switch(request) else send()
    )
    world.publish(NEW)
    assert [round(seconds) for seconds in world.clock.slept] == [3600, 300]
    assert world.problems(NEW) == []
