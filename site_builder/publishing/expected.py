"""What each client should get for each code: from the manifest, the edge's report, and the reference negotiation.

Nothing here evaluates the edge's rules, so that an answer which agrees proves them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..edges._clients import CLIENTS
from ..model import MEDIA_TYPES, Format, Manifest
from ..negotiation import negotiate_format
from .target import Read

MadeBy = Literal["edge", "origin"]

CLOUDFLARE_ALONE = range(520, 527)
"""Statuses that only the edge itself makes."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One question: a ``code`` that the edge or the origin fails with, asked about by a kind of client."""

    code: int
    made_by: MadeBy
    client: str
    accept: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.code} of the {self.made_by} for {self.client} (Accept: {', '.join(self.accept) or 'not set'})"


@dataclass(frozen=True, slots=True)
class Expected:
    """The answer that a probe should get.

    ``kind`` is ``page``: one of ours, its ``path`` in the manifest and its ``content`` before tokens are filled in;
    ``cloudflare``: Cloudflare's own structured answer in ``format``; ``passed``: anything that is not ours.
    ``status`` is None where the HTTP status is not known in advance. ``media_type`` is without parameters.
    """

    kind: Literal["page", "cloudflare", "passed"]
    format: Format
    via: str
    status: int | None = None
    media_type: str | None = None
    path: str | None = None
    content: bytes = field(default=b"", repr=False)


def probes(manifest: Manifest, made_by: Sequence[MadeBy] = ("edge", "origin")) -> Iterator[Probe]:
    """Every code with a rule of its own or a family's, for every kind of client.

    Of a wide range of statuses the ends are asked too; a wide range of 1xxx codes has no others that an edge can make.
    """
    for code in _codes(manifest):
        for maker in made_by:
            if maker == "origin" and (code >= 1000 or code in CLOUDFLARE_ALONE):
                continue
            for client, accept in CLIENTS.items():
                yield Probe(code, maker, client, accept)


def _codes(manifest: Manifest) -> list[int]:
    found: set[int] = set()
    for low, high in {span for rule in manifest.rules for span in rule.codes}:
        if high - low < 99:
            found |= set(range(low, high + 1))
        elif high < 1000:
            found |= {low, high}
    return sorted(found)


@dataclass(frozen=True, slots=True)
class Expectations:
    """What an edge should answer. ``report`` is the edge's report.json; ``profile`` the one whose pages it serves.

    ``announced``: planned work is announced.
    """

    manifest: Manifest
    report: Mapping[str, Any]
    read: Read
    profile: str
    announced: bool = False

    def of(self, probe: Probe) -> Expected:
        """The answer to ``probe``."""
        wanted = negotiate_format(probe.accept)
        served: Mapping[str, str] = self._served(probe.code).get(wanted, {"via": "none"})
        via = served["via"]
        if "page" not in served:
            own = via == "cloudflare" and probe.made_by == "edge"
            return (
                Expected("cloudflare", wanted, via, media_type=_plain(wanted))
                if own
                else Expected("passed", wanted, via)
            )
        rule = next(rule for rule in self.manifest.rules if rule.page == served["page"])
        path = f"pages/{self.profile}/{served['page']}"
        status = rule.status or (probe.code if probe.code < 1000 else None)
        return Expected("page", wanted, via, status, self._media_type(wanted), path, self.read(path))

    def _served(self, code: int) -> Mapping[str, Mapping[str, str]]:
        usual = _row(self.report["served"], code)
        return {**usual, **_row(self.report["maintenance"]["served"], code)} if self.announced else usual

    def _media_type(self, wanted: Format) -> str:
        """What a page in this format is served as, which may not be what it was made for."""
        for one in self.report["media_types"]:
            if one["format"] == wanted:
                return str(one["served_as"])
        return _plain(wanted)


def _row(table: Mapping[str, Mapping[str, Mapping[str, str]]], code: int) -> Mapping[str, Mapping[str, str]]:
    """Who is served what for ``code``, which a table has by itself or in a range."""
    if str(code) in table:
        return table[str(code)]
    return next((formats for codes, formats in table.items() if _in_range(code, codes.split())), {})


def _in_range(code: int, spans: Iterable[str]) -> bool:
    for span in spans:
        low, _, high = span.partition("..")
        if int(low) <= code <= int(high or low):
            return True
    return False


def _plain(wanted: Format) -> str:
    return MEDIA_TYPES[wanted].partition(";")[0]
