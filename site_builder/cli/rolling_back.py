"""The commands that go back: ``rollback``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from .options import json_option, project_option, site_option, zone_option
from .printing import Progress, print_json
from .publishing import confirm, print_plan, print_reservations

if TYPE_CHECKING:
    from ..publishing import Outcome, Target

NONE = "none"


@click.command()
@project_option
@site_option
@zone_option
@click.option(
    "--to",
    metavar="RELEASE",
    help="The release to go back to, by the beginning of its digest; none removes everything of ours. Without it: the "
    "release before the current one.",
)
@click.option(
    "--purge", is_flag=True, help="With --to none: remove the host's pages and kept releases too, once nothing live is "
    "made from them.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--keep", is_flag=True, help="Keep the old rules even where the live answers differ from them.")
@json_option
def rollback(
    project: Path,
    sites: tuple[str, ...],
    zones: tuple[str, ...],
    to: str | None,
    purge: bool,
    yes: bool,
    keep: bool,
    as_json: bool,
) -> None:
    """Publish a release that the host keeps once more: plan, ask, apply and check, as publish does. Builds nothing.

    Example:  errgen rollback --to 1a2b3c4d

    To the release before, in CI:  errgen rollback --yes

    To remove everything of ours:  errgen rollback --to none, and later with --purge

    The pages are those of that release to the byte. Its rules are compiled from its manifest with the edges that
    errgen.toml has now. A release that is not kept (keep in the host's table says how many are) is built from its
    commit and published. The next errgen publish brings back what the project builds now.

    With --to none rules go first, then assets, then the host's current release. Pages and kept releases stay until
    --purge, and so does the current release where a web server of yours reads it: take our files out of that server's
    configuration first. Backups and the audit stay in any case.
    """
    from ..app import publish as use_case
    from ..app import rollback as preparing

    if purge and to != NONE:
        raise UsageError("--purge removes pages, so it goes with --to none", hint="write --to none --purge")
    done = []
    with Progress() as report:
        if to == NONE:
            found = preparing.prepare_removal(project, purge=purge, sites=sites, zones=zones, report=report)
        else:
            found = preparing.prepare(project, to=to, sites=sites, zones=zones, report=report)
        with closing(found) as prepared:
            for one in prepared:
                report.pause()
                if not as_json:
                    print_plan(one.plan)
                if not one.plan.is_empty and not yes:
                    confirm("apply with --yes")
                report.resume()
                command = f"rollback --site {one.plan.site} --to {one.plan.release[:12]}"
                done.append(use_case.publish(project, one, keep=keep, report=report, command=command))
                report.pause()
                if not as_json:
                    _print_outcome(done[-1], one.target)
    if as_json:
        keys = ("switched", "differences", "unpruned")
        print_json([{**one.plan.to_json(), **{key: getattr(one, key) for key in keys}} for one in done])


def _print_outcome(done: Outcome, target: Target) -> None:
    for note in target.notes:
        click.echo(note)
    if done.plan.is_empty:
        return
    site = done.plan.site
    if target.removal == "rules":
        click.echo(f"{site}: errgen's rules and assets are gone; {target.host.name} keeps its pages and its release")
    elif target.removal == "release":
        click.echo(f"{site}: errgen's rules and assets are gone, no release is current; {target.host.name} keeps pages")
    elif target.removal == "pages":
        click.echo(f"{site}: everything of errgen's is gone but pages that live answers were made from until now")
    else:
        click.echo(f"{site}: release {done.plan.release[:12]} is published again")
    print_reservations(done)
