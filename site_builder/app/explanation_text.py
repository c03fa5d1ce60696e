"""Explanations and tables as lines for people, and the same facts for machines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..edges._clients import CLIENTS
from ..edges._explaining import tier
from ..manifest import is_own_page, page_key, scope_content
from ..model import MEDIA_TYPES, codes_text

if TYPE_CHECKING:
    from ..edges._explaining import Explanation, Question, Reply, Wanted
    from .explain import Cell, EdgeExplained, Explained, Table

WIDTH = 100
FIRST_LINES = 6
LONGEST_TEST = 300
COLUMNS: Mapping[str, str] = {
    "browser": "browser",
    "API client": "API",
    "API client that knows RFC 9457": "problem",
    "agent": "agent",
    "agent that also takes HTML": "agent+",
    "client that takes anything": "*/*",
    "client that does not say": "none",
}
"""What a column of the table is called."""
SHORT: Mapping[str, str] = {
    "html": "html",
    "json": "json",
    "problem": "problem",
    "markdown": "md",
    "text": "txt",
    "xml": "xml",
}
LEGEND = (
    "html, json, problem, md, txt, xml: its own page    ~ a family's page    * the page for a whole range",
    "cf: Cloudflare's own answer, in the format asked for where it has one    -: the answer of whoever failed",
    "! not the reference answer in another way than by a wider page; errgen explain CODE says in which",
)


def explanation_lines(done: Explained) -> Iterator[str]:
    """The question, the reference answer, and each edge."""
    question, wanted = done.question, done.wanted
    yield f"{done.site}: {done.code_says}"
    yield f"  made by the {question.made_by}, at {question.host}{question.path}"
    yield f"  Accept: {', '.join(question.accept) or '(not sent)'}"
    if question.accept_language:
        yield f"  Accept-Language: {', '.join(question.accept_language)}"
    if done.scope:
        yield from _wrapped(f"in the scope of {done.scope}: {done.scope.format}, whatever it accepts", "  ")
    yield f"reference answer: {_reference(question, wanted)}"
    for edge in done.edges:
        yield ""
        yield from _edge_lines(edge)


def _reference(question: Question, wanted: Wanted) -> str:
    if wanted.rule is None:
        return "no page of the site stands for it"
    status = wanted.status(question.code)
    with_status = f"status {status}, " if status else ""
    type_ = MEDIA_TYPES[wanted.format].partition(";")[0]
    return f"{wanted.rule.page}, {tier(wanted.rule)}; {with_status}{type_}, language {wanted.language}"


def _edge_lines(edge: EdgeExplained) -> Iterator[str]:
    explanation = edge.explanation
    yield f"{edge.edge} ({edge.where})"
    yield from _passed_lines(explanation)
    if explanation.rule:
        yield f"  matches: {explanation.rule}"
        yield from _wrapped(_shortened(explanation.test or ""), "    ")
    else:
        yield from _wrapped(f"nothing matches: {explanation.reason}", "  ")
    yield from _reply_lines(explanation.reply)
    if explanation.reason and explanation.rule:
        yield from _wrapped(f"not its own page: {explanation.reason}", "  ")
    if edge.differences:
        for one in edge.differences:
            yield from _wrapped(f"differs: {one}", "  ")
    else:
        yield "  equal to the reference answer"
    for note in explanation.notes:
        yield from _wrapped(f"note: {note}", "  ")


def _passed_lines(explanation: Explanation) -> Iterator[str]:
    """The rules before: those for other codes by their number, the others with what kept them from matching."""
    others = sum(one.other_code for one in explanation.passed)
    if others:
        yield f"  passed over: {others} {'rule' if others == 1 else 'rules'} for other codes"
    for one in explanation.passed:
        if not one.other_code:
            yield f"  passed over: {one.rule}, because"
            for part in one.failed:
                yield from _wrapped(_shortened(part), "    ")


def _reply_lines(reply: Reply) -> Iterator[str]:
    what = f"the page {reply.page}" if reply.page else reply.made_by
    yield f"  answer: {f'{reply.status} ' if reply.status and reply.headers else ''}{what}"
    for name, value in reply.headers:
        yield f"    {name}: {value}"
    for line in first_lines(reply):
        yield f"    | {line if len(line) <= WIDTH - 6 else line[: WIDTH - 7] + '…'}"


def first_lines(reply: Reply) -> list[str]:
    """The first lines of the body."""
    return reply.body.decode("utf-8", "replace").splitlines()[:FIRST_LINES]


def _shortened(test: str) -> str:
    """The beginning and the end of a long test; all of it is in the JSON."""
    if len(test) <= LONGEST_TEST:
        return test
    half = LONGEST_TEST // 2
    return f"{test[:half]} … {test[-half:]} ({len(test):,} characters, whole with --json)"


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def table_lines(table: Table) -> Iterator[str]:
    """One line for all codes whose clients get the same, in at most 100 columns."""
    yield f"{table.site}, {table.edge}"
    if table.scope:
        yield from _wrapped(f"in the scope of {table.scope}: {table.scope.format}", "  ")
        if not table.cells:
            yield "  every request that was tried is in a scope before it"
            return
        yield f"  as {table.host}{table.path}"
    rows: dict[tuple[int, str], dict[str, str]] = {}
    for cell in table.cells:
        rows.setdefault((cell.question.code, cell.question.made_by), {})[cell.client] = cell_text(cell)
    answers = {key: tuple(cells[client] for client in CLIENTS) for key, cells in rows.items()}
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for code in sorted({code for code, _ in answers}):
        both = [answers[code, maker] for maker in ("edge", "origin") if (code, maker) in answers]
        if len(both) == 2 and both[0] == both[1]:
            groups.setdefault(("both", both[0]), []).append(code)
        else:
            for maker in ("edge", "origin"):
                if (code, maker) in answers:
                    groups.setdefault((maker, answers[code, maker]), []).append(code)
    lines = [("made by", *(COLUMNS[client] for client in CLIENTS), "codes")]
    lines += [(maker, *cells, _spans(codes)) for (maker, cells), codes in groups.items()]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]) - 1)]
    for *cells, codes in lines:
        start = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        wrapped = textwrap.wrap(codes, WIDTH - len(start) - 2) or [""]
        yield f"{start}  {wrapped[0]}"
        for more in wrapped[1:]:
            yield f"{'':{len(start)}}  {more}"


def cell_text(cell: Cell) -> str:
    """What one client gets: format and how near the page is to the code, see LEGEND."""
    reply, wanted = cell.explanation.reply, cell.wanted
    if reply.page is None:
        return "cf" if "Cloudflare" in reply.made_by else "-"
    key = page_key(reply.page)[1]
    extension = reply.page.rpartition("/")[2].partition(".")[2]
    form = SHORT.get(_FORMATS.get(extension, ""), extension)
    mark = "" if key.isdecimal() else "*" if key.endswith("xx") else "~"
    same_kind = wanted.page is not None and extension.rpartition(".")[2] == wanted.page.rpartition(".")[2]
    same_language = wanted.page is not None and page_key(reply.page)[0] == page_key(wanted.page)[0]
    own = wanted.rule is not None and is_own_page(wanted.rule)
    right = same_kind and same_language and (not own or mark or key == str(cell.question.code))
    return form + mark + ("" if right else "!")


_FORMATS: Mapping[str, str] = {
    "html": "html", "json": "json", "problem.json": "problem", "md": "markdown", "txt": "text", "xml": "xml",
}  # fmt: skip


def _spans(codes: list[int]) -> str:
    spans: list[tuple[int, int]] = []
    for code in codes:
        if spans and code == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], code)
        else:
            spans.append((code, code))
    return codes_text(tuple(spans))


def explanation_json(done: Explained) -> dict[str, Any]:
    """The same facts for machines."""
    return {
        "site": done.site,
        "code": done.question.code,
        "says": done.code_says,
        "made_by": done.question.made_by,
        "accept": list(done.question.accept),
        "accept_language": list(done.question.accept_language),
        "host": done.question.host,
        "path": done.question.path,
        "scope": scope_content(done.scope) if done.scope else None,
        "reference": _wanted_json(done.question, done.wanted),
        "edges": [
            {
                "edge": one.edge,
                "where": one.where,
                "rule": one.explanation.rule,
                "test": one.explanation.test,
                "passed_over": [
                    {"rule": passed.rule, "failed": list(passed.failed), "for_other_codes": passed.other_code}
                    for passed in one.explanation.passed
                ],
                "reason": one.explanation.reason,
                "answer": _reply_json(one.explanation.reply),
                "equal": not one.differences,
                "differences": list(one.differences),
                "notes": list(one.explanation.notes),
            }
            for one in done.edges
        ],
    }


def _wanted_json(question: Question, wanted: Wanted) -> dict[str, Any]:
    return {
        "page": wanted.page,
        "format": wanted.format,
        "language": wanted.language,
        "status": wanted.status(question.code),
        "media_type": MEDIA_TYPES[wanted.format].partition(";")[0],
    }


def _reply_json(reply: Reply) -> dict[str, Any]:
    return {
        "made_by": reply.made_by,
        "page": reply.page,
        "status": reply.status,
        "headers": [list(header) for header in reply.headers],
        "first_lines": first_lines(reply),
    }


def table_json(table: Table) -> dict[str, Any]:
    """The whole matrix of one edge for machines."""
    return {
        "site": table.site,
        "edge": table.edge,
        "scope": scope_content(table.scope) if table.scope else None,
        "host": table.host,
        "path": table.path,
        "answers": [
            {
                "code": cell.question.code,
                "made_by": cell.question.made_by,
                "client": cell.client,
                "accept": list(cell.question.accept),
                "reference": cell.wanted.page,
                "page": cell.explanation.reply.page,
                "answered_by": cell.explanation.reply.made_by,
                "status": cell.explanation.reply.status,
                "media_type": cell.explanation.reply.media_type,
                "differences": list(cell.differences),
            }
            for cell in table.cells
        ],
    }
