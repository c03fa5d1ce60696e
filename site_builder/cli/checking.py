"""The command ``check``: findings as text, as JSON, and as annotations of a GitHub workflow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ChecksFailed, InvalidInput
from .annotations import annotate
from .options import project_option, site_option, traffic_option
from .printing import Progress, annotate_for_github, locate, print_json, told_by_annotations

if TYPE_CHECKING:
    from ..app.check import CheckedSite
    from ..model import Finding


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
    from ..app.check import stopping

    try:
        with Progress() as report:
            checked = use_case(project, sites=sites, traffic=traffic, report=report)
    except InvalidInput as error:
        if form == "github":
            locate(error)
            annotate(stopping(error), project, err=False)
            told_by_annotations()
        raise
    findings = _merged(checked)
    if form == "json":
        print_json(_as_json(checked))
        annotate_for_github(findings)
    else:
        if form == "github":
            annotate(findings, project, err=False)
            told_by_annotations()
        else:
            for finding in findings:
                _print_text(finding)
            annotate_for_github(findings)
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
