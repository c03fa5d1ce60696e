"""Reads an expression into its syntax tree and checks its types on the way, as the engine does.

Source: the grammar of the open-source engine (github.com/cloudflare/wirefilter) and what its parser accepts, with two
extensions: the constants ``true`` and ``false``, and what the documentation of the functions promises beyond it.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Final, Literal

from site_builder.rules_language.cursor import Cursor, ExpressionError
from site_builder.rules_language.fields import HTTP_CUSTOM_ERRORS
from site_builder.rules_language.literals import (
    MOST_HASHES,
    raw_hashes,
    read_address,
    read_addresses,
    read_bytes,
    read_int,
    read_int_range,
    read_list_name,
    read_regex,
    read_text,
)
from site_builder.rules_language.parts import Parts
from site_builder.rules_language.regexes import compile_regex
from site_builder.rules_language.scheme import Scheme
from site_builder.rules_language.tree import (
    Access,
    BitwiseAnd,
    Combination,
    Comparison,
    Constant,
    Contains,
    Expression,
    InList,
    Item,
    LogicalOperator,
    Matches,
    Not,
    OneOf,
    Ordering,
    Quantifier,
    Truth,
    Wildcard,
    argument_type,
    expression_type,
)
from site_builder.rules_language.value_parser import LITERALS, NAME_CHARACTERS, OPERATORS, ORDERING, ValueParser
from site_builder.rules_language.values import BOOL, BYTES, INT, IP, SCALARS, Address, Type, array
from site_builder.rules_language.wildcards import wildcard_fault

MOST_CHARACTERS: Final = 4096
"""How long a rule's expression may be; see normalised_length for how it is counted. Parsing does not check it."""

# White space that may stand around an expression, though not within it.
_TRIMMED = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_LETTERS = frozenset(string.ascii_letters + "_")

_LOGICAL: tuple[tuple[str, LogicalOperator], ...] = (
    ("or", "or"), ("||", "or"), ("xor", "xor"), ("^^", "xor"), ("and", "and"), ("&&", "and"),
)  # fmt: skip


def parse(text: str, scheme: Scheme = HTTP_CUSTOM_ERRORS, parts: Parts | None = None) -> Expression:
    """The syntax tree of ``text``. Raises ExpressionError with the place of the first fault.

    Give all expressions of one scheme the same ``parts`` where they share some: these are read once, and stand in
    their trees as one object.
    """
    start = len(text) - len(text.lstrip(_TRIMMED))
    cursor = Cursor(text, start, len(text.rstrip(_TRIMMED)) if text.strip(_TRIMMED) else start)
    if cursor.ended:
        raise cursor.error("the expression is empty")
    expression = _Parser(cursor, scheme, parts or Parts()).expression(0)
    if not cursor.ended:
        raise cursor.error("expected `and`, `or`, `xor` or the end")
    found = expression_type(expression)
    if found != BOOL:
        raise cursor.error(f"the expression is of type {found}; put it into any(…) or all(…)", start)
    return expression


