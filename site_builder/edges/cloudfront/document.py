"""An XML document whose elements know where they stand in its bytes: one is exchanged, and no other is touched.

Parsing a distribution's configuration into values and writing it anew would lose what the parser does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat


@dataclass
class Element:
    """One element: its ``name`` as written, the ``text`` directly in it, and where in the document's bytes it stands.

    ``start`` to ``end`` is the element with its tags, ``inner_start`` to ``inner_end`` what is between these; both
    are the same in an element that closes itself.
    """

    name: str
    start: int
    inner_start: int = 0
    inner_end: int = 0
    end: int = 0
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def child(self, *names: str) -> Element | None:
        """The element that a path of names leads to, the first of each name; None where there is none."""
        found: Element | None = self
        for name in names:
            found = next((one for one in found.children if one.name == name), None) if found else None
        return found

    def all(self, *names: str) -> Iterator[Element]:
        """Every element of the last name in what the names before it lead to."""
        parent = self.child(*names[:-1])
        return (one for one in parent.children if one.name == names[-1]) if parent else iter(())

    def value(self, *names: str) -> str:
        """The text at the end of a path of names; empty where there is none."""
        found = self.child(*names)
        return found.text.strip() if found else ""


def parse(content: bytes) -> Element:
    """The root of a document in UTF-8. Raises ValueError where it is not well-formed XML, or has a document type."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    top = Element("", 0)
    path = [top]

    def start(name: str, _: dict[str, str]) -> None:
        path.append(Element(name, parser.CurrentByteIndex))
        path[-2].children.append(path[-1])

    def end(_: str) -> None:
        element, at = path.pop(), parser.CurrentByteIndex
        element.inner_start = _after_tag(content, element.start)
        if content[element.inner_start - 2 : element.inner_start] == b"/>":
            element.end = element.inner_end = element.inner_start
        else:
            element.inner_end, element.end = at, content.index(b">", at) + 1

    def text(data: str) -> None:
        path[-1].text += data

    def doctype(*_: object) -> None:
        raise ValueError("has a document type")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise ValueError(f"is not XML: {error}") from None
    return top.children[0]


def _after_tag(content: bytes, start: int) -> int:
    """Where the tag that begins at ``start`` ends. A > within quotation marks is part of an attribute."""
    quote = b""
    for at in range(start, len(content)):
        byte = content[at : at + 1]
        if quote:
            quote = b"" if byte == quote else quote
        elif byte in (b'"', b"'"):
            quote = byte
        elif byte == b">":
            return at + 1
    raise ValueError("is not XML: a tag without an end")
