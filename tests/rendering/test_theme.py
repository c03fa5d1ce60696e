"""Themes: what theme.yaml says, and how one inherits from another."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.catalog.whole_yaml import read_whole_yaml
from site_builder.errors import InvalidInput
from site_builder.model import PROFILES, Entry, Finding, Language, Logo, Site
from site_builder.rendering import Renderer, Theme, themes
from site_builder.rendering.theme_file import Pair, _plain, read_theme_file

NAMED = "name: N\ndescription: D.\n"


def theme(own: Path, key: str, text: str, **files: str) -> None:
    (own / key).mkdir(parents=True, exist_ok=True)
    (own / key / "theme.yaml").write_text(text)
    for name, content in files.items():
        (own / key / re.sub("_(?=[a-z]+$)", ".", name).replace(".html", ".html.j2")).write_text(content)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    return folder


def body(own: Path, key: str, templates: Path, entry: Entry, language: Language, site: Site) -> str:
    page = Renderer([own, templates], key).render(entry, language, PROFILES["static"], site)["html"].decode()
    return page.partition("<body>\n")[2].partition("</body>")[0]


def test_what_a_theme_file_says(own: Path) -> None:
    theme(
        own,
        "a",
        NAMED + "inherits: b  # why\nshows: [logo, colors]\n"
        "contrast:\n  text: [ink on paper]\n  lines:\n    - edge on paper\n",
    )
    read = read_theme_file(own / "a/theme.yaml", "templates/a/theme.yaml")
    assert (read.name, read.description, read.inherits) == ("N", "D.", "b")
    assert read.shows == frozenset({"logo", "colors"})
    assert read.contrast == (
        Pair("ink", "paper", "text", "templates/a/theme.yaml:6"),
        Pair("edge", "paper", "lines", "templates/a/theme.yaml:7"),
    )
    assert [pair.needs for pair in read.contrast] == [4.5, 3.0]


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "name: Plain",
                    "description: A page.",
                    "inherits: plain",
                    "shows: [logo, tagline]",
                    "shows: []",
                    "# x",
                ),
                *(
                    "contrast:",
                    "  text: [ink on paper]",
                    "  lines:",
                    "    - a on b",
                    "    - c on d  # e",
                    "",
                    "name: a # b",
                ),
                *(
                    "name: yes",
                    "name: 12",
                    "name: 'a'",
                    "name: a: b",
                    "name: true",
                    "name:",
                    "  text: x",
                    "shows: [a, 1]",
                ),
                *("name: It's", "description: a, b; c", "- a", "name: null", "contrast: {}", "  text: []", "    - a:b"),
            ]
        ),
        max_size=8,
    ).map("\n".join)
)
def test_the_quick_reader_reads_as_a_whole_one(text: str) -> None:
    quick = _plain(text)
    if quick:
        assert quick == read_whole_yaml(text, "theme.yaml")


def test_the_themes_that_ship_are_read_quickly(templates: Path) -> None:
    assert all(_plain(path.read_text("utf-8")) for path in templates.glob("*/theme.yaml"))


def test_every_fault_of_every_theme(own: Path) -> None:
    for key, text in (
        ("a", "name: A\n"),
        ("b", NAMED + "author: me\n"),
        ("c", "name: [\n"),
        ("d", ""),
        ("e", "name: E\ndescription: 7\n"),
        ("f", NAMED + "shows: [logo, name]\ncontrast: [a on b]\ninherits: [a]\n"),
        ("g", NAMED + "contrast:\n  text: [ink paper]\n  line: [a on b]\n  lines: 7\n"),
    ):
        theme(own, key, text)
    with pytest.raises(InvalidInput) as caught:
        themes([own])
    faults = str(caught.value).splitlines()
    assert faults.pop(2).startswith("templates/c/theme.yaml:2: is not YAML: ")
    assert faults == [
        "templates/a/theme.yaml: description is missing; it is a line of text",
        "templates/b/theme.yaml:3: author: unknown key; there are: name, description, inherits, shows, contrast",
        "templates/d/theme.yaml: name is missing; it is a line of text",
        "templates/d/theme.yaml: description is missing; it is a line of text",
        "templates/e/theme.yaml:2: description: must be a line of text",
        "templates/f/theme.yaml:3: shows: must be a list of some of: logo, tagline, colors",
        "templates/f/theme.yaml:4: contrast: must have lists under text and lines",
        "templates/f/theme.yaml:5: inherits: must be the name of a theme",
        "templates/g/theme.yaml:4: contrast.text: 'ink paper' is not a pair like ink on paper",
        "templates/g/theme.yaml:5: contrast.line: unknown key; there are: text, lines",
        "templates/g/theme.yaml:6: contrast.lines: must be a list like [ink on paper]",
    ]


def test_the_theme_in_use_is_looked_at_when_pages_are_made(own: Path, templates: Path) -> None:
    theme(own, "plain", "name: Mine\nauthor: me\n")
    with pytest.raises(InvalidInput) as caught:
        Renderer([own, templates], "plain")
    assert str(caught.value).splitlines() == [
        "templates/plain/theme.yaml: description is missing; it is a line of text",
        "templates/plain/theme.yaml:2: author: unknown key; there are: name, description, inherits, shows, contrast",
    ]


def test_an_heir_has_what_it_does_not_say(own: Path) -> None:
    theme(own, "a", NAMED + "inherits: b\n")
    theme(own, "b", NAMED + "inherits: c\nshows: [logo]\n")
    theme(own, "c", NAMED + "shows: [tagline]\ncontrast:\n  text: [ink on paper]\n")
    pair = Pair("ink", "paper", "text", "templates/c/theme.yaml:5")
    assert themes([own]) == (
        Theme("a", "N", "D.", ("b", "c"), frozenset({"logo"}), (pair,)),
        Theme("b", "N", "D.", ("c",), frozenset({"logo"}), (pair,)),
        Theme("c", "N", "D.", (), frozenset({"tagline"}), (pair,)),
    )


def test_files_come_from_the_nearest_theme_that_has_them(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site
) -> None:
    part = "{% include 'part.html.j2' %}"
    theme(own, "base", NAMED, page_html="{% extends 'document.html.j2' %}{% block body %}" + part + "{% endblock %}")
    theme(own, "base", NAMED, part_html="base", style_css="b{}")
    theme(own, "heir", NAMED + "inherits: base\n", part_html="heir")
    theme(own, "far", NAMED + "inherits: heir\n", part_html="far and {% include 'heir/part.html.j2' %}")
    theme(
        own,
        "wide",
        NAMED + "inherits: base\n",
        page_html="{% extends 'base/page.html.j2' %}{% block icon %}{% endblock %}",
    )
    for key, expected in (("base", "base"), ("heir", "heir"), ("far", "far and heir"), ("wide", "base")):
        assert body(own, key, templates, not_found, english, site).strip() == expected


def test_a_project_changes_a_part_of_the_theme_that_its_own_inherits(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site
) -> None:
    theme(own, "mine", NAMED + "inherits: plain\n", reference_html="<p>No reference.</p>")
    assert "<p>No reference.</p>" in body(own, "mine", templates, not_found, english, site)


@pytest.mark.parametrize(
    ("inherits", "message", "hint"),
    [
        (
            "b",
            "templates/b/theme.yaml:3: inherits: goes round in a circle: a → b → a",
            "leave inherits out of one of them",
        ),
        (
            "bb",
            "templates/a/theme.yaml:3: inherits: there is no theme 'bb'; did you mean b?",
            "name a folder of templates/ that has a theme.yaml",
        ),
        (
            "a",
            "templates/a/theme.yaml:3: inherits: goes round in a circle: a → a",
            "leave inherits out of one of them",
        ),
    ],
)
def test_a_theme_that_cannot_inherit(own: Path, inherits: str, message: str, hint: str) -> None:
    theme(own, "a", NAMED + f"inherits: {inherits}\n")
    theme(own, "b", NAMED + "inherits: a\n")
    with pytest.raises(InvalidInput) as caught:
        Renderer([own], "a")
    assert str(caught.value) == message
    assert caught.value.hint == hint


def test_what_a_theme_does_not_show_of_a_site(templates: Path) -> None:
    logo = Logo("logo.png", "image/png", b"\x89PNG\r\n\x1a\n\0\0\0\0IEND\xaeB`\x82")
    site = Site("shop", "Shop", "minimal", ("en",), "/", logo=logo, tagline={"en": "x"}, colors={"accent": "#123456"})
    assert Renderer([templates], "minimal").findings(site, {}) == tuple(
        Finding(
            "brand-not-shown",
            "warning",
            "the theme minimal does not show it",
            f"errgen.toml: site.shop.{what}",
            "choose a theme that does, or leave it out",
        )
        for what in ("logo", "tagline")
    )


def test_a_logo_that_makes_pages_too_large_is_told_with_numbers(
    templates: Path, not_found: Entry, english: Language
) -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="' + "M0 0" * 2_000 + '"/></svg>'
    logo = Logo("logo.svg", "image/svg+xml", drawing.encode())
    site = Site("shop", "Shop", "brand", ("en",), "/", logo=logo)
    renderer = Renderer([templates], "brand")
    page = renderer.render(not_found, english, PROFILES["static"], site)["html"]
    assert renderer.findings(site, {"static/en/404.html": len(page)}) == (
        Finding(
            "logo-too-large",
            "warning",
            f"makes pages larger than the 10,000 bytes that edges take inline: static/en/404.html has {len(page):,}, "
            "of which the logo is 8,073",
            "errgen.toml: site.shop.logo",
            f"simplify it by {len(page) - 10_000:,} bytes: fewer points, fewer decimals",
        ),
    )


def test_a_png_that_makes_pages_too_large_has_advice_of_its_own(
    templates: Path, not_found: Entry, english: Language
) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    content = b"\x89PNG\r\n\x1a\n" + chunk(b"IDAT", b"x" * 6_000) + chunk(b"IEND", b"")
    site = Site("shop", "Shop", "brand", ("en",), "/", logo=Logo("logo.png", "image/png", content))
    renderer = Renderer([templates], "brand")
    page = renderer.render(not_found, english, PROFILES["static"], site)["html"]
    less = 3 * -(-(len(page) - 10_000) // 4)  # Base64 makes four bytes of three
    assert [finding.hint for finding in renderer.findings(site, {"static/en/404.html": len(page)})] == [
        f"make its file smaller by {less:,} bytes: fewer pixels, fewer colours; or take an SVG"
    ]
