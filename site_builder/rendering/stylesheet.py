"""Stylesheets without comments and blanks, so that a theme can be written for reading and is small in a page."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIECES = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|url\([^)"']*\))|/\*.*?(?:\*/|$)""", re.DOTALL)
_BLANKS = re.compile(r"\s+")
_AROUND = re.compile(r" ?([{};,]) ?")
_AFTER_COLON = re.compile(r": ")
_LAST_SEMICOLON = re.compile(r";+}")


def minified(css: str) -> str:
    """``css`` with the same meaning and fewer bytes: strings and ``url(…)`` are left as they are.

    ``</style`` cannot end the element that the stylesheet is put in: it is written as an escape of CSS.
    """
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        if found[1] is None:
            return " "
        kept.append(found[1])
        return f"\x00{len(kept) - 1}\x00"

    small = _BLANKS.sub(" ", _PIECES.sub(keep, css)).strip()
    small = _LAST_SEMICOLON.sub("}", _AFTER_COLON.sub(":", _AROUND.sub(r"\1", small)))
    whole = re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found[1])], small)
    return whole.replace("</", r"<\/")


def blocks(small: str) -> Iterator[tuple[str, str]]:
    """The rules of a minified stylesheet, or of the inside of one: what stands before the braces, and between them."""
    start = depth = opened = 0
    for found in re.finditer(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[{};]", small):
        mark = found.group()
        if mark == "{":
            depth += 1
            opened = found.end() if depth == 1 else opened
        elif mark == "}":
            depth -= 1
            if depth == 0:
                yield small[start : opened - 1].strip(), small[opened : found.start()]
                start = found.end()
        elif mark == ";" and depth == 0:
            start = found.end()
