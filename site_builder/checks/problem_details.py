"""Problem details as RFC 9457 has them, whatever program reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ..model import Entry, File
from ._check import Problem, on_pages, site_check
from ._subject import Subject

STANDARD: Mapping[str, type] = {"type": str, "title": str, "status": int, "detail": str, "instance": str}
"""The members that RFC 9457, section 3.1, defines, and what each is."""
_EXTENSION = re.compile(r"[A-Za-z][A-Za-z0-9_]{2,}")
"""RFC 9457, section 3.2: three characters or more, the first a letter, the rest letters, digits and ``_``."""


@site_check("problem-json", "error", "A program cannot read problem details that are not one JSON object.")
def problem_json(subject: Subject) -> Iterator[Problem]:
    """JSON pages that are no JSON object."""
    for file, value in subject.json:
        if isinstance(value, ValueError):
            yield Problem(f"is not JSON: {value}", file.path, "report it: errgen writes this file itself")
        elif not isinstance(value, dict):
            yield Problem("is not a JSON object", file.path, "report it: errgen writes this file itself")


@site_check(
    "problem-member",
    "error",
    "RFC 9457 allows extension members of letters, digits and _, three or more, and gives its own members their types.",
)
def problem_member(subject: Subject) -> Iterator[Problem]:
    """Members whose name or type RFC 9457 forbids."""
    found: dict[str, list[str]] = {}
    for file, value in _problems(subject):
        for name, member in value.items():
            wanted = STANDARD.get(name)
            if wanted is None and not _EXTENSION.fullmatch(name):
                found.setdefault(f"{name!r} is no name of a member", []).append(file.path)
            elif wanted and (not isinstance(member, wanted) or isinstance(member, bool)):
                kind = "a number" if wanted is int else "a text"
                found.setdefault(f"{name} is not {kind}", []).append(file.path)
    for message, paths in found.items():
        hint = "use three characters or more: a letter first, then letters, digits and _"
        yield Problem(message + on_pages(len(paths), paths[0], in_place=True), paths[0], hint)


@site_check(
    "problem-status",
    "error",
    "The member status repeats the status of the answer; programs that see another one distrust both.",
)
def problem_status(subject: Subject) -> Iterator[Problem]:
    """Pages of one code that name another status, or another code."""
    for file, value in _problems(subject):
        entry = _entry(subject, file)
        wanted = entry.serve_status or (entry.code if entry.code and entry.code < 1000 else entry.status)
        if "status" in value and value["status"] != wanted:
            message = f"says status {value['status']}, and the answer has {wanted or 'one of several'}"
            yield Problem(message, f"{file.path}", f"look at {entry.source}")
        if value.get("error_code", entry.code) != entry.code:
            message = f"says error_code {value['error_code']}, and it is the page of {entry.key}"
            yield Problem(message, f"{file.path}", f"look at {entry.source}")


@site_check(
    "problem-type",
    "error",
    "The member type names the kind of problem; a relative one means another address on every page (RFC 9457, 3.1.1).",
)
def problem_type(subject: Subject) -> Iterator[Problem]:
    """Types that are no absolute URI."""
    for file, value in _problems(subject):
        kind = value.get("type")
        if isinstance(kind, str) and not urlsplit(kind).scheme:
            yield Problem(
                f"the type of {file.key}, {kind!r}, is not an absolute address",
                str(_entry(subject, file).source),
                "write the whole address, with https://",
            )


def _problems(subject: Subject) -> Iterator[tuple[File, Mapping[str, Any]]]:
    """The pages that are JSON objects; ``problem.json`` holds the same bytes as ``json``."""
    for file, value in subject.json:
        if isinstance(value, dict):
            yield file, value


def _entry(subject: Subject, file: File) -> Entry:
    return subject.entries[file.language, file.key]


CHECKS = (problem_json, problem_member, problem_status, problem_type)
