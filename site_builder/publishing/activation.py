"""The switch of a host: another release becomes its current one, or none is any more.

It is one request, and where its answer is lost nobody knows whether it was carried out. So the host is asked then: what
is said of a publish must be true of what clients get.
"""

from __future__ import annotations

from ..edges._remote import Change
from ..errors import PartlyApplied, RemoteFailed
from .done import Done, reason


def make_current(done: Done, change: Change) -> None:
    """Do the ``change`` of which release is current, and write it down.

    Raises RemoteFailed or LocalFilesFailed where it was not carried out, PartlyApplied where that cannot be told.
    """
    host, release = done.target.host, done.target.manifest.release
    wanted = None if change.action == "delete" else release
    cause: RemoteFailed | KeyboardInterrupt | None = None
    try:
        if wanted is None:
            done.report(f"leaving {host.name} without a current release")
            host.deactivate()
        else:
            done.report(f"making {release[:12]} the current release of {host.name}")
            host.activate(release, done.target.manifest_bytes)
    except (RemoteFailed, KeyboardInterrupt) as failure:
        if _current(done, failure) != wanted:
            raise
        cause = failure
    done.switched.append(host.name)
    facts = {"cut_off": reason(cause)} if cause else {}
    action = "deactivate" if wanted is None else "activate"
    done.note(action, host.name, before=change.before, after=change.after, **facts)
    if isinstance(cause, KeyboardInterrupt):
        raise cause


def _current(done: Done, cause: BaseException) -> str | None:
    host = done.target.host
    try:
        return host.current()
    except (RemoteFailed, KeyboardInterrupt):
        raise PartlyApplied(
            f"it is not known which release is current: {reason(cause)}",
            where=host.name,
            hint=f"whichever is, its pages are complete; {done.carries_on}",
        ) from cause
