"""A scheme: the fields and functions that an expression may name. Each phase of an edge has its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from site_builder.rules_language.values import Address, Type, Value

Given: TypeAlias = Literal["literal", "value", "either"]
"""How an argument may be written: as a literal, as a field or call, or as either of them."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function: the types it takes and how the argument may be written."""

    types: tuple[Type, ...]
    given: Given = "value"

    def admits(self, argument: Type) -> bool:
        """Whether an argument of this type is taken."""
        return any(expected.admits(argument) for expected in self.types)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the language.

    ``call`` gets one Python value an argument (text as bytes) and returns None where the result is missing. It is not
    called, and the result is missing, when an argument is missing, unless ``takes_missing``. ``required`` is the least
    number of arguments; with ``variadic`` the last parameter may be repeated. ``returns`` is None where all arguments
    have the type of the first and so has the result. ``check`` gets the literals as written (None for anything else)
    and returns what is wrong with them.
    """

    name: str
    parameters: tuple[Parameter, ...]
    returns: Type | None
    call: Callable[..., Value] = field(repr=False)
    required: int
    variadic: bool = False
    takes_missing: bool = False
    check: Callable[[Sequence[bytes | int | Address | None]], str | None] | None = field(default=None, repr=False)

    def parameter(self, index: int) -> Parameter | None:
        """The parameter of the argument at ``index``, None where the function takes no more arguments."""
        if index < len(self.parameters):
            return self.parameters[index]
        return self.parameters[-1] if self.variadic else None


@dataclass(frozen=True)
class Scheme:
    """The names that are known. ``constants`` says whether ``true`` and ``false`` are expressions.

    Cloudflare's API takes the expression ``true``, which the open-source engine does not know.
    """

    fields: Mapping[str, Type]
    functions: Mapping[str, Function] = field(default_factory=dict)
    constants: bool = True
