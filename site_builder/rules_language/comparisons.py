"""What a comparison asks of one value."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, TypeAlias

from site_builder.rules_language.functions import as_bytes
from site_builder.rules_language.regexes import compile_regex
from site_builder.rules_language.tree import (
    Access,
    AddressRange,
    BitwiseAnd,
    Comparison,
    Contains,
    InList,
    IntRange,
    Matches,
    Network,
    OneOf,
    Ordering,
    OrderingOperator,
    Truth,
)
from site_builder.rules_language.values import BOOL, BYTES, INT, IP, Address, Type, Value
from site_builder.rules_language.wildcards import wildcard_matcher

Values: TypeAlias = Mapping[str, Value]
Getter: TypeAlias = Callable[[Values], Value]

_ORDERINGS: Mapping[OrderingOperator, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "ge": operator.ge, "le": operator.le, "gt": operator.gt, "lt": operator.lt,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Test:
    """``holds`` judges a value that is there; ``when_missing`` says what holds for one that is not."""

    holds: Callable[[Value, Values], bool]
    when_missing: Callable[[Values], bool]


def converted(value: Value, expected: Type) -> Value:
    """A value as the scalar that its type says; None stays None. Raises TypeError where it is of another type."""
    if value is None:
        return None
    if expected == BYTES:
        return as_bytes(value)
    if expected == IP and isinstance(value, str):
        return ip_address(value)
    fits = {BOOL: isinstance(value, bool), INT: isinstance(value, int) and not isinstance(value, bool)}
    if not fits.get(expected, isinstance(value, Address)):
        raise TypeError(f"expected {expected}, found {value!r}")
    return value


def comparison_test(comparison: Comparison, getter: Callable[[Access], Getter]) -> Test:
    """The test that ``comparison`` makes of its value; ``getter`` gives access to a value on its right."""
    if isinstance(comparison, Ordering):
        return _ordering(comparison, getter)
    if isinstance(comparison, InList):
        return _never_missing(_in_list(comparison))
    if isinstance(comparison, BitwiseAnd) and isinstance(comparison.operand, Access):
        mask = getter(comparison.operand)
        return _never_missing(lambda value, values: _shares_bits(value, mask(values)))
    test = _simple(comparison)
    return _never_missing(lambda value, _: test(value))


def _never_missing(holds: Callable[[Value, Values], bool]) -> Test:
    return Test(holds, lambda _: False)


def _ordering(comparison: Ordering, getter: Callable[[Access], Getter]) -> Test:
    compare = _ORDERINGS[comparison.operator]
    unequal = comparison.operator == "ne"
    operand = comparison.operand
    if not isinstance(operand, Access):
        return Test(lambda value, _: _compare(compare, unequal, value, operand), lambda _: unequal)
    right = getter(operand)

    def holds(value: Value, values: Values) -> bool:
        against = right(values)
        return against is not None and _compare(compare, unequal, value, against)

    return Test(holds, lambda values: unequal and right(values) is not None)


def _compare(compare: Callable[[Any, Any], bool], unequal: bool, left: Value, right: Value) -> bool:
    """Addresses of different versions are unequal and in no order."""
    if isinstance(left, Address) and isinstance(right, Address) and left.version != right.version:
        return unequal
    return compare(left, right)


def _shares_bits(value: Value, mask: Value) -> bool:
    return isinstance(value, int) and isinstance(mask, int) and value & mask != 0


def _simple(comparison: Comparison) -> Callable[[Value], bool]:
    if isinstance(comparison, Truth):
        return lambda value: converted(value, BOOL) is True
    if isinstance(comparison, BitwiseAnd):
        mask = comparison.operand
        return lambda value: isinstance(mask, int) and _shares_bits(value, mask)
    if isinstance(comparison, OneOf):
        return _one_of(comparison)
    if isinstance(comparison, Contains):
        wanted = comparison.operand
        return lambda value: wanted in as_bytes(value)
    if isinstance(comparison, Matches):
        search = compile_regex(comparison.pattern).search
        return lambda value: search(as_bytes(value)) is not None
    if isinstance(comparison, Ordering | InList):
        raise TypeError("needs more than the value")
    matches = wildcard_matcher(comparison.pattern, strict=comparison.strict)
    return lambda value: matches(as_bytes(value))


def _one_of(comparison: OneOf) -> Callable[[Value], bool]:
    single: set[object] = set()
    ranges: list[IntRange] = []
    spans: list[AddressRange | Network] = []
    for item in comparison.items:
        if isinstance(item, bytes):
            single.add(item)
        elif not isinstance(item, IntRange):
            spans.append(item)
        elif item.first == item.last:
            single.add(item.first)
        else:
            ranges.append(item)

    def found(value: Value) -> bool:
        if isinstance(value, Address):
            return any(_within(value, span) for span in spans)
        if value in single:
            return True
        return isinstance(value, int) and any(known.first <= value <= known.last for known in ranges)

    return found


def _within(address: Address, span: AddressRange | Network) -> bool:
    if not isinstance(span, AddressRange):
        return address in span
    return address.version == span.first.version and int(span.first) <= int(address) <= int(span.last)


def _in_list(comparison: InList) -> Callable[[Value, Values], bool]:
    name = f"${comparison.name}"
    kind = comparison.value.type

    def holds(value: Value, values: Values) -> bool:
        items = values.get(name)
        if items is None:
            return False
        if not isinstance(items, Collection) or isinstance(items, str | bytes | Mapping):
            raise TypeError(f"{name} is not a list")
        if isinstance(value, Address):
            return any(value in ip_network(item if isinstance(item, str | Address) else "") for item in items)
        return any(converted(item, kind) == value for item in items)

    return holds
