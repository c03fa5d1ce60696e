from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from site_builder import catalog as catalogs
from site_builder import settings
from site_builder.app.press import Press
from site_builder.app.sources import Sources
from site_builder.model import PROFILES, Entry, Language, Page, Site, Source
from site_builder.rendering import Renderer
from tests.app.small import SETTINGS, TEAPOT, Live, small_live

STATIC = PROFILES["static"]
SITE = Site("shop", "Shop", "plain", ("en",), "/")


@pytest.fixture(scope="module")
def catalog() -> catalogs.Catalog:
    return catalogs.load([settings.shipped() / "catalog"], ["en", "de"], own=False)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the entries that were rendered, in order."""
    keys: list[str] = []
    render: Callable[..., object] = Renderer.render

    def noted(self: Renderer, entry: Entry, *others: object) -> object:
        keys.append(entry.key)
        return render(self, entry, *others)

    monkeypatch.setattr(Renderer, "render", noted)
    return keys


def press(most: int | None = None) -> Press:
    return Press([settings.shipped() / "templates"], most)


def content(pages: tuple[Page, ...]) -> list[tuple[str, bytes]]:
    return [(page.path, page.content) for page in pages]


def test_what_was_rendered_is_kept(catalog: catalogs.Catalog, rendered: list[str]) -> None:
    one, entry, english = press(), catalog.entries[0], catalog.language("en")
    first = one.pages(entry, english, STATIC, SITE)
    again = one.pages(dataclasses.replace(entry), dataclasses.replace(english), STATIC, dataclasses.replace(SITE))
    assert again == first
    assert rendered == [entry.key]


def test_pages_know_where_their_entry_is_now(catalog: catalogs.Catalog, rendered: list[str]) -> None:
    one, entry, english = press(), catalog.entries[0], catalog.language("en")
    first = one.pages(entry, english, STATIC, SITE)
    moved = dataclasses.replace(entry, source=Source(entry.source.file, entry.source.line + 7), weight=entry.weight + 1)
    pages = one.pages(moved, english, STATIC, SITE)
    assert {page.entry for page in pages} == {moved}
    assert content(pages) == content(first)
    assert rendered == [entry.key]


@pytest.mark.parametrize(
    "change",
    [
        lambda entry, language, site: (dataclasses.replace(entry, headline="Other words"), language, site),
        lambda entry, language, site: (
            entry,
            dataclasses.replace(language, strings={**language.strings, "home": "Back"}),
            site,
        ),
        lambda entry, language, site: (entry, language, dataclasses.replace(site, title="Other")),
        lambda entry, language, site: (entry, language, dataclasses.replace(site, theme="path")),
    ],
)
def test_what_a_page_shows_decides(
    catalog: catalogs.Catalog, change: Callable[[Entry, Language, Site], tuple[Entry, Language, Site]]
) -> None:
    one, entry, english = press(), catalog.entries[0], catalog.language("en")
    before = one.pages(entry, english, STATIC, SITE)
    other, language, site = change(entry, english, SITE)
    after = one.pages(other, language, STATIC, site)
    assert content(after) == content(press().pages(other, language, STATIC, site)) != content(before)
    assert content(one.pages(entry, english, STATIC, SITE)) == content(before)


def test_it_keeps_no_more_than_it_may(catalog: catalogs.Catalog, rendered: list[str]) -> None:
    one, english = press(2), catalog.language("en")
    a, b, c = catalog.entries[:3]
    for entry in (a, b, a, c, b, a):
        one.pages(entry, english, STATIC, SITE)
    assert rendered == [a.key, b.key, c.key, a.key]


def test_it_lets_go_of_what_there_is_not_any_more(catalog: catalogs.Catalog, rendered: list[str]) -> None:
    one, english = press(), catalog.language("en")
    a, b = catalog.entries[:2]
    other = dataclasses.replace(SITE, name="other")
    asked = [(a, SITE), (b, SITE), (a, other)]
    for keep, again in (
        (([SITE, other], [a, b]), []),
        (([SITE, other], [a]), [b.key]),
        (([other], [a, b]), [a.key, b.key]),
        (([dataclasses.replace(SITE, theme="path"), other], [a, b]), [a.key, b.key]),
        (([dataclasses.replace(SITE, languages=("de",)), other], [a, b]), [a.key, b.key]),
    ):
        for entry, site in asked:
            one.pages(entry, english, STATIC, site)
        rendered.clear()
        one.keep_only(*keep)
        for entry, site in asked:
            one.pages(entry, english, STATIC, site)
        assert rendered == again


def test_a_build_lets_go_of_sites_and_entries_that_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live: Live = small_live(tmp_path, monkeypatch)
    live.write("catalog/mine.yaml", TEAPOT)
    live.turn()
    assert live.studio.build
    printed = live.studio.build.sources.press
    before = set(printed._printed)
    live.write("catalog/mine.yaml", "404:\n  headline: Other\n")
    live.turn()
    kept = {key for key in before if key[3] != "418"}
    assert set(printed._printed) == kept != before
    live.write("errgen.toml", SETTINGS.replace("default", "other"))
    live.turn()
    assert set(printed._printed) == {("other", *key[1:]) for key in kept}


def test_sources_take_over_what_has_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live: Live = small_live(tmp_path, monkeypatch)
    first = Sources.of(live.folder)
    whole, states = first.whole_catalog(), first.states()
    live.write("templates/ours/style.css", "p {}")
    styled = first.renewed(Sources.of(live.folder).inputs)
    assert (styled.settings(), styled.whole_catalog()) == (first.settings(), whole)
    assert styled.whole_catalog() is whole
    assert styled.states() == states
    assert styled.press is not first.press
    live.write("catalog/mine.yaml", "404:\n  headline: Other\n")
    written = styled.renewed(Sources.of(live.folder).inputs)
    assert written.settings() is first.settings()
    assert written.press is styled.press
    assert written.catalog().entries[0].headline == "Other"


def test_a_language_with_a_fault_is_no_matter_of_those_that_do_not_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = small_live(tmp_path, monkeypatch)
    live.write("catalog/languages/ar.yaml", "404:\n  headlin: x\n")
    assert live.turn()
    assert live.studio.problem is None
    assert [one["tag"] for one in live.studio.data("default")["languages"]] == ["en", "de"]
