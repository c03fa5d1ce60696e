"""Silence: an edge that was asked for everything and gave no page of errgen's; why, as far as that can be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RemoteFailed
from ..publishing.journal import noted
from ..publishing.target import NO_RELEASE
from ..rendering.marker import marker_of
from .build import Report

if TYPE_CHECKING:
    from ..publishing.verify import Row

_ENABLE = "switch them on again with: errgen publish --enable"
_PUBLISH = "errgen plan says what is missing there, and errgen publish brings it"
_BY_HAND = "put its files of this build in place (output/SITE/edges/{kind}), and let it read its configuration again"
_REMOTE = f"nothing has been published there yet, or it was removed: {_PUBLISH}; or the address is not behind it"
_UNKNOWN = (
    "nothing has been published there yet (errgen publish), errgen's rules are switched off (errgen publish --enable), "
    "or the address is not behind it; errgen verify says which where it may read the rules: {why}"
)


@dataclass(frozen=True, slots=True)
class Silence:
    """Why there is nothing of errgen's, and what to do. ``switched_off``: errgen was told to serve nothing."""

    fact: str
    hint: str
    switched_off: bool = False


def is_silent(rows: Sequence[Row]) -> bool:
    """Whether no answer is errgen's though some should be. Not where somebody was not let in, or could not read."""
    pages = [row for row in rows if row.expected.kind == "page"]
    unheard = any(row.reply.header("cf-mitigated") or row.reply.unreadable for row in rows)
    silent = not unheard and not any(marker_of(row.reply.body) for row in rows)
    return silent and all(row.difference for row in pages) and any(row.expected.format == "html" for row in pages)


def silence(
    kind: str,
    site: str,
    target: str,
    rows: Sequence[Row],
    project: Path,
    environ: Mapping[str, str],
    *,
    report: Report,
    sleep: Callable[[float], None],
) -> Silence | None:
    """Why the edge ``target`` of this kind is silent, which ``rows`` show; None where its rules are there and on.

    Cloudflare is asked where there is a token, then what errgen has noted in ``.errgen`` of the project.
    """
    first = next(row for row in rows if row.difference)
    fact = f"none of the {len(rows)} answers is errgen's; the first: {first}"
    if kind == "cloudfront":
        return Silence(fact, f"{_REMOTE}; or its change is still on its way: errgen verify --wait")
    if kind != "cloudflare":
        return Silence(fact, _BY_HAND.format(kind=kind))
    from ..edges.cloudflare.live_rules import live_rules

    since = _switched_off(noted(project / ".errgen", site, target))
    try:
        live = live_rules(site, target.removeprefix(f"{kind} "), environ, report=report, sleep=sleep)
    except RemoteFailed as failure:
        if since:
            return Silence(f"errgen's rules are switched off {since}, says .errgen/audit.jsonl", _ENABLE, True)
        return Silence(fact, _UNKNOWN.format(why=failure))
    if not live.count:
        return Silence(f"there is no rule of errgen's for the site {site}", _PUBLISH)
    if live.off:
        written = f"; they were last written at {live.written}" if live.written else ""
        return Silence(f"errgen's rules are switched off{f' {since}' if since else written}", _ENABLE, True)
    return None


def _switched_off(lines: Sequence[Mapping[str, Any]]) -> str:
    """``since 2026-11-21T09:00:00Z by ada`` where the audit's ``lines`` of an edge end in that; else empty.

    What is published while rules are off leaves them off.
    """
    for line in reversed([line for line in lines if line.get("action") == "switch"]):
        command = str(line.get("command", ""))
        if command.startswith("publish --disable"):
            return f"since {line.get('when')}" + (f" by {line['who']}" if line.get("who") else "")
        if command.startswith(("publish --enable", "restore")) or line.get("release") == NO_RELEASE:
            return ""
    return ""
