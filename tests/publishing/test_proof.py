from __future__ import annotations

import asyncio
import hashlib

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from site_builder.publishing.proof import AT_ONCE, ATTEMPTS, NotReached, NotThere, failures, prover
from site_builder.serving import running

CONTENT = b"a page"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
WAIT = 10  # seconds until a test that hangs fails
ANSWERS_OVER_HTTP = {"/gone": Response("no such page", 404)}
ANSWERS = {
    "/right": httpx.Response(200, content=CONTENT),
    "/gone": httpx.Response(404),
    "/secret": httpx.Response(403),
    "/moved": httpx.Response(301, headers={"location": "/right"}),
    "/broken": httpx.Response(502),
    "/changed": httpx.Response(200, content=b"another"),
}


def network(request: httpx.Request) -> httpx.Response:
    if request.url.path not in ANSWERS:
        raise httpx.ConnectError("refused")
    return ANSWERS[request.url.path]


def wrong(*paths: str) -> tuple[list[tuple[str | None, str]], list[float], list[str]]:
    """Where and what is wrong with the pages at these paths; how long was waited, and what was reported."""
    slept: list[float] = []
    said: list[str] = []
    pages = [(f"http://pages.example{path}", SHA256) for path in paths]
    found = failures(pages, sleep=slept.append, report=said.append, transport=httpx.MockTransport(network))
    return [(one.where, one.message) for one in found], slept, said


def test_everything_that_is_wrong_with_pages() -> None:
    found, slept, said = wrong(*ANSWERS)
    assert found == [
        ("GET http://pages.example/gone", "answered 404"),
        ("GET http://pages.example/secret", "answered 403"),
        ("GET http://pages.example/moved", "answered 301, to /right"),
        ("GET http://pages.example/broken", "answered 502"),
        (
            "GET http://pages.example/changed",
            "answered other bytes than were uploaded: 7 bytes with SHA-256 "
            f"{hashlib.sha256(b'another').hexdigest()[:12]}, expected {SHA256[:12]}",
        ),
    ]
    assert len(slept) == ATTEMPTS - 1
    assert said == [f"proved {number} of 6: http://pages.example{path}" for number, path in enumerate(ANSWERS, start=1)]


def test_pages_that_are_right() -> None:
    assert wrong("/right", "/right")[0] == []


def test_a_host_that_does_not_answer_is_not_asked_for_every_page() -> None:
    with pytest.raises(NotReached) as caught:
        wrong("/right", *(f"/nobody-{number}" for number in range(1000)))
    assert str(caught.value) == "GET http://pages.example/nobody-0: cannot be reached: refused"


def test_pages_are_proved_several_at_a_time_and_told_in_order() -> None:
    together, said = asyncio.Event(), list[str]()
    here = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal here
        here += 1
        if here == AT_ONCE:
            together.set()
        await asyncio.wait_for(together.wait(), WAIT)
        await ANSWERS_OVER_HTTP.get(scope["path"], Response(CONTENT))(scope, receive, send)

    with running(app) as url:
        pages = [(f"{url}/{number}", SHA256) for number in range(2 * AT_ONCE)]
        prove = prover(sleep=lambda _: None, report=said.append)
        prove(pages)
        assert said == [f"proving {number} of {len(pages)}: {page}" for number, (page, _) in enumerate(pages, start=1)]
        with pytest.raises(NotThere) as caught:
            prove([*pages, (f"{url}/gone", SHA256), *pages])
    assert str(caught.value) == f"GET {url}/gone: answered 404"
