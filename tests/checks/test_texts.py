"""Checks of what pages say: leaks, texts that two entries share, misspellings."""

from __future__ import annotations

import dataclasses

import pytest

from site_builder.checks.leaks import leaks_in
from site_builder.model import Finding, Maintenance, Site
from site_builder.settings import CheckSettings
from tests.checks.conftest import GONE, NOT_FOUND, World

LEAK = "say what happened in words that help a visitor; details belong in your logs"
TRUE_OF_IT = "say of each what is true of it only"

LEAKING = [
    ("Connect to 10.0.12.3 failed", "a private address", "10.0.12.3"),
    ("asked 192.168.1.20:8080.", "a private address", "192.168.1.20"),
    ("from 172.31.255.1", "a private address", "172.31.255.1"),
    ("see 127.0.0.1", "a private address", "127.0.0.1"),
    ("cloud 169.254.169.254", "a private address", "169.254.169.254"),
    ("at fe80::1 now", "a private address", "fe80::1"),
    ("at [fd12:3456::1]", "a private address", "fd12:3456::1"),
    ("by nginx/1.25.3", "the version of a server", "nginx/1.25.3"),
    ("PHP/8.1", "the version of a server", "PHP/8.1"),
    ("Apache 2.4.57 (Debian)", "the version of a server", "Apache 2.4.57"),
    ("in /var/www/html/index", "a path of a server", "/var/www/html/index"),
    (r"in C:\inetpub\wwwroot", "a path of a server", r"C:\inetpub\wwwroot"),
    ("on db1.internal", "an internal host", "db1.internal"),
    ("http://localhost:3000/", "an internal host", "localhost:3000"),
    ("app.prod.svc.cluster.local.", "an internal host", "app.prod.svc.cluster.local"),
    ("Traceback (most recent call last):", "a stack trace", "Traceback (most recent call last)"),
    ("java.lang.NullPointerException: x", "a stack trace", "java.lang.NullPointerException"),
    ("at com.acme.Shop.pay(Shop.java:42)", "a stack trace", "at com.acme.Shop.pay(Shop.java:42)"),
    ("at run (app/server.js:10:5)", "a stack trace", "at run (app/server.js:10:5)"),
    ("SQLSTATE[42S02]", "a stack trace", "SQLSTATE[42S02]"),
]


@pytest.mark.parametrize(("text", "kind", "words"), LEAKING)
def test_what_leaks(text: str, kind: str, words: str) -> None:
    assert leaks_in(text) == ((kind, words),)


@pytest.mark.parametrize(
    "text",
    [
        "Version 1.2.3 of these terms",
        "192.0.2.1, 198.51.100.7 and 2001:db8::1 are for examples",
        "From 10:30:00 to 12:00",
        "::RAY_ID::",
        "Error 404: Not Found",
        "An error: something went wrong",
        "the address ends in /home or /about",
        "HTTP/1.1 and HTTP/2",
        "our local office, open to internal staff",
        "Python 3 or Node",
        "https://example.com/usr/share",
        "300.1.1.1",
        "a.b.c.d::e",
    ],
)
def test_what_does_not_leak(text: str) -> None:
    assert leaks_in(text) == ()


def test_a_leak_in_a_text_is_found_at_its_line_and_not_again_in_the_pages(world: World) -> None:
    world.write(
        "catalog/mine.yaml",
        "# mine\n404:\n  title: Not Found\n  detail: >-\n    There is nothing\n    in /var/www/html.\n410:\n",
    )
    text = "There is nothing in /var/www/html."
    world.texts = {"en": (dataclasses.replace(NOT_FOUND, detail=text), GONE)}
    world.change("Check the address.", text)
    assert world.findings("leak") == [
        Finding("leak", "error", "404.detail has a path of a server, /var/www/html", "catalog/mine.yaml:6", LEAK)
    ]


def test_a_leak_in_a_theme_is_found_there(world: World) -> None:
    world.write("templates/bare/page.html.j2", "\n<!-- made by nginx/1.25.3 -->\n")
    world.change("<main", "<!-- made by nginx/1.25.3 -->\n<main")
    assert world.findings("leak") == [
        Finding(
            "leak",
            "error",
            "shows the version of a server, nginx/1.25.3 (on pages/cloudflare/en/404.html:12)",
            "templates/bare/page.html.j2:2",
            LEAK,
        )
    ]


def test_a_leak_in_the_markdown_of_a_theme(world: World) -> None:
    world.write("templates/bare/page.md.j2", "Served by nginx/1.25.3.\n")
    for key in ("404", "410"):
        world.files[f"cloudflare/en/{key}.md"] = "# Gone\n\nServed by nginx/1.25.3.\n"
    assert world.findings("leak") == [
        Finding(
            "leak",
            "error",
            "shows the version of a server, nginx/1.25.3 (on 2 pages, the first: pages/cloudflare/en/404.md:3)",
            "templates/bare/page.md.j2:1",
            LEAK,
        )
    ]


