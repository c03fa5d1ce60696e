"""A plan as plain lines for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..edges._remote import Change, Limit
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
            yield from _difference(change.before, change.after)


def _difference(before: str | None, after: str | None) -> Iterator[str]:
    """The fields that differ where both are JSON objects, the whole texts otherwise."""
    old, new = _object(before), _object(after)
    if old is None or new is None:
        yield f"      {before} -> {after}"
        return
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield f"      {name}: {_shown(old, name)}"
            yield f"      {' ' * len(name)}→ {_shown(new, name)}"


def _object(text: str | None) -> dict[str, object] | None:
    try:
        value = json.loads(text or "")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _shown(value: dict[str, object], name: str) -> str:
    return json.dumps(value[name], ensure_ascii=False, sort_keys=True) if name in value else "(not set)"


def _limit(limit: Limit) -> str:
    moment = f" ({limit.peak} for a moment)" if limit.peak > limit.used else ""
    return f"{limit.target}: {limit.used} of {limit.limit} {limit.what}{moment}"
