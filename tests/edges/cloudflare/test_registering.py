"""Assets created several at a time: how many, in which order they are told, what a failure and Ctrl-C do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import httpx
import pytest

from site_builder.edges.cloudflare.client import AT_ONCE, CloudflareClient
from site_builder.edges.cloudflare.registering import register
from site_builder.edges.cloudflare.replies import CallFailed
from site_builder.edges.cloudflare.rules import Asset

WAIT = 10  # seconds until a test that hangs fails
ASSETS = [Asset(f"errgen_default_en_{code}_12345678", f"pages/{code}.html", "0" * 64, "") for code in range(400, 432)]


def client_of(answer: Callable[[str], httpx.Response], at_once: int | None = AT_ONCE) -> CloudflareClient:
    """A client whose POSTs are answered by the name of the asset that they are to create."""
    transport = httpx.MockTransport(lambda request: answer(json.loads(request.content)["name"]))
    client = CloudflareClient("token", "zone", "0" * 32, transport=transport)
    client.at_once = at_once or client.at_once
    return client


def made(name: str) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "errors": [], "result": {"name": name, "url": "", "state": ""}})


def refused(status: int, code: int = 1, **headers: str) -> httpx.Response:
    body = {"success": False, "errors": [{"code": code, "message": "no"}], "result": None}
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_as_many_as_may_are_created_at_once_and_told_in_order() -> None:
    meeting = threading.Barrier(AT_ONCE, timeout=WAIT)  # passes only when so many are here together
    created: list[str] = []
    told: list[Asset] = []

    def answer(name: str) -> httpx.Response:
        meeting.wait()
        created.append(name)
        return made(name)

    register(client_of(answer), ASSETS, str, told.append)
    assert told == ASSETS
    assert sorted(created) == [asset.name for asset in ASSETS]


def test_who_gives_a_transport_has_it_used_by_one_thread() -> None:
    threads: set[threading.Thread] = set()

    def answer(name: str) -> httpx.Response:
        threads.add(threading.current_thread())
        return made(name)

    register(client_of(answer, None), ASSETS, str, lambda _: None)
    assert threads == {threading.current_thread()}
    assert CloudflareClient("t", "zone", "0").at_once == AT_ONCE


def test_the_first_failure_starts_no_more_and_ends_what_waits_for_its_turn() -> None:
    """One is told to wait for five minutes; another is refused meanwhile."""
    both, limited = threading.Barrier(2, timeout=WAIT), threading.Event()
    asked: list[str] = []

    def answer(name: str) -> httpx.Response:
        asked.append(name)
        both.wait()
        if name == ASSETS[0].name:
            return refused(429, Retry_After="300")
        assert limited.wait(WAIT)
        return refused(403, 1202)

    transport = httpx.MockTransport(lambda request: answer(json.loads(request.content)["name"]))
    client = CloudflareClient("token", "zone", "0" * 32, transport=transport, report=lambda _: limited.set())
    client.at_once = 2
    with pytest.raises(CallFailed) as caught:
        register(client, ASSETS, lambda path: f"https://errors.example.com/{path}", lambda _: None)
    assert caught.value.codes == (1202,)
    assert "let it read https://errors.example.com/pages/401.html without a challenge" in str(caught.value.hint)
    assert sorted(asked) == [asset.name for asset in ASSETS[:2]]


def test_ctrl_c_starts_no_more_and_is_passed_on() -> None:
    asked: list[str] = []

    def answer(name: str) -> httpx.Response:
        asked.append(name)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        register(client_of(answer, 2), ASSETS, str, lambda _: None)
    assert len(asked) <= 2
