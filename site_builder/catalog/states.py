"""How far each text of a translation has come: missing, a draft, reviewed by a person, or stale.

The records are machine-written files beside the languages, ``languages/states/TAG.json``, one text a line. A record
says of which English text a translation was made and who has reviewed it. It counts for exactly that translation: when
anybody changes the text, it is a draft again. No page depends on these files; the gallery of a build shows them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from ..errors import Fault, InvalidInput, from_os_error
from .overlay import LANGUAGES

State = Literal["missing", "draft", "reviewed", "stale"]
FOLDER = "states"


class Record(NamedTuple):
    """What is known of one text: digests of the English text and of the translation, and who has reviewed it.

    A tuple, because a build makes some thousand of them and it takes a third of the time.
    """

    english: str
    text: str
    reviewed_by: str | None = None


States = Mapping[str, Sequence[Record]]
"""By the name of a text, ``404.headline`` or ``interface.home``, its records; the one that decides comes first."""


@lru_cache(maxsize=32_768)  # every text of a dozen languages, beside the English that each is compared with
def digest(text: str) -> str:
    """The digest by which a record knows a text: 8 hexadecimal digits of its SHA-256. Line breaks do not count."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:8]


def state_of(english: str, text: str, records: Sequence[Record]) -> State:
    """The state of ``text``, a translation of ``english``: by the first record that is about it."""
    if not text:
        return "missing"
    if not any(record.reviewed_by or record.english != digest(english) for record in records):
        return "draft"  # whichever of them it is; a digest of every text takes longer than all else that is asked here
    for record in records:
        if record.text == digest(text):
            if record.english != digest(english):
                return "stale"
            return "reviewed" if record.reviewed_by else "draft"
    return "draft"


def read_states(folders: Sequence[Path], tags: Sequence[str]) -> States:
    """The records of the languages ``tags``, the language itself first, in all catalog ``folders``, what ships first.

    Raises InvalidInput for a file that is none of ours, LocalFilesFailed where one is unreadable.
    """
    merged: dict[str, list[Record]] = {}
    for tag in tags:
        for folder in reversed(folders):
            for name, record in read_records(folder, tag).items():
                merged.setdefault(name, []).append(record)
    return merged


def path_of(folder: Path, tag: str) -> Path:
    """Where the records of a language are in one catalog folder."""
    return folder / LANGUAGES / FOLDER / f"{tag}.json"


def read_records(folder: Path, tag: str) -> dict[str, Record]:
    """The records of one language in one catalog folder; none where there is no file."""
    path = path_of(folder, tag)
    try:
        raw = json.loads(path.read_bytes())
        return {name: Record(one["english"], one["text"], one.get("reviewed_by")) for name, one in raw.items()}
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise from_os_error(error, path, "read the states of a translation") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        where = f"{folder.name}/{LANGUAGES}/{FOLDER}/{tag}.json"
        message = "is not a file of states as errgen writes it"
        hint = "put the last good version back; without the file all texts count as drafts"
        raise InvalidInput([Fault(where, message)], hint=hint) from None


def dump_records(records: Mapping[str, Record]) -> str:
    """The text of a file of states: one record a line, by name, so that changes are easy to review and to merge."""
    lines = []
    for name, one in sorted(records.items()):
        fields = {"english": one.english, "text": one.text}
        if one.reviewed_by:
            fields["reviewed_by"] = one.reviewed_by
        lines.append(f"{json.dumps(name)}: {json.dumps(fields, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
