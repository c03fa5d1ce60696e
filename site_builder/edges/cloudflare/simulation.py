"""Proof by simulation: the rules as they are emitted against the reference answer, for every code and kind of client.

Asked are all codes that rules are for, as failures of the edge and of the origin; every kind of client; every language
of the site; every host that the manifest's rules name, and another. An error of the 1000 class may come with any HTTP
status: two are asked for each, and for the lowest all that have rules. Of 520 to 529 both readings of
``cf.response.1xxx_code`` are asked, because Cloudflare's pages contradict each other there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...model import MEDIA_TYPES, Codes, File, Manifest, codes_text, contains
from ...rules_language import Expression, compile_expression, parse
from ...rules_language.tree import Constant
from .._clients import ALL_CLIENTS
from .._codes import union
from .._edge import Read, pages_of
from .._explaining import Question, Reference, Wanted, pages_by_digest
from .expressions import STRUCTURED
from .options import Options
from .rules import Asset
from .subexpressions import Reducer

Kind = Literal["left", "wider", "unserved", "status", "language", "format", "wrong"]
ALONE: Codes = ((520, 526),)
"""Statuses that only the edge fails with."""
COVERED: Codes = ((520, 529),)
CLASS_1XXX_STATUSES = (403, 530)
KNOWN = frozenset({"http.response.code", "cf.response.1xxx_code", "cf.response.error_type"})
OTHER_HOST = "host-without-rules.example"


@dataclass(frozen=True, slots=True)
class Difference:
    """Answers that differ from the reference answer in the same way. ``says`` is that in words."""

    kind: Kind
    says: str
    answers: int
    codes: Codes
    clients: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For report.json and ``--json``."""
        return {
            "kind": self.kind,
            "says": self.says,
            "answers": self.answers,
            "codes": codes_text(self.codes),
            "clients": list(self.clients),
        }


@dataclass(frozen=True, slots=True)
class Exactness:
    """What a simulation found. ``exact`` answers have page and status of the reference answer.

    Of these ``other_media_type`` are sent as another media type. ``default_…`` are those in the default language.
    """

    plan: str
    answers: int
    exact: int
    default_answers: int
    default_exact: int
    other_media_type: int
    codes: int
    clients: int
    languages: int
    hosts: int
    differences: tuple[Difference, ...]

    def as_json(self) -> dict[str, Any]:
        """For report.json and ``--json``."""
        return {
            "plan": self.plan,
            "asked": {name: getattr(self, name) for name in ("codes", "clients", "languages", "hosts")},
            "answers": self.answers,
            "exact": self.exact,
            "other_media_type": self.other_media_type,
            "differing": self.answers - self.exact,
            "differences": [one.as_json() for one in self.differences],
        }


@dataclass(frozen=True, slots=True)
class _Client:
    """Who asks, and what the reference chooses for it. ``values`` are the fields that rules can read of it."""

    name: str
    question: Question
    wanted: tuple[Any, str]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Failing:
    code: int
    made_by: Literal["edge", "origin"]
    values: Mapping[str, Any]


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
        self._reference = Reference(manifest)
        self._clients = tuple(self._asking())
        self._failures = tuple(_failures(manifest))
        self._wanted = tuple(tuple(self._wanted_of(failing)) for failing in self._failures)
        self._reducer, self._judge = Reducer(KNOWN), _Judge(self._clients)
        self._left: dict[str, tuple[Expression | None, ...]] = {}

    def run(self, rules: Sequence[Mapping[str, Any]], assets: Iterable[Asset]) -> Exactness:
        """Ask for everything. Raises ExpressionError for a rule that does not parse."""
        assets_read = {one.name: self._read(one.page_path) for one in assets}
        enabled = [rule for rule in rules if rule.get("enabled", True)]
        columns = [(self._left_of(rule["expression"]), self._served(rule, assets_read)) for rule in enabled]
        exact = default_exact = other_type = 0
        in_default = [client.wanted[1] == self._manifest.languages[0] for client in self._clients]
        found: dict[tuple[Kind, str], list[tuple[int, str]]] = {}
        for row, failing in enumerate(self._failures):
            left = [(part, what) for parts, what in columns if (part := parts[row]) is not None]
            for index, (client, wanted) in enumerate(zip(self._clients, self._wanted[row], strict=True)):
                got = next((what for part, what in left if self._judge.holds(part, index)), None)
                difference = self._difference(failing, wanted, got)
                if difference is None:
                    exact += 1
                    default_exact += in_default[index]
                    other_type += bool(got and not MEDIA_TYPES[wanted.format].startswith(got.media_type))
                else:
                    found.setdefault(difference, []).append((failing.code, client.name))
        return Exactness(
            self._options.plan_name,
            len(self._failures) * len(self._clients),
            exact,
            len(self._failures) * sum(in_default),
            default_exact,
            other_type,
            len({failing.code for failing in self._failures}),
            len(ALL_CLIENTS),
            len(self._manifest.languages),
            len({client.question.host for client in self._clients}),
            tuple(_grouped(kind, says, cases) for (kind, says), cases in sorted(found.items())),
        )

    def _left_of(self, text: str) -> tuple[Expression | None, ...]:
        """By failure, what is left to ask of clients in an expression; None where it is false for all of them."""
        if text not in self._left:
            tree = parse(text)
            parts = (self._reducer.reduce(tree, failing.values) for failing in self._failures)
            self._left[text] = tuple(None if isinstance(part, Constant) and not part.value else part for part in parts)
        return self._left[text]

    def _wanted_of(self, failing: _Failing) -> Iterator[Wanted]:
        """The reference answer for each client."""
        known: dict[Any, Wanted] = {}
        for client in self._clients:
            place = (client.wanted, client.question.host, client.question.path)
            if place not in known:
                question = Question(failing.code, failing.made_by, host=place[1], path=place[2])
                known[place] = self._reference.page_for(question, *client.wanted)
            yield known[place]

    def _asking(self) -> Iterator[_Client]:
        languages = [(), *((tag,) for tag in self._manifest.languages if len(self._manifest.languages) > 1)]
        scopes = self._manifest.scopes
        hosts = dict.fromkeys([OTHER_HOST, *(host for scope in scopes for host in scope.hosts)])
        paths = dict.fromkeys(["/", *(path for scope in scopes for path in scope.paths)])
        for name, accept in ALL_CLIENTS.items():
            for language in languages:
                for host in hosts:
                    for path in paths:
                        question = Question(0, "edge", accept, language, host.replace("*", "x"), path.replace("*", "x"))
                        wanted = self._reference.choose(question)
                        yield _Client(name, question, wanted, _request_values(question))

    def _served(self, rule: Mapping[str, Any], assets: Mapping[str, bytes]) -> _Served:
        parameters = rule["action_parameters"]
        content = parameters["content"].encode() if "content" in parameters else assets[parameters["asset_name"]]
        page = self._by_digest.get(hashlib.sha256(content).hexdigest())
        file = self._pages[page] if page else None
        return _Served(file, page, parameters.get("status_code"), parameters["content_type"])

    def _difference(self, failing: _Failing, wanted: Wanted, got: _Served | None) -> tuple[Kind, str] | None:
        """How the answer differs from the reference answer; None where it does not."""
        if got is None:
            return self._without_page(failing, wanted)
        if wanted.rule is None:
            return "wrong", f"{got.page} is served where no page of the site stands for the code"
        file, best = got.file, self._pages[wanted.rule.page]
        if file is None:
            return "wrong", "what is served is no page of the site"
        if file.sha256 == best.sha256:
            if got.status == wanted.rule.status:
                return None
            return "status", f"the status is {got.status or 'as it failed'} instead of {wanted.rule.status or 'that'}"
        if not contains(self._stands_for.get(got.page or "", ()), failing.code):
            return "wrong", f"{got.page} is served, and it is for other codes"
        if file.format != ("json" if best.format == "problem" else best.format):
            return "format", f"{file.format} is served to clients that should get {best.format}"
        if file.language != best.language:
            return "language", f"the page is in {file.language} for clients that should get another language"
        return "wider", f"a wider {best.format} page is served than the one made for the code"

    def _without_page(self, failing: _Failing, wanted: Wanted) -> tuple[Kind, str] | None:
        if wanted.rule is None:
            return None
        by_choice = self._options.machine_clients == "cloudflare" and wanted.format != "html"
        if by_choice and failing.made_by == "edge" and contains(STRUCTURED, failing.code):
            return "left", "Cloudflare answers clients for JSON and Markdown with a live document of its own"
        return "unserved", f"no {wanted.format} page is served"


