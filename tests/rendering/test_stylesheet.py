"""Stylesheets: small in the page, the same in meaning, and of every theme with enough contrast in both schemes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from site_builder.rendering import themes
from site_builder.rendering.stylesheet import minified
from site_builder.rendering.theme import find_theme


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


THEMES = ("brand", "minimal", "path", "plain")


def stylesheet(templates: Path, theme: str) -> str:
    """All rules of a theme, its style.css first."""
    files = sorted((templates / theme).glob("*.css"), key=lambda file: (file.name != "style.css", file.name))
    return "\n".join(file.read_text("utf-8") for file in files)


def test_every_theme_is_looked_at(templates: Path) -> None:
    assert tuple(theme.key for theme in themes([templates])) == THEMES


@pytest.mark.parametrize("theme", THEMES)
def test_declared_pairs_have_enough_contrast_in_both_schemes(templates: Path, theme: str) -> None:
    """Read and reckoned here without the package's own code for it."""
    roots = re.findall(r":root \{(.*?)\}", stylesheet(templates, theme), re.S)
    light = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", roots[0]))
    dark = light | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", roots[1]))
    pairs = find_theme([templates], theme, "errgen.toml").contrast
    assert len(pairs) >= 3
    found = {
        f"{pair.front} on {pair.ground}, {scheme}": (contrast(colors[pair.front], colors[pair.ground]), pair.needs)
        for pair in pairs
        for scheme, colors in (("light", light), ("dark", dark))
    }
    assert {name: (ratio, needs) for name, (ratio, needs) in found.items() if ratio < needs} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_stylesheet_serves_every_reader(templates: Path, theme: str) -> None:
    css = stylesheet(templates, theme)
    assert "@media (prefers-color-scheme: dark)" in css
    assert "@media print" in css
    assert ":focus-visible" in css
    # Nothing moves, nothing is fetched, and nothing is left or right: that depends on the language.
    assert re.findall(r"transition|animation|url\(|@import", css) == []
    assert (
        re.findall(r"\b(?:margin|padding|border|inset)-(?:left|right)\b|\b(?:left|right): |align: (?:left|right)", css)
        == []
    )
