from __future__ import annotations

import socket

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from site_builder.certificates import trusted
from site_builder.errors import UsageError
from site_builder.serving import base_url, listen, running


def hello(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


APP = Starlette(routes=[Route("/", hello)])


def test_serves_while_the_block_runs() -> None:
    with running(APP) as url:
        assert httpx.get(url, trust_env=False, verify=trusted()).text == "hello"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False, verify=trusted())


def test_listens_on_this_machine_only() -> None:
    with listen(0) as one:
        assert one.getsockname()[0] == "127.0.0.1"


def test_a_port_in_use_is_named_and_the_next_is_taken_on_request() -> None:
    with listen(0) as one:
        port = one.getsockname()[1]
        with pytest.raises(UsageError, match=f"^port {port} on 127.0.0.1 is in use$"):
            listen(port)
        with listen(port, else_next=True) as another:
            assert base_url(another) != base_url(one)


def test_answers_without_nagles_delay() -> None:
    with listen(0) as one:
        assert one.proto == socket.IPPROTO_TCP, "asyncio sets TCP_NODELAY only on sockets that name the protocol"
