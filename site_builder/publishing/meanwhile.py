"""Two publishers at one host: whoever finds another release current than the plan was made from stops.

Hosts switch in one step, so that what clients get is one release or the other. But what was reviewed was a plan from
one certain release to the next, and the later switch would undo somebody else's work without a word.
"""

from __future__ import annotations

from ..errors import PlanRefused, RemoteFailed
from ..hosts import Host
from .plan import Plan


def require_unmoved(host: Host, plan: Plan, failure: type[PlanRefused | RemoteFailed]) -> None:
    """Raise ``failure`` where the release that is current now is neither the one that ``plan`` replaces nor its own.

    One request, and only where the plan makes another release current.
    """
    changes = [change for change in plan.of(host.name, "release") if change.name == plan.site]
    if not changes or (now := host.current()) in (changes[0].before, changes[0].after):
        return
    raise failure(
        f"somebody else is publishing here: since the plan was made {now[:12] if now else 'no release'} became current",
        where=host.name,
        hint="see what errgen plan says now, then run the same command again",
    )
