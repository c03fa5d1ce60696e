"""The optional script: it copies the reference, tries again a few times, and stops when it is told to."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Error, Page, Route

from .conftest import ADDRESS, AXE_AGAIN, SCHEMES, Open
from .samples import THEMES, sample

FORM = b"<!doctype html><title>A form</title><form method=post><button>Send</button></form>"
NO_LUCK = "Math.random = () => 0;"
"""Without chance in it, a page waits exactly as long as it says."""


@dataclass
class Website:
    """A website that answers everything with one error page, but for the address of a form. Its clock is the test's."""

    page: Page
    html: bytes
    methods: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.clock.install(time=1_800_000_000)
        self.page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        if route.request.url.endswith("/form") and route.request.method == "GET":
            route.fulfill(body=FORM, content_type="text/html")
        else:
            self.methods.append(route.request.method)
            route.fulfill(body=self.html, content_type="text/html; charset=utf-8")

    def pass_time(self, seconds: float) -> None:
        """Let the page's clock run, where the page stays."""
        with contextlib.suppress(Error):  # a page that went away against all expectation shows in the methods
            self.page.clock.run_for(int(seconds * 1000))
            self.page.evaluate("() => 0")

    def tries_again_within(self, seconds: float) -> None:
        """Let the page's clock run until it asks again and has been answered. What it asks for comes when it comes."""
        with self.page.expect_event("load"), contextlib.suppress(Error):  # the page whose clock ran is gone
            self.page.clock.run_for(int(seconds * 1000))

    @property
    def said(self) -> str:
        """What the page says of trying again."""
        return self.page.locator("[data-retry] [role=status]").inner_text()

    @property
    def wait(self) -> int:
        """The seconds that the page says."""
        return int(self.page.locator("[data-retry]").get_attribute("data-retry") or 0)


def failing(page: Page, theme: str = "plain", key: str = "503", language: str = "en") -> Website:
    """A website that fails in this way."""
    html = sample(theme, language, script=True)[key].replace(b"::RAY_ID::", b"9140785570e00458")
    return Website(page, html)


@pytest.mark.parametrize("theme", THEMES)
def test_tries_three_times_and_then_says_that_it_stops(tab: Open, theme: str) -> None:
    with tab() as shown:
        shown.page.add_init_script(NO_LUCK)
        website = failing(shown.page, theme)
        shown.page.goto(ADDRESS)
        counts = []
        for turn in range(3):
            wait = website.wait * 2**turn
            website.pass_time(1)
            assert website.said == "This page is trying again by itself."
            website.pass_time(wait - 3)
            counts.append(len(website.methods))
            website.tries_again_within(4)
            counts.append(len(website.methods))
        assert counts == [1, 2, 2, 3, 3, 4]
        website.pass_time(1)
        assert website.said == "This page no longer tries again by itself."
        assert shown.page.get_by_role("button", name="Stop trying").count() == 0
        website.pass_time(100_000)
        assert website.methods == ["GET"] * 4
    assert shown.complaints == []


def test_chance_adds_up_to_half_of_the_time(tab: Open) -> None:
    with tab() as shown:
        shown.page.add_init_script("Math.random = () => .999;")
        website = failing(shown.page)
        shown.page.goto(ADDRESS)
        website.pass_time(website.wait * 1.5 - 3)
        assert len(website.methods) == 1
        website.tries_again_within(4)
        assert len(website.methods) == 2


@pytest.mark.parametrize("theme", THEMES)
def test_stops_when_it_is_told_to(tab: Open, theme: str) -> None:
    with tab() as shown:
        website = failing(shown.page, theme)
        shown.page.goto(ADDRESS)
        website.pass_time(1)
        stop = shown.page.get_by_role("button", name="Stop trying")
        box = stop.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
        stop.focus()
        shown.page.keyboard.press("Enter")
        website.pass_time(1)
        assert website.said == "This page no longer tries again by itself."
        website.pass_time(500)
        assert website.methods == ["GET"]
        shown.page.reload()
        website.pass_time(500)
        assert (website.methods, website.said) == (["GET", "GET"], "This page no longer tries again by itself.")


def test_waits_while_nobody_sees_it(tab: Open) -> None:
    with tab() as shown:
        shown.page.add_init_script(
            "window.away = true; Object.defineProperty(document, 'hidden', { get: () => away });"
        )
        website = failing(shown.page)
        shown.page.goto(ADDRESS)
        website.pass_time(1_000)
        assert website.methods == ["GET"]
        shown.page.evaluate("() => { window.away = false }")
        website.tries_again_within(website.wait * 1.5 + 1)
        assert website.methods == ["GET", "GET"]


def test_never_leaves_the_answer_to_a_form(tab: Open) -> None:
    with tab() as shown:
        website = failing(shown.page)
        shown.page.goto("https://www.example.com/form")
        shown.page.get_by_role("button", name="Send").click()
        shown.page.wait_for_load_state("load")
        website.pass_time(100_000)
        assert website.methods == ["POST"]
        assert shown.page.get_by_role("button", name="Stop trying").count() == 0


def test_does_not_try_where_the_browser_keeps_no_count(tab: Open) -> None:
    denied = "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('denied') } });"
    with tab() as shown:
        shown.page.add_init_script(denied)
        website = failing(shown.page)
        shown.page.goto(ADDRESS)
        website.pass_time(100_000)
        assert website.methods == ["GET"]
    assert shown.complaints == []


@pytest.mark.parametrize("key", ["404", "1020", "5xx"])
def test_pages_that_will_not_work_again_do_not_try(tab: Open, key: str) -> None:
    with tab() as shown:
        website = failing(shown.page, key=key)
        shown.page.goto(ADDRESS)
        website.pass_time(100_000)
        assert website.methods == ["GET"]
        assert shown.page.get_by_role("button", name="Stop trying").count() == 0


@pytest.mark.parametrize("theme", THEMES)
def test_copies_the_reference(tab: Open, theme: str) -> None:
    with tab(permissions=["clipboard-read", "clipboard-write"]) as shown:
        website = failing(shown.page, theme, key="404")
        shown.page.goto(ADDRESS)
        shown.page.get_by_role("button", name="Copy").click()
        shown.page.get_by_role("status").get_by_text("Copied").wait_for()
        assert shown.page.evaluate("() => navigator.clipboard.readText()") == "9140785570e00458"
        website.pass_time(5)
        assert shown.page.get_by_role("status").all_inner_texts() == [""]


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("theme", THEMES)
def test_its_buttons_are_accessible_in_light_and_dark(tab: Open, axe: str, theme: str, language: str) -> None:
    found: dict[str, list[str]] = {}
    with tab(viewport={"width": 390, "height": 844}) as shown:
        shown.load(sample(theme, language, script=True)["503"])
        shown.page.get_by_role("button").last.wait_for()
        for scheme in SCHEMES:
            shown.page.emulate_media(color_scheme=scheme)
            found[scheme] = shown.run(AXE_AGAIN if found else axe)
    assert found == {"light": [], "dark": []}
