"""What a loaded catalog holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Entry, Language, Source, contains

DEFAULT_LANGUAGE = "en"
"""The language that entries and families are written in."""


@dataclass(frozen=True, slots=True)
class Translation:
    """The texts of one entry or family in another language than English; ``detail`` and what follows are Markdown."""

    title: str
    headline: str
    detail: str
    what_you_should_do: str
    source: Source


@dataclass(frozen=True, slots=True)
class Catalog:
    """All errors, complete and consistent. ``entries`` are ordered by code, ``families`` as written.

    ``languages`` maps a tag (``en``, ``pt-BR``) to the words of the interface. ``translations`` maps a tag, never
    English, to the translated entries and families by key.
    """

    entries: tuple[Entry, ...]
    families: tuple[Entry, ...]
    languages: Mapping[str, Language]
    translations: Mapping[str, Mapping[str, Translation]]

    def family_of(self, code: int) -> Entry:
        """The family that answers for ``code``: the one that names it, or else the catch-all of its range.

        Raises KeyError where no family holds the code.
        """
        for family in sorted(self.families, key=lambda family: family.catch_all):
            if contains(family.codes, code):
                return family
        raise KeyError(code)

    def localised(self, tag: str) -> tuple[Entry, ...]:
        """The entries, then the families, that have texts in ``tag``, with these texts. English has all of them."""
        everything = (*self.entries, *self.families)
        if tag == DEFAULT_LANGUAGE:
            return everything
        translated = self.translations.get(tag, {})
        return tuple(
            dataclasses.replace(
                entry,
                title=texts.title,
                headline=texts.headline,
                detail=texts.detail,
                what_you_should_do=texts.what_you_should_do,
                source=texts.source,
            )
            for entry in everything
            if (texts := translated.get(entry.key))
        )
