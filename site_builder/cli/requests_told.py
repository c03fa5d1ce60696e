"""Every request over the network as a line on standard error, for ``--verbose``: method, address, status, milliseconds.

Hosts and edges are reached through httpx and botocore, which log when they ask and what is answered. No header and no
body is printed of it, and so no secret.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from .saying import say

BEGINNINGS = {
    "httpcore.connection": "connect_tcp.started",
    "httpcore.http11": "send_request_headers.started",
    "botocore.endpoint": "Sending http request",
}
"""What is logged, and by whom, in the thread that asks, where a request begins."""

LOGGERS = {"httpx": logging.INFO, "urllib3.connectionpool": logging.DEBUG, **dict.fromkeys(BEGINNINGS, logging.DEBUG)}
"""Who logs requests, at which level. The first two say what was answered: urllib3 is what botocore asks through."""


class RequestLines(logging.Handler):
    """Prints requests once they are answered. ``now`` counts seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._of_thread = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Print one request, or note that one begins; whatever else is logged is left out."""
        begun = getattr(self._of_thread, "begun", None)
        beginning = BEGINNINGS.get(record.name)
        if beginning and str(record.msg).startswith(beginning):
            if begun is None or record.name == "httpcore.connection":  # the connection is part of what it takes
                self._of_thread.begun = self._now()
        elif answered := _answered(record):
            took = "" if begun is None else f" in {(self._now() - begun) * 1000:.0f} ms"
            self._of_thread.begun = None
            say(f"  {answered}{took}", err=True)

    def begin(self) -> None:
        """Print requests from now on."""
        for name, level in LOGGERS.items():
            logger = logging.getLogger(name)
            logger.addHandler(self)
            logger.setLevel(level)

    def end(self) -> None:
        """Print no more of them."""
        for name in LOGGERS:
            logger = logging.getLogger(name)
            logger.removeHandler(self)
            logger.setLevel(logging.NOTSET)


def _answered(record: logging.LogRecord) -> str:
    """``GET https://api.cloudflare.com/client/v4/… 200`` for an answered request; empty for whatever else is logged."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    if record.name == "httpx" and len(arguments) == 5:
        method, url, _, status, _ = arguments
        return f"{method} {_without_user(str(url))} {status}"
    if record.name == "urllib3.connectionpool" and len(arguments) == 8:
        scheme, host, port, method, path, _, status, _ = arguments
        return f"{method} {scheme}://{host}{f':{port}' if port else ''}{path} {status}"
    return ""


def _without_user(url: str) -> str:
    """An address without the name and the password that it may begin with."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
