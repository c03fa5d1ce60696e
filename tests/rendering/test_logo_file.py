"""Logos: what is drawing stays, what could run or fetch does not."""

from __future__ import annotations

from base64 import b64decode

import pytest

from site_builder.errors import InvalidInput
from site_builder.model import Logo
from site_builder.rendering.logo_file import png, svg

HINT = "export the logo as plain SVG: shapes with attributes, text turned into paths, no links and no style element"
DOT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'


def made(text: str | bytes) -> str:
    return str(svg(Logo("logo.svg", "image/svg+xml", text if isinstance(text, bytes) else text.encode())))


def inside(text: str) -> str:
    head, tail = '<svg class="logo" aria-hidden="true" viewBox="0 0 9 9">', "</svg>"
    whole = made(HEAD + text + "</svg>")
    assert whole.startswith(head)
    return whole.removeprefix(head).removesuffix(tail)


def faults(text: str | bytes) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        made(text)
    assert caught.value.hint == HINT
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<path d="M0 0h9"/>', '<path d="M0 0h9"/>'),
        ("<g>\n  <g> x </g>\n</g>", "<g><g/></g>"),
        (
            "<text>A &lt; B<tspan>::RAY_ID::</tspan></text>",
            "<text>A &lt; B<tspan>&#58;&#58;RAY_ID&#58;&#58;</tspan></text>",
        ),
        ("<title>T</title><desc>D</desc><metadata><a/></metadata>", ""),
        ('<g class="a" data-x="1" xmlns:i="urn:i" i:label="l" role="img"><i:b><script/></i:b></g>', "<g/>"),
        ('<g style="fill:#fff; stroke : red !important;-inkscape-x:1"/>', '<g fill="#fff" stroke="red"/>'),
        (
            '<linearGradient id="a"/><linearGradient id="b"/><rect fill="url( \'#a\' )"/>',
            '<linearGradient id="logo-a"/><linearGradient/><rect fill="url(#logo-a)"/>',
        ),
        ('<path id="é p"/><use xlink:href="#é p"/>', None),
        ('<symbol id="s"/><use href="#s"/>', '<symbol id="logo-s"/><use href="#logo-s"/>'),
    ],
)
def test_what_stays(text: str, expected: str | None) -> None:
    if expected is None:
        assert faults(HEAD + text + "</svg>") == ["logo.svg:1: use refers to '#é p', which is outside of the file"]
    else:
        assert inside(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<script>alert(1)</script>", "has the element script, which is more than drawing"),
        ("<style>a{}</style>", "has the element style, which is more than drawing"),
        ("<foreignObject><p/></foreignObject>", "has the element foreignObject, which is more than drawing"),
        ("<image href='x.png'/>", "has the element image, which is more than drawing"),
        ("<a href='https://x'/>", "has the element a, which is more than drawing"),
        ("<animate/>", "has the element animate, which is more than drawing"),
        ("<g onclick='x'/>", "g has the event handler onclick"),
        ("<g onLoad='x'/>", "g has the event handler onLoad"),
        ("<use href='https://x/y.svg#z'/>", "use refers to 'https://x/y.svg#z', which is outside of the file"),
        ("<use xlink:href='javascript:x'/>", "use refers to 'javascript:x', which is outside of the file"),
        ("<g fill='url(https://x)'/>", "g has fill='url(https://x)', which is outside of the file"),
        ("<g style='fill: URL(//x)'/>", "g has fill='URL(//x)', which is outside of the file"),
        ("<g fill='\\75rl(//x)'/>", "g has fill='\\75rl(//x)', which is outside of the file"),
        ("<g formaction='x'/>", "g has the attribute formaction, which a logo cannot have"),
        ("<g>", "is not XML: mismatched tag"),
        ("&nbsp;", "is not XML: undefined entity"),
    ],
)
def test_what_is_refused_with_its_line(text: str, message: str) -> None:
    assert faults(f"{HEAD}\n{text}\n</svg>")[0] in (f"logo.svg:2: {message}", f"logo.svg:3: {message}")


def test_every_fault_is_told() -> None:
    assert len(faults(f"{HEAD}\n<script/>\n<g onclick='' onload=''/></svg>")) == 3


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>',
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
    ],
)
def test_entities_are_refused_before_they_are_read(text: str) -> None:
    message = "logo.svg:1: has a document type with declarations of its own, such as entities"
    assert faults(text) == [message]
    assert faults(text.encode("utf-16")) == [message]


def test_a_document_type_alone_is_harmless() -> None:
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert made(doctype + HEAD + "</svg>") == '<svg class="logo" aria-hidden="true" viewBox="0 0 9 9"></svg>'


def test_a_size_becomes_a_view_box() -> None:
    assert made('<svg xmlns="http://www.w3.org/2000/svg" width="120px" height="40.5"/>') == (
        '<svg class="logo" aria-hidden="true" viewBox="0 0 120 40.5"></svg>'
    )
    assert faults('<svg xmlns="http://www.w3.org/2000/svg" width="100%"/>') == [
        "logo.svg:1: svg has no viewBox, so that nobody knows how large the drawing is"
    ]


def test_what_is_no_svg() -> None:
    message = 'logo.svg:1: is not an SVG: its first element is html, not svg with xmlns="http://www.w3.org/2000/svg"'
    assert faults("<html/>")[0] == message
    assert faults(b"\x89PNG\r\n") == ["logo.svg:1: is not XML: not well-formed (invalid token)"]


def test_a_png_is_an_image_without_a_request() -> None:
    element = str(png(Logo("logo.png", "image/png", DOT)))
    assert element.startswith('<img class="logo" src="data:image/png;base64,iVBORw0KGgo')
    assert element.endswith('" alt="">')


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"GIF89a", "is no PNG: it does not begin as one does", "save the logo as PNG, or better as SVG"),
        (
            DOT.replace(b"\r\n", b"\n"),
            "is a PNG that was damaged: its line ends were changed, as if it were text",
            "export or copy the logo anew",
        ),
        (
            DOT[:20] + b"\xff" + DOT[21:],
            "is a PNG that was damaged: the checksum at byte 29 is wrong",
            "export or copy the logo anew",
        ),
        (DOT[:40], "is a PNG that was cut off after 40 bytes", "export or copy the logo anew"),
        (DOT[:8], "is a PNG that was cut off after 8 bytes", "export or copy the logo anew"),
    ],
)
def test_a_file_that_is_no_whole_png(content: bytes, message: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        png(Logo("logo.png", "image/png", content))
    assert str(caught.value) == f"logo.png: {message}"
    assert caught.value.hint == hint
