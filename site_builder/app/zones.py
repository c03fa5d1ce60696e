"""``--zone``: which edges of the chosen sites a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from ..errors import UsageError

if TYPE_CHECKING:
    from ..edges import Edge

Site = TypeVar("Site")


def zone_of(edge: Edge) -> str:
    """The id of the zone, account or distribution that the edge is; empty where it has none."""
    names = ("zone", "account", "distribution")
    return next((str(value) for name in names if (value := getattr(edge.options, name, None))), "")


def narrowed(chosen: Sequence[tuple[Site, Sequence[Edge]]], zones: Sequence[str]) -> list[tuple[Site, Sequence[Edge]]]:
    """The sites with those of their edges that are one of ``zones``; all of them for no zones.

    Raises UsageError where no edge is.
    """
    if not zones:
        return [*chosen]
    found = [(one, [edge for edge in edges if zone_of(edge) in zones]) for one, edges in chosen]
    if not any(edges for _, edges in found):
        known = sorted({zone_of(edge) for _, edges in chosen for edge in edges} - {""})
        raise UsageError(
            f"no edge has the zone {', '.join(zones)}", hint=f"errgen.toml has: {', '.join(known) or 'none'}"
        )
    return [(one, edges) for one, edges in found if edges]
