"""Checks of single HTML pages: for each a page that trips it, and one much like it that does not."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.checks import Check, all_checks
from site_builder.checks._html import parse
from site_builder.model import Finding, Severity
from tests.checks.conftest import PAGE, World, _file

PLACE = "pages/cloudflare/en/404.html"
SELF_CONTAINED = "a page has to carry all it shows: write it into the page, as a data: address or as inline SVG"
LANG = 'write  <html lang="{{ page.lang }}" dir="{{ page.dir }}">'
VIEWPORT = 'write  <meta name="viewport" content="width=device-width, initial-scale=1">'
MARKER = 'write  <meta name="errgen" content="">  once, in <head>'
TITLE = "<title>We can’t find that page – Example</title>"
H1 = "<h1>We can’t find that page</h1>"
H2 = "<h2>What you can do</h2>"
ICON = '<link rel="icon" href="data:,">'
IMAGE = '<img src="data:image/png;base64,AA==" alt="">'
STYLE = "<style>p { background: url(data:image/png;base64,AA==) }"


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
def test_nothing_is_found_in_a_page_that_is_as_it_should_be(world: World, check: Check) -> None:
    assert world.findings(check.id) == []


TRIPS: list[tuple[str, str, str, str, int, str]] = [
    # id, what is replaced, by what, message, line, hint
    ("referrer", ICON, '<meta name="Referrer" content="no-referrer">', "has a referrer meta tag", 7,
     "remove it; a server can send the header Referrer-Policy instead"),
    ("refresh", ICON, '<META HTTP-EQUIV=refresh CONTENT="5">', "reloads or leaves by itself", 7,
     "remove the refresh meta tag; a site's setting  script = true  adds tries that people can stop"),
    ("lang", ' lang="en"', "", "has no lang on <html>", 2, LANG),
    ("lang", ' lang="en"', ' lang=" "', "has no lang on <html>", 2, LANG),
    ("lang", ' lang="en"', ' lang="de"', 'says lang="de", and it is the page for en', 2, LANG),
    ("title", TITLE, "", "has no <title>", 1, "write  <title>{{ page.document_title }}</title>  into its <head>"),
    ("title", TITLE, "<title> </title>", "has an empty <title>", 5, "write  {{ page.document_title }}  into it"),
    ("h1", H1, "<p>Gone</p>", "has no <h1>", 1, "write  <h1>{{ page.headline }}</h1>"),
    ("h1", H2, "<h1>Again</h1>", "has 2 <h1> elements", 15,
     "keep the one that says what happened, make the others <h2>"),
    ("h1", H1, "<h1> <br></h1>", "has an empty <h1>", 13,
     "write  {{ page.headline }}  into it"),
    ("headings", H2, "<h4>What you can do</h4>", "has <h4> after <h1>, which leaves out <h2>", 15,
     "make it <h2> and set its size in the stylesheet"),
    ("headings", H1, "<h2>Gone</h2>", "has <h2> as the first heading, which leaves out <h1>", 13,
     "make it <h1> and set its size in the stylesheet"),
    ("main", 'main id="top"', 'div id="top"', "has no <main>", 1, "put what the page is about into <main>…</main>"),
    ("main", H2, '<div role="main"></div>', "has 2 main parts", 15, "keep one of them"),
    ("viewport", '<meta name="viewport" content="width=device-width, initial-scale=1">', "",
     "has no viewport, so that a phone shows it as a small picture of a wide page", 1, VIEWPORT),
    ("viewport", "initial-scale=1", "user-scalable=no", "has a viewport that forbids zoom with user-scalable", 4,
     VIEWPORT),
    ("viewport", "initial-scale=1", "maximum-scale=1.0",
     "has a viewport that limits zoom to maximum-scale=1.0", 4, VIEWPORT),
    ("anchor", 'href="#top"', 'href="#nowhere"', "has a link to #nowhere, and nothing on it has that id", 16,
     'give the place that is meant  id="nowhere"'),
    ("anchor", '<main id="top">', '<main id="top" aria-labelledby="top headline">',
     'says aria-labelledby="headline", and nothing on it has that id', 12,
     'give the element that is meant  id="headline"'),
    ("anchor", '<use href="#dots"/>', '<use xlink:href="#dashes"/>',
     "has a link to #dashes, and nothing on it has that id", 14, 'give the place that is meant  id="dashes"'),
    ("duplicate-id", H2, '<h2 id="top">What you can do</h2>', 'has id="top" 2 times', 15, "give each its own"),
    ("inline-code", H2, '<h2 style="color:red">What</h2>', "has a style attribute on <h2>", 15,
     "give the element a class and style that in the stylesheet"),
    ("inline-code", H2, '<h2 onClick="go()">What</h2>', "has onclick on <h2>", 15,
     "add the handler in a <script>, or do without: a page has to work without scripts"),
    ("inline-code", 'href="#top"', 'href="JavaScript:go()"', "has a javascript: address on <a>", 16,
     "use a link that works without scripts"),
    ("marker", '<meta name="errgen" content="">', "", "has no marker", 1, MARKER),
    ("marker", '<meta name="errgen" content="">', '<meta name="errgen" content="0123456789abcdef">',
     "has a marker that is not of this page", 1, MARKER),
    ("no-reference", "::RAY_ID::", "", "does not show the reference", 1,
     'write  {% include "reference.html.j2" %}  where it belongs'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "message", "line", "hint"), TRIPS)
def test_a_page_that_trips_a_check(
    world: World, name: str, old: str, new: str, message: str, line: int, hint: str
) -> None:
    found = world.change(old, new).findings(name)
    severity: Severity = "warning" if name in ("inline-code", "no-reference") else "error"
    assert found == [Finding(name, severity, message, f"{PLACE}:{line}", hint)]


REQUESTS = [
    (ICON, '<link rel="icon" href="/favicon.ico">', "<link> fetches /favicon.ico", 7),
    (ICON, '<link rel="alternate stylesheet" href="a.css">', "<link> fetches a.css", 7),
    (ICON, '<link rel=preconnect href="//fonts.gstatic.com">', "<link> fetches //fonts.gstatic.com", 7),
    (ICON, '<script src="https://a.test/a.js"></script>', "<script> fetches https://a.test/a.js", 7),
    (IMAGE, '<img src=" https://a.test/a.png" alt="">', "<img> fetches https://a.test/a.png", 17),
    (IMAGE, '<img srcset="data:,x 1x, b.png 2x" alt="">', "<img> fetches b.png", 17),
    (IMAGE, '<iframe src="https://a.test/"></iframe>', "<iframe> fetches https://a.test/", 17),
    (IMAGE, '<video poster="p.jpg"></video>', "<video> fetches p.jpg", 17),
    (IMAGE, '<object data="a.svg"></object>', "<object> fetches a.svg", 17),
    (IMAGE, "<b style=\"background:url( 'a.png' )\"></b>", "<b> fetches a.png", 17),
    (IMAGE, '<svg><image xlink:href="a.png"/></svg>', "<image> fetches a.png", 17),
    ('<use href="#dots"/>', '<use href="icons.svg#dots"/>', "<use> fetches icons.svg#dots", 14),
    ('<use href="#dots"/>', '<path fill="url(a.svg#b)"/>', "<path> fetches a.svg#b", 14),
    (STYLE, "<style>@import 'https://a.test/a.css';", "the stylesheet fetches https://a.test/a.css", 9),
    (STYLE, "<style>@import url(a.css);", "the stylesheet fetches a.css", 9),
    (STYLE, '<style>@font-face { src: url("a.woff2") }', "the stylesheet fetches a.woff2", 9),
    (STYLE, '<style>p { background: image-set("a.png" 1x, "data:," 2x) }', "the stylesheet fetches a.png", 9),
]


@pytest.mark.parametrize(("old", "new", "message", "line"), REQUESTS)
def test_what_a_browser_would_fetch(world: World, old: str, new: str, message: str, line: int) -> None:
    found = world.change(old, new).findings("external-request")
    assert found == [Finding("external-request", "error", message, f"{PLACE}:{line}", SELF_CONTAINED)]


@pytest.mark.parametrize(
    "harmless",
    [
        '<link rel="canonical" href="https://example.com/"><link rel="up" href="index.html"><link href="a.css">',
        '<a href="https://example.com/" rel="noreferrer">Home</a>',
        '<svg><a href="https://example.com/"><path d="M0 0"/></a></svg>',
        "<style>/* @import 'a.css'; url(b.png) */</style>",
        '<img src="" alt="">',
        '<form action="https://example.com/search"></form>',
        '<h1 hidden data-src="https://a.test/">',
    ],
)
def test_what_a_browser_does_not_fetch(world: World, harmless: str) -> None:
    assert world.change(IMAGE, harmless).findings("external-request") == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("viewport", "initial-scale=1", "initial-scale=1; maximum-scale=5"),
        ("viewport", "initial-scale=1", "maximum-scale=1.2.3"),
        ("anchor", 'href="#top"', 'href="#"'),
        ("anchor", '<main id="top">', '<main id="tøp"><a href="#t%C3%B8p">Up</a><i id="top"></i>'),
        ("headings", IMAGE, "<h3>More</h3><h2>Less</h2>"),
        ("main", '<main id="top">', '<div role="main" id="top">'),
        ("inline-code", H2, "<h2 once on-top>What</h2>"),
        ("h1", H1, '<h1><img src="data:," alt="Gone"></h1>'),
        ("h1", H1, '<h1 aria-label="Gone"></h1>'),
        ("title", "<title>We", "<svg><title></title></svg><title>We"),
    ],
)
def test_a_page_that_only_looks_like_it(world: World, name: str, old: str, new: str) -> None:
    assert world.change(old, new).findings(name) == []


def test_the_language_of_a_page_may_be_the_one_that_stands_in(world: World) -> None:
    world.language = "en-AU"
    world.site = dataclasses.replace(world.site, languages=("en-AU",))
    assert world.findings("lang") == []


@pytest.mark.parametrize(
    ("tag", "old", "new", "message"),
    [
        ("ar", ' dir="ltr"', "", "has no dir on <html>, and ar is written from right to left"),
        ("he", '"ltr"', "LTR", 'says dir="ltr", and he is written from right to left'),
        ("en", '"ltr"', "rtl", 'says dir="rtl", and en is written from left to right'),
    ],
)
def test_the_direction_of_a_page(world: World, tag: str, old: str, new: str, message: str) -> None:
    world.language = tag
    assert world.change(old, new).findings("dir") == [
        Finding("dir", "error", message, f"pages/cloudflare/{tag}/404.html:2", LANG)
    ]


def test_a_language_from_left_to_right_needs_no_direction(world: World) -> None:
    assert world.change(' dir="ltr"', "").findings("dir") == []


def test_one_cause_on_many_pages_is_one_finding(world: World) -> None:
    world.html = {key: PAGE.replace(H1, "") for key in ("404", "410", "503")}
    assert world.findings("h1") == [
        Finding("h1", "error", "has no <h1> (on 3 pages, of which this is the first)", f"{PLACE}:1",
                "write  <h1>{{ page.headline }}</h1>")
    ]  # fmt: skip


def test_a_cause_in_the_theme_is_found_there(world: World) -> None:
    world.write("templates/bare/page.html.j2", '<p>\n<img src="https://a.test/a.png" alt="{{ page.title }}">\n')
    wrong = PAGE.replace(IMAGE, '<img src="https://a.test/a.png" alt="Not Found" onload="x()">')
    world.html = {"404": wrong, "410": wrong}
    assert world.findings("external-request") == [
        Finding("external-request", "error",
                f"<img> fetches https://a.test/a.png (on 2 pages, the first: {PLACE}:17)",
                "templates/bare/page.html.j2:2", SELF_CONTAINED)
    ]  # fmt: skip
    # the tag is not written like this anywhere, but there is only one <img> in the theme's files
    assert [finding.where for finding in world.findings("inline-code")] == ["templates/bare/page.html.j2:2"]


def test_what_a_page_lacks_is_to_be_added_to_its_template(world: World) -> None:
    world.write("templates/bare/page.html.j2", "<p>Nothing</p>\n")
    assert world.change(H1, "").findings("h1") == [
        Finding("h1", "error", f"has no <h1> (on {PLACE}:1)", "templates/bare/page.html.j2",
                "write  <h1>{{ page.headline }}</h1>")
    ]  # fmt: skip


def test_a_static_page_has_no_reference_to_show(world: World) -> None:
    world.profile = "static"
    assert world.change("::RAY_ID::", "").findings("no-reference") == []


@given(st.text(st.sampled_from("<>/!-='\"& ahm1svgtitle#\n"), max_size=80))
def test_no_page_stops_a_check(text: str) -> None:
    page = parse(text.encode(), _file("pages/static/en/404.html", b""))
    assert all(element.line >= 1 for element in page.elements)
