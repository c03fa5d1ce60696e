"""What each client should get for each code: from the manifest, the edge's report, and the reference negotiation.

Nothing here evaluates the edge's rules, so that an answer which agrees proves them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from ..edges._clients import CLIENTS
from ..model import MEDIA_TYPES, Format, Manifest, Scope
from ..negotiation import negotiate_format
from .target import Read

MadeBy = Literal["edge", "origin"]

OTHER_HOST = "host-without-rules.example"
CLOUDFLARE_ALONE = range(520, 527)
"""Statuses that only the edge itself makes."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One question: a ``code`` that the edge or the origin fails with, asked about by a kind of client.

    ``language`` is what the client prefers, empty where it does not say. ``path`` and ``host`` are where it asks; both
    are empty where that makes no difference.
    """

    code: int
    made_by: MadeBy
    client: str
    accept: tuple[str, ...]
    language: str = ""
    host: str = ""
    path: str = ""

    def __str__(self) -> str:
        said = [f"Accept: {', '.join(self.accept) or 'not set'}"]
        said += [f"Accept-Language: {self.language}"] if self.language else []
        said += [f"at {self.host}{self.path}"] if self.path else []
        return f"{self.code} of the {self.made_by} for {self.client} ({'; '.join(said)})"


@dataclass(frozen=True, slots=True)
class Expected:
    """The answer that a probe should get.

    ``kind`` is ``page``: one of ours, its ``path`` in the manifest and its ``content`` before tokens are filled in;
    ``cloudflare``: Cloudflare's own structured answer in ``format``; ``passed``: anything that is not ours.
    ``status`` is None where the HTTP status is not known in advance. ``media_type`` is without parameters.
    ``retry_after`` is in seconds, None where the edge does not set that header; ``own_wait`` says that the failing
    answer may bring one of its own, which then stays. ``page_wait`` are the seconds that the page says. ``vary`` are
    the headers that Vary has to name. ``keeps_headers``: those of the failing answer stay with the page.
    ``by_website``: the failure is one that the website makes on request.
    """

    kind: Literal["page", "cloudflare", "passed"]
    format: Format
    via: str
    status: int | None = None
    media_type: str | None = None
    path: str | None = None
    content: bytes = field(default=b"", repr=False)
    retry_after: int | None = None
    own_wait: bool = False
    page_wait: int | None = None
    vary: tuple[str, ...] = ()
    keeps_headers: bool = False
    by_website: bool = False

    @property
    def language(self) -> str:
        """The language of a page of ours, by its path; empty for other answers."""
        return self.path.split("/")[2] if self.path else ""


def probes(
    manifest: Manifest, report: Mapping[str, Any], made_by: Sequence[MadeBy] = ("edge", "origin")
) -> Iterator[Probe]:
    """Every code with a rule of its own or a family's, for every kind of client.

    Of a wide range of statuses the ends are asked too; a wide range of 1xxx codes has no others that an edge can make.
    All that is asked again in each further language of the edge's ``report``, in each scope, and where its rules are
    for some hosts only, at another.
    """
    hosts: Sequence[str] = report.get("hosts", ())
    usual = _inside(hosts) if hosts else ""
    asked = [("", usual, ""), *((tag, usual, "") for tag in report.get("languages", ()))]
    asked += [("", _inside(one.hosts) if one.hosts else usual, _inside(one.paths or ("/",))) for one in manifest.scopes]
    asked += [("", OTHER_HOST, "/")] if hosts else []
    for code in codes_of(manifest):
        for maker in made_by:
            if maker == "origin" and (code >= 1000 or code in CLOUDFLARE_ALONE):
                continue
            for language, host, path in asked:
                for client, accept in CLIENTS.items():
                    yield Probe(code, maker, client, accept, language, host, path)


def _inside(patterns: Sequence[str]) -> str:
    """A host or path that fits the first of ``patterns``."""
    return patterns[0].replace("*", "x")


def codes_of(manifest: Manifest) -> list[int]:
    """Every code that some rule is for; of a wide range of statuses its ends, of one of 1xxx codes none."""
    found: set[int] = set()
    for low, high in {span for rule in manifest.rules for span in rule.codes}:
        if high - low < 99:
            found |= set(range(low, high + 1))
        elif high < 1000:
            found |= {low, high}
    return sorted(found)


class Answers(Protocol):
    """What an edge should answer, whichever edge it is."""

    def of(self, probe: Probe) -> Expected:
        """The answer to ``probe``."""
        ...


@dataclass(frozen=True, slots=True)
class Expectations:
    """What Cloudflare should answer. ``report`` is the edge's report.json; ``profile`` the one whose pages it serves.

    ``announced``: planned work is announced. ``website_waits``: the website's failures may bring a Retry-After of their
    own, as those of the edge may.
    """

    manifest: Manifest
    report: Mapping[str, Any]
    read: Read
    profile: str
    announced: bool = False
    website_waits: bool = False

    def of(self, probe: Probe) -> Expected:
        """The answer to ``probe``."""
        scope = self._scope(probe)
        wanted = self.manifest.scopes[scope].format if scope is not None else negotiate_format(probe.accept)
        served = self._served(probe, wanted, scope)
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
        return Expected(
            "page",
            wanted,
            via,
            status,
            self._media_type(wanted),
            path,
            self.read(path),
            self._retry_after(probe, wanted),
            own_wait=self.website_waits or probe.made_by == "edge",
            page_wait=rule.retry_after,
            keeps_headers=True,
            by_website=probe.made_by == "origin",
        )

    def _retry_after(self, probe: Probe, wanted: Format) -> int | None:
        """The seconds that the edge's rules set for a page of ours, as its report says."""
        told = (self.report["maintenance"] if self.announced else self.report).get("retry_after", {})
        if "rules" not in told or (wanted != "html" and _in_range(probe.code, told.get("html_only", "").split())):
            return None
        found = (int(seconds) for seconds, codes in told["seconds"].items() if _in_range(probe.code, codes.split()))
        return next(found, None)

    def _scope(self, probe: Probe) -> int | None:
        """The place of the scope that the probe is in, and that counts at this edge."""
        for place, one in enumerate(self.manifest.scopes):
            if one.contains(probe.host, probe.path.partition("?")[0]):
                return place if "served" in self.report["scopes"][place] else None
        return None

    def _served(self, probe: Probe, wanted: Format, scope: int | None) -> Mapping[str, str]:
        """What the edge's report says of the probe."""
        code, report = probe.code, self.report
        hosts: Sequence[str] = report.get("hosts", ())
        if hosts and not Scope(tuple(hosts), (), wanted).contains(probe.host, probe.path):
            return {"via": "none"}
        tables: list[Mapping[str, Mapping[str, Mapping[str, str]]]] = [report["served"]]
        if scope is not None:
            in_scope: Mapping[str, Mapping[str, str]] = report["scopes"][scope]["served"]
            tables.append({codes: {wanted: answer} for codes, answer in in_scope.items()})
        if self.announced:
            tables.append(report["maintenance"]["served"])
        if probe.language:
            languages = (report["maintenance"] if self.announced else report).get("languages", {})
            tables.append(languages.get(probe.language, {}))
        found: Mapping[str, str] = {"via": "none"}
        for table in tables:
            found = _row(table, code).get(wanted, found)
        return found

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
