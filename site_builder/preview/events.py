"""What a page that is open is told as it happens: server-sent events (HTML, 9.2), from any thread to every client."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

MOST_WAITING = 200
"""Messages that wait for a client that does not read; then it is let go of, comes again, and asks for everything."""
BEAT_SECONDS = 15.0
"""How often a client is sent a comment where there is nothing to tell, so that a broken connection shows."""


@dataclass(frozen=True, slots=True, eq=False)
class _Client:
    site: str
    loop: asyncio.AbstractEventLoop
    waiting: asyncio.Queue[bytes | None]

    def offer(self, message: bytes) -> None:
        """Have it sent; None after the last that there is room for. Called in the client's own loop."""
        waiting = self.waiting.qsize()
        if waiting <= MOST_WAITING:
            self.waiting.put_nowait(message if waiting < MOST_WAITING else None)


class Events:
    """Hands on what happens to the clients of each site."""

    def __init__(self, beat_seconds: float = BEAT_SECONDS) -> None:
        self._beat = beat_seconds
        self._lock = threading.Lock()
        self._clients: set[_Client] = set()

    def tell(self, site: str | None, name: str, data: Mapping[str, Any]) -> None:
        """Send an event to every client of ``site``, of all for None. May be called by any thread."""
        message = _message(name, data)
        with self._lock:
            clients = [one for one in self._clients if site in (None, one.site)]
        for one in clients:
            with suppress(RuntimeError):  # the server has stopped since
                one.loop.call_soon_threadsafe(one.offer, message)

    async def stream(
        self, site: str, greeting: Callable[[], Sequence[tuple[str, Mapping[str, Any]]]], gone: Callable[[], None]
    ) -> AsyncGenerator[bytes, None]:
        """The bytes for one client: ``greeting``, asked when nothing that follows can be missed, then what happens.

        ``gone`` is called when the client has left.
        """
        client = _Client(site, asyncio.get_running_loop(), asyncio.Queue())
        with self._lock:
            self._clients.add(client)
        try:
            for name, data in greeting():
                yield _message(name, data)
            while True:
                try:
                    message = await asyncio.wait_for(client.waiting.get(), self._beat)
                except TimeoutError:
                    message = b": still here\n\n"
                if message is None:
                    return
                yield message
        finally:
            with self._lock:
                self._clients.discard(client)
            gone()


def _message(name: str, data: Mapping[str, Any]) -> bytes:
    """An event whose data is one line of JSON."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
