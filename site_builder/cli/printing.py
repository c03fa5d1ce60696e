"""What commands print: failures, findings, JSON, and a line of progress."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ErrgenError, InvalidInput
from .annotations import annotate, is_github
from .run import Run
from .saying import say

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


def print_error(error: ErrgenError) -> None:
    """Every fault as ``error: where: what``, then the hint."""
    for line in str(error).splitlines():
        say(f"error: {line}", err=True)
    if error.hint:
        say(f"hint: {error.hint}", err=True)


def is_verbose() -> bool:
    """Whether the run that this is tells each step."""
    run = click.get_current_context().find_object(Run)
    return run is not None and run.is_verbose


class Progress:
    """A line on a terminal that says what is being done now; silence in a pipe. Call it with the text.

    Where the run is verbose every text is a line that stays, in a pipe too. ``told`` is given every text in any case.
    """

    def __init__(self, told: Callable[[str], None] = lambda _: None) -> None:
        self._status: Status | None = None
        self._told = told
        self._is_verbose = is_verbose()

    def __enter__(self) -> Progress:
        if sys.stderr.isatty() and not self._is_verbose:
            from rich.console import Console

            self._status = Console(stderr=True).status("starting")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pause()

    def __call__(self, text: str) -> None:
        """Say what is being done now."""
        self._told(text)
        if self._is_verbose:
            say(text, err=True)
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
    for finding in placed(findings):
        say(f"{finding.severity}: {f'{finding.where}: ' if finding.where else ''}{finding.message}", err=True)
        if finding.hint:
            say(f"hint: {finding.hint}", err=True)
    annotate_for_github(findings)


def annotate_for_github(findings: Iterable[Finding]) -> None:
    """Annotate the run with findings, where a GitHub workflow runs this."""
    if is_github():
        annotate(placed(findings), click.get_current_context().meta.get(PROJECT, Path()))


def told_by_annotations() -> None:
    """Note that what is wrong has been printed as annotations, so that its failure needs none of its own."""
    if run := click.get_current_context().find_object(Run):
        run.has_annotations = True


def placed(findings: Iterable[Finding]) -> list[Finding]:
    """``findings``, with the line of what they say of a key of errgen.toml."""
    found = list(findings)
    lines = _lines_for(finding.where for finding in found)
    if lines is None:
        return found
    return [replace(one, where=one.where and lines.placed(one.where)) for one in found]


def print_json(value: Any) -> None:
    """One JSON document on standard output: what fails later is told on standard error only."""
    if run := click.get_current_context().find_object(Run):
        run.has_document = True
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
