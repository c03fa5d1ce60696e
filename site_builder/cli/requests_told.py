"""Every request over the network as a line on standard error, for ``--verbose``: method, address, status, moment.

Hosts and edges are reached through httpx and botocore, which log what they ask: no header and no body is among it, and
so no secret.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import click

LOGGERS = {"httpx": logging.INFO, "urllib3.connectionpool": logging.DEBUG}
"""Who logs requests, at which level: the first for all but S3 and CloudFront, the second, below botocore, for these."""


class RequestLines(logging.Handler):
    """Prints what those loggers log of requests. ``now`` counts seconds, from its first value on."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._begun = now()

    def emit(self, record: logging.LogRecord) -> None:
        """Print one request; whatever else is logged is left out."""
        if line := _request(record):
            click.echo(f"{(self._now() - self._begun) * 1000:7.0f} ms  {line}", err=True)

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


def _request(record: logging.LogRecord) -> str:
    """``GET https://api.cloudflare.com/client/v4/… 200`` for an answered request; empty for whatever else is logged."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    if record.name == "httpx" and len(arguments) == 5:
        method, url, _, status, _ = arguments
        return f"{method} {_without_user(str(url))} {status}"
    if record.name != "httpx" and len(arguments) == 8:
        scheme, host, port, method, path, _, status, _ = arguments
        return f"{method} {scheme}://{host}{f':{port}' if port else ''}{path} {status}"
    return ""


def _without_user(url: str) -> str:
    """An address without the name and the password that it may begin with."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
