"""Policy: the least rights that the configured targets need, by the credentials that need them. Asks nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import settings as settings_file
from ..edges import open_edge
from ..hosts import rights_of
from ..publishing.target import is_switched
from ..rights import Grant, Rights
from .build import choose
from .publish import narrowed

if TYPE_CHECKING:
    from ..edges import Edge
    from ..settings import SiteSettings

IAM_VERSION = "2012-10-17"
"""Of the language of IAM's policies, which has had no other since."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What one credential is to be allowed at all of its targets together, and how to make it so."""

    credential: str
    targets: tuple[str, ...]
    grants: tuple[Grant, ...]
    how: tuple[str, ...]

    @property
    def iam(self) -> dict[str, Any] | None:
        """The grants as an IAM policy, a statement for each resource; None where they are not AWS's."""
        if not all(grant.resource.startswith("arn:") for grant in self.grants):
            return None
        by_resource: dict[str, set[str]] = {}
        for grant in self.grants:
            by_resource.setdefault(grant.resource, set()).add(grant.permission)
        statements = [
            {"Effect": "Allow", "Action": sorted(actions), "Resource": resource}
            for resource, actions in by_resource.items()
        ]
        return {"Version": IAM_VERSION, "Statement": statements}

    def to_json(self) -> dict[str, Any]:
        """As JSON data."""
        grants = [{"permission": one.permission, "resource": one.resource, "for": one.reason} for one in self.grants]
        iam = {"iam_policy": self.iam} if self.iam else {}
        return {
            "credential": self.credential,
            "targets": [*self.targets],
            "grants": grants,
            **iam,
            "how": [*self.how],
        }


def policy(project: Path, *, sites: Sequence[str] = (), zones: Sequence[str] = ()) -> list[Needed]:
    """What the named sites need, or all, in the order of errgen.toml. ``zones`` narrows to these edges and their sites.

    Raises InvalidInput, and UsageError for a site or a zone that is not there.
    """
    settings = settings_file.load(project)
    chosen = [(one, _edges(one, settings.project)) for one in choose(settings, sites)]
    needed = []
    for one, edges in narrowed(chosen, zones):
        if one.host is not None:
            needed.append(rights_of(one.host, f"{one.where}.host"))
        needed += [edge.rights() for edge in edges if is_switched(edge)]
    return together(needed)


def together(rights: Iterable[Rights]) -> list[Needed]:
    """``rights`` by credential, each grant once."""
    by_credential: dict[str, list[Rights]] = {}
    for one in rights:
        by_credential.setdefault(one.credential, []).append(one)
    return [
        Needed(
            credential,
            tuple(dict.fromkeys(one.target for one in many)),
            tuple(dict.fromkeys(grant for one in many for grant in one.grants)),
            tuple(dict.fromkeys(one.how for one in many)),
        )
        for credential, many in by_credential.items()
    ]


def _edges(site: SiteSettings, project: Path) -> list[Edge]:
    tables = enumerate(site.edges)
    return [open_edge(table, f"{site.where}.edge[{index}]", site.host, project) for index, table in tables]
