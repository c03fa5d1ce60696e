"""What a simulation found, as findings: one with the figures, and one for each difference that nobody has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...model import Finding, Manifest, Proof, Severity, codes_text
from .._edge import Read
from .exactness import Difference, Exactness, Kind
from .options import Options
from .rules import Asset
from .simulation import Simulation

COUNTED: Mapping[Kind, str] = {
    "wider": "get a wider page in the right format and language",
    "left": "are left to Cloudflare's own live documents",
    "unserved": "get no page",
    "language": "get the default language though they ask for another",
    "format": "get another format",
    "status": "get another status",
    "wrong": "get a page of other codes",
}
"""What is said of each kind with its count; compiling reports which languages and what else the rules leave out."""

REPORTED: Mapping[Kind, tuple[str, Severity, str]] = {
    "format": (
        "cloudflare-format",
        "warning",
        "the rules cannot read this Accept as it is meant; errgen explain CODE --accept … shows which part decides",
    ),
    "status": ("cloudflare-status", "warning", "give the family the same serve_status, or raise the edge's limits"),
    "wrong": ("cloudflare-wrong-page", "error", "please report this with your errgen.toml; do not publish"),
}
"""Kinds that have a finding of their own: its id, its severity and the next step."""

MOST_CODES = 60
"""Characters of codes that a finding lists."""


def prove(
    manifest: Manifest, read: Read, options: Options, rules: Sequence[Mapping[str, Any]], assets: Iterable[Asset]
) -> Proof:
    """How far ``rules`` give the reference answer, for all codes and kinds of clients."""
    found = Simulation(manifest, read, options).run(rules, assets)
    return Proof(found.as_json(), tuple(findings_of(found)))


def findings_of(found: Exactness) -> Iterator[Finding]:
    """What there is to say; nothing for a plan without rules, which compiling says."""
    if found.exact:
        yield Finding("cloudflare-exactness", "info", _figures(found), hint="see who gets what: errgen explain --table")
    for one in found.differences:
        if one.kind in REPORTED:
            name, severity, hint = REPORTED[one.kind]
            yield Finding(name, severity, _sentence(one, found.clients), hint=hint)


def _figures(found: Exactness) -> str:
    counts: dict[Kind, int] = dict.fromkeys(COUNTED, 0)
    for one in found.differences:
        counts[one.kind] += one.answers
    parts = [f"{count:,} {COUNTED[kind]}" for kind, count in counts.items() if count]
    asked = f"({found.codes} codes, {found.clients} kinds of clients)"
    if found.languages == 1:
        rest = f"; {', '.join(parts)}" if parts else ""
        return f"{found.exact:,} of {found.answers:,} simulated answers {asked} are the reference answer{rest}"
    rest = f"; of all {found.answers:,} answers {', '.join(parts)}" if parts else ""
    share = f"{found.default_exact:,} of {found.default_answers:,} simulated answers"
    return f"{share} in the default language {asked} are the reference answer{rest}"


def _sentence(one: Difference, asked: int) -> str:
    codes = codes_text(one.codes)
    if len(codes) > MOST_CODES:
        codes = f"{codes[:MOST_CODES].rpartition(' ')[0]} …"
    clients = "all kinds of clients" if len(one.clients) == asked else ", ".join(one.clients)
    return f"{one.says}: {one.answers:,} answers, for {codes}; clients: {clients}"
