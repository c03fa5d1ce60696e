"""One run of the command: what it was asked for, and in which forms it has told what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Run:
    """Goes with every click.Context, so that the end of the run is told once in each form, and in the right ones.

    ``has_document``: standard output has its one JSON document already. ``has_annotations``: what is wrong has been
    printed as annotations. ``is_verbose``: every step is a line that stays.
    """

    arguments: Sequence[str]
    has_document: bool = False
    has_annotations: bool = False
    is_verbose: bool = False
    project: Path = field(default_factory=Path)

    @property
    def command(self) -> str:
        """``errgen publish``."""
        return " ".join(["errgen", *(one for one in self.arguments[:1] if not one.startswith("-"))])

    @property
    def wants_json(self) -> bool:
        """Whether the arguments ask for JSON, however wrong the rest of them may be."""
        return any(
            one in ("--json", "--format=json") or (one == "json" and before == "--format")
            for before, one in zip(("", *self.arguments), self.arguments, strict=False)
        )
