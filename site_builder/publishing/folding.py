"""A plan for people where many edges are alike: what is equal at several of them is said once, of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from ..edges._remote import SWITCHED_OFF, SWITCHED_ON, Change, Limit
from ..model import Finding
from .plan import Foreign, Plan

NAMED = 3
"""So many edges are named one by one; of more the first, and their number."""

Item = TypeVar("Item", Change, Limit, Foreign, Finding)


def folded(plan: Plan) -> Plan:
    """``plan`` with one target in place of those that change alike, and likewise of equal limits and findings.

    Edges whose changes are all equal are one target. It is for reading only: its counts and checksum are not the
    plan's.
    """
    edges = {one.target for one in plan.based_on}
    lists = {target: tuple(replace(one, target="") for one in plan.of(target)) for target in edges}
    fold = _Fold(edges)
    return replace(
        plan,
        changes=fold.all(plan.changes, lambda one: one.target, lambda one, name: replace(one, target=name), lists.get),
        limits=fold.all(plan.limits, lambda one: one.target, lambda one, name: replace(one, target=name)),
        foreign=fold.all(plan.foreign, lambda one: one.target, lambda one, name: replace(one, target=name)),
        findings=fold.findings(plan.findings),
        unsafe=fold.findings(plan.unsafe),
    )


def briefly(plan: Plan) -> Plan:
    """``plan`` with one change in place of all rules of an edge that are only switched on or off. For reading only."""
    numbers = Counter(_alike(one) for one in plan.changes)
    changes = {
        _alike(one): replace(one, kind=str(number), name=f"{one.kind}s", before=None, after=None)
        if one.reason in (SWITCHED_ON, SWITCHED_OFF) and (number := numbers[_alike(one)]) > 1
        else one
        for one in plan.changes
    }
    return replace(plan, changes=tuple(changes.values()))


def _alike(change: Change) -> Hashable:
    """What changes have in common that are told as one; of every other change it is the change itself."""
    is_switched = change.reason in (SWITCHED_ON, SWITCHED_OFF)
    return (change.target, change.kind, change.reason) if is_switched else change


class _Fold:
    """Folds what is said of ``edges``; what is said of others stays as it is."""

    def __init__(self, edges: set[str]) -> None:
        self._edges = edges

    def all(
        self,
        items: Sequence[Item],
        target_of: Callable[[Item], str],
        renamed: Callable[[Item, str], Item],
        alike: Callable[[str], Hashable] | None = None,
    ) -> tuple[Item, ...]:
        """``items`` of which those that are equal but for their targets are one.

        ``alike`` gives what has to be equal, by the target, where that is more than the item.
        """

        def key(item: Item) -> Hashable:
            target = target_of(item)
            return target.partition(" ")[0], alike(target) if alike else renamed(item, "")

        groups: dict[Hashable, list[str]] = {}
        for item in items:
            if target_of(item) in self._edges:
                group = groups.setdefault(key(item), [])
                if target_of(item) not in group:
                    group.append(target_of(item))
        found = []
        for item in items:
            if target_of(item) not in self._edges:
                found.append(item)
            elif (group := groups[key(item)])[0] == target_of(item):
                found.append(renamed(item, together(group)))
        return tuple(found)

    def findings(self, items: Sequence[Finding]) -> tuple[Finding, ...]:
        """As ``all``; a finding may be about no place."""
        return self.all(items, lambda one: one.where or "", lambda one, name: replace(one, where=name))


def together(targets: Iterable[str]) -> str:
    """One name for several targets: ``cloudflare zone a, zone b``, or ``cloudflare zone a and 49 like it``."""
    first, *others = targets
    if len(others) >= NAMED:
        return f"{first} and {len(others)} like it"
    return ", ".join((first, *(one.partition(" ")[2] or one for one in others)))
