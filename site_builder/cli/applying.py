"""A plan shown, asked about and applied: what all commands that change something live have in common."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Interrupted, UsageError
from .printing import Progress, print_findings, print_json

if TYPE_CHECKING:
    from ..app.publish import Prepared
    from ..model import Finding
    from ..publishing import Outcome, Plan, Target


def carry_out(
    prepare: Callable[[Progress], Generator[Prepared]],
    project: Path,
    *,
    yes: bool,
    as_json: bool,
    command: Callable[[Plan], str],
    outcome: Callable[[Plan, Target], str],
    keep: bool = False,
) -> None:
    """Apply what ``prepare`` gives, site after site, each once it was shown and, without ``yes``, agreed to.

    ``command`` is what to run to carry on, ``outcome`` what to print once something was done.
    """
    from ..app import publish as use_case

    done = []
    with Progress() as report, closing(prepare(report)) as prepared:
        for one in prepared:
            report.pause()
            if not as_json:
                print_plan(one.plan)
            summarise([one.plan])
            if not one.plan.is_empty and not yes:
                confirm("apply with --yes")
            report.resume()
            heard: list[Finding] = []
            done.append(
                use_case.publish(project, one, keep=keep, report=report, warn=heard.extend, command=command(one.plan))
            )
            report.pause()
            print_findings(tuple(heard))
            if not as_json:
                for note in one.target.notes:
                    click.echo(note)
                if not one.plan.is_empty:
                    click.echo(outcome(one.plan, one.target))
                print_reservations(done[-1])
    if as_json:
        keys = ("switched", "differences", "unpruned", "uncopied")
        print_json([{**one.plan.to_json(), **{key: getattr(one, key) for key in keys}} for one in done])


def print_plan(one: Plan) -> None:
    """A plan as lines."""
    from ..publishing.plan_text import plan_lines

    for line in plan_lines(one):
        click.echo(line)


def summarise(plans: Iterable[Plan]) -> None:
    """Put plans into the summary of the CI job that runs this, where that has one."""
    from ..app import step_summary
    from ..publishing.plan_markdown import plan_markdown

    for one in plans:
        step_summary.append(plan_markdown(one))


def confirm(otherwise: str) -> None:
    """Ask whether to apply what was shown; ``otherwise`` is the hint where nobody can be asked. Raises Interrupted."""
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here, so nothing was applied", hint=otherwise)
    if not click.confirm("Apply this?", default=False):
        raise Interrupted("not applied; nothing was changed")


def print_reservations(done: Outcome) -> None:
    """What was kept all the same, and what is left to do."""
    for difference in done.differences:
        click.echo(f"warning: kept all the same: {difference}", err=True)
    if done.unpruned:
        click.echo(f"warning: stale pages were not removed, which the next publish does: {done.unpruned}", err=True)
    for reason in done.uncopied:
        click.echo(f"warning: a record is in .errgen only, and not at the host too: {reason}", err=True)
