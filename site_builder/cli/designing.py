"""The commands of designing: ``init``, ``build``, ``watch``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ChecksFailed, UsageError
from .options import json_option, out_option, project_option, site_option, traffic_option
from .printing import Progress, annotate_for_github, locate, print_error, print_findings, print_json

if TYPE_CHECKING:
    from ..app.build import Built
    from ..app.watch import Round
    from ..model import Finding

_STAND_INS = ("language-stands-in", "untranslated")


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--copy-theme", metavar="NAME", help="Copy a theme that ships into the project's templates/ for editing.")
def init(directory: Path | None, copy_theme: str | None) -> None:
    """Make a new project that builds at once.

    Example:  errgen init mysite

    Inside a project:  errgen init --copy-theme plain
    """
    from ..app import init as use_case
    from ..settings import FILE_NAME

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


@click.command()
@project_option
@out_option
@site_option
@click.option("--check", is_flag=True, help="Write nothing; exit 4 when the output is not what a build would make.")
@click.option("--stats", is_flag=True, help="Print bytes, bytes after gzip and estimated tokens of each format.")
@traffic_option
@json_option
def build(
    project: Path,
    out: Path | None,
    sites: tuple[str, ...],
    check: bool,
    stats: bool,
    traffic: Path | None,
    as_json: bool,
) -> None:
    """Build the pages, the manifest and what each edge needs.

    Example:  errgen build --site default --stats
    """
    from ..app import build as use_case

    with Progress() as report:
        action = use_case.check if check else use_case.build
        built = action(project, out=out, sites=sites, traffic=traffic, report=report)
    if as_json:
        print_json([_built_json(one, stats=stats) for one in built])
        annotate_for_github(finding for one in built for finding in _worth_saying(one.findings))
        _require_no_errors(built)
        return
    for one in built:
        print_findings(tuple(_worth_saying(one.findings)))
        click.echo(_built_line(one, "is up to date" if not check else "is what a build would make"))
        if stats:
            _print_stats(one.folder)
    _require_no_errors(built)


def _worth_saying(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Errors and warnings, and in a line each what stands in for texts; ``errgen check`` has the rest."""
    for finding in findings:
        if finding.severity != "info":
            yield finding
        elif finding.id in _STAND_INS:
            yield replace(finding, hint=None)


def _require_no_errors(built: list[Built]) -> None:
    errors = [finding for one in built for finding in one.findings if finding.severity == "error"]
    if errors:
        raise ChecksFailed(
            f"built, but not fit to publish: {len(errors)} errors, the first: {errors[0].message}",
            where=errors[0].where,
            hint=errors[0].hint,
        )


def _built_line(one: Built, unchanged: str) -> str:
    if not one.written and not one.removed:
        return f"{one.site}: {one.folder} {unchanged} ({one.pages} pages, release {one.release[:12]})"
    removed = f", removed {len(one.removed)}" if one.removed else ""
    return (
        f"{one.site}: wrote {len(one.written)} of {one.files} files{removed} in {one.folder} "
        f"({one.pages} pages, release {one.release[:12]})"
    )


def _print_stats(folder: Path) -> None:
    from ..app.stats import BYTES_PER_TOKEN, weigh

    click.echo(f"  {'median of a page':20}{'pages':>7}{'bytes':>9}{'gzip':>8}{'tokens':>8}{'largest':>9}")
    for one in weigh(folder):
        sizes = f"{one.pages:7,}{one.bytes:9,}{one.gzip_bytes:8,}{one.tokens:8,}{one.largest:9,}"
        click.echo(f"  {one.format:20}{sizes}")
    click.echo(f"  tokens are an estimate: bytes / {BYTES_PER_TOKEN}")


def _built_json(one: Built, *, stats: bool) -> dict[str, Any]:
    from dataclasses import asdict

    weights = {}
    if stats:
        from ..app.stats import weigh

        weights = {"stats": [asdict(weight) for weight in weigh(one.folder)]}
    return {**asdict(one), "folder": str(one.folder), **weights}


@click.command()
@project_option
@out_option
@site_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port on 127.0.0.1; the next free one if it is taken.",
)
@click.option("--poll", is_flag=True, help="Look at the files again and again; for network drives without events.")
@click.option("--open", "opens", is_flag=True, help="Open the gallery in your browser when the first build is done.")
def watch(project: Path, out: Path | None, sites: tuple[str, ...], port: int, poll: bool, opens: bool) -> None:
    """Build on every save and show every page in a gallery on this machine. Ctrl-C ends it.

    The gallery shows all pages in every theme, language and format, and what each kind of client gets. After a save it
    changes by itself; what is wrong with the sources is shown over the last good pages until it is mended. Only this
    machine can reach it.

    Example:  errgen watch --open
    """
    rounds = _Rounds(port, opens)
    try:
        from ..app.watch import watch as use_case  # takes a while, in which Ctrl-C ends it as at any other time

        use_case(project, out=out, sites=sites, port=port, poll=poll, started=rounds.started, tell=rounds.tell)
    except KeyboardInterrupt:
        click.echo("stopped")


class _Rounds:
    """Prints one line for each round of building. What builds have to say is said once, as long as it stays so."""

    def __init__(self, port: int, opens: bool) -> None:
        self._port = port
        self._opens = opens
        self._url = ""
        self._said: frozenset[Finding] = frozenset()

    def started(self, url: str) -> None:
        """Say where the pages are."""
        self._url = f"{url}/"
        if self._port and not url.endswith(f":{self._port}"):
            click.echo(f"port {self._port} is in use; this is the next that is free")
        click.echo(f"the pages are at {self._url}  (Ctrl-C ends)")

    def tell(self, done: Round) -> None:
        """Say what became of one round."""
        if done.error:
            locate(done.error)
            print_error(done.error)
            click.echo("the last good output stays as it is; save again when it is mended", err=True)
        else:
            findings = [finding for one in done.built for finding in one.findings if finding.severity != "info"]
            print_findings(tuple(finding for finding in findings if finding not in self._said))
            self._said = frozenset(findings)
            for one in done.built:
                click.echo(f"{_built_line(one, 'is up to date')} in {done.seconds * 1000:.0f} ms")
        if self._opens:
            self._opens = False
            self._open()

    def _open(self) -> None:
        import webbrowser

        if not webbrowser.open(self._url):
            click.echo(f"there is no browser that could be opened; go to {self._url}", err=True)
