"""Which pages get a rule and an asset of their own when a plan does not allow all of them.

Catch-alls come first, so that no code is left out. What remains is divided exactly, not greedily: a family's page can
be worth more than some pages of its members and less than all of them together. Because families are disjoint, the
best k pages of one family are easy to find, and families combine like a knapsack over k.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal, TypeAlias

from ...manifest import is_catch_all, is_own_page
from ...model import Codes, Format, Rule, contains
from .._codes import union
from .options import Limits

Tier = Literal["own", "family", "catch-all"]

WORTH: Mapping[Tier, int] = {"own": 10, "family": 6, "catch-all": 3}
"""What an answer is worth to the client that gets it, by how closely its page fits."""

SHARE: Mapping[Format, int] = {"html": 7, "json": 2, "markdown": 1}
"""How many of ten clients want each format."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that may get a rule. ``codes`` are those that it would really be served for; ``page`` names it.

    ``asset``: it also needs an asset.
    """

    page: str
    format: Format
    tier: Tier
    codes: Codes
    weight: float
    asset: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen pages, and the codes for which both machine formats are served."""

    pages: frozenset[str]
    machine_served: Codes


_Best: TypeAlias = dict[tuple[int, int], tuple[int, tuple[str, ...]]]
"""For so many rules with so many assets: the most that they can gain, and the pages that do."""


def _whole(weight: float) -> int:
    """Weights as whole numbers, so that equal gains are equal in whatever order they are added."""
    return round(weight * 1_000_000)


@dataclass(slots=True)
class _Group:
    """A family, where it has a page, and the candidates for its codes. ``base`` is what a code is worth without them.

    ``others`` is the weight of those of the family's codes that have no candidate.
    """

    family: Candidate | None
    base: int
    share: int
    members: list[Candidate] = field(default_factory=list)
    others: float = 0.0

    def best(self, rules: int, assets: int) -> _Best:
        """The best choices of up to ``rules`` pages, ``assets`` of them with an asset."""
        found = self._ranked(rules, assets, self.base)
        if self.family is None:
            return found
        weight = _whole(self.others) + sum(_whole(member.weight) for member in self.members)
        gain = (WORTH["family"] - self.base) * weight * self.share
        used = (1, int(self.family.asset))
        with_family = self._ranked(rules - used[0], assets - used[1], WORTH["family"])
        return _joined({used: (gain, (self.family.page,))}, with_family, rules, assets, found)

    def _ranked(self, rules: int, assets: int, worth: int) -> _Best:
        """The best choices of members where those without a page are worth ``worth``: the weightiest of each kind."""
        ranked = sorted(self.members, key=lambda member: (-member.weight, member.codes))
        kinds = [[one for one in ranked if one.asset is asset] for asset in (False, True)]
        gains = [[0, *accumulate((WORTH["own"] - worth) * _whole(one.weight) * self.share for one in k)] for k in kinds]
        pages = [tuple(one.page for one in kind) for kind in kinds]
        return {
            (plain + stored, stored): (gains[0][plain] + gains[1][stored], pages[0][:plain] + pages[1][:stored])
            for stored in range(min(assets, len(kinds[1])) + 1)
            for plain in range(min(rules - stored, len(kinds[0])) + 1)
        }


def tier_of(rule: Rule) -> Tier:
    """How closely the rule's page fits a code that it stands for."""
    if is_own_page(rule):
        return "own"
    return "catch-all" if is_catch_all(rule) else "family"


def usable_assets(limits: Limits) -> int:
    """How many assets one release may use: half, because the next stands beside it until the rules are switched."""
    return limits.assets // 2


def choose(candidates: Sequence[Candidate], limits: Limits, weights: Mapping[int, float]) -> Choice:
    """The pages that get a rule within ``limits``. ``weights`` are the shares of traffic of single codes.

    Machine formats are only served where both have a catch-all: a client would otherwise get the other one.
    """
    rules, assets = limits.rules, usable_assets(limits)
    chosen: list[Candidate] = []
    for catch_all in _catch_alls(candidates, "html"):
        if rules > 0 and assets >= catch_all.asset:
            chosen.append(catch_all)
            rules, assets = rules - 1, assets - catch_all.asset
    pairs = {one.codes: one for one in _catch_alls(candidates, "markdown")}
    machine_served: Codes = ()
    for catch_all in _catch_alls(candidates, "json"):
        if catch_all.codes in pairs and rules > 1:
            chosen += [catch_all, pairs[catch_all.codes]]
            rules -= 2
            machine_served = union(machine_served, catch_all.codes)
    html = _groups(candidates, chosen, ("html",), weights)
    machine = _groups(candidates, chosen, ("json", "markdown"), weights, machine_served)
    pages = _best_of_each([*html, *machine], rules, assets)
    if pages is None:
        _, pages = _most(_joined(_combined(html, rules, assets), _combined(machine, rules, 0), rules, assets))
    return Choice(frozenset([*(one.page for one in chosen), *pages]), machine_served)


