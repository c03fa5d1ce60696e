"""Evaluates expressions as the engine does, missing values included.

A comparison with a missing value on its left is false, but for ``ne``, which is true; with one on its right it is
false. Over ``[*]`` a missing array has no elements, so ``any`` is false and ``all`` is true; a missing array of Bool
that is itself the argument makes both false. A function of a missing value is missing, but for `concat` and `coalesce`.
Source: the engine's tests, and the pages on values and operators of Cloudflare's documentation of the Rules language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from site_builder.rules_language.comparisons import Getter, Values, comparison_test, converted
from site_builder.rules_language.tree import (
    Access,
    Argument,
    Call,
    Combination,
    Constant,
    Each,
    Expression,
    Index,
    LogicalOperator,
    Not,
    Quantifier,
    expression_type,
)
from site_builder.rules_language.values import BOOL, SCALARS, Address, Type, Value

_One: TypeAlias = Callable[[Values], bool]
_Many: TypeAlias = Callable[[Values], Sequence[bool]]


def evaluate(expression: Expression, values: Values) -> bool:
    """Whether ``expression`` holds for ``values``, which maps names of fields to what they hold.

    A name that is not there, and None, is a missing value. ``"$name"`` holds the items of the list of that name (for
    addresses also networks); a list that is not there has none. Raises TypeError where a value is of another type than
    its field.
    """
    return compile_expression(expression)(values)


@lru_cache(maxsize=4096)
def compile_expression(expression: Expression) -> Callable[[Values], bool]:
    """A predicate that does what `evaluate` does; keep it where one expression meets many values."""
    return _one(expression)


def value_of(access: Access, values: Values) -> Value:
    """What a field or a call of a function holds for ``values``, None where it is missing."""
    return _getter(access)(values)


def _odd(results: Iterable[bool]) -> bool:
    return sum(results) % 2 == 1


_REDUCE: Mapping[LogicalOperator, Callable[[Iterable[bool]], bool]] = {"and": all, "or": any, "xor": _odd}


def _one(expression: Expression) -> _One:
    """The predicate of an expression of type Bool."""
    if isinstance(expression, Constant):
        constant = expression.value
        return lambda _: constant
    if isinstance(expression, Not):
        operand = _one(expression.operand)
        return lambda values: not operand(values)
    if isinstance(expression, Combination):
        reduce = _REDUCE[expression.operator]
        operands = [_one(operand) for operand in expression.operands]
        return lambda values: reduce(operand(values) for operand in operands)
    if isinstance(expression, Quantifier):
        return _quantified(expression)
    getter = _getter(expression.value)
    test = comparison_test(expression, _getter)

    def compared(values: Values) -> bool:
        found = getter(values)
        return test.when_missing(values) if found is None else test.holds(found, values)

    return compared


def _many(expression: Expression) -> _Many:
    """One result an element, for an expression of type Array<Bool>."""
    if isinstance(expression, Constant | Quantifier):
        raise TypeError("a Bool is not an array")
    if isinstance(expression, Not):
        inner = _many(expression.operand)
        return lambda values: [not result for result in inner(values)]
    if isinstance(expression, Combination):
        reduce = _REDUCE[expression.operator]
        operands = [_many(operand) for operand in expression.operands]
        # The shortest operand ends them all.
        return lambda values: [reduce(row) for row in zip(*(operand(values) for operand in operands), strict=False)]
    getter = _getter(expression.value)
    test = comparison_test(expression, _getter)
    return lambda values: [test.holds(element, values) for element in _elements(getter(values))]


def _quantified(expression: Quantifier) -> _One:
    reduce = any if expression.name == "any" else all
    if not isinstance(expression.argument, Access):
        many = _many(expression.argument)
        return lambda values: reduce(many(values))
    getter = _getter(expression.argument)

    def reduced(values: Values) -> bool:
        found = getter(values)
        return found is not None and reduce(converted(element, BOOL) is True for element in _elements(found))

    return reduced


def _getter(access: Access) -> Getter:
    """What ``access`` finds: None where it is missing, a list of elements where it is mapped."""
    source = access.source
    if isinstance(source, Call):
        get = _called(source)
    else:
        name = source.name
        get = lambda values: values.get(name)  # noqa: E731  # the other branch is a closure, too
    take = _taker(access.indexes)
    kind = access.type
    if access.mapped:
        return lambda values: _each_converted(take(get(values)), kind)
    if kind in SCALARS:
        return lambda values: converted(take(get(values)), kind)
    return lambda values: take(get(values))


def _each_converted(found: Value, kind: Type) -> Value:
    if found is None:
        return None
    return [converted(element, kind) if kind in SCALARS else element for element in _elements(found)]


def _taker(indexes: tuple[Index, ...]) -> Callable[[Value], Value]:
    """Follows indexes into a value. ``[*]`` gives the flat list of what the indexes behind it find in each element.

    It is missing where that on which the first ``[*]`` stands is missing, unless further indexes follow: then there are
    no elements.
    """
    if not indexes:
        return lambda value: value
    index, *rest = indexes
    follow = _taker(tuple(rest))
    if not isinstance(index, Each):
        return lambda value: follow(_item(value, index))
    nested = any(isinstance(later, Each) for later in rest)

    def each(value: Value) -> Value:
        if value is None:
            return None
        found = [follow(element) for element in _elements(value)]
        present = [element for element in found if element is not None]
        return [inner for element in present for inner in _elements(element)] if nested else present

    return each


def _item(value: Value, index: int | str) -> Value:
    if value is None:
        return None
    if isinstance(index, str) and isinstance(value, Mapping):
        return value.get(index)
    elements = _elements(value)
    return elements[index] if isinstance(index, int) and index < len(elements) else None


def _elements(value: Value) -> Sequence[Value]:
    """The elements of an array; of a map its values, sorted by key; of a missing value none."""
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return [value[key] for key in sorted(value)]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return value
    raise TypeError(f"expected an array or a map, found {value!r}")


def _called(call: Call) -> Getter:
    function = call.function
    arguments = [_argument(argument) for argument in call.arguments]

    def result(given: list[Value]) -> Value:
        return None if None in given and not function.takes_missing else function.call(*given)

    if not call.mapped:
        return lambda values: result([argument(values) for argument in arguments])
    first, *others = arguments

    def mapped(values: Values) -> Value:
        elements = first(values)
        if elements is None:
            return None
        further = [argument(values) for argument in others]
        results = [result([element, *further]) for element in _elements(elements)]
        return [found for found in results if found is not None]

    return mapped


def _argument(argument: Argument) -> Getter:
    if isinstance(argument, Access):
        return _getter(argument)
    if isinstance(argument, bytes | int | Address):
        literal = argument
        return lambda _: literal
    return _one(argument) if expression_type(argument) == BOOL else _listed(_many(argument))


def _listed(many: _Many) -> Getter:
    return lambda values: list(many(values))
