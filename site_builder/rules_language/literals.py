"""The literals: integers, text, addresses, names of lists. Each reader leaves the cursor behind what it took.

Sources: the grammar of the open-source engine (github.com/cloudflare/wirefilter, engine/src/rhs_types) as its parser
behaves, and developers.cloudflare.com/ruleset-engine/rules-language/values/.
"""

from __future__ import annotations

import re
import string
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address
from typing import Final

from site_builder.rules_language.cursor import Cursor
from site_builder.rules_language.tree import AddressRange, IntRange, Network
from site_builder.rules_language.values import Address

LEAST_INT: Final = -(2**63)
GREATEST_INT: Final = 2**63 - 1
MOST_HASHES: Final = 255

_HEX = frozenset(string.hexdigits)
_ADDRESS_CHARACTERS = frozenset(string.hexdigits + ":./")
_LIST_CHARACTERS = frozenset(string.ascii_lowercase + string.digits + "_.")
_RADIX_DIGITS = {8: frozenset(string.octdigits), 10: frozenset(string.digits), 16: _HEX}
# The engine reads a byte with a parser of numbers, which takes a plus sign in place of the first digit.
_HEX_BYTE = re.compile(r"[+0-9A-Fa-f][0-9A-Fa-f]")
_OCTAL_BYTE = re.compile(r"[0-3][0-7]{2}")
_PLAIN_TEXT = re.compile(r'[^"\\]*')
_RAW_START = re.compile(r'r(#*)"')
_LOOSE_IPV4 = re.compile(r"[0-9]+(?:\.[0-9]+){0,3}")


def read_int(cursor: Cursor) -> int:
    """A 64-bit integer: decimal with an optional minus, ``0x…``, or octal with a leading zero (``0123`` is 83).

    The digits are the longest run of hexadecimal digits, whatever the radix: ``1and`` is no integer.
    """
    negative = False
    if cursor.accept("0x"):
        radix = 16
    elif cursor.peek() == "0":
        radix = 8
    else:
        radix = 10
        negative = cursor.accept("-")
    start = cursor.at
    digits = cursor.take_while(_HEX)
    if not digits:
        raise cursor.error("expected an integer", start)
    if not _RADIX_DIGITS[radix].issuperset(digits):
        hint = ", which a leading zero makes octal" if radix == 8 else ""
        raise cursor.error(f"`{digits}` is not an integer{hint}", start)
    # The length comes first: Python refuses to read decimal numbers of thousands of digits.
    significant = digits.lstrip("0") or "0"
    number = int(significant, radix) if len(significant) <= 22 else GREATEST_INT + 2
    number = -number if negative else number
    if not LEAST_INT <= number <= GREATEST_INT:
        raise cursor.error(f"`{digits}` does not fit into 64 bits", start)
    return number


def read_int_range(cursor: Cursor) -> IntRange:
    """An integer or ``first..last``, with no blanks."""
    start = cursor.at
    first = read_int(cursor)
    last = read_int(cursor) if cursor.accept("..") else first
    if last < first:
        raise cursor.error("the range ends before it begins", start)
    return IntRange(first, last)


def read_bytes(cursor: Cursor) -> bytes:
    """Text in quotes, raw text, or two and more bytes as ``HH:HH``."""
    if cursor.peek() in ('"', "r"):
        return read_text(cursor)
    result = bytearray([_byte(cursor, _HEX_BYTE, 16)])
    if cursor.peek() != ":":
        raise cursor.error("expected `:` and a further byte")
    while cursor.accept(":"):
        result.append(_byte(cursor, _HEX_BYTE, 16))
    return bytes(result)


def read_text(cursor: Cursor) -> bytes:
    """Text in quotes, where a backslash starts one of ``\\"``, ``\\\\``, ``\\xHH`` and ``\\OOO``, or raw text."""
    start = cursor.at
    if _RAW_START.match(cursor.text, start):
        return read_raw(cursor).encode("utf-8", "surrogatepass")
    if not cursor.accept('"'):
        raise cursor.error("expected text in double quotes")
    result = bytearray()
    while True:
        result += cursor.take_match(_PLAIN_TEXT).encode("utf-8", "surrogatepass")
        character = cursor.next()
        if character == '"':
            return bytes(result)
        if not character:
            raise cursor.error("the closing quote is missing", start)
        if cursor.peek() in ('"', "\\"):
            result += cursor.next().encode()
        elif cursor.accept("x"):
            result.append(_byte(cursor, _HEX_BYTE, 16))
        elif cursor.peek() and cursor.peek() in string.octdigits:
            result.append(_byte(cursor, _OCTAL_BYTE, 8))
        else:
            raise cursor.error('after a backslash comes `"`, a backslash, xHH or OOO', cursor.at - 1)


