"""A Cloudflare edge in errgen.toml: the zone or account, and how much it may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from ...validation import Table, WebAddress

Plan = Literal["free", "pro", "business", "enterprise"]
DEFAULT_PLAN: Plan = "pro"


class Limits(Table):
    """How many custom error rules and assets the zone or account may hold."""

    rules: int = Field(ge=0)
    assets: int = Field(ge=0)


# developers.cloudflare.com/rules/custom-errors/, availability. Limits of accounts are unpublished.
PLANS: Mapping[Plan, Limits] = {
    "free": Limits(rules=0, assets=0),
    "pro": Limits(rules=25, assets=25),
    "business": Limits(rules=50, assets=50),
    "enterprise": Limits(rules=300, assets=300),
}


class Options(Table):
    """``[[site.NAME.edge]]`` with ``kind = "cloudflare"``.

    ``plan`` says what the zone or account has, ``limits`` how much of it errgen may use. ``delivery`` says where HTML
    is: in assets, in the rules themselves, or in those where it fits and in assets otherwise. ``machine_clients`` says
    who answers clients that want JSON or Markdown about 1xxx and 520 to 526: Cloudflare with its own live documents, or
    errgen's pages. With a ``verify_url``, an address of a site in the zone, publishing asks there for every page that
    is served, and puts the previous rules back where an answer is not as published.
    """

    kind: Literal["cloudflare"]
    zone: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]+$")
    account: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]+$")
    plan: Plan | None = None
    limits: Limits | None = None
    delivery: Literal["assets", "inline", "auto"] = "assets"
    machine_clients: Literal["cloudflare", "errgen"] = "cloudflare"
    verify_url: WebAddress | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Options:
        if (self.zone is None) == (self.account is None):
            raise ValueError('needs a zone or an account, and not both: write zone = "…" with the zone\'s id')
        if self.plan is not None and self.limits is not None:
            there = PLANS[self.plan]
            if self.limits.rules > there.rules or self.limits.assets > there.assets:
                raise ValueError(
                    f"has limits above the {self.plan} plan's {there.rules} rules and {there.assets} assets; "
                    "lower them, or remove the plan"
                )
        return self

    @property
    def quota(self) -> Limits:
        """How much errgen may use: all that the plan has, or less where ``limits`` leave room for others."""
        return self.limits or PLANS[self.plan or DEFAULT_PLAN]

    @property
    def room(self) -> Limits | None:
        """How much there is for errgen and others together; None where only errgen's own limits are known."""
        return None if self.limits and self.plan is None else PLANS[self.plan or DEFAULT_PLAN]

    @property
    def plan_name(self) -> str:
        """The plan for reports; ``own limits`` where the table gives numbers instead."""
        return self.plan or ("own limits" if self.limits else DEFAULT_PLAN)
