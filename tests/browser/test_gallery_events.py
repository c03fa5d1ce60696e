"""The gallery while builds come and fail, over a project that is built when a test says so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Route, expect

from site_builder.preview.events import Events
from site_builder.preview.server import create_app
from site_builder.serving import running
from tests.app.small import Live, small_live

from .conftest import Open
from .gallery import expect_large, large, tile

CATALOG = "catalog/ours.yaml"
NAMED = "templates/50% a#b?"
BROKEN = "templates/broken"
OTHER = "templates/other"
GOES_WHILE_ASKED_FOR = """async () => {
  const { catalog: { data }, wall } = gallery;
  const { key, frame } = [...wall.tiles.values()].find((tile) => tile.frame.current);
  frame.url += "1";
  const asked = frame.renew(frame.url);
  gallery.renewed({ ...data, entries: data.entries.filter((entry) => entry.key !== key) });
  await asked;
  return [frame.current, frame.host.dataset.shows ?? null];
}"""
FAILS_TO_LOAD = """async () => {
  const { wall } = gallery;
  wall.load = () => { throw new Error("it fails"); };
  wall.waiting.add([...wall.tiles.values()].find((tile) => tile.near));
  await wall.loadWaiting().catch(() => null);
  return wall.loading;
}"""
FAILS_AFTER_ONE_THAT_IS_ON_ITS_WAY = """async () => {
  const { frame } = gallery.stage;
  const [renew, asked] = [frame.renew, []];
  frame.renew = (...how) => asked.push(renew.apply(frame, how));
  for (const version of ["coming", "failing"]) frame.show(frame.url.replace(/v=.*/, `v=${version}`), frame.look);
  await Promise.all(asked);
  return [asked.length, frame.url];
}"""


@dataclass
class Served:
    """The project and where its gallery is."""

    live: Live
    url: str

    def open(self, page: Page, view: str) -> None:
        """Open a view, and wait until the next build makes first what is in it."""
        with page.expect_response("**/_/view"):
            page.goto(f"{self.url}#{view}")
        expect(page.locator(".sign")).to_have_text("Live")

    def save(self, headline: str, *more: str) -> None:
        """Build with this headline of 404."""
        self.live.write(CATALOG, "\n".join([*more, "404:", f"  headline: {headline}", ""]))
        done = self.live.turn()
        assert done is None or done.error is None


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        live = small_live(tmp_path_factory.mktemp("events"), patch)
        live.studio.events = Events()
        live.write(f"{OTHER}/theme.yaml", "name: Other\ndescription: Another.\ninherits: plain\n")
        live.write(f"{NAMED}/theme.yaml", "name: Named\ndescription: A name to encode.\ninherits: plain\n")
        live.write(f"{BROKEN}/theme.yaml", "name: Broken\ndescription: It does not render.\ninherits: plain\n")
        live.write(f"{BROKEN}/page.html.j2", "{% blok main %}")
        live.turn()
        with running(create_app(live.studio)) as url:
            yield Served(live, f"{url}/default/")


def test_a_page_in_another_theme_follows_a_save(tab: Open, served: Served) -> None:
    with tab() as shown:
        served.save("Before")
        served.open(shown.page, "page=404&theme=other")
        expect_large(shown.page, "Before")
        served.save("After")
        expect_large(shown.page, "After")
        assert shown.complaints == []


def test_headers_and_facts_follow_a_save(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        served.save("Before")
        served.open(page, "page=404&tab=headers")
        place = page.locator(".facts .place", has_text="ours.yaml").last
        expect(place).to_have_text(re.compile(r"ours\.yaml:1$"))
        served.save("After", "# one", "# two")
        expect(page.locator("#stage-title")).to_contain_text("After")
        expect(place).to_have_text(re.compile(r"ours\.yaml:3$"))
        assert shown.complaints == []


def test_what_a_client_gets_follows_a_save(tab: Open, served: Served) -> None:
    with tab() as asking, tab() as looking:
        served.save("Before")
        served.open(looking.page, "page=404")  # so that there is something to make early
        asking.page.goto(f"{served.url}#client&accept=text/html")
        expect(asking.page.locator(".sign")).to_have_text("Live")
        body = asking.page.locator(".answer").get_by_label("Body")
        expect(body).to_contain_text("Before")
        served.save("After")
        expect(body).to_contain_text("After")
        assert asking.complaints == looking.complaints == []


def test_a_page_of_a_build_that_failed_while_nobody_was_told_is_taken_back(tab: Open, served: Served) -> None:
    early = "<!doctype html><title>Early</title><h1>Early</h1>"
    with tab() as shown:
        served.save("Good")
        served.open(shown.page, "page=404&profile=cloudflare")
        expect_large(shown.page, "Good")
        path = "cloudflare/en/404.html"
        event = {"version": 2**40, "pages": {path: {"bytes": 1, "sha256": "0"}}, "contents": {path: early}}
        shown.run("(event) => gallery.live.pages(event)", {**event, "gone": [], "complete": False})
        expect_large(shown.page, "Early")
        shown.run("() => { gallery.live.close(); gallery.live.open(); }")
        expect_large(shown.page, "Good")
        assert shown.complaints == []


def test_a_problem_is_shown_until_it_is_mended_whatever_is_answered_late(tab: Open, served: Served) -> None:
    wrong = {"faults": [{"where": "a.yaml:1", "message": "It is wrong", "hint": None}], "since": 1, "built": False}
    with tab() as shown:
        page = shown.page
        served.save("Before")
        served.open(page, "page=404")
        late: list[Route] = []
        page.route("**/gallery.json", lambda route: late.append(route))
        for problem, headline in ((wrong, "While it is wrong"), (None, "When it is mended")):
            with page.expect_request("**/gallery.json"):
                served.save(headline)
            before = {**served.live.studio.data("default"), "problem": None if problem else wrong}
            served.live.studio.has_problem(problem)
            expect(page.locator(".problems")).to_be_visible(visible=bool(problem))
            late.pop().fulfill(json=before)
            expect(page.locator("#stage-title")).to_contain_text(headline)
            assert page.locator(".problems").is_visible() is bool(problem)
        assert shown.complaints == []


def test_a_theme_that_does_not_render_says_why_in_place_of_the_one_before(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        served.save("Fine")
        served.open(page, "page=404")
        expect_large(page, "Fine")
        page.get_by_label("Theme").select_option("broken")
        expect(large(page).locator("body")).to_contain_text(f"{BROKEN}/page.html.j2:1")
        expect(page.locator("#stage iframe")).to_have_count(1)
        page.get_by_label("Theme").select_option("other")
        expect_large(page, "Fine")


def test_a_page_that_goes_while_it_is_asked_for_is_let_go_of(tab: Open, served: Served) -> None:
    with tab() as shown:
        served.open(shown.page, "")
        expect(tile(shown.page, "404").locator(".screen[data-shows]")).to_be_visible()
        assert shown.run(GOES_WHILE_ASKED_FOR) == [None, None]
        assert shown.complaints == []


def test_what_cannot_be_had_leaves_the_page_that_is_painted(tab: Open, served: Served) -> None:
    with tab() as shown:
        served.save("Painted")
        served.open(shown.page, "page=404")
        expect_large(shown.page, "Painted")
        screen = shown.page.locator("#stage .screen")
        expect(screen).to_have_attribute("data-shows", re.compile("404"))
        painted = screen.get_attribute("data-shows")
        shown.page.route("**/*v=failing", lambda route: route.abort())
        assert shown.run(FAILS_AFTER_ONE_THAT_IS_ON_ITS_WAY) == [2, painted]
        expect_large(shown.page, "Painted")


def test_a_theme_may_be_called_as_a_folder_may_be(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        served.save("Fine")
        served.open(page, "page=404")
        with page.expect_response("**/facts/50**") as facts:
            page.get_by_label("Theme").select_option("50% a#b?")
        assert facts.value.ok
        expect(page.locator("#stage .screen")).to_have_attribute("data-shows", re.compile("50%25%20a%23b%3F"))
        expect_large(page, "Fine")
        assert shown.complaints == []


def test_one_thumbnail_that_fails_keeps_no_other_from_being_loaded(tab: Open, served: Served) -> None:
    with tab() as shown:
        served.open(shown.page, "")
        expect(tile(shown.page, "404").locator(".screen[data-shows]")).to_be_visible()
        assert shown.run(FAILS_TO_LOAD) is False


def test_an_answer_that_breaks_off_is_asked_for_again_when_the_server_is_back(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        served.save("Here")
        served.open(page, "page=404")
        expect_large(page, "Here")
        page.route(
            "**/gallery.json", lambda route: route.fulfill(body='{"site": "def', content_type="application/json")
        )
        shown.run("() => gallery.live.renew()")
        page.unroute("**/gallery.json")
        served.save("Back")
        expect(page.locator("#stage-title")).to_contain_text("Back")
        assert shown.complaints == []


def test_who_asks_as_a_client_is_told_that_the_server_fails(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        page.route("**/ask", lambda route: route.fulfill(status=500, body="Internal Server Error"))
        page.goto(f"{served.url}#client")
        refused = page.locator(".answer .refused")
        expect(refused).to_have_text("The server fails with 500: Internal Server Error")
        page.unroute("**/ask")
        page.route("**/ask", lambda route: route.abort())
        page.locator("#ask-code").fill("503")
        expect(refused).to_contain_text("The server does not answer.")
        page.unroute("**/ask")
        page.locator("#ask-code").fill("404")
        expect(page.locator(".answer .status")).to_have_text("404")
