"""The command line: parse, call the use case, print. Nothing is decided here."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .errors import ChangesExist, ErrgenError, Interrupted, LiveAnswersDiffer, UsageError

if TYPE_CHECKING:
    from rich.status import Status

    from .app.build import Built
    from .app.emulate import Started
    from .app.watch import Round
    from .emulator.state import Plan as ZonePlan
    from .model import Finding
    from .publishing import Outcome, Plan

VERSION = "0.1.0"
ZONE = "023e105f4ecef8ad9ca31a8372d0c353"


class Commands(click.Group):
    """The group of all commands, in the order in which people meet them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 the name is click's
        """The commands in the order they were written."""
        return list(self.commands)


def main() -> NoReturn:
    """Run the command line; every failure ends in one message and its exit code."""
    try:
        errgen.main(standalone_mode=False)
        sys.exit(0)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        fail(Interrupted("interrupted; nothing was applied"))
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except ErrgenError as error:
        fail(error)
    except KeyboardInterrupt:
        fail(Interrupted("interrupted; nothing was applied"))
    except BrokenPipeError:  # the reader of our output went away: `errgen plan | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception:
        import traceback

        traceback.print_exc()
        click.echo("error: this is a bug in errgen; nothing you did wrong", err=True)
        click.echo("hint: please report it with the lines above and the command you ran", err=True)
        sys.exit(1)


def fail(error: ErrgenError) -> NoReturn:
    """Print a failure as ``error: …`` and ``hint: …`` and end with its exit code."""
    for line in str(error).splitlines():
        click.echo(f"error: {line}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)
    sys.exit(error.exit_code)


class Progress:
    """A line on a terminal that says what is being done now; silence in a pipe. Call it with the text."""

    def __init__(self) -> None:
        self._status: Status | None = None

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            from rich.console import Console

            self._status = Console(stderr=True).status("starting")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def __call__(self, text: str) -> None:
        """Say what is being done now."""
        if self._status:
            from rich.markup import escape

            self._status.update(escape(text))

    def pause(self) -> None:
        """Take the line away, so that something can be asked or printed."""
        if self._status:
            self._status.stop()

    def resume(self) -> None:
        """Show it again."""
        if self._status:
            self._status.start()


def progress() -> Progress:
    """A new progress line."""
    return Progress()


def print_findings(findings: tuple[Finding, ...]) -> None:
    """Every finding as ``warning: where: message`` with its hint."""
    for finding in findings:
        where = f"{finding.where}: " if finding.where else ""
        click.echo(f"{finding.severity}: {where}{finding.message}", err=True)
        if finding.hint:
            click.echo(f"hint: {finding.hint}", err=True)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="errgen", message="%(prog)s %(version)s")
def errgen() -> None:
    """Make every error page of a site, in every format, put them where they are served, and prove the result.

    Begin with:  errgen init mysite && cd mysite && errgen build
    """


@errgen.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--copy-theme", metavar="NAME", help="Copy a theme that ships into the project's templates/ for editing.")
def init(directory: Path | None, copy_theme: str | None) -> None:
    """Make a new project that builds at once.

    Example:  errgen init mysite
    Inside a project:  errgen init --copy-theme plain
    """
    from .app import init as use_case
    from .settings import FILE_NAME

    if directory is None and not copy_theme:
        raise UsageError("say where the project goes", hint="for example: errgen init mysite")
    folder = directory or Path()
    if not (copy_theme and (folder / FILE_NAME).exists()):
        for path in use_case.init(folder):
            click.echo(f"wrote {path}")
    if copy_theme:
        click.echo(f"copied the theme to {use_case.copy_theme(folder, copy_theme)}")
    if directory:
        click.echo(f"next: cd {directory} && errgen build")


@errgen.command()
@project_option
@out_option
@site_option
@click.option("--check", is_flag=True, help="Write nothing; exit 4 when the output is not what a build would make.")
@json_option
def build(project: Path, out: Path | None, sites: tuple[str, ...], check: bool, as_json: bool) -> None:
    """Build the pages, the manifest and what each edge needs.

    Example:  errgen build --site default
    """
    from .app import build as use_case

    with progress() as report:
        action = use_case.check if check else use_case.build
        built = action(project, out=out, sites=sites, report=report)
    if as_json:
        print_json([_built_json(one) for one in built])
        return
    for one in built:
        print_findings(tuple(finding for finding in one.findings if finding.severity != "info"))
        click.echo(_built_line(one, "is up to date" if not check else "is what a build would make"))


def _built_line(one: Built, unchanged: str) -> str:
    if not one.written and not one.removed:
        return f"{one.site}: {one.folder} {unchanged} ({one.pages} pages, release {one.release[:12]})"
    removed = f", removed {len(one.removed)}" if one.removed else ""
    return (
        f"{one.site}: wrote {len(one.written)} of {one.files} files{removed} in {one.folder} "
        f"({one.pages} pages, release {one.release[:12]})"
    )


def _built_json(one: Built) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(one), "folder": str(one.folder)}


