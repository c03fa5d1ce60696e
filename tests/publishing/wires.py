"""Requests spoilt below the libraries that send them: httpx of any client, and what boto3 sends with."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from .faults import Fault, Words

FaultAt = Callable[[int], Fault | None]


class Numbers:
    """Counts requests from 0, whichever threads send them. ``methods`` are theirs."""

    def __init__(self) -> None:
        self.methods: list[str] = []
        self._lock = threading.Lock()

    def take(self, method: str) -> int:
        """The number of one more request."""
        with self._lock:
            self.methods.append(method)
            return len(self.methods) - 1


@contextmanager
def spoilt_httpx(base_url: str, words: Words, fault_at: FaultAt, numbers: Numbers) -> Iterator[None]:
    """Spoil what any client of httpx asks below ``base_url``."""
    real = httpx.HTTPTransport.handle_request

    def handle(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if not str(request.url).startswith(base_url):
            return real(self, request)

        def send(instead: httpx.Request = request) -> httpx.Response:
            response = real(self, instead)
            response.read()
            return response

        fault = fault_at(numbers.take(request.method))
        return fault.over_httpx(request, send, words) if fault else send()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.HTTPTransport, "handle_request", handle)
        yield


@contextmanager
def spoilt_boto3(words: Words, fault_at: FaultAt, numbers: Numbers) -> Iterator[None]:
    """Spoil what any client of boto3 asks."""
    from botocore.httpsession import URLLib3Session

    real = URLLib3Session.send

    def handle(self: Any, request: Any) -> Any:
        fault = fault_at(numbers.take(request.method))
        return _over_boto3(fault, request, lambda: real(self, request), words) if fault else real(self, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(URLLib3Session, "send", handle)
        yield


def _over_boto3(fault: Fault, request: Any, send: Callable[[], Any], words: Words) -> Any:
    from botocore.awsrequest import AWSResponse
    from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
    from urllib3 import HTTPResponse

    if fault.late:
        _ = send().content
    fault.end_errgen()
    if answer := fault.answer(words):
        body = b"" if request.method == "HEAD" else answer.body
        headers: Any = dict(answer.headers)
        raw = HTTPResponse(io.BytesIO(body), headers=headers, status=answer.status, preload_content=False)
        return AWSResponse(request.url, answer.status, headers, raw)
    failure = {"refused": EndpointConnectionError, "reset": ConnectionClosedError, "hung": ReadTimeoutError}[fault.end]
    raise failure(endpoint_url=request.url, error="spoilt")
