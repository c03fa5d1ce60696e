from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.app import rebuild
from site_builder.app.build import Built, write
from site_builder.app.site import SiteOutput
from site_builder.errors import ErrgenError, LocalFilesFailed
from site_builder.model import Finding
from tests.app import small
from tests.app.small import Live, small_live

SETTINGS = small.SETTINGS.replace('"nginx"', '"netlify"')  # which is compiled in no time
IN_VIEW = ["cloudflare/en/404.html", "cloudflare/de/404.html", "static/en/5xx.html"]


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with pytest.MonkeyPatch.context() as patch:
        one = small_live(tmp_path, patch)
        one.write("errgen.toml", SETTINGS)
        yield one


def look(live: Live) -> None:
    """Somebody has pages in view."""
    live.studio.joined("a")
    live.studio.view("a", "default", IN_VIEW)


Edit = Callable[[Live], object]


def written(path: str, text: str) -> Edit:
    return lambda live: live.write(path, text)


def changed(before: str, after: str) -> Edit:
    return lambda live: live.write("errgen.toml", SETTINGS.replace(before, after))


def removed(path: str) -> Edit:
    def edit(live: Live) -> None:
        shutil.rmtree(live.folder / path, ignore_errors=True)
        (live.folder / path).unlink(missing_ok=True)

    return edit


def both(*edits: Edit) -> Edit:
    def edit(live: Live) -> None:
        for one in edits:
            one(live)

    return edit


OURS = "name: Ours\ndescription: Ours.\ninherits: plain\n"
BLOCK = '{{% extends "plain/page.html.j2" %}}{{% block footer %}}{}{{% endblock %}}'
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h{}"/></svg>'
TRAFFIC = '"023e105f4ecef8ad9ca31a8372d0c353"\ntraffic = "traffic.csv"'

EDITS: dict[str, Edit] = {
    "a text": written("catalog/mine.yaml", "404:\n  headline: Not here\n"),
    "the same text one line further down": written("catalog/mine.yaml", "# ours\n404:\n  headline: Not here\n"),
    "another weight": written("catalog/mine.yaml", "404:\n  weight: 9\n"),
    "a family's text": written("catalog/families.yaml", "5xx:\n  headline: All is lost\n"),
    "a translation": written("catalog/languages/de.yaml", "404:\n  headline: Nicht hier\n"),
    "a word of the interface": written("catalog/languages/de.yaml", "interface:\n  home: Heim\n"),
    "a faulty text": written("catalog/mine.yaml", "404:\n  headlin: Not here\n"),
    "no YAML": written("catalog/mine.yaml", "404: [\n"),
    "no catalog": removed("catalog"),
    "a block": written("templates/ours/page.html.j2", BLOCK.format("{{ page.site_name }}, we")),
    "another block": written("templates/ours/page.html.j2", BLOCK.format("us")),
    "a block that only one page refuses": written(
        "templates/ours/page.html.j2", BLOCK.format("{% if page.key == '503' %}{{ page.nothing }}{% endif %}we")
    ),
    "a stylesheet": written("templates/ours/style.css", "body { color: #000; background: #fff }\n"),
    "no templates": removed("templates"),
    "a theme": both(
        written("templates/ours/theme.yaml", OURS), changed("languages", 'theme = "ours"\nlanguages')
    ),
    "the settings as they were": written("errgen.toml", SETTINGS),
    "another name": changed('"Example"', '"Other"'),
    "another language": changed('["en", "de"]', '["de", "ar", "en"]'),
    "one language less": changed('["en", "de"]', '["en"]'),
    "a text of the site's": written("errgen.toml", SETTINGS + '[site.default.overrides.404]\ntitle = "Gone"\n'),
    "a logo": both(
        written("logo.svg", LOGO.format(1)), changed("languages", 'theme = "brand"\nlogo = "logo.svg"\nlanguages')
    ),
    "another logo": written("logo.svg", LOGO.format(2)),
    "traffic": both(
        written("traffic.csv", "404,9\n"), changed('"023e105f4ecef8ad9ca31a8372d0c353"', TRAFFIC)
    ),
    "other traffic": written("traffic.csv", "522,90\n404,1\n"),
    "no traffic": removed("traffic.csv"),
    "no TOML": written("errgen.toml", "[site.default\n"),
    "nothing": both(),
}  # fmt: skip


