"""The commands of publishing: ``plan`` and ``publish``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ChangesExist, UsageError
from .applying import APPLY_ANYWAY, as_read, carry_out, print_plan, summarise
from .drafting import print_drafts
from .options import (
    canary_option,
    events_option,
    json_option,
    maintenance_option,
    project_option,
    site_option,
    traffic_option,
    verbose_option,
    zone_option,
)
from .printing import Progress, annotate_for_github, print_json

if TYPE_CHECKING:
    from ..app.publish import Prepared


@click.command()
@project_option
@site_option
@zone_option
@canary_option
@maintenance_option
@traffic_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also save the plan to this file.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How to print the plan; markdown is for a pull request.",
)
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit 10 when there is anything to change, and 5 when publish would refuse that.",
)
@verbose_option
@json_option
def plan(
    project: Path,
    sites: tuple[str, ...],
    zones: tuple[str, ...],
    canaries_only: bool,
    maintenance: bool | None,
    traffic: Path | None,
    out: Path | None,
    form: str,
    detailed_exitcode: bool,
    as_json: bool,
) -> None:
    """Build, then say what publishing would change and how much of each limit it uses. Changes nothing anywhere else.

    Example:  errgen plan --out plan.json

    Planned work:  errgen plan --maintenance

    In CI:  errgen plan --format markdown > plan.md

    What makes a plan unsafe comes first: publish refuses it without --force, and --detailed-exitcode gives 5. What
    somebody changed by hand since errgen wrote it comes next, and has "drift": true in the JSON. Where GitHub runs
    this, the plan is in the summary of the job too.
    """
    from ..app import publish as use_case
    from ..publishing.plan_markdown import plan_markdown
    from ..publishing.safety import require_safe

    with Progress() as report:
        prepared = use_case.prepare(
            project,
            sites=sites,
            zones=zones,
            canaries_only=canaries_only,
            maintenance=maintenance,
            traffic=traffic,
            report=report,
        )
        found = [(one.plan, one.target.notes) for one in prepared]
    plans = [one for one, _ in found]
    if out:
        if len(plans) != 1:
            raise UsageError("a saved plan is of one site", hint="name it with --site NAME")
        use_case.save(plans[0], out)
    summarise(plans)
    if as_json or form == "json":
        print_json([one.to_json() for one in plans])
    elif form == "markdown":
        click.echo("\n".join(plan_markdown(one, as_read(one)) for one in plans), nl=False)
    else:
        for one, notes in found:
            print_plan(one)
            for note in notes:
                click.echo(note)
    changes = sum(len(one.changes) for one in plans)
    annotate_for_github(finding for one in plans for finding in one.unsafe)
    if detailed_exitcode:
        for one in plans:
            require_safe(one, forced=False)
            use_case.require_no_errors(one.findings)
    if detailed_exitcode and changes:
        raise ChangesExist(f"there are {changes} changes", hint="errgen publish applies them")


@click.command()
@project_option
@site_option
@zone_option
@canary_option
@maintenance_option
@traffic_option
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option(
    "--plan",
    "reviewed",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Apply exactly this plan, saved by errgen plan --out; refuse it when anything has moved since.",
)
@APPLY_ANYWAY
@click.option(
    "--refetch",
    "refetched",
    metavar="NAME",
    help="Also let Cloudflare fetch this asset of ours again, which somebody altered by hand; errgen plan names it. "
    "Example: --refetch errgen_default_en_404_1a2b3c4d",
)
@click.option("--keep", is_flag=True, help="Keep the new rules even where the live answers differ from them.")
@click.option("--preview", is_flag=True, help="Bring a draft to Netlify, print its address, and publish nothing.")
@click.option(
    "--enable/--disable",
    "enabled",
    default=None,
    help="Only switch Cloudflare's rules of ours on or off, as they are live: nothing is built or uploaded. Rules that "
    "are off stay off, whatever is published, until --enable.",
)
@verbose_option
@events_option
def publish(
    project: Path,
    sites: tuple[str, ...],
    zones: tuple[str, ...],
    canaries_only: bool,
    maintenance: bool | None,
    traffic: Path | None,
    yes: bool,
    reviewed: Path | None,
    force: bool,
    refetched: str | None,
    keep: bool,
    preview: bool,
    enabled: bool | None,
    as_json: bool,
) -> None:
    """Build, plan, ask, apply and check. Until the last step the old pages serve; a second run carries on.

    Example:  errgen publish --site default

    In CI:  errgen publish --yes

    A plan that would lose more than anybody may have meant is refused with exit 5, a reviewed one too; errgen plan says
    why. Where it is meant:  errgen publish --force

    In two steps:  errgen publish --canary --yes, a look at these edges, and then  errgen publish --yes

    Edges with canary = true are switched and verified before the others in any case; where one of them is not as it
    should be its previous rules are put back, and the others are not touched.

    To look at it first, where the host is Netlify:  errgen publish --preview

    Planned work:  errgen publish --maintenance --yes, and when it is done  errgen publish --no-maintenance --yes

    Planned work answers what fails, so take the origin down or let it answer 503: what the website still answers below
    400 stays open, because error rules do not act on it.

    In an emergency:  errgen publish --disable --yes, and later  errgen publish --enable --yes
    """
    from ..app import publish as use_case
    from ..publishing.refetch import require_asset

    if preview:
        others = (yes, zones, reviewed, force, refetched, keep, canaries_only)
        if any(others) or maintenance is not None or enabled is not None:
            raise UsageError("--preview publishes nothing", hint="run it alone, or with --site, --traffic and --json")
        print_drafts(project, sites, traffic, as_json)
        return
    if enabled is not None:
        if maintenance is not None or traffic or reviewed or force or refetched or keep or canaries_only:
            raise UsageError(
                "--enable and --disable change nothing else",
                hint="run them alone, or with --site, --zone, --yes and --json",
            )
        _switch(project, sites, zones, yes, as_json, enabled=enabled)
        return
    saved = use_case.reviewed(reviewed) if reviewed else None
    if saved and maintenance not in (None, saved.maintenance):
        raise UsageError(
            f"{reviewed} is a plan for something else than this asks for about planned work",
            hint="leave --maintenance and --no-maintenance to the plan; it has what was reviewed",
        )
    wanted = sites or ((saved.site,) if saved else ())

    def is_agreed(one: Prepared) -> bool:
        if refetched:
            require_asset(one.target, refetched)
        if saved and not one.survey.require(saved, str(reviewed)) and not as_json:
            click.echo(f"{reviewed}: is applied already")
        return saved is not None

    carry_out(
        lambda report: use_case.prepare(
            project,
            sites=wanted,
            zones=zones,
            canaries_only=canaries_only,
            maintenance=saved.maintenance if saved else maintenance,
            traffic=traffic,
            report=report,
        ),
        project,
        yes=yes,
        as_json=as_json,
        outcome=lambda plan, target: (
            f"{plan.site}: release {plan.release[:12]} is published{' at its canaries' * target.canaries_only}"
        ),
        keep=keep,
        force=force,
        is_agreed=is_agreed,
        otherwise="apply with --yes, or review a plan (errgen plan --out plan.json) and apply it with --plan plan.json",
        refetched=refetched,
        then=_way_on if canaries_only else lambda _: (),
    )


def _switch(
    project: Path, sites: tuple[str, ...], zones: tuple[str, ...], yes: bool, as_json: bool, *, enabled: bool
) -> None:
    from ..app import toggle

    done = "on again" if enabled else "off, and clients get what they would without errgen"
    carry_out(
        lambda report: toggle.prepare(project, enabled=enabled, sites=sites, zones=zones, report=report),
        project,
        yes=yes,
        as_json=as_json,
        command=lambda plan: f"publish --{'enable' if enabled else 'disable'} --site {plan.site}",
        outcome=lambda plan, _: f"{plan.site}: errgen's rules are {done}",
    )


def _way_on(one: Prepared) -> Iterator[str]:
    """What to run once the canaries have been looked at."""
    names = ", ".join(remote.name for remote in one.target.remotes)
    yield f"{one.plan.site}: these are the canaries: {names}"
    yield f"go on with: errgen publish --site {one.plan.site}"
    yield f"or go back with: errgen rollback --site {one.plan.site} --to {(one.survey.current or 'none')[:12]}"
