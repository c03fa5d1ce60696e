"""The command ``verify``: what live edges and hosts answer, compared with what was published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ..errors import LiveAnswersDiffer, RemoteFailed, SwitchedOff
from .options import json_option, project_option, site_option, traffic_option, verbose_option, zone_option
from .printing import Progress, annotate_for_github, print_error, print_findings, print_json

if TYPE_CHECKING:
    from ..app.verify import Problem, Verified

SHOWN = 5
"""How many problems that have the same next step are printed; JSON has them all."""


@click.command()
@project_option
@site_option
@zone_option
@traffic_option
@click.option("--maintenance", is_flag=True, help="Expect what is served while planned work is announced.")
@click.option("--wait", is_flag=True, help="Ask CloudFront once its last change is everywhere, after some minutes.")
@verbose_option
@json_option
def verify(
    project: Path,
    sites: tuple[str, ...],
    zones: tuple[str, ...],
    traffic: Path | None,
    maintenance: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Ask the live edges as every kind of client would, and compare with what this project builds. Changes nothing.

    Example:  errgen verify --site default

    From cron, with a mail only when something is wrong:  errgen verify >/dev/null

    In CI, after a publish to CloudFront:  errgen verify --wait

    Edges are asked that have a verify_url in errgen.toml: at Cloudflare for every failure that it shows on request, and
    at each edge for the paths of probes, which the website makes fail. Every page of a host with a public_url is
    fetched. Exit 8 where an answer is not as published, 6 where nobody answers, and 11 where nothing is wrong but that
    errgen's rules are switched off (errgen publish --disable). Where planned work is announced, or a release is live
    that was rolled back to, that is said in one line. No token is needed; where no answer is errgen's and
    CLOUDFLARE_API_TOKEN is set, Cloudflare is asked once why.

    \b
      [[site.default.edge]]
      kind = "cloudflare"
      verify_url = "https://www.example.com"
      probes = { "/errgen-probe/503" = 503 }
    """
    from ..app.verify import verify as use_case

    with Progress() as report:
        done = use_case(
            project, sites=sites, zones=zones, traffic=traffic, maintenance=maintenance, wait=wait, report=report
        )
    if as_json:
        print_json([_as_json(one) for one in done])
    else:
        for one in done:
            _print(one)
    unasked = [one for one in done if one.unasked]
    if any(one.problems for one in done):
        _fail(done)
    if unasked:
        raise RemoteFailed(f"not everything could be asked: {', '.join(one.target for one in unasked)}")
    if off := [one.target for one in done if one.result == "switched off"]:
        raise SwitchedOff(f"nothing is served by errgen's rules at {', '.join(off)}; nothing else differs")


def _fail(done: Sequence[Verified]) -> NoReturn:
    """End where something is wrong."""
    nothing = ", ".join(one.target for one in done if one.problems and one.silence)
    instead = ", ".join(one.target for one in done if one.states)
    problems = sum(one.unexplained for one in done)
    unasked = sum(one.unasked is not None for one in done)
    said = [f"there is nothing of errgen's at {nothing}"] if nothing else []
    said += [f"another state than was asked for is live at {instead}"] if instead else []
    said += ["1 live answer is not as published"] if problems == 1 else []
    said += [f"{problems} live answers are not as published"] if problems > 1 else []
    said += [f"{unasked} could not be asked"] if unasked else []
    hint = "where this build has not been published yet, publish it first; errgen plan says so"
    raise LiveAnswersDiffer(", and ".join(said), hint=hint if nothing or (problems and not instead) else None)


def _print(one: Verified) -> None:
    """One line for standard output, and what is wrong for standard error."""
    where = f"{one.site}: {one.target} at {one.url}"
    if one.unasked:
        click.echo(f"{where}: cannot be asked")
        print_error(one.unasked)
        return
    asked = "1 answer" if one.asked == 1 else f"{one.asked} answers"
    if not one.asked:
        click.echo(f"{where}: nothing to ask")
    elif one.silence:
        click.echo(f"{where}: {asked}, none of them errgen's")
        if one.silence.switched_off:
            click.echo(f"error: {one.target}: {one.silence.fact}\nhint: {one.silence.hint}", err=True)
    else:
        counted = [f"{state.answers} {state.of}" for state in one.states]
        counted += [f"{one.unexplained} not as published"] if one.unexplained else []
        click.echo(f"{where}: {asked}, {', '.join(counted) or 'all as published'}")
    _print_problems(one.problems)
    print_findings(one.findings)


def _print_problems(problems: Sequence[Problem]) -> None:
    from ..model import Finding

    by_hint: dict[str, list[Problem]] = {}
    for problem in problems:
        by_hint.setdefault(problem.hint, []).append(problem)
    for hint, alike in by_hint.items():
        for problem in alike[:SHOWN]:
            click.echo(f"error: {problem.where}: {problem.fact}", err=True)
            annotate_for_github([Finding("live-answer", "error", problem.fact, problem.where, hint)])
        if len(alike) > SHOWN:
            click.echo(f"error: and {len(alike) - SHOWN} more like these; --json has them all", err=True)
        click.echo(f"hint: {hint}", err=True)


def _as_json(one: Verified) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "site": one.site,
        "target": one.target,
        "url": one.url,
        "result": one.result,
        "asked": one.asked,
        "problems": [asdict(problem) for problem in one.problems],
        "findings": [asdict(finding) for finding in one.findings],
        "unasked": str(one.unasked) if one.unasked else None,
    }
