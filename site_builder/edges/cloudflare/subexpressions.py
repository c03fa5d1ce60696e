"""Parts of an expression: which of them decide, and what they read.

The judging of a part is left to the evaluator, so that nothing else is said here than it says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from ...rules_language import Expression, compile_expression, print_expression, value_of
from ...rules_language.tree import Access, Call, Combination, Constant, Field, Not, Quantifier

Values = Mapping[str, Any]
Place: TypeAlias = tuple[str, str | None]
"""The name of a field, and for a map the key in it; None for all of the field."""

MOST_SHOWN = 80
"""Characters of a computed value that are shown."""


def failed_parts(expression: Expression, values: Values) -> tuple[str, ...]:
    """The smallest parts of a false ``expression`` that make it false, each as ``PART is false`` or ``PART is true``,
    and with the value that is compared where a function gives it.

    Of conjuncts it is the first that is false; of disjuncts all of them have to be.
    """
    return tuple(dict.fromkeys(_deciding(expression, values, holds=False)))


def _deciding(expression: Expression, values: Values, *, holds: bool) -> Iterator[str]:
    """The smallest parts by which ``expression`` is what it is: true where ``holds``, false otherwise."""
    if isinstance(expression, Not):
        yield from _deciding(expression.operand, values, holds=not holds)
        return
    if isinstance(expression, Combination) and expression.operator != "xor":
        one_is_enough = holds == (expression.operator == "or")
        deciding = [part for part in expression.operands if compile_expression(part)(values) == holds]
        for part in deciding[:1] if one_is_enough else deciding:
            yield from _deciding(part, values, holds=holds)
        return
    yield f"{print_expression(expression)} is {'true' if holds else 'false'}{_computed(expression, values)}"


def _computed(part: Expression, values: Values) -> str:
    """What a function gives where a part compares its result, because that cannot be seen in the request."""
    access = None if isinstance(part, Not | Combination | Constant | Quantifier) else part.value
    if access is None or not isinstance(access.source, Call):
        return ""
    found = value_of(access, values)
    if isinstance(found, bytes):
        text = found.decode("utf-8", "replace")
        shown = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
        return f": the value is {json.dumps(shown, ensure_ascii=False)}"
    return f": the value is {'missing' if found is None else found}"


def places_of(part: object) -> frozenset[Place]:
    """The places that a part of an expression reads: names of fields, of maps with the key that is taken out."""
    if isinstance(part, Field):
        return frozenset({(part.name, None)})
    if isinstance(part, Access):
        key = part.indexes[0] if part.indexes else None
        if isinstance(part.source, Field) and isinstance(key, str):
            return frozenset({(part.source.name, key)})
        return places_of(part.source)
    if isinstance(part, Call):
        return frozenset().union(*map(places_of, part.arguments))
    if isinstance(part, Combination):
        return frozenset().union(*map(places_of, part.operands))
    if isinstance(part, Not):
        return places_of(part.operand)
    if isinstance(part, Quantifier):
        return places_of(part.argument)
    inner = (getattr(part, name, None) for name in ("value", "operand"))
    return frozenset().union(*(places_of(one) for one in inner if not isinstance(one, str | bytes | int | None)))


def value_at(place: Place, values: Values) -> Any:
    """What ``values`` have there, None for nothing."""
    name, key = place
    return values.get(name) if key is None else values.get(name, {}).get(key)