def _catch_alls(candidates: Iterable[Candidate], wanted: Format) -> list[Candidate]:
    """Those of one format, the weightiest first."""
    found = [one for one in candidates if one.format == wanted and one.tier == "catch-all"]
    return sorted(found, key=lambda one: (-one.weight, one.codes))


def _groups(
    candidates: Sequence[Candidate],
    chosen: Sequence[Candidate],
    formats: Sequence[Format],
    weights: Mapping[int, float],
    within: Codes | None = None,
) -> list[_Group]:
    """The optional pages of ``formats`` by family, those of no family by the catch-all that serves them otherwise."""
    groups: list[_Group] = []
    for wanted in formats:
        ours = [one for one in candidates if one.format == wanted and one.tier != "catch-all"]
        if within is not None:
            ours = [
                one for one in ours if all(contains(within, low) and contains(within, high) for low, high in one.codes)
            ]
        wide = [one for one in chosen if one.format == wanted]
        of_code: dict[int, _Group] = {}
        loose: dict[int, _Group] = {}
        for family in sorted((one for one in ours if one.tier == "family"), key=lambda one: one.codes):
            group = _Group(family, _base(family, wide), SHARE[wanted])
            own = {one.codes[0][0] for one in ours if one.tier == "own"}
            codes = [code for low, high in family.codes for code in range(low, high + 1)]
            group.others = sum(weights[code] for code in codes if code in weights and code not in own)
            if any(code not in weights for code in codes):
                group.others += family.weight  # it stands for errors that nobody named
            of_code.update((code, group) for code in codes if code not in of_code)
            groups.append(group)
        for member in sorted((one for one in ours if one.tier == "own"), key=lambda one: one.codes):
            code, base = member.codes[0][0], _base(member, wide)
            group = of_code.get(code) or loose.setdefault(base, _Group(None, base, SHARE[wanted]))
            group.members.append(member)
        groups += loose.values()
    return groups


def _base(candidate: Candidate, catch_alls: Iterable[Candidate]) -> int:
    covered = any(contains(one.codes, candidate.codes[0][0]) for one in catch_alls)
    return WORTH["catch-all"] if covered else 0


def _most(best: _Best) -> tuple[tuple[int, int], tuple[str, ...]]:
    """The choice that gains most; of equals the one with the fewest rules, and then the fewest assets."""
    used = max(sorted(best), key=lambda used: best[used][0])
    return used, best[used][1]


def _best_of_each(groups: Iterable[_Group], rules: int, assets: int) -> tuple[str, ...] | None:
    """The best choice of each group by itself; None where all of them together are more than there is room for."""
    pages: tuple[str, ...] = ()
    for group in groups:
        everything = len(group.members) + 1
        (more_rules, more_assets), more = _most(group.best(everything, everything))
        rules, assets, pages = rules - more_rules, assets - more_assets, pages + more
        if rules < 0 or assets < 0:
            return None
    return pages


def _combined(groups: Iterable[_Group], rules: int, assets: int) -> _Best:
    """The best choices of up to ``rules`` pages from all groups, ``assets`` of them with an asset."""
    best: _Best = {(0, 0): (0, ())}
    for group in groups:
        best = _joined(best, group.best(rules, assets), rules, assets)
    return best


def _joined(first: _Best, second: _Best, rules: int, assets: int, found: _Best | None = None) -> _Best:
    """The best of ``first`` and ``second`` together within both limits, or of ``found`` where that is better."""
    joined = dict(found or {})
    for (some_rules, some_assets), (some_gain, some_pages) in first.items():
        for (more_rules, more_assets), (more_gain, more_pages) in second.items():
            used = (some_rules + more_rules, some_assets + more_assets)
            gain = some_gain + more_gain
            if used[0] <= rules and used[1] <= assets and (used not in joined or gain > joined[used][0]):
                joined[used] = (gain, some_pages + more_pages)
    return joined
