"""How a run that fails ends: told to people, to programs, and to the CI that runs it."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import NoReturn

from ..errors import ChangesExist, ErrgenError, LocalFilesFailed
from .annotations import annotate_failure, is_github
from .events import Events
from .printing import print_error
from .run import Run


def fail(error: ErrgenError, run: Run, *, is_told: bool = False) -> NoReturn:
    """Print a failure in every form that ``run`` asks for, and end with its exit code. ``is_told``: people know it."""
    if not is_told:
        print_error(error)
    if run.wants_json and not run.has_document:
        Events().failed(error)
    if not isinstance(error, ChangesExist):
        if is_github() and not run.has_annotations:
            annotate_failure(error, run.command, run.project)
        _summarise(error, run)
    sys.exit(error.exit_code)


def _summarise(error: ErrgenError, run: Run) -> None:
    from ..app import step_summary

    if not step_summary.is_there():
        return
    from ..publishing.plan_markdown import escaped

    each = [escaped(f"{where}: {message}" if where else message) for where, message in error.each()]
    lines = [f"**{run.command} ended with exit code {error.exit_code}**", "", *(f"- {one}" for one in each)]
    if error.hint:
        lines += ["", escaped(error.hint)]
    with suppress(LocalFilesFailed):  # that is what failed, or else it is less than what did
        step_summary.append("\n".join(lines) + "\n")
