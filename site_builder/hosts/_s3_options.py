"""The table of an S3 host in errgen.toml."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ..validation import Table, WebAddress
from ._host import KEEP

_A_YEAR = 31_536_000


def _bucket(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}", value):
        raise ValueError("is not a bucket's name: it is written without s3://, slashes and blanks")
    return value


def _prefix(value: str) -> str:
    trimmed = value.strip("/")
    if trimmed and not all(re.fullmatch(r"(?!\.{1,2}$)[A-Za-z0-9._~-]+", part) for part in trimmed.split("/")):
        raise ValueError("is not a prefix like errors or shop/errors: letters, digits and . _ ~ - between slashes")
    return trimmed


class Options(Table):
    """``public_url`` is where ``<prefix>/`` itself is served. Credentials are never here.

    ``checksums`` auto sends what boto3 sends to Amazon, and only what is required elsewhere; ``addressing`` auto puts
    the bucket in the path for services that are not Amazon's. ``cache_seconds`` is how long pages may be cached.
    """

    kind: Literal["s3"]
    bucket: Annotated[str, AfterValidator(_bucket)]
    prefix: Annotated[str, AfterValidator(_prefix)] = ""
    public_url: WebAddress
    region: str | None = Field(None, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", examples=["eu-central-1"])
    endpoint_url: WebAddress | None = None
    profile: str | None = Field(None, min_length=1)
    checksums: Literal["auto", "on", "off"] = "auto"
    addressing: Literal["auto", "path", "virtual"] = "auto"
    concurrency: int = Field(32, ge=1, le=64)
    cache_seconds: int = Field(_A_YEAR, ge=0, le=_A_YEAR)
    keep: int = Field(KEEP, ge=1)
