"""The syntax tree of an expression. Values compare and hash by content; parentheses leave no trace but the nesting."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal, TypeAlias

from site_builder.rules_language.scheme import Function
from site_builder.rules_language.values import BOOL, BYTES, INT, IP, Address, Type, array

OrderingOperator: TypeAlias = Literal["eq", "ne", "ge", "le", "gt", "lt"]
LogicalOperator: TypeAlias = Literal["or", "xor", "and"]
Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Each:
    """The index ``[*]``: what follows is done for each element."""


Index: TypeAlias = int | str | Each


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its name."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function. ``[*]`` stands only in the first argument; the result is an array then."""

    function: Function
    arguments: tuple[Argument, ...]

    @property
    def type(self) -> Type:
        """The type of the result."""
        result = self.function.returns or argument_type(self.arguments[0])
        return array(result) if self.mapped else result

    @property
    def mapped(self) -> bool:
        """Whether the function is called for each element of its first argument."""
        first = self.arguments[0] if self.arguments else None
        return isinstance(first, Access) and first.mapped


@dataclass(frozen=True, slots=True)
class Access:
    """A field or call and what is taken out of it: ``http.request.headers["accept"][*]``."""

    source: Field | Call
    indexes: tuple[Index, ...] = ()

    @property
    def type(self) -> Type:
        """The type after all indexes: with ``[*]`` the type of one element."""
        result = self.source.type
        for _ in self.indexes:
            if result.of is None:
                raise TypeError(f"{result} has no elements")
            result = result.of
        return result

    @property
    def mapped(self) -> bool:
        """Whether ``[*]`` is among the indexes."""
        return any(isinstance(index, Each) for index in self.indexes)


@dataclass(frozen=True, slots=True)
class Constant:
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """A Bool or an Array<Bool> that stands for itself: ``ssl``."""

    value: Access


@dataclass(frozen=True, slots=True)
class Ordering:
    """``value eq operand`` and the like. The operand is a literal or another value of the same type."""

    value: Access
    operator: OrderingOperator
    operand: bytes | int | Address | Access


@dataclass(frozen=True, slots=True)
class BitwiseAnd:
    """``value & operand``: true where they share a bit."""

    value: Access
    operand: int | Access


@dataclass(frozen=True, slots=True)
class Contains:
    """``value contains operand``."""

    value: Access
    operand: bytes


@dataclass(frozen=True, slots=True)
class Matches:
    """``value matches pattern``, the pattern in the syntax of Rust's regex crate."""

    value: Access
    pattern: str


@dataclass(frozen=True, slots=True)
class Wildcard:
    """``value wildcard pattern``; ``strict`` heeds the case of letters."""

    value: Access
    pattern: bytes
    strict: bool


@dataclass(frozen=True, slots=True)
class IntRange:
    """The integers from ``first`` to ``last``, both of them included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class AddressRange:
    """The addresses from ``first`` to ``last``, both of them included and of one version."""

    first: Address
    last: Address


Item: TypeAlias = bytes | IntRange | Network | AddressRange


@dataclass(frozen=True, slots=True)
class OneOf:
    """``value in {items}``. A single address is a network of one."""

    value: Access
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class InList:
    """``value in $name``."""

    value: Access
    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """``not operand``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Combination:
    """Two or more expressions joined by one operator."""

    operator: LogicalOperator
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Quantifier:
    """``any(argument)`` or ``all(argument)``, the argument being of type Array<Bool>."""

    name: Literal["any", "all"]
    argument: Access | Expression


Comparison: TypeAlias = Truth | Ordering | BitwiseAnd | Contains | Matches | Wildcard | OneOf | InList
Expression: TypeAlias = Constant | Comparison | Not | Combination | Quantifier
Argument: TypeAlias = Access | Expression | bytes | int | Address


def expression_type(expression: Expression) -> Type:
    """The type of an expression: Bool, or Array<Bool> where ``[*]`` makes it one result an element."""
    while isinstance(expression, Not | Combination):
        expression = expression.operand if isinstance(expression, Not) else expression.operands[0]
    if isinstance(expression, Constant | Quantifier):
        return BOOL
    if expression.value.mapped:
        return array(BOOL)
    return expression.value.type if isinstance(expression, Truth) else BOOL


def argument_type(argument: Argument) -> Type:
    """The type of an argument of a function; of one element where it is mapped."""
    if isinstance(argument, Access):
        return argument.type
    if isinstance(argument, bytes):
        return BYTES
    if isinstance(argument, int):
        return INT
    if isinstance(argument, IPv4Address | IPv6Address):
        return IP
    return expression_type(argument)
