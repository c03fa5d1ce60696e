"""Pages that may get a rule at Cloudflare, and what each is worth to the clients that it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ...manifest import is_catch_all, is_own_page
from ...model import Codes, Format, Rule

Tier = Literal["own", "family", "catch-all"]

WORTH: Mapping[Tier, int] = {"own": 10, "family": 6, "catch-all": 3}
"""What an answer is worth to the client that gets it, by how closely its page fits."""

OTHER_LANGUAGE = 1
"""What an answer is worth whose client would rather have read another language."""

SHARE: Mapping[Format, int] = {"html": 7, "json": 2, "markdown": 1}
"""How many of ten clients want each format."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that may get a rule. ``codes`` are those that it would really be served for; ``page`` names it.

    ``accepted`` are those of them that Accept leads to, for which JSON and Markdown are served together or not at all;
    the others are only for scopes; None are all. ``asset``: it also needs an asset. ``language`` is one of the shares.
    """

    page: str
    format: Format
    tier: Tier
    codes: Codes
    weight: float
    asset: bool = False
    language: str = ""
    accepted: Codes | None = None

    @property
    def paired(self) -> Codes:
        """The codes for which the other machine format has to be served, too."""
        return self.codes if self.accepted is None else self.accepted


def tier_of(rule: Rule) -> Tier:
    """How closely the rule's page fits a code that it stands for."""
    if is_own_page(rule):
        return "own"
    return "catch-all" if is_catch_all(rule) else "family"
