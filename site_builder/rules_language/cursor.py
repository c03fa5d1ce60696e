"""A place in the text of an expression, and the failure that names one."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

BLANKS: Final = " \r\n"
"""What separates words. A tab does not: the engine refuses it."""


class ExpressionError(ValueError):
    """An expression that cannot be parsed. ``position`` counts characters of the whole text from 1."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        return f"{self.message} (at character {self.position})"


class Cursor:
    """Reads ``text`` from left to right. ``at`` is the index of the next character; set it to go back."""

    def __init__(self, text: str, start: int = 0, end: int | None = None) -> None:
        self.text = text if end is None else text[:end]
        self.at = start

    def error(self, message: str, at: int | None = None) -> ExpressionError:
        """A failure here, or at the index ``at``."""
        return ExpressionError(message, (self.at if at is None else at) + 1)

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.text)

    def peek(self, ahead: int = 0) -> str:
        """The character ``ahead`` of here, empty past the end."""
        return self.text[self.at + ahead : self.at + ahead + 1]

    def next(self) -> str:
        """Take one character; empty at the end."""
        character = self.peek()
        self.at += len(character)
        return character

    def accept(self, literal: str) -> bool:
        """Take ``literal`` if it is what comes next."""
        if not self.text.startswith(literal, self.at):
            return False
        self.at += len(literal)
        return True

    def expect(self, literal: str) -> None:
        """Take ``literal`` or raise."""
        if not self.accept(literal):
            raise self.error(f"expected `{literal}`")

    def take_while(self, characters: str | frozenset[str]) -> str:
        """Take the longest run, which may be empty, of these characters."""
        return self.take_match(_run_of(characters))

    def take_match(self, pattern: re.Pattern[str]) -> str:
        """Take what ``pattern`` matches here; empty where it does not match."""
        found = pattern.match(self.text, self.at)
        taken = found[0] if found else ""
        self.at += len(taken)
        return taken

    def skip_blanks(self) -> None:
        """Take blanks and line ends."""
        self.take_while(BLANKS)


@cache
def _run_of(characters: str | frozenset[str]) -> re.Pattern[str]:
    """Any number of ``characters``, of which the readers know a handful of sets."""
    return re.compile(f"[{re.escape(''.join(sorted(characters)))}]*")
