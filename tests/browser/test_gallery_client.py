"""The gallery's form for asking as a client, served by the studio itself, filled in by people who err."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from site_builder.edges._clients import CLIENTS
from site_builder.preview.events import Events
from site_builder.preview.server import create_app
from site_builder.serving import running
from tests.app.small import SETTINGS, Live, small_live

from .conftest import Open

HEADERS = Path(__file__).parents[1] / "edges/cloudflare/accept_headers.txt"
ONE_EDGE = SETTINGS.partition('\n[[site.default.edge]]\nkind = "nginx"')[0]
IN_VIEW = """(element) => { const box = element.getBoundingClientRect();
  return box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight; }"""


@dataclass
class Served:
    """A project that is built when a test says so, and where its gallery is."""

    live: Live
    url: str

    def save(self, settings: str) -> None:
        self.live.write("errgen.toml", settings)
        assert self.live.turn()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        live = small_live(tmp_path_factory.mktemp("client"), patch)
        live.studio.events = Events()
        live.turn()
        with running(create_app(live.studio)) as url:
            yield Served(live, f"{url}/default/")


def reply(page: Page) -> Locator:
    return page.locator(".answer:not(.old) .reply p")


def mistake(page: Page, field: str) -> Locator:
    """What is said to be wrong with a field; nothing else may be."""
    expect(page.locator("[aria-invalid=true]")).to_have_id(f"ask-{field}")
    return page.locator(f"#ask-{field}-note")


def test_it_asks_for_the_page_that_one_was_looking_at(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(f"{served.url}#page=503&lang=de&profile=static")
        expect(page.locator("#stage-title")).to_contain_text("503")
        page.keyboard.press("c")
        expect(reply(page)).to_contain_text("nginx answers 503 in German")
        page.locator("#ask-code").fill("404")
        expect(reply(page)).to_contain_text("nginx answers 404 in German")
        page.go_back()
        expect(page.locator("#stage-title")).to_contain_text("503")
        assert shown.complaints == []


def test_the_answer_is_said_in_one_sentence(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(f"{served.url}#client&language=de")
        expect(reply(page)).to_contain_text(
            "The edge cloudflare answers 404 in English as HTML: this error’s own page, by errgen_default_html_404,"
        )
        expect(page.get_by_role("listitem").filter(has_text="Differs: de/404.html is wanted")).to_be_visible()
        page.locator("#ask-edge").select_option("nginx")
        page.locator("#ask-code").fill("418")
        expect(reply(page)).to_contain_text(
            "The edge nginx answers 418 in German as HTML: the page of the family 4xx, by"
        )
        expect(page.locator(".differs")).to_have_count(0)
        page.locator("#ask-edge").select_option("cloudflare")
        page.locator("#ask-code").fill("522")
        page.locator("#ask-accept").fill("application/json")
        expect(reply(page)).to_contain_text("The edge cloudflare leaves it at Cloudflare's own answer: ")
        expect(page.locator("#said")).to_contain_text("leaves it at Cloudflare's own answer")
        assert shown.complaints == []


def test_a_mistake_is_named_at_its_field_and_the_last_answer_stays(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(f"{served.url}#client")
        expect(reply(page)).to_contain_text("404")
        old = page.locator(".answer.old")
        for field, wrong, words, right in (
            ("code", "", "Which error?", "503"),
            ("code", "abc", "'abc' is no code.", "503"),
            ("host", "ex ample", "A host is a name alone", "api.example.com"),
            ("path", "https://example.com/a", "A path is what comes after the host", "foo"),
            ("accept", "text/\N{ZERO WIDTH SPACE}html", "There is a sign in it that cannot be seen", "text/html"),
            ("language", "x" * 9000, "That is longer than 8,000 characters", "de"),
        ):
            page.locator(f"#ask-{field}").fill(wrong)
            expect(mistake(page, field)).to_contain_text(words)
            expect(old.locator(".reply")).to_be_visible()
            expect(page.locator("#said")).to_contain_text(words)
            page.locator(f"#ask-{field}").fill(right)
            expect(old).to_have_count(0)
            expect(page.locator("[aria-invalid=true]")).to_have_count(0)
        expect(page.get_by_label("Why")).to_contain_text("made by the origin, at api.example.com/foo")
        page.locator("#ask-code").fill("1015")
        page.locator("#ask-origin").select_option("origin")
        expect(mistake(page, "origin")).to_contain_text("Only the edge fails with 1015")
        again = page.url
        page.goto("about:blank")
        page.goto(again)
        expect(page.locator(".refused")).to_have_text("Who fails: " + (mistake(page, "origin").text_content() or "-"))
        assert shown.complaints == []


def test_an_edge_that_is_gone_is_not_offered_any_more(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(f"{served.url}#client&edge=nginx")
        expect(reply(page)).to_contain_text("The edge nginx answers 404")
        served.save(SETTINGS.replace("nginx", "caddy"))
        expect(reply(page)).to_contain_text("The edge cloudflare answers 404")
        assert page.locator("#ask-edge option").all_text_contents() == ["cloudflare", "caddy"]
        served.save(ONE_EDGE)
        expect(page.locator("#ask-edge")).to_be_hidden()
        page.keyboard.press("Escape")
        page.keyboard.press("e")
        expect(page.locator(".toast")).to_have_text("There is no other edge, only cloudflare")
        served.save(SETTINGS)
        page.keyboard.press("c")
        expect(page.locator("#ask-edge")).to_have_value("nginx")
        assert shown.complaints == []


def test_presets_are_what_clients_send(tab: Open, served: Served) -> None:
    lines = HEADERS.read_text("utf-8").splitlines()
    known = {line.partition("\t")[0] for line in lines if not line.startswith("#")} | {*CLIENTS["agent"]}
    with tab() as shown:
        page = shown.page
        page.goto(f"{served.url}#client")
        chips = page.locator(".chip").evaluate_all("all => all.map((one) => [one.textContent, one.dataset.accept])")
        assert {accept for _, accept in chips if accept} <= known
        assert len({name for name, _ in chips}) == len(chips) > 20
        page.get_by_role("button", name="Go net/http").click()
        expect(page.get_by_label("Why")).to_contain_text("Accept: (not sent)")
        expect(page.get_by_role("button", name="Go net/http")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="curl").click()
        expect(page.get_by_label("Why")).to_contain_text("Accept: */*")
        assert shown.complaints == []


def test_on_a_phone_everything_is_within_reach(tab: Open, served: Served, axe: str) -> None:
    with tab(viewport={"width": 390, "height": 844}) as shown:
        page = shown.page
        page.goto(f"{served.url}#client")
        expect(reply(page)).to_be_visible()
        assert page.locator(".reply").evaluate(IN_VIEW)
        page.locator("#ask-code").fill("")
        expect(mistake(page, "code")).to_be_visible()
        assert shown.run(axe.replace("axe.run(document,", "axe.run('#client',")) == []
        page.locator("#ask-code").fill("503")
        page.locator("#ask-code").press("Enter")
        expect(page.locator(".reply")).to_be_in_viewport(ratio=1)
        page.keyboard.press("Escape")
        switches = page.get_by_role("region", name="How pages are shown")
        switches.locator("summary").click()
        for control in ("Language", "Theme", "Made for"):
            assert switches.get_by_label(control).evaluate(IN_VIEW)
        for radio in switches.get_by_role("radio").all():
            assert radio.evaluate(IN_VIEW)
        switches.get_by_role("radio", name="Dark").check()
        expect(switches.locator("summary")).to_have_text("English · Plain · dark")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert shown.complaints == []


def test_keys_for_pages_do_nothing_to_a_client(tab: Open, served: Served) -> None:
    with tab() as shown:
        page = shown.page
        page.goto(f"{served.url}#client")
        expect(reply(page)).to_be_visible()
        page.locator("#client-title").focus()
        for key in "]t1d+fs":
            page.keyboard.press(key)
        page.keyboard.press("c")
        expect(page.locator("#client")).to_be_hidden()
        assert page.url == f"{served.url}#"
        assert shown.complaints == []
