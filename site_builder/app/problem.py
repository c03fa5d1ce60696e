"""A problem of the sources for whoever is looking at the gallery: each fault with its file, line and excerpt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .. import settings as settings_file
from ..errors import ErrgenError, InvalidInput
from ..model import Finding
from ..settings.lines import KeyLines, key_lines

AGAIN = " and run the command again"
"""What hints end with; who watches need not."""
AROUND = 2
"""Lines that an excerpt has before and after the one that is meant."""
_SHIPPED = "<errgen>/"
_PLACE = re.compile(r"(?P<file>[^:]+):(?P<line>\d+)(?::.*)?")

Fault = dict[str, Any]
"""``where``, ``message``, ``hint`` and ``excerpt``: pairs of line number and text, empty where there is no line."""


def faults_of(error: ErrgenError, project: Path) -> list[Fault]:
    """What a failed build says, each fault once."""
    lines = key_lines(project)
    if isinstance(error, InvalidInput):
        found = [(one.where, one.message) for one in dict.fromkeys(error.faults)]
    else:
        found = [(error.where or "", error.message)]
    return [_fault(where, message, error.hint, lines, project) for where, message in found]


def findings_as_faults(findings: Iterable[Finding], project: Path) -> list[Fault]:
    """The findings that keep a build from being published."""
    lines = key_lines(project)
    return [
        _fault(one.where or "", one.message, one.hint, lines, project) for one in findings if one.severity == "error"
    ]


def _fault(where: str, message: str, hint: str | None, lines: KeyLines | None, project: Path) -> Fault:
    placed = lines.placed(where) if lines else where
    if hint:
        hint = hint.removesuffix(AGAIN)
    return {"where": placed, "message": message, "hint": hint, "excerpt": _excerpt(placed, project)}


def _excerpt(where: str, project: Path) -> list[tuple[int, str]]:
    found = _PLACE.fullmatch(where)
    if not found:
        return []
    shown, line = found["file"], int(found["line"])
    roots = [settings_file.shipped()] if shown.startswith(_SHIPPED) else [project, settings_file.shipped()]
    for root in roots:
        try:
            text = (root / shown.removeprefix(_SHIPPED)).read_text("utf-8", "replace")
        except OSError:
            continue
        written = text.split("\n")
        first, last = max(line - AROUND, 1), min(line + AROUND, len(written))
        return [(number, written[number - 1]) for number in range(first, last + 1)]
    return []
