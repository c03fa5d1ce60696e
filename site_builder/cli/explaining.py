"""The command ``explain``: who gets what for one failure, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from ..errors import UsageError
from .options import json_option, project_option, site_option, traffic_option
from .printing import Progress, print_json


@click.command()
@click.argument("code", required=False)
@project_option
@site_option
@click.option("--edge", "edges", multiple=True, metavar="KIND", help="Only this edge; may be repeated.")
@click.option(
    "--accept",
    multiple=True,
    metavar="TYPES",
    help="The Accept header, a browser's by default; '' for none. Repeated for several header lines.",
)
@click.option("--accept-language", multiple=True, metavar="TAGS", help="The Accept-Language header; none by default.")
@click.option("--host", help="The host that the client asked; by default one that the edges answer for.")
@click.option("--path", default="/", show_default=True, help="The path that the client asked for.")
@click.option(
    "--origin",
    "made_by",
    type=click.Choice(["edge", "origin"]),
    help="Who fails; by default the edge with what only Cloudflare fails with, and the origin with everything else.",
)
@click.option("--table", is_flag=True, help="All codes for all kinds of clients: a table for each edge and scope.")
@traffic_option
@json_option
def explain(
    code: str | None,
    project: Path,
    sites: tuple[str, ...],
    edges: tuple[str, ...],
    accept: tuple[str, ...],
    accept_language: tuple[str, ...],
    host: str | None,
    path: str,
    made_by: Literal["edge", "origin"] | None,
    table: bool,
    traffic: Path | None,
    as_json: bool,
) -> None:
    """Say who gets what when something fails with CODE: at each edge the rule that matches, and why. Writes nothing.

    Example:  errgen explain 522 --accept 'text/markdown, application/json' --accept-language de
    """
    if (code is None) != table:
        raise UsageError(
            "explain takes a code, or --table for all of them",
            hint="for example: errgen explain 404, or: errgen explain --table",
        )
    if not path.startswith("/") or " " in path:
        raise UsageError(f"'{path}' is no path", hint="it begins with / and has no blanks: --path /api/users")
    if host is not None and (not host or set(host) & set(" /?#@")):
        raise UsageError(f"'{host}' is no host", hint="it is a name without https:// and path: --host api.example.com")
    from ..app import explain as use_case
    from ..app import explanation_text as text

    lines = tuple(line for line in accept if line) if accept else (use_case.BROWSER,)
    asked = use_case.Asked(lines, accept_language, host, path, made_by)
    with Progress() as report:
        if code is None:
            made = list(use_case.tables(project, asked, sites=sites, edges=edges, traffic=traffic, report=report))
        else:
            explained = use_case.explain(project, code, asked, sites=sites, edges=edges, traffic=traffic, report=report)
            done = list(explained)
    if as_json:
        print_json([text.table_json(one) for one in made] if code is None else [text.explanation_json(o) for o in done])
        return
    for index, block in enumerate(
        [text.table_lines(one) for one in made] if code is None else [text.explanation_lines(one) for one in done]
    ):
        if index:
            click.echo()
        for line in block:
            click.echo(line)
    if code is None:
        click.echo()
        for line in text.LEGEND:
            click.echo(line)
