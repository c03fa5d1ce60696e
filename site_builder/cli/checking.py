"""The command ``check``: findings as text, as JSON, and as annotations of a GitHub workflow."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ChecksFailed, InvalidInput
from .options import project_option, site_option, traffic_option
from .printing import Progress, locate, print_json

if TYPE_CHECKING:
    from ..app.check import CheckedSite
    from ..model import Finding

_GITHUB = {"error": "error", "warning": "warning", "info": "notice"}


@click.command()
@project_option
@site_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How to print the findings; github makes them annotations of a workflow's run.",
)
@traffic_option
def check(project: Path, sites: tuple[str, ...], form: str, traffic: Path | None) -> None:
    """Look for what readers, programs and edges would stumble over. Writes nothing; exit 4 when an error is found.

    Example:  errgen check --format github

    A finding that does not apply is switched off in errgen.toml, by its id and with a reason:

    \b
      [site.default.check]
      off = { size-haproxy = "we do not use HAProxy" }
    """
    from ..app.check import check as use_case

    try:
        with Progress() as report:
            checked = use_case(project, sites=sites, traffic=traffic, report=report)
    except InvalidInput as error:
        if form == "github":
            _print_faults(error, project)
        raise
    findings = _merged(checked)
    if form == "json":
        print_json(_as_json(checked))
    else:
        for finding in findings:
            if form == "github":
                _print_github(finding, project)
            else:
                _print_text(finding)
        for one in checked:
            _print_summary(one)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        count = "1 error is" if len(errors) == 1 else f"{len(errors)} errors are"
        if any(finding.severity == "error" for one in checked if one.made for finding in one.findings):
            hint = "correct them, or switch one off by its id with a reason in errgen.toml"
        else:
            hint = "correct them; what stops a build cannot be switched off"
        raise ChecksFailed(f"{count} left", hint=hint)


def _merged(checked: Sequence[CheckedSite]) -> list[Finding]:
    """What there is to say of all sites, each thing once, with the sites that it is true of where there are several."""
    from dataclasses import replace

    sites: dict[Finding, list[str]] = {}
    for one in checked:
        for finding in one.findings:
            sites.setdefault(finding, []).append(one.site)
    if len(checked) == 1:
        return list(sites)
    return [replace(finding, message=f"{finding.message} ({_named(names)})") for finding, names in sites.items()]


def _named(sites: Sequence[str]) -> str:
    return f"site{'s' if len(sites) > 1 else ''} {', '.join(sites)}"


def _print_text(finding: Finding) -> None:
    where = f"{finding.where}: " if finding.where else ""
    click.echo(f"{finding.severity}: {where}{finding.message} [{finding.id}]")
    if finding.hint:
        click.echo(f"  hint: {finding.hint}")


def _print_summary(one: CheckedSite) -> None:
    for off in one.switched_off:
        left_out = f"{off.count} finding{'' if off.count == 1 else 's'}"
        click.echo(f"{one.site}: {off.id} is switched off, {left_out}: {off.reason}")
    if one.languages:
        states = (f"{lang.tag} {lang.percent} %, {lang.percent_reviewed} % reviewed" for lang in one.languages)
        click.echo(f"{one.site}: translated: {'; '.join(states)}")
    counts = [
        f"{count} {name}{'' if count == 1 or name == 'info' else 's'}"
        for name in ("error", "warning", "info")
        if (count := sum(finding.severity == name for finding in one.findings))
    ]
    pages = f"{one.pages} pages" if one.made else "the site cannot be built, so its pages were not checked"
    click.echo(f"{one.site}: {', '.join(counts) or 'nothing to mend'} ({pages})")


def _print_faults(error: InvalidInput, project: Path) -> None:
    """The annotations for what no site can be checked with."""
    from ..app.check import stopping

    locate(error)
    for finding in stopping(error):
        _print_github(finding, project)


def _print_github(finding: Finding, project: Path) -> None:
    """A workflow command (GitHub, Workflow commands: setting an error message)."""
    properties = {}
    prefix = finding.where
    place = re.fullmatch(r"(.+?)(?::(\d+))?(?:: (.*))?", finding.where or "")
    if place and (project / place[1]).is_file():
        properties["file"] = os.path.normpath(project / place[1])  # without .. of traffic that is beside the project
        if place[2]:
            properties["line"] = place[2]
        prefix = place[3]
    message = f"{prefix}: {finding.message}" if prefix else finding.message
    properties["title"] = finding.id
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = message + (f"\nhint: {finding.hint}" if finding.hint else "")
    click.echo(f"::{_GITHUB[finding.severity]} {listed}::{_data(text)}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _as_json(checked: Sequence[CheckedSite]) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "findings": [{"site": one.site, **asdict(finding)} for one in checked for finding in one.findings],
        "not_built": [one.site for one in checked if not one.made],
        "switched_off": [asdict(off) for one in checked for off in one.switched_off],
        "languages": [
            {
                "site": one.site,
                "tag": language.tag,
                "wanted": language.wanted,
                "missing": [text.name for text in language.missing],
                "stale": [text.name for text in language.stale],
                "draft": language.draft,
                "reviewed": language.reviewed,
                "percent": language.percent,
                "percent_reviewed": language.percent_reviewed,
            }
            for one in checked
            for language in one.languages
        ],
        "exactness": [
            {"site": one.site, "edge": edge, **figures} for one in checked for edge, figures in one.exactness.items()
        ],
    }
