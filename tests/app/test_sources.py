from __future__ import annotations

from pathlib import Path

import pytest

from site_builder.app.sources import read_inputs
from tests.app.small import small_live


def test_what_editors_write_is_no_source(tmp_path: Path) -> None:
    for folder in ("catalog", "templates/mine"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a").write_text("x")
    before = read_inputs(tmp_path)
    for folder in ("catalog", "templates/mine"):
        (tmp_path / folder / ".a.swp").write_text("x")
        (tmp_path / folder / ".#a").symlink_to("somebody@here.1")
        (tmp_path / folder / "a~").mkdir()
    (tmp_path / "templates/mine/.git").mkdir()
    (tmp_path / "templates/mine/.git/index").write_text("x")
    assert read_inputs(tmp_path) == before
    (tmp_path / "catalog" / "b").mkdir()
    assert set(read_inputs(tmp_path).catalog) - set(before.catalog) == {str(tmp_path / "catalog" / "b")}


def test_a_folder_below_one_of_git_is_as_any(tmp_path: Path) -> None:
    catalog = tmp_path / ".git" / "x.bak" / "catalog"
    catalog.mkdir(parents=True)
    (catalog / "a.yaml").write_text("x")
    assert {str(catalog), str(catalog / "a.yaml")} <= set(read_inputs(catalog.parent).catalog)


def test_the_gallery_answers_while_an_editor_is_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = small_live(tmp_path, monkeypatch)
    file = live.write("catalog/mine.yaml", "404:\n  headline: One\n")
    live.turn()
    file.with_name(".mine.yaml.swp").write_bytes(b"b0VIM")
    file.with_name(".#mine.yaml").symlink_to("somebody@here.1")
    assert live.studio.data("default")["site"] == "default"
    assert live.turn() is None
