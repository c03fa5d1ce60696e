"""Texts that two entries share, so that one of them says what is not so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..model import Entry
from ._check import Problem, site_check
from ._subject import Subject

_SHOWN = 60
UNSHARED = ("headline", "detail", "what_you_should_do")


@site_check(
    "same-text",
    "error",
    "Two errors with one text: one of the two has been copied and says what is true of the other only.",
)
def same_text(subject: Subject) -> Iterator[Problem]:
    """Texts other than titles that two entries have in common in one language.

    The catalog refuses what it can see by itself while it is loaded; this sees a site's own texts and translations.
    """
    for tag, entries in subject.texts.items():
        for name in UNSHARED:
            for first, second in _pairs(entries, name):
                yield _problem(subject, tag, first, second, name)


@site_check(
    "same-title", "warning", "Two errors with one title, though English has two; it may be all that a language has."
)
def same_title(subject: Subject) -> Iterator[Problem]:
    """Titles that two entries have in common in one language, where English does not say that they share one."""
    meant = _shared_titles(subject.catalog.everything)
    for tag, entries in subject.texts.items():
        for first, second in _pairs(entries, "title"):
            # The title of a Cloudflare code is as short as Cloudflare's own: «Access denied» is right for a dozen.
            if not meant.get(first.key, {first.key}) & meant.get(second.key, {second.key}):
                yield _problem(subject, tag, first, second, "title")


@site_check("title-as-headline", "warning", "The title of one error as the headline of another confuses the two.")
def title_as_headline(subject: Subject) -> Iterator[Problem]:
    """Titles of one entry that are the headline of another."""
    for tag, entries in subject.texts.items():
        headlines = {_folded(entry.headline): entry for entry in entries}
        for entry in entries:
            other = headlines.get(_folded(entry.title))
            if other and other.key != entry.key:
                message = f"the title of {entry.key} in {tag} is the headline of {other.key}: {entry.title}"
                yield Problem(
                    message, subject.place_of_text(tag, entry, "title"), "say of each what is true of it only"
                )


def _problem(subject: Subject, tag: str, first: Entry, second: Entry, name: str) -> Problem:
    text = getattr(second, name)
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    own = subject.settings.overrides.get(tag, {})
    if name in own.get(first.key, {}) and name not in own.get(second.key, {}):
        first, second = second, first  # the site's own text is the one to change
    message = f"{second.key}.{name} in {tag} is the same text as {first.key}.{name}: {shown}"
    return Problem(message, subject.place_of_text(tag, second, name), "say of each what is true of it only")


def _pairs(entries: Sequence[Entry], name: str) -> Iterator[tuple[Entry, Entry]]:
    """Each entry whose text an earlier one has, with that one."""
    seen: dict[str, Entry] = {}
    for entry in entries:
        first = seen.setdefault(_folded(getattr(entry, name)), entry)
        if first is not entry:
            yield first, entry


def _shared_titles(entries: Sequence[Entry]) -> dict[str, set[str]]:
    """By key those that have the same title in the catalog's English, where loading made sure that this is meant."""
    groups: dict[str, set[str]] = {}
    for entry in entries:
        groups.setdefault(_folded(entry.title), set()).add(entry.key)
    return {key: group for group in groups.values() for key in group}


def _folded(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


CHECKS = (same_text, same_title, title_as_headline)
