from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from site_builder.app.check import check
from site_builder.model import EXTENSIONS
from tests.app.small import SETTINGS, Live, small_live


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with pytest.MonkeyPatch.context() as patch:
        one = small_live(tmp_path_factory.mktemp("studio"), patch)
        one.write("catalog/mine.yaml", "404:\n  headline: No such pagge\n")
        one.turn()
        yield one


def test_what_can_be_shown(live: Live) -> None:
    data = live.studio.data("default")
    assert (data["live"], data["problem"], data["sites"]) == (True, None, ["default"])
    assert [(one["tag"], one["built"]) for one in data["languages"]] == [("en", True), ("de", True), ("ar", False)]
    assert [one["key"] for one in data["themes"]] == ["brand", "minimal", "path", "plain"]
    [entry] = [one for one in data["entries"] if one["key"] == "404"]
    assert {tag: text["state"] for tag, text in entry["texts"].items()} == {
        "en": "original",
        "de": "stale",
        "ar": "stale",
    }
    [source] = entry["texts"]["ar"]["sources"]
    assert source.startswith("<errgen>/catalog/languages/ar.yaml:")


def test_the_document_has_what_it_shows(live: Live) -> None:
    document = live.studio.document("default").decode()
    found = re.search(r'<script type="application/json" id="gallery">(.*?)</script>', document, re.DOTALL)
    assert found
    assert json.loads(found[1]) == json.loads(json.dumps(live.studio.data("default")))


def test_every_page_in_every_theme_and_language_has_the_bytes_that_a_build_would_give_it(
    live: Live, tmp_path: Path
) -> None:
    built = {}
    with pytest.MonkeyPatch.context() as patch:
        other = small_live(tmp_path, patch)
        other.write("catalog/mine.yaml", "404:\n  headline: No such pagge\n")
        for theme in ("brand", "minimal", "path", "plain"):
            settings = SETTINGS.replace("languages", f'theme = "{theme}"\nlanguages')
            other.write("errgen.toml", settings.replace('["en", "de"]', '["en", "de", "ar"]'))
            files = other.from_nothing()
            built[theme] = {path: content for path, content in files.items() if path.startswith("pages/")}
    for theme, pages in built.items():
        shown = {path: live.studio.page("default", theme, *path.split("/")[1:]) for path in pages}
        assert shown == pages


@pytest.mark.parametrize(
    ("theme", "profile", "language", "name"),
    [
        ("plain", "static", "en", "999.html"),
        ("plain", "static", "en", "404.pdf"),
        ("plain", "static", "xx", "404.html"),
        ("plain", "other", "en", "404.html"),
        ("plian", "static", "en", "404.html"),
        ("..", "static", "en", "404.html"),
    ],
)
def test_pages_that_there_cannot_be(live: Live, theme: str, profile: str, language: str, name: str) -> None:
    assert live.studio.page("default", theme, profile, language, name) is None


def test_facts(live: Live) -> None:
    facts = live.studio.facts("default", "plain", "cloudflare", "de", "404")
    assert facts
    build = live.studio.build
    assert build
    files = build.outputs["default"].files
    assert facts["sizes"] == {
        form: {"bytes": len(files[f"pages/cloudflare/de/404.{EXTENSIONS[form]}"]), "budget": 10_000}
        for form in ("html", "json", "problem", "markdown")
    }
    assert facts["findings"] == []
    assert facts["templates"]["html"][0] == "templates/plain/page.html.j2"
    assert "templates/plain/style.css" in facts["templates"]["html"]
    assert facts["templates"]["markdown"] == ["templates/_shared/page.md.j2"]
    assert (facts["source"], facts["state"]) == ("catalog/mine.yaml:1", "stale")
    [text] = facts["text_sources"]
    assert text.startswith("<errgen>/catalog/languages/de.yaml:")
    assert facts["headers"]["problem"] == {"content-type": "application/problem+json; charset=utf-8"}
    assert live.studio.facts("default", "plain", "cloudflare", "de", "999") is None


