"""What commands print: failures, findings, JSON, and a line of progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ..errors import ErrgenError, InvalidInput

if TYPE_CHECKING:
    from rich.status import Status

    from ..model import Finding
    from ..settings.lines import KeyLines


PROJECT = f"{__name__}.project"
"""Where a click.Context keeps, in ``meta``, the folder of the project that its command is about."""


def locate(error: ErrgenError) -> None:
    """Give what ``error`` says of a key of errgen.toml the line of the key: ``errgen.toml:4: site.default.home``."""
    faults = error.faults if isinstance(error, InvalidInput) else ()
    lines = _lines_for([error.where, *(fault.where for fault in faults)])
    if lines is None:
        return
    error.where = error.where and lines.placed(error.where)
    if isinstance(error, InvalidInput):
        error.faults = tuple(replace(fault, where=lines.placed(fault.where)) for fault in faults)


def _lines_for(places: Iterable[str | None]) -> KeyLines | None:
    """The lines of the errgen.toml that the command which is running is about; None where no place is in it."""
    context = click.get_current_context(silent=True)
    if context is None or PROJECT not in context.meta:
        return None
    from ..settings import FILE_NAME

    if not any(place and place.startswith(f"{FILE_NAME}: ") for place in places):
        return None
    from ..settings.lines import key_lines

    return key_lines(context.meta[PROJECT])


def fail(error: ErrgenError) -> NoReturn:
    """Print a failure and end with its exit code."""
    print_error(error)
    sys.exit(error.exit_code)


def print_error(error: ErrgenError) -> None:
    """Every fault as ``error: where: what``, then the hint."""
    for line in str(error).splitlines():
        click.echo(f"error: {line}", err=True)
    if error.hint:
        click.echo(f"hint: {error.hint}", err=True)


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


def print_findings(findings: tuple[Finding, ...]) -> None:
    """Every finding as ``warning: where: message`` with its hint. A key of errgen.toml is given with its line."""
    lines = _lines_for(finding.where for finding in findings)
    for finding in findings:
        where = lines.placed(finding.where) if lines and finding.where else finding.where
        click.echo(f"{finding.severity}: {f'{where}: ' if where else ''}{finding.message}", err=True)
        if finding.hint:
            click.echo(f"hint: {finding.hint}", err=True)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
