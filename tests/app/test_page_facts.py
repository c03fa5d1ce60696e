from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from site_builder.app import page_facts
from site_builder.app.check import check
from site_builder.model import PROFILES, Finding, Page
from site_builder.settings import SiteSettings
from tests.app.small import Live, small_live

ELSEWHERE = "https://cdn.example.net/logo.png"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A theme that fetches an image, and an entry that has a word misspelt and tells an address."""
    with pytest.MonkeyPatch.context() as patch:
        one = small_live(tmp_path_factory.mktemp("page_facts"), patch)
        shipped = (one.folder.parent / "shipped/templates/plain/page.html.j2").read_text("utf-8")
        page = shipped.replace("</main>", f'</main>\n<img src="{ELSEWHERE}" alt="">')
        one.write("templates/plain/page.html.j2", page)
        one.write("catalog/mine.yaml", "404:\n  headline: No such pagge at 10.0.0.7\n")
        one.turn()
        yield one


def pages(live: Live, key: str, *profiles: str) -> list[Page]:
    """The pages of one entry in English."""
    build = live.studio.build
    assert build
    output, sources = build.outputs["default"], build.sources
    [entry] = [one for one in output.texts["en"] if one.key == key]
    shown, language = output.settings.site, sources.catalog().language("en")
    return [page for name in profiles for page in sources.press.pages(entry, language, PROFILES[name], shown)]


def errors(live: Live, shown: list[Page]) -> list[Finding]:
    """The errors of pages of the last build."""
    build = live.studio.build
    assert build
    settings = build.outputs["default"].settings
    return found_in(live, settings, shown)


def found_in(live: Live, settings: SiteSettings, shown: list[Page]) -> list[Finding]:
    build = live.studio.build
    assert build
    found = page_facts.findings(build.sources.settings(), settings, build.sources.catalog(), shown)
    return [one for one in found if one.severity == "error"]


def test_errors_are_those_of_errgen_check_and_nothing_less(live: Live) -> None:
    [checked] = check(live.folder)
    expected = {(one.id, one.hint) for one in checked.findings if one.severity == "error"}
    found = errors(live, pages(live, "404", "cloudflare", "static"))
    assert {(one.id, one.hint) for one in found} == expected
    assert [(one.id, one.where) for one in found] == [
        ("external-request", "templates/plain/page.html.j2:36"),
        ("leak", "catalog/mine.yaml:2"),
    ]


def test_errors_of_several_entries_are_each_said_once(live: Live) -> None:
    found = errors(live, [*pages(live, "404", "static"), *pages(live, "503", "static")])
    assert [one.message for one in found] == [
        f"<img> fetches {ELSEWHERE} (on 2 pages, the first: pages/static/en/404.html:27)",
        "404.headline has a private address, 10.0.0.7",
    ]


def test_an_error_that_is_switched_off_is_none(live: Live) -> None:
    build = live.studio.build
    assert build
    settings = build.outputs["default"].settings
    quiet = replace(settings, check=replace(settings.check, off={"external-request": "a picture of ours"}))
    shown = pages(live, "503", "static")
    assert [one.id for one in errors(live, shown)] == ["external-request"]
    assert found_in(live, quiet, shown) == []
    assert errors(live, []) == []
