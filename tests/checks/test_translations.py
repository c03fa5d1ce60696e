"""Checks of translations: what is missing, stale, or read by nobody."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from site_builder import catalog, settings
from site_builder.catalog import Catalog
from site_builder.catalog.contents import TEXT_FIELDS
from site_builder.catalog.states import Record, digest, dump_records
from site_builder.model import Finding
from site_builder.settings import CheckSettings
from tests.checks.conftest import World

GERMAN = """\
interface:
  home: Zur Startseite
404:
  title: Nicht gefunden
  headline: Die Seite gibt es nicht
  detail: Unter dieser Adresse ist nichts.
  what_you_should_do: "**Prüfen Sie die Adresse.**"
"""


@pytest.fixture
def german(world: World) -> World:
    """A site in English and a German of five texts."""
    folder = world.project / "catalog"
    world.write("catalog/languages/de.yaml", GERMAN)
    english = catalog.load([settings.shipped() / "catalog"], {"en"})
    world.catalog = _only(catalog.load([_english(world.project), folder], {"en", "de"}), english)
    world.site = dataclasses.replace(world.site, languages=("en", "de"))
    return world


def _english(project: Path) -> Path:
    """What ships without its translations."""
    folder = project / "shipped" / "catalog"
    (folder / "languages").mkdir(parents=True)
    for path in (*(settings.shipped() / "catalog").glob("*.yaml"), settings.shipped() / "catalog/languages/en.yaml"):
        target = folder / path.relative_to(settings.shipped() / "catalog")
        target.write_bytes(path.read_bytes())
    return folder


def _only(loaded: Catalog, english: Catalog) -> Catalog:
    """A catalog of 404 alone, with one string of the interface."""
    entries = tuple(entry for entry in english.entries if entry.key == "404")
    strings = {"home": english.languages["en"].strings["home"]}
    languages = {tag: dataclasses.replace(one, strings=strings) for tag, one in loaded.languages.items()}
    return dataclasses.replace(loaded, entries=entries, families=(), maintenance=None, languages=languages)


def records(world: World, **changes: Record) -> None:
    """Write records of all five texts, as of today unless changed."""
    english = {f"404.{name}": getattr(world.catalog.entries[0], name) for name in TEXT_FIELDS}
    english["interface.home"] = world.catalog.languages["en"].strings["home"]
    found = {
        name: Record(digest(text), digest(world.catalog.texts["de"][name].text), "Anna Schmidt")
        for name, text in english.items()
    }
    found.update({name.replace("_", ".", 1): record for name, record in changes.items()})
    world.write("catalog/languages/states/de.json", dump_records(found))


def test_a_translation_that_is_whole(german: World) -> None:
    assert german.findings("missing-translation") == []
    assert german.findings("stale-translation") == []
    assert german.findings("unreviewed-translation") == []
    [language] = german.subject().completeness
    assert (language.tag, language.wanted, language.draft, language.percent) == ("de", 5, 5, 100)


@pytest.mark.parametrize(
    ("complete", "severity", "wants"), [(100, "error", " and the site wants 100 %"), (80, "warning", "")]
)
def test_texts_that_are_missing(german: World, complete: int, severity: str, wants: str) -> None:
    texts = dict(german.catalog.texts["de"])
    del texts["404.headline"]
    german.catalog = dataclasses.replace(german.catalog, texts={"de": texts})
    german.check = CheckSettings(complete=complete)
    [found] = german.findings("missing-translation")
    assert dataclasses.asdict(found) == {
        "id": "missing-translation",
        "severity": severity,
        "message": f"de lacks 1 of 5 texts, 80 % are there{wants}: 404.headline",
        "where": "catalog/languages/de.yaml:4",
        "hint": "translate them; all of them are listed by: errgen translate de",
    }


def test_texts_that_follow_an_older_english_text(german: World) -> None:
    today = german.catalog.texts["de"]["404.detail"].text
    records(german, **{"404_detail": Record(digest("Nothing."), digest(today), "Anna Schmidt")})
    english = german.catalog.entries[0].detail
    assert german.findings("stale-translation") == [
        Finding(
            "stale-translation",
            "warning",
            "404.detail in de was made from an older English text",
            "catalog/languages/de.yaml:6",
            f"compare it with the English of today, “{english}”, and correct it in catalog/languages/de.yaml; where it "
            'still holds, say so: errgen translate de --reviewed-by "NAME" 404.detail',
        )
    ]


def test_a_stale_text_that_a_variety_has_too_is_named_once_at_the_language_that_wrote_it(german: World) -> None:
    records(german, **{"404_detail": Record(digest("Nothing."), digest("Unter dieser Adresse ist nichts."))})
    german.write("catalog/languages/de-AT.yaml", "404:\n  title: Nicht da\n")
    english = catalog.load([settings.shipped() / "catalog"], {"en"})
    folders = [german.project / "shipped/catalog", german.project / "catalog"]
    german.catalog = _only(catalog.load(folders, {"en", "de", "de-AT"}), english)
    german.site = dataclasses.replace(german.site, languages=("en", "de-AT", "de"))
    assert [(one.message, one.where) for one in german.findings("stale-translation")] == [
        ("404.detail in de was made from an older English text", "catalog/languages/de.yaml:6")
    ]


def test_texts_that_nobody_has_reviewed(german: World) -> None:
    german.check = CheckSettings(reviewed=90)
    today, english = german.catalog.texts["de"]["404.detail"].text, german.catalog.entries[0].detail
    records(german, **{"404_detail": Record(digest(english), digest(today))})
    assert german.findings("unreviewed-translation") == [
        Finding(
            "unreviewed-translation",
            "error",
            "4 of 5 texts in de are reviewed, 80 %, and the site wants 90 %",
            "errgen.toml: site.default.check.reviewed",
            'when somebody has read them: errgen translate de --reviewed-by "NAME" KEY, or --all',
        )
    ]
    german.check = CheckSettings(reviewed=80)
    assert german.findings("unreviewed-translation") == []


def test_english_and_what_is_made_from_it_are_no_translations(world: World) -> None:
    world.site = dataclasses.replace(world.site, languages=("en", "en-XA"))
    assert world.subject().completeness == ()
