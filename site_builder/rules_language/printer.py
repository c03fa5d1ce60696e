"""Writes a syntax tree as its canonical text: English operators, one blank between words, no parentheses too many."""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Final

from site_builder.rules_language.literals import raw_hashes
from site_builder.rules_language.tree import (
    Access,
    AddressRange,
    Argument,
    BitwiseAnd,
    Call,
    Combination,
    Constant,
    Contains,
    Expression,
    Index,
    InList,
    IntRange,
    Item,
    Matches,
    Network,
    Not,
    OneOf,
    Ordering,
    Quantifier,
    Truth,
    Wildcard,
)
from site_builder.rules_language.values import Address

_PRECEDENCE: Final = {"or": 0, "xor": 1, "and": 2}


def print_expression(expression: Expression) -> str:
    """The canonical text of ``expression``; parsing it gives an equal tree."""
    if isinstance(expression, Constant):
        return "true" if expression.value else "false"
    if isinstance(expression, Not):
        return f"not {_grouped(expression.operand, isinstance(expression.operand, Combination))}"
    if isinstance(expression, Combination):
        return f" {expression.operator} ".join(_member(operand, expression) for operand in expression.operands)
    if isinstance(expression, Quantifier):
        return f"{expression.name}({_argument(expression.argument)})"
    value = _access(expression.value)
    if isinstance(expression, Truth):
        return value
    if isinstance(expression, Ordering):
        return f"{value} {expression.operator} {_operand(expression.operand)}"
    if isinstance(expression, BitwiseAnd):
        return f"{value} & {_operand(expression.operand)}"
    if isinstance(expression, Contains):
        return f"{value} contains {_quoted(expression.operand)}"
    if isinstance(expression, Matches):
        return f"{value} matches {_raw(expression.pattern)}"
    if isinstance(expression, Wildcard):
        return f"{value} {'strict wildcard' if expression.strict else 'wildcard'} {_wildcard(expression.pattern)}"
    if isinstance(expression, InList):
        return f"{value} in ${expression.name}"
    return f"{value} in {_items(expression)}"


def _grouped(expression: Expression, needed: bool) -> str:
    text = print_expression(expression)
    return f"({text})" if needed else text


def _member(operand: Expression, around: Combination) -> str:
    looser = isinstance(operand, Combination) and _PRECEDENCE[operand.operator] <= _PRECEDENCE[around.operator]
    return _grouped(operand, looser)


def _access(value: Access) -> str:
    source = value.source
    if isinstance(source, Call):
        text = f"{source.function.name}({', '.join(_argument(argument) for argument in source.arguments)})"
    else:
        text = source.name
    return text + "".join(f"[{_index(index)}]" for index in value.indexes)


def _index(index: Index) -> str:
    if isinstance(index, int):
        return str(index)
    return _quoted(index.encode()) if isinstance(index, str) else "*"


def _argument(argument: Argument) -> str:
    """An argument. A combination needs parentheses there, and so does a Bool that is meant as an expression."""
    if isinstance(argument, Access):
        return _access(argument)
    if isinstance(argument, bytes | int | Address):
        return _operand(argument)
    return _grouped(argument, isinstance(argument, Combination | Truth | Constant))


def _operand(operand: bytes | int | Address | Access) -> str:
    if isinstance(operand, Access):
        return _access(operand)
    if isinstance(operand, bytes):
        return _quoted(operand)
    return str(operand) if isinstance(operand, int) else _address(operand)


def _address(address: Address) -> str:
    # Python versions differ in how they write an IPv4 address within IPv6.
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address)


def _items(expression: OneOf) -> str:
    return "{" + " ".join(_item(item) for item in expression.items) + "}"


def _item(item: Item) -> str:
    if isinstance(item, bytes):
        return _quoted(item)
    if isinstance(item, IntRange):
        return str(item.first) if item.first == item.last else f"{item.first}..{item.last}"
    if isinstance(item, AddressRange):
        return f"{_address(item.first)}..{_address(item.last)}"
    return _network(item)


def _network(network: Network) -> str:
    address = _address(network.network_address)
    return address if network.prefixlen == network.max_prefixlen else f"{address}/{network.prefixlen}"


def _quoted(data: bytes) -> str:
    """Text in quotes: what cannot be printed, and what is no UTF-8, as ``\\xHH``."""
    pieces: list[str] = []
    for character in data.decode("utf-8", "surrogateescape"):
        if character in ('"', "\\"):
            pieces.append("\\" + character)
        elif character.isprintable():
            pieces.append(character)
        else:
            pieces += [f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape")]
    return '"' + "".join(pieces) + '"'


def _raw(text: str) -> str:
    hashes = "#" * raw_hashes(text)
    return f'r{hashes}"{text}"{hashes}'


def _wildcard(pattern: bytes) -> str:
    """Raw where that saves doubling every backslash."""
    text = pattern.decode("utf-8", "surrogateescape")
    return _raw(text) if "\\" in text and text.isprintable() and raw_hashes(text) == 0 else _quoted(pattern)
