"""The files of several catalog folders laid over each other: what a later folder writes replaces single fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Fault, InvalidInput, from_os_error
from ..model import Source
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
    """One entry, family or translation before it is validated. ``source`` is where it was named last."""

    key: str
    source: Source
    fields: dict[str, Written] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, object]:
        """The fields without their sources. One that a later folder set to null is left out."""
        return {name: written.value for name, written in self.fields.items() if written.value is not None}

    def where(self, name: str) -> Source:
        """Where the field is written; the place of the whole draft where it is not."""
        return self.fields[name].source if name in self.fields else self.source


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
    """Everything that the folders hold, the last one on top, and what is wrong with it so far."""

    entries: dict[str, Draft] = field(default_factory=dict)
    families: dict[str, Draft] = field(default_factory=dict)
    languages: dict[str, LanguageDraft] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_overlay(folders: Sequence[Path]) -> Overlay:
    """Read every ``*.yaml`` of the folders and of their ``languages``. Raises LocalFilesFailed where one is unreadable.

    A file is shown by the name of its folder, ``catalog/http.yaml``; one that ships and is not the project's own as
    ``<errgen>/catalog/http.yaml``.
    """
    overlay = Overlay()
    for layer, folder in enumerate(folders):
        prefix = "" if layer == len(folders) - 1 else "<errgen>/"
        seen: dict[tuple[str, str], Source] = {}
        for path in _files(folder, overlay.faults, prefix):
            shown = _shown(folder, path, prefix)
            try:
                items = read_document(path, shown)
            except InvalidInput as error:
                overlay.faults.extend(error.faults)
                continue
            if path.parent.name == LANGUAGES and path.parent != folder:
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
                _merge(overlay, drafts, key, Item(item.value, item.line), shown, layer, path=key)
    return overlay


def _files(folder: Path, faults: list[Fault], prefix: str) -> Iterator[Path]:
    try:
        found = sorted(folder.iterdir())
        languages = folder / LANGUAGES
        if languages.is_dir():
            found += sorted(languages.iterdir())
    except OSError as error:
        raise from_os_error(error, folder, "read the catalog") from error
    for path in found:
        if path.suffix == ".yml":
            faults.append(Fault(f"{_shown(folder, path, prefix)}:1", f"is not read; call it {path.stem}.yaml"))
        elif path.suffix == ".yaml" and not path.name.startswith("."):
            yield path


def _shown(folder: Path, path: Path, prefix: str) -> str:
    return f"{prefix}{folder.resolve().name}/{path.relative_to(folder).as_posix()}"


def _merge(
    overlay: Overlay, drafts: dict[str, Draft], key: str, item: Item, shown: str, layer: int, *, path: str
) -> None:
    source = Source(shown, item.line)
    if not isinstance(item.value, dict):
        overlay.faults.append(Fault(str(source), f"{path}: must be a mapping of fields, like  headline: …"))
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
        _merge(overlay, drafts, key, item, shown, layer, path=key)
    language.first = language.first or dict(language.interface.fields)
