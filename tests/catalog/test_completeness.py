"""How complete a translation is."""

from __future__ import annotations

import dataclasses

import pytest

from site_builder import catalog
from site_builder.catalog.completeness import (
    Completeness,
    Text,
    completeness,
    entry_states,
    is_wanted,
    read_all_states,
    texts,
)
from site_builder.catalog.states import Record, States, digest, dump_records
from site_builder.model import Source

from .conftest import Folders
from .test_localisation import AUSTRIAN, GERMAN

FILE = "catalog/languages/de.yaml"
WANTED = 2 + 4 * 4  # strings, and the texts of two codes and two families
STATES: States = {
    "404.title": [Record(digest("Not Found"), digest("Nicht gefunden"), "Anna Schmidt")],
    "404.detail": [Record(digest("Nothing is here."), digest("Hier ist nichts."), "Anna Schmidt")],
}


def test_counts_every_text_once(folders: Folders) -> None:
    folders.write("shipped", {"languages/de.yaml": GERMAN + '503:\n  title: ""\n  headline: Zu\n'})
    found = completeness(folders.load(), "de", STATES)
    names = ("title", "headline", "detail", "what_you_should_do")
    assert [one.name for one in found.missing] == [
        *("503.title", "503.detail", "503.what_you_should_do"),
        *(f"{key}.{name}" for key in ("4xx", "5xx") for name in names),
    ]
    assert [str(one.source) for one in found.missing] == [f"{FILE}:10", f"{FILE}:10", f"{FILE}:10", *[f"{FILE}:1"] * 8]
    stale = Text(
        *("404", "detail", "entry", Source(FILE, 7)), "There is nothing at this address.", "Hier ist nichts.", "stale"
    )
    assert found == Completeness("de", WANTED, found.missing, (stale,), draft=5, reviewed=1, extra=0)
    assert (found.percent, found.percent_reviewed) == (38, 5)


def test_percentages_are_rounded_down() -> None:
    gap = Text("404", "title", "entry", Source(FILE, 1), "Not Found", "", "missing")
    nearly = Completeness("de", 258, (gap,), (), draft=0, reviewed=257, extra=0)
    assert (nearly.percent, nearly.percent_reviewed) == (99, 99)
    nothing = Completeness("de", 0, (), (), draft=0, reviewed=0, extra=0)
    assert (nothing.percent, nothing.percent_reviewed) == (100, 100)


@pytest.mark.parametrize("tag", ["en", "en-XA"])
def test_english_is_the_original(folders: Folders, tag: str) -> None:
    loaded = catalog.load(folders.folders, [tag])
    assert completeness(loaded, tag, {}) == Completeness(tag, WANTED, (), (), draft=0, reviewed=WANTED, extra=0)


def test_a_language_that_was_not_loaded(folders: Folders) -> None:
    with pytest.raises(KeyError):
        completeness(folders.load(), "fr", {})


def test_what_another_language_stands_in_for_is_there(folders: Folders) -> None:
    folders.write("shipped", {"languages/de.yaml": GERMAN, "languages/states/de.json": "{}"})
    folders.write("project", {"languages/de-AT.yaml": AUSTRIAN})
    loaded = folders.load()
    states = read_all_states(loaded, folders.folders, "de-AT")
    found = {one.name: str(one.source) for one in texts(loaded, "de-AT", states) if one.text}
    assert found == {
        "interface.home": "<errgen>/catalog/languages/de.yaml:2",
        "interface.retry": "catalog/languages/de-AT.yaml:2",
        "404.title": "<errgen>/catalog/languages/de.yaml:5",
        "404.headline": "catalog/languages/de-AT.yaml:4",
        "404.detail": "<errgen>/catalog/languages/de.yaml:7",
        "404.what_you_should_do": "<errgen>/catalog/languages/de.yaml:8",
    }


def test_an_entry_has_come_as_far_as_its_last_text(folders: Folders) -> None:
    records = {name: record for name, (record,) in STATES.items()}
    reviewed = Record(digest("The request was not answered"), digest("Abgelehnt"), "Anna Schmidt")
    german = GERMAN + "503:\n  headline: Zu\n4xx:\n  headline: Abgelehnt\n"
    folders.write("shipped", {"languages/de.yaml": german})
    folders.write("shipped", {"languages/states/de.json": dump_records({**records, "4xx.headline": reviewed})})
    folders.write("project", {"languages/de-AT.yaml": AUSTRIAN})
    loaded = folders.load()
    for tag in ("de", "de-AT"):
        assert entry_states(loaded, folders.folders, tag) == {"404": "stale", "503": "draft", "4xx": "reviewed"}
    assert entry_states(loaded, folders.folders, "de-CH") == entry_states(loaded, folders.folders, "de")
    assert entry_states(loaded, (), "de") == {"404": "draft", "503": "draft", "4xx": "draft"}
    assert [entry_states(loaded, folders.folders, tag) for tag in ("en", "en-GB", "fr")] == [{}, {}, {}]


def test_cloudflares_own_errors_are_not_wanted(folders: Folders) -> None:
    entry = folders.load().entries[0]
    wanted = [
        code
        for code in (*range(400, 600), 1000, 1999)
        if is_wanted(dataclasses.replace(entry, key=str(code), code=code, codes=((code, code),)))
    ]
    assert wanted == [*range(400, 520), *range(531, 600)]
