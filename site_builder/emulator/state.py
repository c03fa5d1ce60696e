"""What the emulated Cloudflare has stored: zones and accounts with assets, rulesets and Error Pages."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from starlette.responses import Response

from ..edges.cloudflare.exchange import Deployment, Headers, Visit
from .envelope import JSON, Incoming
from .rate_limit import RateLimit

Plan = Literal["free", "pro", "business", "enterprise"]
PLANS: tuple[Plan, ...] = ("free", "pro", "business", "enterprise")
QUOTAS: dict[Plan, int] = {"free": 0, "pro": 25, "business": 50, "enterprise": 300}
"""Custom error rules, and as many assets, by plan."""

HEADER_QUOTAS: dict[Plan, int] = {"free": 10, "pro": 25, "business": 50, "enterprise": 300}
"""Response header transform rules by plan (developers.cloudflare.com/rules/transform/, availability)."""

CUSTOM_ERRORS = "http_custom_errors"
HEADER_TRANSFORMS = "http_response_headers_transform"
GROUPS = {CUSTOM_ERRORS: "Custom Error Rules", HEADER_TRANSFORMS: "Transform Rules"}
"""The permission group that a phase needs; that of other phases is not emulated."""

PERMISSIONS = frozenset(
    f"{group}:{right}" for group in (*GROUPS.values(), "Custom Pages", "Zone") for right in ("Read", "Edit")
)


@dataclass(frozen=True, slots=True)
class Zone:
    """One domain. ``id`` and ``account_id`` are what API paths carry, ``name`` is the domain."""

    id: str
    name: str
    account_id: str
    plan: Plan = "pro"


@dataclass(frozen=True, slots=True)
class Account:
    """The owner of zones; has assets, rules and Error Pages of its own."""

    id: str
    name: str
    plan: Plan = "enterprise"


@dataclass(slots=True)
class Asset:
    """A stored copy of a fetched page."""

    name: str
    description: str
    url: str
    last_updated: str
    content: bytes = field(repr=False)

    def as_json(self) -> JSON:
        """The asset as the API shows it: no content, the size is that of the stored copy."""
        shown = {name: getattr(self, name) for name in ("name", "description", "url", "last_updated")}
        return {**shown, "size_bytes": len(self.content)}


@dataclass(slots=True)
class Ruleset:
    """All versions of one ruleset, the last one live. Each version is the ruleset as the API shows it."""

    id: str
    phase: str
    versions: list[JSON] = field(default_factory=list)

    @property
    def live(self) -> JSON:
        """The version that applies."""
        return self.versions[-1]


@dataclass(slots=True)
class ErrorPage:
    """A customised Error Page: where it was fetched from, when, and the stored copy."""

    url: str
    created_on: str
    modified_on: str
    content: bytes = field(repr=False)


@dataclass(slots=True)
class Scope:
    """Everything stored for one zone or one account."""

    kind: Literal["zone", "account"]
    id: str
    name: str
    plan: Plan
    assets: dict[str, Asset] = field(default_factory=dict)
    rulesets: dict[str, Ruleset] = field(default_factory=dict)
    error_pages: dict[str, ErrorPage] = field(default_factory=dict)

    @property
    def quota(self) -> int:
        """How many assets the plan allows."""
        return QUOTAS[self.plan]

    def entry_point(self, phase: str) -> Ruleset | None:
        """The phase's ruleset, None before it has been created."""
        return next((ruleset for ruleset in self.rulesets.values() if ruleset.phase == phase), None)

    @property
    def custom_error_rules(self) -> Sequence[JSON]:
        """The live rules of the phase http_custom_errors."""
        return self._live(CUSTOM_ERRORS)

    @property
    def header_rules(self) -> Sequence[JSON]:
        """The live rules of the phase http_response_headers_transform."""
        return self._live(HEADER_TRANSFORMS)

    def _live(self, phase: str) -> Sequence[JSON]:
        ruleset = self.entry_point(phase)
        return ruleset.live["rules"] if ruleset else ()

    def most_rules(self, phase: str) -> int:
        """How many rules of the phase the plan allows."""
        return (QUOTAS if phase == CUSTOM_ERRORS else HEADER_QUOTAS)[self.plan]


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the request log: what was asked, and the status and ``errgen-served-by`` of the answer."""

    incoming: Incoming
    status: int
    served_by: str | None


def _system_clock() -> datetime:
    return datetime.now(UTC)


ORIGIN_HEADERS: Headers = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-origin", "errgen"),
)


class Emulator:
    """The state behind ``create_app``, safe to share between threads: hold ``lock`` to read or write it.

    zones        the zones there are; the first one answers hosts that no zone's name covers
    accounts     their accounts; one that is missing is made, on the best plan of its zones
    token        the API token that is accepted
    withheld     permissions the token lacks, out of ``PERMISSIONS``: ``"Custom Pages:Edit"``
    clock        gives the time, with a time zone
    seed         what ray ids and object ids are counted from; equal seeds give equal ids
    minify       whether fetched pages are stored with white space collapsed, as a stand-in for Cloudflare's minifier
    faults       looks at each request first; a Response it returns is sent instead of handling the request
    rate_limit   counts the API's calls; the one that there is by default refuses none
    log          is told about each request after it has been answered
    """

    def __init__(
        self,
        zones: Iterable[Zone],
        accounts: Iterable[Account] = (),
        *,
        token: str = "emulator-token",  # noqa: S107  a public value for a local server
        withheld: Iterable[str] = (),
        clock: Callable[[], datetime] = _system_clock,
        seed: str = "errgen",
        minify: bool = False,
        client_ip: str = "203.0.113.7",
        region: str = "DE",
        origin_headers: Headers = ORIGIN_HEADERS,
        code_1xxx_covers_52x: bool = False,
        faults: Callable[[Incoming], Response | None] | None = None,
        rate_limit: RateLimit | None = None,
        log: Callable[[Logged], None] | None = None,
    ) -> None:
        self.zones = tuple(zones)
        self.token = token
        self.withheld = set(withheld)
        if unknown := self.withheld - PERMISSIONS:
            raise ValueError(f"no such permission: {', '.join(sorted(unknown))}")
        self.clock = clock
        self.seed = seed
        self.minify = minify
        self.client_ip = client_ip
        self.region = region
        self.origin_headers = origin_headers
        self.code_1xxx_covers_52x = code_1xxx_covers_52x
        self.faults = faults
        self.rate_limit = rate_limit or RateLimit()
        self.log = log
        self.lock = threading.RLock()
        self.started = self.now()
        self._counted: dict[str, int] = {}
        self.scopes: dict[tuple[str, str], Scope] = {}
        for zone in self.zones:
            self.scopes["zone", zone.id] = Scope("zone", zone.id, zone.name, zone.plan)
        for account in (*accounts, *self._implied_accounts()):
            self.scopes.setdefault(("account", account.id), Scope("account", account.id, account.name, account.plan))

    def _implied_accounts(self) -> list[Account]:
        implied: dict[str, Account] = {}
        for zone in sorted(self.zones, key=lambda zone: PLANS.index(zone.plan), reverse=True):
            implied.setdefault(zone.account_id, Account(zone.account_id, f"Account of {zone.name}", zone.plan))
        return list(implied.values())

    def now(self) -> str:
        """The time as the API writes it: RFC 3339 with microseconds."""
        return self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def new_id(self, kind: str, digits: int = 32) -> str:
        """A fresh hexadecimal id, always the same for the same seed and the same number of ids before it."""
        with self.lock:
            count = self._counted[kind] = self._counted.get(kind, 0) + 1
        return hashlib.sha256(f"{self.seed} {kind} {count}".encode()).hexdigest()[:digits]

    def visit(self) -> Visit:
        """What the moment decides about the next visit."""
        return Visit(self.new_id("ray", 16), self.client_ip, self.region, self.clock())

    def zone_of(self, hostname: str) -> Zone | None:
        """The zone that ``hostname`` is in, the most specific first; else the first zone; None where there is none."""
        covering = [zone for zone in self.zones if f".{hostname.lower()}".endswith(f".{zone.name.lower()}")]
        return max(covering, key=lambda zone: len(zone.name)) if covering else next(iter(self.zones), None)

    def deployment(self, zone: Zone) -> Deployment:
        """What is live for a zone and its account, as a value that later calls do not change."""
        with self.lock:
            of_zone, of_account = self.scopes["zone", zone.id], self.scopes["account", zone.account_id]
            return Deployment(
                zone_rules=tuple(of_zone.custom_error_rules),
                account_rules=tuple(of_account.custom_error_rules),
                zone_header_rules=tuple(of_zone.header_rules),
                account_header_rules=tuple(of_account.header_rules),
                zone_assets=_contents(of_zone.assets),
                account_assets=_contents(of_account.assets),
                zone_error_pages=_contents(of_zone.error_pages),
                account_error_pages=_contents(of_account.error_pages),
                zone_name=zone.name,
            )


def _contents(stored: dict[str, Any]) -> dict[str, bytes]:
    return {name: item.content for name, item in stored.items()}
