"""A site's colours in a theme: what is written, what is made for it, what is refused."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.errors import InvalidInput
from site_builder.model import Finding, Site
from site_builder.rendering.colors import known_pairs, palette, site_stylesheet, theme_findings
from site_builder.rendering.contrast import ratio
from site_builder.rendering.theme_file import Pair

CSS = """
/* colours */
:root { color-scheme: light dark; --paper: #faf9f6; --ink: #1c2024; --accent: #0f6b62; --on-accent: #fff; --gap: 1rem }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171a; --ink: #eceef0; --accent: #7fd0c5; --on-accent: #0d1f1d; }
  p { color: red }
}
@media print { :root { --ink: #000 } }
p::before { content: "}:root{--ink:#123456}" }
"""
PALETTE = palette(CSS)
WHERE = "templates/plain/theme.yaml:4"
ON_ACCENT = Pair("on-accent", "accent", "text", WHERE)
ON_PAPER = Pair("accent", "paper", "text", WHERE)
EDGE = Pair("accent", "paper", "lines", "templates/plain/theme.yaml:5")


def with_colors(site: Site, **colors: str) -> Site:
    return dataclasses.replace(site, colors=colors)


def refusal(site: Site, *pairs: Pair, **colors: str) -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as caught:
        site_stylesheet(with_colors(site, **colors), pairs, PALETTE)
    return str(caught.value), caught.value.hint


def test_a_palette_is_what_root_declares_in_each_scheme() -> None:
    assert PALETTE.light == {"paper": "#faf9f6", "ink": "#1c2024", "accent": "#0f6b62", "on-accent": "#fff"}
    assert PALETTE.dark == {"paper": "#14171a", "ink": "#eceef0", "accent": "#7fd0c5", "on-accent": "#0d1f1d"}
    assert palette(":root{--a:#123}").dark == {"a": "#123"}


def test_a_site_without_colours_has_no_stylesheet(site: Site) -> None:
    assert site_stylesheet(site, [ON_ACCENT], PALETTE) == ""


def test_a_colour_that_passes_is_written_and_gets_a_dark_shade_that_does(site: Site) -> None:
    css = site_stylesheet(with_colors(site, accent="#7a1fa2"), [ON_PAPER, ON_ACCENT], PALETTE)
    made = palette(css)
    assert made.light == {"accent": "#7a1fa2", "on-accent": "#fff"}
    assert css.startswith(":root{--accent:#7a1fa2;--on-accent:#fff}@media (prefers-color-scheme:dark){:root{--accent:#")
    assert 4.5 <= ratio(made.dark["accent"], PALETTE.dark["paper"]) < 4.6
    assert ratio(made.dark["on-accent"], made.dark["accent"]) >= 4.5


def test_a_dark_shade_of_the_sites_own_is_kept(site: Site) -> None:
    css = site_stylesheet(with_colors(site, accent="#7a1fa2", accent_dark="#d9a6f2"), [ON_PAPER, ON_ACCENT], PALETTE)
    assert palette(css).dark == {"accent": "#d9a6f2", "on-accent": "#0d1f1d"}


def test_what_is_written_on_a_colour_is_found(site: Site) -> None:
    css = site_stylesheet(with_colors(site, accent="#ffd400"), [ON_ACCENT], PALETTE)
    assert css == (
        ":root{--accent:#ffd400;--on-accent:#0d1f1d}"
        "@media (prefers-color-scheme:dark){:root{--accent:#ffd400;--on-accent:#0d1f1d}}"
    )


def test_a_colour_that_cannot_be_read_is_refused_with_one_that_can(site: Site) -> None:
    message, hint = refusal(site, ON_PAPER, accent="#ffd400")
    assert message == (
        "errgen.toml: site.default.colors.accent: #ffd400 on #faf9f6 has a contrast of 1.3:1, and text needs 4.5:1; "
        "the nearest shade that passes is #897100"
    )
    assert hint == "take the shade that is named, or a colour with more contrast"
    assert site_stylesheet(with_colors(site, accent="#897100"), [ON_PAPER], PALETTE)


def test_lines_need_less_and_the_dark_scheme_is_named(site: Site) -> None:
    assert refusal(site, EDGE, accent_dark="#202020")[0] == (
        "errgen.toml: site.default.colors.accent_dark: #202020 on #14171a has a contrast of 1.1:1, and lines need 3:1; "
        "the nearest shade that passes is #646464 (dark scheme)"
    )


def test_every_unknown_name_is_told(site: Site) -> None:
    message, hint = refusal(site, ON_PAPER, acent="#123456", brand_dark="#123456")
    assert message.splitlines() == [
        "errgen.toml: site.default.colors.acent: the theme plain has no such colour; did you mean accent?",
        "errgen.toml: site.default.colors.brand_dark: the theme plain has no such colour; "
        "there are: accent, ink, on-accent, paper",
    ]
    assert hint == "name the colours as the theme's style.css does, without the two dashes"


def test_findings_of_a_theme() -> None:
    pairs = [Pair("ink", "papr", "text", WHERE), Pair("paper", "paper", "lines", WHERE)]
    assert known_pairs(pairs, PALETTE) == (pairs[1],)
    assert list(theme_findings(pairs, PALETTE, "templates/plain/style.css", CSS)) == [
        Finding(
            "contrast-unknown",
            "warning",
            "templates/plain/style.css has no colours --papr in :root, so their contrast is not looked at",
            WHERE,
            "give it these custom properties, or name under contrast: those that it has",
        ),
        *(
            Finding(
                "contrast",
                "error",
                f"--paper on --paper, {scheme}: {color} on {color} has a contrast of 1.0:1, and lines need 3:1",
                f"templates/plain/style.css:{line}",
                f"the nearest shade that passes is {shade}",
            )
            for scheme, color, shade, line in (
                ("light", "#faf9f6", "#91908e", 3),
                ("dark", "#14171a", "#606468", 5),
            )
        ),
    ]


def test_findings_are_in_a_file_of_the_project() -> None:
    """Its stylesheet for a theme that ships, or the pairs of its theme for a stylesheet that does."""
    ours, theirs = "templates/plain/style.css", "<errgen>/templates/plain/style.css"
    for stylesheet, where, expected in (
        (ours, f"<errgen>/{WHERE}", [ours, f"{ours}:3", f"{ours}:5"]),
        (theirs, WHERE, [WHERE, WHERE, WHERE]),
    ):
        pairs = [Pair("ink", "papr", "text", where), Pair("paper", "paper", "lines", where)]
        found = list(theme_findings(pairs, PALETTE, stylesheet, CSS))
        assert [finding.where for finding in found] == expected
        name = "" if stylesheet == ours else f"{theirs} "
        assert found[0].message == f"{name}has no colours --papr in :root, so their contrast is not looked at"


@given(accent=st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
def test_whatever_the_colour_the_page_can_be_read_or_the_site_is_told(accent: str) -> None:
    pairs: list[Any] = [ON_PAPER, ON_ACCENT, EDGE]
    site = Site("default", "Example", "plain", ("en",), "https://example.com/", colors={"accent": accent})
    try:
        made = palette(site_stylesheet(site, pairs, PALETTE))
    except InvalidInput as invalid:
        assert ratio(accent, PALETTE.light["paper"]) < 4.5
        nearer = str(invalid).rpartition(" is ")[2].removesuffix(" (dark scheme)")[:7]
        site_stylesheet(dataclasses.replace(site, colors={"accent": nearer}), pairs, PALETTE)
    else:
        for own, theirs in ((made.light, PALETTE.light), (made.dark, PALETTE.dark)):
            colors = {**theirs, **own}
            assert all(ratio(colors[pair.front], colors[pair.ground]) >= pair.needs for pair in pairs)
