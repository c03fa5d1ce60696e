"""The lines of errgen.toml: where a key is written, for messages that name it by its path.

``tomllib`` tells no lines. What is read here has been read by it before, so that it is known to be valid, and only its
outline is followed: headers, keys, inline tables and arrays (TOML 1.0).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from . import FILE_NAME

_TOKEN = re.compile(
    r'''(?P<string>"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')'''
    r"|(?P<comment>\#[^\n]*)|(?P<word>[\w+:-]+)|(?P<sign>\n|[][{},=.])",
    re.DOTALL,
)
_LAST_PART = re.compile(r"[.[][^.[]*$")


class KeyLines:
    """The line of each key of a valid TOML text, by its path as messages write it: ``site.default.edge[0].plan``."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._tokens = list(_tokens(text))
        self._at = 0
        self._read()

    def line_of(self, path: str) -> int | None:
        """The line, from 1, of ``path``, or else of the nearest above it that is written; None where none is."""
        while path and path not in self._lines:
            shorter = _LAST_PART.sub("", path)
            if shorter == path:
                return None
            path = shorter
        return self._lines.get(path)

    def placed(self, where: str) -> str:
        """``where`` with the line of the key path in it: ``errgen.toml:4: site.default.home``. Others stay."""
        file, _, path = where.partition(": ")
        line = self.line_of(path) if file == FILE_NAME else None
        return f"{file}:{line}: {path}" if line else where

    def _read(self) -> None:
        table = ""
        while (sign := self._peek()) is not None:
            if sign == "\n":
                self._at += 1
            elif sign == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> str:
        """``[a.b]`` or ``[[a.b]]``: the path of the table that it begins."""
        line = self._line
        repeated = self._take("[") and self._take("[")
        path = self._key("", line)
        while self._take("]"):
            pass
        if repeated:
            number = self._counts.get(path, 0)
            self._counts[path] = number + 1
            path = self._place(f"{path}[{number}]", line)
        return path

    def _pair(self, table: str) -> None:
        path = self._key(table, self._line)
        self._take("=")
        self._value(path)

    def _key(self, table: str, line: int) -> str:
        """A dotted key: its path below ``table``, where the last of an array of tables is the one that is meant."""
        path = table
        while True:
            name = self._next()
            if path in self._counts:
                path = f"{path}[{self._counts[path] - 1}]"
            path = self._place(f"{path}.{_bare(name)}" if path else _bare(name), line)
            if not self._take("."):
                return path

    def _value(self, path: str) -> None:
        if self._take("{"):
            while not self._take("}"):
                if self._peek() in (",", "\n"):
                    self._at += 1
                else:
                    self._pair(path)
        elif self._take("["):
            number = 0
            while not self._take("]"):
                if self._peek() in (",", "\n"):
                    self._at += 1
                else:
                    self._value(self._place(f"{path}[{number}]", self._line))
                    number += 1
        else:
            while self._peek() not in (None, "\n", ",", "]", "}"):
                self._at += 1

    def _place(self, path: str, line: int) -> str:
        self._lines.setdefault(path, line)
        return path

    @property
    def _line(self) -> int:
        return self._tokens[self._at][0]

    def _peek(self) -> str | None:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None

    def _next(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _take(self, sign: str) -> bool:
        found = self._peek() == sign
        self._at += found
        return found


def key_lines(project: Path) -> KeyLines | None:
    """The lines of ``project``/errgen.toml; None where it cannot be read, or is no TOML."""
    import tomllib

    try:
        text = (project / FILE_NAME).read_text("utf-8")
        tomllib.loads(text)
    except (OSError, ValueError):
        return None
    return KeyLines(text)


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of everything but blanks and comments."""
    line, before = 1, 0
    for found in _TOKEN.finditer(text):
        line += text.count("\n", before, found.start())
        before = found.start()
        if found.lastgroup != "comment":
            yield line, found[0]


def _bare(name: str) -> str:
    """A key without its quotes."""
    import tomllib

    if name[0] not in "\"'":
        return name
    [key] = tomllib.loads(f"{name} = 0")
    return key
