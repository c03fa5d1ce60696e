"""The S3 client: credentials and endpoint from the usual AWS places, and settings that fit small pages.

The rules for endpoints that are not Amazon's come from what their users met: many refuse the checksums that boto3 sends
by default since 1.36, and few serve buckets as host names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..aws_session import open_session, secrets_of
from ..errors import UsageError
from ..validation import web_address
from ._s3_options import Options

if TYPE_CHECKING:
    import boto3
    from types_boto3_s3.client import S3Client


@dataclass(frozen=True, slots=True)
class Connection:
    """A client, shared by threads as boto3 allows, and the values that no message may contain."""

    client: S3Client
    secrets: tuple[str, ...]


def connect(options: Options, environ: Mapping[str, str]) -> Connection:
    """A client, without a request having been made. botocore's errors pass through."""
    session = open_session(environ, profile=options.profile, region=options.region)
    endpoint = options.endpoint_url or _endpoint_of(environ)
    client = _client(session, options, environ, endpoint, foreign=is_foreign(endpoint))
    if not is_foreign(endpoint) and is_foreign(client.meta.endpoint_url):  # the shared configuration file names one
        client = _client(session, options, environ, endpoint, foreign=True)
    return Connection(client, secrets_of(session.get_credentials()))


def is_foreign(endpoint: str | None) -> bool:
    """Whether an endpoint is somebody else's than Amazon's. None stands for Amazon's own."""
    if endpoint is None:
        return False
    host = urlsplit(endpoint).hostname or ""
    return not f".{host}".endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _endpoint_of(environ: Mapping[str, str]) -> str | None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        if value := environ.get(name):
            try:
                return web_address(value)
            except ValueError as error:
                hint = f"set {name} to an address like https://s3.example.com, or unset it"
                raise UsageError(str(error), where=name, hint=hint) from None
    return None


def _attempts(environ: Mapping[str, str]) -> int:
    value = environ.get("AWS_MAX_ATTEMPTS") or "4"
    if not re.fullmatch(r"[1-9][0-9]?", value):
        raise UsageError("is not a number from 1 to 99", where="AWS_MAX_ATTEMPTS", hint="correct it, or unset it")
    return int(value)


def _client(
    session: boto3.Session, options: Options, environ: Mapping[str, str], endpoint: str | None, *, foreign: bool
) -> S3Client:
    from botocore.config import Config

    checksums = "off" if options.checksums == "auto" and foreign else options.checksums
    addressing = "path" if options.addressing == "auto" and foreign else options.addressing
    settings: dict[str, Any] = {
        "retries": {"mode": "standard", "total_max_attempts": _attempts(environ)},
        "connect_timeout": 5,
        "read_timeout": 30,
        "max_pool_connections": options.concurrency,
        "s3": {"addressing_style": addressing},
    }
    if checksums != "auto":
        when = "when_supported" if checksums == "on" else "when_required"
        settings |= {"request_checksum_calculation": when, "response_checksum_validation": when}
    client: S3Client = session.client("s3", endpoint_url=endpoint, config=Config(**settings))
    _send_bodies_at_once(client)
    client.meta.events.register("before-call.s3.HeadBucket", _is_redirected)
    return client


def _is_redirected(context: dict[str, Any], **_: Any) -> None:
    """Keep botocore from looking for a bucket's region behind the answer to just that question, over and over.

    It asks HeadBucket, and nobody else here does, where a redirect names no region; a service that redirects
    everything would be asked some hundred times, until Python's stack is full.
    """
    context.get("s3_redirect", {})["redirected"] = True


def _send_bodies_at_once(client: S3Client) -> None:
    """Do without ``Expect: 100-continue``, which costs every upload a round trip and saves nothing on a few kilobytes.

    The handler's name is botocore's own affair; where it has moved, uploads are slower and otherwise the same.
    """
    try:
        from botocore.handlers import add_expect_header
    except ImportError:
        return
    client.meta.events.unregister("before-call.s3", add_expect_header)
