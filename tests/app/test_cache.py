from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from site_builder.app import cache
from site_builder.errors import LocalFilesFailed
from site_builder.model import Finding

MADE = cache.Made(
    site="default",
    sites=("default", "other"),
    inputs="digest",
    outputs={"a/b": (1, 2)},
    pages=3,
    release="release",
    findings=(Finding("untranslated", "warning", "message", "where", None),),
)


def test_reads_what_it_wrote(tmp_path: Path) -> None:
    cache.save(tmp_path, {"/out/default": MADE})
    assert cache.load(tmp_path) == {"/out/default": MADE}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 0}', '{"format": 1, "made": {"x": {}}}', '{"format": 1, "made": 3}']
)
def test_a_broken_cache_counts_as_empty(tmp_path: Path, text: str) -> None:
    file = tmp_path / ".errgen/cache/build.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert cache.load(tmp_path) == {}


def test_an_absent_cache_counts_as_empty(tmp_path: Path) -> None:
    assert cache.load(tmp_path) == {}


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / ".errgen").write_text("a file")
    with pytest.raises(LocalFilesFailed, match="cannot write the build cache"):
        cache.save(tmp_path, {})


def test_every_source_counts(tmp_path: Path) -> None:
    (tmp_path / "errgen.toml").write_text("x")
    (tmp_path / "catalog").mkdir()
    (tmp_path / "templates" / "mine").mkdir(parents=True)
    before = cache.stamp_inputs(tmp_path)
    (tmp_path / "catalog" / "new.yaml").write_text("x")
    (tmp_path / "templates" / "mine" / "page.html.j2").write_text("x")
    added = set(cache.stamp_inputs(tmp_path)) - set(before)
    assert {Path(path).name for path in added} == {"new.yaml", "page.html.j2"}
    names = {Path(path).name for path in before}
    assert {"errgen.toml", "http.yaml", "en.yaml", "page.html.j2", "cache.py", "gallery.js"} <= names
    assert any(name.startswith("package jinja2-") for name in before)


def test_files_that_the_settings_name_are_sources(tmp_path: Path) -> None:
    (tmp_path / "errgen.toml").write_text("[site.a]\nlogo = 'a.svg'\n[site.b]\nlogo=\"brand/b.png\"\nname = 'c.svg'\n")
    with (tmp_path / "errgen.toml").open("a") as settings:
        settings.write("[[site.b.edge]]\ntraffic = 'd.csv'\n")
    (tmp_path / "brand").mkdir()
    for name in ("a.svg", "brand/b.png", "c.svg", "d.csv"):
        (tmp_path / name).write_text("x")
    names = {Path(path).name for path in cache.stamp_inputs(tmp_path)}
    assert {"a.svg", "b.png", "d.csv"} <= names
    assert "c.svg" not in names


def test_traffic_that_is_given_is_a_source_even_where_the_settings_name_it(tmp_path: Path) -> None:
    (tmp_path / "errgen.toml").write_text("[[site.a.edge]]\ntraffic = 'd.csv'\n")
    (tmp_path / "d.csv").write_text("404,1")
    (tmp_path / "other.csv").write_text("404,1")
    without, same, other = (cache.stamp_inputs(tmp_path, file) for file in (None, "d.csv", "other.csv"))
    assert set(same) - set(without) == {"--traffic d.csv"}
    assert set(other) - set(without) == {"--traffic other.csv", str(tmp_path / "other.csv")}


def test_inputs_that_may_still_change_have_no_digest() -> None:
    now = time.time_ns()
    old = {"a": (1, now - 60 * 10**9 + 1)}
    assert cache.digest_inputs(old, now) == cache.digest_inputs(dict(old), now) != ""
    assert cache.digest_inputs({**old, "b": (1, now - 10**6)}, now) == ""
    whole_second = (now // 10**9 - 1) * 10**9
    assert cache.digest_inputs({**old, "b": (1, whole_second)}, now) == ""
    assert cache.digest_inputs({"a": (2, old["a"][1])}, now) != cache.digest_inputs(old, now)


def test_knows_outputs_by_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    made = replace(MADE, outputs=cache.stamp_outputs(tmp_path, ["a"]))
    assert cache.is_current(tmp_path, made)
    os.utime(tmp_path / "a", ns=(5, 5))
    assert not cache.is_current(tmp_path, made)
    (tmp_path / "a").unlink()
    assert not cache.is_current(tmp_path, made)


def test_what_editors_write_beside_a_source_is_none(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "mine.yaml").write_text("x")
    before = cache.stamp_inputs(tmp_path)
    (tmp_path / "catalog" / ".mine.yaml.swp").write_text("x")
    (tmp_path / "catalog" / "mine.yaml~").write_text("x")
    (tmp_path / "catalog" / ".#mine.yaml").symlink_to("somebody@here.1")
    assert cache.stamp_inputs(tmp_path) == before


def test_what_goes_while_it_is_looked_at_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    languages = tmp_path / "catalog" / "languages"
    languages.mkdir(parents=True)
    (tmp_path / "catalog" / "mine.yaml").write_text("x")
    before = cache.stamp_inputs(tmp_path)
    (tmp_path / "catalog" / "gone.yaml").symlink_to("nowhere")  # listed, and not there
    assert cache.stamp_inputs(tmp_path) == before
    scandir = os.scandir

    def switching(folder: str) -> object:
        if folder == str(languages):
            languages.rmdir()
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", switching)
    assert cache.stamp_inputs(tmp_path) == before
    assert not languages.exists()
