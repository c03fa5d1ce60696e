"""``publish --preview``: a draft at the host, and its address."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from .events import Events
from .printing import Progress


def print_drafts(project: Path, sites: tuple[str, ...], traffic: Path | None, as_json: bool) -> None:
    """Bring each site to a draft and print where that is: a line for people, or events."""
    from ..app import publish as use_case
    from ..app.draft import draft

    events = Events()
    with (
        Progress() as report,
        closing(use_case.prepare(project, sites=sites, traffic=traffic, report=report)) as prepared,
    ):
        for one in prepared:
            site, release = one.plan.site, one.plan.release
            address = draft(one, report=report)
            if as_json:
                events("drafted", site=site, release=release, target=one.target.host.name, address=address)
            else:
                report.pause()
                click.echo(f"{site}: a draft is at {address}; nothing was published")
                report.resume()
    if as_json:
        events("done", exit_code=0)
