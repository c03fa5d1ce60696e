"""The functions of the phase ``http_custom_errors``.

Source: developers.cloudflare.com/ruleset-engine/rules-language/functions/. `any` and `all` are part of the grammar.
Text is bytes here; an argument that is missing makes the result missing, except for `concat` and `coalesce`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from site_builder.rules_language.scheme import Function, Parameter
from site_builder.rules_language.values import ANY_ARRAY, BOOL, BYTES, INT, SCALARS, Address, Value, array, mapping

_Literals = Sequence[bytes | int | Address | None]
_SPLIT_LIMIT: Final = range(1, 129)
_PERCENT = re.compile(rb"\+|%([0-9A-Fa-f]{2})")
_PERCENT_OR_UNICODE = re.compile(rb"\+|%([0-9A-Fa-f]{2})|%u([0-9A-Fa-f]{4})")


def as_bytes(value: Value) -> bytes:
    """Text as bytes: str is taken as UTF-8, with what a surrogate escape stands for. Raises TypeError for no text."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    raise TypeError(f"expected text, found {value!r}")


def _concat(*arguments: Value) -> Value:
    present = [argument for argument in arguments if argument is not None]
    if not present:
        return None
    if isinstance(present[0], bytes):
        return b"".join(as_bytes(argument) for argument in present)
    return [element for argument in present if isinstance(argument, list | tuple) for element in argument]


def _coalesce(*arguments: Value) -> Value:
    return next((argument for argument in arguments if argument is not None), None)


def _substring(text: bytes, start: int, end: int | None = None) -> bytes:
    return text[start:end]


def _url_decode(text: bytes, options: bytes = b"") -> bytes:
    """Percent and plus; with ``u`` also ``%uHHHH``, with ``r`` again and again until nothing changes."""
    pattern = _PERCENT_OR_UNICODE if b"u" in options else _PERCENT
    while (decoded := pattern.sub(_decoded, text)) != text and b"r" in options:
        text = decoded
    return decoded


def _decoded(found: re.Match[bytes]) -> bytes:
    if found[0] == b"+":
        return b" "
    if found[1]:
        return bytes([int(found[1], 16)])
    return chr(int(found[2], 16)).encode("utf-8", "surrogatepass")


def _url_decode_fault(literals: _Literals) -> str | None:
    options = literals[1] if len(literals) > 1 else b""
    return None if isinstance(options, bytes) and set(options) <= set(b"ru") else 'the options are "r", "u" or both'


def _split(text: bytes, separator: bytes, limit: int) -> list[bytes]:
    return text.split(separator, limit - 1)


def _split_fault(literals: _Literals) -> str | None:
    _, separator, limit = literals
    if not separator:
        return "the separator is empty"
    return None if limit in _SPLIT_LIMIT else f"the limit is from {_SPLIT_LIMIT[0]} to {_SPLIT_LIMIT[-1]}"


def _join(items: Sequence[Value], separator: bytes) -> bytes:
    return separator.join(as_bytes(item) for item in items)


def _remove_bytes(text: bytes, removed: bytes) -> bytes:
    return text.translate(None, removed)


def _has_key(fields: Mapping[str, Value], key: bytes) -> bool:
    return any(name.encode("utf-8", "surrogateescape") == key for name in fields)


def _has_value(items: Sequence[Value], wanted: bytes) -> bool:
    return any(as_bytes(item) == wanted for item in items)


def _json_member(document: bytes, keys: Sequence[bytes | int]) -> object:
    """What the path of attribute names and positions leads to; None where the document or the path is wrong."""
    try:
        member = json.loads(document)
    except (ValueError, RecursionError):
        return None
    for key in keys:
        if isinstance(member, dict) and isinstance(key, bytes):
            member = member.get(key.decode("utf-8", "surrogateescape"))
        elif isinstance(member, list) and isinstance(key, int) and 0 <= key < len(member):
            member = member[key]
        else:
            return None
    return member


def _lookup_json_string(document: bytes, *keys: bytes | int) -> bytes | None:
    member = _json_member(document, keys)
    return member.encode("utf-8", "surrogatepass") if isinstance(member, str) else None


def _lookup_json_integer(document: bytes, *keys: bytes | int) -> int | None:
    member = _json_member(document, keys)
    return member if isinstance(member, int) and not isinstance(member, bool) else None


_TEXT = Parameter((BYTES,))
_TEXT_OR_LITERAL = Parameter((BYTES,), "either")
_LITERAL = Parameter((BYTES,), "literal")
_INTEGER = Parameter((INT,), "literal")
_KEY = Parameter((BYTES, INT), "literal")
_TEXTS = Parameter((array(BYTES),))
_JOINABLE = Parameter((BYTES, ANY_ARRAY), "either")
_SCALAR = Parameter(SCALARS, "either")

_ALL = (
    Function("lower", (_TEXT,), BYTES, bytes.lower, 1),
    Function("upper", (_TEXT,), BYTES, bytes.upper, 1),
    Function("len", (Parameter((BYTES, ANY_ARRAY)),), INT, len, 1),
    Function("starts_with", (_TEXT, _TEXT_OR_LITERAL), BOOL, bytes.startswith, 2),
    Function("ends_with", (_TEXT, _TEXT_OR_LITERAL), BOOL, bytes.endswith, 2),
    Function("contains", (_TEXT, _TEXT_OR_LITERAL), BOOL, bytes.__contains__, 2),
    Function("concat", (_JOINABLE, _JOINABLE), None, _concat, 2, variadic=True, takes_missing=True),
    Function("coalesce", (_SCALAR, _SCALAR), None, _coalesce, 2, variadic=True, takes_missing=True),
    Function("substring", (_TEXT, _INTEGER, _INTEGER), BYTES, _substring, 2),
    Function("url_decode", (_TEXT, _LITERAL), BYTES, _url_decode, 1, check=_url_decode_fault),
    Function("remove_bytes", (_TEXT, _LITERAL), BYTES, _remove_bytes, 2),
    Function("split", (_TEXT, _LITERAL, _INTEGER), array(BYTES), _split, 3, check=_split_fault),
    Function("join", (_TEXTS, _LITERAL), BYTES, _join, 2),
    Function("has_key", (Parameter((mapping(array(BYTES)),)), _LITERAL), BOOL, _has_key, 2),
    Function("has_value", (_TEXTS, _LITERAL), BOOL, _has_value, 2),
    Function("lookup_json_string", (_TEXT, _KEY), BYTES, _lookup_json_string, 2, variadic=True),
    Function("lookup_json_integer", (_TEXT, _KEY), INT, _lookup_json_integer, 2, variadic=True),
)

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in _ALL}
