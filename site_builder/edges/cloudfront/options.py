"""A CloudFront edge in errgen.toml: the distribution, and where in it the pages are."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ...object_keys import OBJECTS
from ...validation import Table

_A_YEAR = 31_536_000
_LONGEST_PATTERN = 255
_PATTERN_END = len(f"/{OBJECTS}*")


def _path(value: str) -> str:
    path = value.rstrip("/")
    if path and not re.fullmatch(r"(/(?!\.{1,2}(/|$))[A-Za-z0-9._~-]+)+", path):
        raise ValueError(
            "is not a path like /errgen: it starts with /, then letters, digits and . _ ~ - between slashes"
        )
    if len(path) > _LONGEST_PATTERN - _PATTERN_END:
        raise ValueError(f"is longer than {_LONGEST_PATTERN - _PATTERN_END} characters, more than a behavior can match")
    return path


Path = Annotated[str, AfterValidator(_path)]


class Options(Table):
    """``[[site.NAME.edge]]`` with ``kind = "cloudfront"``.

    ``path`` is where the distribution serves the host's ``prefix``, and ``origin_path`` the OriginPath of the origin
    called ``origin``: CloudFront asks the bucket for OriginPath + path, so that both together are the prefix. With
    ``prefix = "errgen"`` the defaults fit. ``caching_seconds`` is ErrorCachingMinTTL, which is always set: AWS's own
    documents give 10 and 300 seconds as its default. ``bucket``, ``aws_account`` and ``distribution`` complete the
    bucket's policy.
    """

    kind: Literal["cloudfront"]
    distribution: str | None = Field(None, pattern=r"^[A-Z0-9]{8,32}$")
    path: Path = "/errgen"
    caching_seconds: int = Field(10, ge=0, le=_A_YEAR)
    origin: str | None = Field(None, pattern=r"^[A-Za-z0-9._/:-]{1,128}$")
    origin_path: Path = ""
    bucket: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    aws_account: str | None = Field(None, pattern=r"^[0-9]{12}$")
