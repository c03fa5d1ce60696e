"""The plan: what publishing would change, as a value that can be shown, saved, compared and then applied. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from ..edges._remote import ALTERED, Action, Change, EdgePlan, Limit
from ..errors import Fault, InvalidInput, PlanRefused
from ..hosts import Stored
from ..model import Finding, Manifest
from .target import Item, Removal

VERSION = 1


@dataclass(frozen=True, slots=True)
class Versions:
    """Which state of a target the plan was made from."""

    target: str
    version: str


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something at a target that is not ours and is left alone."""

    target: str
    name: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that publishing ``release`` of ``site`` would change, in the order in which it would be done.

    ``maintenance`` is what was asked for: to announce planned work, to end that, or (None) to leave it as it is live.
    ``announced`` are the targets at which the page for it is served afterwards, ``switched_off`` those at which nothing
    of ours is, because errgen has switched our rules off. ``unsafe`` is why it is applied to those only who insist.
    """

    site: str
    release: str
    based_on: tuple[Versions, ...]
    changes: tuple[Change, ...]
    limits: tuple[Limit, ...]
    foreign: tuple[Foreign, ...]
    findings: tuple[Finding, ...]
    maintenance: bool | None = None
    announced: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    unsafe: tuple[Finding, ...] = ()

    @property
    def checksum(self) -> str:
        """SHA-256 of the plan's canonical JSON: two plans with equal checksums do the same to the same state."""
        canonical = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.changes

    @property
    def altered(self) -> tuple[Finding, ...]:
        """The findings about what somebody else changed and the plan does not put right."""
        return tuple(one for one in self.findings if one.id.endswith(ALTERED))

    def of(self, target: str, *kinds: str) -> tuple[Change, ...]:
        """The changes at one target; of these kinds, where any are named."""
        return tuple(one for one in self.changes if one.target == target and (not kinds or one.kind in kinds))

    def counts(self) -> dict[str, int]:
        """How many things would be created, updated and deleted."""
        counts = {"create": 0, "update": 0, "delete": 0}
        for change in self.changes:
            counts[change.action] += 1
        return counts

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON data, with its checksum."""
        return {"errgen_plan": VERSION, "checksum": self.checksum, "counts": self.counts(), **asdict(self)}

    @classmethod
    def from_json(cls, data: Any, where: str) -> Plan:
        """The plan that ``to_json`` made. ``where`` is the file's name. Raises InvalidInput for anything else."""
        try:
            if data["errgen_plan"] != VERSION:
                raise ValueError(f"is a plan of version {data['errgen_plan']}, and this errgen reads {VERSION}")
            plan = cls(
                _text(data["site"]),
                _text(data["release"]),
                _values(Versions, data["based_on"]),
                _values(Change, data["changes"]),
                _values(Limit, data["limits"]),
                _values(Foreign, data["foreign"]),
                _values(Finding, data["findings"]),
                _choice(data["maintenance"]),
                _texts(data["announced"]),
                _texts(data["switched_off"]),
                _values(Finding, data["unsafe"]),
            )
            if plan.checksum != data["checksum"]:
                raise ValueError("does not have the checksum that it says it has")
        except (KeyError, TypeError, ValueError) as error:
            problem = str(error) if type(error) is ValueError else "is not a plan that errgen wrote"
            raise InvalidInput([Fault(where, problem)], hint="make it again with: errgen plan --out FILE") from None
        return plan


Value = TypeVar("Value", Versions, Change, Limit, Foreign, Finding)


def _values(kind: type[Value], items: Sequence[Mapping[str, Any]]) -> tuple[Value, ...]:
    if not isinstance(items, list):
        raise TypeError
    names = {field.name for field in fields(kind)}
    if any(item.keys() != names for item in items):
        raise TypeError
    return tuple(kind(**item) for item in items)


def _choice(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise TypeError
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_text, value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def page_changes(
    items: Iterable[Item],
    places: Mapping[str, str],
    there: Mapping[str, Stored],
    host: str,
    *,
    is_current: bool = False,
) -> list[Change]:
    """The files that the host lacks. ``places`` gives each one's key by its path, ``there`` is what the host lists.

    ``is_current``: their release is the host's current one, so that all of its pages were there once. Keys of pages
    name their bytes or their release, so that other bytes there are somebody else's.
    """
    changes = []
    for item in items:
        key = places[item.path]
        stored, page = there.get(key), item.is_page
        if stored is None:
            drift = page and is_current
            changes.append(Change("create", "page", host, key, "missing", after=item.sha256, drift=drift))
        elif stored.bytes != item.bytes or stored.digest not in (None, item.sha256):
            changes.append(Change("update", "page", host, key, "bytes differ", stored.digest, item.sha256, page))
        elif stored.media_type not in (None, item.media_type):
            changes.append(Change("update", "page", host, key, "headers differ", stored.media_type, item.media_type))
    return changes


def make_plan(
    manifest: Manifest,
    host: str,
    pages: Sequence[Change],
    current: str | None,
    edges: Sequence[EdgePlan],
    findings: Iterable[Finding] = (),
    maintenance: bool | None = None,
    removal: Removal | None = None,
) -> Plan:
    """Put together what the host lacks and what each edge would change.

    ``current`` is the release that the host has now, ``maintenance`` and ``removal`` are what was asked for. Raises
    PlanRefused, with numbers, where something does not fit.
    """
    changes = list(pages)
    for edge in edges:
        changes += edge.changes
    if removal:
        if current is not None and removal != "rules":
            changes.append(Change("delete", "release", host, manifest.site, "removed", before=current))
    elif current != manifest.release:
        action: Action = "create" if current is None else "update"
        changes.append(Change(action, "release", host, manifest.site, "not current", current, manifest.release))
    plan = Plan(
        manifest.site,
        manifest.release,
        tuple(Versions(edge.target, edge.version) for edge in edges),
        tuple(changes),
        tuple(limit for edge in edges for limit in edge.limits),
        tuple(Foreign(edge.target, name) for edge in edges for name in edge.foreign),
        (*findings, *(finding for edge in edges for finding in edge.findings)),
        maintenance,
        tuple(edge.target for edge in edges if edge.announced),
        tuple(edge.target for edge in edges if edge.switched_off),
    )
    _refuse_excess(plan)
    return plan


def _refuse_excess(plan: Plan) -> None:
    for limit in plan.limits:
        left_alone = sum(f.target == limit.target and f.name.startswith(limit.what[:-1]) for f in plan.foreign)
        others = f", {left_alone} of them not errgen's" if left_alone else ""
        if limit.used > limit.limit:
            raise PlanRefused(
                f"needs {limit.used} {limit.what}{others}, and {limit.limit} are allowed",
                where=limit.target,
                hint=f"give this edge of errgen.toml limits with {limit.what.replace(' ', '_')} = "
                f"{max(0, limit.limit - left_alone)}, "
                "which leaves the others room",
            )
        if limit.peak > limit.limit:
            raise PlanRefused(
                f"needs room for {limit.peak} {limit.what}{others} while old and new are there together, and "
                f"{limit.limit} are allowed",
                where=limit.target,
                hint=f"lower limits.{limit.what} of this edge in errgen.toml, so that errgen uses fewer",
            )
