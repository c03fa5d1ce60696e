"""How exact rules are: how many of their answers are the reference answer, and in which ways the others differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ...model import Codes, codes_text

Kind = Literal["left", "wider", "unserved", "status", "language", "format", "wrong"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Answers that differ from the reference answer in the same way. ``says`` is that in words."""

    kind: Kind
    says: str
    answers: int
    codes: Codes
    clients: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For report.json and ``--json``."""
        return {
            "kind": self.kind,
            "says": self.says,
            "answers": self.answers,
            "codes": codes_text(self.codes),
            "clients": list(self.clients),
        }


@dataclass(frozen=True, slots=True)
class Exactness:
    """What a simulation found. ``exact`` answers have page and status of the reference answer.

    Of these ``other_media_type`` are sent as another media type. ``default_…`` are those in the default language.
    """

    plan: str
    answers: int
    exact: int
    default_answers: int
    default_exact: int
    other_media_type: int
    codes: int
    clients: int
    languages: int
    hosts: int
    differences: tuple[Difference, ...]

    def as_json(self) -> dict[str, Any]:
        """For report.json and ``--json``."""
        return {
            "plan": self.plan,
            "asked": {name: getattr(self, name) for name in ("codes", "clients", "languages", "hosts")},
            "answers": self.answers,
            "exact": self.exact,
            "other_media_type": self.other_media_type,
            "differing": self.answers - self.exact,
            "differences": [one.as_json() for one in self.differences],
        }