any_edits = given(
    edits=st.lists(st.sampled_from(sorted(EDITS)), min_size=4, max_size=8, unique=True), left=st.sets(st.integers(0, 7))
)


@settings(max_examples=4)
@any_edits
def test_the_output_is_that_of_a_build_from_nothing_or_the_last_good_one(
    edits: list[str], left: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    follow(edits, left, tmp_path_factory.mktemp("live"))


@pytest.mark.long
@settings(max_examples=150)
@any_edits
def test_so_it_is_after_many_more_edits(
    edits: list[str], left: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    follow(edits, left, tmp_path_factory.mktemp("live"))


def follow(edits: list[str], left: set[int], folder: Path) -> None:
    """Whether or not a round is left to the next one, because more has been saved."""
    with pytest.MonkeyPatch.context() as patch:
        live = small_live(folder, patch)
        look(live)
        expected: dict[str, bytes] = {}
        for number, name in enumerate(["the settings as they were", *edits, "nothing"]):
            EDITS[name](live)
            if number in left and number <= len(edits) and live.rebuilder.turn(pending=lambda: True) is None:
                continue
            live.turn()
            try:
                expected = live.from_nothing()
            except ErrgenError:
                assert live.studio.problem
            else:
                assert live.studio.problem is None
            assert live.on_disk() == expected
            assert live.studio.build
            pages = {path: content for path, content in expected.items() if path.startswith("pages/")}
            assert {path: live.studio.page("default", *place(live, path)) for path in pages} == pages


def place(live: Live, path: str) -> tuple[str, str, str, str]:
    assert live.studio.build
    _, profile, language, name = path.split("/")
    return live.studio.build.outputs["default"].manifest.theme, profile, language, name


def paths(told: Any) -> set[str]:
    return set(told["pages"])


def early_and_then(told: list[tuple[str, Any]], count: int) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """What was told of pages in view, as one, and the last ``count`` that were told after it."""
    early = [data for name, data in told[:-count] if name == "pages" and not data["complete"]]
    assert len(early) == len(told) - count
    assert len({data["version"] for data in early}) == 1
    merged = {name: {path: one for data in early for path, one in data[name].items()} for name in ("pages", "contents")}
    return {**early[0], **merged}, told[-count:]


def test_what_is_in_view_comes_first_and_then_all(live: Live) -> None:
    live.turn()
    first = live.studio.build
    look(live)
    live.events.since()
    tell = live.events.tell

    def noted(site: str | None, name: str, data: Any) -> None:
        for path, facts in data["pages"].items():
            content = (live.folder / "output/default/pages" / path).read_bytes()
            assert facts["sha256"] == hashlib.sha256(content).hexdigest()[: len(facts["sha256"])]
            assert data["contents"].get(path) in (None, content.decode())
        tell(site, name, data)

    live.events.tell = noted  # type: ignore[method-assign]  # to look at the disk at the moment of telling
    EDITS["another name"](live)
    done = live.turn()
    assert done
    told = live.events.since()
    assert list(told[0][1]["contents"]) == IN_VIEW[:1]
    early, [(_, all_pages)] = early_and_then(told, 1)
    assert list(early["contents"]) == IN_VIEW
    every = {f"{profile}/{tag}/{key}.{ending}" for profile, tag, key in [
        ("cloudflare", "en", "404"), ("cloudflare", "de", "404"), ("static", "en", "5xx")
    ] for ending in ("html", "json", "problem.json", "md")}  # fmt: skip
    assert paths(early) <= every
    assert set(IN_VIEW) <= paths(early) < paths(all_pages)
    assert (early["complete"], all_pages["complete"]) == (False, True)
    assert first is not None
    assert first.version < early["version"] == all_pages["version"]
    assert all("Other" in content for content in early["contents"].values())
    assert set(done.built[0].written) >= {f"pages/{path}" for path in paths(all_pages)}


def test_pages_that_come_and_go_are_told(live: Live) -> None:
    live.turn()
    live.events.since()
    EDITS["one language less"](live)
    live.turn()
    [(_, told)] = live.events.since()
    assert "cloudflare/de/404.html" in told["gone"]
    EDITS["the settings as they were"](live)
    live.turn()
    [(_, back)] = live.events.since()
    assert {path for path in paths(back) if "/de/" in path} == set(told["gone"])


def test_pages_that_were_shown_too_early_are_taken_back(live: Live) -> None:
    EDITS["a theme"](live)
    EDITS["a block"](live)
    live.turn()
    look(live)
    good, version = live.on_disk(), live.studio.build and live.studio.build.version
    live.events.since()
    EDITS["a block that only one page refuses"](live)
    done = live.turn()
    assert done
    assert done.error
    early, [(_, back), (name, problem)] = early_and_then(live.events.since(), 2)
    assert set(IN_VIEW) == paths(early) == paths(back)
    assert early["pages"] != back["pages"]
    assert early["contents"].keys() == back["contents"].keys() == set(IN_VIEW)
    assert (back["version"], back["complete"], name) == (version, True, "problem")
    [fault] = problem["faults"]
    assert fault["where"] == "templates/ours/page.html.j2:1"
    assert fault["message"].startswith("page has no 'nothing'")
    assert fault["excerpt"][0][0] == 1
    assert "block footer" in fault["excerpt"][0][1]
    assert live.on_disk() == good


def test_a_problem_is_told_once_and_gone_when_mended(live: Live) -> None:
    live.turn()
    live.events.since()
    for edit in ("no YAML", "nothing", "faulty", "a text"):
        EDITS["a faulty text" if edit == "faulty" else edit](live)
        live.turn()
    told = live.events.since()
    assert [name for name, _ in told] == ["problem", "problem", "pages", "mended"]
    assert [fault["where"] for fault in told[0][1]["faults"]] == ["catalog/mine.yaml:2"]
    assert [fault["where"] for fault in told[1][1]["faults"]] == ["catalog/mine.yaml:2"]
    assert told[1][1]["faults"][0]["excerpt"] == [(1, "404:"), (2, "  headlin: Not here"), (3, "")]


def test_a_fault_of_the_settings_is_told_with_its_line(live: Live) -> None:
    live.turn()
    live.events.since()
    changed('"https://example.com/"', '"ftp://example.com/"')(live)
    live.turn()
    [(_, problem)] = live.events.since()
    assert [fault["where"] for fault in problem["faults"]] == ["errgen.toml:4: site.default.home"]
    assert (4, 'home = "ftp://example.com/"') in problem["faults"][0]["excerpt"]


def test_a_finding_that_keeps_from_publishing_is_shown_over_the_new_pages(live: Live) -> None:
    live.turn()
    live.events.since()
    EDITS["a theme"](live)
    theme = OURS + "contrast:\n  text:\n    - ink on paper\n"
    live.write("templates/ours/theme.yaml", theme)
    live.write("templates/ours/style.css", ":root { --ink: #777; --paper: #888; color: var(--ink) }\n")
    done = live.turn()
    assert done
    assert done.error is None
    (_, pages), (_, problem) = live.events.since()
    assert pages["complete"]
    assert problem["built"]
    assert {fault["where"].rpartition(":")[0] for fault in problem["faults"]} == {"templates/ours/style.css"}


def test_what_checks_find_is_shown_until_it_is_mended(live: Live) -> None:
    EDITS["a theme"](live)
    EDITS["a block"](live)
    live.turn()
    live.events.since()
    line = '<img src="https://cdn.example.net/logo.png" alt="">'
    live.write("templates/ours/page.html.j2", BLOCK.format(f"\n{line}\n"))
    assert (
        live.rebuilder.turn(pending=lambda: len(live.events.told) > 0) is not None
    )  # checks are left to the next round
    assert [name for name, _ in live.events.since()] == ["pages"]
    done = live.turn()
    assert done
    [finding] = [one for one in done.built[0].findings if one.severity == "error"]
    assert finding.id == "external-request"
    [_, (name, problem)] = live.events.since()
    assert (name, problem["built"]) == ("problem", True)
    [fault] = problem["faults"]
    assert fault["where"] == "templates/ours/page.html.j2:2"
    assert fault["message"] == finding.message
    assert (2, line) in fault["excerpt"]
    EDITS["a block"](live)
    live.turn()
    assert [name for name, _ in live.events.since()] == ["pages", "mended"]


def test_a_site_that_was_written_before_another_failed_is_put_back_whole(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = SETTINGS + SETTINGS.replace("site.default", "site.zweite")
    live.write("errgen.toml", two)
    live.turn()
    look(live)
    good = live.on_disk()

    def full(project: Path, output: SiteOutput, out: Path, *, inputs: str = "") -> Built:
        if output.settings.site.name == "zweite":
            raise LocalFilesFailed("the disk is full")
        return write(project, output, out, inputs=inputs)

    with monkeypatch.context() as patch:
        patch.setattr(rebuild, "write", full)
        live.write("errgen.toml", two.replace('"Example"', '"Other"'))
        done = live.turn()
        assert done
        assert done.error
        assert live.on_disk() == good
    live.turn()
    assert live.on_disk() == live.from_nothing()


def test_pages_that_cannot_be_checked_are_a_finding(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    live.turn()
    live.events.since()

    def broken(*_: object) -> tuple[Finding, ...]:
        raise PermissionError(13, "Permission denied", "templates/ours/style.css")

    with monkeypatch.context() as patch:
        patch.setattr(rebuild, "errors_of", broken)
        EDITS["a text"](live)
        done = live.turn()
    assert done
    [finding] = [one for one in done.built[0].findings if one.severity == "error"]
    assert finding.id == "build"
    [_, (name, problem)] = live.events.since()
    assert (name, problem["faults"][0]["message"]) == ("problem", finding.message)


def test_nothing_changed_is_nothing_done(live: Live) -> None:
    assert live.turn()
    live.events.since()
    for path in live.folder.rglob("*.toml"):
        path.touch()
    assert live.turn() is None
    assert live.events.since() == []


def test_a_build_after_it_has_nothing_to_do(live: Live) -> None:
    from site_builder.app.build import build

    live.turn()
    [done] = build(live.folder)
    assert done.written == ()


def test_a_round_is_left_to_the_next_when_more_has_been_saved(live: Live) -> None:
    live.turn()
    look(live)
    live.events.since()
    EDITS["another name"](live)
    assert live.rebuilder.turn(pending=lambda: True) is None
    first = live.events.since()
    early, [(_, last)] = early_and_then([*first, first[-1]], 1)
    assert set(IN_VIEW) <= paths(early)
    assert not last["complete"]
    changed('"Example"', '"Third"')(live)
    assert live.turn()
    again, [(_, all_pages)] = early_and_then(live.events.since(), 1)
    assert paths(again) == paths(early)
    assert all_pages["complete"]
    assert live.on_disk() == live.from_nothing()


def test_what_is_saved_without_end_is_built_all_the_same(live: Live) -> None:
    live.turn()
    done = []
    for number in range(4):
        changed('"Example"', f'"Name {number}"')(live)
        done.append(live.rebuilder.turn(pending=lambda: True))
    assert [one is None for one in done] == [True, True, True, False]
    assert live.on_disk() == live.from_nothing()
