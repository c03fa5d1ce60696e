"""A draft: everything that would be published, where nobody gets it who is not told its address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..errors import UsageError
from .build import Report, silent

if TYPE_CHECKING:
    from .publish import Prepared


def draft(prepared: Prepared, *, report: Report = silent) -> str:
    """Bring what is built to a draft at the site's host; gives its address. Publishes nothing, asks no edge.

    Raises UsageError where the host has no drafts.
    """
    target = prepared.target
    make: Callable[[Mapping[str, bytes], str], str] | None = getattr(target.host, "draft", None)
    if make is None:
        raise UsageError(
            "has no drafts; sites of Netlify have",
            where=target.host.name,
            hint="look at the pages with errgen watch, or at a whole publish on this machine with errgen rehearse",
        )
    report(f"bringing a draft to {target.host.name}")
    return make({item.path: target.content(item.path) for item in target.items()}, target.manifest.release[:12])
