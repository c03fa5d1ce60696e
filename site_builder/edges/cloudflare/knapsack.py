"""The knapsack over pages: the most that so many rules with so many assets can gain.

A group is a family and the pages of its members. Because families are disjoint, the best k pages of one are easy to
find, and groups combine like a knapsack over k.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TypeAlias

from .candidates import WORTH, Candidate

Best: TypeAlias = dict[tuple[int, int], tuple[int, tuple[str, ...]]]
"""For so many rules with so many assets: the most that they can gain, and the pages that do."""


def whole(weight: float) -> int:
    """Weights as whole numbers, so that equal gains are equal in whatever order they are added."""
    return round(weight * 1_000_000)


@dataclass(slots=True)
class Group:
    """A family, where it has a page, and the candidates for its codes. ``base`` is what a code is worth without them.

    ``others`` is the weight of those of the family's codes that have no candidate, ``unnamed`` that part of it which
    stands for codes without a weight of their own.
    """

    family: Candidate | None
    base: int
    share: int
    members: list[Candidate] = field(default_factory=list)
    others: float = 0.0
    unnamed: float = 0.0

    @property
    def most(self) -> int:
        """How many pages there are to choose from."""
        return len(self.members) + 1

    def best(self, rules: int, assets: int) -> Best:
        """The best choices of up to ``rules`` pages, ``assets`` of them with an asset."""
        found = self._ranked(rules, assets, self.base)
        if self.family is None:
            return found
        weight = whole(self.others) + sum(whole(member.weight) for member in self.members)
        gain = (WORTH["family"] - self.base) * weight * self.share
        used = (1, int(self.family.asset))
        with_family = self._ranked(rules - used[0], assets - used[1], WORTH["family"])
        return joined({used: (gain, (self.family.page,))}, with_family, rules, assets, found)

    def _ranked(self, rules: int, assets: int, worth: int) -> Best:
        """The best choices of members where those without a page are worth ``worth``: the weightiest of each kind."""
        ranked = sorted(self.members, key=lambda member: (-member.weight, member.codes))
        kinds = [[one for one in ranked if one.asset is asset] for asset in (False, True)]
        gains = [[0, *accumulate((WORTH["own"] - worth) * whole(one.weight) * self.share for one in k)] for k in kinds]
        pages = [tuple(one.page for one in kind) for kind in kinds]
        return {
            (plain + stored, stored): (gains[0][plain] + gains[1][stored], pages[0][:plain] + pages[1][:stored])
            for stored in range(min(assets, len(kinds[1])) + 1)
            for plain in range(min(rules - stored, len(kinds[0])) + 1)
        }


@dataclass(slots=True)
class Further:
    """The pages of a further language in HTML, or in both machine formats, with its catch-alls or without.

    ``without`` are the groups where the default language's pages are what is there otherwise; none for machine formats,
    which are served for all codes that the default language serves them for, or for none. ``gain`` is what the
    catch-alls are worth, each code answered by one of them.
    """

    catch_alls: Sequence[Candidate]
    within: Sequence[Group]
    without: Sequence[Group]
    gain: int

    @property
    def most(self) -> int:
        """How many pages there are to choose from."""
        return len(self.catch_alls) + sum(group.most for group in self.within)

    def best(self, rules: int, assets: int) -> Best:
        """The best choices of up to ``rules`` pages, ``assets`` of them with an asset."""
        found = combined(self.without, rules, assets)
        if not self.catch_alls:
            return found
        used = (len(self.catch_alls), sum(one.asset for one in self.catch_alls))
        more = combined(self.within, rules - used[0], assets - used[1])
        return joined({used: (self.gain, tuple(one.page for one in self.catch_alls))}, more, rules, assets, found)


def most(best: Best) -> tuple[tuple[int, int], tuple[str, ...]]:
    """The choice that gains most; of equals the one with the fewest rules, and then the fewest assets."""
    used = max(sorted(best), key=lambda used: best[used][0])
    return used, best[used][1]


def best_of_each(groups: Iterable[Group | Further], rules: int, assets: int) -> tuple[str, ...] | None:
    """The best choice of each group by itself; None where all of them together are more than there is room for."""
    pages: tuple[str, ...] = ()
    for group in groups:
        (more_rules, more_assets), more = most(group.best(group.most, group.most))
        rules, assets, pages = rules - more_rules, assets - more_assets, pages + more
        if rules < 0 or assets < 0:
            return None
    return pages


def combined(groups: Iterable[Group | Further], rules: int, assets: int) -> Best:
    """The best choices of up to ``rules`` pages from all groups, ``assets`` of them with an asset."""
    best: Best = {(0, 0): (0, ())}
    for group in groups:
        best = joined(best, group.best(rules, assets), rules, assets)
    return best


def joined(first: Best, second: Best, rules: int, assets: int, found: Best | None = None) -> Best:
    """The best of ``first`` and ``second`` together within both limits, or of ``found`` where that is better."""
    joined = dict(found or {})
    for (some_rules, some_assets), (some_gain, some_pages) in first.items():
        for (more_rules, more_assets), (more_gain, more_pages) in second.items():
            used = (some_rules + more_rules, some_assets + more_assets)
            gain = some_gain + more_gain
            if used[0] <= rules and used[1] <= assets and (used not in joined or gain > joined[used][0]):
                joined[used] = (gain, some_pages + more_pages)
    return joined
