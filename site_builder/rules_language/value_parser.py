"""Reads values: fields and calls with their indexes and arguments."""

from __future__ import annotations

import string
from abc import ABC, abstractmethod
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal

from site_builder.rules_language.cursor import Cursor, ExpressionError
from site_builder.rules_language.literals import read_address, read_bytes, read_int, read_text
from site_builder.rules_language.scheme import Function, Scheme
from site_builder.rules_language.tree import (
    Access,
    Argument,
    Call,
    Comparison,
    Each,
    Expression,
    Field,
    Index,
    OrderingOperator,
    argument_type,
)
from site_builder.rules_language.values import Address

MOST_NESTING: Final = 128
"""How deep parentheses, ``not``, quantifiers and calls may be nested; the engine's own limit."""

NAME_CHARACTERS: Final = frozenset(string.ascii_letters + string.digits + "_")
LITERALS: Final = (bytes, int, IPv4Address, IPv6Address)
# Letters that no integer and no address can hold.
_PLAIN_NAME = NAME_CHARACTERS - frozenset(string.hexdigits)

ORDERING: tuple[tuple[str, OrderingOperator], ...] = (
    ("eq", "eq"), ("==", "eq"), ("ne", "ne"), ("!=", "ne"), ("ge", "ge"), (">=", "ge"),
    ("le", "le"), ("<=", "le"), ("gt", "gt"), (">", "gt"), ("lt", "lt"), ("<", "lt"),
)  # fmt: skip
OPERATORS: tuple[tuple[str, str], ...] = (
    ("in", "in"), *ORDERING, ("&", "&"), ("bitwise_and", "&"), ("contains", "contains"), ("~", "matches"),
    ("matches", "matches"), ("wildcard", "wildcard"), ("strict wildcard", "strict wildcard"),
)  # fmt: skip
_WRITTEN = tuple(written for written, _ in OPERATORS)


