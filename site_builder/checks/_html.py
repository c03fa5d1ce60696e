"""An HTML page as checks see it: start tags in order with their lines, texts, styles and comments.

This is no tree: what a browser would move or close does not matter to any check, and a page by whatever theme author
must never stop one. ``html.parser`` of the standard library reads on after every mistake.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from ..model import File

_FOREIGN = frozenset({"svg", "math"})
_TEXTS = frozenset(("title", "h1", "h2", "h3", "h4", "h5", "h6"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


@dataclass(slots=True)
class Element:
    """One start tag. Names are in small letters, an attribute without a value has an empty one.

    ``raw`` is the tag as it stands. ``foreign`` is True inside ``<svg>`` and ``<math>``. ``text`` is, of titles and
    headings only, all text up to the end tag, that of pictures too.
    """

    tag: str
    attributes: Mapping[str, str]
    line: int
    raw: str
    foreign: bool
    text: str = ""

    def get(self, name: str) -> str:
        """An attribute without blanks around it; empty where it is not there."""
        return self.attributes.get(name, "").strip()


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """One page. ``styles`` are the texts of its ``<style>`` elements with their lines, ``words`` what people read."""

    file: File
    content: bytes = field(repr=False)
    elements: tuple[Element, ...]
    styles: tuple[tuple[int, str], ...]
    words: tuple[tuple[int, str], ...]
    comments: tuple[tuple[int, str], ...]

    @property
    def path(self) -> str:
        """Its path below the site's output: ``pages/static/en/404.html``."""
        return self.file.path

    def all(self, *tags: str) -> Iterator[Element]:
        """The elements of HTML with one of these names."""
        return (one for one in self.elements if one.tag in tags and not one.foreign)


def parse(content: bytes, file: File) -> HtmlPage:
    """Read one page. Nothing in it is a failure."""
    reader = _Reader()
    reader.feed(content.decode("utf-8", "replace"))
    reader.close()
    return HtmlPage(
        file, content, tuple(reader.elements), tuple(reader.styles), tuple(reader.words), tuple(reader.comments)
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.styles: list[tuple[int, str]] = []
        self.words: list[tuple[int, str]] = []
        self.comments: list[tuple[int, str]] = []
        self._open: list[Element] = []
        self._foreign = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values: dict[str, str] = {}
        for name, value in attrs:
            values.setdefault(name, value or "")  # of a repeated attribute the first counts (HTML, tokenization)
        foreign = self._foreign > 0
        element = Element(tag, values, self.getpos()[0], self.get_starttag_text() or "", foreign)
        self.elements.append(element)
        if tag in _FOREIGN:
            self._foreign += 1
        if tag == "img":
            self._add_text(values.get("alt", ""))
        if foreign or tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._foreign:  # only there does a slash close an element
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        at = next((at for at in range(len(self._open) - 1, -1, -1) if self._open[at].tag == tag), None)
        if at is None:
            return
        for closed in self._open[at:]:
            self._foreign -= closed.tag in _FOREIGN
        del self._open[at:]

    def handle_data(self, data: str) -> None:
        line = self.getpos()[0]
        innermost = self._open[-1].tag if self._open else ""
        if innermost == "style":
            self.styles.append((line, data))
        elif innermost != "script" and data.strip():
            self.words.append((line, data))
            self._add_text(data)

    def _add_text(self, text: str) -> None:
        for element in self._open:
            if element.tag in _TEXTS:
                element.text += text

    def handle_comment(self, data: str) -> None:
        self.comments.append((self.getpos()[0], data))
