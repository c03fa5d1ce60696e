"""What is there now, at the host and at every edge, and the plan that follows from it. Writes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..edges._remote import Report
from ..errors import InvalidInput, PlanRefused, RemoteFailed
from ..model import Finding
from .alterations import examined
from .plan import Plan, make_plan, page_changes
from .prune import references, stale
from .reading import read_all
from .safety import Published, dangers
from .target import Target

_BELOW_HOME = re.compile(r"(?:o/[^/]+|releases/[0-9a-f]{12}/.+)$")


@dataclass(frozen=True, slots=True)
class Survey:
    """The plan, and what it was made from: the states of the target's remotes, in their order, and the host's release.

    ``current`` is None where the host has none.
    """

    plan: Plan
    states: tuple[Any, ...]
    current: str | None = None

    def require(self, reviewed: Plan, where: str) -> bool:
        """Whether there is still something of the plan that was reviewed to do: False where all of it is live already.

        Raises PlanRefused where this is another plan; ``where`` is the file that the reviewed one was read from.
        """
        if self.plan.checksum == reviewed.checksum:
            return True
        if self.plan.is_empty and _result(self.plan) == _result(reviewed):
            return False
        differing = {change.name for change in {*self.plan.changes} ^ {*reviewed.changes}}
        moved = [now.target for now, then in zip(self.plan.based_on, reviewed.based_on, strict=False) if now != then]
        what = f"{len(differing)} changes differ: {_some(differing)}" if differing else _others(moved)
        raise PlanRefused(
            f"is not what publishing would do now: {what}",
            where=where,
            hint="look at the difference with: errgen plan  (then save and review it again with --out FILE)",
        )


def _result(plan: Plan) -> tuple[object, ...]:
    """What is there once a plan is applied."""
    return plan.site, plan.release, plan.announced, tuple(one.target for one in plan.based_on)


def _others(moved: list[str]) -> str:
    return f"somebody has written to {', '.join(moved)} since" if moved else "limits, findings or foreign things differ"


def _some(names: Iterable[str]) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:3]) + (", …" if len(ordered) > 3 else "")


def survey(target: Target, findings: Iterable[Finding] = (), *, report: Report = lambda _: None) -> Survey:
    """Read the host and every edge. ``findings`` of the build become part of the plan.

    Raises RemoteFailed, LocalFilesFailed, and PlanRefused where something does not fit its limit.
    """
    host, manifest = target.host, target.manifest
    states = read_all(target.remotes, report)
    report(f"reading {host.name}")
    listed, current = host.look(manifest.release)
    there = examined(target, listed)
    pages = page_changes(target.items(), target.places(), there, host.name, is_current=current == manifest.release)
    edges = [remote.plan(state) for remote, state in zip(target.remotes, states, strict=True)]
    replaced = manifest.release if target.canaries_only else current  # with canaries alone it stays what it is
    plan = make_plan(manifest, host.name, pages, replaced, edges, findings, target.maintenance, target.removal)
    if not plan.is_empty or target.removal == "pages":
        every = host.list() if current == manifest.release else listed
        swept = stale(target, every, current, references(target, states))
        plan = replace(
            plan,
            changes=(*plan.changes, *swept.changes(host.name)),
            findings=(*plan.findings, *swept.findings(host.name)),
        )
    if not (plan.is_empty or target.removal):
        wanted = [file.path for file in manifest.files]
        published = _published(target, current, is_new=not listed)
        plan = replace(plan, unsafe=dangers(published, wanted, edges, target.maintenance))
    return Survey(plan, tuple(states), current)


def _published(target: Target, current: str | None, *, is_new: bool) -> Published:
    """What the target's host has of the site now; ``is_new``: nothing at all."""
    host, manifest = target.host, target.manifest
    home = _home(target)
    if current == manifest.release:
        return Published(host.name, {file.path: file.sha256 for file in manifest.files}, home)
    there = host.releases() if current else ()
    release = next((one for one in there if one.digest == current), None)
    if release is None:
        return Published(host.name, home=home, is_new=is_new)
    try:
        raw = json.loads(host.read(release.key))
        files = {str(file["path"]): str(file["sha256"]) for file in raw["files"]}
        site = raw["site"]
    except (KeyError, TypeError, ValueError):  # that it cannot be read is told where something old is to be removed
        return Published(host.name, home=home)
    return Published(host.name, files if site == manifest.site else {}, home)


def _home(target: Target) -> str | None:
    """The address below which the target's host serves pages; None where it has none before they are there."""
    key = next(iter(target.places().values()), None)
    try:
        address = target.host.url(key) if key else None
    except (InvalidInput, RemoteFailed):
        return None
    return _BELOW_HOME.sub("", address) if address else None
