"""The commands that go back: ``rollback`` and ``restore``."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from .applying import APPLY_ANYWAY, carry_out
from .backups import list_backups
from .options import events_option, project_option, site_option, verbose_option, zone_option

if TYPE_CHECKING:
    from ..app.publish import Prepared
    from ..publishing import Plan, Target
    from .printing import Progress

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
@APPLY_ANYWAY
@click.option("--keep", is_flag=True, help="Keep the old rules even where the live answers differ from them.")
@verbose_option
@events_option
def rollback(
    project: Path,
    sites: tuple[str, ...],
    zones: tuple[str, ...],
    to: str | None,
    purge: bool,
    yes: bool,
    force: bool,
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
    from ..app import rollback as preparing

    if purge and to != NONE:
        raise UsageError("--purge removes pages, so it goes with --to none", hint="write --to none --purge")

    def prepare(report: Progress) -> Generator[Prepared]:
        if to == NONE:
            return preparing.prepare_removal(project, purge=purge, sites=sites, zones=zones, report=report)
        return preparing.prepare(project, to=to, sites=sites, zones=zones, report=report)

    carry_out(
        prepare,
        project,
        yes=yes,
        as_json=as_json,
        keep=keep,
        force=force,
        command=lambda plan: f"rollback --site {plan.site} --to {plan.release[:12]}" + (" --purge" if purge else ""),
        outcome=_outcome,
    )


def _outcome(plan: Plan, target: Target) -> str:
    host = target.host.name
    if target.removal == "rules":
        return f"{plan.site}: errgen's rules and assets are gone; {host} keeps its pages and its release"
    if target.removal == "release":
        return f"{plan.site}: errgen's rules and assets are gone, no release is current; {host} keeps pages"
    if target.removal == "pages":
        return _purged(plan)
    return f"{plan.site}: release {plan.release[:12]} is published again"


def _purged(plan: Plan) -> str:
    from ..publishing.prune import STAYING

    if staying := [one.message for one in plan.findings if one.id in STAYING]:
        return f"{plan.site}: errgen's rules and assets are gone, no release is current; {'; '.join(staying)}"
    return f"{plan.site}: everything of errgen's is gone but backups and the audit"


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@project_option
@site_option
@zone_option
@click.option("--yes", is_flag=True, help="Apply without asking.")
@APPLY_ANYWAY
@verbose_option
@events_option
def restore(
    file: Path | None,
    project: Path,
    sites: tuple[str, ...],
    zones: tuple[str, ...],
    yes: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Put our rules at an edge back as a backup has them: plan, ask, switch, read back.

    Example:  errgen restore 20261121T090000.000000Z-cloudflare-zone-023e.json

    To see which there are:  errgen restore  (of one zone with --zone ID; with --json one document, of all places)

    FILE is a backup that publish made before a switch at Cloudflare or CloudFront, by its path or by its name in
    .errgen/backups or at the host. Rules of others stay as they are now, whatever the backup says of them. Assets that
    its rules name and that are gone are fetched again from where they were, once their bytes have been found there. The
    next errgen publish brings back what the project builds.
    """
    from ..app import restore as preparing

    if file is None:
        if yes or force:
            given = " and ".join(name for name, is_given in (("--yes", yes), ("--force", force)) if is_given)
            raise UsageError(
                f"no backup is named, and without one there is nothing that {given} could apply to",
                hint="name the backup: errgen restore NAME --yes  (errgen restore alone lists them)",
            )
        list_backups(project, sites, zones, as_json)
        return
    carry_out(
        lambda report: preparing.prepare(project, file, sites=sites, zones=zones, report=report),
        project,
        yes=yes,
        as_json=as_json,
        command=lambda _: f"restore {file}",
        outcome=lambda plan, _: f"{plan.site}: errgen's rules are as {file.name} has them",
        force=force,
    )
