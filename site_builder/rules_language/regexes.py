"""Regular expressions as ``matches`` takes them: Rust's syntax, rewritten for Python's ``re`` on bytes.

The engine searches bytes with Unicode mode off and only asks whether there is a match. So captures, greed and the order
of alternatives do not matter, and each construct becomes one of Python's with the same language. What has no such
counterpart is refused: look-around and back-references, which the engine refuses, too, and the modes ``u``, ``x`` and
``R``, which it takes. Source: docs.rs/regex/latest/regex/#syntax.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from site_builder.rules_language.byte_classes import DEEPEST, EVERY_BYTE, ByteClass, fold, read_class, read_escape
from site_builder.rules_language.cursor import Cursor, ExpressionError

MOST_STATES: Final = 250_000
"""About where the engine finds a compiled expression too large: counted repetitions multiply what they repeat."""

_COUNT = re.compile(r"\{\s*0*([0-9]{1,10})\s*(?:(,)(?:\s*0*([0-9]{1,10})\s*)?)?\}")
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_.\[\]]*)>")
_WORD = b"[0-9A-Za-z_]"
_WORD_EDGES = {
    "{start}": b"(?<!%b)(?=%b)" % (_WORD, _WORD),
    "{end}": b"(?<=%b)(?!%b)" % (_WORD, _WORD),
    "{start-half}": b"(?<!%b)" % _WORD,
    "{end-half}": b"(?!%b)" % _WORD,
}
_ASSERTIONS = {
    "A": rb"\A",
    "z": rb"\Z",
    "b": rb"\b",
    # Python's \B never matches in empty text, Rust's does.
    "B": b"(?:(?<!%b)(?!%b)|(?<=%b)(?=%b))" % (_WORD, _WORD, _WORD, _WORD),
    "<": _WORD_EDGES["{start}"],
    ">": _WORD_EDGES["{end}"],
}


@dataclass(frozen=True, slots=True)
class _Flags:
    ignore_case: bool = False
    multi_line: bool = False
    dot_all: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """Python's form of a part, and how many states it stands for."""

    source: bytes
    states: int = 1


@lru_cache(maxsize=1024)
def compile_regex(pattern: str) -> re.Pattern[bytes]:
    """``pattern`` for ``re.search`` on bytes.

    Raises ExpressionError, its position within the pattern, where the pattern is wrong or cannot be rewritten.
    """
    translator = _Translator(pattern)
    source = translator.translate()
    try:
        return re.compile(source)
    except (re.error, OverflowError, RecursionError):
        raise ExpressionError("the regular expression is too large", 1) from None


