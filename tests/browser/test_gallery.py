"""The gallery of what was built, opened as a file: nothing answers but the disk."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from site_builder.preview.gallery import ASSETS

from .conftest import Open, Shown
from .gallery import expect_large, keys, large, style_of, tile, write_site
from .samples import site

HEADLINES = {"en": "We can’t find that page", "de": "Wir können diese Seite nicht finden"}


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_site(tmp_path_factory.mktemp("gallery")).as_uri()


@pytest.fixture
def axe_outside(axe: str) -> str:
    """axe-core for the gallery alone: the pages in its frames have tests of their own."""
    return axe.replace("axe.run(document,", "axe.run({exclude: [['iframe']]},")


def headline(key: str, language: str = "en") -> str:
    return next(entry.headline for entry in site("plain").texts[language] if entry.key == key)


def loaded(page: Page) -> set[str]:
    found = page.evaluate("[...document.querySelectorAll('.tile iframe')].map((one) => one.closest('li').dataset.key)")
    return set(found)


def address(page: Page) -> str:
    return unquote(page.url.partition("#")[2])


def test_pages_are_loaded_where_one_looks_and_nothing_else_is(tab: Open, gallery: str) -> None:
    requests: list[str] = []
    with tab() as shown:
        shown.page.on("request", lambda request: requests.append(request.url))
        shown.page.goto(gallery)
        expect(tile(shown.page, "400").locator(".screen[data-shows]")).to_be_visible()
        every = keys(shown.page)
        assert len(every) == len(site("plain").entries)
        assert every[0] == "400"
        assert every[-1] == "maintenance"
        expect(shown.page.locator(".count")).to_have_text(f"{len(every)} pages")
        assert "400" in loaded(shown.page)
        assert "maintenance" not in loaded(shown.page)
        tile(shown.page, "maintenance").scroll_into_view_if_needed()
        expect(tile(shown.page, "maintenance").locator(".screen[data-shows]")).to_be_visible()
        expect(tile(shown.page, "400").locator("iframe")).to_have_count(0)
        assert len(loaded(shown.page)) < 60
        assert shown.complaints == []
    root = gallery.removesuffix("index.html")
    assert [url for url in requests if not url.startswith((root, "data:"))] == []


def test_search_by_code_name_and_text(tab: Open, gallery: str) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(gallery)
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("52")
        expect(page.locator(".count")).to_have_text(re.compile("of"))
        assert keys(page) == ["520", "521", "522", "523", "524", "525", "526", "527"]
        page.keyboard.type("5")
        assert keys(page) == ["525"]
        expect(page.get_by_role("status").first).to_have_text(f"1 of {len(site('plain').entries)} pages")
        page.keyboard.press("Enter")
        expect_large(page, headline("525"))
        expect(page.locator("#stage-title")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#stage")).to_be_hidden()
        page.get_by_role("searchbox").fill("can't find that page")
        assert "404" in keys(page)
        for words, expected in {
            "HTTP error 502": "502",
            "404, 503": "404 503",
            "52?": "520 521 522 523 524 525 526 527",
            "40*": "400 401 402 403 404 405 406 407 408 409",
            "bad gateway 5xx": "502",
        }.items():
            page.get_by_role("searchbox").fill(words)
            assert keys(page) == expected.split()
        page.get_by_role("searchbox").fill("no such words")
        expect(page.get_by_text("No page is like that.")).to_be_visible()
        page.get_by_role("link", name="Show all pages").click()
        assert len(keys(page)) == len(site("plain").entries)
        page.get_by_label("Language").select_option("de")
        page.get_by_role("searchbox").fill("konnen DIESE seite")
        texts = [
            f"{one.title} {one.headline} {one.detail} {one.what_you_should_do}" for one in site("plain").texts["de"]
        ]
        found = [text for text in texts if all(word in text.lower() for word in ("können", "diese", "seite"))]
        assert len(keys(page)) >= len(found) > 0
        assert "404" in keys(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("searchbox")).to_have_value("")
        assert address(page) == "lang=de"
        assert shown.complaints == []


def test_filters_count_and_combine_and_are_in_the_address(tab: Open, gallery: str) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(gallery)
        entries = site("plain").entries
        page.locator("#filter-group [value='5xx']").check()
        page.locator("#filter-retry [value=yes]").check()
        wanted = [entry.key for entry in entries if entry.code and entry.code // 100 == 5 and entry.retryable]
        assert sorted(keys(page)) == sorted(wanted)
        assert page.get_by_role("checkbox", name=f"Worth retrying {len(wanted)}", exact=True).is_visible()
        assert address(page) == "group=5xx&retry=yes"
        page.locator("#filter-who [value=visitor]").check()
        owners = {entry.who_acts for entry in entries if entry.key in wanted}
        assert len(keys(page)) == sum(entry.who_acts == "visitor" for entry in entries if entry.key in wanted), owners
        page.get_by_role("link", name="Show all", exact=True).click()
        page.get_by_label("Language").select_option("de")
        page.locator("#filter-translation [value=fallback]").check()
        translated = {entry.key for entry in site("plain").texts["de"]}
        assert keys(page)
        assert set(keys(page)) == {entry.key for entry in entries} - translated
        expect(tile(page, "1020")).to_contain_text("answered by access_denied")
        again = page.url
        page.goto("about:blank")
        page.goto(again)
        assert set(keys(page)) == {entry.key for entry in entries} - translated
        expect(page.get_by_label("Language")).to_have_value("de")
        assert shown.complaints == []


def test_keys_lead_everywhere_and_back(tab: Open, gallery: str) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(gallery)
        page.locator("#wall").focus()
        page.keyboard.press("Tab")
        page.evaluate("document.querySelector('.tile a[tabindex=\"0\"]').focus()")
        assert page.locator(".tile a[tabindex='0']").count() == 1
        columns = page.evaluate(
            "getComputedStyle(document.querySelector('.tiles')).gridTemplateColumns.split(' ').length"
        )
        every = keys(page)
        page.keyboard.press("ArrowRight")
        expect(tile(page, every[1]).locator("a")).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(tile(page, every[1 + columns]).locator("a")).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowLeft")
        expect(tile(page, every[0]).locator("a")).to_be_focused()
        page.keyboard.press("End")
        expect(tile(page, every[-1]).locator("a")).to_be_focused()
        page.keyboard.press("Home")
        page.keyboard.press("Enter")
        expect_large(page, headline("400"))
        expect(page.locator("#stage-title")).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect_large(page, headline("401"))
        page.keyboard.press("]")
        expect_large(page, headline("401", "de"))
        page.keyboard.press("[")
        expect_large(page, headline("401"))
        page.keyboard.press("Escape")
        expect(tile(page, "401").locator("a")).to_be_focused()
        page.go_back()
        expect_large(page, headline("401"))
        page.go_back()
        expect(page.locator("#stage")).to_be_hidden()
        page.go_forward()
        expect_large(page, headline("401"))
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
        page.get_by_label("Keys of one letter or sign").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("]")
        expect(page.get_by_label("Language")).to_have_value("en")
        assert shown.complaints == []


def test_a_page_in_every_way_it_can_be_shown(tab: Open, gallery: str) -> None:
    with tab(color_scheme="null") as shown:
        page = shown.page
        page.goto(gallery + "#page=404")
        expect_large(page, HEADLINES["en"])
        page.get_by_label("Language").select_option("de")
        expect_large(page, HEADLINES["de"])
        page.get_by_label("Made for").select_option("static")
        expect(page.locator("#stage iframe")).to_have_count(1)
        expect(large(page).locator(".reference")).to_have_count(0)
        body = large(page).locator("body")
        colors = {}
        for scheme in ("Light", "Dark"):
            page.get_by_role("radio", name=scheme, exact=True).check()
            colors[scheme] = style_of(body, "background-color")
        assert colors == {"Light": "rgb(250, 249, 246)", "Dark": "rgb(20, 23, 26)"}
        for width in ("320", "390", "768", "1280"):
            page.get_by_role("radio", name=width).check()
            assert large(page).locator(":root").evaluate("() => innerWidth") == int(width)
        expect(page.locator(".measure")).to_have_text(re.compile(r"1,280 px at \d\d %"))
        assert address(page) == "page=404&lang=de&profile=static&scheme=dark&width=1280"
        assert page.get_by_role("radio", name="150 %").is_disabled()
        size = len(site("plain").files["pages/static/de/404.html"])
        expect(page.get_by_label("Facts about this page")).to_contain_text(f"{size:,} of 10,000 bytes")
        expect(page.get_by_label("Facts about this page")).to_contain_text("catalog/http.yaml:")
        page.get_by_role("tab", name="JSON").click()
        plain = page.frame_locator("iframe[title=JSON]")
        expect(plain.locator("body")).to_contain_text('"error_code": 404')
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="Markdown")).to_be_focused()
        expect(page.frame_locator("iframe[title=Markdown]").locator("body")).to_contain_text("# Fehler 404")
        page.get_by_role("tab", name="Headers").click()
        expect(page.get_by_role("tabpanel")).to_contain_text("application/problem+json; charset=utf-8")
        again = page.url
        page.goto("about:blank")
        page.goto(again)
        expect(page.get_by_role("tab", name="Headers")).to_have_attribute("aria-selected", "true")
        assert shown.complaints == []


def test_the_keyboard_loses_its_place_nowhere(tab: Open, gallery: str) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(gallery + "#q=nothing+of+this+kind")
        page.get_by_role("link", name="Show all pages").focus()
        page.keyboard.press("Enter")
        expect(tile(page, "400").locator("a")).to_be_focused()
        page.locator("#filter-group [value='5xx']").focus()
        page.keyboard.press("Space")
        page.get_by_role("link", name="Show all", exact=True).focus()
        page.keyboard.press("Enter")
        expect(tile(page, "500").locator("a")).to_be_focused()
        page.locator("#filter-who [value=owner]").focus()
        page.keyboard.press("]")
        expect(page.get_by_label("Language")).to_have_value("de")
        expect(page.locator("#filter-who [value=owner]")).to_be_focused()
        for key, words in (
            ("t", "There is no other theme, only plain"),
            ("c", "This is what was built; errgen watch asks as any client"),
            ("+", "Text sizes need errgen watch, or this folder on a web server"),
            ("s", "Open a page first: this key is for one page"),
        ):
            page.keyboard.press(key)
            expect(page.locator(".toast")).to_have_text(words)
        assert shown.complaints == []


SEEN = """() => ({
  values: [...document.querySelectorAll("input[type=search], .switches select")].map((one) => one.value),
  checked: [...document.querySelectorAll("input:checked")].map((one) => `${one.name} ${one.value}`),
  tiles: [...document.querySelectorAll(".tile:not([hidden])")].map((one) => one.dataset.key),
  views: [...document.querySelectorAll(".view")].map((one) => [one.hidden, one.inert]),
  page: document.querySelector("#stage:not([hidden]) h2")?.textContent,
  tab: document.querySelector("#stage:not([hidden]) [aria-selected=true]")?.textContent,
})"""
"""What somebody sees of the state of the gallery, whatever its address says."""


def test_what_one_sees_has_an_address_that_brings_it_back(tab: Open, gallery: str) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(gallery)
        page.get_by_role("searchbox").fill("50")
        page.locator("#filter-group [value='5xx']").check()
        page.locator("#filter-retry [value=yes]").check()
        page.get_by_label("Language").select_option("de")
        page.get_by_label("Made for").select_option("static")
        page.get_by_role("radio", name="Dark", exact=True).check()
        page.get_by_role("radio", name="390").check()
        wall, wall_seen = page.url, shown.run(SEEN)
        tile(page, "503").locator("a").click()
        page.get_by_role("tab", name="Markdown").click()
        stage, stage_seen = page.url, shown.run(SEEN)
        assert stage_seen["tab"] == "Markdown"
        page.get_by_role("searchbox").press("End")
        page.get_by_role("searchbox").press("3")
        expect(page.locator("#stage")).to_be_hidden()
        searched = shown.run(SEEN)
        assert searched["tiles"] == ["503"]
        page.go_back()
        assert (page.url, shown.run(SEEN)) == (stage, stage_seen)
        page.go_back()
        assert (page.url, shown.run(SEEN)) == (wall, wall_seen)
        page.go_forward()
        page.go_forward()
        assert shown.run(SEEN) == searched
        for url, seen in ((stage, stage_seen), (wall, wall_seen)):
            page.goto("about:blank")
            page.goto(url)
            assert shown.run(SEEN) == seen
            page.reload()
            assert shown.run(SEEN) == seen
        assert shown.complaints == []


def test_an_address_that_means_nothing_does_no_harm(tab: Open, gallery: str) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(gallery + "#page=nope&width=abc&tab=xyz&scheme=pink&text=7&lang=%00&who=nobody&group=9xx&q=%E2")
        expect(page.get_by_text("No page is like that.")).to_be_visible()
        page.get_by_role("link", name="Show all pages").click()
        expect(tile(page, "400").locator(".screen[data-shows]")).to_be_visible()
        page.evaluate("gallery.state.set({ q: 'half of a sign: \\ud83d' })")
        expect(page.get_by_text("No page is like that.")).to_be_visible()
        page.goto(gallery + "#page=404&tab=xyz&width=-1")
        expect_large(page, HEADLINES["en"])
        assert shown.complaints == []


def test_what_is_not_built_is_not_offered(tab: Open, gallery: str) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(gallery + "#page=404&lang=fr&theme=path&client")
        expect_large(page, HEADLINES["en"])
        assert page.get_by_label("Language").locator("option").evaluate_all("all => all.map((one) => one.value)") == [
            "en",
            "de",
            "ar",
        ]
        expect(page.get_by_label("Theme")).to_be_hidden()
        assert page.get_by_role("link", name="As a client").count() == 0
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("errgen watch")
        assert shown.complaints == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_nobody_is_left_out_of_the_gallery(tab: Open, axe_outside: str, gallery: str, scheme: str, width: int) -> None:
    found: dict[str, list[str]] = {}
    with tab(color_scheme=scheme, viewport={"width": width, "height": 720}, reduced_motion="reduce") as shown:
        page = shown.page
        page.goto(gallery + "#lang=ar")
        expect(page.locator(".tile .screen[data-shows]").first).to_be_visible()
        found["wall"] = shown.run(axe_outside)
        page.goto(f"{gallery}#page=404&lang=de")
        expect(page.locator("#stage-title")).to_be_visible()
        found["stage"] = shown.run(axe_outside)
        page.keyboard.press("?")
        found["help"] = shown.run(axe_outside)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert shown.complaints == []
    assert {place: problems for place, problems in found.items() if problems} == {}


def test_markdown_reads_as_its_readers_read_it(tab: Open) -> None:
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark")
    pages = {path: content.decode() for path, content in site("plain").files.items() if path.endswith(".md")}
    with tab() as shown:
        _serve_modules(shown)
        rendered = shown.run(
            "(pages) => Object.fromEntries(Object.entries(pages).map(([path, text]) => [path, show(text)]))", pages
        )
        expected = shown.run(
            "(pages) => Object.fromEntries(Object.entries(pages).map(([path, html]) => [path, seen(html)]))",
            {path: reader.render(text.partition("\n---\n")[2]) for path, text in pages.items()},
        )
    assert len(pages) > 100
    assert rendered == expected


def _serve_modules(shown: Shown) -> None:
    """The gallery's modules as they are, in a page that has ``show`` and ``seen``: text and marks, block by block."""
    script = """
      import { renderedMarkdown } from "./reading.js";
      const blocks = (elements) => elements.map((one) => [one.textContent.trim().replace(/\\s+/g, " "),
        [...one.querySelectorAll("strong, em, code, a")].map((mark) => `${mark.localName} ${mark.textContent}`)]);
      window.show = (text) => blocks(renderedMarkdown(text).filter((one) => one.localName !== "table"));
      window.seen = (html) => blocks([...new DOMParser().parseFromString(html, "text/html").body.children]);
      window.ready = true;
    """

    def answer(route):  # type: ignore[no-untyped-def]  # a Route, whose type the caller of this knows
        name = route.request.url.rpartition("/")[2]
        if name == "page":
            route.fulfill(body=f"<!doctype html><script type=module>{script}</script>", content_type="text/html")
        else:
            route.fulfill(body=(ASSETS / name).read_text("utf-8"), content_type="text/javascript")

    shown.page.route("**/*", answer)
    shown.page.goto("https://www.example.com/page")
    shown.page.wait_for_function("window.ready")
