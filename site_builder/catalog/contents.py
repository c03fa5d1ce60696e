"""What a loaded catalog holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..languages import fallback_chain
from ..model import Entry, Language, Source, contains

DEFAULT_LANGUAGE = "en"
"""The language that entries and families are written in."""
PSEUDO_LANGUAGE = "en-XA"
"""English with accents and longer, made at load: what is cut off or not translatable shows. CLDR calls it so."""
TEXT_FIELDS = ("title", "headline", "detail", "what_you_should_do")
"""The fields of an entry that are translated."""


@dataclass(frozen=True, slots=True)
class Translation:
    """The texts of one entry or family in another language than English; ``detail`` and what follows are Markdown."""

    title: str
    headline: str
    detail: str
    what_you_should_do: str
    source: Source


@dataclass(frozen=True, slots=True)
class WrittenText:
    """One text of a language file. It is empty where a place was left blank."""

    text: str
    source: Source


@dataclass(frozen=True, slots=True)
class Catalog:
    """All errors, complete and consistent. ``entries`` are ordered by code, ``families`` as written.

    ``maintenance`` is the page for planned work; it is no error and no family, and None where no file has it.

    ``languages`` maps a tag (``en``, ``pt-BR``) to the words of the interface, always all of them; ``available`` are
    the tags of all languages that there are files for. ``translations`` maps a tag, never English, to the translated
    entries and families by key: those that have every text. ``texts`` maps a tag, never English, to each text by its
    name, ``404.headline`` or ``interface.home``, and has blank ones too. ``borrowed`` maps a tag to the strings of the
    interface that it lacks and has in English; no pages are made in such a language.
    """

    entries: tuple[Entry, ...]
    families: tuple[Entry, ...]
    maintenance: Entry | None
    languages: Mapping[str, Language]
    translations: Mapping[str, Mapping[str, Translation]]
    available: tuple[str, ...] = (DEFAULT_LANGUAGE,)
    texts: Mapping[str, Mapping[str, WrittenText]] = field(default_factory=dict)
    borrowed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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

    def resolve(self, tag: str) -> str | None:
        """The language that stands in for ``tag``: itself where there is it, for ``de-AT`` perhaps ``de``, or None."""
        if tag in self.languages:
            return tag
        chain = fallback_chain(tag, [one for one in self.languages if one != PSEUDO_LANGUAGE])
        return chain[0] if chain else None

    def language(self, tag: str) -> Language:
        """The words of the interface for a site that asks for ``tag``. Raises KeyError where there are none."""
        resolved = self.resolve(tag)
        if resolved is None:
            raise KeyError(tag)
        language = self.languages[resolved]
        return language if resolved == tag else dataclasses.replace(language, asked=tag)

    def localised(self, tag: str) -> tuple[Entry, ...]:
        """What has texts in the language that stands in for ``tag``, with these texts, in the order of ``everything``.

        English has it all.
        """
        resolved = self.resolve(tag)
        if resolved == DEFAULT_LANGUAGE:
            return self.everything
        translated = self.translations.get(resolved or "", {})
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
