"""Groups in parentheses that several expressions share, so that each is read once.

What a group is read as depends on its text and on how deep it is nested, not on what stands around it.
"""

from __future__ import annotations

from typing import Final

from site_builder.rules_language.tree import Expression

SHORTEST: Final = 100
"""Characters that a group begins with to be found again; reading a shorter one costs no more than looking for it."""


class Groups:
    """What was read between parentheses. One object serves many expressions of one scheme."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], dict[str, Expression]] = {}

    def find(self, text: str, at: int, depth: int) -> tuple[Expression, int] | None:
        """What the group that opens at the index ``at`` was read as, and the index behind it; None for a new one."""
        for group, expression in self._known.get(_start(text, at, depth), {}).items():
            if text.startswith(group, at):
                return expression, at + len(group)
        return None

    def keep(self, text: str, at: int, end: int, depth: int, expression: Expression) -> None:
        """Note that the group from the index ``at`` to before ``end`` was read as ``expression``."""
        if end - at >= SHORTEST:
            self._known.setdefault(_start(text, at, depth), {})[text[at:end]] = expression


def _start(text: str, at: int, depth: int) -> tuple[int, str]:
    return depth, text[at : at + SHORTEST]
