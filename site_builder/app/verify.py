"""Verify: live edges asked as clients would, and the pages of hosts fetched; what is not as published, and why."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RemoteFailed, UsageError
from ..model import Finding
from .build import Report, outputs, silent
from .publish import narrowed
from .questions import ask, page_with, questions, url_of

if TYPE_CHECKING:
    from ..publishing.apply import Verify
    from ..publishing.verify import Row
    from .live_state import LiveState
    from .silence import Silence
    from .site import EdgeOutput, SiteOutput

NOT_THERE = (
    "other pages of this build are there: a publish of it has not come to its end, it is not this build that was "
    "published, or somebody removed the page or its right to be read; errgen plan says what is missing, and errgen "
    "publish brings it"
)
NOTHING_THERE = (
    "this build has not been published here yet (errgen plan says so, errgen publish does it); or public_url leads "
    "elsewhere, or not everybody may read there (bucket policy, CDN)"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One live answer that is not as published: who was asked for what, what is wrong, and what to do."""

    where: str
    fact: str
    hint: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What an edge or a host of a site answered at ``url``: how many were ``asked`` for, and what is wrong with them.

    ``unasked`` says why nobody could be asked. ``findings`` spoil answers that are as published. ``silence`` is why
    none of the answers is errgen's; where somebody has switched its rules off, that is no problem with them. ``states``
    are live instead of what was asked for; each is one of the problems, the first of them, for all of its answers.
    """

    site: str
    target: str
    url: str
    asked: int = 0
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    unasked: RemoteFailed | None = None
    silence: Silence | None = None
    states: tuple[LiveState, ...] = ()

    @property
    def unexplained(self) -> int:
        """How many answers are not as published, and not those of one of the states either."""
        return 0 if self.silence else len(self.problems) - len(self.states)

    @property
    def result(self) -> str:
        """``as published``, ``differs``, or why: ``planned work``, ``another release``; what silence is, ``unasked``.

        Silence is ``nothing published`` or ``switched off``.
        """
        if self.unasked or not self.asked:
            return "unasked"
        if self.silence:
            return "switched off" if self.silence.switched_off else "nothing published"
        if self.states and not self.unexplained:
            return self.states[-1].result
        return "differs" if self.problems else "as published"


@dataclass(frozen=True, slots=True)
class _Asking:
    """How everything is asked."""

    project: Path
    maintenance: bool
    wait: bool
    environ: Mapping[str, str]
    report: Report
    sleep: Callable[[float], None]


def verify(
    project: Path,
    *,
    sites: Sequence[str] = (),
    zones: Sequence[str] = (),
    traffic: Path | None = None,
    maintenance: bool = False,
    wait: bool = False,
    environ: Mapping[str, str] = os.environ,
    report: Report = silent,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Verified]:
    """Ask every edge that names a ``verify_url`` and every host that names a ``public_url``, of the named sites or all.

    What should be served is what is built now, and with ``maintenance`` as while planned work is announced; nothing is
    written. With ``wait`` a distribution of CloudFront is asked once its last change is everywhere. Raises UsageError
    where no edge can be asked.
    """
    asking = _Asking(project, maintenance, wait, environ, report, sleep)
    made = outputs(project, sites, report, traffic)
    chosen = narrowed([(one, [output.edge for output in one.edges]) for one in made], zones)
    if not any(url_of(edge) for _, edges in chosen for edge in edges) and not any(
        _is_edge_too(one) for one, _ in chosen
    ):
        raise UsageError(
            "no edge says where it can be asked",
            hint='add verify_url = "https://www.example.com", an address of the website behind it, to '
            "[[site.NAME.edge]] in errgen.toml",
        )
    done = []
    for output, edges in chosen:
        meant = {edge.key for edge in edges}
        done += [
            _edge(output, one, asking)
            for compiled in output.edges
            for one in compiled.places()
            if one.edge.key in meant and url_of(one.edge)
        ]
        if (table := output.settings.host) is not None and (one := _host(output, table, asking)):
            done.append(one)
    return done


def _is_edge_too(output: SiteOutput) -> bool:
    """Whether visitors get the pages of the site's host at its own address."""
    from ..hosts import live_address

    host = output.settings.host
    return host is not None and live_address(host, f"{output.settings.where}.host") is not None


def _name(one: EdgeOutput) -> str:
    """For people, and what publishing calls it: ``cloudflare zone 023e…``; where it has no id, its folder ``nginx``."""
    return one.edge.name if one.edge.id else one.folder


def _edge(output: SiteOutput, one: EdgeOutput, asking: _Asking) -> Verified:
    from ..publishing.live_probes import code_by_code
    from .silence import is_silent, silence

    site, target, url = output.manifest.site, _name(one), url_of(one.edge)
    answers, probes = questions(output, one, asking.maintenance)
    try:
        if asking.wait and one.edge.kind == "cloudfront":
            from ..edges.cloudfront.propagation import wait_until_deployed

            wait_until_deployed(one.edge.options, asking.environ, report=asking.report, sleep=asking.sleep)
        rows = ask(output, one, answers, code_by_code(probes, answers), asking.report)
    except RemoteFailed as failure:
        return Verified(site, target, url, unasked=failure)
    if not rows:
        return Verified(site, target, url, findings=(_nothing_to_ask(target),))
    if is_silent(rows):
        why = silence(
            one.edge.kind, site, target, rows, asking.project, asking.environ, report=asking.report, sleep=asking.sleep
        )
        if why:
            told = [] if why.switched_off else [Problem(target, why.fact, why.hint)]
            return Verified(site, target, url, len(rows), tuple(told), silence=why)
    asked, (states, rows) = len(rows), _states(output, one, rows, asking)
    problems = [Problem(target, state.fact, state.hint) for state in states]
    problems += [
        Problem(f"{target}: {row.probe}", row.difference.fact, row.difference.hint) for row in rows if row.difference
    ]
    return Verified(site, target, url, asked, tuple(problems), _spoiled(target, rows), states=states)


