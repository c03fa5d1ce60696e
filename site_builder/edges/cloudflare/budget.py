"""Which pages get a rule and an asset of their own when a plan does not allow all of them.

Catch-alls come first, so that no code is left out. What remains is divided exactly, not greedily: a family's page can
be worth more than some pages of its members and less than all of them together.

A further language is worth as much as its share of the clients. Without a page in it they get one of the site's default
language, which is worth the same whichever it is: so that languages, too, can be chosen one by one and be combined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ...model import Codes, Format, contains
from .._codes import difference, union
from .candidates import OTHER_LANGUAGE, SHARE, WORTH, Candidate
from .knapsack import Further, Group, best_of_each, combined, joined, most, whole
from .options import Limits


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen pages, and by language the codes for which both machine formats are served."""

    pages: frozenset[str]
    machine_served: Mapping[str, Codes]


def usable_assets(limits: Limits) -> int:
    """How many assets one release may use: half, because the next stands beside it until the rules are switched."""
    return limits.assets // 2


def choose(
    candidates: Sequence[Candidate],
    limits: Limits,
    weights: Mapping[int, float],
    shares: Mapping[str, int] = MappingProxyType({"": 1}),
) -> Choice:
    """The pages that get a rule within ``limits``. ``weights`` are the shares of traffic of single codes.

    ``shares`` are those of languages among the clients; the first is the site's default. Machine formats are only
    served where both have a catch-all: a client would otherwise get the other one. For scopes one of them is enough.
    """
    rules, assets = limits.rules, usable_assets(limits)
    default, *further = shares
    ours = [one for one in candidates if one.language == default]
    chosen: list[Candidate] = []
    for catch_all in _catch_alls(ours, "html"):
        if rules > 0 and assets >= catch_all.asset:
            chosen.append(catch_all)
            rules, assets = rules - 1, assets - catch_all.asset
    pairs = {one.paired: one for one in _catch_alls(ours, "markdown") if one.paired}
    machine_served: Codes = ()
    for catch_all in _catch_alls(ours, "json"):
        if catch_all.paired in pairs and rules > 1:
            chosen += [catch_all, pairs[catch_all.paired]]
            rules -= 2
            machine_served = union(machine_served, catch_all.paired)
    for catch_all in (*_catch_alls(ours, "json"), *_catch_alls(ours, "markdown")):
        if catch_all not in chosen and difference(catch_all.codes, catch_all.paired) and rules > 0:
            chosen.append(catch_all)
            rules -= 1
    html: list[Group | Further] = [*_groups(ours, chosen, ("html",), weights, shares[default])]
    machine: list[Group | Further] = [
        *_groups(ours, chosen, ("json", "markdown"), weights, shares[default], machine_served)
    ]
    for language in further if chosen else ():
        theirs, share = [one for one in candidates if one.language == language], shares[language]
        wide = _catch_alls(theirs, "html")
        within = _groups(theirs, wide, ("html",), weights, share, below=chosen)
        without = _groups(theirs, (), ("html",), weights, share, below=chosen)
        html.append(Further(wide, within, without, _gain(wide, within, weights, share)))
        if wide := _machine_catch_alls(theirs, machine_served):
            groups = _groups(theirs, wide, ("json", "markdown"), weights, share, machine_served)
            machine.append(Further(wide, groups, (), _gain(wide, groups, weights, share)))
    pages = best_of_each([*html, *machine], rules, assets)
    if pages is None:
        _, pages = most(joined(combined(html, rules, assets), combined(machine, rules, 0), rules, assets))
    every = frozenset([*(one.page for one in chosen), *pages])
    served = {
        one.language
        for one in candidates
        if one.page in every
        and one.format == "json"
        and one.tier == "catch-all"
        and one.language != default
        and one.paired
    }
    return Choice(every, {default: machine_served, **dict.fromkeys(sorted(served), machine_served)})


def _gain(catch_alls: Iterable[Candidate], groups: Iterable[Group], weights: Mapping[int, float], share: int) -> int:
    """What the catch-alls of a further language gain over pages in another, where they are all that is served."""
    gain = 0
    for one in catch_alls:
        named = [weight for code, weight in weights.items() if contains(one.codes, code)]
        gain += sum(whole(weight) for weight in (one.weight, *named)) * SHARE[one.format] * share
    gain += sum(whole(group.unnamed) * group.share for group in groups if group.base == WORTH["catch-all"])
    return (WORTH["catch-all"] - OTHER_LANGUAGE) * gain


def _machine_catch_alls(candidates: Iterable[Candidate], machine_served: Codes) -> list[Candidate]:
    """Those of both formats for all of ``machine_served``, and of one for scopes; none where one is missing."""
    found = [one for wanted in ("json", "markdown") for one in _catch_alls(candidates, wanted)]
    found = [one for one in found if not difference(one.paired, machine_served)]
    covered = [union(*(one.paired for one in found if one.format == wanted)) for wanted in ("json", "markdown")]
    return found if covered == [machine_served] * 2 else []


def _catch_alls(candidates: Iterable[Candidate], wanted: Format) -> list[Candidate]:
    """Those of one format, the weightiest first."""
    found = [one for one in candidates if one.format == wanted and one.tier == "catch-all"]
    return sorted(found, key=lambda one: (-one.weight, one.codes))


def _groups(
    candidates: Sequence[Candidate],
    chosen: Iterable[Candidate],
    formats: Sequence[Format],
    weights: Mapping[int, float],
    share: int,
    machine_served: Codes | None = None,
    below: Iterable[Candidate] = (),
) -> list[Group]:
    """The optional pages of ``formats`` by family, those of no family by the catch-all that serves them otherwise.

    ``chosen`` are the catch-alls of their language, ``below`` those of the default language, where that is another.
    """
    groups: list[Group] = []
    for wanted in formats:
        ours = [one for one in candidates if one.format == wanted and one.tier != "catch-all"]
        wide = [one for one in chosen if one.format == wanted]
        if machine_served is not None:
            within = union(machine_served, *(one.codes for one in wide))
            ours = [one for one in ours if not difference(one.codes, within)]
        lower = [one for one in below if one.format == wanted]
        of_code: dict[int, Group] = {}
        loose: dict[int, Group] = {}
        for family in sorted((one for one in ours if one.tier == "family"), key=lambda one: one.codes):
            group = Group(family, _base(family, wide, lower), SHARE[wanted] * share)
            own = {one.codes[0][0] for one in ours if one.tier == "own"}
            codes = [code for low, high in family.codes for code in range(low, high + 1)]
            group.others = sum(weights[code] for code in codes if code in weights and code not in own)
            if any(code not in weights for code in codes):
                group.unnamed = family.weight  # it stands for errors that nobody named
                group.others += group.unnamed
            of_code.update((code, group) for code in codes if code not in of_code)
            groups.append(group)
        for member in sorted((one for one in ours if one.tier == "own"), key=lambda one: one.codes):
            code, base = member.codes[0][0], _base(member, wide, lower)
            group = of_code.get(code) or loose.setdefault(base, Group(None, base, SHARE[wanted] * share))
            group.members.append(member)
        groups += loose.values()
    return groups


def _base(candidate: Candidate, catch_alls: Iterable[Candidate], below: Iterable[Candidate]) -> int:
    """What a code of ``candidate`` is worth without it."""
    code = candidate.codes[0][0]
    if any(contains(one.codes, code) for one in catch_alls):
        return WORTH["catch-all"]
    return OTHER_LANGUAGE if any(contains(one.codes, code) for one in below) else 0
