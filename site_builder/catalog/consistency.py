"""What must hold between entries and families: each name, title and text once, and one family for each code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from ..errors import Fault
from ..model import Entry, codes_text, contains
from .overlay import Draft
from .prose import MOST_KEPT, prose_problems

UNSHARED_TEXTS = ("headline", "detail", "what_you_should_do")


def name_faults(drafts: Mapping[str, Draft]) -> Iterator[Fault]:
    """An ``error_name`` that two entries or families have."""
    seen: dict[object, str] = {}
    for key, name in _ranked(drafts, "error_name"):
        first = seen.setdefault(name, key)
        if first != key:
            message = f"is already the name of {first} at {drafts[first].where('error_name')}"
            yield _fault(drafts[key], "error_name", message)


def text_faults(drafts: Mapping[str, Draft]) -> Iterator[Fault]:
    """Texts that two entries share, and what must not stand in prose."""
    for name in UNSHARED_TEXTS:
        seen: dict[str, str] = {}
        for key, text in _ranked(drafts, name):
            for problem in prose_problems(name, text):
                yield _fault(drafts[key], name, problem)
            first = seen.setdefault(_folded(text), key)
            if first != key:
                message = f"is the same text as that of {first} at {drafts[first].where(name)}"
                yield _fault(drafts[key], name, message)


def title_faults(drafts: Mapping[str, Draft]) -> Iterator[Fault]:
    """Titles that two have by accident: all but one of those that share a title say so in ``shares_title_with``."""
    titles = {key: _folded(title) for key, title in _ranked(drafts, "title")}
    undeclared: dict[str, str] = {}
    for key in titles:
        if "shares_title_with" in drafts[key].values:
            yield from _declaration_faults(key, titles, drafts)
        else:
            first = undeclared.setdefault(titles[key], key)
            if first != key:
                message = (
                    f"is already the title of {first} at {drafts[first].where('title')}; "
                    f"if that is meant, write shares_title_with: {first}"
                )
                yield _fault(drafts[key], "title", message)


def _declaration_faults(key: str, titles: Mapping[str, str], drafts: Mapping[str, Draft]) -> Iterator[Fault]:
    declaration = drafts[key].fields["shares_title_with"]
    other = str(declaration.value)
    if other not in titles or other == key:
        yield _fault(drafts[key], "shares_title_with", f"there is no other entry or family {other}")
    elif titles[other] != titles[key] and drafts[other].fields["title"].layer <= declaration.layer:
        yield _fault(
            drafts[key], "shares_title_with", f"the title of {other} is another, {drafts[other].values['title']}"
        )


def family_faults(families: Sequence[Entry], drafts: Mapping[str, Draft]) -> Iterator[Fault]:
    """Families that hold the same code."""
    for index, family in enumerate(families):
        for other in families[:index]:
            if family.catch_all == other.catch_all:
                common = [
                    (max(low, first), min(high, last))
                    for low, high in family.codes
                    for first, last in other.codes
                    if max(low, first) <= min(high, last)
                ]
                if common:
                    message = (
                        f"{codes_text(tuple(common))} belongs to {other.key} at {drafts[other.key].where('codes')} too"
                    )
                    yield _fault(drafts[family.key], "codes", message)


def homeless_faults(entries: Sequence[Entry], families: Sequence[Entry]) -> Iterator[Fault]:
    """Entries whose code no family holds."""
    for entry in entries:
        if entry.code is not None and not any(contains(family.codes, entry.code) for family in families):
            yield Fault(str(entry.source), f"{entry.key}: belongs to no family; add its code to one in families.yaml")


def _ranked(drafts: Mapping[str, Draft], name: str) -> list[tuple[str, str]]:
    """Key and text of one field, what ships first, so that a message names the line of the project."""
    found = [
        (written.layer, key, written.value)
        for key, draft in drafts.items()
        if (written := draft.fields.get(name)) and isinstance(written.value, str)
    ]
    return [(key, text) for _, key, text in sorted(found, key=lambda one: one[0])]


@lru_cache(maxsize=MOST_KEPT)
def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _fault(draft: Draft, name: str, message: str) -> Fault:
    return Fault(str(draft.where(name)), f"{draft.key}.{name}: {message}")
