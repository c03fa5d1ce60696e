"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from .printing import PROJECT
from .run import Run


def _read_from(_: click.Context, __: click.Parameter, file: Path | None) -> Path | None:
    return Path("/dev/stdin") if file == Path("-") else file


def _remember(context: click.Context, _: click.Parameter, folder: Path) -> Path:
    context.meta[PROJECT] = folder
    return folder


def _tell_requests(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from .requests_told import RequestLines

    lines = RequestLines()
    lines.begin()
    context.call_on_close(lines.end)
    if run := context.find_object(Run):
        run.is_verbose = True


project_option = click.option(
    "--project",
    "-C",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    callback=_remember,
    help="The folder with errgen.toml; the current folder by default.",
)
site_option = click.option("--site", "sites", multiple=True, metavar="NAME", help="Only this site; may be repeated.")
out_option = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write; PROJECT/output by default."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON on standard output.")
verbose_option = click.option(
    "--verbose",
    "-v",
    is_flag=True,
    expose_value=False,
    callback=_tell_requests,
    help="Tell each step and each request on standard error: method, address, status, milliseconds. Never a secret.",
)
events_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print what happens as it happens, as JSON on standard output: one object a line, the last says how it ended.",
)
zone_option = click.option(
    "--zone", "zones", multiple=True, metavar="ID", help="Only this zone, account or distribution; may be repeated."
)
maintenance_option = click.option(
    "--maintenance/--no-maintenance",
    default=None,
    help="Announce planned work, or end that: while it is announced every 5xx of the website is answered with the page "
    "for it. Without either it stays as it is.",
)
canary_option = click.option(
    "--canary",
    "canaries_only",
    is_flag=True,
    help="Only the edges that errgen.toml calls canaries; the others, and the host's current release, stay as they are "
    "until the next publish without this.",
)
traffic_option = click.option(
    "--traffic",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    metavar="FILE",
    callback=_read_from,
    help="Choose Cloudflare's pages by this file of codes and counts, whatever file errgen.toml names; - is standard "
    'input. Lines are like 404,1200 or {"code": 404, "count": 1200}. Example: --traffic counts.csv',
)
