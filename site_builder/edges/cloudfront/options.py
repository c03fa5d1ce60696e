"""A CloudFront edge in errgen.toml: the distribution, and where in it the pages are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from ...errors import Fault, InvalidInput
from ...object_keys import OBJECTS
from ...validation import HINT, WebAddress
from .._verifiable import Verifiable

BINDABLE = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
"""The values that ErrorCode may have, and with 200 those of ResponseCode (CloudFront Developer Guide, "Create a custom
error page for specific HTTP status codes"). 200 is never written: it would turn an error into a success."""

_A_YEAR = 31_536_000
_BUCKET = r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
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


def _pattern(value: str) -> str:
    if not re.fullmatch(r"/[^\s*<>\"#\\^`{|}\x7f-\U0010ffff]{0,3998}\*?", value):
        raise ValueError(
            "is not a path like /* or /shop/*: it starts with /, is percent-encoded, and ends in * at most"
        )
    return value


def _code(value: int) -> int:
    if value not in BINDABLE:
        raise ValueError(f"is not a code that CloudFront takes an error response for: {', '.join(map(str, BINDABLE))}")
    return value


Path = Annotated[str, AfterValidator(_path)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Code = Annotated[int, AfterValidator(_code)]


class Options(Verifiable):
    """``[[site.NAME.edge]]`` with ``kind = "cloudfront"``.

    ``path`` is where the distribution serves the host's ``prefix``, and ``origin_path`` the OriginPath of the origin
    called ``origin``: CloudFront asks the bucket for OriginPath + path, so that both together are the prefix.
    ``caching_seconds`` is ErrorCachingMinTTL, which is always set: AWS's own documents give 10 and 300 seconds as its
    default. ``bucket``, ``aws_account`` and ``distribution`` complete the bucket's policy. ``path``, ``bucket`` and
    ``profile`` need not be said where the site has an S3 host.

    Publishing changes the error responses of ``distribution``; without one, there are only files. ``replaces`` are the
    codes for which somebody else's error response may become ours, ``url`` is where the distribution answers, if not at
    its own domain name, and ``invalidate`` are paths whose cached answers are dropped after a change. A ``canary``
    is switched before the site's other edges.
    """

    kind: Literal["cloudfront"]
    distribution: str | None = Field(None, pattern=r"^[A-Z0-9]{8,32}$", examples=["EDFDVBD6EXAMPLE"])
    path: Path | None = None
    caching_seconds: int = Field(10, ge=0, le=_A_YEAR)
    origin: str | None = Field(None, pattern=r"^[A-Za-z0-9._/:-]{1,128}$", examples=["errors-bucket"])
    origin_path: Path = ""
    bucket: str | None = Field(None, pattern=_BUCKET, examples=["my-errors"])
    aws_account: str | None = Field(None, pattern=r"^[0-9]{12}$", examples=["123456789012"])
    profile: str | None = Field(None, min_length=1)
    url: WebAddress | None = None
    replaces: list[Code] = Field(default_factory=list, examples=[[403, 404]])
    invalidate: list[Pattern] = Field(default_factory=list, examples=[["/*"]])
    canary: bool = False

    @model_validator(mode="after")
    def _switched(self) -> Options:
        if self.canary and self.distribution is None:
            raise ValueError("is a canary and names no distribution, so that there is nothing to switch")
        return self

    @property
    def pages_path(self) -> str:
        """``path``, or ``/errgen`` where neither this table nor an S3 host says it; no slash at its end."""
        return "/errgen" if self.path is None else self.path


def with_host(options: Options, host: Mapping[str, Any], where: str) -> Options:
    """``options`` with the path, the bucket and the profile that the table of an S3 host says; others change nothing.

    What is wrong with that table itself is for the host to say. Raises InvalidInput where the two contradict each
    other: every error would be answered with the bucket's own 403. So does a distribution without such a host.
    """
    kind = host.get("kind")
    if kind != "s3":
        if options.distribution and isinstance(kind, str):
            message = f"a distribution gets its pages from an S3 host, and the host of this site has kind {kind}"
            raise InvalidInput([Fault(f"{where}.distribution", message)], hint="leave it out to get files only")
        return options
    faults, found = [], {}
    bucket, prefix = host.get("bucket"), _prefix(host.get("prefix", ""))
    if isinstance(bucket, str) and re.fullmatch(_BUCKET, bucket):
        found["bucket"] = bucket
        if options.bucket not in (None, bucket):
            faults.append(Fault(f"{where}.bucket", f"the host keeps the pages in the bucket {bucket}; leave this out"))
    if options.profile is None and isinstance(profile := host.get("profile"), str):
        found["profile"] = profile
    if prefix is not None:
        rest = prefix.removeprefix(options.origin_path)
        found["path"] = rest
        if not f"{prefix}/".startswith(f"{options.origin_path}/"):
            message = f"the host keeps the pages at {prefix or '/'}, which does not begin with this"
            faults.append(Fault(f"{where}.origin_path", message))
        elif options.path not in (None, rest):
            asked = options.origin_path + (options.path or "")
            message = f"the host keeps the pages at {prefix or '/'}, and CloudFront would look at {asked or '/'}"
            faults.append(Fault(f"{where}.path", f"{message}; leave this out, or write {rest or '/'}"))
    if faults:
        raise InvalidInput(faults, hint=HINT)
    return options.model_copy(update=found)


def _prefix(value: object) -> str | None:
    """The prefix of an S3 host as a path, ``/shop/errors``; None where it is not one."""
    try:
        return _path(f"/{value.strip('/')}") if isinstance(value, str) else None
    except ValueError:
        return None
