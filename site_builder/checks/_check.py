"""What a check is, and how one cause on many pages becomes one finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from ..model import Finding, Severity
from ._html import HtmlPage
from ._subject import Subject


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a check found. ``severity`` is None where it is the check's own.

    ``where`` is a ``file:line`` or a key path of errgen.toml.
    """

    message: str
    where: str | None = None
    hint: str | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """One place of an HTML page that is not as it should be.

    ``message`` is the same wherever the cause is the same. ``line`` is the line of the page. ``needle`` is what to look
    for in the theme's files to find the line that wrote it: a start tag as it stands, an address, a line of CSS. It is
    empty for what the page does not have.
    """

    message: str
    line: int = 1
    needle: str = ""
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``why`` is a sentence for people: what it looks for, and why that matters."""

    id: str
    severity: Severity
    why: str
    find: Callable[[Subject], Iterable[Problem]] = field(repr=False)

    def run(self, subject: Subject) -> list[Finding]:
        """What it has to say of one site, each thing once."""
        problems = dict.fromkeys(self.find(subject))
        return [Finding(self.id, one.severity or self.severity, one.message, one.where, one.hint) for one in problems]


def site_check(
    id: str,  # noqa: A002 - what it is called everywhere
    severity: Severity,
    why: str,
) -> Callable[[Callable[[Subject], Iterable[Problem]]], Check]:
    """Make a check of a function that looks at a whole site."""
    return partial(Check, id, severity, why)


def page_check(
    id: str,  # noqa: A002 - what it is called everywhere
    severity: Severity,
    why: str,
) -> Callable[[Callable[[HtmlPage], Iterable[Spot]]], Check]:
    """Make a check of a function that looks at one HTML page; equal faults of several pages are one finding."""

    def make(find: Callable[[HtmlPage], Iterable[Spot]]) -> Check:
        return Check(id, severity, why, lambda subject: grouped(subject, find))

    return make


def grouped(subject: Subject, find: Callable[[HtmlPage], Iterable[Spot]]) -> Iterator[Problem]:
    """What ``find`` says of all pages, one Problem for each message, at the template that wrote it where one did."""
    return by_cause(subject, ((page.path, spot) for page in subject.html for spot in find(page)))


def by_cause(subject: Subject, spots: Iterable[tuple[str, Spot]]) -> Iterator[Problem]:
    """One Problem for each message of ``spots``, which come with the paths of their pages, page by page."""
    causes: dict[str, dict[str, Spot]] = {}
    for path, spot in spots:
        causes.setdefault(spot.message, {}).setdefault(path, spot)
    for message, pages in causes.items():
        path, spot = next(iter(pages.items()))
        first = f"{path}:{spot.line}"
        template = subject.templates.place_of(spot.needle) if spot.needle else subject.templates.page_template
        yield Problem(message + on_pages(len(pages), first, in_place=template is None), template or first, spot.hint)


def on_pages(count: int, first: str, *, in_place: bool) -> str:
    """The end of a message about ``count`` pages. With ``in_place`` the first is where the finding is."""
    if in_place:
        return "" if count == 1 else f" (on {count} pages, of which this is the first)"
    return f" (on {count} pages, the first: {first})" if count > 1 else f" (on {first})"
