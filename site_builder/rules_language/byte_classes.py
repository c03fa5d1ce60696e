"""Escapes and bracketed classes of Rust's regex syntax without Unicode mode: a class is a set of byte values.

Source: docs.rs/regex/latest/regex/#syntax, and the accept/reject behaviour of the engine's parser.
"""

from __future__ import annotations

import string
from typing import Final

from site_builder.rules_language.cursor import Cursor

ByteClass = frozenset[int]
EVERY_BYTE: Final[ByteClass] = frozenset(range(256))
DEEPEST: Final = 100
"""How deep groups and classes may be nested; the engine stops at about the same depth."""

_META = frozenset(r"\.+*?()|[]{}^$#&-~")
_CONTROLS = {"a": "\x07", "f": "\x0c", "t": "\t", "n": "\n", "r": "\r", "v": "\x0b"}


def _of(characters: str) -> ByteClass:
    return frozenset(characters.encode())


_DIGIT = _of(string.digits)
_WORD = _of(string.ascii_letters + string.digits + "_")
_SPACE = _of("\t\n\x0b\x0c\r ")
_PERL = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
_POSIX = {
    "alnum": _of(string.ascii_letters + string.digits),
    "alpha": _of(string.ascii_letters),
    "ascii": frozenset(range(128)),
    "blank": _of("\t "),
    "cntrl": frozenset([*range(32), 127]),
    "digit": _DIGIT,
    "graph": frozenset(range(33, 127)),
    "lower": _of(string.ascii_lowercase),
    "print": frozenset(range(32, 127)),
    "punct": _of(string.punctuation),
    "space": _SPACE,
    "upper": _of(string.ascii_uppercase),
    "word": _WORD,
    "xdigit": _of(string.hexdigits),
}


def read_escape(cursor: Cursor) -> bytes | ByteClass | None:
    """What stands behind a backslash: literal bytes, a class, or None (nothing taken) where it is neither."""
    character = cursor.peek()
    if character and character in string.digits:
        raise cursor.error("back-references are not supported by the engine")
    if character in ("p", "P"):
        raise cursor.error("Unicode classes need Unicode mode, which is off")
    if character in ("x", "u", "U"):
        return _read_hex(cursor)
    if character.lower() in _PERL:
        found = _PERL[cursor.next().lower()]
        return EVERY_BYTE - found if character.isupper() else found
    if character in _CONTROLS:
        return _CONTROLS[cursor.next()].encode()
    if character in _META or (character.isascii() and character and not character.isalnum() and character not in "<>"):
        return cursor.next().encode()
    return None


def read_class(cursor: Cursor, *, ignore_case: bool, depth: int = 0) -> ByteClass:
    """A bracketed class from behind its ``[`` to behind its ``]``.

    ``&&``, ``--`` and ``~~`` join what stands left of them with what stands right, from left to right.
    """
    opening = cursor.at - 1
    if depth > DEEPEST:
        raise cursor.error("the class is nested too deeply", opening)
    negated = cursor.accept("^")
    members: set[int] = set(cursor.take_while("-").encode())
    if not members and cursor.accept("]"):
        members.add(ord("]"))
    left: ByteClass | None = None
    operator = ""
    while not cursor.accept("]"):
        if cursor.ended:
            raise cursor.error("the class is not closed", opening)
        pair = cursor.peek() + cursor.peek(1)
        if pair in ("&&", "--", "~~"):
            left = _joined(left, operator, _folded(members, ignore_case))
            operator, members = pair, set()
            cursor.at += 2
        elif cursor.accept("["):
            members |= _read_nested(cursor, ignore_case, depth)
        else:
            members |= _read_range(cursor)
    result = _joined(left, operator, _folded(members, ignore_case))
    return EVERY_BYTE - result if negated else result


def fold(byte: int) -> ByteClass:
    """The byte and, where it is an ASCII letter, the same letter in the other case."""
    return frozenset((byte, *bytes([byte]).lower(), *bytes([byte]).upper())) if byte < 128 else frozenset((byte,))


def _folded(members: set[int], ignore_case: bool) -> ByteClass:
    return frozenset[int]().union(*map(fold, members)) if ignore_case else frozenset(members)


def _joined(left: ByteClass | None, operator: str, right: ByteClass) -> ByteClass:
    if left is None:
        return right
    if operator == "&&":
        return left & right
    return left - right if operator == "--" else left ^ right


def _read_nested(cursor: Cursor, ignore_case: bool, depth: int) -> ByteClass:
    """``[:name:]``, or a class within a class."""
    start = cursor.at
    if cursor.accept(":"):
        negated = cursor.accept("^")
        name = cursor.take_while(string.ascii_lowercase)
        if cursor.accept(":]") and name in _POSIX:
            return EVERY_BYTE - _POSIX[name] if negated else _POSIX[name]
        cursor.at = start
    return read_class(cursor, ignore_case=ignore_case, depth=depth + 1)


def _read_range(cursor: Cursor) -> ByteClass:
    start = cursor.at
    first = _read_member(cursor)
    if cursor.peek() != "-" or cursor.peek(1) in ("]", "-", ""):
        return first if isinstance(first, frozenset) else frozenset(first)
    cursor.at += 1
    last = _read_member(cursor)
    if isinstance(first, frozenset) or isinstance(last, frozenset):
        raise cursor.error("a range leads from one character to another", start)
    if first > last:
        raise cursor.error("the range ends before it begins", start)
    return frozenset(range(first[0], last[0] + 1))


def _read_member(cursor: Cursor) -> bytes | ByteClass:
    start = cursor.at
    if cursor.accept("\\"):
        member = read_escape(cursor)
        if member is None:
            raise cursor.error(f"`\\{cursor.peek()}` means nothing in a class", start)
    else:
        member = cursor.next().encode("utf-8", "surrogatepass")
    if isinstance(member, bytes) and len(member) != 1:
        raise cursor.error("a class takes other characters than ASCII only in Unicode mode, which is off", start)
    return member


def _read_hex(cursor: Cursor) -> bytes:
    start = cursor.at
    letter = cursor.next()
    if cursor.accept("{"):
        digits = cursor.take_while(string.hexdigits)
        closed = cursor.accept("}")
    else:
        width = {"x": 2, "u": 4, "U": 8}[letter]
        digits = cursor.text[cursor.at : cursor.at + width]
        closed = len(digits) == width and set(digits) <= set(string.hexdigits)
        cursor.at += len(digits)
    number = int(digits, 16) if digits and closed else -1
    if number < 0 or number > 0x10FFFF or 0xD800 <= number < 0xE000:
        raise cursor.error(f"`\\{letter}` wants the hexadecimal number of a character", start)
    # \xHH is a byte; every other form is a character, which stands for its bytes in UTF-8.
    return bytes([number]) if letter == "x" and cursor.text[start + 1] != "{" else chr(number).encode()
