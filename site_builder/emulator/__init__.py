"""A local edge on HTTP that behaves like Cloudflare: its API for custom errors, and what visitors are answered.

``create_app(Emulator(zones=[Zone("z" * 32, "example.com", "a" * 32)]), facts=…)`` is an ASGI application with the API
below ``/client/v4`` and the visitor's side everywhere else. Where Cloudflare's behaviour is unpublished, the docstring
of the function in question says what the emulator does instead.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from ..edges.cloudflare.exchange import Facts
from .api import PREFIX, handle_api
from .envelope import Incoming
from .state import Account, Emulator, Logged, Zone
from .visitors import SERVED_BY_HEADER, handle_visit

__all__ = ["Account", "Emulator", "Incoming", "Logged", "Zone", "create_app"]


def create_app(state: Emulator, *, facts: Facts) -> Starlette:
    """The emulator as an ASGI application over ``state``. ``facts`` gives what the catalog knows about a code.

    Calls of the API are handled in threads, since registering an asset fetches a page, perhaps from this very server.
    Visitors are answered at once: nothing is waited for, and a thread for each would cost more than the answer.
    """

    async def everything(scope: Scope, receive: Receive, send: Send) -> None:
        incoming = await _read(Request(scope, receive))
        if _is_call(incoming):
            response = await run_in_threadpool(_respond, state, incoming, facts)
        else:
            response = _respond(state, incoming, facts)
        await response(scope, receive, send)

    return Starlette(routes=[Mount("/", app=everything)])


async def _read(request: Request) -> Incoming:
    headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in request.headers.raw)
    raw_path = request.scope.get("raw_path", b"").decode("latin-1") or request.url.path
    query = request.url.query
    return Incoming(request.method, raw_path, query, dict(parse_qsl(query)), headers, await request.body())


def _is_call(incoming: Incoming) -> bool:
    """Whether the API is asked, and not the website."""
    return incoming.path.startswith(f"{PREFIX}/")


def _respond(state: Emulator, incoming: Incoming, facts: Facts) -> Response:
    response = state.faults(incoming) if state.faults else None
    if response is None and _is_call(incoming):
        response = handle_api(state, incoming)
    if response is None:
        response = handle_visit(state, incoming, facts)
    if state.log:
        state.log(Logged(incoming, response.status_code, response.headers.get(SERVED_BY_HEADER)))
    return response
