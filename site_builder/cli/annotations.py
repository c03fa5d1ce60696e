"""Annotations of a GitHub workflow's run: what there is to say, at the lines of the files that it is about."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .saying import say

if TYPE_CHECKING:
    from ..errors import ErrgenError
    from ..model import Finding

VARIABLE = "GITHUB_ACTIONS"
"""docs.github.com, "Variables reference", default environment variables: ``true`` where GitHub runs this."""

_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def is_github(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a GitHub workflow runs this."""
    return environ.get(VARIABLE) == "true"


def annotate(findings: Iterable[Finding], project: Path, *, err: bool = True) -> None:
    """Print an annotation for each finding; what it says of errgen.toml has its line already.

    To standard error, which runners read too, so that standard output stays what it is for.
    """
    for finding in findings:
        message = _at(finding.where, finding.message, project, finding.id)
        say(f"::{_LEVELS[finding.severity]} {message}" + _hint(finding.hint), err=err)


def annotate_failure(error: ErrgenError, title: str, project: Path) -> None:
    """Print an annotation for each fault of ``error``, to standard error; ``title`` says what failed."""
    for where, message in error.each():
        say(f"::error {_at(where, message, project, title)}" + _hint(error.hint), err=True)


def _at(where: str | None, message: str, project: Path, title: str) -> str:
    """The properties of a workflow command and its message (GitHub, Workflow commands: setting an error message)."""
    properties = {}
    prefix = where
    place = re.fullmatch(r"(.+?)(?::(\d+))?(?:: (.*))?", where or "")
    if place and (project / place[1]).is_file():
        properties["file"] = os.path.normpath(project / place[1])  # without .. of traffic that is beside the project
        if place[2]:
            properties["line"] = place[2]
        prefix = place[3]
    properties["title"] = title
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"{listed}::{_data(f'{prefix}: {message}' if prefix else message)}"


def _hint(hint: str | None) -> str:
    return _data(f"\nhint: {hint}") if hint else ""


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
