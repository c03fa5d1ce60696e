"""A rehearsal as lines for people: one table of what each kind of client gets, one example, every mismatch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..model import codes_text

if TYPE_CHECKING:
    from ..publishing.verify import Row
    from .rehearse import Rehearsal

SHOWN = ("browser", "API client", "agent")
MOST_PROBLEMS = 20
EXAMPLE = 503
WIDTH = 46


def rehearsal_lines(done: Rehearsal) -> Iterator[str]:
    """What was published, the table, an example and the result."""
    headers = f", {done.header_rules} rules for headers" if done.header_rules else ""
    yield f"{done.site}, {done.edge}: {done.rules} rules{headers} and {done.assets} assets published to the emulator"
    yield ""
    if done.announced:
        yield "While planned work is announced (errgen publish --maintenance):"
        yield ""
        yield from _answers_told(done.announced)
        yield "And when it has ended (errgen publish --no-maintenance):"
        yield ""
    yield from _answers_told(done.rows)
    rows = (*done.announced, *done.rows)
    asked = len({row.probe.accept for row in rows})
    codes = len({row.probe.code for row in rows})
    problems = done.problems
    for problem in problems[:MOST_PROBLEMS]:
        yield f"mismatch: {problem}"
    if len(problems) > MOST_PROBLEMS:
        yield f"and {len(problems) - MOST_PROBLEMS} more"
    good = sum(row.problem is None for row in rows)
    yield f"{codes} codes asked as {asked} kinds of clients: {good} of {len(rows)} answers are as they should be"


def _answers_told(rows: Sequence[Row]) -> Iterator[str]:
    """The table and the example for clients that do not say their language; then how others fare, by who they are."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_group(row), []).append(row)
    usual = groups.pop("", [])
    yield from _table(usual)
    yield ""
    yield from _example(usual)
    for name, others in groups.items():
        pages = len({row.expected.path for row in others if row.expected.path})
        good = sum(row.problem is None for row in others)
        yield f"{name}: {good} of {len(others)} answers are as they should be, from {pages} pages"
    if groups:
        yield ""


def _group(row: Row) -> str:
    """Whom a probe is about, empty for those whose language and place make no difference."""
    if row.probe.path:
        return f"At {row.probe.host}{row.probe.path}"
    return f"For clients that prefer {row.probe.language}" if row.probe.language else ""


def _table(rows: Sequence[Row]) -> Iterator[str]:
    """Codes whose clients are all served in the same way share a line."""
    served: dict[tuple[str, int], dict[str, str]] = {}
    for row in rows:
        served.setdefault((row.probe.made_by, row.probe.code), {})[row.probe.client] = _cell(row)
    groups: dict[tuple[str, ...], list[int]] = {}
    for (made_by, code), cells in sorted(served.items(), key=lambda item: item[0]):
        groups.setdefault((made_by, *(cells[client] for client in SHOWN)), []).append(code)
    lines: list[tuple[str, ...]] = [("made by", "code", *SHOWN)]
    for (made_by, *answers), codes in groups.items():
        wrapped = _wrapped(codes)
        lines.append((made_by, wrapped[0], *answers))
        lines.extend(("", more, "", "", "") for more in wrapped[1:])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        yield "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()


def _cell(row: Row) -> str:
    if row.problem:
        return "MISMATCH"
    if row.expected.kind == "page":
        name = (row.expected.path or "").rpartition("/")[2]
        return "its own page" if row.expected.via == "own" else f"page {name.partition('.')[0]}"
    return "Cloudflare's answer" if row.expected.kind == "cloudflare" else "left as it is"


def _wrapped(codes: Sequence[int]) -> list[str]:
    """The codes, neighbours as ranges, in lines of a readable length."""
    spans: list[list[int]] = []
    for code in codes:
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    lines = [""]
    for low, high in spans:
        word = codes_text(((low, high),)) if high > low + 1 else " ".join(str(code) for code in range(low, high + 1))
        if lines[-1] and len(lines[-1]) + len(word) >= WIDTH:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return lines


def _example(rows: Sequence[Row]) -> Iterator[str]:
    """The first line or two of what each kind of client got for one code."""
    found = [row for row in rows if row.probe.code == EXAMPLE and row.probe.client in SHOWN]
    if not found:
        return
    maker = found[0].probe.made_by
    yield f"For example {EXAMPLE}:"
    for row in found:
        if row.probe.made_by == maker:
            accept = ", ".join(row.probe.accept)
            yield f"  {row.probe.client} (Accept: {accept if len(accept) < WIDTH else accept[:WIDTH] + '…'})"
            yield f"    {row.reply.status} {row.reply.media_type}: {_gist(row)}"
    yield ""


def _gist(row: Row) -> str:
    text = row.reply.body.decode("utf-8", "replace")
    if row.reply.media_type == "text/html":
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
        return re.sub(r"<[^>]+>", "", heading[1]).strip() if heading else text[:60]
    if row.reply.media_type.endswith("json"):
        return str(json.loads(text).get("title", ""))
    return next((line for line in text.splitlines() if line.startswith("# ")), text[:60])


def rehearsal_json(done: Rehearsal) -> dict[str, Any]:
    """The same facts for machines."""
    return {
        "site": done.site,
        "edge": done.edge,
        "rules": done.rules,
        "header_rules": done.header_rules,
        "assets": done.assets,
        "problems": list(done.problems),
        "findings": [asdict(finding) for finding in done.findings],
        "answers": _answers(done.rows),
        "announced": _answers(done.announced),
    }


def _answers(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "code": row.probe.code,
            "made_by": row.probe.made_by,
            "client": row.probe.client,
            "accept": list(row.probe.accept),
            **({"language": row.probe.language} if row.probe.language else {}),
            **({"host": row.probe.host, "path": row.probe.path} if row.probe.path else {}),
            "served": row.expected.kind,
            "page": row.expected.path,
            "via": row.expected.via,
            "status": row.reply.status,
            "media_type": row.reply.media_type,
            "retry_after": row.reply.header("retry-after") or None,
            "problem": row.problem,
        }
        for row in rows
    ]
