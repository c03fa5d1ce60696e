"""The types of the Rules language, and the Python values that stand for them when an expression is evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Value: TypeAlias = "bool | int | str | bytes | Address | Sequence[Value] | Mapping[str, Value] | None"
"""What a field holds. Text may be str (taken as UTF-8) or bytes, an address may be written out, None is missing."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type of the language. ``of`` is that of the elements; an Array without it stands for an array of anything."""

    name: Literal["Bool", "Bytes", "Int", "Ip", "Array", "Map"]
    of: Type | None = None

    def __str__(self) -> str:
        return f"{self.name}<{self.of}>" if self.of else self.name

    def admits(self, other: Type) -> bool:
        """Whether a value of type ``other`` may stand where this type is asked for."""
        return self == other or (self.name == other.name and self.name == "Array" and self.of is None)


BOOL = Type("Bool")
BYTES = Type("Bytes")
INT = Type("Int")
IP = Type("Ip")
ANY_ARRAY = Type("Array")
SCALARS = (BOOL, INT, IP, BYTES)


def array(of: Type) -> Type:
    """The type of an array of ``of``."""
    return Type("Array", of)


def mapping(of: Type) -> Type:
    """The type of a map from text to ``of``."""
    return Type("Map", of)
