"""Fetching an asset again at several edges, and what is said where that does not come to its end."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from contextlib import closing

import httpx
import pytest

from site_builder.errors import ErrgenError, Interrupted, PartlyApplied, RemoteFailed
from site_builder.publishing import Journal, survey
from site_builder.publishing.proof import prover
from site_builder.publishing.refetch import AGAIN, refetch

from .faults import cloudflare_words
from .world import OTHER_ZONE, ZONE, Send, World, an_entry, build

ONE = build("1", (an_entry("4xx", (400, 499)),))
FIRST, SECOND = f"cloudflare zone {ZONE}", f"cloudflare zone {OTHER_ZONE}"


@pytest.fixture(scope="module")
def published(make_worlds: Callable[..., World]) -> World:
    world = make_worlds()
    world.edges = [{"kind": "cloudflare", "zones": [ZONE, OTHER_ZONE], "plan": "pro"}]
    world.publish(ONE)
    return world


@pytest.fixture
def world(published: World) -> World:
    published.refresh()
    (published.folder / ".errgen/audit.jsonl").unlink(missing_ok=True)
    return published


def fetch_again(world: World) -> list[str]:
    (name,) = world.assets()
    with closing(world.target(ONE)) as target:
        prove = prover(sleep=world.clock.sleep, report=world.said.append, transport=world.network)
        journal = Journal(world.folder / ".errgen", {}, world.clock)
        return refetch(target, survey(target), name, journal=journal, prove=prove, report=world.said.append)


def noted(world: World) -> list[str]:
    """Where the asset was fetched again, as the audit has it."""
    lines = (world.folder / ".errgen/audit.jsonl").read_text("utf-8").splitlines()
    return [line["target"] for line in map(json.loads, lines) if line["action"] == "refetch"]


def at(zone: str, do: Callable[[Send], httpx.Response]) -> Callable[[int, httpx.Request, Send], httpx.Response]:
    """Spoils the request that lets ``zone`` fetch the asset again."""

    def spoil(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        return do(send) if request.method == "PUT" and zone in request.url.path else send()

    return spoil


def press(send: Send) -> httpx.Response:
    """Ctrl-C while the request is on its way."""
    os.kill(os.getpid(), signal.SIGINT)
    return send()


def stop(send: Send) -> httpx.Response:
    """Ctrl-C twice, and the answer is lost."""
    send()
    raise KeyboardInterrupt


def refuse(_: Send) -> httpx.Response:
    return httpx.Response(403, content=cloudflare_words(403))


def test_every_edge_that_keeps_the_page_fetches_it_again(world: World) -> None:
    assert fetch_again(world) == noted(world) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("zone", "do", "said", "done"),
    [
        (ZONE, press, f"interrupted after NAME was fetched again at {FIRST}", [FIRST]),
        (OTHER_ZONE, press, f"interrupted after NAME was fetched again at {FIRST}, {SECOND}", [FIRST, SECOND]),
        (ZONE, stop, f"interrupted; whether {FIRST} has fetched it is not known", []),
        (
            OTHER_ZONE,
            stop,
            f"interrupted after NAME was fetched again at {FIRST}; whether {SECOND} has fetched it is not known",
            [FIRST],
        ),
        (OTHER_ZONE, refuse, f"; before that NAME was fetched again at {FIRST}", [FIRST]),
    ],
)
def test_what_was_done_is_said(
    world: World, zone: str, do: Callable[[Send], httpx.Response], said: str, done: list[str]
) -> None:
    (name,) = world.assets()
    world.network.spoil = at(zone, do)
    with pytest.raises(PartlyApplied) as caught:
        fetch_again(world)
    assert caught.value.message.endswith(said.replace("NAME", name))
    assert str(caught.value.hint).endswith(AGAIN)
    assert noted(world) == done


@pytest.mark.parametrize("kind", [RemoteFailed, Interrupted])
def test_where_nothing_was_done_that_is_said(world: World, kind: type[ErrgenError]) -> None:
    """The edge refuses, or Ctrl-C comes while the page is still proved at its address."""

    def spoil(number: int, request: httpx.Request, send: Send) -> httpx.Response:
        if kind is Interrupted and "/client/v4/" not in request.url.path:
            raise KeyboardInterrupt
        return at(ZONE, refuse)(number, request, send)

    world.network.spoil = spoil
    with pytest.raises(kind):
        fetch_again(world)
    assert noted(world) == []
