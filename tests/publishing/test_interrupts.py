"""Ctrl-C as a real signal, in the middle of what must not be cut."""

from __future__ import annotations

import json
import os
import signal
import threading
from typing import Any

import httpx
import pytest

from site_builder.errors import LiveAnswersDiffer, PartlyApplied
from site_builder.interrupts import deferred

from .world import Send, World, build

ONE, TWO = build("1"), build("2")


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def pressing(times: int, said: list[str]) -> None:
    """Press Ctrl-C in a block that must be finished; ``said`` gets its end."""
    with deferred(said.append):
        for _ in range(times):
            press_ctrl_c()
        said.append("done")


def test_the_request_is_finished_first() -> None:
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        pressing(1, said)
    assert said == ["interrupted: finishing the current request first (Ctrl-C again stops at once)", "done"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_time_stops_at_once() -> None:
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        pressing(2, said)
    assert said == ["interrupted: finishing the current request first (Ctrl-C again stops at once)"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def failing() -> None:
    with deferred(lambda _: None):
        press_ctrl_c()
        raise ValueError("failed")


def test_a_failure_goes_before_the_interrupt() -> None:
    with pytest.raises(ValueError, match="failed"):
        failing()


def test_other_threads_and_ignored_signals_are_let_be() -> None:
    ran: list[str] = []

    def work() -> None:
        with deferred(ran.append):
            ran.append("thread")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with deferred(ran.append):
            press_ctrl_c()
            ran.append("ignored")
    finally:
        signal.signal(signal.SIGINT, before)
    assert ran == ["thread", "ignored"]


def publish_pressed(world: World, put: int, **options: Any) -> None:
    """Publish TWO; Ctrl-C is pressed while Cloudflare stores the rules for this time, counted from 1."""
    puts = 0

    def spoil(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        nonlocal puts
        if request.method == "PUT" and not request.url.query:
            puts += 1
            if puts == put:
                press_ctrl_c()
        return send()

    world.refresh()
    world.network.spoil = spoil
    world.publish(TWO, **options)


def audit(world: World) -> list[str]:
    lines = (world.folder / ".errgen" / "audit.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["action"] for line in lines]


def test_pressed_during_the_switch(world: World) -> None:
    world.publish(ONE)
    before = audit(world)
    with pytest.raises(PartlyApplied) as caught:
        publish_pressed(world, put=1)
    assert "interrupted after the new answers went live at cloudflare zone" in caught.value.message
    assert world.network.asked[-1][0] == "GET"  # it was still read back
    assert world.problems(TWO) == []
    assert audit(world)[len(before) :] == ["back up", "switch"]
    world.refresh()
    world.publish(TWO)
    assert len(world.assets()) == 4


def test_pressed_while_the_previous_rules_are_put_back(world: World) -> None:
    world.publish(ONE)
    before = audit(world)
    with pytest.raises(LiveAnswersDiffer, match=r"the first: other; the previous rules are back$"):
        publish_pressed(world, put=2, verify=lambda _: ["other"])
    assert world.problems(ONE) == []
    assert audit(world)[len(before) :] == ["back up", "switch", "put back"]