def read_raw(cursor: Cursor) -> str:
    """Raw text: ``r"…"`` or ``r#"…"#`` with as many ``#`` as needed, and no escapes."""
    start = cursor.at
    opening = _RAW_START.match(cursor.text, start)
    if not opening:
        raise cursor.error("expected text in double quotes or raw text")
    if len(opening[1]) > MOST_HASHES:
        raise cursor.error(f"raw text takes at most {MOST_HASHES} #", start)
    closing = '"' + opening[1]
    end = cursor.text.find(closing, opening.end())
    if end < 0:
        raise cursor.error("the closing quote is missing", start)
    cursor.at = end + len(closing)
    return cursor.text[opening.end() : end]


def read_regex(cursor: Cursor) -> str:
    """A regular expression: raw, or in quotes with rules of its own.

    There only ``\\"`` is unescaped, and inside of ``[…]`` not even that: a quote stands bare there. Every other
    backslash belongs to the expression.
    """
    start = cursor.at
    if cursor.peek() == "r":
        return read_raw(cursor)
    if not cursor.accept('"'):
        raise cursor.error("expected a regular expression in double quotes")
    result: list[str] = []
    in_class = False
    while (character := cursor.next()) != '"' or in_class:
        if not character or (character == "\\" and cursor.ended):
            raise cursor.error("the closing quote is missing", start)
        if character == "\\":
            escaped = cursor.next()
            result.append(escaped if escaped == '"' and not in_class else "\\" + escaped)
            continue
        in_class = character != "]" if in_class else character == "["
        result.append(character)
    return "".join(result)


def raw_hashes(text: str) -> int:
    """How many ``#`` raw text needs around ``text``."""
    return max((len(run) for run in re.findall(r'"#*', text)), default=0)


def read_address(cursor: Cursor) -> Address:
    """One IPv4 or IPv6 address, written out in full."""
    start = cursor.at
    return _address(cursor, cursor.take_while(_ADDRESS_CHARACTERS), start)


def read_addresses(cursor: Cursor) -> Network | AddressRange:
    """An address, a network (``192.0.2.0/24``) or ``first..last``.

    An IPv4 network may leave out trailing zeros: ``10/8``.
    """
    start = cursor.at
    chunk = cursor.take_while(_ADDRESS_CHARACTERS)
    if ".." in chunk:
        left, _, right = chunk.partition("..")
        first = _address(cursor, left, start)
        last = _address(cursor, right, start + len(left) + 2)
        if first.version != last.version or int(first) > int(last):
            raise cursor.error("the range does not lead from one address up to another of the same version", start)
        return AddressRange(first, last)
    written, slash, bits = chunk.partition("/")
    address = _loose_address(cursor, written, start)
    length: int = address.max_prefixlen
    if slash:
        length = _small_number(bits)
        if length > address.max_prefixlen:
            raise cursor.error(f"`{bits}` is not the length of a network", start + len(written) + 1)
    if int(address) & ((1 << (address.max_prefixlen - length)) - 1):
        raise cursor.error(f"`{chunk}` has bits set behind its length", start)
    network = IPv4Network if isinstance(address, IPv4Address) else IPv6Network
    return network((int(address), length))


def read_list_name(cursor: Cursor) -> str:
    """The name behind ``$``: lower-case letters, digits, ``_`` and, not at an end, ``.``."""
    start = cursor.at
    name = cursor.take_while(_LIST_CHARACTERS)
    if not name or name[0] == "." or name[-1] == ".":
        raise cursor.error("expected the name of a list", start)
    return name


def _byte(cursor: Cursor, form: re.Pattern[str], radix: int) -> int:
    found = form.match(cursor.text, cursor.at)
    if not found:
        raise cursor.error(
            "expected two hexadecimal digits" if radix == 16 else "expected three octal digits up to 377"
        )
    cursor.at = found.end()
    return int(found[0], radix)


def _address(cursor: Cursor, written: str, at: int) -> Address:
    try:
        return ip_address(written)
    except ValueError:
        raise cursor.error(f"`{written}` is not an IP address" if written else "expected an IP address", at) from None


def _loose_address(cursor: Cursor, written: str, at: int) -> Address:
    """Networks and members of sets may leave out the end of an IPv4 address and pad its numbers with zeros."""
    if not _LOOSE_IPV4.fullmatch(written):
        return _address(cursor, written, at)
    numbers = [_small_number(number) for number in written.split(".")]
    if max(numbers) > 255:
        raise cursor.error(f"`{written}` is not an IP address", at)
    return IPv4Address(bytes(numbers + [0] * (4 - len(numbers))))


def _small_number(digits: str) -> int:
    """The decimal number up to 255 that ``digits`` with any leading zeros are, otherwise a greater one."""
    significant = digits.lstrip("0") or digits[:1]
    return int(significant) if significant.isdigit() and len(significant) <= 3 else 256
