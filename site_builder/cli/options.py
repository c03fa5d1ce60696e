"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

project_option = click.option(
    "--project",
    "-C",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder with errgen.toml; the current folder by default.",
)
site_option = click.option("--site", "sites", multiple=True, metavar="NAME", help="Only this site; may be repeated.")
out_option = click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where to write; PROJECT/output by default."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON on standard output.")
zone_option = click.option(
    "--zone", "zones", multiple=True, metavar="ID", help="Only this zone, account or distribution."
)
maintenance_option = click.option(
    "--maintenance/--no-maintenance",
    default=None,
    help="Announce planned work, or end that: while it is announced every 5xx of the website is answered with the page "
    "for it. Without either it stays as it is.",
)