def test_a_link_to_somewhere_is_no_leak(world: World) -> None:
    advice = "**Go on.** [Home](/home/page) is there."
    world.texts = {"en": (dataclasses.replace(NOT_FOUND, what_you_should_do=advice),)}
    assert world.change('href="#top"', 'href="/home/page"').findings("leak") == []


def test_a_text_of_the_sites_own_that_another_entry_has(world: World) -> None:
    same = dataclasses.replace(NOT_FOUND, detail="It was  here once")
    world.texts = {"en": (same, GONE)}
    world.overrides = {"en": {"404": {"detail": "It was  here once"}}}
    assert world.findings("same-text") == [
        Finding(
            "same-text",
            "error",
            "404.detail in en is the same text as 410.detail: It was here once.",
            "errgen.toml: site.default.overrides.404.detail",
            TRUE_OF_IT,
        )
    ]


def test_titles_that_a_translation_has_twice(world: World) -> None:
    first = dataclasses.replace(NOT_FOUND, title="Weg", headline="a", detail="b", what_you_should_do="c")
    second = dataclasses.replace(GONE, title="Weg", headline="d", detail="e", what_you_should_do="f")
    world.texts = {"en": (NOT_FOUND, GONE), "de": (first, second)}
    assert world.findings("same-title") == [
        Finding("same-title", "warning", "410.title in de is the same text as 404.title: Weg", "catalog/mine.yaml:12",
                TRUE_OF_IT)
    ]  # fmt: skip


def test_titles_that_are_meant_to_be_the_same(world: World) -> None:
    catalog = world.catalog
    shared = [entry for entry in catalog.entries if entry.title == "Access denied"][:2]
    assert len(shared) == 2
    world.texts = {"en": tuple(shared)}
    assert world.findings("same-title") == []


def test_a_title_that_is_the_headline_of_another(world: World) -> None:
    world.texts = {"en": (NOT_FOUND, dataclasses.replace(GONE, title="We can't find that page!"))}
    assert world.findings("title-as-headline") == [
        Finding("title-as-headline", "warning",
                "the title of 410 in en is the headline of 404: We can't find that page!", "catalog/mine.yaml:12",
                TRUE_OF_IT)
    ]  # fmt: skip


def test_misspellings_with_what_may_be_meant(world: World) -> None:
    world.write("catalog/mine.yaml", "# mine\n404:\n  detail: >-\n    We did not\n    recieve it.\n")
    world.texts = {"en": (dataclasses.replace(NOT_FOUND, detail="We did not recieve it."),)}
    assert world.findings("spelling") == [
        Finding(
            "spelling",
            "warning",
            "404.detail has 'recieve'",
            "catalog/mine.yaml:5",
            "did you mean receive or relieve? If it is right, add it to words in [site.default.check]",
        )
    ]


def test_what_stands_at_the_end_of_a_sentence_or_between_slashes_is_read(world: World) -> None:
    world.texts = {"en": (dataclasses.replace(NOT_FOUND, detail="We did not recieve. It and/beleive that."),)}
    assert [one.message for one in world.findings("spelling")] == [
        "404.detail has 'recieve'",
        "404.detail has 'beleive'",
    ]


def test_misspellings_in_the_lines_of_a_site(world: World) -> None:
    world.site = Site(
        **{
            **{field.name: getattr(world.site, field.name) for field in dataclasses.fields(Site)},
            "tagline": {"en": "Teh best shop", "de": "Der beste Laden"},
            "maintenance": Maintenance(still_works={"en": "[Serch](https://serch.example/) and `serch`"}),
        }
    )
    found = world.findings("spelling")
    assert [(one.message, one.where) for one in found] == [
        ("tagline has 'Teh'", "errgen.toml: site.default.tagline"),
        ("maintenance.still_works has 'Serch'", "errgen.toml: site.default.maintenance.still_works"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Cloudflare’s DNS and TLS resolve a hostname.",
        "The site’s owner didn’t say; the URLs were colourful, organised and analysed.",
        "Frobnicate at the Zyxel shop.",
        "Ask mail@frobozz.example or see https://frobozz.example/ and `frobozz_x`.",
        "Code 1xxx, 5xx and WWW-Authenticate.",
        "The www before an address, a php script, an https or mailto link.",
        "Look at wwww2, index.phtml, ./frobozz.sh, /wp-frobozz/xyzzy.php or shop.frobozz.example.",
    ],
)
def test_what_is_spelled_right(world: World, text: str) -> None:
    world.site = dataclasses.replace(world.site, title="Zyxel")
    world.check = CheckSettings(words=("frobnicate",))
    world.texts = {"en": (dataclasses.replace(NOT_FOUND, detail=text),)}
    assert world.findings("spelling") == []


def test_other_languages_are_not_read_as_english(world: World) -> None:
    world.texts = {"de": (dataclasses.replace(NOT_FOUND, detail="Unter dieser Adresse gibt es nichts."),)}
    assert world.findings("spelling") == []
