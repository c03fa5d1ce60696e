"""Fetching again: for a page that an edge keeps a copy of, and that was altered there behind our back."""

from __future__ import annotations

from ..edges._remote import Report
from ..errors import Interrupted, LocalFilesFailed, PartlyApplied, RemoteFailed, UsageError
from ..interrupts import deferred
from .done import some
from .journal import Journal
from .proof import Prove
from .survey import Survey
from .target import Target

AGAIN = "run the same command again for the rest: to fetch an asset twice changes nothing"


def require_asset(target: Target, name: str) -> None:
    """Raise UsageError where no edge of ``target`` keeps a page as ``name``. Asks nobody."""
    if not any(remote.page_of(name) for remote in target.remotes):
        raise UsageError(
            f"no edge of {target.manifest.site} has an asset {name} of this release",
            hint="the names are in output/SITE/edges/cloudflare/assets.json; --site says whose it is",
        )


def refetch(target: Target, found: Survey, name: str, *, journal: Journal, prove: Prove, report: Report) -> list[str]:
    """Let every edge that keeps a page as ``name`` fetch it from the host again, after proving what is there.

    Gives the names of these edges. Raises UsageError where there is none; LocalFilesFailed, RemoteFailed and
    Interrupted as long as none has fetched it, and PartlyApplied from then on.
    """
    require_asset(target, name)
    places = target.places()
    kept = [
        (remote, state, page)
        for remote, state in zip(target.remotes, found.states, strict=True)
        if (page := remote.page_of(name))
    ]
    journal.copied_to(target.host).check()
    done: list[str] = []
    asked: list[str] = []
    with journal.closing():  # what was done is written down, whatever came after it
        try:
            for remote, state, (path, sha256) in kept:
                url = target.host.url(places[path])
                prove([(url, sha256)])
                report(f"{remote.name}: fetching {name} again")
                with deferred(report):
                    asked.append(remote.name)
                    remote.refetch(state, name, url)
                    done.append(remote.name)
                    journal.note("refetch", target.manifest.site, target.manifest.release, remote.name, asset=name)
        except KeyboardInterrupt:
            if not asked:
                raise Interrupted(f"interrupted before {name} was fetched again") from None
            after = f" after {name} was fetched again at {some(done)}" if done else ""
            unknown = "".join(f"; whether {one} has fetched it is not known" for one in asked[len(done) :])
            raise PartlyApplied(f"interrupted{after}{unknown}", hint=AGAIN) from None
        except (RemoteFailed, LocalFilesFailed) as failure:
            if not done:
                raise
            message = f"{failure.message}; before that {name} was fetched again at {some(done)}"
            raise PartlyApplied(
                message, where=failure.where, hint=f"{failure.hint}; {AGAIN}" if failure.hint else AGAIN
            ) from failure
    return done
