"""Fetching again: for a page that an edge keeps a copy of, and that was altered there behind our back."""

from __future__ import annotations

from ..edges._remote import Report
from ..errors import UsageError
from .journal import Journal
from .proof import Prove
from .survey import Survey
from .target import Target


def require_asset(target: Target, name: str) -> None:
    """Raise UsageError where no edge of ``target`` keeps a page as ``name``. Asks nobody."""
    if not any(remote.page_of(name) for remote in target.remotes):
        raise UsageError(
            f"no edge of {target.manifest.site} has an asset {name} of this release",
            hint="the names are in output/SITE/edges/cloudflare/assets.json; --site says whose it is",
        )


def refetch(target: Target, found: Survey, name: str, *, journal: Journal, prove: Prove, report: Report) -> list[str]:
    """Let every edge that keeps a page as ``name`` fetch it from the host again, after proving what is there.

    Gives the names of these edges. Raises UsageError where there is none, LocalFilesFailed and RemoteFailed.
    """
    require_asset(target, name)
    places = target.places()
    kept = [
        (remote, state, page)
        for remote, state in zip(target.remotes, found.states, strict=True)
        if (page := remote.page_of(name))
    ]
    journal.copied_to(target.host).check()
    try:
        for remote, state, (path, sha256) in kept:
            url = target.host.url(places[path])
            prove([(url, sha256)])
            report(f"{remote.name}: fetching {name} again")
            remote.refetch(state, name, url)
            journal.note("refetch", target.manifest.site, target.manifest.release, remote.name, asset=name)
    finally:  # what was done is written down, whatever came after it
        journal.close()
    return [remote.name for remote, _, _ in kept]