class _Judge:
    """Whether what is left of an expression holds for a client; equal parts of several rules are asked once."""

    def __init__(self, clients: Sequence[_Client]) -> None:
        self._clients = clients
        self._parts: dict[Expression, dict[int, bool]] = {}
        # By identity first: hashing a tree costs more than judging it.
        self._seen: dict[int, tuple[Expression, Callable[[Mapping[str, Any]], bool], dict[int, bool]]] = {}

    def holds(self, part: Expression, client: int) -> bool:
        """Whether ``part`` holds for the client at this place."""
        if isinstance(part, Constant):
            return part.value
        found = self._seen.get(id(part))
        if found is None:
            found = self._seen[id(part)] = (part, compile_expression(part), self._parts.setdefault(part, {}))
        _, test, known = found
        if client not in known:
            known[client] = test(self._clients[client].values)
        return known[client]


def _request_values(question: Question) -> Mapping[str, Any]:
    headers = {"accept": list(question.accept), "accept-language": list(question.accept_language)}
    return {
        "http.host": question.host,
        "http.request.headers": {name: lines for name, lines in headers.items() if lines},
        "http.request.method": "GET",
        "http.request.uri": question.path,
        "http.request.uri.path": question.path,
        "raw.http.request.uri.path": question.path,
        "ssl": True,
    }


def _failures(manifest: Manifest) -> Iterator[_Failing]:
    codes = _codes(manifest)
    statuses = [code for code in codes if code < 1000]
    for status in statuses:
        if not contains(ALONE, status):
            yield _Failing(status, "origin", _failure_values(status, 0, ""))
        kind = "5xx" if status >= 500 else ""
        yield _Failing(status, "edge", _failure_values(status, 0, kind))
        if contains(COVERED, status):
            yield _Failing(status, "edge", _failure_values(status, status, kind))
    for index, code in enumerate(code for code in codes if code >= 1000):
        for status in CLASS_1XXX_STATUSES if index else statuses:
            yield _Failing(code, "edge", _failure_values(status, code, "1xxx"))


def _failure_values(status: int, code_1xxx: int, kind: str) -> Mapping[str, Any]:
    return {"http.response.code": status, "cf.response.1xxx_code": code_1xxx, "cf.response.error_type": kind}


def _codes(manifest: Manifest) -> list[int]:
    """Every code with a rule of its own or a family's, and the ends of wide ranges."""
    found: set[int] = set()
    for low, high in {span for rule in manifest.rules if not rule.maintenance for span in rule.codes}:
        found |= {low, high} if high - low >= 99 else set(range(low, high + 1))
    return sorted(found)


def _grouped(kind: Kind, says: str, cases: Sequence[tuple[int, str]]) -> Difference:
    codes = union(*(((code, code),) for code, _ in cases))
    return Difference(kind, says, len(cases), codes, tuple(dict.fromkeys(client for _, client in cases)))