def test_facts_have_what_errgen_check_says_of_the_page(live: Live) -> None:
    facts = live.studio.facts("default", "plain", "cloudflare", "en", "404")
    assert facts
    [checked] = check(live.folder)
    expected = [asdict(one) for one in checked.findings if one.where and one.where.startswith("catalog/mine.yaml")]
    assert [one["message"] for one in facts["findings"]] == ["404.headline has 'pagge'"]
    assert facts["findings"] == expected


def test_headers_are_those_of_the_edge_that_serves_the_page(live: Live) -> None:
    facts = live.studio.facts("default", "plain", "static", "de", "503")
    assert facts
    headers = facts["headers"]["html"]
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-language"] == "de"
    assert next(iter(headers.items())) == (":status", "503")


def test_asking_as_a_client(live: Live) -> None:
    answer = live.studio.ask(
        "default", {"edge": "cloudflare", "origin": "origin", "code": 404, "accept": "text/html", "path": "/x"}
    )
    assert (answer["status"], answer["page"], answer["format"], answer["language"]) == (
        404,
        "cloudflare/en/404.html",
        "html",
        "en",
    )
    assert "No such pagge" in answer["body"]
    assert ["content-type", "text/html"] in answer["headers"]
    assert answer["served_by"].startswith("errgen_default_html_")
    assert answer["trace"][:2] == ["default: 404 Not Found", "  made by the origin, at example.com/x"]


def test_asking_in_another_language_at_another_edge(live: Live) -> None:
    question = {"edge": "nginx", "code": "503", "accept": "application/json", "accept_language": "de"}
    answer = live.studio.ask("default", question)
    assert (answer["page"], answer["format"], answer["language"]) == ("static/de/503.json", "json", "de")


def test_an_answer_that_is_no_page(live: Live) -> None:
    answer = live.studio.ask("default", {"edge": "cloudflare", "code": 522, "accept": "application/json"})
    assert (answer["page"], answer["format"], answer["language"]) == (None, None, None)
    assert answer["served_by"] == "Cloudflare's own answer"


def test_what_is_in_view(live: Live) -> None:
    studio = live.studio
    studio.view("a", "default", ["static/en/404.html"])
    assert studio.in_view() == {}  # there is no such client yet, or no more
    assert studio.joined("a") == [("hello", {"version": studio.build and studio.build.version}), ("mended", {})]
    studio.joined("b")
    studio.joined("a")
    studio.view("a", "default", ["static/en/404.html", "static/en/5xx.html"])
    studio.view("b", "default", ["static/de/404.html", "static/en/5xx.html"])
    assert studio.in_view() == {"default": ["static/de/404.html", "static/en/5xx.html", "static/en/404.html"]}
    studio.left("a")
    assert "static/en/404.html" in studio.in_view()["default"]
    studio.left("a")
    assert studio.in_view() == {"default": ["static/de/404.html", "static/en/5xx.html"]}
    studio.left("b")
    assert studio.in_view() == {}


def test_what_errgen_toml_changes_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = small_live(tmp_path, monkeypatch)
    one.turn()
    one.events.since()
    own = '[site.default.overrides.404]\nheadline = "Not with us"\n'
    one.write("errgen.toml", SETTINGS.replace("Example", "Söhne").replace("nginx", "caddy") + own)
    one.turn()
    data = one.studio.data("default")
    assert (data["title"], [edge["kind"] for edge in data["edges"]]) == ("Söhne", ["cloudflare", "caddy"])
    facts = one.studio.facts("default", "plain", "cloudflare", "en", "404")
    assert facts
    line = SETTINGS.count("\n") + 2
    assert facts["text_sources"] == (f"errgen.toml:{line}", facts["source"])
    [entry] = [entry for entry in data["entries"] if entry["key"] == "404"]
    assert tuple(entry["texts"]["en"]["sources"]) == facts["text_sources"]
    one.events.since()
    one.write("errgen.toml", SETTINGS.replace("site.default", "site.shop"))
    one.turn()
    assert one.studio.sites() == ("shop",)
    assert ("gone", {}) in one.events.since()
