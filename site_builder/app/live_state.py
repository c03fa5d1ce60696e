"""Live states: what of errgen's is live instead of what was asked for: planned work, or a release rolled back to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ErrgenError
from ..hosts import Host
from ..publishing.journal import about, noted
from ..publishing.target import NO_RELEASE, is_host, is_switched, site_host
from ..publishing.verify import compared_anew
from ..rendering.marker import marker_of

if TYPE_CHECKING:
    from ..edges import Edge
    from ..publishing.expected import Answers
    from ..publishing.reply import PageWith
    from ..publishing.verify import Row
    from .build import Report
    from .site import SiteOutput

Rows = tuple["Row", ...]

_SWITCHES = ("switch", "put back", "activate", "deactivate")
"""The actions of the audit after which something else is live."""
_TOGGLES = ("publish --disable", "publish --enable")
"""Commands after which the same release is live as before, or is again."""
_NEWEST = 10
"""How many of the host's copies of the audit are read at most, one for each run."""

_ANNOUNCED = (
    "planned work is announced: errgen verify --maintenance compares with that; errgen publish --no-maintenance ends it"
)


@dataclass(frozen=True, slots=True)
class LiveState:
    """What is live: ``result`` names it for programs; ``answers`` are those it explains, which are ``of`` it."""

    result: str
    of: str
    answers: int
    fact: str
    hint: str


def planned_work(rows: Rows, announced: Answers, page_with: PageWith) -> tuple[LiveState | None, Rows]:
    """Whether planned work is announced: then more replies of ``rows`` are as ``announced`` than as usual.

    Gives the rows as they are to be judged then, or as they were.
    """
    again = compared_anew(rows, announced, page_with)
    if _wrong(again) >= _wrong(rows):
        return None, rows
    explained = sum(
        before.difference is not None and not after.difference for before, after in zip(rows, again, strict=True)
    )
    fact = f"{explained} of the {len(rows)} answers are those of planned work"
    return LiveState("planned work", "of planned work", explained, fact, _ANNOUNCED), again


def rolled_back(
    rows: Rows,
    page_with: PageWith,
    output: SiteOutput,
    edge: Edge,
    target: str,
    project: Path,
    environ: Mapping[str, str],
    *,
    report: Report,
) -> tuple[LiveState | None, Rows]:
    """Whether pages of another release are live at ``target``, and the audit says that it was rolled back to.

    The audit is that of ``project`` or what the host has of it, if it can be read: somebody else may have published
    since. Gives the rows without those
    that this explains: what was answered by others, or cannot be read, it does not.
    """
    marks = (marker_of(row.reply.body) for row in rows if row.difference)
    if not any(mark and page_with(mark) is None for mark in marks):
        return None, rows
    site = output.manifest.site
    switches = is_switched(edge) and not is_host(edge, output.settings.host)
    host = _host(output, environ, project)
    at = target if switches or host is None else host.name
    sources: list[tuple[str, Sequence[Mapping[str, Any]]]] = [
        (".errgen/audit.jsonl", noted(project / ".errgen", site, at))
    ]
    if host is not None:
        report(f"reading the records of {host.name}")
        sources.append((f"a record of {host.name}", _copied(host, site, at)))
    source, lines = max(sources, key=lambda one: str((_last_switch(one[1]) or {}).get("when", "")))
    found = rollback_in(lines, output.manifest.release)
    if found is None:
        return None, rows
    left = tuple(row for row in rows if not row.difference or _is_unheard(row))
    every = [line for _, lines in sources for line in lines]
    release, count = str(found["release"]), len(rows) - len(left)
    by = f" by {found['who']}" if found.get("who") else ""
    fact = (
        f"release {release[:12]} is live, by rollback of {found.get('when')}{by}, says {source}; {count} of the "
        f"{len(rows)} answers differ from this build"
    )
    hint = (
        f"where that is meant, run errgen verify at {_made_from(every, release)}, until a corrected build is "
        "published; errgen publish makes this build live again"
    )
    return LiveState("another release", "of another release", count, fact, hint), left


def rollback_in(lines: Sequence[Mapping[str, Any]], built: str) -> Mapping[str, Any] | None:
    """The audit line by which a release other than ``built`` went live again; None where the last switch is another."""
    last = _last_switch(lines)
    if last is None or last["action"] not in ("switch", "activate"):
        return None
    is_rollback = str(last.get("command", "")).startswith("rollback ")
    return last if is_rollback and last.get("release") not in (built, NO_RELEASE) else None


def _wrong(rows: Rows) -> int:
    return sum(row.difference is not None for row in rows)


def _is_unheard(row: Row) -> bool:
    return bool(row.reply.header("cf-mitigated") or row.reply.unreadable)


def _host(output: SiteOutput, environ: Mapping[str, str], project: Path) -> Host | None:
    """The host of the site; None where there is none, or it cannot be opened."""
    settings = output.settings
    try:
        return site_host(settings.host, environ, where=settings.where, project=project) if settings.host else None
    except ErrgenError:
        return None


def _copied(host: Host, site: str, target: str) -> Sequence[Mapping[str, Any]]:
    """The audit lines at ``host`` about ``target``, oldest first, of the last runs up to the one that switched it."""
    found: list[Mapping[str, Any]] = []
    try:
        names = [name for name in host.records() if name.endswith(".jsonl")]
        for name in names[: -_NEWEST - 1 : -1]:
            content = host.read(host.record_key(name)).decode("utf-8", "replace")
            found[:0] = about(content, site, target)
            if _last_switch(found):
                break
    except ErrgenError:  # it cannot be read here: then nothing is known
        return []
    return found


def _last_switch(lines: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The line after which what is live now was live."""
    counted = (
        line
        for line in reversed(lines)
        if line.get("action") in _SWITCHES and not str(line.get("command", "")).startswith(_TOGGLES)
    )
    return next(counted, None)


def _made_from(lines: Sequence[Mapping[str, Any]], release: str) -> str:
    """The commit that ``release`` was published from, as far as the audit says."""
    commits = (line.get("commit") for line in lines if line.get("release") == release and not line.get("command"))
    commit = next((str(one) for one in commits if one), None)
    return f"commit {commit}, which it was built from" if commit else "the commit that it was built from"
