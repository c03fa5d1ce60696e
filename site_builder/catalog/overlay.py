"""The files of several catalog folders laid over each other: what a later folder writes replaces single fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .. import languages
from ..errors import Fault, InvalidInput, from_os_error
from ..model import Source
from .contents import DEFAULT_LANGUAGE
from .document import read_document
from .plain_style import Item

FAMILIES = "families"
LANGUAGES = "languages"
INTERFACE = "interface"
_BOUND_TO = {"retry_after": "retryable", "shares_title_with": "title"}
"""A field that has no meaning once another has been replaced: it falls away unless it is replaced as well."""


@dataclass(frozen=True, slots=True)
class Written:
    """One field as a file has it. ``layer`` counts the folders, what ships is 0."""

    value: object
    source: Source
    layer: int


@dataclass(slots=True)
class Draft:
    """One entry, family or translation before it is validated. ``source`` is where it was named last.

    ``blank`` are the fields of a translation that stand there without a text.
    """

    key: str
    source: Source
    fields: dict[str, Written] = field(default_factory=dict)
    blank: dict[str, Source] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, object]:
        """The fields without their sources. One that a later folder set to null is left out."""
        return {name: written.value for name, written in self.fields.items() if written.value is not None}

    def where(self, name: str) -> Source:
        """Where the field is written; the place of the whole draft where it is not."""
        return self.fields[name].source if name in self.fields else self.source

    def fault(self, name: str, message: str) -> Fault:
        """What is wrong with one field."""
        return Fault(str(self.where(name)), f"{self.key}.{name}: {message}")


@dataclass(slots=True)
class LanguageDraft:
    """One languages/TAG.yaml before it is validated. ``first`` is its interface as the first folder has it."""

    tag: str
    source: Source
    interface: Draft
    first: Mapping[str, Written] = field(default_factory=dict)
    entries: dict[str, Draft] = field(default_factory=dict)


@dataclass(slots=True)
class Overlay:
    """Everything that the folders hold, the last one on top, and what is wrong with it so far.

    ``tags`` are the languages that there are files for; ``languages`` has those of them that were wanted.
    """

    entries: dict[str, Draft] = field(default_factory=dict)
    families: dict[str, Draft] = field(default_factory=dict)
    languages: dict[str, LanguageDraft] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)


def read_overlay(folders: Sequence[Path], wanted: Collection[str] | None = None, *, own: bool = True) -> Overlay:
    """Read every ``*.yaml`` of the folders and of their ``languages``. Raises LocalFilesFailed where one is unreadable.

    Of the languages, those are read that may stand in for one of ``wanted``, and English; all of them for None. A file
    is shown by the name of its folder, ``catalog/http.yaml``; one that ships and is not the project's own as
    ``<errgen>/catalog/http.yaml``. With ``own`` the last folder is the project's own; without, all of them ship.
    """
    overlay = Overlay()
    found = [_files(folder) for folder in folders]
    overlay.tags = tuple(
        sorted({path.stem for _, translated in found for path in translated if path.suffix == ".yaml"})
    )
    read = _stand_ins(wanted, overlay.tags)
    for layer, (folder, (catalog, translated)) in enumerate(zip(folders, found, strict=True)):
        prefix = "" if own and layer == len(folders) - 1 else "<errgen>/"
        seen: dict[tuple[str, str], Source] = {}
        for path in (*catalog, *(path for path in translated if path.suffix == ".yml" or path.stem in read)):
            shown = f"{prefix}{folder.resolve().name}/{path.relative_to(folder).as_posix()}"
            if path.suffix == ".yml":
                overlay.faults.append(Fault(f"{shown}:1", f"is not read; call it {path.stem}.yaml"))
                continue
            try:
                items = read_document(path, shown)
            except InvalidInput as error:
                overlay.faults.extend(error.faults)
                continue
            if path in translated:
                _add_language(overlay, path.stem, shown, items, layer)
                continue
            kind = FAMILIES if path.stem == FAMILIES else "entries"
            drafts = overlay.families if kind == FAMILIES else overlay.entries
            for key, item in items.items():
                source = Source(shown, item.line)
                if (kind, key) in seen:
                    message = f"{key}: stands twice; it is already at {seen[kind, key]}"
                    overlay.faults.append(Fault(str(source), message))
                    continue
                seen[kind, key] = source
                _merge(overlay, drafts, key, Item(item.value, item.line), shown, layer)
    return overlay


def _files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The YAML files of a catalog and those of its languages, each in order."""
    try:
        catalog = sorted(folder.iterdir())
        languages = folder / LANGUAGES
        translated = sorted(languages.iterdir()) if languages.is_dir() else []
    except OSError as error:
        raise from_os_error(error, folder, "read the catalog") from error
    return _yaml(catalog), _yaml(translated)


def _yaml(paths: Sequence[Path]) -> list[Path]:
    """``.yml`` too: such a file is not read, and its owner is told so."""
    return [path for path in paths if path.suffix == ".yml" or (path.suffix == ".yaml" and path.name[0] != ".")]


def _stand_ins(wanted: Collection[str] | None, tags: Sequence[str]) -> Collection[str]:
    """The languages to read. English needs no other, and to ask what stands in for it would load CLDR's data."""
    if wanted is None:
        return tags
    chains = (languages.fallback_chain(tag, tags) for tag in wanted if tag != DEFAULT_LANGUAGE)
    return {DEFAULT_LANGUAGE, *(tag for chain in chains for tag in chain)}


def _merge(overlay: Overlay, drafts: dict[str, Draft], key: str, item: Item, shown: str, layer: int) -> None:
    source = Source(shown, item.line)
    if not isinstance(item.value, dict):
        overlay.faults.append(Fault(str(source), f"{key}: must be a mapping of fields, like  headline: …"))
        return
    draft = drafts.setdefault(key, Draft(key, source))
    draft.source = source
    fields: Mapping[str, Item] = item.value
    for bound, decider in _BOUND_TO.items():
        if decider in fields and bound in draft.fields:
            del draft.fields[bound]
    for name, written in fields.items():
        draft.fields[name] = Written(written.value, Source(shown, written.line), layer)


def _add_language(overlay: Overlay, tag: str, shown: str, items: Mapping[str, Item], layer: int) -> None:
    source = Source(shown, 1)
    language = overlay.languages.setdefault(tag, LanguageDraft(tag, source, Draft("interface", source)))
    for key, item in items.items():
        drafts = {key: language.interface} if key == INTERFACE else language.entries
        written = item
        if tag != DEFAULT_LANGUAGE and isinstance(item.value, dict):
            blank = {name: one for name, one in item.value.items() if _is_blank(one.value)}
            written = Item({name: one for name, one in item.value.items() if name not in blank}, item.line)
        _merge(overlay, drafts, key, written, shown, layer)
        if written is not item:
            drafts[key].blank.update((name, Source(shown, one.line)) for name, one in blank.items())
    language.first = language.first or dict(language.interface.fields)


def _is_blank(value: object) -> bool:
    """Whether a translator has left this place empty."""
    return value is None or (isinstance(value, str) and not value.strip())
