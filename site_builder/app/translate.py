"""Translate: begin a language, tell how far it is, and note who has reviewed what. Never writes over a text."""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import catalog as catalogs
from .. import settings as settings_file
from ..catalog.completeness import Completeness, Text, completeness, read_all_states, texts
from ..catalog.language_file import new_language_file
from ..catalog.states import Record, States, digest, dump_records, path_of, read_records
from ..errors import UsageError, from_os_error

if TYPE_CHECKING:
    from ..catalog import Catalog

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Translated:
    """What one run did: ``created`` is the file of a new language.

    ``recorded`` counts texts whose English has been noted for the first time, ``reviewed`` those that the named person
    has reviewed by what was said now.
    """

    created: Path | None
    recorded: int
    reviewed: int
    completeness: Completeness


def translate(
    project: Path, tag: str, *, reviewed_by: str | None = None, keys: Sequence[str] = (), everything: bool = False
) -> Translated:
    """Begin the language ``tag`` in a project, or bring its records up to date, and tell how far it is.

    ``keys`` are what ``reviewed_by``, a person's name, has reviewed: ``404``, ``404.headline``, ``interface``; with
    ``everything`` it is every text that is there. Raises UsageError for a name, a tag or keys that cannot be,
    InvalidInput where the catalog is faulty.
    """
    reviewer = _reviewer(reviewed_by, keys, everything=everything)
    own = project / "catalog"
    settings = settings_file.load(project)
    catalog = catalogs.load(settings.catalog_folders, [tag], own=settings.has_own_catalog)
    created = None
    _require_translatable(tag, catalog)
    if tag not in catalog.available:
        if reviewer:
            raise UsageError(f"there is no language '{tag}' to review", hint=f"begin it with: errgen translate {tag}")
        created = own / "languages" / f"{tag}.yaml"
        _write(created, new_language_file(tag, catalog, settings.catalog_folders[0]))
        catalog = catalogs.load(settings.catalog_folders, [tag], own=settings.has_own_catalog)
    states = read_all_states(catalog, settings.catalog_folders, tag)
    found = list(texts(catalog, tag, states))
    chosen = {one.name for one in _chosen(found, keys)} if reviewer else set()
    before = read_records(own, tag)
    records, recorded = _records(found, chosen, reviewer, before, states)
    if records != before:
        _write(path_of(own, tag), dump_records(records))
        states = read_all_states(catalog, settings.catalog_folders, tag)
    return Translated(created, recorded, len(chosen), completeness(catalog, tag, states))


def _reviewer(name: str | None, keys: Sequence[str], *, everything: bool) -> str | None:
    if name is None:
        if keys or everything:
            what = keys[0] if keys else "--all"
            raise UsageError(
                "what has been reviewed needs the name of who has reviewed it",
                hint=f'for example: errgen translate TAG --reviewed-by "Anna Schmidt" {what}',
            )
        return None
    if not name.strip() or not name.isprintable():
        raise UsageError(
            "the name of who has reviewed it is empty or cannot be printed",
            hint='give a person\'s name: --reviewed-by "Anna Schmidt"',
        )
    if bool(keys) == everything:
        raise UsageError(
            "--all stands for every text; name keys or give --all, not both"
            if keys
            else "say what has been reviewed: keys, or --all for every text that is there",
            hint="a key is like 404, 404.headline, interface or interface.home",
        )
    return " ".join(name.split())


def _require_translatable(tag: str, catalog: Catalog) -> None:
    if tag in (catalogs.DEFAULT_LANGUAGE, catalogs.PSEUDO_LANGUAGE):
        made = "English is the original" if tag == catalogs.DEFAULT_LANGUAGE else f"{tag} is made from English"
        raise UsageError(f"{made}; there is nothing to translate", hint="name another language: errgen translate de")
    if not _TAG.fullmatch(tag):
        raise UsageError(f"'{tag}' is not a language tag", hint="it is like de, pt-BR or zh-Hans (BCP 47)")
    for other in catalog.available:
        if other != tag and other.casefold() == tag.casefold():
            raise UsageError(f"there is no language '{tag}', but {other}", hint=f"run: errgen translate {other}")


def _chosen(found: Sequence[Text], keys: Sequence[str]) -> list[Text]:
    """The texts that ``keys`` name and that are there; every text that is there for no keys."""
    places = {name: one.source for one in reversed(found) for name in (one.key, one.name)}
    present = {name for one in found if one.text for name in (one.key, one.name)}
    problems = []
    for key in keys:
        if key not in places:
            near = difflib.get_close_matches(key, sorted(places), n=1)
            problems.append(f"there is no text {key}" + (f"; did you mean {near[0]}?" if near else ""))
        elif key not in present:
            problems.append(f"{key} has no text yet (see {places[key]})")
    if problems:
        raise UsageError("; ".join(problems), hint="a key is like 404, 404.headline, interface or interface.home")
    if not present:
        raise UsageError("there is no text yet that can be reviewed", hint="translate some, then run it again")
    return [one for one in found if one.text and (not keys or one.key in keys or one.name in keys)]


def _records(
    found: Sequence[Text], chosen: set[str], reviewer: str | None, before: dict[str, Record], states: States
) -> tuple[dict[str, Record], int]:
    """What the project's file of states shall hold, and how many texts are in it that no record knew before.

    A record that is about no text of today is left out: its text has been changed, and is a draft again.
    """
    records = {}
    recorded = 0
    for one in found:
        if not one.text:
            continue
        text = digest(one.text)
        if one.name in chosen:
            records[one.name] = Record(digest(one.english), text, reviewer)
        elif one.name in before and before[one.name].text == text:
            records[one.name] = before[one.name]
        elif all(record.text != text for record in states.get(one.name, ())):
            records[one.name] = Record(digest(one.english), text)
            recorded += 1
    return records, recorded


def _write(path: Path, text: str) -> None:
    """Write a file whole. Raises LocalFilesFailed."""
    temporary = path.with_name(f".{path.name}.errgen-tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, "utf-8")
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise from_os_error(error, path, "write the translation") from error