def _states(
    output: SiteOutput, one: EdgeOutput, rows: tuple[Row, ...], asking: _Asking
) -> tuple[tuple[LiveState, ...], tuple[Row, ...]]:
    """What is live instead, where that can be known, and the rows that it does not explain."""
    from .live_state import planned_work, rolled_back

    if not any(row.difference for row in rows):
        return (), rows
    found = []
    find = page_with(output, one)
    if not asking.maintenance:
        announced, rows = planned_work(rows, questions(output, one, announced=True)[0], find)
        found += [announced] if announced else []
    before, rows = rolled_back(
        rows, find, output, one.edge, _name(one), asking.project, asking.environ, report=asking.report
    )
    return (*found, *([before] if before else [])), rows


def _spoiled(target: str, rows: Iterable[Row]) -> tuple[Finding, ...]:
    """What spoils answers that are as published."""
    from ..publishing.spoiled import findings, spoilers

    right = [row for row in rows if not row.difference]
    return findings(target, ((row.probe, found) for row in right for found in spoilers(row.expected, row.reply)))


def _host(output: SiteOutput, table: Mapping[str, Any], asking: _Asking) -> Verified | None:
    """Whether each page is at its public address, with exactly its bytes; None where nothing says where that is."""
    from ..hosts import live_address, open_host
    from ..publishing.proof import NotReached, NotThere, failures
    from .silence import Silence

    manifest, where = output.manifest, f"{output.settings.where}.host"
    url = live_address(table, where) or table.get("public_url")
    if not url:
        return None
    host = open_host(table, where, asking.environ, project=asking.project)
    if live_address(table, where):
        pages = [(f"{url}/{file.path}", file.sha256) for file in manifest.files]
    else:
        pages = [
            (host.url(host.place(file.path, file.sha256, manifest.release)), file.sha256) for file in manifest.files
        ]
    try:
        failed = list(failures(pages, sleep=asking.sleep, report=asking.report))
    except NotReached as failure:
        return Verified(manifest.site, host.name, url, unasked=failure)
    missing = [one for one in failed if isinstance(one, NotThere)]
    if len(missing) == len(pages):
        answers = ", ".join(sorted({one.message.removeprefix("answered ") for one in missing}))
        fact = f"none of the {len(pages)} pages of this build can be fetched (answered {answers})"
        why = Silence(fact, NOTHING_THERE)
        return Verified(manifest.site, host.name, url, len(pages), (Problem(url, why.fact, why.hint),), silence=why)
    problems = tuple(
        Problem(one.where or url, one.message, NOT_THERE if isinstance(one, NotThere) else one.hint or "")
        for one in failed
    )
    return Verified(manifest.site, host.name, url, len(pages), problems)


def live_check(
    output: SiteOutput,
    report: Report,
    announced: Sequence[str] = (),
    warn: Callable[[Sequence[Finding]], None] = lambda _: None,
) -> Verify | None:
    """What publishing asks after a switch: one code for every page that an edge with a ``verify_url`` serves.

    At the edges of ``announced`` planned work is announced. ``warn`` is told what spoils answers that are as published.
    None where no edge can be asked; then the rules that were read back are the proof. CloudFront is not asked: it takes
    minutes until all of its locations have new error responses.
    """
    places = [one for compiled in output.edges for one in compiled.places() if url_of(one.edge)]
    asked = {_name(one): one for one in places if one.edge.kind == "cloudflare"}
    if not asked:
        return None

    def check(name: str) -> list[str] | None:
        from ..publishing.live_probes import one_a_page

        if name not in asked:
            return None
        answers, probes = questions(output, asked[name], name in announced)
        rows = ask(output, asked[name], answers, one_a_page(probes, answers), report)
        warn(_spoiled(name, rows))
        return [str(row) for row in rows if row.difference]

    return check


def on_their_way(output: SiteOutput, switched: Collection[str]) -> list[Finding]:
    """How to ask those of the ``switched`` edges that take minutes until their new answers are everywhere."""
    places = [one.edge for compiled in output.edges for one in compiled.places() if url_of(one.edge)]
    return [
        _on_its_way(edge.name, output.manifest.site, edge.id)
        for edge in places
        if edge.kind == "cloudfront" and edge.name in switched
    ]


def _on_its_way(target: str, site: str, distribution: str) -> Finding:
    message = (
        "the new answers are on their way to all places, which takes minutes; clients get old or new ones until then"
    )
    hint = f"wait for them and ask with: errgen verify --wait --site {site} --zone {distribution}"
    return Finding("cloudfront-on-its-way", "info", message, where=target, hint=hint)


def _nothing_to_ask(target: str) -> Finding:
    message = "nothing can be asked there, because its failures are made by the website and no path is known to fail"
    hint = 'name some in this edge of errgen.toml: probes = { "/errgen-probe/503" = 503 }'
    return Finding("nothing-to-ask", "warning", message, where=target, hint=hint)
