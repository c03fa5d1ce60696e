"""Any YAML 1.2 as plain values with their lines, by ruamel.yaml. The catalog's own style has a quicker way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tag import Tag

from ..errors import Fault, InvalidInput
from .plain_style import Item, core_scalar

_PLAIN = Tag(suffix="!plain")
_TEXT = "tag:yaml.org,2002:str"
_MAX_DEPTH = 12
_PROBLEMS = (
    (r"found character '\\t'|tab", "has a tab; YAML is indented with blanks"),
    (r"mapping values are not allowed", "has a second ': ', or is indented too far; put text with ': ' in quotes"),
    (r"expected a single document", "holds a second document; a file of the catalog is one"),
    (r"maximum depth", "is nested too deeply"),
)


class _Unresolved(VersionedResolver):
    """Leaves plain scalars to ``core_scalar``: ruamel.yaml also takes 1_000 for a number, 2026-01-01 for a date."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        return _PLAIN if kind is ScalarNode and implicit[0] else super().resolve(kind, value, implicit)


def read_whole_yaml(text: str, shown: str) -> dict[str, Item]:
    """The mapping that ``text`` holds. Raises InvalidInput with every fault; ``shown`` is the file's name in them."""
    node = _compose(text, shown)
    if node is None or (node.tag == _PLAIN and core_scalar(node.value) is None):
        raise InvalidInput([Fault(f"{shown}:1", "is empty; write something in it or delete it")])
    if node.id != "mapping":
        raise InvalidInput([Fault(f"{shown}:{node.start_mark.line + 1}", "is not a mapping; it begins like  404:")])
    reader = _Reader(shown, [])
    items = reader.mapping(node, "", 1)
    if reader.faults:
        raise InvalidInput(reader.faults)
    return items


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns ruamel.yaml's nodes into items, and gathers what is wrong with them."""

    shown: str
    faults: list[Fault]

    def mapping(self, node: Any, path: str, depth: int) -> dict[str, Item]:
        items: dict[str, Item] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if key_node.id != "scalar":
                self._fault(line, path, "has a key that is a list or a mapping")
                continue
            key = str(key_node.value)
            here = f"{path}.{key}" if path else key
            if key in items:
                self._fault(line, here, f"stands twice; the first is at {self.shown}:{items[key].line}")
                continue
            items[key] = Item(self._value(value_node, here, depth), line)
        return items

    def _value(self, node: Any, path: str, depth: int) -> object:
        line = node.start_mark.line + 1
        if depth > _MAX_DEPTH:  # an alias may name the mapping that it stands in
            self._fault(line, path, "is nested too deeply")
            return None
        if node.id == "mapping":
            return self.mapping(node, path, depth + 1)
        if node.id == "sequence":
            return tuple(self._value(part, path, depth + 1) for part in node.value)
        if node.tag == _PLAIN:
            return core_scalar(str(node.value))
        if str(node.tag) != _TEXT:
            self._fault(line, path, f"has the tag {_tag(node)}; the catalog uses none")
        return str(node.value)

    def _fault(self, line: int, path: str, message: str) -> None:
        self.faults.append(Fault(f"{self.shown}:{line}", f"{path}: {message}" if path else message))


def _tag(node: Any) -> str:
    return str(node.tag).replace("tag:yaml.org,2002:", "!!")


def _compose(text: str, shown: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Resolver = _Unresolved
    yaml.max_depth = _MAX_DEPTH
    yaml.composer.warn_double_anchors = False
    try:
        return yaml.compose(text)
    except MarkedYAMLError as error:
        # Where something never ends, the useful place is where it began.
        unended = re.search("end of stream|could not find expected ':'", error.problem or "")
        mark = error.context_mark if unended and error.context_mark else error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InvalidInput([Fault(f"{shown}:{line}", _in_words(error))]) from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"has the control character U+{ord(text[error.position]):04X}, which YAML does not allow"
        raise InvalidInput([Fault(f"{shown}:{line}", message)]) from None


def _in_words(error: MarkedYAMLError) -> str:
    words = ", ".join(part for part in (error.context, error.problem) if part)
    for pattern, message in _PROBLEMS:
        if re.search(pattern, words):
            return message
    return f"is not YAML: {words}"
