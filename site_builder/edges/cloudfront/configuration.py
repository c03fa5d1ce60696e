"""A distribution's configuration as CloudFront keeps it: read as far as errgen must, and kept whole otherwise.

``DistributionConfig`` of the API 2020-05-31. Only ``CustomErrorResponses`` is ever exchanged, in the bytes that the
service sent: fields that errgen, or the AWS SDK, has never heard of go back as they came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from xml.sax.saxutils import escape

from .document import Element, parse
from .responses import Response

RESPONSES = "CustomErrorResponses"


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """One custom error response. ``path`` and ``status`` are empty where it only says for how long errors are cached.

    ``status`` is a text in this API, ``seconds`` ErrorCachingMinTTL, None where it is not said. ``xml`` is the element
    as it was sent, with all that else is in it.
    """

    code: int
    path: str
    status: str
    seconds: int | None
    xml: bytes = field(compare=False, repr=False)

    @property
    def text(self) -> str:
        """``/404.html with 200, cached for 10 s``, for people."""
        page = f"{self.path} with {self.status}" if self.path else "no page"
        return page + ("" if self.seconds is None else f", cached for {self.seconds} s")


def error_response(wanted: Response) -> ErrorResponse:
    """The custom error response that gives ``wanted``."""
    return made_response(wanted.code, wanted.path, str(wanted.status), wanted.caching_seconds)


def made_response(code: int, path: str, status: str, seconds: int | None) -> ErrorResponse:
    """A custom error response of these fields and nothing else. Absent seconds are left to CloudFront."""
    fields = {"ErrorCode": str(code), "ResponsePagePath": path, "ResponseCode": status}
    if seconds is not None:
        fields["ErrorCachingMinTTL"] = str(seconds)
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return ErrorResponse(code, path, status, seconds, f"<CustomErrorResponse>{inner}</CustomErrorResponse>".encode())


@dataclass(frozen=True, slots=True)
class Origin:
    """Where CloudFront fetches: a bucket's endpoint or a server, and what is put before each path."""

    id: str
    domain: str
    path: str


@dataclass(frozen=True, slots=True)
class Behavior:
    """How CloudFront treats the addresses that ``pattern`` takes; ``*`` is the default behavior."""

    pattern: str
    origin: str
    methods: frozenset[str]

    def takes(self, path: str) -> bool:
        """Whether an address belongs to it. ``*`` and ``?`` are all that patterns know; case counts.

        A pattern may lack its first slash (CloudFront Developer Guide, "Path pattern").
        """
        pattern = self.pattern.replace("[", "[[]")
        return fnmatchcase(path, pattern if pattern.startswith(("/", "*")) else f"/{pattern}")


@dataclass(frozen=True)
class Configuration:
    """``xml`` is the whole document, ``etag`` its version. Raises ValueError for what is none."""

    etag: str
    xml: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self.etag or self._root.name != "DistributionConfig":
            raise ValueError("is not a distribution's configuration")
        for element in self._root.all(RESPONSES, "Items", "CustomErrorResponse"):
            _response(element, self.xml)

    @cached_property
    def _root(self) -> Element:
        return parse(self.xml)

    @cached_property
    def responses(self) -> tuple[ErrorResponse, ...]:
        """The custom error responses, in their order."""
        return tuple(
            _response(element, self.xml) for element in self._root.all(RESPONSES, "Items", "CustomErrorResponse")
        )

    @property
    def origins(self) -> tuple[Origin, ...]:
        """The origins. Groups of origins are not among them."""
        return tuple(
            Origin(one.value("Id"), one.value("DomainName"), one.value("OriginPath"))
            for one in self._root.all("Origins", "Items", "Origin")
        )

    @property
    def behaviors(self) -> tuple[Behavior, ...]:
        """The cache behaviors in the order in which they are tried, the default one last."""
        rows = [(one.value("PathPattern"), one) for one in self._root.all("CacheBehaviors", "Items", "CacheBehavior")]
        rows += [("*", one) for one in self._root.all("DefaultCacheBehavior")]
        return tuple(
            Behavior(
                pattern,
                one.value("TargetOriginId"),
                frozenset(method.text.strip() for method in one.all("AllowedMethods", "Items", "Method")),
            )
            for pattern, one in rows
        )

    @property
    def is_for_tenants(self) -> bool:
        """Whether it is a template of a multi-tenant distribution, which answers at no address of its own."""
        return self._root.value("ConnectionMode") == "tenant-only"

    def behavior_of(self, path: str) -> Behavior | None:
        """The behavior that an address belongs to: the first that takes it."""
        return next((one for one in self.behaviors if one.takes(path)), None)

    def with_responses(self, responses: Iterable[ErrorResponse]) -> bytes:
        """The document with these custom error responses and not one other byte changed."""
        items = [one.xml for one in responses]
        there = self._root.child(RESPONSES)
        others = b"".join(
            self.xml[one.start : one.end]
            for one in (there.children if there else ())
            if one.name not in ("Quantity", "Items")
        )
        listed = b"<Items>" + b"".join(items) + b"</Items>" if items else b""
        new = f"<{RESPONSES}><Quantity>{len(items)}</Quantity>".encode() + listed + others + f"</{RESPONSES}>".encode()
        start, end = (there.start, there.end) if there else (self._root.inner_end, self._root.inner_end)
        return self.xml[:start] + new + self.xml[end:]


def _response(element: Element, xml: bytes) -> ErrorResponse:
    seconds = element.value("ErrorCachingMinTTL")
    return ErrorResponse(
        int(element.value("ErrorCode")),
        element.value("ResponsePagePath"),
        element.value("ResponseCode"),
        int(seconds) if seconds else None,
        xml[element.start : element.end],
    )
