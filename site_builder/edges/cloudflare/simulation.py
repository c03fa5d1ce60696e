"""Proof by simulation: the rules as they are emitted against the reference answer, for every failure and client.

Answers are not looked at one by one: those that one rule gives where one page is wanted are judged together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ...model import MEDIA_TYPES, Codes, File, Format, Manifest, contains
from ...rules_language import Parts, parse
from .._clients import ALL_CLIENTS
from .._codes import union
from .._edge import Read, pages_of
from .._explaining import Question, Reference, Wanted, pages_by_digest
from .cases import Client, Failing, clients_of, failures_of
from .exactness import Difference, Exactness, Kind
from .expressions import STRUCTURED
from .grid import Cells, Grid
from .options import Options
from .rules import Asset

_Verdict: TypeAlias = tuple[Kind, str] | None
"""How answers differ from the reference answer, in words as well; None where they do not."""
_Asked: TypeAlias = tuple[Format, str, bool]
"""The format and the language that the reference chooses, and whether the edge's rules are for the host."""


@dataclass(frozen=True, slots=True)
class _Served:
    """What a rule serves: the file of the manifest, None for content that is in none of its pages."""

    file: File | None
    page: str | None
    status: int | None
    media_type: str


class Simulation:
    """One site at one Cloudflare edge; its rules are given to ``run``, so that others can be tried as well."""

    def __init__(self, manifest: Manifest, read: Read, options: Options) -> None:
        self._manifest = manifest
        self._read = read
        self._options = options
        self._pages = pages_of(manifest, "cloudflare")
        self._by_digest = pages_by_digest(self._pages)
        self._stands_for: dict[str, Codes] = {}
        for rule in manifest.rules:
            self._stands_for[rule.page] = union(self._stands_for.get(rule.page, ()), rule.codes)
        reference = Reference(manifest)
        self._clients = tuple(clients_of(manifest, reference, options.hosts))
        self._failures = tuple(failures_of(manifest))
        self._grid = Grid([one.values for one in self._failures], [one.values for one in self._clients])
        self._wanted = self._wanted_answers(reference)
        self._structured = self._where(lambda one: one.made_by == "edge" and contains(STRUCTURED, one.code))
        # A scope may give JSON to a browser, which Cloudflare itself answers with HTML.
        self._structured &= self._asked_by(lambda one: one.cloudflares != "html")
        self._parts = Parts()
        self._matching: dict[str, Cells] = {}
        self._standing: dict[str | None, Cells] = {}

    def run(self, rules: Sequence[Mapping[str, Any]], assets: Iterable[Asset]) -> Exactness:
        """Ask for everything. Raises ExpressionError for a rule that does not parse."""
        found: dict[_Verdict, Cells] = {None: 0}
        other_type = 0
        for served, cells in self._answers(rules, assets):
            left = cells
            while left:
                wanted, meant = self._wanted_at(left)
                left, both = left & ~meant, left & meant
                for verdict, part in self._judged(served, wanted, both):
                    if part:
                        found[verdict] = found.get(verdict, 0) | part
                if served and not MEDIA_TYPES[wanted.format].startswith(served.media_type):
                    other_type |= both
        exact = found.pop(None)
        default = self._asked_by(lambda client: client.language == self._manifest.languages[0])
        return Exactness(
            plan=self._options.plan_name,
            answers=self._grid.every.bit_count(),
            exact=exact.bit_count(),
            default_answers=default.bit_count(),
            default_exact=(exact & default).bit_count(),
            other_media_type=(exact & other_type).bit_count(),
            codes=len({failing.code for failing in self._failures}),
            clients=len(ALL_CLIENTS),
            languages=len(self._manifest.languages),
            hosts=len({client.host for client in self._clients}),
            differences=tuple(self._difference(*verdict, found[verdict]) for verdict in sorted(filter(None, found))),
        )

    def _answers(
        self, rules: Sequence[Mapping[str, Any]], assets: Iterable[Asset]
    ) -> Iterator[tuple[_Served | None, Cells]]:
        """What is served where: by each rule what none before it matches, and None by nobody."""
        read = {one.name: self._read(one.page_path) for one in assets}
        left = self._grid.every
        for rule in rules:
            if rule.get("enabled", True):
                matching = self._matching_of(rule["expression"])
                yield self._served(rule, read), left & matching
                left &= ~matching
        yield None, left

    def _matching_of(self, text: str) -> Cells:
        if text not in self._matching:
            self._matching[text] = self._grid.holds(parse(text, parts=self._parts))
        return self._matching[text]

    def _served(self, rule: Mapping[str, Any], assets: Mapping[str, bytes]) -> _Served:
        parameters = rule["action_parameters"]
        content = parameters["content"].encode() if "content" in parameters else assets[parameters["asset_name"]]
        page = self._by_digest.get(hashlib.sha256(content).hexdigest())
        file = self._pages[page] if page else None
        return _Served(file, page, parameters.get("status_code"), parameters["content_type"])

    def _wanted_answers(self, reference: Reference) -> Mapping[_Asked, Sequence[tuple[Wanted, Cells]]]:
        """The reference answers: for each failure what it is, and all cells where it is that.

        Where the edge's rules are not for a host, no page is wanted.
        """
        columns: dict[_Asked, list[int]] = {}
        for index, client in enumerate(self._clients):
            columns.setdefault((client.format, client.language, client.ours), []).append(index)
        answers = {}
        for asked, its_columns in columns.items():
            wanted_format, language, ours = asked
            clients = self._grid.columns(its_columns)
            wanted = [
                reference.page_for(Question(one.code, one.made_by), wanted_format, language)
                if ours
                else Wanted(wanted_format, language, None)
                for one in self._failures
            ]
            rows: dict[str | None, list[int]] = {}
            for row, one in enumerate(wanted):
                rows.setdefault(one.page, []).append(row)
            cells = {page: self._grid.rows(its_rows) & clients for page, its_rows in rows.items()}
            answers[asked] = [(one, cells[one.page]) for one in wanted]
        return answers

    def _wanted_at(self, cells: Cells) -> tuple[Wanted, Cells]:
        """The reference answer in the first of ``cells``, and all cells where it is that."""
        row, column = self._grid.first_of(cells)
        client = self._clients[column]
        return self._wanted[client.format, client.language, client.ours][row]

    def _judged(self, got: _Served | None, wanted: Wanted, cells: Cells) -> Iterator[tuple[_Verdict, Cells]]:
        """How the answer ``got`` differs in ``cells`` from the reference answer, which is the same in all of them."""
        if got is None:
            left = cells & self._left(wanted)
            yield ("left", "Cloudflare answers clients for JSON and Markdown with a live document of its own"), left
            yield ("unserved", f"no {wanted.format} page is served") if wanted.rule else None, cells & ~left
        elif wanted.rule is None:
            yield ("wrong", f"{got.page} is served where no page of the site stands for the code"), cells
        elif got.file is None:
            yield ("wrong", "what is served is no page of the site"), cells
        elif got.file.sha256 == self._pages[wanted.rule.page].sha256:
            yield _other_status(got.status, wanted.rule.status), cells
        else:
            fitting = cells & self._stood_for(got.page)
            yield ("wrong", f"{got.page} is served, and it is for other codes"), cells & ~fitting
            yield _other_page(got.file, self._pages[wanted.rule.page]), fitting

    def _left(self, wanted: Wanted) -> Cells:
        """Where Cloudflare answers by choice what is wanted."""
        by_choice = self._options.machine_clients == "cloudflare" and wanted.format != "html" and wanted.rule
        return self._structured if by_choice else 0

    def _stood_for(self, page: str | None) -> Cells:
        """Where one of the codes failed that a page is for."""
        if page not in self._standing:
            codes = self._stands_for.get(page or "", ())
            self._standing[page] = self._where(lambda one: contains(codes, one.code))
        return self._standing[page]

    def _where(self, test: Callable[[Failing], bool]) -> Cells:
        return self._grid.rows(row for row, failing in enumerate(self._failures) if test(failing))

    def _asked_by(self, test: Callable[[Client], bool]) -> Cells:
        return self._grid.columns(column for column, client in enumerate(self._clients) if test(client))

    def _difference(self, kind: Kind, says: str, cells: Cells) -> Difference:
        codes = union((self._failures[row].code,) * 2 for row in self._grid.rows_of(cells))
        names = dict.fromkeys(self._clients[column].name for column in self._grid.columns_of(cells))
        return Difference(kind, says, cells.bit_count(), codes, tuple(names))


def _other_status(got: int | None, wanted: int | None) -> _Verdict:
    return None if got == wanted else ("status", f"the status is {got or 'as it failed'} instead of {wanted or 'that'}")


def _other_page(got: File, best: File) -> _Verdict:
    if got.format != ("json" if best.format == "problem" else best.format):
        return "format", f"{got.format} is served to clients that should get {best.format}"
    if got.language != best.language:
        return "language", f"the page is in {got.language} for clients that should get another language"
    return "wider", f"a wider {best.format} page is served than the one made for the code"
