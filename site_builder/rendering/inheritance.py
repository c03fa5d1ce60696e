"""Templates that extend one another: a block that nobody has and a circle are refused before a template is used.

Jinja leaves out a block of a child that no ancestor has without a word, and follows a circle until it runs out of stack
(jinja.palletsprojects.com, Template Inheritance).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jinja2 import TemplateNotFound, nodes

from ..errors import Fault, InvalidInput
from ..validation import near_miss


def refuse_strays(name: str, parse: Callable[[str], nodes.Template], file_of: Callable[[str], str]) -> None:
    """Raise InvalidInput for every block of template ``name`` that none of those it extends has, and for a circle.

    ``parse`` reads a template by name, ``file_of`` is what people call its file. A template that decides only when a
    page is made what it extends cannot be looked at, and one that is not there is left to Jinja.
    """
    tree = parse(name)
    files = [file_of(name)]
    known: dict[str, str] = {}
    called = _called(tree)
    parent = _parent(tree)
    if parent is None:
        return
    while parent is not None:
        extended, line = parent
        where = f"{files[-1]}:{line}"
        files.append(file_of(extended))
        if files[-1] in files[:-1]:
            circle = " → ".join(files[files.index(files[-1]) :])
            message = "extends itself" if files[-2] == files[-1] else f"extends go round in a circle: {circle}"
            raise InvalidInput([Fault(where, message)], hint=_CIRCLE_HINT)
        try:
            ancestor = parse(extended)
        except TemplateNotFound:
            return
        if ancestor.find(nodes.Extends) and _parent(ancestor) is None:
            return
        known.update((block.name, files[-1]) for block in ancestor.find_all(nodes.Block))
        called |= _called(ancestor)
        parent = _parent(ancestor)
    faults = [
        Fault(
            f"{files[0]}:{block.lineno}",
            f"block {block.name}: no template that this one extends has it, so that it would be left out"
            f"{near_miss(block.name, known)}",
        )
        for block in _outermost(tree)
        if block.name not in known and block.name not in called
    ]
    if faults:
        raise InvalidInput(
            faults, hint="give it the name of a block that one of them has, or put it inside such a block"
        )


_CIRCLE_HINT = (
    "a template can extend only another file: document.html.j2, or THEME/page.html.j2 of a theme that it inherits from"
)


def _parent(tree: nodes.Template) -> tuple[str, int] | None:
    """What a template extends, and on which line; None where it is nothing, or nothing that stands in it as a name."""
    extends = [node for node in tree.body if isinstance(node, nodes.Extends)]
    if len(extends) != 1:
        return None
    found = extends[0].template
    if not isinstance(found, nodes.Const) or not isinstance(found.value, str):
        return None
    return found.value, extends[0].lineno


def _outermost(node: nodes.Node) -> Iterator[nodes.Block]:
    """The blocks that stand in no other: one within another is written where that is."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Block):
            yield child
        else:
            yield from _outermost(child)


def _called(tree: nodes.Template) -> set[str]:
    """The blocks that a template writes by ``self.NAME()``."""
    return {
        node.attr
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == "self"
    }
