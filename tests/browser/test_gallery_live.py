"""The gallery as ``errgen watch`` serves it, while somebody saves."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from site_builder import settings
from tests.conftest import Project

from .conftest import Open
from .gallery import expect_large, keys, large, tile

SETTINGS = """\
[site.default]
name = "Example"
theme = "ours"
languages = ["en", "de"]
home = "https://example.com/"
contact = "mailto:support@example.com"

[[site.default.edge]]
kind = "cloudflare"
zone = "023e105f4ecef8ad9ca31a8372d0c353"
plan = "business"
languages = ["de"]

[[site.default.edge]]
kind = "nginx"
"""
ENGLISH = "We can’t find that page"
STYLE, TEMPLATE, CATALOG = "templates/ours/style.css", "templates/ours/page.html.j2", "catalog/ours.yaml"
WATCHES_FLASHES = """() => {
  window.empty = 0;
  const look = () => {
    const shown = document.querySelector("#stage iframe:not(.coming)");
    if (!shown?.contentDocument?.body?.childElementCount) window.empty += 1;
    requestAnimationFrame(look);
  };
  look();
}"""


class Watched:
    """A project of one's own theme and catalog, and ``errgen watch`` in it."""

    def __init__(self, folder: Path) -> None:
        self.project = Project(folder)
        self.project.write("errgen.toml", SETTINGS)
        shutil.copytree(settings.shipped() / "templates/plain", folder / "templates/ours")
        self.project.write(CATALOG, f"404:\n  headline: {ENGLISH}\n")
        self.port = "0"
        self.begin()

    def begin(self) -> None:
        self.process = self.project.start("watch", "--port", self.port)
        assert self.process.stdout
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, line
        self.port = found[1]
        while "default: " not in line:  # the first build
            line = self.process.stdout.readline()
            assert line, "errgen watch has ended"

    def end(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/default/"

    def save(self, path: str, text: str) -> None:
        """Save as editors do: a temporary file, renamed."""
        file = self.project.write(path + "~", text)
        file.rename(self.project.folder / path)

    def replace(self, path: str, old: str, new: str) -> None:
        text = self.project.read(path)
        assert old in text
        self.save(path, text.replace(old, new))


@pytest.fixture(scope="module")
def watching(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    one = Watched(tmp_path_factory.mktemp("live"))
    yield one
    one.end()


@pytest.fixture
def watched(watching: Watched) -> Iterator[Watched]:
    """The same for all, its sources as they were before each test, whatever the one before has left."""
    before = {path: watching.project.read(path) for path in (STYLE, TEMPLATE, CATALOG)}
    yield watching
    for path, text in before.items():
        if watching.project.read(path) != text:
            watching.save(path, text)


def expect_live(page: Page) -> None:
    expect(page.locator(".sign")).to_have_text("Live")


def test_a_save_shows_at_once_and_nothing_else_moves(tab: Open, watched: Watched) -> None:
    with tab(viewport={"width": 1280, "height": 420}) as shown:
        page = shown.page
        page.goto(f"{watched.url}#page=404&scheme=dark&width=390")
        expect_live(page)
        expect_large(page, ENGLISH)
        link = large(page).get_by_role("link", name="Contact Example")
        link.focus()
        frame = page.locator("#stage iframe")
        frame.evaluate("(frame) => frame.contentWindow.scrollTo(0, 77)")
        page.evaluate(WATCHES_FLASHES)
        watched.replace(CATALOG, ENGLISH, "Nothing is here")
        expect_large(page, "Nothing is here")
        expect(page.locator("#stage-title")).to_contain_text("Nothing is here")
        assert frame.evaluate("(frame) => frame.contentWindow.scrollY") == 77
        expect(link).to_be_focused()
        expect(frame).to_be_focused()
        watched.replace(STYLE, "--paper: #faf9f6", "--paper: #ffeedd")
        page.get_by_role("radio", name="Light", exact=True).check()
        expect(large(page).locator("body")).to_have_css("background-color", "rgb(255, 238, 221)")
        assert page.evaluate("window.empty") == 0
        assert page.url.endswith("#page=404&scheme=light&width=390")
        watched.replace(STYLE, "--paper: #ffeedd", "--paper: #faf9f6")
        watched.replace(CATALOG, "Nothing is here", ENGLISH)
        expect_large(page, ENGLISH)
        assert shown.complaints == []


def test_two_tabs_and_the_wall_follow(tab: Open, watched: Watched) -> None:
    with tab() as one, tab() as other:
        one.page.goto(watched.url)
        other.page.goto(f"{watched.url}#q=no+such")
        expect(tile(one.page, "404").locator(".screen[data-shows]")).to_be_visible()
        other.page.goto(f"{watched.url}#page=404&lang=de")
        expect_large(other.page, "Wir können diese Seite nicht finden")
        expect_live(one.page)
        expect_live(other.page)
        tile(one.page, "405").locator("a").focus()
        top = one.page.locator("#wall").evaluate("(wall) => (wall.scrollTop = 60)")
        watched.replace(TEMPLATE, '<p class="code">', '<p class="code">Saved. ')
        frame = one.page.frame_locator('.tile[data-key="404"] iframe:not(.coming, .going)')
        expect(frame.locator(".code")).to_contain_text("Saved.")
        expect(large(other.page).locator(".code")).to_contain_text("Saved.")
        expect(tile(one.page, "405").locator("a")).to_be_focused()
        assert one.page.locator("#wall").evaluate("(wall) => wall.scrollTop") == top
        watched.replace(TEMPLATE, '<p class="code">Saved. ', '<p class="code">')
        expect(frame.locator(".code")).not_to_contain_text("Saved.")
        assert one.complaints == other.complaints == []


def test_a_broken_template_is_shown_until_it_is_mended(tab: Open, watched: Watched, axe: str) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(f"{watched.url}#page=404")
        expect_large(page, ENGLISH)
        expect_live(page)
        watched.replace(TEMPLATE, "{% block main %}", "{% blok main %}")
        problem = page.get_by_role("region", name="Problems")
        expect(problem).to_contain_text("Encountered unknown tag 'blok'")
        line = watched.project.read(TEMPLATE).split("{% blok")[0].count("\n") + 1
        expect(problem.locator(".where")).to_have_text(re.compile(rf"templates/ours/page\.html\.j2:{line}"))
        expect(problem.locator(".row.meant")).to_contain_text("{% blok main %}")
        expect(large(page).locator("h1")).to_have_text(ENGLISH)
        assert shown.run(axe.replace("axe.run(document,", "axe.run('.problems',")) == []
        page.get_by_role("button", name="Hide").click()
        expect(problem.locator(".where")).to_be_hidden()
        page.reload()
        expect(problem.locator(".where")).to_be_visible()
        watched.replace(TEMPLATE, "{% blok main %}", "{% block main %}")
        expect(problem).to_be_hidden()
        watched.replace(CATALOG, "headline:", "headlin:")
        expect(problem.locator(".where")).to_have_text(re.compile(r"catalog/ours\.yaml:2"))
        watched.replace(CATALOG, "headlin:", "headline:")
        expect(problem).to_be_hidden()
        image = '<img src="https://cdn.example.net/a.png" alt="">'
        watched.replace(TEMPLATE, '<p class="code">', f'{image}<p class="code">')
        expect(problem.locator(".row.meant")).to_contain_text(image)
        expect(problem).to_contain_text("The pages are built, but not fit to publish.")
        watched.replace(TEMPLATE, image, "")
        expect(problem).to_be_hidden()
        expect_large(page, ENGLISH)


def test_comes_back_after_a_restart(tab: Open, watched: Watched) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(f"{watched.url}#page=404&tab=html")
        expect_large(page, ENGLISH)
        expect_live(page)
        watched.end()
        expect(page.locator(".sign")).to_have_text("Reconnecting")
        expect_large(page, ENGLISH)
        watched.replace(CATALOG, ENGLISH, "Changed while nobody watched")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#stage .screen")).to_have_attribute("data-note", re.compile("does not answer"))
        page.keyboard.press("ArrowLeft")
        watched.begin()
        expect_live(page)
        expect_large(page, "Changed while nobody watched")
        watched.replace(CATALOG, "Changed while nobody watched", ENGLISH)
        expect_large(page, ENGLISH)


def test_what_is_not_built_is_made_when_it_is_asked_for(tab: Open, watched: Watched) -> None:
    with tab(color_scheme="null") as shown:
        page = shown.page
        page.goto(f"{watched.url}#page=404")
        expect_large(page, ENGLISH)
        page.get_by_label("Theme").select_option("path")
        expect(page.locator("#stage .screen")).to_have_attribute("data-shows", re.compile("/page/path/"))
        page.get_by_role("combobox", name="Language").select_option("ja")
        expect(large(page).locator("html[lang=ja]")).to_be_attached()
        expect(page.get_by_label("Facts about this page")).to_contain_text("templates/path/page.html.j2")
        expect(page.get_by_label("Facts about this page")).to_contain_text("Draft")
        page.get_by_label("Made for").select_option("static")
        expect(large(page).locator(".reference")).to_have_count(0)
        page.get_by_role("radio", name="200 %").check()
        expect(large(page).locator(":root")).to_have_css("font-size", "32px")
        page.keyboard.press("-")
        expect(large(page).locator(":root")).to_have_css("font-size", "24px")
        for scheme, color in (("Dark", "dark"), ("Light", "light")):
            page.get_by_role("radio", name=scheme, exact=True).check()
            assert large(page).locator(":root").evaluate(f"() => matchMedia('(prefers-color-scheme: {color})').matches")
        page.get_by_role("tab", name="Markdown").click()
        expect(page.get_by_role("tabpanel").get_by_role("heading", level=3)).to_contain_text("404")
        page.get_by_label("Source").check()
        expect(page.get_by_role("tabpanel")).to_contain_text("# ")
        page.get_by_role("tab", name="JSON").click()
        expect(page.locator(".json-name").first).to_have_text('"type"')
        page.get_by_role("tab", name="Headers").click()
        expect(page.get_by_role("tabpanel")).to_contain_text("text/html; charset=utf-8")
        assert shown.complaints == []


def test_nothing_in_a_page_leads_away_and_keys_work_there(tab: Open, watched: Watched) -> None:
    requests: list[str] = []
    with tab() as shown:
        page = shown.page
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{watched.url}#page=404")
        expect_large(page, ENGLISH)
        large(page).get_by_role("link", name="Go to the home page").click()
        expect(page.locator(".toast")).to_contain_text("https://example.com/")
        page.keyboard.press("]")
        expect_large(page, "Wir können diese Seite nicht finden")
        large(page).locator("a").first.focus()
        page.keyboard.press("Escape")
        expect(page.locator("#stage")).to_be_hidden()
        expect(tile(page, "404").locator("a")).to_be_focused()
        assert shown.complaints == []
    assert {url for url in requests if not url.startswith((watched.url.removesuffix("default/"), "data:"))} == set()


def test_asks_as_any_client(tab: Open, watched: Watched, axe: str) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(watched.url)
        expect_live(page)
        page.keyboard.press("c")
        answer = page.locator(".answer")
        expect(answer).to_contain_text("in English as HTML")
        page.get_by_role("button", name="axios, Angular").click()
        expect(answer).to_contain_text("in English as JSON")
        expect(answer.get_by_label("Body")).to_contain_text('"error_code": 404')
        page.get_by_role("button", name="Claude Code").click()
        expect(answer).to_contain_text("in English as Markdown")
        page.locator("#ask-code").fill("503")
        expect(answer.locator(".status")).to_have_text("503")
        page.locator("#ask-accept").fill("text/html")
        page.locator("#ask-language").fill("de-AT, en;q=0.5")
        expect(answer).to_contain_text("in German as HTML")
        expect(answer.get_by_label("Why")).to_contain_text("errgen_default_")
        expect(answer.get_by_role("table")).to_contain_text("content-type")
        assert shown.run(axe.replace("axe.run(document,", "axe.run('#client',")) == []
        page.locator("#ask-edge").select_option("nginx")
        expect(answer.get_by_label("Why")).to_contain_text("nginx")
        page.locator("#ask-code").fill("299")
        expect(page.locator("#ask-code-note")).to_contain_text("No page stands for 299.")
        page.locator("#ask-code").fill("502")
        page.locator("#ask-edge").select_option("cloudflare")
        again = page.url
        page.goto("about:blank")
        page.goto(again)
        expect(page.locator("#ask-accept")).to_have_value("text/html")
        expect(answer.locator(".status")).to_have_text("502")
        page.get_by_role("link", name="Open this page").click()
        expect(page.get_by_role("combobox", name="Language")).to_have_value("de")
        expect(page.locator("#stage-title")).to_contain_text("502")
        page.go_back()
        expect(answer.locator(".status")).to_have_text("502")
        page.keyboard.press("Escape")
        expect(page.locator("#client")).to_be_hidden()
        assert keys(page)
