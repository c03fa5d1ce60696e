"""Catalog folders -> Catalog: read, laid over each other, validated, compared; every fault is reported at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Fault, InvalidInput
from ..model import MAINTENANCE, Entry
from .codes import BLOCKS_TEXT, is_code
from .consistency import family_faults, homeless_faults, name_faults, text_faults, title_faults
from .contents import PSEUDO_LANGUAGE, Catalog
from .localisation import localise
from .overlay import Draft, Overlay, read_overlay
from .pseudo import add_pseudo_language

if TYPE_CHECKING:
    from .schema import Common


def load(folders: Sequence[Path], languages: Collection[str] | None = None, *, own: bool = True) -> Catalog:
    """The catalog that ``folders`` hold: what ships first, the project's own last, whose fields win.

    Without ``own`` the project has none, and all of them ship; their files are shown as ``<errgen>/catalog/http.yaml``.

    ``languages`` are the tags that a site asks for: only English and what may stand in for them is read and checked.
    None reads all there are. ``en-XA`` is made where it is asked for and has no file.

    Raises InvalidInput with every fault as ``catalog/http.yaml:12: 404.retry_after: …``, ordered by file and line, and
    LocalFilesFailed where a file cannot be read.
    """
    overlay = read_overlay(folders, languages, own=own)
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
    localised = localise(overlay, faults)
    if faults:
        raise InvalidInput(sorted(set(faults), key=_position), hint="correct the catalog and run the command again")
    if PSEUDO_LANGUAGE in (languages or ()) and PSEUDO_LANGUAGE not in localised.languages:
        add_pseudo_language(localised, [*entries, *made])
    return Catalog(
        entries=tuple(entries),
        families=tuple(families),
        maintenance=maintenance,
        languages=localised.languages,
        translations=localised.translations,
        available=overlay.tags,
        texts=localised.texts,
        borrowed=localised.borrowed,
    )


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
            faults.extend(draft.fault(name, message) for name, message in fields)
            continue
        faults.extend(_retry_faults(draft, fields))
        if code < 1000 and fields.status not in (None, code):
            faults.append(draft.fault("status", f"is the code itself, {code}, or left out"))
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
            faults.extend(draft.fault(name, message) for name, message in fields)
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
        yield draft.fault("retry_after", "stands only beside retryable: true")
