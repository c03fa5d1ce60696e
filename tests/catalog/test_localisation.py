"""What stands in for what a language lacks."""

from __future__ import annotations

import pytest

from site_builder import catalog
from site_builder.catalog import Translation
from site_builder.model import Language, Source

from .conftest import Folders

GERMAN = """\
interface:
  home: Zur Startseite von {site}
  retry: Noch einmal
404:
  title: Nicht gefunden
  headline: Diese Seite gibt es nicht
  detail: Hier ist nichts.
  what_you_should_do: "**Prüfen Sie die Adresse.**"
"""
AUSTRIAN = """\
interface:
  retry: Nochmals
404:
  headline: Die Seite gibts nicht
"""


def test_a_language_takes_what_it_lacks_from_the_one_that_stands_in_for_it(folders: Folders) -> None:
    folders.write("shipped", {"languages/de.yaml": GERMAN})
    folders.write("project", {"languages/de-AT.yaml": AUSTRIAN})
    loaded = folders.load()
    assert loaded.languages["de-AT"] == Language(
        "de-AT", "ltr", {"home": "Zur Startseite von {site}", "retry": "Nochmals"}
    )
    assert loaded.translations["de-AT"] == {
        "404": Translation(
            "Nicht gefunden",
            "Die Seite gibts nicht",
            "Hier ist nichts.",
            "**Prüfen Sie die Adresse.**",
            Source("catalog/languages/de-AT.yaml", 3),
        )
    }
    assert loaded.borrowed == {}


def test_a_language_without_a_file_is_answered_by_the_nearest(folders: Folders) -> None:
    folders.write("shipped", {"languages/de.yaml": GERMAN})
    loaded = catalog.load(folders.folders, ["de-CH"])
    assert loaded.resolve("de-CH") == "de"
    german = loaded.language("de-CH")
    assert (german.tag, german.asked, german.site_tag) == ("de", "de-CH", "de-CH")
    assert loaded.language("de").site_tag == "de"
    assert [entry.headline for entry in loaded.localised("de-CH")] == ["Diese Seite gibt es nicht"]
    assert loaded.resolve("fr") is None
    assert loaded.localised("fr") == ()
    with pytest.raises(KeyError):
        loaded.language("fr")


def test_a_variety_of_english_holds_only_what_differs(folders: Folders) -> None:
    folders.write("project", {"languages/en-GB.yaml": "404:\n  headline: That page has gone for tea\n"})
    loaded = folders.load()
    assert [entry.headline for entry in loaded.localised("en-GB")] == [
        "That page has gone for tea",
        *(entry.headline for entry in loaded.localised("en")[1:]),
    ]
    assert loaded.languages["en-GB"].strings == loaded.languages["en"].strings
    assert loaded.borrowed == {}


def test_missing_strings_are_in_english_and_noted(folders: Folders) -> None:
    folders.write("project", {"languages/cs.yaml": "interface:\n  retry: ''\n  home: Domů na {site}\n"})
    loaded = folders.load()
    assert loaded.languages["cs"].strings == {"home": "Domů na {site}", "retry": "Try again"}
    assert loaded.borrowed == {"cs": ("retry",)}


@pytest.mark.parametrize("blank", ["", '""', "''", "' '", "~"])
def test_an_empty_place_is_a_text_that_is_missing(folders: Folders, blank: str) -> None:
    folders.write("project", {"languages/de.yaml": GERMAN.replace("Hier ist nichts.", blank)})
    loaded = folders.load()
    assert loaded.translations == {"de": {}}
    assert [entry.key for entry in loaded.localised("de")] == []


def test_an_empty_place_hides_nothing_that_ships(folders: Folders) -> None:
    folders.write("shipped", {"languages/de.yaml": GERMAN})
    folders.write("project", {"languages/de.yaml": "interface:\n  retry: ''\n404:\n  title: ''\n"})
    loaded = folders.load()
    assert loaded.languages["de"].strings["retry"] == "Noch einmal"
    assert loaded.translations["de"]["404"].title == "Nicht gefunden"


def test_scripts_are_not_mixed(folders: Folders) -> None:
    texts = "interface:\n  retry: 重试\n  home: '{site}'\n"
    folders.write("shipped", {"languages/zh-Hans.yaml": texts, "languages/zh-Hant.yaml": "interface:\n  retry: 重試\n"})
    loaded = folders.load()
    assert loaded.languages["zh-Hant"].strings == {"home": "Go to the {site} home page", "retry": "重試"}
    assert loaded.borrowed == {"zh-Hant": ("home",)}


def test_only_languages_that_are_asked_for_are_read(folders: Folders) -> None:
    folders.write(
        "shipped",
        {
            "languages/de.yaml": GERMAN,
            "languages/fr.yaml": "\tbroken",
            "languages/pt-BR.yaml": "interface:\n  retry: x",
        },
    )
    loaded = catalog.load(folders.folders, ["en", "de-AT"])
    assert sorted(loaded.languages) == ["de", "en"]
    assert loaded.available == ("de", "en", "fr", "pt-BR")
    assert sorted(catalog.load(folders.folders, ["pt-PT"]).languages) == ["en", "pt-BR"]
    assert folders.faults() == ["catalog/languages/fr.yaml:1: has a tab; YAML is indented with blanks"]


def test_faults_of_languages(folders: Folders) -> None:
    folders.write(
        "project",
        {
            "languages/cs.yaml": "interface:\n  retyr:\n404:\n  titel: ''\n  headline: 1\n999:\n  title: x\n",
            "languages/en.yaml": "404:\n  title: x\n503x:\n  title: x\n",
            "languages/de.yml": "",
        },
    )
    assert folders.faults() == [
        "catalog/languages/cs.yaml:2: interface.retyr: unknown key; did you mean retry?",
        "catalog/languages/cs.yaml:4: 404.titel: unknown key; did you mean title?",
        "catalog/languages/cs.yaml:5: 404.headline: must be a text, not 1; put it in quotes",
        "catalog/languages/cs.yaml:6: 999: unknown key; there are: 404, 4xx, 503, 5xx, interface",
        "catalog/languages/de.yml:1: is not read; call it de.yaml",
        "catalog/languages/en.yaml:1: 404: English texts of errors stand in a file of catalog/ itself; "
        "here is only interface",
        "catalog/languages/en.yaml:3: 503x: unknown key; there are: interface",
    ]
