"""A plan as Markdown, for a pull request or the summary of a CI job: GitHub's, with tables and fenced diffs.

Names and descriptions may be anybody's, so that none of them is ever markup: they are code, or escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..edges._remote import Change
from ..model import Finding
from .differences import diff
from .folding import folded
from .plan import Plan
from .plan_text import BY_BUILD, BY_HAND, SIGNS, UNSAFE, counts_line, is_shown, rows, use
from .target import NO_RELEASE

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&$])")


def plan_markdown(plan: Plan, read: Plan | None = None) -> str:
    """What ``plan_lines`` says, ending in a line break."""
    return "\n".join(_lines(plan, folded(read or plan))) + "\n"


def _lines(plan: Plan, shown: Plan) -> Iterator[str]:
    released = "" if plan.release == NO_RELEASE else f", release {code(plan.release[:12])}"
    yield f"## errgen: site {code(plan.site)}{released}"
    yield ""
    if shown.unsafe:
        yield from ("> [!CAUTION]", f"> {escaped(UNSAFE)}", *(f"> - {one}" for one in _told(shown.unsafe)), "")
    drifted, others = [one for one in shown.changes if one.drift], [one for one in shown.changes if not one.drift]
    if drifted or shown.altered:
        yield from _heading(BY_HAND)
        yield from _changes(drifted)
        yield from _list(_told(shown.altered))
        if others:
            yield from _heading(BY_BUILD)
    yield from _changes(others)
    told = [f"left alone at {code(one.target)}: {code(one.name)}" for one in shown.foreign]
    told += [f"{code(one.target)}: {use(one)}" for one in shown.limits]
    told += _told(one for one in shown.findings if one not in shown.altered)
    yield from _list(told)
    yield "Nothing to do." if plan.is_empty else f"**{counts_line(plan)}**, checksum {code(plan.checksum)}"


def code(text: str) -> str:
    """``text`` as a code span of one line, in a table too."""
    line = re.sub(r"\s+", " ", text).strip() or "-"
    fence = "`" * (_longest_run(line) + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{padding}{line}{padding}{fence}"


def escaped(text: str) -> str:
    """``text`` as one line of prose in which nothing is markup."""
    return _MARKUP.sub(r"\\\1", re.sub(r"\s+", " ", text).strip())


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        return
    yield from ("| | what | where | why |", "| --- | --- | --- | --- |")
    shown = []
    for target in dict.fromkeys(one.target for one in changes):
        for change, kind, name in rows([one for one in changes if one.target == target]):
            cells = f"{kind} {_in_table(name)} | {_in_table(target)}"
            yield f"| {code(SIGNS[change.action])} | {cells} | {escaped(change.reason)} |"
            if is_shown(change):
                shown.append(change)
    yield ""
    for change in shown:
        yield from _diff(change)


def _diff(change: Change) -> Iterator[str]:
    lines = [f"# {change.kind} {change.name} at {change.target}".replace("\n", " "), *diff(change.before, change.after)]
    fence = "`" * max(3, _longest_run("\n".join(lines)) + 1)
    yield from (f"{fence}diff", *lines, fence, "")


def _told(findings: Iterable[Finding]) -> list[str]:
    return [
        f"**{one.severity}**: {code(one.where) + ': ' if one.where else ''}{escaped(one.message)}"
        + (f" ({escaped(one.hint)})" if one.hint else "")
        for one in findings
    ]


def _list(items: Sequence[str]) -> Iterator[str]:
    if items:
        yield from (f"- {item}" for item in items)
        yield ""


def _heading(text: str) -> Iterator[str]:
    yield from (f"### {text[0].upper()}{text[1:].rstrip(':')}", "")


def _in_table(text: str) -> str:
    """As ``code``. A table is cut into cells before code is read, so that bars are escaped even there."""
    return code(text).replace("|", r"\|")


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
