"""How complete a translation is: every text that is wanted, and whether it is there, reviewed and up to date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..languages import fallback_chain
from ..model import MAINTENANCE, Entry, Source
from .contents import DEFAULT_LANGUAGE, PSEUDO_LANGUAGE, TEXT_FIELDS, Catalog
from .overlay import INTERFACE
from .states import State, States, read_states, state_of

_WORST_FIRST: tuple[State, ...] = ("missing", "stale", "draft", "reviewed")

Kind = Literal["interface", "family", "maintenance", "entry", "cloudflare"]


@dataclass(frozen=True, slots=True)
class Text:
    """One text that a translation has or lacks. ``text`` is empty where it is missing.

    ``source`` is its line, or the line where it should be. ``kind`` is ``cloudflare`` for errors that Cloudflare makes
    and answers well itself; their texts are not wanted, but welcome.
    """

    key: str
    field: str
    kind: Kind
    source: Source
    english: str
    text: str
    state: State

    @property
    def name(self) -> str:
        """``404.headline``, ``interface.home``."""
        return f"{self.key}.{self.field}"


@dataclass(frozen=True, slots=True)
class Completeness:
    """What there is of one language. All but ``extra`` count wanted texts only; ``percent`` is rounded down.

    ``wanted`` = missing + draft + reviewed + stale. ``extra`` are translated texts of errors that are Cloudflare's own.
    """

    tag: str
    wanted: int
    missing: tuple[Text, ...]
    stale: tuple[Text, ...]
    draft: int
    reviewed: int
    extra: int

    @property
    def percent(self) -> int:
        """How much is translated."""
        return 100 * (self.wanted - len(self.missing)) // self.wanted if self.wanted else 100

    @property
    def percent_reviewed(self) -> int:
        """How much a person has reviewed."""
        return 100 * self.reviewed // self.wanted if self.wanted else 100


def completeness(catalog: Catalog, tag: str, states: States) -> Completeness:
    """How complete the language ``tag`` is. English is the original, and en-XA is made from it: both are complete.

    Raises KeyError where the catalog was loaded without the language.
    """
    wanted = [one for one in texts(catalog, tag, states) if one.kind != "cloudflare"]
    extra = sum(one.kind == "cloudflare" and bool(one.text) for one in texts(catalog, tag, states))
    return Completeness(
        tag,
        len(wanted),
        tuple(one for one in wanted if one.state == "missing"),
        tuple(one for one in wanted if one.state == "stale"),
        sum(one.state == "draft" for one in wanted),
        sum(one.state == "reviewed" for one in wanted),
        extra,
    )


def entry_states(catalog: Catalog, folders: Sequence[Path], tag: str) -> Mapping[str, State]:
    """By entry how far its texts in ``tag`` have come: as far as the text that has come least far.

    Only of what has texts there, and empty for an original. Raises as ``read_states``.
    """
    resolved = catalog.resolve(tag)
    if resolved is None or resolved in (DEFAULT_LANGUAGE, PSEUDO_LANGUAGE):
        return {}
    records, written = read_all_states(catalog, folders, resolved), catalog.texts.get(resolved, {})
    found: dict[str, State] = {}
    for entry in catalog.everything:
        states = [
            state_of(getattr(entry, field), one.text, records.get(name, ()))
            for field in TEXT_FIELDS
            if (one := written.get(name := f"{entry.key}.{field}")) and one.text
        ]
        if states:
            found[entry.key] = min(states, key=_WORST_FIRST.index)
    return found


def read_all_states(catalog: Catalog, folders: Sequence[Path], tag: str) -> States:
    """The records of ``tag`` and of the languages that its missing texts come from, in all catalog ``folders``."""
    return read_states(folders, [tag, *(one for one in fallback_chain(tag, list(catalog.texts)) if one != tag)])


def texts(catalog: Catalog, tag: str, states: States) -> Iterator[Text]:
    """Every text of the language ``tag``, the interface first, then by entry. Raises KeyError as ``completeness``."""
    if tag not in catalog.languages:
        raise KeyError(tag)
    original = tag in (DEFAULT_LANGUAGE, PSEUDO_LANGUAGE)
    written = catalog.texts.get(tag, {})
    file = next((one.source.file for one in written.values()), f"catalog/languages/{tag}.yaml")
    lines: dict[str, Source] = {}
    for name, one in sorted(written.items(), key=lambda item: -item[1].source.line):
        lines[name.partition(".")[0]] = one.source
    for key, name, kind, english, source in _originals(catalog):
        full = f"{key}.{name}"
        found = written.get(full)
        text = english if original else found.text if found else ""
        place = source if original else found.source if found else lines.get(key, Source(file, 1))
        state: State = "reviewed" if original else state_of(english, text, states.get(full, ()))
        yield Text(key, name, kind, place, english, text, state)


def _originals(catalog: Catalog) -> Iterator[tuple[str, str, Kind, str, Source]]:
    """Key, field, kind, English text and its place."""
    for name, string in catalog.languages[DEFAULT_LANGUAGE].strings.items():
        yield INTERFACE, name, "interface", string, Source(f"catalog/languages/{DEFAULT_LANGUAGE}.yaml", 1)
    for entry in catalog.everything:
        for field in TEXT_FIELDS:
            yield entry.key, field, _kind(entry), getattr(entry, field), entry.source


def is_wanted(entry: Entry) -> bool:
    """Whether a translation should have this: all but the errors that Cloudflare makes and answers well itself."""
    return _kind(entry) != "cloudflare"


def _kind(entry: Entry) -> Kind:
    if entry.key == MAINTENANCE:
        return "maintenance"
    if entry.code is None:
        return "family"
    return "cloudflare" if 520 <= entry.code <= 530 or entry.code >= 1000 else "entry"
