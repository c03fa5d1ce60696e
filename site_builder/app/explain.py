"""Explain: who gets what for one failure at every edge of a site, and why; or for all failures, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from ..edges._clients import BROWSER, CLIENTS
from ..edges._explaining import Explanation, MadeBy, Question, Reference, Wanted, differences, scope_of
from ..errors import UsageError
from ..model import File, Manifest, Scope
from .asked_code import NotExplained, code_of, code_says, near
from .build import Report, outputs, silent

__all__ = ["BROWSER", "Asked", "Cell", "EdgeExplained", "Explained", "Table", "explain", "tables"]

if TYPE_CHECKING:
    from ..edges._explaining import Explainer
    from .site import EdgeOutput, SiteOutput

ONLY_THE_EDGE = range(520, 527)
"""Statuses that only Cloudflare itself fails with."""

ANY_HOST = "example.com"
FILLINGS = ("x", "some.other")
"""What stands for an asterisk where a request is needed that is in a scope."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for what. ``made_by`` of None is whoever usually fails with the code. One str a header line.

    A ``host`` of None is one that the edges of a site answer for.
    """

    accept: tuple[str, ...]
    accept_language: tuple[str, ...] = ()
    host: str | None = None
    path: str = "/"
    made_by: MadeBy | None = None

    def at(self, output: SiteOutput) -> Asked:
        """The same with a host: that of the first edge whose rules are for some hosts only, or any."""
        hosts = (host for edge in output.edges for host in getattr(edge.edge.options, "hosts", ()))
        return replace(self, host=self.host or next(hosts, ANY_HOST).replace("*", FILLINGS[0]))

    def question(self, code: int) -> Question:
        """The question about ``code``."""
        made_by = self.made_by or ("edge" if _of_the_edge(code) else "origin")
        return Question(code, made_by, self.accept, self.accept_language, self.host or ANY_HOST, self.path)


@dataclass(frozen=True, slots=True)
class EdgeExplained:
    """What one edge answers. ``differences`` are those from the reference answer, in words."""

    edge: str
    where: str
    explanation: Explanation
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """One failure at one site. ``code_says`` is what the site knows about the code, in words.

    ``scope`` is the one that the request is in, None where Accept decides its format.
    """

    site: str
    code_says: str
    question: Question
    scope: Scope | None
    wanted: Wanted
    edges: tuple[EdgeExplained, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one kind of client gets for one failure."""

    question: Question
    client: str
    wanted: Wanted
    explanation: Explanation
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Every failure for every kind of client at one edge of a site. ``pages`` are the edge's, as rules call them.

    ``scope`` is the one that ``host`` and ``path`` are in. Without cells, no request was found that is in it.
    """

    site: str
    edge: str
    scope: Scope | None
    host: str
    path: str
    manifest: Manifest
    pages: Mapping[str, File]
    cells: tuple[Cell, ...]


def explain(
    project: Path,
    code: str,
    asked: Asked,
    *,
    sites: Sequence[str] = (),
    edges: Sequence[str] = (),
    traffic: Path | None = None,
    report: Report = silent,
) -> Iterator[Explained]:
    """Explain ``code`` at the named sites and edges, or all. Writes nothing.

    Raises UsageError for a code that no page stands for, and for an edge that there is not.
    """
    made = outputs(project, sites, report, traffic)
    _require_edges(made, edges)
    for output in made:
        chosen = [(edge, explainer_of(output, edge)) for edge in _chosen(output, edges)]
        yield explain_at(output, chosen, code, asked)


def explain_at(output: SiteOutput, edges: Iterable[tuple[EdgeOutput, Explainer]], code: str, asked: Asked) -> Explained:
    """Explain ``code`` at these edges of a site that is made already.

    Raises NotExplained for a code that no page stands for, and for one that who is said to fail never fails with.
    """
    question = asked.at(output).question(code_of(code, output))
    if not _makers(question.code, asked.made_by):
        raise NotExplained(
            "origin",
            f"only the edge fails with {code}, and never the website behind it",
            f"leave --origin out: errgen explain {code}",
        )
    wanted = Reference(output.manifest).to(question)
    if wanted.rule is None:
        raise NotExplained(
            "code",
            f"{output.manifest.site}: no page stands for {code}{near(question.code, output)}",
            "ask about a code of HTTP, 400 to 599, or one of Cloudflare, 1000 to 1999",
        )
    explained = []
    for edge, explainer in edges:
        explanation = explainer.explain(question)
        differing = differences(question, wanted, explanation.reply, _pages(output, edge))
        explained.append(EdgeExplained(edge.folder, edge.edge.where, explanation, tuple(differing)))
    return Explained(
        output.manifest.site,
        code_says(question.code, wanted.rule, output),
        question,
        scope_of(output.manifest.scopes, question.host, question.path),
        wanted,
        tuple(explained),
    )


def tables(
    project: Path,
    asked: Asked,
    *,
    sites: Sequence[str] = (),
    edges: Sequence[str] = (),
    traffic: Path | None = None,
    report: Report = silent,
) -> Iterator[Table]:
    """Every failure for every kind of client: of an edge one table for ``asked``, and one for each of the other scopes.

    Of ``asked`` all but ``accept`` counts.
    """
    made = outputs(project, sites, report, traffic)
    _require_edges(made, edges)
    for output in made:
        reference = Reference(output.manifest)
        for edge in _chosen(output, edges):
            report(f"{output.manifest.site}: asking {edge.folder}")
            pages = _pages(output, edge)
            explainer = explainer_of(output, edge)
            usual = asked.at(output)
            for scope, asking in _by_scope(output.manifest.scopes, usual):
                cells = tuple(_cells(output, explainer, reference, asking, pages)) if asking else ()
                host, path = (asking or usual).host or ANY_HOST, (asking or usual).path
                yield Table(output.manifest.site, edge.folder, scope, host, path, output.manifest, pages, cells)


def _by_scope(scopes: Sequence[Scope], asked: Asked) -> Iterator[tuple[Scope | None, Asked | None]]:
    """``asked`` and the scope that it is in, and each other scope with a request that is in it and in none before."""
    host = asked.host or ANY_HOST
    first = scope_of(scopes, host, asked.path)
    yield first, asked
    for scope in scopes:
        if scope != first:
            hosts, paths = scope.hosts or (host,), scope.paths or (asked.path,)
            tried = (
                (one.replace("*", filling), path.replace("*", filling))
                for filling, one, path in product(FILLINGS, hosts, paths)
            )
            found = next((one for one in tried if scope_of(scopes, *one) == scope), None)
            yield scope, replace(asked, host=found[0], path=found[1]) if found else None


def _cells(
    output: SiteOutput, explainer: Explainer, reference: Reference, asked: Asked, pages: Mapping[str, File]
) -> Iterator[Cell]:
    for code in _codes(output.manifest):
        for made_by in _makers(code, asked.made_by):
            for client, accept in CLIENTS.items():
                question = Question(code, made_by, accept, asked.accept_language, asked.host or ANY_HOST, asked.path)
                wanted = reference.to(question)
                explanation = explainer.answer(question)
                differing = differences(question, wanted, explanation.reply, pages)
                yield Cell(question, client, wanted, explanation, tuple(differing))


def _makers(code: int, only: MadeBy | None) -> Sequence[MadeBy]:
    makers: tuple[MadeBy, ...] = ("edge",) if code >= 1000 or code in ONLY_THE_EDGE else ("edge", "origin")
    return tuple(maker for maker in makers if only in (None, maker))


def _codes(manifest: Manifest) -> list[int]:
    """Every code with a rule of its own or a family's."""
    found: set[int] = set()
    for low, high in {span for rule in manifest.rules if not rule.maintenance for span in rule.codes}:
        if high - low < 99:
            found |= set(range(low, high + 1))
    return sorted(found)


