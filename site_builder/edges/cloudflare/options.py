"""A Cloudflare edge in errgen.toml: the zone or account, and how much it may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, PlainValidator, PrivateAttr, model_validator

from ...model import Scope
from ...settings.values import HostPattern, LanguageTag
from ...validation import Table, near_miss, web_address
from .._verifiable import Verifiable
from .traffic import Traffic, read_traffic

Plan = Literal["free", "pro", "business", "enterprise"]
DEFAULT_PLAN: Plan = "pro"


_ID = r"^[A-Za-z0-9_-]+$"


class Limits(Table):
    """How many custom error rules and assets the zone or account may hold, and how many rules for response headers.

    ``header_rules`` of None are as many as the plan has.
    """

    rules: int = Field(ge=0)
    assets: int = Field(ge=0)
    header_rules: int | None = Field(default=None, ge=0)


# developers.cloudflare.com/rules/custom-errors/ and /rules/transform/, availability. Limits of accounts: unpublished.
PLANS: Mapping[Plan, Limits] = {
    "free": Limits(rules=0, assets=0, header_rules=10),
    "pro": Limits(rules=25, assets=25, header_rules=25),
    "business": Limits(rules=50, assets=50, header_rules=50),
    "enterprise": Limits(rules=300, assets=300, header_rules=300),
}


@dataclass(frozen=True, slots=True)
class Pages:
    """Where a site's host serves its pages: at content-addressed keys below ``url``, or else at ``url``/pages."""

    url: str
    by_content: bool


def _zones(value: object) -> object:
    """Ids of zones in a list, or with an address each in a table, as a table; without an address it is empty."""
    if isinstance(value, list):
        again = next((one for number, one in enumerate(value) if one in value[:number]), None)
        if again is not None:
            raise ValueError(f"names {again!r} twice")
        value = dict.fromkeys(map(str, value), "")
    if not isinstance(value, dict) or not value or not all(isinstance(one, str) for one in value.values()):
        raise ValueError('must be a list of zone ids, or a table with an address for each: { "ID" = "https://…" }')
    for zone in value:
        if not re.fullmatch(_ID, zone):
            raise ValueError(f"{zone!r} is not the id of a zone: the 32 hex digits in the overview of the dashboard")
    return {zone: address and web_address(address) for zone, address in value.items()}


def _canary(value: object) -> bool | tuple[str, ...]:
    if isinstance(value, bool):
        return value
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise ValueError("must be true, false, or a list of ids among the zones of this table")


