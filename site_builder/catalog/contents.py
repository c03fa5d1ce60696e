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

    ``maintenance`` is the page for planned work; it is no error and no family, and None where no file has it.

    ``languages`` maps a tag (``en``, ``pt-BR``) to the words of the interface. ``translations`` maps a tag, never
    English, to the translated entries and families by key.
    """

    entries: tuple[Entry, ...]
    families: tuple[Entry, ...]
    maintenance: Entry | None
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

    @property
    def everything(self) -> tuple[Entry, ...]:
        """The entries, the families, and the page for planned work."""
        return (*self.entries, *self.families, *((self.maintenance,) if self.maintenance else ()))

    def localised(self, tag: str) -> tuple[Entry, ...]:
        """What there is with texts in ``tag``, with these texts, in the order of ``everything``. English has it all."""
        if tag == DEFAULT_LANGUAGE:
            return self.everything
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
            for entry in self.everything
            if (texts := translated.get(entry.key))
        )
