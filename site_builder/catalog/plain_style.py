"""The plain style that catalogs are written in, read in a fraction of the time that a whole YAML parser takes.

A file of this style has ``KEY:`` at the margin, ``FIELD: VALUE`` two blanks in, and values that are a plain or quoted
text on one line, a ``>-`` block four blanks in without blank lines, or a list of codes. Whatever is written in another
way is no fault: the whole file is then read by ruamel.yaml. A test holds that both read the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One value of a mapping, and the line of its key, counted from 1. A mapping is a ``dict[str, Item]``."""

    value: object
    line: int


_EVERYDAY = re.compile(
    "[\\n\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]*"
)
_KEY = re.compile(r"([A-Za-z0-9_]{1,100}):")
_FIELD = re.compile(r"  ([A-Za-z0-9_]{1,100}): (?:\"([^\"\\]*)\"|'([^']*)'|\[([0-9., ]+)\]|(\w.*)|(>-))")
_CODE = re.compile(r"[0-9]+(?:\.\.[0-9]+)?")
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|(\.(?:nan|NaN|NAN))")


def core_scalar(text: str) -> object:
    """A plain scalar as the core schema of YAML 1.2 reads it (YAML 1.2.2, 10.3.2): None, bool, int, float or str."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    if found := _INFINITE.fullmatch(text):
        return float("nan") if found[2] else float(f"{found[1]}inf")
    return text


def read_plain_style(text: str) -> dict[str, Item] | None:
    """The mapping of mappings that ``text`` holds, or None where it is not in the plain style."""
    if not _EVERYDAY.fullmatch(text):
        return None
    lines = text.split("\n")
    items: dict[str, Item] = {}
    fields: dict[str, Item] | None = None
    at, count = 0, len(lines)
    while at < count:
        line = lines[at]
        at += 1
        if not line or line.lstrip(" ").startswith("#"):
            continue
        if found := _FIELD.fullmatch(line):
            key, double, single, codes, plain, folded = found.groups()
            if fields is None or key in fields:
                return None
            line_number = at
            value: object
            if folded:
                start = at
                while at < count and lines[at].startswith("    ") and lines[at][4:5].strip():
                    at += 1
                if at == start or not _ends_block(lines, at):
                    return None
                value = " ".join(part[4:] for part in lines[start:at])
            elif plain is not None:
                if ": " in plain or " #" in plain or plain[-1] in ": ":
                    return None
                value = core_scalar(plain)
            elif codes is not None:
                parts = [part.strip() for part in codes.split(",")]
                if not all(_CODE.fullmatch(part) for part in parts):
                    return None
                value = tuple(core_scalar(part) for part in parts)
            else:
                value = double if double is not None else single
            fields[key] = Item(value, line_number)
        elif found := _KEY.fullmatch(line):
            key = found[1]
            if key in items or fields == {}:
                return None
            fields = {}
            items[key] = Item(fields, at)
        else:
            return None
    return items if fields else None


def _ends_block(lines: list[str], at: int) -> bool:
    """Whether a ``>-`` block ends before ``at`` for YAML too: nothing indented follows, nor a line of blanks."""
    while at < len(lines):
        line = lines[at]
        if line:
            return bool(line.strip(" ")) and not line.startswith("   ")
        at += 1
    return True
