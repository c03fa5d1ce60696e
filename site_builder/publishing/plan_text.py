"""A plan as plain lines for people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..edges._remote import Change, Limit
from ..model import Finding
from .differences import difference
from .folding import folded
from .plan import Plan
from .target import NO_RELEASE

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

SIGNS = {"create": "+", "update": "~", "delete": "-"}
MOST_PAGES = 20
"""Pages listed one by one; a plan with more of them gives their number."""

UNSAFE = "UNSAFE, and refused without --force:"
BY_HAND = "changed by hand since errgen wrote it:"
BY_BUILD = "from what is built now:"


def plan_lines(plan: Plan, read: Plan | None = None) -> Iterator[str]:
    """What would change at each target and why, what is left alone, each limit's use, the counts, the checksum.

    Why it is unsafe comes first, and then what somebody else changed, each under a heading of its own. What is
    equal at several edges is said once. What others have written is never a line of its own, nor does it control a
    terminal or a CI's log. ``read`` is the plan as people are to read it, where that is not all of it.
    """
    return (_CONTROLS.sub(lambda found: repr(found[0])[1:-1], line) for line in _lines(plan, folded(read or plan)))


def _lines(plan: Plan, shown: Plan) -> Iterator[str]:
    yield f"site {plan.site}" + ("" if plan.release == NO_RELEASE else f", release {plan.release[:12]}")
    if shown.unsafe:
        yield UNSAFE
        yield from _findings(shown.unsafe)
    drifted, others = [one for one in shown.changes if one.drift], [one for one in shown.changes if not one.drift]
    if drifted or shown.altered:
        yield BY_HAND
        yield from _by_target(drifted)
        yield from _findings(shown.altered)
        if others:
            yield BY_BUILD
    yield from _by_target(others)
    for foreign in shown.foreign:
        yield f"left alone at {foreign.target}: {foreign.name}"
    for limit in shown.limits:
        yield f"{limit.target}: {use(limit)}"
    yield from _findings(one for one in shown.findings if one not in shown.altered)
    if plan.is_empty:
        yield "nothing to do"
        return
    yield counts_line(plan)
    yield f"checksum {plan.checksum}"


def counts_line(plan: Plan) -> str:
    """``4 to create, 2 to change, 1 to delete``."""
    counts = plan.counts()
    return f"{counts['create']} to create, {counts['update']} to change, {counts['delete']} to delete"


def use(limit: Limit) -> str:
    """``5 of 25 assets (6 for a moment)``."""
    moment = f" ({limit.peak} for a moment)" if limit.peak > limit.used else ""
    return f"{limit.used} of {limit.limit} {limit.what}{moment}"


def rows(changes: Sequence[Change]) -> Iterator[tuple[Change, str, str]]:
    """Each change, its kind and its name; for many pages the first of each reason, and their number for a name."""
    pages = [change for change in changes if change.kind == "page"]
    if len(pages) <= MOST_PAGES:
        yield from ((change, change.kind, change.name) for change in changes)
        return
    for reason in dict.fromkeys(change.reason for change in pages):
        alike = [change for change in pages if change.reason == reason]
        yield alike[0], str(len(alike)), "pages"
    yield from ((change, change.kind, change.name) for change in changes if change.kind != "page")


def is_shown(change: Change) -> bool:
    """Whether what a change changes is worth showing: pages are other bytes, and digests say nothing to people."""
    return change.action == "update" and change.kind != "page" and (change.before, change.after) != (None, None)


def _by_target(changes: Sequence[Change]) -> Iterator[str]:
    for target in dict.fromkeys(change.target for change in changes):
        yield f"{target}:"
        for change, kind, name in rows([one for one in changes if one.target == target]):
            yield f"  {SIGNS[change.action]} {kind} {name} ({change.reason})"
            if is_shown(change):
                yield from (f"      {line}" for line in difference(change.before, change.after))


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.severity}: {f'{finding.where}: ' if finding.where else ''}{finding.message}"
        if finding.hint:
            yield f"hint: {finding.hint}"
