"""Plan and publish: build, look at what is there, show the difference, apply it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..edges._session import Session
from ..errors import Fault, InvalidInput, PlanRefused, UsageError, from_os_error
from ..model import MAINTENANCE, Finding
from ..publishing import Journal, Outcome, Plan, Survey, Target, apply, open_target, survey
from ..publishing.canaries import is_canary, unverified
from ..publishing.journal import Tell, untold
from ..publishing.provenance import account, commit
from ..publishing.target import is_switched
from .build import OUTPUT, Report, outputs, silent, write

if TYPE_CHECKING:
    from ..edges import Edge
    from ..publishing.apply import Verify
    from .site import SiteOutput

Of = TypeVar("Of")


@dataclass(frozen=True, slots=True)
class Prepared:
    """One site, built, and what publishing it would change."""

    output: SiteOutput
    target: Target
    survey: Survey

    @property
    def plan(self) -> Plan:
        """What would change."""
        return self.survey.plan


def prepare(
    project: Path,
    *,
    sites: Sequence[str] = (),
    zones: Sequence[str] = (),
    maintenance: bool | None = None,
    traffic: Path | None = None,
    canaries_only: bool = False,
    environ: Mapping[str, str] = os.environ,
    report: Report = silent,
) -> Generator[Prepared]:
    """Build the named sites, or all, and make each one's plan. ``zones`` narrows to edges that are one of these zones,
    accounts or distributions.

    ``maintenance`` announces planned work or ends that; None leaves it as it is live. ``traffic`` stands in for
    the files of the settings that say how often each code fails. ``canaries_only`` leaves all for later but what the
    canaries need. Sites are prepared as they are asked for, so that one is applied before the next is looked at.
    """
    made = outputs(project, sites, report, traffic)
    for one in made:
        write(project, one, project / OUTPUT)
    chosen = narrowed([(one, [output.edge for output in one.edges]) for one in made], zones)
    if canaries_only:
        chosen = only_canaries(chosen)
    if maintenance is not None:
        _require_switches(chosen)
    session = Session()
    for one, edges in chosen:
        meant = {edge.key for edge in edges}
        target = open_target(
            one.manifest,
            one.files["manifest.json"],
            one.read,
            one.settings.host,
            edges,
            environ,
            where=one.settings.where,
            project=project,
            maintenance=maintenance,
            left_out=[place for output in one.edges for place in output.edge.places() if place.key not in meant],
            canaries_only=canaries_only,
            report=report,
            session=session,
        )
        with closing(target):
            findings = [*told(one), *unverified(edges)]
            yield Prepared(one, target, survey(target, findings, report=report))


def narrowed(sites: Sequence[tuple[Of, Sequence[Edge]]], zones: Sequence[str]) -> list[tuple[Of, Sequence[Edge]]]:
    """Sites with those of their edges that are one of ``zones``; all of both where none is named.

    Each of many zones in one table is an edge of its own from here on. Raises UsageError for what no edge is.
    """
    places = [(one, [place for edge in edges for place in edge.places()]) for one, edges in sites]
    if not zones:
        return list(places)
    known = {edge.id for _, edges in places for edge in edges} - {""}
    if unknown := [zone for zone in zones if zone not in known]:
        raise UsageError(
            f"no edge has the zone {', '.join(unknown)}", hint=f"errgen.toml has: {', '.join(sorted(known)) or 'none'}"
        )
    chosen = [(one, [edge for edge in edges if edge.id in zones]) for one, edges in places]
    return [(one, edges) for one, edges in chosen if edges]


def only_canaries(sites: Sequence[tuple[Of, Sequence[Edge]]]) -> list[tuple[Of, Sequence[Edge]]]:
    """Sites with those of their edges that are canaries. Raises UsageError where no edge is."""
    chosen = [(one, [edge for edge in edges if is_canary(edge)]) for one, edges in sites]
    if not any(edges for _, edges in chosen):
        raise UsageError(
            "no edge is a canary",
            hint="write canary = true into the [[site.NAME.edge]] of a Cloudflare zone or CloudFront distribution that "
            "is to get new pages first",
        )
    return [(one, edges) for one, edges in chosen if edges]


def _require_switches(chosen: Sequence[tuple[SiteOutput, Sequence[Edge]]]) -> None:
    """Raise UsageError where a site has no edge at which planned work could be announced."""
    unable = [(one, edges) for one, edges in chosen if not any(is_switched(edge) for edge in edges)]
    if not unable:
        return
    one, edges = unable[0]
    kinds = ", ".join(sorted({edge.kind for edge in edges})) or "none"
    able = [one.manifest.site for one, edges in chosen if any(is_switched(edge) for edge in edges)]
    page = f"output/{one.manifest.site}/pages/static/{one.manifest.languages[0]}/{MAINTENANCE}.html"
    raise UsageError(
        f"the site {one.manifest.site} has no edge that announces planned work over the network (its edges: {kinds})",
        hint=f"name the sites that have one: {' '.join(f'--site {name}' for name in able)}"
        if able
        else f'serve {page} from your own server while you work, or add an edge with kind = "cloudflare"',
    )


def told(output: SiteOutput) -> list[Finding]:
    """What a plan has to say of how the site was made."""
    return [finding for finding in output.findings if finding.severity != "info"]


def require_no_errors(findings: Sequence[Finding]) -> None:
    """Raise PlanRefused, with the first of them, where any of ``findings`` is an error."""
    if errors := [finding for finding in findings if finding.severity == "error"]:
        raise PlanRefused(errors[0].message, where=errors[0].where, hint=errors[0].hint)


def publish(
    project: Path,
    prepared: Prepared,
    *,
    keep: bool = False,
    report: Report = silent,
    verify: Verify | None = None,
    warn: Callable[[Sequence[Finding]], None] = lambda _: None,
    command: str | None = None,
    tell: Tell = untold,
) -> Outcome:
    """Apply one plan. Audit lines and backups go to the project's ``.errgen``; ``command`` is what the audit names.

    ``warn`` is told what spoils live answers that are as published, ``tell`` each thing that was done.
    """
    require_no_errors(prepared.output.findings)
    from .verify import live_check, on_their_way

    outcome = apply(
        prepared.target,
        prepared.survey,
        journal=_journal(project, tell),
        verify=verify or live_check(prepared.output, report, prepared.plan.announced, warn),
        keep=keep,
        report=report,
        command=command,
    )
    if later := on_their_way(prepared.output, outcome.switched):
        warn(later)
    return outcome


def refetch(
    project: Path,
    prepared: Prepared,
    name: str,
    published: Outcome,
    *,
    report: Report = silent,
    tell: Tell = untold,
) -> Outcome:
    """Let the edges fetch one page again of what was ``published``, whoever altered their copy of it."""
    from ..publishing.proof import prover
    from ..publishing.refetch import refetch as fetch_again

    journal = _journal(project, tell)
    journal.uncopied += published.uncopied
    prove = prover(sleep=time.sleep, report=report)
    edges = fetch_again(prepared.target, prepared.survey, name, journal=journal, prove=prove, report=report)
    return replace(published, refetched=tuple(edges), uncopied=tuple(journal.uncopied))


def _journal(project: Path, tell: Tell = untold) -> Journal:
    who = {"USER": account(), **os.environ}
    return Journal(project / ".errgen", who, lambda: datetime.now(UTC), lambda: commit(os.environ, project), tell)


def save(plan: Plan, path: Path) -> None:
    """Write a plan for review. Raises LocalFilesFailed."""
    try:
        path.write_text(json.dumps(plan.to_json(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    except OSError as error:
        raise from_os_error(error, path, "write the plan") from error


def reviewed(path: Path) -> Plan:
    """The plan that ``save`` wrote. Raises InvalidInput or LocalFilesFailed."""
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise from_os_error(error, path, "read the plan") from error
    except ValueError:
        raise InvalidInput(
            [Fault(str(path), "is not a plan that errgen wrote")], hint="make one with: errgen plan --out FILE"
        ) from None
    return Plan.from_json(data, str(path))
