"""What an edge does with one failure and why: the question, the reference answer, and an edge's own explanation.

The reference answer is that of ``negotiation`` over the manifest's rules. Two answers are equal when page and status
are; a media type that an edge cannot say is a difference of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ..manifest import ALL_FORMATS, is_catch_all, is_own_page
from ..model import MEDIA_TYPES, Entry, File, Format, Manifest, Rule, Scope
from ..negotiation import negotiate_format, negotiate_language

MadeBy = Literal["edge", "origin"]
Facts = Callable[[int], Entry | None]
"""What is known about a code, as the catalog has it; None for a code that it does not have."""


@dataclass(frozen=True, slots=True)
class Question:
    """A failure with ``code``, made by the edge or the origin, and who asked for what. One str a header line."""

    code: int
    made_by: MadeBy
    accept: tuple[str, ...] = ()
    accept_language: tuple[str, ...] = ()
    host: str = "example.com"
    path: str = "/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The reference answer. ``rule`` is the neutral rule, None where no page of the site stands for the code."""

    format: Format
    language: str
    rule: Rule | None

    @property
    def page(self) -> str | None:
        """The page below a profile's folder, ``en/404.html``."""
        return self.rule.page if self.rule else None

    def status(self, code: int) -> int | None:
        """The status of the answer; None for a 1xxx code, whose HTTP status the manifest does not know."""
        replaced = self.rule.status if self.rule else None
        return replaced or (code if code < 1000 else None)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client gets. ``page`` is below a profile's folder, None where the answer is not a page of the site.

    ``made_by`` says whose answer it is, in words. ``status`` is None where it cannot be known.
    """

    made_by: str
    page: str | None = None
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)

    @property
    def media_type(self) -> str | None:
        """The media type without parameters, None where none is known."""
        found = next((value for name, value in self.headers if name.lower() == "content-type"), None)
        return found and found.partition(";")[0].strip()


@dataclass(frozen=True, slots=True)
class Passed:
    """A rule that stands before the one that matched, and the smallest parts of its expression that kept it from it.

    ``other_code`` is true where it is for other codes, whoever asks.
    """

    rule: str
    failed: tuple[str, ...]
    other_code: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an edge answers and why. ``rule`` is the name of what matched, ``test`` what it asks for."""

    reply: Reply
    rule: str | None = None
    test: str | None = None
    passed: tuple[Passed, ...] = ()
    reason: str | None = None
    notes: tuple[str, ...] = ()


class Explainer(Protocol):
    """Explains one edge of one site; made once for many questions."""

    def answer(self, question: Question) -> Explanation:
        """What the edge answers, without what stands before the rule that matches: quick, for many questions."""

    def explain(self, question: Question) -> Explanation:
        """What the edge answers, and why."""


class Reference:
    """The reference answers of one manifest, without planned work."""

    def __init__(self, manifest: Manifest) -> None:
        self._languages = manifest.languages
        self._scopes = manifest.scopes
        self._rules: dict[tuple[Format, str], list[Rule]] = {}
        for rule in manifest.rules:
            if not rule.maintenance:
                self._rules.setdefault((rule.format, rule.language), []).append(rule)
        self._negotiated: dict[tuple[Sequence[str], Sequence[str]], tuple[Format, str]] = {}
        self._by_code: dict[tuple[Format, str], dict[int, list[Rule]]] = {}
        made = {format_ for format_, _ in self._rules}
        self._formats = tuple(format_ for format_ in ALL_FORMATS if format_ in made)

    def to(self, question: Question) -> Wanted:
        """The reference answer to ``question``.

        A language that has no page for the code, a family's included, gives way to the site's default language.
        """
        return self.page_for(question, *self.choose(question))

    def choose(self, question: Question) -> tuple[Format, str]:
        """The format and the language for a client: by the scope that it asks in, or else by Accept."""
        headers = (question.accept, question.accept_language)
        if headers not in self._negotiated:
            self._negotiated[headers] = choose(*headers, self._formats, self._languages)
        wanted, language = self._negotiated[headers]
        return forced_format(self._scopes, question) or wanted, language

    def page_for(self, question: Question, wanted: Format, language: str) -> Wanted:
        """The page for ``question`` in a format and language that are chosen already."""
        for tag in dict.fromkeys((language, self._languages[0])):
            for rule in self._for_codes(wanted, tag).get(question.code, ()):
                if rule.origin in ("any", question.made_by):
                    return Wanted(wanted, tag, rule)
        return Wanted(wanted, language, None)

    def _for_codes(self, wanted: Format, language: str) -> Mapping[int, Sequence[Rule]]:
        """The rules of one format and language by the codes that they are for, in their order."""
        known = self._by_code.get((wanted, language))
        if known is None:
            known = self._by_code[wanted, language] = {}
            for rule in self._rules.get((wanted, language), ()):
                for low, high in rule.codes:
                    for code in range(low, high + 1):
                        known.setdefault(code, []).append(rule)
        return known


