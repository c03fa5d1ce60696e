"""What the gallery of ``errgen watch`` asks for: its own server, and nobody that a page names; and what it follows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Route, expect

from site_builder.app.rebuild import Rebuilder
from site_builder.app.studio import Studio
from site_builder.preview.server import create_app
from site_builder.serving import running
from tests.app.small import SETTINGS, Live, small_live

from .conftest import Open
from .gallery import expect_large, tile

ELSEWHERE = "https://cdn.example.net"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>'
TEMPLATE = "templates/plain/page.html.j2"
FETCHES = f"""\
<link rel="stylesheet" href="{ELSEWHERE}/style.css">
<link rel="prefetch" href="{ELSEWHERE}/next.html">
<style>@font-face {{ font-family: Far; src: url({ELSEWHERE}/far.woff2) }} h1 {{ font-family: Far }}
main {{ background: url({ELSEWHERE}/ground.png) }}</style>
<img src="{ELSEWHERE}/logo.png" alt=""><img src="http://127.0.0.1:9/counted.gif" alt="">
<iframe src="{ELSEWHERE}/frame.html" title="Frame"></iframe><object data="{ELSEWHERE}/object.svg"></object>
<video src="{ELSEWHERE}/film.mp4" poster="{ELSEWHERE}/poster.png"></video>
<svg><use href="{ELSEWHERE}/sprite.svg#one"></use></svg>
<script src="{ELSEWHERE}/script.js"></script>
"""


@dataclass
class Served:
    """A small project that is built on demand, and its gallery at ``url``."""

    live: Live
    rebuilder: Rebuilder
    url: str

    def save(self, path: str, text: str) -> None:
        """Save a file and build."""
        self.live.write(path, text)
        done = self.rebuilder.turn()
        assert done
        assert done.error is None


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    live = small_live(tmp_path_factory.mktemp("served"), monkeypatch)
    studio = Studio(live.folder / "output")
    rebuilder = Rebuilder(live.folder, live.folder / "output", (), studio)
    live.write("logo.svg", LOGO)
    live.write("errgen.toml", SETTINGS.replace("languages", 'script = true\nlogo = "logo.svg"\nlanguages'))
    rebuilder.turn()
    with running(create_app(studio)) as url:
        yield Served(live, rebuilder, url)


def requests_elsewhere(page: Page, url: str) -> list[str]:
    """What ``page`` asks others than ``url`` for from now on; nobody is asked."""
    asked: list[str] = []

    def note(route: Route) -> None:
        if route.request.url.startswith((url, "data:", "blob:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    page.context.route("**/*", note)
    return asked


def test_a_page_that_names_things_elsewhere_asks_nobody_for_them(tab: Open, served: Served) -> None:
    page_file = (served.live.folder.parent / "shipped" / TEMPLATE).read_text("utf-8")
    served.save(TEMPLATE, page_file.replace("</main>", f"</main>{FETCHES}"))
    path = "pages/static/en/404.html"
    with tab() as shown:
        shown.load(served.live.on_disk()[path])
        assert len({address for address in shown.requests if address.startswith(ELSEWHERE)}) > 5  # as for a visitor
    with tab() as shown:
        asked = requests_elsewhere(shown.page, served.url)
        shown.page.goto(f"{served.url}/default/#page=404&profile=static")
        expect_large(shown.page, "We can’t find that page")
        served.save("catalog/mine.yaml", "404:\n  headline: It is not here\n")  # and the new version in the same frame
        expect_large(shown.page, "It is not here")
        shown.page.locator("#stage").get_by_role("link", name="All pages").click()
        expect(tile(shown.page, "404").locator("iframe")).to_have_count(1)
        for alone in (f"{served.url}/default/{path}", f"{served.url}/_/default/page/plain/static/en/404.html"):
            shown.page.goto(alone, wait_until="load")
            expect(shown.page.locator("h1")).to_have_text("It is not here")
        assert asked == []


def test_pages_of_every_theme_are_whole_without_asking_anybody(tab: Open, served: Served) -> None:
    with tab() as shown:
        asked = requests_elsewhere(shown.page, served.url)
        for theme in ("brand", "minimal", "path", "plain"):
            for key in ("503", "5xx"):
                shown.page.goto(f"{served.url}/_/default/page/{theme}/cloudflare/en/{key}.html", wait_until="load")
                expect(shown.page.get_by_role("button").first).to_be_visible()  # made by the page's script
        assert (asked, shown.complaints) == ([], [])


def test_the_name_the_languages_and_the_edges_of_a_site_are_followed(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(f"{served.url}/default/#page=404&client")
        expect(page.locator(".sign")).to_have_text("Live")
        expect(page).to_have_title("Error pages of Example")
        expect(page.locator("#ask-edge option")).to_have_text(["cloudflare", "nginx"])
        served.live.write("templates/ours/theme.yaml", "name: Ours\ndescription: Ours.\ninherits: plain\n")
        edges = SETTINGS.replace("nginx", "caddy").replace("Example", "Söhne <&> Co")
        served.save("errgen.toml", edges.replace('"de"', '"ar"') + edges.replace("site.default", "site.shop"))
        expect(page).to_have_title("Error pages of Söhne <&> Co")
        expect(page.locator("h1 bdi")).to_have_text("Söhne <&> Co")
        expect(page.locator("#ask-edge option")).to_have_text(["cloudflare", "caddy"])
        expect(page.locator("#choose-theme option")).to_have_text(["Brand", "Minimal", "Ours", "Path", "Plain"])
        built = page.locator("#choose-lang > option")
        expect(built).to_have_count(2)
        assert built.evaluate_all("(all) => all.map((one) => one.value)") == ["en", "ar"]
        sites = page.locator("nav select")
        expect(sites.locator("option")).to_have_text(["default", "shop"])
        sites.select_option("shop")
        expect(page).to_have_url(re.compile(re.escape(f"{served.url}/shop/")))


def test_who_looks_at_a_site_that_is_taken_away_comes_to_another(tab: Open, served: Served) -> None:
    with tab() as shown:
        shown.page.goto(f"{served.url}/default/#page=404")
        expect(shown.page.locator(".sign")).to_have_text("Live")
        expect_large(shown.page, "We can’t find that page")
        served.save("errgen.toml", SETTINGS.replace("site.default", "site.shop").replace("Example", "Shop"))
        expect(shown.page).to_have_url(re.compile(re.escape(f"{served.url}/shop/")))
        expect(shown.page).to_have_title("Error pages of Shop")


def test_findings_of_a_page_are_told_with_their_place_and_what_to_do(tab: Open, served: Served) -> None:
    page_file = (served.live.folder.parent / "shipped" / TEMPLATE).read_text("utf-8")
    served.save(TEMPLATE, page_file.replace("</main>", f'</main>\n<img src="{ELSEWHERE}/logo.png" alt="">'))
    own = SETTINGS + '[site.default.overrides.404]\nheadline = "Ask 10.0.0.7"\n'
    served.save("errgen.toml", own)
    line = own[: own.index("headline")].count("\n") + 1
    with tab() as shown:
        shown.page.goto(f"{served.url}/default/#page=404&profile=static")
        found = shown.page.locator(".findings li")
        expect(found).to_have_count(2)
        for one, texts in zip(
            found.all(),
            (
                ("error", f"<img> fetches {ELSEWHERE}/logo.png", "templates/plain/page.html.j2:", "data: address"),
                ("error", "404.headline has a private address, 10.0.0.7", f"errgen.toml:{line}", "help a visitor"),
            ),
            strict=True,
        ):
            for text in texts:
                expect(one).to_contain_text(text)
        expect_large(shown.page, "Ask 10.0.0.7")
        made_from = shown.page.locator(".facts dl").last
        expect(made_from.get_by_role("button", name=f"errgen.toml:{line}")).to_be_visible()
        expect(made_from).to_contain_text("templates/plain/page.html.j2")
        expect(made_from).not_to_contain_text("page.md.j2")
        shown.page.get_by_role("tab", name="Markdown").click()
        expect(made_from).to_contain_text("page.md.j2")
        expect(made_from).not_to_contain_text("page.html.j2")
