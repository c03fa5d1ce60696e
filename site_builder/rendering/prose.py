"""Prose: the inline subset of Markdown that ``detail`` and ``what_you_should_do`` are written in.

It has emphasis, strong emphasis, code and links to ``https:``, ``mailto:`` and relative addresses. Everything else is
text: HTML, images, blocks, links elsewhere. The catalog reports those with file and line; here they are made harmless,
so that no page depends on it. Every output is made from ``to_source(text)``, so all of them mean the same.
"""

from __future__ import annotations

import html
import re
import sys
import xml.etree.ElementTree as ET
from functools import lru_cache
from html.entities import html5 as known_entities
from typing import TYPE_CHECKING

from markupsafe import Markup
from markupsafe import escape as escape_html

from ..catalog.prose import link_problem
from .text import one_line
from .tokens import break_in_html

if TYPE_CHECKING:
    from markdown import Markdown

# What comes first wins, from left to right: an escaped character, code, a run of backticks that nothing closes.
_CODE = re.compile(r"\\.|(`+)(?!`)(.*?[^`])\1(?!`)|`+")
_AUTOLINK = re.compile(r"<(https://[^\s<>\\`]+|mailto:[^\s<>\\`]+|[^\s<>@:/!?\\`]+@[^\s<>@\\`]+)>")
_LINK = re.compile(r"\]\(\s*([^\s)]*)")
_ENTITY = re.compile(r"&(?:\#(?:([0-9]{1,7})|[xX]([0-9a-fA-F]{1,6}));|(\w+;))?")
_BLOCK = re.compile(r"(?:#{1,6}(?= |$)|>|[-+*](?= |$)|(?=([-*_])(?: *\1){2,} *$)[-*_]|~(?=~~)|\[(?=[^\]]*\]:))")
_ORDERED = re.compile(r"(\d{1,9})([.)])(?= |$)")
_MARKS = re.compile(r"[\\`*_\[\]]|#(?=#* *$)")
_BACKSLASH = r"\\\g<0>"
# Placeholders of the package (one_line lets no control character in), and a link within a link.
_LOST_ITS_WAY = re.compile(r"[\x02\x03]|klzzwxh:|<a (?:(?!</a>).)*<a ")
_TARGET = re.compile(r"\]\((?:[^()]|\([^()]*\))*\)")
_TAG = re.compile(r"<[^>]*>")
_ESCAPED = re.compile(r"(?<!\\)&(?:amp|lt|#126);")
_LIKE_ENTITY = re.compile(r"#?\w+;")
_LIKE_TAG = re.compile(r"[A-Za-z/!?]")
_NOTHING_SPECIAL = re.compile(r"[^\\`*_\[\]<>&~#!]*")


def allowed_address(address: str) -> bool:
    """Whether prose may link to ``address``: ``https:``, ``mailto:``, or relative to the page."""
    return link_problem(address) is None


@lru_cache(maxsize=4096)
def to_source(text: str) -> str:
    """``text`` as one line of Markdown that means the same to every Markdown reader, and to which nothing is live."""
    text = one_line(text)
    parts = []
    end = 0
    for code in _CODE.finditer(text):
        if code.group()[0] == "\\":
            continue
        # Readers disagree on what an unclosed run of backticks is, so it becomes text.
        parts += [_harmless(text[end : code.start()]), code.group() if code[1] else code.group().replace("`", "\\`")]
        end = code.end()
    source = "".join([*parts, _harmless(text[end:])])
    if _BLOCK.match(source):
        return ("&#126;" + source[1:]) if source[0] == "~" else "\\" + source
    return _ORDERED.sub(r"\1\\\2", source, count=1) if _ORDERED.match(source) else source


@lru_cache(maxsize=4096)
def to_markdown(text: str) -> str:
    """``to_source(text)`` for those who read Markdown as it is: ``A & \\<b>`` where that has ``A &amp; &lt;b>``.

    It needs a reader that knows CommonMark's backslash escapes, which the ``markdown`` package is not.
    """
    return legible(to_source(text))


def legible(source: str) -> str:
    """Markdown of ``to_source`` or ``escape`` with backslashes, and only where they are needed, for its entities."""
    if "&" not in source:
        return source
    parts = []
    end = 0
    for code in _CODE.finditer(source):
        if code[1]:
            parts += [_ESCAPED.sub(_with_backslash, source[end : code.start()]), code.group()]
            end = code.end()
    return "".join([*parts, _ESCAPED.sub(_with_backslash, source[end:])])


