"""Parts that several expressions share, so that each is read once.

What a part is read as depends on its text and on how deep it is nested, and not on what stands before it. What stands
behind it counts as little where a parenthesis, a brace or a quotation mark has closed it.
"""

from __future__ import annotations

from typing import Final

from site_builder.rules_language.tree import Expression

SHORTEST: Final = 100
"""Characters that a part begins with to be found again; reading a shorter one costs no more than looking for it."""


class Parts:
    """What was read before, without the operators that join it. One object serves many expressions of one scheme."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], dict[str, Expression]] = {}

    def find(self, text: str, at: int, depth: int) -> tuple[Expression, int] | None:
        """What the part from the index ``at`` on was read as, and the index behind it; None for a new one."""
        for part, expression in self._known.get(_start(text, at, depth), {}).items():
            if text.startswith(part, at):
                return expression, at + len(part)
        return None

    def keep(self, text: str, at: int, end: int, depth: int, expression: Expression) -> None:
        """Note that the part from the index ``at`` to before ``end`` was read as ``expression``, if it is closed."""
        closed = text[at] == "(" or text[end - 1] in '"}'
        if closed and end - at >= SHORTEST:
            self._known.setdefault(_start(text, at, depth), {})[text[at:end]] = expression


def _start(text: str, at: int, depth: int) -> tuple[int, str]:
    return depth, text[at : at + SHORTEST]