class Options(Verifiable):
    """``[[site.NAME.edge]]`` with ``kind = "cloudflare"``.

    ``plan`` says what the zone or account has, ``limits`` how much of it errgen may use; what they leave out is the
    plan's. ``delivery`` says where HTML
    is: in assets, in the rules themselves, or in those where it fits and in assets otherwise. ``machine_clients`` says
    who answers clients that want JSON or Markdown about 1xxx and 520 to 526: Cloudflare with its own live documents, or
    errgen's pages. With a ``verify_url``, an address of a site in the zone, publishing asks there for every page that
    Cloudflare shows on request, and at the paths of ``probes``; it puts the previous rules back where an answer is not
    as published. ``traffic`` is the path in the project of the file that says how often each code fails.
    ``retry_after`` has the header of that name set to the seconds that a page says, where the answer has none: by rules
    for response headers, for which the token needs Transform Rules: Edit. ``languages`` are those to serve beside the
    site's default language; without it a zone with more room than Pro gets all of them. ``language_shares`` says how
    many of the clients read each, in any unit; given alone it also says which are served.
    ``hosts`` are the only hosts of the zone that its rules are for. A ``canary`` is switched and verified before the
    site's other edges.
    Many ``zones`` of one table are compiled once and get the same rules: a list of ids, or a table that gives each id
    the ``verify_url`` of that zone (empty: it is not asked). ``canary`` may then be a list of some of the ids.
    """

    kind: Literal["cloudflare"]
    zone: str | None = Field(None, pattern=_ID, examples=["023e105f4ecef8ad9ca31a8372d0c353"])
    zones: Annotated[dict[str, str] | None, BeforeValidator(_zones)] = None
    account: str | None = Field(None, pattern=_ID, examples=["023e105f4ecef8ad9ca31a8372d0c353"])
    plan: Plan | None = None
    limits: Limits | None = None
    delivery: Literal["assets", "inline", "auto"] = "assets"
    machine_clients: Literal["cloudflare", "errgen"] = "cloudflare"
    traffic: str | None = Field(None, min_length=1)
    retry_after: bool = False
    languages: list[LanguageTag] | None = Field(None, examples=[["de", "fr"]])
    language_shares: dict[str, Annotated[float, Field(gt=0, le=1_000_000_000, allow_inf_nan=False)]] = Field(
        default_factory=dict, examples=[{"en": 70, "de": 30}]
    )
    hosts: list[HostPattern] = Field(default_factory=list, examples=[["www.example.com"]])
    canary: Annotated[bool | tuple[str, ...], PlainValidator(_canary)] = False
    _pages: Pages | None = PrivateAttr(None)
    _counts: Traffic | None = PrivateAttr(None)

    @model_validator(mode="before")
    @classmethod
    def _with_the_limits_of_its_plan(cls, table: Any) -> Any:
        """What ``limits`` leave out is as much as the plan has, where the table names one."""
        plan, own = (table.get("plan"), table.get("limits")) if isinstance(table, dict) else (None, None)
        there = {str(name): limits for name, limits in PLANS.items()}.get(plan) if isinstance(plan, str) else None
        if there is None or not isinstance(own, dict):
            return table
        return {**table, "limits": {"rules": there.rules, "assets": there.assets, **own}}

    @model_validator(mode="after")
    def _consistent(self) -> Options:
        if [self.zone, self.zones, self.account].count(None) != 2:
            raise ValueError(
                'needs a zone, zones or an account, and only one of these: write zone = "…" with the zone\'s id'
            )
        if self.zones and self.verify_url:
            raise ValueError(
                "has many zones and one verify_url, which is in one of them: give each zone its own address, "
                'zones = { "ID" = "https://www.example.com" }'
            )
        for one in self.canary if isinstance(self.canary, tuple) else ():
            if one not in (self.zones or {}):
                raise ValueError(f"has a canary {one!r} that is none of its zones{near_miss(one, self.zones or ())}")
        if self.languages == [] and self.language_shares:
            raise ValueError(
                "has language_shares, and languages = [] says that only the default language is served: remove one of "
                "the two"
            )
        if self.plan is not None and self.limits is not None:
            there = PLANS[self.plan]
            if self.limits.rules > there.rules or self.limits.assets > there.assets:
                raise ValueError(
                    f"has limits above the {self.plan} plan's {there.rules} rules and {there.assets} assets; "
                    "lower them, or remove the plan"
                )
            if (self.limits.header_rules or 0) > (there.header_rules or 0):
                raise ValueError(
                    f"has limits above the {self.plan} plan's {there.header_rules} rules for response headers; "
                    "lower header_rules, or remove the plan"
                )
        for address in (self.verify_url, *(self.zones or {}).values()) if self.hosts else ():
            asked = urlsplit(address or "").hostname or ""
            if asked and not Scope(tuple(self.hosts), (), "html").contains(asked, "/"):
                raise ValueError(f"has a verify_url at {asked}, which is none of its hosts: {', '.join(self.hosts)}")
        return self

    @property
    def is_asked(self) -> bool:
        """Whether the table says where it can be asked, or one of its zones."""
        return self.verify_url is not None or any((self.zones or {}).values())

    def places(self) -> tuple[Options, ...]:
        """The options of each of ``zones``, as if its table had that one alone; or else these options."""
        if self.zones is None:
            return (self,)
        return tuple(
            self.model_copy(
                update={
                    "zone": zone,
                    "zones": None,
                    "verify_url": address or None,
                    "canary": self.canary is True or (isinstance(self.canary, tuple) and zone in self.canary),
                }
            )
            for zone, address in self.zones.items()
        )

    @property
    def pages(self) -> Pages | None:
        """Where the pages can be fetched, as far as the table of the site's host says."""
        return self._pages

    @property
    def counts(self) -> Traffic | None:
        """How often each code fails, where ``traffic`` says and the project has been read."""
        return self._counts

    @property
    def quota(self) -> Limits:
        """How much errgen may use: all that the plan has, or less where ``limits`` leave room for others."""
        return self.limits or PLANS[self.plan or DEFAULT_PLAN]

    @property
    def header_quota(self) -> int:
        """How many rules for response headers errgen may use."""
        own = self.limits.header_rules if self.limits else None
        return (PLANS[self.plan or DEFAULT_PLAN].header_rules or 0) if own is None else own

    @property
    def room(self) -> Limits | None:
        """How much there is for errgen and others together; None where only errgen's own limits are known."""
        return None if self.limits and self.plan is None else PLANS[self.plan or DEFAULT_PLAN]

    @property
    def plan_name(self) -> str:
        """The plan for reports; ``own limits`` where the table gives numbers instead."""
        return self.plan or ("own limits" if self.limits else DEFAULT_PLAN)


def with_host(options: Options, host: Mapping[str, Any]) -> Options:
    """``options`` that know where the host serves the pages. What is wrong with its table is for the host to say."""
    kind, address = host.get("kind"), host.get("public_url")
    if kind not in ("s3", "directory") or not isinstance(address, str):
        return options
    try:
        url = web_address(address)
    except ValueError:
        return options
    completed = options.model_copy()
    completed._pages = Pages(url, by_content=True) if kind == "s3" else Pages(f"{url}/current", by_content=False)
    return completed


def with_project(options: Options, project: Path, where: str) -> Options:
    """``options`` that know the counts of ``traffic``. Raises InvalidInput and LocalFilesFailed."""
    if options.traffic is None:
        return options
    completed = options.model_copy()
    completed._counts = read_traffic(options.traffic, project, f"{where}.traffic")
    return completed