def _of_the_edge(code: int) -> bool:
    return code >= 520


def _chosen(output: SiteOutput, names: Sequence[str]) -> list[EdgeOutput]:
    return [edge for edge in output.edges if not names or edge.folder in names or edge.edge.kind in names]


def _require_edges(made: Sequence[SiteOutput], names: Sequence[str]) -> None:
    there = sorted({name for output in made for edge in output.edges for name in (edge.folder, edge.edge.kind)})
    for name in names:
        if name not in there:
            raise UsageError(
                f"there is no edge '{name}'", hint=f"errgen.toml has: {', '.join(there)}" if there else NO_EDGES
            )
    if not there:
        raise UsageError("no site has an edge, so nobody decides who gets what", hint=NO_EDGES)


NO_EDGES = 'add [[site.NAME.edge]] with kind = "nginx" or another to errgen.toml'


def explainer_of(output: SiteOutput, edge: EdgeOutput) -> Explainer:
    """What explains one edge of a site; to be made once for many questions."""
    entries = {entry.code: entry for entry in output.entries if entry.code is not None}
    return edge.edge.explainer(output.manifest, output.read, entries.get)


def _pages(output: SiteOutput, edge: EdgeOutput) -> dict[str, File]:
    start = f"pages/{edge.edge.profile}/"
    return {file.path.removeprefix(start): file for file in output.manifest.files if file.path.startswith(start)}