class _Parser(ValueParser):
    def __init__(self, cursor: Cursor, scheme: Scheme, parts: Parts) -> None:
        super().__init__(cursor, scheme)
        self._parts = parts

    def expression(self, depth: int) -> Expression:
        """Simple expressions joined by operators; `and` binds closest, then `xor`, then `or`."""
        start = self.cursor.at
        operands = [self._simple(depth)]
        operators: list[LogicalOperator] = []
        expected = expression_type(operands[0])
        while operator := self._logical_operator():
            start = self.cursor.at
            operand = self._simple(depth)
            if expression_type(operand) != expected:
                raise self.cursor.error(f"expected {expected} as on the left, found {expression_type(operand)}", start)
            operators.append(operator)
            operands.append(operand)
        return _combine(operands, operators)

    def _logical_operator(self) -> LogicalOperator | None:
        before = self.cursor.at
        self.cursor.skip_blanks()
        for written, operator in _LOGICAL:
            if self.cursor.accept(written):
                self.cursor.skip_blanks()
                return operator
        self.cursor.at = before
        return None

    def _simple(self, depth: int) -> Expression:
        """What stands between operators."""
        cursor = self.cursor
        start = cursor.at
        if known := self._parts.find(cursor.text, start, depth):
            read, cursor.at = known
        else:
            read = self._new(depth)
            self._parts.keep(cursor.text, start, cursor.at, depth, read)
        return read

    def _new(self, depth: int) -> Expression:
        cursor = self.cursor
        start = cursor.at
        if cursor.accept("("):
            self.check_depth(depth, start)
            cursor.skip_blanks()
            inner = self.expression(depth + 1)
            cursor.skip_blanks()
            cursor.expect(")")
            return inner
        if cursor.accept("not") or cursor.accept("!"):
            self.check_depth(depth, start)
            cursor.skip_blanks()
            return Not(self._simple(depth + 1))
        if quantifier := self.quantifier_name():
            return self._quantifier(quantifier, depth, start)
        if self.scheme.constants and (constant := self._constant()):
            return constant
        return self.comparison(self.access(depth), depth)

    def _constant(self) -> Constant | None:
        before = self.cursor.at
        word = self.cursor.take_while(NAME_CHARACTERS)
        if word in ("true", "false") and word not in self.scheme.fields and self.cursor.peek() != ".":
            return Constant(word == "true")
        self.cursor.at = before
        return None

    def _quantifier(self, name: Literal["any", "all"], depth: int, start: int) -> Quantifier:
        self.check_depth(depth, start)
        self.cursor.expect("(")
        self.cursor.skip_blanks()
        at = self.cursor.at
        argument = self.argument(depth + 1)
        found = argument_type(argument)
        # A mapped value would be an array of arrays.
        mapped = isinstance(argument, Access) and argument.mapped
        if isinstance(argument, LITERALS) or found != array(BOOL) or mapped:
            raise self.cursor.error(f"{name}() takes {array(BOOL)}, found {found}", at)
        self.cursor.skip_blanks()
        self.cursor.expect(")")
        return Quantifier(name, argument)

    def comparison(self, value: Access, depth: int) -> Comparison:
        cursor = self.cursor
        if value.type == BOOL or value.type.of == BOOL:
            if value.type.of == BOOL and value.mapped:
                raise cursor.error("an array of arrays of Bool cannot be tested")
            return Truth(value)
        cursor.skip_blanks()
        start = cursor.at
        operator = self._operator()
        cursor.skip_blanks()
        if value.type not in SCALARS:
            raise cursor.error(f"`{operator}` cannot be used on {value.type}; take its elements with [*] or [0]", start)
        if operator == "in":
            return self._membership(value)
        for _, ordering in ORDERING:
            if operator == ordering:
                return Ordering(value, ordering, self._operand(value.type, depth))
        if operator == "&" and value.type == INT:
            return BitwiseAnd(value, self._int_operand(depth))
        if value.type != BYTES or operator == "&":
            raise cursor.error(f"`{operator}` cannot be used on {value.type}", start)
        return self._text_comparison(value, operator)

    def _operator(self) -> str:
        for written, operator in OPERATORS:
            if self.cursor.accept(written):
                return operator
        raise self.cursor.error("expected a comparison such as `eq` or `in`")

    def _membership(self, value: Access) -> OneOf | InList:
        cursor = self.cursor
        if cursor.accept("$"):
            return InList(value, read_list_name(cursor))
        cursor.expect("{")
        read: dict[Type, Callable[[Cursor], Item]] = {INT: read_int_range, BYTES: read_bytes, IP: read_addresses}
        items: list[Item] = []
        while True:
            cursor.skip_blanks()
            if cursor.accept("}"):
                return OneOf(value, tuple(items))
            items.append(read[value.type](cursor))

    def _operand(self, expected: Type, depth: int) -> bytes | int | Address | Access:
        """The right side of a comparison: a literal, or else a value of the same type."""
        if expected == INT:
            return self._int_operand(depth)
        start = self.cursor.at
        try:
            return read_bytes(self.cursor) if expected == BYTES else read_address(self.cursor)
        except ExpressionError:
            self.cursor.at = start
            if self.cursor.peek() not in _LETTERS:
                raise
        return self._typed_access(expected, depth)

    def _int_operand(self, depth: int) -> int | Access:
        """No integer starts with a letter and no name with a digit here, so there is nothing to try."""
        return self._typed_access(INT, depth) if self.cursor.peek() in _LETTERS else read_int(self.cursor)

    def _typed_access(self, expected: Type, depth: int) -> Access:
        start = self.cursor.at
        value = self.access(depth)
        found = array(value.type) if value.mapped else value.type
        if found != expected:
            raise self.cursor.error(f"expected {expected}, found {found}", start)
        return value

    def _text_comparison(self, value: Access, operator: str) -> Comparison:
        cursor = self.cursor
        start = cursor.at
        if operator == "contains":
            return Contains(value, read_bytes(cursor))
        if operator == "matches":
            pattern = read_regex(cursor)
            if raw_hashes(pattern) > MOST_HASHES:
                raise cursor.error("the regular expression cannot be written as raw text", start)
            try:
                compile_regex(pattern)
            except ExpressionError as error:
                at = f"character {error.position} of the regular expression"
                raise cursor.error(f"{error.message} ({at})", start) from None
            return Matches(value, pattern)
        wildcard = read_text(cursor)
        if fault := wildcard_fault(wildcard):
            raise cursor.error(fault, start)
        return Wildcard(value, wildcard, operator == "strict wildcard")


def _combine(operands: list[Expression], operators: list[LogicalOperator]) -> Expression:
    """Fold a flat list by precedence: the loosest operator splits it first."""
    loosest_first: tuple[LogicalOperator, ...] = ("or", "xor", "and")
    for loosest in loosest_first:
        if loosest not in operators:
            continue
        groups: list[tuple[list[Expression], list[LogicalOperator]]] = [([operands[0]], [])]
        for operator, operand in zip(operators, operands[1:], strict=True):
            if operator == loosest:
                groups.append(([operand], []))
            else:
                groups[-1][0].append(operand)
                groups[-1][1].append(operator)
        return Combination(loosest, tuple(_combine(*group) for group in groups))
    return operands[0]
