"""Catalog folders -> Catalog: read, laid over each other, validated, compared; every fault is reported at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Fault, InvalidInput
from ..languages import direction
from ..model import MAINTENANCE, Entry, Language
from .codes import BLOCKS_TEXT, is_code
from .consistency import family_faults, homeless_faults, name_faults, text_faults, title_faults
from .contents import DEFAULT_LANGUAGE, Catalog, Translation
from .overlay import INTERFACE, Draft, LanguageDraft, Overlay, read_overlay

if TYPE_CHECKING:
    from .schema import Common

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")


def load(folders: Sequence[Path]) -> Catalog:
    """The catalog that ``folders`` hold: what ships first, the project's own last, whose fields win.

    Raises InvalidInput with every fault as ``catalog/http.yaml:12: 404.retry_after: …``, ordered by file and line, and
    LocalFilesFailed where a file cannot be read.
    """
    overlay = read_overlay(folders)
    faults = overlay.faults
    readable = not faults
    entries = sorted(_entries(overlay, faults), key=lambda entry: entry.code or 0)
    made = list(_families(overlay, faults))
    maintenance = next((one for one in made if one.key == MAINTENANCE), None)
    families = [one for one in made if one.key != MAINTENANCE]
    drafts = {**overlay.entries, **overlay.families}
    faults += name_faults(drafts)
    faults += title_faults(drafts)
    faults += text_faults(drafts)
    faults += family_faults(families, overlay.families)
    if readable and len(made) == len(overlay.families):  # otherwise every code of a faulty family had a fault too
        faults += homeless_faults(entries, families)
    languages = _languages(overlay, faults)
    translations = {
        tag: _translations(language, drafts, faults)
        for tag, language in sorted(overlay.languages.items())
        if tag != DEFAULT_LANGUAGE
    }
    if faults:
        raise InvalidInput(sorted(set(faults), key=_position), hint="correct the catalog and run the command again")
    return Catalog(tuple(entries), tuple(families), maintenance, languages, translations)


def _position(fault: Fault) -> tuple[str, int, str]:
    file, _, line = fault.where.rpartition(":")
    return (file, int(line), fault.message)


def _entries(overlay: Overlay, faults: list[Fault]) -> Iterator[Entry]:
    from .schema import EntryFields, validated

    for key, draft in overlay.entries.items():
        code = int(key) if re.fullmatch("[1-9][0-9]{2,3}", key) else 0
        if not is_code(code):
            faults.append(Fault(str(draft.source), f"{key}: is not a code of {BLOCKS_TEXT}"))
            continue
        fields = validated(EntryFields, draft.values)
        if isinstance(fields, list):
            faults.extend(_fault(draft, name, message) for name, message in fields)
            continue
        faults.extend(_retry_faults(draft, fields))
        if code < 1000 and fields.status not in (None, code):
            faults.append(_fault(draft, "status", f"is the code itself, {code}, or left out"))
        status = code if code < 1000 else fields.status
        yield _entry(draft, fields, code=code, status=status, codes=((code, code),))


def _families(overlay: Overlay, faults: list[Fault]) -> Iterator[Entry]:
    from .schema import FamilyFields, validated

    for key, draft in overlay.families.items():
        if not re.fullmatch("[a-z0-9][a-z0-9_]*", key) or key.isdigit():
            message = "a family's name has small letters, digits and _, and is not a number"
            faults.append(Fault(str(draft.source), f"{key}: {message}"))
            continue
        fields = validated(FamilyFields, draft.values)
        if isinstance(fields, list):
            faults.extend(_fault(draft, name, message) for name, message in fields)
            continue
        faults.extend(_retry_faults(draft, fields))
        yield _entry(draft, fields, code=None, status=None, codes=fields.codes, catch_all=fields.catch_all)


def _entry(
    draft: Draft,
    fields: Common,
    *,
    code: int | None,
    status: int | None,
    codes: tuple[tuple[int, int], ...],
    catch_all: bool = False,
) -> Entry:
    return Entry(
        key=draft.key,
        code=code,
        codes=codes,
        catch_all=catch_all,
        status=status,
        serve_status=fields.serve_status,
        error_name=fields.error_name,
        title=fields.title,
        headline=fields.headline,
        category=fields.category,
        detail=fields.detail,
        what_you_should_do=fields.what_you_should_do,
        retryable=None if fields.retryable == "unknown" else fields.retryable,
        retry_after=fields.retry_after,
        owner_action_required=fields.owner_action_required,
        who_acts=fields.who_acts,
        documentation=fields.documentation,
        weight=fields.weight,
        source=draft.source,
    )


def _retry_faults(draft: Draft, fields: Common) -> Iterator[Fault]:
    if fields.retry_after is not None and fields.retryable is not True:
        yield _fault(draft, "retry_after", "stands only beside retryable: true")


def _fault(draft: Draft, name: str, message: str) -> Fault:
    return Fault(str(draft.where(name)), f"{draft.key}.{name}: {message}")


def _languages(overlay: Overlay, faults: list[Fault]) -> dict[str, Language]:
    english = overlay.languages.get(DEFAULT_LANGUAGE)
    known = {name: str(written.value) for name, written in english.first.items()} if english else {}
    languages = {}
    for tag, draft in sorted(overlay.languages.items()):
        if not _TAG.fullmatch(tag):
            faults.append(Fault(str(draft.source), f"'{tag}' is not a language tag like en, de or pt-BR"))
            continue
        faults.extend(_interface_faults(draft.interface, known))
        strings = {name: str(value) for name, value in draft.interface.values.items()}
        languages[tag] = Language(tag, direction(tag), strings)
    return languages


def _interface_faults(interface: Draft, known: Mapping[str, str]) -> Iterator[Fault]:
    from .schema import unknown_key

    for name, written in interface.fields.items():
        text = written.value
        if name not in known:
            yield _fault(interface, name, unknown_key(name, known))
        elif not isinstance(text, str) or not text.strip():
            yield _fault(interface, name, "must be a text; put numbers and the words true, false and null in quotes")
        elif set(_PLACEHOLDER.findall(text)) != set(_PLACEHOLDER.findall(known[name])):
            expected = " and ".join(f"{{{name}}}" for name in sorted(set(_PLACEHOLDER.findall(known[name])))) or "none"
            yield _fault(interface, name, f"must have the same placeholders as in English: {expected}")
    missing = [name for name in known if name not in interface.fields]
    if missing:
        yield Fault(str(interface.source), f"interface: lacks {', '.join(missing)}")


def _translations(language: LanguageDraft, known: Mapping[str, Draft], faults: list[Fault]) -> dict[str, Translation]:
    from .schema import Texts, unknown_key, validated

    translations = {}
    for key, draft in language.entries.items():
        if key not in known:
            faults.append(Fault(str(draft.source), f"{key}: {unknown_key(key, [*known, INTERFACE])}"))
            continue
        texts = validated(Texts, draft.values)
        if isinstance(texts, list):
            faults.extend(_fault(draft, name, message) for name, message in texts)
            continue
        translations[key] = Translation(
            texts.title, texts.headline, texts.detail, texts.what_you_should_do, draft.source
        )
    faults += text_faults(language.entries)
    return translations
