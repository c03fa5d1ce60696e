"""A logo's file -> one element of HTML. An SVG is read as XML and written anew, with nothing in it that is not drawing.

What could run, fetch or reach beyond the logo is a fault at its line: scripts, event handlers, links, images, style
elements, entities. ``style`` attributes, which a Content Security Policy by hash forbids, become attributes of SVG.
What drawing programs leave behind (metadata, foreign namespaces, titles, classes) is left out.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from xml.parsers import expat
from zlib import crc32

from markupsafe import Markup

from ..errors import Fault, InvalidInput
from ..model import Logo
from .text import one_line
from .tokens import html_text

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

ELEMENTS = frozenset(
    """
    svg g defs symbol use path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient
    stop clipPath mask pattern filter feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood
    feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset
    """.split()  # noqa: SIM905 - as below
)
LEFT_OUT = frozenset({"title", "desc", "metadata"})
TEXT_ELEMENTS = frozenset({"text", "tspan"})

ATTRIBUTES = frozenset(
    """
    id d x y x1 x2 y1 y2 cx cy r rx ry fx fy fr dx dy width height points pathLength transform viewBox
    preserveAspectRatio offset gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits
    maskContentUnits patternUnits patternContentUnits patternTransform filterUnits primitiveUnits in in2 result
    mode type values operator k1 k2 k3 k4 stdDeviation radius amplitude exponent intercept slope tableValues
    rotate textLength lengthAdjust fill fill-opacity fill-rule stroke stroke-dasharray stroke-dashoffset
    stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width vector-effect paint-order opacity
    color clip-path clip-rule mask filter flood-color flood-opacity stop-color stop-opacity display visibility
    overflow shape-rendering text-rendering font-family font-size font-style font-variant font-weight font-stretch
    letter-spacing word-spacing text-anchor dominant-baseline alignment-baseline baseline-shift direction
    writing-mode
    """.split()  # noqa: SIM905 - a hundred words are read more easily without quotes
)
IGNORED = re.compile(
    r"data-.*|aria-.*|role|class|tabindex|focusable|version|baseProfile|enable-background|contentScriptType|-.*|"
    r"contentStyleType|color-interpolation.*|isolation|mix-blend-mode|white-space|line-height|text-align|font-feature.*|"
    r"font-variant-.*|text-indent|text-decoration.*|text-orientation|text-transform|shape-.*|solid-.*|color-rendering|"
    r"image-rendering|inline-size|marker"
)
_REFERENCE = re.compile(r"#([^\s\"'()]+)")
_URL = re.compile(r"url\(\s*[\"']?#([^\s\"'()]+)[\"']?\s*\)")
_LENGTH = re.compile(r"([0-9.]+)(?:px)?")


def png(logo: Logo) -> Markup:
    """A PNG as an ``img`` with its bytes in the address. Raises InvalidInput for a file that is none."""
    if problem := _png_problem(logo.content):
        hint = "save the logo as PNG, or better as SVG" if "no PNG" in problem else "export or copy the logo anew"
        raise InvalidInput([Fault(logo.file, problem)], hint=hint)
    return Markup('<img class="logo" src="data:image/png;base64,{}" alt="">').format(b64encode(logo.content).decode())


def _png_problem(content: bytes) -> str | None:
    """What is wrong with a PNG as a file: a signature, then chunks with their checksums up to IEND (W3C PNG, 5)."""
    if not content.startswith(PNG_SIGNATURE):
        if content.startswith(PNG_SIGNATURE[:4]):
            return "is a PNG that was damaged: its line ends were changed, as if it were text"
        return "is no PNG: it does not begin as one does"
    at = len(PNG_SIGNATURE)
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        kind, checksum = content[at + 4 : at + 8], content[at + 8 + length : at + 12 + length]
        if len(checksum) < 4:
            break
        if crc32(content[at + 4 : at + 8 + length]) != int.from_bytes(checksum, "big"):
            return f"is a PNG that was damaged: the checksum at byte {at + 8 + length} is wrong"
        if kind == b"IEND":
            return None
        at += 12 + length
    return f"is a PNG that was cut off after {len(content):,} bytes"


def svg(logo: Logo) -> Markup:
    """An SVG as an ``svg`` element. Raises InvalidInput with every fault at ``FILE:LINE``."""
    writer = _Writer(logo.file)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    writer.parser = parser
    parser.StartElementHandler = writer.start
    parser.EndElementHandler = writer.end
    parser.CharacterDataHandler = writer.text
    parser.StartDoctypeDeclHandler = writer.doctype
    try:
        parser.Parse(logo.content, True)
    except expat.ExpatError as error:
        problem = expat.ErrorString(error.code)
        raise InvalidInput([Fault(f"{logo.file}:{error.lineno}", f"is not XML: {problem}")], hint=_HINT) from None
    except (ValueError, LookupError):
        raise InvalidInput(
            [Fault(logo.file, "is in an encoding that cannot be read")], hint="save it as UTF-8"
        ) from None
    if writer.faults:
        raise InvalidInput(list(dict.fromkeys(writer.faults)), hint=_HINT)
    return writer.markup()


_HINT = "export the logo as plain SVG: shapes with attributes, text turned into paths, no links and no style element"


class _Writer:
    """Writes down what may stay of a document, piece by piece, and gathers what must not be there."""

    parser: expat.XMLParserType

    def __init__(self, file: str) -> None:
        self.faults: list[Fault] = []
        self._file = file
        self._pieces: list[Markup] = []
        self._open: list[str] = []
        self._skipped = 0
        self._ids: set[str] = set()
        self._used: set[str] = set()

    def markup(self) -> Markup:
        """The element. Identifiers that nothing in it refers to are gone."""
        whole = str(Markup("").join(self._pieces))
        for name in self._ids - self._used:
            whole = whole.replace(f' id="{_own_id(name)}"', "")
        return Markup(whole)  # noqa: S704 - written from allowed names and escaped values

    def doctype(self, _name: str, _system: str | None, _public: str | None, has_internal_subset: int) -> None:
        if has_internal_subset:
            self._fault("has a document type with declarations of its own, such as entities")
            raise InvalidInput(self.faults, hint=_HINT)  # before anything of them is expanded

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        if self._skipped or (self._open and namespace != SVG) or name in LEFT_OUT:
            self._skipped += 1
            return
        if not self._open and (namespace, name) != (SVG, "svg"):
            self._fault(f'is not an SVG: its first element is {name}, not svg with xmlns="{SVG}"')
        elif name not in ELEMENTS:
            self._fault(f"has the element {name}, which is more than drawing")
            self._skipped += 1
            return
        values = self._allowed(name, attributes)
        if not self._open:
            values = {"class": "logo", "aria-hidden": "true", **self._root(values)}
        self._pieces.append(Markup("<") + name)
        self._pieces += [Markup(' {}="{}"').format(key, html_text(value)) for key, value in values.items()]
        self._pieces.append(Markup(">"))
        self._open.append(name)

    def end(self, _tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        name = self._open.pop()
        if self._pieces[-1] == ">" and self._open:
            self._pieces[-1] = Markup("/>")
        else:
            self._pieces.append(Markup("</{}>").format(name))

    def text(self, data: str) -> None:
        if not self._skipped and self._open and self._open[-1] in TEXT_ELEMENTS and data.strip():
            self._pieces.append(html_text(one_line(data)))

    def _root(self, values: dict[str, str]) -> dict[str, str]:
        """The outermost element grows with the page: it has a viewBox and no size of its own."""
        width, height = values.pop("width", ""), values.pop("height", "")
        values = {key: value for key, value in values.items() if key not in ("x", "y")}
        sizes = [found[1] for found in map(_LENGTH.fullmatch, (width, height)) if found]
        if "viewBox" not in values:
            if len(sizes) == 2:
                values["viewBox"] = f"0 0 {sizes[0]} {sizes[1]}"
            else:
                self._fault("svg has no viewBox, so that nobody knows how large the drawing is")
        return values

    def _allowed(self, element: str, attributes: Mapping[str, str]) -> dict[str, str]:
        values: dict[str, str] = {}
        for full, value in attributes.items():
            namespace, _, name = full.rpartition(" ")
            if name == "href" and namespace in ("", XLINK):
                found = _REFERENCE.fullmatch(value.strip())
                if found:
                    self._used.add(found[1])
                    values["href"] = f"#{_own_id(found[1])}"
                else:
                    self._fault(f"{element} refers to '{value[:60]}', which is outside of the file")
            elif namespace:
                continue
            elif name == "style":
                for declaration in value.split(";"):
                    key, colon, text = declaration.partition(":")
                    if colon:
                        self._put(values, element, key.strip(), text.replace("!important", "").strip())
            else:
                self._put(values, element, name, value)
        return values

    def _put(self, values: dict[str, str], element: str, name: str, value: str) -> None:
        if name.lower().startswith("on"):
            self._fault(f"{element} has the event handler {name}")
        elif name == "id":
            self._ids.add(value)
            values["id"] = _own_id(value)
        elif name in ATTRIBUTES:
            self._used.update(_URL.findall(value))
            own = _URL.sub(lambda found: f"url(#{_own_id(found[1])})", value)
            if re.search(r"url\((?!#logo-)|image-set|expression|\\", own, re.IGNORECASE):
                self._fault(f"{element} has {name}='{value[:60]}', which is outside of the file")
            values[name] = one_line(own)
        elif not IGNORED.fullmatch(name):
            self._fault(f"{element} has the attribute {name}, which a logo cannot have")

    def _fault(self, message: str) -> None:
        self.faults.append(Fault(f"{self._file}:{self.parser.CurrentLineNumber}", message))


def _own_id(name: str) -> str:
    """An identifier that no other element of the page has."""
    return "logo-" + re.sub(r"[^A-Za-z0-9_-]", lambda found: f"_{ord(found.group()):x}", name)
