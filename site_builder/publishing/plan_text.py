"""A plan as plain lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..edges._remote import Change, Limit
from .differences import difference
from .plan import Plan

SIGNS = {"create": "+", "update": "~", "delete": "-"}
MOST_PAGES = 20
"""Pages listed one by one; a plan with more of them gives their number."""


def plan_lines(plan: Plan) -> Iterator[str]:
    """What would change at each target and why, what is left alone, each limit's use, the counts, the checksum."""
    yield f"site {plan.site}, release {plan.release[:12]}"
    for target in dict.fromkeys(change.target for change in plan.changes):
        yield f"{target}:"
        yield from _changes(plan.of(target))
    for foreign in plan.foreign:
        yield f"left alone at {foreign.target}: {foreign.name}"
    for limit in plan.limits:
        yield _limit(limit)
    for finding in plan.findings:
        yield f"{finding.severity}: {f'{finding.where}: ' if finding.where else ''}{finding.message}"
        if finding.hint:
            yield f"hint: {finding.hint}"
    if plan.is_empty:
        yield "nothing to do"
        return
    counts = plan.counts()
    yield f"{counts['create']} to create, {counts['update']} to change, {counts['delete']} to delete"
    yield f"checksum {plan.checksum}"


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    pages = [change for change in changes if change.kind == "page"]
    many = len(pages) > MOST_PAGES
    if many:
        for reason in dict.fromkeys(change.reason for change in pages):
            alike = [change for change in pages if change.reason == reason]
            yield f"  {SIGNS[alike[0].action]} {len(alike)} pages ({reason})"
    for change in changes:
        if change.kind == "page" and many:
            continue
        yield f"  {SIGNS[change.action]} {change.kind} {change.name} ({change.reason})"
        if change.action == "update" and change.kind != "page":
            yield from (f"      {line}" for line in difference(change.before, change.after))


def _limit(limit: Limit) -> str:
    moment = f" ({limit.peak} for a moment)" if limit.peak > limit.used else ""
    return f"{limit.target}: {limit.used} of {limit.limit} {limit.what}{moment}"