class _Translator:
    def __init__(self, pattern: str) -> None:
        self.cursor = Cursor(pattern)
        self.flags = _Flags()
        self.names: set[str] = set()

    def translate(self) -> bytes:
        result = self._alternatives(0)
        if not self.cursor.ended:
            raise self.cursor.error("the group is not opened")
        return result.source

    def _alternatives(self, depth: int) -> _Piece:
        """What stands up to ``)`` or the end. Flags set in here end with it."""
        if depth > DEEPEST:
            raise self.cursor.error("the regular expression is nested too deeply")
        flags = self.flags
        branches = [self._sequence(depth)]
        while self.cursor.accept("|"):
            branches.append(self._sequence(depth))
        self.flags = flags
        return self._limited(b"(?:" + b"|".join(branch.source for branch in branches) + b")", branches)

    def _sequence(self, depth: int) -> _Piece:
        pieces: list[_Piece] = []
        repeatable = False
        while (character := self.cursor.peek()) and character not in "|)":
            if character in "*+?{":
                if not repeatable:
                    raise self.cursor.error(f"`{character}` has nothing to repeat")
                pieces.append(self._repeated(pieces.pop()))
                continue
            piece = self._atom(depth)
            repeatable = piece is not None
            if piece:
                pieces.append(piece)
        return self._limited(b"".join(piece.source for piece in pieces), pieces)

    def _repeated(self, piece: _Piece) -> _Piece:
        start = self.cursor.at
        count = _COUNT.match(self.cursor.text, start)
        factor = 1
        if count:
            self.cursor.at = count.end()
            least, most = int(count[1]), int(count[3] or count[1])
            if most < least:
                raise self.cursor.error("the count ends before it begins", start)
            factor = max(most, 1)
            suffix = b"{%d,%b}" % (least, b"" if count[2] and not count[3] else b"%d" % most)
        elif self.cursor.peek() == "{":
            raise self.cursor.error("expected a count such as {2} or {2,5}")
        else:
            suffix = self.cursor.next().encode()
        self.cursor.accept("?")
        if piece.states * factor > MOST_STATES:
            raise self.cursor.error("the regular expression is too large", start)
        return _Piece(b"(?:" + piece.source + suffix + b")", piece.states * factor)

    def _atom(self, depth: int) -> _Piece | None:
        """One thing that can be repeated; None for flags such as ``(?i)``."""
        character = self.cursor.next()
        if character == "(":
            return self._group(depth)
        if character == "[":
            return self._class(read_class(self.cursor, ignore_case=self.flags.ignore_case, depth=depth))
        if character == "\\":
            return self._escape()
        if character == ".":
            return self._class(EVERY_BYTE if self.flags.dot_all else EVERY_BYTE - {ord("\n")})
        if character == "^":
            return _Piece(rb"(?:\A|(?<=\n))" if self.flags.multi_line else rb"(?:\A)")
        if character == "$":
            return _Piece(rb"(?:(?=\n)|\Z)" if self.flags.multi_line else rb"(?:\Z)")
        return self._literal(character.encode("utf-8", "surrogatepass"))

    def _group(self, depth: int) -> _Piece | None:
        opening = self.cursor.at - 1
        outer = self.flags
        if any(self.cursor.text.startswith(form, self.cursor.at) for form in ("?=", "?!", "?<=", "?<!")):
            raise self.cursor.error("look-around is not supported by the engine", opening)
        if self.cursor.accept("?P<") or self.cursor.accept("?<"):
            self._capture_name()
        elif self.cursor.accept("?") and self._read_flags():
            return None
        inner = self._alternatives(depth + 1)
        if not self.cursor.accept(")"):
            raise self.cursor.error("the group is not closed", opening)
        self.flags = outer
        return inner

    def _capture_name(self) -> None:
        name = _NAME.match(self.cursor.text, self.cursor.at)
        if not name or name[1] in self.names:
            raise self.cursor.error("expected the name of a group, used once, and `>`")
        self.names.add(name[1])
        self.cursor.at = name.end()

    def _read_flags(self) -> bool:
        """Set the flags up to ``)`` or ``:``; True for ``)``, where they hold for the rest of the group around."""
        start = self.cursor.at
        seen: set[str] = set()
        on = True
        last = ""
        while (character := self.cursor.next()) not in (")", ":"):
            if character == "-" and on:
                on = False
            elif character and character in "imsUuxR" and character not in seen:
                seen.add(character)
                self._set_flag(character, on)
            else:
                raise self.cursor.error(f"`{character}` is not a flag here" if character else "the group is not closed")
            last = character
        if (character == ")" and not seen) or last == "-":
            raise self.cursor.error("expected flags", start)
        return character == ")"

    def _set_flag(self, flag: str, on: bool) -> None:
        if flag in "uxR" and on:
            raise self.cursor.error(f"errgen cannot evaluate the mode `{flag}`", self.cursor.at - 1)
        if flag == "i":
            self.flags = replace(self.flags, ignore_case=on)
        elif flag == "m":
            self.flags = replace(self.flags, multi_line=on)
        elif flag == "s":
            self.flags = replace(self.flags, dot_all=on)

    def _escape(self) -> _Piece:
        start = self.cursor.at - 1
        found = read_escape(self.cursor)
        if isinstance(found, bytes):
            return self._literal(found)
        if found is not None:
            return self._class(found)
        letter = self.cursor.next()
        counted = self.cursor.peek(1) in tuple(string.digits + string.whitespace)
        if letter == "b" and self.cursor.peek() == "{" and not counted:
            for edge, source in _WORD_EDGES.items():
                if self.cursor.accept(edge):
                    return _Piece(b"(?:" + source + b")")
            raise self.cursor.error("expected {start}, {end}, {start-half} or {end-half}")
        if letter not in _ASSERTIONS:
            raise self.cursor.error(f"`\\{letter}` means nothing", start)
        return _Piece(b"(?:" + _ASSERTIONS[letter] + b")")

    def _literal(self, data: bytes) -> _Piece:
        if len(data) == 1:
            return self._class(fold(data[0]) if self.flags.ignore_case else frozenset(data))
        return _Piece(b"(?:" + b"".join(b"\\x%02x" % byte for byte in data) + b")", len(data))

    def _class(self, members: ByteClass) -> _Piece:
        if not members:
            return _Piece(b"(?!)")
        return _Piece(b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(members)) + b"]")

    def _limited(self, source: bytes, pieces: list[_Piece]) -> _Piece:
        states = sum(piece.states for piece in pieces) or 1
        if states > MOST_STATES:
            raise self.cursor.error("the regular expression is too large")
        return _Piece(source, states)
