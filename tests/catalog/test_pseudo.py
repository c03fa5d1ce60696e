"""The pseudo-language: everything that people read is changed, nothing that programs read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import catalog
from site_builder.catalog.pseudo import BRACKETS, pseudo
from site_builder.rendering.prose import to_html

from .conftest import Folders

WORDS = st.text("abc XYZ.,–éß中{}()[]`*~_", max_size=30)
TARGETS = st.sampled_from(
    ["https://example.com/Path(1)?a=b", "mailto:help@example.com", "/status", "https://é.example/"]
)
LINKS = st.builds("[{}]({})".format, st.text("abc XYZ", min_size=1, max_size=9), TARGETS)
PLACEHOLDERS = st.sampled_from(["{site}", "{duration}", "{start}"])


@pytest.mark.parametrize(
    ("text", "pseudo_text"),
    [
        ("Go to the home page", "⟦Ĝö ţö ţĥé ĥöɱé þåĝé ······⟧"),
        ("{headline} – {site}", "⟦{headline} – {site} ·····⟧"),
        ("", "⟦⟧"),
        (
            "See [this page](https://example.com/a_(b)) or `nginx -t`, **then** wait &amp; write to me@example.com.",
            "⟦Šéé [ţĥîš þåĝé](https://example.com/a_(b)) öŕ `nginx -t`, **ţĥéñ** ŵåîţ &amp; ŵŕîţé ţö me@example.com. "
            "········ ········ ········⟧",
        ),
    ],
)
def test_looks_foreign_and_is_longer(text: str, pseudo_text: str) -> None:
    assert pseudo(text) == pseudo_text


@given(st.lists(st.one_of(WORDS, PLACEHOLDERS)).map("".join))
def test_keeps_placeholders(text: str) -> None:
    pattern = r"\{[a-z_]*\}"
    assert re.findall(pattern, pseudo(text)) == re.findall(pattern, text)


@given(st.lists(st.one_of(st.text("abc XYZ.,– ", max_size=30), LINKS)).map("".join))
def test_keeps_the_targets_of_links(text: str) -> None:
    targets = r'href="([^"]*)"'
    assert re.findall(targets, to_html(pseudo(text))) == re.findall(targets, to_html(text))


@given(st.text())
def test_is_in_brackets_and_never_shorter(text: str) -> None:
    made = pseudo(text)
    assert (made[0], made[-1]) == BRACKETS
    assert len(made) >= len(text) + 2 + round(sum(map(str.isalpha, text)) * 0.4) * 8 // 9


def test_is_made_where_it_is_asked_for(folders: Folders) -> None:
    assert list(folders.load().languages) == ["en"]
    loaded = catalog.load(folders.folders, ["en-XA"])
    assert loaded.languages["en-XA"].strings == {
        name: pseudo(text) for name, text in loaded.languages["en"].strings.items()
    }
    assert [(entry.key, entry.title, entry.detail) for entry in loaded.localised("en-XA")] == [
        (entry.key, pseudo(entry.title), pseudo(entry.detail)) for entry in loaded.everything
    ]
    assert catalog.load(folders.folders, ["en-XB"]).resolve("en-XB") == "en"
