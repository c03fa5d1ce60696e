"""The command ``policy``: the least rights that the configured targets need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import json_option, project_option, site_option, zone_option
from .printing import print_json

if TYPE_CHECKING:
    from ..app.policy import Needed


@click.command()
@project_option
@site_option
@zone_option
@json_option
def policy(project: Path, sites: tuple[str, ...], zones: tuple[str, ...], as_json: bool) -> None:
    """Say the least rights that publishing needs at the configured targets. Asks nobody and needs no credentials.

    For AWS the IAM policy to paste, for Cloudflare the permissions of the API token, for Netlify and ssh what their
    accounts have to be allowed.

    Example:  errgen policy --site default
    """
    from ..app.policy import policy as use_case

    needed = use_case(project, sites=sites, zones=zones)
    if as_json:
        print_json([one.to_json() for one in needed])
        return
    for number, one in enumerate(needed):
        if number:
            click.echo()
        _print(one)
    if not needed:
        click.echo(
            "nothing here is reached with credentials: no site has a host, or an edge to switch over the network"
        )


def _print(one: Needed) -> None:
    click.echo(f"{one.credential}, for {', '.join(one.targets)}:")
    resources = dict.fromkeys(grant.resource for grant in one.grants)
    for resource in resources:
        grants = [grant for grant in one.grants if grant.resource == resource]
        click.echo(f"  {resource}")
        width = max(len(grant.permission) for grant in grants)
        for grant in grants:
            click.echo(f"    {grant.permission:{width}}  {grant.reason}")
    for how in one.how:
        click.echo(how)
    if one.iam:
        click.echo(json.dumps(one.iam, indent=2))