def _with_backslash(found: re.Match[str]) -> str:
    character = html.unescape(found.group())
    needed = {"&": _LIKE_ENTITY, "<": _LIKE_TAG}.get(character)
    return character if needed and not needed.match(found.string, found.end()) else "\\" + character


@lru_cache(maxsize=4096)
def to_html(text: str) -> Markup:
    """``text`` as HTML phrasing content, with no element but ``strong``, ``em``, ``code`` and ``a``, and no token.

    Where its marks are so entangled that the markdown package loses its way, they are shown as they were written.
    """
    source = to_source(text)
    if _NOTHING_SPECIAL.fullmatch(source):
        return break_in_html(source)
    paragraph = _reader().reset().convert(source)
    markup = paragraph.removeprefix("<p>").removesuffix("</p>")
    if _LOST_ITS_WAY.search(markup) or _letters(_TAG.sub("", markup)) < _letters(_TARGET.sub("", source)):
        return break_in_html(str(escape_html(html.unescape(source))))
    return break_in_html(markup)


@lru_cache(maxsize=4096)
def to_plain(text: str) -> str:
    """``text`` as plain text, the marks of Markdown gone. It is not escaped for anything."""
    return html.unescape(_TAG.sub("", to_html(text)))


def escape(text: str) -> str:
    """Plain ``text`` as one line of Markdown that shows it as it is."""
    escaped = _MARKS.sub(_BACKSLASH, one_line(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace("~", "&#126;")


def _letters(text: str) -> int:
    return sum(map(str.isalnum, html.unescape(text)))


def _harmless(text: str) -> str:
    """A stretch of Markdown outside code, with HTML, images and links to elsewhere turned into text."""
    text = _ENTITY.sub(_known_entity, text)
    text = _AUTOLINK.sub(_spelled_out, text)
    text = text.replace("<", "&lt;").replace("![", "!\\[")
    return _LINK.sub(lambda found: found.group() if allowed_address(found[1]) else "]\\(" + found.group()[2:], text)


def _spelled_out(found: re.Match[str]) -> str:
    """``<https://example.com/>`` as an inline link, so that there is one kind of link from here on."""
    address = found[1]
    target = address if address.startswith(("https:", "mailto:")) else f"mailto:{address}"
    return f"[{_MARKS.sub(_BACKSLASH, address.removeprefix('mailto:'))}]({target})"


def _known_entity(found: re.Match[str]) -> str:
    """A character reference that names a character which a page can carry, otherwise its text."""
    decimal, hexadecimal, name = found.groups()
    if name:
        return found.group() if name in known_entities else "&amp;" + name
    code = int(decimal) if decimal else int(hexadecimal or "0", 16)
    carried = 0 < code <= sys.maxunicode and one_line(chr(code)) == chr(code)
    return found.group() if carried else "&amp;" + found.group()[1:]


# What the package reads besides the subset, by its own names.
_BLOCKS = ("empty", "indent", "code", "hashheader", "setextheader", "hr", "olist", "ulist", "quote", "reference")
_INLINE = ("reference", "image_link", "image_reference", "short_reference", "short_image_ref")
_FURTHER_INLINE = ("autolink", "automail", "linebreak", "html")


@lru_cache(maxsize=1)
def _reader() -> Markdown:
    """The one reader of prose, with only the inline subset left in it; making one costs more than using it."""
    from markdown import Markdown
    from markdown.inlinepatterns import LINK_RE, LinkInlineProcessor

    class AllowedLinks(LinkInlineProcessor):
        """Inline links to addresses that prose may link to; any other is left as it was written."""

        def handleMatch(  # type: ignore[override]  # noqa: N802 - the package's name
            self, m: re.Match[str], data: str
        ) -> tuple[ET.Element | None, int | None, int | None]:
            link, start, end = super().handleMatch(m, data)
            if not isinstance(link, ET.Element) or not allowed_address(link.get("href") or ""):
                return None, None, None
            link.attrib.pop("title", None)
            return link, start, end

    reader = Markdown(output_format="html")
    for registry, names in (
        (reader.preprocessors, ("html_block",)),
        (reader.parser.blockprocessors, _BLOCKS),
        (reader.inlinePatterns, (*_INLINE, *_FURTHER_INLINE)),
    ):
        for name in names:
            registry.deregister(name, strict=False)
    reader.inlinePatterns.register(AllowedLinks(LINK_RE, reader), "link", 160)
    return reader
