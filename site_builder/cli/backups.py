"""The list of backups, which ``restore`` prints where none is named."""

from __future__ import annotations

import os
from pathlib import Path

import click

from .printing import Progress, print_error, print_json


def list_backups(project: Path, sites: tuple[str, ...], zones: tuple[str, ...], as_json: bool) -> None:
    """Print every backup, newest first, place by place, and each only where it is found first.

    A host that cannot be asked is told and stops nothing.
    """
    from ..app.backups import backups

    with Progress() as report:
        places = backups(project, sites, zones, os.environ, report)
    if as_json:
        print_json(
            [
                {
                    "where": one.where,
                    "backups": list(one.names),
                    "failure": str(one.failure) if one.failure else None,
                }
                for one in places
            ]
        )
        return
    told: set[str] = set()
    for one in places:
        click.echo(f"{one.where}:")
        for name in one.names:
            if name not in told:
                click.echo(f"  {name}")
        if again := told.intersection(one.names):
            click.echo(f"  {len(again)} of those above")
        elif not one.names:
            click.echo("  none")
        told.update(one.names)
        if one.failure:
            print_error(one.failure)
    if any(one.names for one in places):
        click.echo("put one back with: errgen restore NAME")
    else:
        click.echo("errgen publish makes one before each switch at Cloudflare or CloudFront")
