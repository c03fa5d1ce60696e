"""The stylesheet: small in the page, the same in meaning, and with enough contrast in both schemes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from site_builder.rendering.stylesheet import minified


@pytest.mark.parametrize(
    ("css", "small"),
    [
        ("a { color : red ; }\n", "a{color :red}"),
        ("/* why */ a,\n b > c { margin: 0 auto }", "a,b > c{margin:0 auto}"),
        ("a :hover { width: calc(1px + 2px) }", "a :hover{width:calc(1px + 2px)}"),
        ('a::before { content: "a ;  } /* b */ \\" c" }', 'a::before{content:"a ;  } /* b */ \\" c"}'),
        ("a { background: url( data:x;y ) }", "a{background:url( data:x;y )}"),
        ("a{content:'</style><script>'}", "a{content:'<\\/style><script>'}"),
        ("/* never closed", ""),
        ("a{b:c;;}", "a{b:c}"),
    ],
)
def test_minified(css: str, small: str) -> None:
    assert minified(css) == small


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.fixture(scope="module")
def palettes(templates: Path) -> list[dict[str, str]]:
    css = (templates / "plain/style.css").read_text("utf-8")
    found = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", block)) for block in re.findall(r":root \{(.*?)\}", css, re.S)
    ]
    assert [sorted(palette) for palette in found] == [sorted(found[0])] * 2
    return found


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize(
    ("text", "background"),
    [
        *(("ink", "paper"), ("quiet", "paper"), ("accent", "paper"), ("warn", "paper")),
        *(("ink", "card"), ("quiet", "card"), ("accent", "card"), ("on-accent", "accent")),
    ],
)
def test_text_has_enough_contrast(palettes: list[dict[str, str]], scheme: int, text: str, background: str) -> None:
    assert contrast(palettes[scheme][text], palettes[scheme][background]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("line", ["accent", "warn", "edge"])
def test_lines_that_mean_something_have_enough_contrast(palettes: list[dict[str, str]], scheme: int, line: str) -> None:
    assert contrast(palettes[scheme][line], palettes[scheme]["paper"]) >= 3


def test_stylesheet_serves_every_reader(templates: Path) -> None:
    css = (templates / "plain/style.css").read_text("utf-8")
    for query in ("prefers-color-scheme: dark", "prefers-reduced-motion", "forced-colors: active", "print"):
        assert query in css
    assert re.findall(r"\b(?:margin|padding|border|inset)-(?:left|right|top|bottom)\b|\b(?:left|right): ", css) == []