def choose(
    accept: Sequence[str], accept_language: Sequence[str], formats: Sequence[Format], languages: Sequence[str]
) -> tuple[Format, str]:
    """What a client gets of ``formats`` and ``languages``; HTML where there are no formats."""
    return negotiate_format(accept, formats or ("html",)), negotiate_language(accept_language, languages)


def forced_format(scopes: Sequence[Scope], question: Question) -> Format | None:
    """The format of the first scope that the request is in; None where it is in none."""
    scope = scope_of(scopes, question.host, question.path)
    return scope.format if scope else None


def scope_of(scopes: Sequence[Scope], host: str, path: str) -> Scope | None:
    """The first scope that a request is in; None where it is in none. A port and a query count for nothing."""
    name, without_query = host.lower().partition(":")[0], path.partition("?")[0]
    return next((one for one in scopes if one.contains(name, without_query)), None)


def tier(rule: Rule) -> str:
    """How near a rule's page is to the code, in words: its own, a family's, or that for the whole range."""
    if is_own_page(rule):
        return "its own page"
    return "the page for the whole range" if is_catch_all(rule) else "a family's page"


def differences(question: Question, wanted: Wanted, reply: Reply, pages: Mapping[str, File]) -> Iterator[str]:
    """How an answer differs from the reference answer, in words; nothing where it does not.

    ``pages`` are the files of the edge's profile by what rules call them.
    """
    if reply.page != wanted.page and not _same_bytes(reply.page, wanted.page, pages):
        yield from _other_page(wanted, reply, pages)
        return
    if wanted.page is None:
        return
    status = wanted.status(question.code)
    if status and reply.status and reply.status != status:
        yield f"the status is {reply.status}, and {status} is wanted"
    media_type = MEDIA_TYPES[wanted.format].partition(";")[0]
    if reply.media_type != media_type:
        yield f"it is sent as {reply.media_type}, because this edge cannot say {media_type}"


def _same_bytes(one: str | None, other: str | None, pages: Mapping[str, File]) -> bool:
    """A problem document and the JSON page are the same bytes."""
    return one is not None and other is not None and pages[one].sha256 == pages[other].sha256


def pages_by_digest(pages: Mapping[str, File]) -> dict[str, str]:
    """What rules call a page, by the SHA-256 of its content; the first by name of those that are the same bytes."""
    return {pages[page].sha256: page for page in sorted(pages, reverse=True)}


def _other_page(wanted: Wanted, reply: Reply, pages: Mapping[str, File]) -> Iterator[str]:
    if wanted.page is None:
        yield f"{reply.page} is served, and no page of the site stands for this failure"
    elif reply.page is None:
        yield f"{wanted.page} is wanted, and {reply.made_by} is served"
    else:
        found = pages[reply.page]
        yield f"{wanted.page} is wanted, and {reply.page} is served"
        if found.format != wanted.format and {found.format, wanted.format} != {"json", "problem"}:
            yield f"the format is {found.format}, and {wanted.format} is wanted"
        if found.language != wanted.language:
            yield f"the language is {found.language}, and {wanted.language} is wanted"
