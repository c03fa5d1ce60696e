"""One failing exchange at Cloudflare's edge: the request, the failure, what is deployed, the visit, and the answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Literal
from urllib.parse import parse_qsl

from ...model import Entry

Facts = Callable[[int], Entry | None]
"""What is known about a code, as the catalog has it; None for a code that it does not have."""

Headers = tuple[tuple[str, str], ...]
"""Header lines in order, as they go on the wire; names in any case."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a visitor asked. ``headers`` maps lower-case names to one value a line; ``query`` is without its ``?``."""

    method: str = "GET"
    host: str = "example.com"
    path: str = "/"
    query: str = ""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ssl: bool = True

    def header(self, name: str) -> str:
        """All lines of one header, joined as HTTP allows; empty where the header is not set."""
        return ", ".join(self.headers.get(name, ()))

    @property
    def hostname(self) -> str:
        """The host without its port."""
        return self.host.rpartition(":")[0] if self.host.rpartition(":")[2].isdigit() else self.host


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong before any customisation.

    ``status`` is the HTTP status; ``code_1xxx`` is 0 unless Cloudflare made a 1xxx error. ``headers`` and ``body`` are
    the origin's answer, or, of an error that the edge made, the headers that some product had already set (a rate
    limiting rule its Retry-After). ``error_type`` replaces the derived ``cf.response.error_type``.
    """

    status: int
    code_1xxx: int = 0
    made_by: Literal["edge", "origin"] = "edge"
    headers: Headers = ()
    body: bytes = b""
    error_type: str | None = None

    @property
    def code(self) -> int:
        """The code people know the failure by: the 1xxx code where there is one, the status otherwise."""
        return self.code_1xxx or self.status

    @property
    def type(self) -> str:
        """``cf.response.error_type``: empty for what the origin made."""
        if self.error_type is not None:
            return self.error_type
        if self.made_by == "origin":
            return ""
        if self.code_1xxx:
            return "1xxx"
        return "5xx" if self.status >= 500 else ""


Rules = Sequence[Mapping[str, Any]]
"""Rules of one phase, as the Rulesets API has them, in order."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What Cloudflare has stored for a zone and for the account it is in.

    Rules are of the phase http_custom_errors, header rules of http_response_headers_transform. Assets are mapped by
    name, Error Pages by identifier (``500_errors``). ``zone_name`` is ``cf.zone.name``.
    """

    zone_rules: Rules = ()
    account_rules: Rules = ()
    zone_header_rules: Rules = ()
    account_header_rules: Rules = ()
    zone_assets: Mapping[str, bytes] = field(default_factory=dict)
    account_assets: Mapping[str, bytes] = field(default_factory=dict)
    zone_error_pages: Mapping[str, bytes] = field(default_factory=dict)
    account_error_pages: Mapping[str, bytes] = field(default_factory=dict)
    zone_name: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """What only the moment decides.

    ``ray_id`` is 16 hex digits, ``region`` a two-letter country code, ``now`` has a time zone.
    """

    ray_id: str
    client_ip: str
    region: str
    now: datetime

    def fill_in(self, content: bytes) -> bytes:
        """``content`` with the three tokens that Cloudflare replaces in assets, inline content and Error Pages."""
        for token, value in (("RAY_ID", self.ray_id), ("CLIENT_IP", self.client_ip), ("GEO", self.region)):
            content = content.replace(f"::{token}::".encode(), value.encode())
        return content


@dataclass(frozen=True, slots=True)
class Answer:
    """What the visitor gets. ``headers`` has no Content-Length: whoever sends ``body`` sets it.

    ``served_by`` is ``zone rule REF``, ``account rule REF``, ``zone Error Page ID``, ``account Error Page ID``,
    ``Cloudflare`` or ``origin``.
    """

    status: int
    headers: Headers
    body: bytes = field(repr=False)
    served_by: str

    def header(self, name: str) -> str | None:
        """The first value of one header, None where it is not set."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def without(headers: Iterable[tuple[str, str]], *names: str) -> Headers:
    """``headers`` without those called ``names`` (lower case)."""
    return tuple((name, value) for name, value in headers if name.lower() not in names)


def _arrays(headers: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    arrays: dict[str, list[str]] = {}
    for name, value in headers:
        arrays.setdefault(name.lower(), []).append(value)
    return arrays


def expression_values(
    request: Request,
    failure: Failure,
    response: Answer,
    deployment: Deployment,
    visit: Visit,
    *,
    code_1xxx_covers_52x: bool = False,
) -> dict[str, Any]:
    """The fields of the Rules language that custom error rules and response header transform rules can read.

    ``response`` is what would be sent if no rule matched. Cloudflare's field page says that ``cf.response.1xxx_code``
    holds 1xxx codes only, its example page that it also holds 52x; ``code_1xxx_covers_52x`` chooses the second.
    """
    code_1xxx = failure.code_1xxx
    if code_1xxx_covers_52x and failure.made_by == "edge" and not code_1xxx and 520 <= failure.status <= 529:
        code_1xxx = failure.status
    uri = f"{request.path}?{request.query}" if request.query else request.path
    full_uri = f"{'https' if request.ssl else 'http'}://{request.host}{uri}"
    arguments = parse_qsl(request.query, keep_blank_values=True)
    request_headers = {name: list(lines) for name, lines in request.headers.items()}
    response_headers = _arrays(response.headers)
    return {
        "cf.ray_id": visit.ray_id,
        "cf.response.1xxx_code": code_1xxx,
        "cf.response.error_type": failure.type,
        "cf.zone.name": deployment.zone_name or request.hostname,
        "http.cookie": request.header("cookie"),
        "http.host": request.host,
        "http.referer": request.header("referer"),
        "http.request.full_uri": full_uri,
        "http.request.headers": request_headers,
        "http.request.headers.names": list(request_headers),
        "http.request.headers.values": [line for lines in request_headers.values() for line in lines],
        "http.request.method": request.method,
        "http.request.uri": uri,
        "http.request.uri.args": {name: [v for n, v in arguments if n == name] for name, _ in arguments},
        "http.request.uri.args.names": [name for name, _ in arguments],
        "http.request.uri.args.values": [value for _, value in arguments],
        "http.request.uri.path": request.path,
        "http.request.uri.path.extension": PurePosixPath(request.path).suffix[1:].lower(),
        "http.request.uri.query": request.query,
        "http.response.code": failure.status,
        "http.response.content_type.media_type": (response.header("content-type") or "").split(";")[0].strip().lower(),
        "http.response.headers": response_headers,
        "http.response.headers.names": list(response_headers),
        "http.response.headers.values": [line for lines in response_headers.values() for line in lines],
        "http.user_agent": request.header("user-agent"),
        "http.x_forwarded_for": request.header("x-forwarded-for"),
        "ip.geoip.country": visit.region,
        "ip.src": ipaddress.ip_address(visit.client_ip),
        "ip.src.country": visit.region,
        "raw.http.request.full_uri": full_uri,
        "raw.http.request.uri": uri,
        "raw.http.request.uri.path": request.path,
        "raw.http.request.uri.query": request.query,
        "ssl": request.ssl,
    }
