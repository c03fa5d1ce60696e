"""An ASGI application on a loopback address, run in a thread, for the emulator, the preview and a rehearsal."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"


def listen(port: int, *, else_next: bool = False) -> socket.socket:
    """A listening socket on 127.0.0.1. Port 0 takes any free one; ``else_next`` tries the 20 ports after ``port`` too.

    Raises UsageError where the port is taken.
    """
    candidates = range(port, min(port + 20, 65535) + 1) if else_next and port else [port]
    for candidate in candidates:
        # The protocol is named because asyncio switches Nagle's delays off only on sockets that name it.
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((LOOPBACK, candidate))
        except OSError:
            server.close()
            continue
        server.listen(128)
        return server
    raise UsageError(f"port {port} on {LOOPBACK} is in use", hint="choose another with --port, or --port 0 for any")


def base_url(server: socket.socket) -> str:
    """The address a client uses to reach a socket made by ``listen``."""
    return f"http://{LOOPBACK}:{server.getsockname()[1]}"


def _uvicorn(app: ASGIApp) -> Any:
    import uvicorn

    config = uvicorn.Config(
        app, log_config=None, log_level="critical", lifespan="off", ws="none", server_header=False, date_header=True
    )
    return uvicorn.Server(config)


@contextmanager
def running(app: ASGIApp, port: int = 0, *, sock: socket.socket | None = None) -> Iterator[str]:
    """Serve ``app`` from a thread while the block runs; gives the base URL, ``http://127.0.0.1:PORT``."""
    listener = sock or listen(port)
    server = _uvicorn(app)
    server.install_signal_handlers = lambda: None  # Ctrl-C belongs to the main thread
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="errgen-server")
    thread.start()
    try:
        yield base_url(listener)
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(timeout=10)
        listener.close()


def serve(app: ASGIApp, sock: socket.socket) -> None:
    """Serve ``app`` on ``sock`` until Ctrl-C, which ends it quietly."""
    server = _uvicorn(app)
    try:
        server.run(sockets=[sock])
    except KeyboardInterrupt:
        pass
    finally:
        sock.close()
