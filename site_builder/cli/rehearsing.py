"""The commands with a Cloudflare on this machine: ``rehearse`` and ``emulate``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import LiveAnswersDiffer
from .options import json_option, project_option, site_option, traffic_option
from .printing import Progress, print_findings, print_json

if TYPE_CHECKING:
    from ..app.emulate import Started
    from ..emulator.state import Plan as ZonePlan

ZONE = "023e105f4ecef8ad9ca31a8372d0c353"


@click.command()
@project_option
@site_option
@click.option("--maintenance", is_flag=True, help="Also announce planned work, ask, end it again, and ask once more.")
@traffic_option
@json_option
def rehearse(project: Path, sites: tuple[str, ...], maintenance: bool, traffic: Path | None, as_json: bool) -> None:
    """Publish to a Cloudflare on this machine and ask it as every kind of client would. Touches no account.

    Example:  errgen rehearse --maintenance
    """
    from ..app.rehearsal_text import rehearsal_json, rehearsal_lines
    from ..app.rehearse import rehearse as use_case

    with Progress() as report:
        done = list(use_case(project, sites=sites, maintenance=maintenance, traffic=traffic, report=report))
    if as_json:
        print_json([rehearsal_json(one) for one in done])
    else:
        for one in done:
            print_findings(one.findings)
            for line in rehearsal_lines(one):
                click.echo(line)
    if problems := sum(len(one.problems) for one in done):
        raise LiveAnswersDiffer(
            f"the rehearsal found {problems} problems", hint="each is listed above; nothing was published anywhere else"
        )


@click.command()
@project_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8787,
    show_default=True,
    help="Port on 127.0.0.1; 0 for any free one.",
)
@click.option("--zone", default=ZONE, show_default=True, metavar="ID", help="The id of the zone it has.")
@click.option(
    "--plan",
    type=click.Choice(["free", "pro", "business", "enterprise"]),
    default="pro",
    show_default=True,
    help="The zone's plan, which decides how many rules and assets there may be.",
)
def emulate(project: Path, port: int, zone: str, plan: ZonePlan) -> None:
    """Run a Cloudflare on this machine: its API under /client/v4, and what visitors are answered. Ctrl-C ends it.

    Example:  errgen emulate --port 8787
    """
    from ..app.emulate import emulate as use_case

    with suppress(KeyboardInterrupt):
        use_case(project, port=port, zone=zone, plan=plan, started=_print_started)
    click.echo("stopped")


def _print_started(started: Started) -> None:
    click.echo(
        f"visitors   {started.url}/  (zone {started.zone} on the {started.plan} plan, account {started.account})"
    )
    click.echo("To point errgen, or any client of Cloudflare's SDK, at it:")
    click.echo(f"  export CLOUDFLARE_BASE_URL={started.api}")
    click.echo(f"  export CLOUDFLARE_API_TOKEN={started.token}")
    click.echo("To see a page fail:")
    click.echo(f"  curl -H 'Accept: application/json' {started.url}/cdn-cgi/error/522")
    click.echo("Ctrl-C ends it; nothing is kept.")
