"""HTML: every text arrives as text, and the page offers what suits the error and the edge."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.errors import InvalidInput
from site_builder.model import PROFILES, Entry, Language, Profile, Site
from site_builder.rendering import Renderer, prose
from site_builder.rendering.text import one_line

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

HOSTILE = (
    "<script>alert(1)</script>",
    "</title></style><img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)'",
    "]]> --> <!--",
    "one\ntwo\r\nthree\u2028four",
    "::RAY_ID:: ::CLIENT_IP:: ::CLOUDFLARE_ERROR_500S_BOX::",
    ":RAY_ID: ::",
    "🧨 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u202eright to left\u202c \u2067עברית\u2069 \u200f",
    "{{ page.key }} {% raw %} {# #}",
    "&lt;b&gt; &amp;amp; &nbsp &#0; &#x3c;",
    "\x00\x07\x7f\x85\ufdd0\uffff\ud800",
)
texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text()), min_size=1, max_size=4).map("".join)
Html = Callable[..., str]
Parse = Callable[[str | bytes], Any]


def text_of(element: Any) -> str:
    return "".join(element.itertext())


def lines(element: Any) -> str:
    return re.sub(r"[ \n]+", " ", text_of(element)).strip()


@unhurried
@given(text=texts)
def test_hostile_texts_of_an_entry_arrive_as_text(
    not_found: Entry, site: Site, html_page: Html, parse_html: Parse, text: str
) -> None:
    entry = dataclasses.replace(not_found, title=text, headline=text, detail=text, what_you_should_do=text)
    page = html_page(entry, site)
    tree = parse_html(page)
    assert text_of(tree.find(".//h1")) == one_line(text)
    assert text_of(tree.find(".//p[@class='code']/span")) == one_line(text)
    assert tree.find(".//title").text == f"{one_line(text)} – Example"
    assert text_of(tree.find(".//p[@class='detail']")) == prose.to_plain(text)
    assert tree.findall(".//script") == []
    assert tree.findall(".//img") == []
    assert set(re.findall("::[A-Z0-9_]+::", page)) == {"::RAY_ID::"}


@unhurried
@given(text=texts)
def test_hostile_name_of_a_site_arrives_as_text(
    timed_out: Entry, site: Site, html_page: Html, parse_html: Parse, text: str
) -> None:
    page = html_page(timed_out, dataclasses.replace(site, title=text))
    tree = parse_html(page)
    name = one_line(text)
    assert text_of(tree.find(".//header//bdi")) == name
    assert tree.find(".//title").text == f"{timed_out.headline} – {name}"
    assert set(re.findall("::[A-Z0-9_]+::", page)) == {"::RAY_ID::"}


@unhurried
@given(text=texts)
def test_hostile_links_of_a_site_stay_in_their_attributes(
    not_found: Entry, site: Site, html_page: Html, parse_html: Parse, text: str
) -> None:
    address = f"https://example.com/?{text}"
    page = html_page(not_found, dataclasses.replace(site, home=address, contact=address, status_page=address))
    tree = parse_html(page)
    assert {link.get("href") for link in tree.findall(".//a")} == {one_line(address)}
    assert {name for link in tree.findall(".//a") for name in link.attrib} == {"href"}
    assert set(re.findall("::[A-Z0-9_]+::", page)) == {"::RAY_ID::"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_of_a_language_arrive_as_text(
    renderer: Renderer, english: Language, timed_out: Entry, site: Site, parse_html: Parse, text: str
) -> None:
    if "::" in text or "{" in text:
        text = text.replace("::", ":").replace("{", "(").replace("}", ")")
    language = dataclasses.replace(english, strings={**english.strings, "what_you_can_do": text, "path_broken": text})
    page = renderer.render(timed_out, language, PROFILES["cloudflare"], site)["html"]
    assert text_of(parse_html(page).find(".//h2")) == one_line(text)


@pytest.mark.parametrize("key", ["home", "contact", "status_page"])
@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", " javascript:alert(1)", "JAVASCRIPT:x"])
def test_a_link_that_runs_something_is_refused(
    renderer: Renderer, english: Language, not_found: Entry, site: Site, key: str, address: str
) -> None:
    changes: dict[str, Any] = {key: address}
    with pytest.raises(InvalidInput) as caught:
        renderer.render(not_found, english, PROFILES["static"], dataclasses.replace(site, **changes))
    assert str(caught.value) == (
        f"errgen.toml: site.default.{key}: '{address.strip()}' is not a link that a page can carry"
    )
    assert caught.value.hint == "write an address that starts with https://, http://, mailto:, tel:, /"


def test_contact_stands_in_the_same_place_on_every_page(
    not_found: Entry, timed_out: Entry, family: Entry, site: Site, html_page: Html, parse_html: Parse
) -> None:
    for entry in (not_found, timed_out, family):
        assert text_of(parse_html(html_page(entry, site)).findall(".//footer//li")[0]) == "Contact Example"


@pytest.mark.parametrize(
    ("retryable", "retry_after", "hint"),
    [
        (True, 120, ["You can try again in 2 minutes."]),
        (True, 90, ["You can try again in 90 seconds."]),
        (True, None, ["You can try again in a little while."]),
        (False, None, []),
        (None, None, []),
    ],
)
def test_retry_hint_is_exact(
    timed_out: Entry,
    site: Site,
    html_page: Html,
    parse_html: Parse,
    retryable: bool | None,
    retry_after: int | None,
    hint: list[str],
) -> None:
    entry = dataclasses.replace(timed_out, retryable=retryable, retry_after=retry_after)
    assert [text_of(line) for line in parse_html(html_page(entry, site)).findall(".//p[@class='retry']")] == hint


def test_reference_is_there_only_where_the_edge_has_one(
    not_found: Entry, site: Site, html_page: Html, parse_html: Parse, cloudflare: Profile, static: Profile
) -> None:
    live, plain = (parse_html(html_page(not_found, site, profile)) for profile in (cloudflare, static))
    assert text_of(live.find(".//p[@class='reference']/code/bdi[@dir='ltr']")) == "::RAY_ID::"
    assert plain.findall(".//p[@class='reference']") == []
    assert "Reference" not in text_of(plain)
    contacts = [tree.find(".//footer//a").get("href") for tree in (live, plain)]
    assert contacts == [
        "mailto:support@example.com?subject=404%20Not%20Found%20::RAY_ID::",
        "mailto:support@example.com?subject=404%20Not%20Found",
    ]


def test_a_contact_with_its_own_subject_is_left_alone(
    not_found: Entry, site: Site, html_page: Html, parse_html: Parse
) -> None:
    address = "mailto:support@example.com?subject=Help"
    tree = parse_html(html_page(not_found, dataclasses.replace(site, contact=address)))
    assert tree.find(".//footer//a").get("href") == address


def test_a_family_shows_no_code(family: Entry, site: Site, html_page: Html, parse_html: Parse) -> None:
    tree = parse_html(html_page(family, site))
    assert lines(tree.find(".//p[@class='code']")) == "The website has a problem"


def test_the_name_in_the_footer_is_isolated_too(
    renderer: Renderer, english: Language, not_found: Entry, site: Site
) -> None:
    page = renderer.render(not_found, english, PROFILES["static"], site)["html"].decode()
    assert "<p>This message was provided by <bdi>Example</bdi>.</p>\n</footer>" in page


def test_codes_and_reference_are_isolated_from_the_direction_of_the_text(
    renderer: Renderer, english: Language, not_found: Entry, site: Site, parse_html: Parse
) -> None:
    hebrew = Language("he", "rtl", {**english.strings, "code_label": "שגיאה {code}"})
    tree = parse_html(renderer.render(not_found, hebrew, PROFILES["cloudflare"], site)["html"])
    assert (tree.get("lang"), tree.get("dir")) == ("he", "rtl")
    assert [text_of(bdi) for bdi in tree.findall(".//bdi")] == ["Example", "404", "::RAY_ID::", "Example", "Example"]


def test_landmarks(not_found: Entry, site: Site, html_page: Html, parse_html: Parse) -> None:
    body = parse_html(html_page(not_found, site)).find("body")
    assert [element.tag for element in body] == ["header", "main", "footer"]
    assert [text_of(heading) for heading in body.findall(".//h2")] == ["What you can do"]
    assert body.find(".//header/a").get("href") == "https://example.com/"
    assert body.find(".//{http://www.w3.org/2000/svg}svg").get("aria-hidden") == "true"