@errgen.command()
@project_option
@out_option
@site_option
@click.option("--port", default=8000, show_default=True, help="Port on 127.0.0.1; the next free one if it is taken.")
@click.option("--poll", is_flag=True, help="Look at the files again and again; for network drives without events.")
def watch(project: Path, out: Path | None, sites: tuple[str, ...], port: int, poll: bool) -> None:
    """Build on every save and show the pages on this machine. Ctrl-C ends it.

    Example:  errgen watch --port 8080
    """
    from .app.watch import watch as use_case

    try:
        use_case(
            project,
            out=out,
            sites=sites,
            port=port,
            poll=poll,
            started=lambda url: click.echo(f"the pages are at {url}/  (Ctrl-C ends)"),
            tell=_print_round,
        )
    except KeyboardInterrupt:
        click.echo("stopped")


def _print_round(done: Round) -> None:
    if done.error:
        for line in str(done.error).splitlines():
            click.echo(f"error: {line}", err=True)
        if done.error.hint:
            click.echo(f"hint: {done.error.hint}", err=True)
        click.echo("the last good output stays as it is; save again when it is mended", err=True)
        return
    for one in done.built:
        click.echo(f"{_built_line(one, 'is up to date')} in {done.seconds * 1000:.0f} ms")


@errgen.command()
@project_option
@click.option("--port", default=8787, show_default=True, help="Port on 127.0.0.1; 0 for any free one.")
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
    from .app.emulate import emulate as use_case

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


zone_option = click.option("--zone", "zones", multiple=True, metavar="ID", help="Only this zone or account.")


@errgen.command()
@project_option
@site_option
@zone_option
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Also save the plan to this file.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 10 when there is anything to change.")
@json_option
def plan(
    project: Path,
    sites: tuple[str, ...],
    zones: tuple[str, ...],
    out: Path | None,
    detailed_exitcode: bool,
    as_json: bool,
) -> None:
    """Build, then say what publishing would change and how much of each limit it uses. Changes nothing anywhere else.

    Example:  errgen plan --out plan.json
    """
    from .app import publish as use_case

    with progress() as report:
        plans = [one.plan for one in use_case.prepare(project, sites=sites, zones=zones, report=report)]
    if out:
        if len(plans) != 1:
            raise UsageError("a saved plan is of one site", hint="name it with --site NAME")
        use_case.save(plans[0], out)
    if as_json:
        print_json([one.to_json() for one in plans])
    else:
        for one in plans:
            _print_plan(one)
    changes = sum(len(one.changes) for one in plans)
    if detailed_exitcode and changes:
        raise ChangesExist(f"there are {changes} changes", hint="errgen publish applies them")


def _print_plan(one: Plan) -> None:
    from .publishing.plan_text import plan_lines

    for line in plan_lines(one):
        click.echo(line)


@errgen.command()
@project_option
@site_option
@zone_option
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option(
    "--plan",
    "reviewed",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Apply exactly this plan, saved by errgen plan --out; refuse when anything has moved since.",
)
@click.option("--keep", is_flag=True, help="Keep the new rules even where the live answers differ from them.")
@json_option
def publish(
    project: Path,
    sites: tuple[str, ...],
    zones: tuple[str, ...],
    yes: bool,
    reviewed: Path | None,
    keep: bool,
    as_json: bool,
) -> None:
    """Build, plan, ask, apply and check. Until the last step the old pages serve; a second run carries on.

    Example:  errgen publish --site default
    In CI:  errgen publish --yes
    """
    from .app import publish as use_case

    saved = use_case.reviewed(reviewed) if reviewed else None
    done = []
    with progress() as report:
        prepared = use_case.prepare(
            project, sites=sites or ((saved.site,) if saved else ()), zones=zones, report=report
        )
        for one in prepared:
            if saved and reviewed:
                one.survey.require(saved, str(reviewed))
            if not as_json:
                report.pause()
                _print_plan(one.plan)
            if not one.plan.is_empty and not (yes or saved):
                _confirm()
            report.resume()
            done.append(use_case.publish(project, one, keep=keep, report=report))
            report.pause()
            if not as_json:
                for note in one.target.notes:
                    click.echo(note)
                _print_outcome(done[-1])
    if as_json:
        print_json([{**one.plan.to_json(), "switched": one.switched, "differences": one.differences} for one in done])


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise UsageError(
            "nobody can be asked here, so nothing was applied",
            hint="apply with --yes, or review a plan (errgen plan --out plan.json) and apply it with --plan plan.json",
        )
    if not click.confirm("Apply this?", default=False):
        raise Interrupted("not applied; nothing was changed")


def _print_outcome(done: Outcome) -> None:
    if done.plan.is_empty:
        return
    click.echo(f"{done.plan.site}: release {done.plan.release[:12]} is published")
    for difference in done.differences:
        click.echo(f"warning: kept all the same: {difference}", err=True)


@errgen.command()
@project_option
@site_option
@json_option
def rehearse(project: Path, sites: tuple[str, ...], as_json: bool) -> None:
    """Publish to a Cloudflare on this machine and ask it as every kind of client would. Touches no account.

    Example:  errgen rehearse
    """
    from .app.rehearsal_text import rehearsal_json, rehearsal_lines
    from .app.rehearse import rehearse as use_case

    with progress() as report:
        done = list(use_case(project, sites=sites, report=report))
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