class ValueParser(ABC):
    """The part of the parser that reads values. Expressions inside of arguments are read by the class built on it."""

    def __init__(self, cursor: Cursor, scheme: Scheme) -> None:
        self.cursor = cursor
        self.scheme = scheme

    @abstractmethod
    def expression(self, depth: int) -> Expression:
        """Read an expression that is nested ``depth`` levels deep."""

    @abstractmethod
    def comparison(self, value: Access, depth: int) -> Comparison:
        """Read the operator and the right side that make ``value`` a comparison."""

    def check_depth(self, depth: int, at: int) -> None:
        """Raise where something at the index ``at`` would be nested too deeply."""
        if depth >= MOST_NESTING:
            raise self.cursor.error(f"nested deeper than {MOST_NESTING} levels", at)

    def quantifier_name(self) -> Literal["any", "all"] | None:
        """``any`` or ``all`` where ``(`` follows, which is left in place."""
        before = self.cursor.at
        names: tuple[Literal["any", "all"], ...] = ("any", "all")
        for name in names:
            if self.cursor.accept(name):
                self.cursor.skip_blanks()
                if self.cursor.peek() == "(":
                    return name
                self.cursor.at = before
        return None

    def access(self, depth: int) -> Access:
        """A field or a call, and its indexes."""
        cursor = self.cursor
        start = cursor.at
        name = self._name()
        source: Field | Call
        if name in self.scheme.fields:
            source = Field(name, self.scheme.fields[name])
        elif name in self.scheme.functions:
            source = self._call(self.scheme.functions[name], depth, start)
        else:
            raise cursor.error(f"unknown field or function `{name}`", start)
        indexes: list[Index] = []
        current = source.type
        while cursor.peek() == "[":
            start = cursor.at
            index = self._index()
            wanted = {int: ("Array",), str: ("Map",), Each: ("Array", "Map")}[type(index)]
            if current.name not in wanted or current.of is None:
                raise cursor.error(f"{current} cannot be indexed so", start)
            current = current.of
            indexes.append(index)
        return Access(source, tuple(indexes))

    def _name(self) -> str:
        start = self.cursor.at
        while True:
            if not self.cursor.take_while(NAME_CHARACTERS):
                raise self.cursor.error("expected the name of a field or function")
            if not self.cursor.accept("."):
                return self.cursor.text[start : self.cursor.at]

    def _index(self) -> Index:
        cursor = self.cursor
        cursor.expect("[")
        cursor.skip_blanks()
        start = cursor.at
        index: Index
        if cursor.accept("*"):
            index = Each()
        elif cursor.peek() == '"':
            try:
                index = read_text(cursor).decode()
            except UnicodeDecodeError:
                raise cursor.error("a key must be UTF-8", start) from None
        else:
            index = read_int(cursor)
            if not 0 <= index < 2**32:
                raise cursor.error("an index is not negative and fits into 32 bits", start)
        cursor.skip_blanks()
        cursor.expect("]")
        return index

    def _call(self, function: Function, depth: int, start: int) -> Call:
        cursor = self.cursor
        self.check_depth(depth, start)
        cursor.skip_blanks()
        cursor.expect("(")
        cursor.skip_blanks()
        arguments: list[Argument] = []
        while cursor.peek() not in (")", ""):
            if arguments:
                cursor.expect(",")
                cursor.skip_blanks()
            at = cursor.at
            argument = self.argument(depth + 1)
            if fault := _argument_fault(function, arguments, argument):
                raise cursor.error(f"{function.name}(): {fault}", at)
            arguments.append(argument)
            cursor.skip_blanks()
        if len(arguments) < function.required:
            raise cursor.error(f"{function.name}() takes at least {function.required} arguments")
        cursor.expect(")")
        literals = [argument if isinstance(argument, LITERALS) else None for argument in arguments]
        if function.check and (fault := function.check(literals)):
            raise cursor.error(f"{function.name}(): {fault}", start)
        return Call(function, tuple(arguments))

    def argument(self, depth: int) -> Argument:
        """One argument. What it is shows in its first three characters, or else every form is tried in turn."""
        cursor = self.cursor
        first, second, third = cursor.peek(), cursor.peek(1), cursor.peek(2)
        if first == '"' or (first == "r" and second and second in '#"'):
            return read_text(cursor)
        if first in ("(", "!") or cursor.text.startswith("not", cursor.at) or self._before_quantifier():
            return self.expression(depth)
        if first in _PLAIN_NAME or (first in NAME_CHARACTERS and second in _PLAIN_NAME):
            return self._maybe_compared(self.access(depth), depth)
        if first in NAME_CHARACTERS and second in NAME_CHARACTERS and third in _PLAIN_NAME:
            return self._maybe_compared(self.access(depth), depth)
        start = cursor.at
        try:
            value: Access | None = self.access(depth)
        except ExpressionError:
            value = None
            cursor.at = start
        if value:
            return self._maybe_compared(value, depth)
        readers: tuple[Callable[[Cursor], bytes | int | Address], ...] = (read_address, read_int, read_bytes)
        for read in readers:
            try:
                return read(cursor)
            except ExpressionError:
                cursor.at = start
        raise cursor.error("expected an argument")

    def _before_quantifier(self) -> bool:
        before = self.cursor.at
        found = self.quantifier_name() is not None
        self.cursor.at = before
        return found

    def _maybe_compared(self, value: Access, depth: int) -> Access | Comparison:
        """The value, or a comparison where an operator follows."""
        behind = self.cursor.at
        self.cursor.skip_blanks()
        compared = self.cursor.text.startswith(_WRITTEN, self.cursor.at)
        self.cursor.at = behind
        return self.comparison(value, depth) if compared else value


def _argument_fault(function: Function, before: list[Argument], argument: Argument) -> str | None:
    """What is wrong with the next argument of a call."""
    parameter = function.parameter(len(before))
    if parameter is None:
        return f"takes at most {len(function.parameters)} arguments"
    if before and isinstance(argument, Access) and argument.mapped:
        return "[*] may stand only in the first argument"
    if parameter.given != "either" and isinstance(argument, LITERALS) != (parameter.given == "literal"):
        return "expected a literal" if parameter.given == "literal" else "expected a field or call, not a literal"
    found = argument_type(argument)
    if function.returns is None and before:
        first = argument_type(before[0])
        return None if found == first else f"expected {first} as before, found {found}"
    if not parameter.admits(found):
        return f"expected {' or '.join(map(str, parameter.types))}, found {found}"
    return None
