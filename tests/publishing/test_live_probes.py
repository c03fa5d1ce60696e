from __future__ import annotations

from site_builder.edges._clients import BROWSER, CLIENTS
from site_builder.publishing.live_probes import code_by_code, one_a_page, shown_probes, website_probes

from .world import World, build

ONE = build("1")
URL = "https://www.example.com/shop"


def test_what_cloudflare_shows_by_itself() -> None:
    every = list(shown_probes(ONE.manifest, URL, ["de"]))
    assert [(one.code, one.made_by, one.host, one.path) for one in every[:: 2 * len(CLIENTS)]] == [
        (500, "edge", "www.example.com", "/cdn-cgi/error/500"),
        (1015, "edge", "www.example.com", "/cdn-cgi/error/1015"),
    ]
    assert [(one.client, one.language) for one in every if one.code == 500] == [
        (client, language) for language in ("", "de") for client in CLIENTS
    ]
    assert str(every[0]) == f"500 of the edge for browser (Accept: {BROWSER}; at www.example.com/cdn-cgi/error/500)"


def test_what_the_website_makes_fail() -> None:
    every = list(website_probes({"/p/503?x": 503, "/p/404": 404}, URL, []))
    assert [(one.code, one.made_by, one.host, one.path) for one in every[:: len(CLIENTS)]] == [
        (404, "origin", "www.example.com", "/shop/p/404"),
        (503, "origin", "www.example.com", "/shop/p/503?x"),
    ]


def test_one_code_for_every_page(world: World) -> None:
    expectations = world.expectations(ONE)
    every = [
        *shown_probes(ONE.manifest, URL, ["de"]),
        *shown_probes(ONE.manifest, URL, ["fr"]),
        *website_probes({"/a": 503, "/b": 503}, URL, ["de"]),
    ]
    chosen = one_a_page(every, expectations)
    browsers = [(one.code, one.language, one.path) for one in chosen if one.client == "browser"]
    assert browsers == [
        (500, "", "/cdn-cgi/error/500"),
        (1015, "", "/cdn-cgi/error/1015"),
        (503, "", "/shop/a"),
        (503, "de", "/shop/a"),
        (503, "", "/shop/b"),
        (503, "de", "/shop/b"),
    ]
    assert len(chosen) == len(browsers) * len(CLIENTS)


def test_every_code_in_the_default_language(world: World) -> None:
    expectations = world.expectations(ONE)
    every = list(shown_probes(ONE.manifest, URL, ["de"]))
    asked = code_by_code(every, expectations)
    assert [one for one in asked if not one.language] == [one for one in every if not one.language]
    assert [one.code for one in asked if one.language and one.client == "browser"] == [500, 1015]
