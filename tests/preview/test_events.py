from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from site_builder.preview.events import MOST_WAITING, Events

SECONDS = 30  # a limit for broken events, never reached by working ones


def stream(events: Events, site: str = "default", gone: list[str] | None = None) -> AsyncGenerator[bytes, None]:
    left = gone if gone is not None else []
    return events.stream(site, lambda: [("hello", {"version": 1})], lambda: left.append(site))


async def following(one: AsyncGenerator[bytes, None]) -> bytes:
    return await asyncio.wait_for(anext(one), SECONDS)


def test_a_client_is_greeted_and_then_told_what_happens_at_its_site() -> None:
    async def talk() -> None:
        events = Events()
        async with aclosing(stream(events)) as mine, aclosing(stream(events, "other")) as other:
            assert await following(mine) == b'event: hello\ndata: {"version": 1}\n\n'
            assert await following(other) == b'event: hello\ndata: {"version": 1}\n\n'
            await asyncio.to_thread(events.tell, "other", "mended", {})
            await asyncio.to_thread(events.tell, "default", "problem", {"where": "Söhne\n"})
            assert await following(mine) == 'event: problem\ndata: {"where": "Söhne\\n"}\n\n'.encode()
            assert await following(other) == b"event: mended\ndata: {}\n\n"
            events.tell(None, "mended", {})
            assert await following(mine) == await following(other) == b"event: mended\ndata: {}\n\n"

    asyncio.run(talk())


def test_nothing_is_missed_between_the_greeting_and_what_follows() -> None:
    async def talk() -> None:
        events = Events()

        def greeting() -> list[tuple[str, dict[str, int]]]:
            events.tell("default", "pages", {"version": 2})
            return [("hello", {"version": 1})]

        async with aclosing(events.stream("default", greeting, lambda: None)) as one:
            assert b"hello" in await following(one)
            assert b'"version": 2' in await following(one)

    asyncio.run(talk())


def test_a_quiet_connection_carries_comments() -> None:
    async def talk() -> None:
        async with aclosing(stream(Events(beat_seconds=0.0))) as one:
            assert b"hello" in await following(one)
            assert await following(one) == b": still here\n\n"
            assert await following(one) == b": still here\n\n"

    asyncio.run(talk())


def test_one_that_leaves_is_told_nothing_more() -> None:
    async def talk() -> None:
        events, gone = Events(), list[str]()
        async with aclosing(stream(events, gone=gone)) as one:
            assert b"hello" in await following(one)
        assert gone == ["default"]
        events.tell("default", "mended", {})

    asyncio.run(talk())


def test_one_whose_server_has_stopped_hinders_nobody() -> None:
    events = Events()
    one = stream(events)

    async def talk() -> None:
        assert b"hello" in await following(one)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(talk())
    loop.close()
    events.tell("default", "mended", {})


def test_a_client_that_does_not_read_is_let_go_of() -> None:
    async def talk() -> None:
        events = Events()
        gone: list[str] = []
        async with aclosing(stream(events, gone=gone)) as one:
            assert b"hello" in await following(one)
            for number in range(MOST_WAITING + 5):
                events.tell("default", "pages", {"version": number})
            await asyncio.sleep(0)
            told = [message async for message in one]
        assert told == [b'event: pages\ndata: {"version": %d}\n\n' % number for number in range(MOST_WAITING)]
        assert gone == ["default"]

    asyncio.run(talk())
