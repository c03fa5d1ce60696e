"""A plan shown, asked about and applied: what all commands that change something live have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import Interrupted, LocalFilesFailed, PartlyApplied, RemoteFailed, UsageError
from .events import Events
from .printing import Progress, annotate_for_github, is_verbose, placed, print_findings
from .saying import say

if TYPE_CHECKING:
    from ..app.publish import Prepared
    from ..model import Finding
    from ..publishing import Outcome, Plan, Target

APPLY_ANYWAY = click.option(
    "--force",
    is_flag=True,
    help="Apply a plan that errgen calls unsafe: one that would lose all rules or pages, more than 30 % of ten or more "
    "of them or of those in a language, or replace what another project has put there under this site's name.",
)


def carry_out(
    prepare: Callable[[Progress], Generator[Prepared]],
    project: Path,
    *,
    yes: bool,
    as_json: bool,
    outcome: Callable[[Plan, Target], str],
    command: Callable[[Plan], str] | None = None,
    keep: bool = False,
    force: bool = False,
    is_agreed: Callable[[Prepared], bool] = lambda _: False,
    otherwise: str = "apply with --yes",
    refetched: str | None = None,
    then: Callable[[Prepared], Iterable[str]] = lambda _: (),
) -> None:
    """Apply what ``prepare`` gives, site after site, each once it was shown and, without ``yes``, agreed to.

    ``outcome`` is what to print once something was done, and ``command`` what to run to carry on, where that is not the
    same again. ``force`` applies unsafe plans. ``is_agreed`` says of a plan that it was agreed to before, ``otherwise``
    is the hint where nobody can be asked. ``refetched`` is an asset to be fetched again. ``then`` gives what else there
    is to print after each site.

    Raises PartlyApplied for Ctrl-C, and for a no, once a site has been changed.
    """
    from ..app import publish as use_case

    teller = _Events() if as_json else _Lines()
    changed: list[str] = []
    with _ending(changed), Progress(teller.progress) as report, closing(prepare(report)) as prepared:
        for one in prepared:
            report.pause()
            _agree(one, teller, yes=is_agreed(one) or yes, force=force, otherwise=otherwise)
            report.resume()
            done = _applied(one, project, teller, report, keep=keep, command=command and command(one.plan))
            changed += [] if one.plan.is_empty else [one.plan.site]
            if refetched:
                done = use_case.refetch(project, one, refetched, done, report=report, tell=teller.step)
                changed += [one.plan.site] if one.plan.is_empty else []
            further = [*(f"{edge}: {refetched} was fetched again" for edge in done.refetched), *then(one)]
            report.pause()
            said = "" if one.plan.is_empty else outcome(one.plan, one.target)
            teller.applied(done, [*one.target.notes, *_confirmations(done), *([said] if said else []), *further])
            warnings = list(_reservations(done))
            for warning in warnings:
                say(f"warning: {warning}", err=True)
            _summarise_outcome(said, warnings)
    teller.done()


@contextmanager
def _ending(changed: Sequence[str]) -> Iterator[None]:
    """What ends the block early is told as what it is once the sites of ``changed`` are done."""
    try:
        yield
    except (KeyboardInterrupt, click.Abort, Interrupted) as cause:
        if not changed:
            raise
        raise PartlyApplied(
            f"interrupted after this was done: {', '.join(changed)}; what follows was not",
            hint="answers are complete; run the same command again for the rest",
        ) from cause
    except (RemoteFailed, LocalFilesFailed) as failure:
        if not changed:
            raise
        raise PartlyApplied(
            f"{failure.message}; before that this was done: {', '.join(changed)}",
            where=failure.where,
            hint=failure.hint or "answers are complete; run the same command again for the rest",
        ) from failure


def _agree(one: Prepared, teller: _Lines, *, yes: bool, force: bool, otherwise: str) -> None:
    """Show a plan, and raise UnsafePlan, PlanRefused, UsageError or Interrupted where it is not to be applied."""
    from ..app.publish import require_no_errors
    from ..publishing.safety import require_safe

    is_refused = bool(one.plan.unsafe) and not force
    teller.plan(one.plan, is_refused=is_refused)
    summarise([one.plan], is_refused=is_refused)
    require_safe(one.plan, forced=force)
    require_no_errors(one.output.findings)
    if not (one.plan.is_empty or yes):
        _confirm(otherwise)


def _applied(
    one: Prepared, project: Path, teller: _Lines, report: Progress, *, keep: bool, command: str | None
) -> Outcome:
    """Apply a plan; what came up on the way is printed at the end of it."""
    from ..app import publish as use_case

    heard: list[Finding] = []

    def warn(findings: Sequence[Finding]) -> None:
        heard.extend(findings)
        teller.findings(one.plan, findings)

    done = use_case.publish(project, one, keep=keep, report=report, warn=warn, command=command, tell=teller.step)
    report.pause()
    print_findings(tuple(heard))
    report.resume()
    return done


class _Lines:
    """What is done, as lines for people."""

    def progress(self, text: str) -> None:
        """Nothing: the terminal shows it."""

    def plan(self, plan: Plan, *, is_refused: bool) -> None:
        """The plan."""
        print_plan(plan, say, is_refused=is_refused)

    def step(self, action: str, facts: Mapping[str, Any]) -> None:
        """Nothing: the outcome says what people need of it."""

    def findings(self, plan: Plan, findings: Sequence[Finding]) -> None:
        """Nothing: they are printed once the site is done."""

    def applied(self, done: Outcome, said: Sequence[str]) -> None:  # noqa: ARG002  # programs read the rest
        """One site is done."""
        for line in said:
            say(line)

    def done(self) -> None:
        """Nothing: the exit code says so."""


class _Events(_Lines):
    """What is done, as events for programs."""

    def __init__(self) -> None:
        self._print = Events()

    def progress(self, text: str) -> None:
        self._print("progress", text=text)

    def plan(self, plan: Plan, *, is_refused: bool) -> None:  # noqa: ARG002  # programs read all of it
        self._print("plan", site=plan.site, release=plan.release, plan=plan.to_json())

    def step(self, action: str, facts: Mapping[str, Any]) -> None:
        self._print.step(action, facts)

    def findings(self, plan: Plan, findings: Sequence[Finding]) -> None:
        from dataclasses import asdict

        for one in placed(findings):
            self._print("finding", site=plan.site, **asdict(one))

    def applied(self, done: Outcome, said: Sequence[str]) -> None:
        facts = {key: getattr(done, key) for key in ("switched", "confirmed", "differences", "unpruned", "uncopied")}
        self._print("applied", site=done.plan.site, release=done.plan.release, **facts, said=said)

    def done(self) -> None:
        self._print("done", exit_code=0)


def print_plan(one: Plan, echo: Callable[[str], None] = click.echo, *, is_refused: bool = False) -> None:
    """A plan as lines. Where it ``is_refused`` the failure says why."""
    from ..publishing.plan_text import plan_lines

    for line in plan_lines(one, as_read(one, is_refused=is_refused)):
        echo(line)


def as_read(plan: Plan, *, is_refused: bool = False) -> Plan:
    """``plan`` as people read it: keys of errgen.toml with their lines, and unless this is verbose no long repetition.

    Its checksum is not the plan's.
    """
    from ..publishing.folding import briefly

    read = replace(plan, findings=tuple(placed(plan.findings)), unsafe=() if is_refused else plan.unsafe)
    return read if is_verbose() else briefly(read)


def summarise(plans: Iterable[Plan], *, is_refused: bool = False) -> None:
    """Put plans into the summary of the CI job that runs this, where that has one, and annotate it with findings.

    Where they are ``is_refused`` the failure says why, in the summary too.
    """
    from ..app import step_summary
    from ..publishing.plan_markdown import plan_markdown

    for one in plans:
        if step_summary.is_there():
            step_summary.append(plan_markdown(one, as_read(one, is_refused=is_refused)))
        annotate_for_github(one.findings)


def _summarise_outcome(said: str, warnings: Sequence[str]) -> None:
    """Put what was done into that summary too."""
    from ..app import step_summary
    from ..publishing.plan_markdown import escaped

    lines = ([f"**{escaped(said)}**"] if said else []) + [f"- **warning**: {escaped(one)}" for one in warnings]
    try:
        if lines:
            step_summary.append("\n".join(lines) + "\n")
    except LocalFilesFailed as failure:  # what it would have told has been done, and told on standard output
        say(f"warning: {failure}", err=True)


def _confirm(otherwise: str) -> None:
    """Ask whether to apply what was shown; ``otherwise`` is the hint where nobody can be asked. Raises Interrupted."""
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here, so nothing was applied", hint=otherwise)
    if not click.confirm("Apply this?", default=False, err=True):
        raise Interrupted("not applied; nothing was changed")


def _confirmations(done: Outcome) -> Iterable[str]:
    """Which edges had their rules before this run, and were asked by it."""
    if done.confirmed:
        from ..publishing.done import some

        yield f"{done.plan.site}: switched before this run, and asked by it: {some(done.confirmed)}"


def _reservations(done: Outcome) -> Iterable[str]:
    """What was kept all the same, and what is left to do."""
    for difference in done.differences:
        yield f"kept all the same: {difference}"
    if done.unpruned:
        yield f"stale pages were not removed, which the next publish does: {done.unpruned}"
    if done.uncopied:
        from ..publishing.journal import ONLY_HERE

        yield from (f"{ONLY_HERE}: {reason}" for reason in done.uncopied)
