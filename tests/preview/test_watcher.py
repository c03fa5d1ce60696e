from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from site_builder.preview import watcher as watcher_module
from site_builder.preview.watcher import QUIET_SECONDS, Watcher

SECONDS = 20  # a limit for a broken watcher, never reached by a working one


def atomic(path: Path) -> None:
    temporary = path.with_name(path.name + "~")
    temporary.write_text("new")
    temporary.replace(path)


def in_place(path: Path) -> None:
    path.write_text("new")


def vim(path: Path) -> None:
    path.with_name("4913").touch()
    path.with_name("4913").unlink()
    backup = path.with_name(path.name + "~")
    path.rename(backup)
    path.write_text("new")
    backup.unlink()


def vs_code(path: Path) -> None:
    with path.open("r+") as file:
        file.truncate(0)
        file.flush()
        file.write("new")


def jetbrains(path: Path) -> None:
    temporary, old = (path.with_name(f"{path.name}___jb_{kind}___") for kind in ("tmp", "old"))
    temporary.write_text("new")
    path.rename(old)
    temporary.rename(path)
    old.unlink()


def emacs(path: Path) -> None:
    lock = path.with_name(f".#{path.name}")
    lock.symlink_to("somebody@here.1")
    path.with_name(f"#{path.name}#").write_text("new")
    path.rename(path.with_name(path.name + "~"))
    path.write_text("new")
    path.with_name(f"#{path.name}#").unlink()
    lock.unlink()


def delete(path: Path) -> None:
    path.unlink()


def move_in(path: Path) -> None:
    elsewhere = path.parent.parent / "made elsewhere"
    elsewhere.write_text("new")
    elsewhere.replace(path)


@pytest.mark.parametrize("poll", [False, True])
@pytest.mark.parametrize("save", [atomic, in_place, vim, vs_code, jetbrains, emacs, delete, move_in])
def test_sees_every_way_of_saving(tmp_path: Path, save: Callable[[Path], None], poll: bool) -> None:
    catalog = tmp_path / "catalog"
    catalog.mkdir()
    file = catalog / "http.yaml"
    file.write_text("old")
    os.utime(
        file, (1, 1)
    )  # a clock that counts in steps may give two writes one time, and polling sees times and sizes
    with Watcher([catalog], [], poll=poll) as watcher:
        save(file)
        assert watcher.wait(SECONDS) == {str(file)}


def test_sees_a_named_file_and_not_its_neighbours(tmp_path: Path) -> None:
    settings, neighbour = tmp_path / "errgen.toml", tmp_path / "notes.txt"
    settings.write_text("old")
    with Watcher([], [settings]) as watcher:
        neighbour.write_text("x")
        atomic(settings)
        assert watcher.wait(SECONDS) == {str(settings)}


def test_reading_is_not_a_change(tmp_path: Path) -> None:
    file = tmp_path / "page.html.j2"
    file.write_text("old")
    with Watcher([tmp_path], []) as watcher:
        file.read_text()
        os.utime(file)
        last = tmp_path / "last"
        last.write_text("x")
        assert watcher.wait(SECONDS) == {str(last)}


def test_a_folder_that_appears_with_its_files(tmp_path: Path) -> None:
    with Watcher([tmp_path], []) as watcher:
        elsewhere = tmp_path.parent / "branch"
        elsewhere.mkdir()
        (elsewhere / "a.yaml").write_text("x")
        elsewhere.rename(tmp_path / "languages")
        seen = watcher.wait(SECONDS)
    assert seen
    assert all(path.startswith(str(tmp_path / "languages")) for path in seen)


def test_thousands_of_files_at_once_are_one_burst_or_two(tmp_path: Path) -> None:
    script = "import pathlib,sys\nfor n in range(3000): pathlib.Path(sys.argv[1], f'{n}.yaml').write_text('x')"
    with Watcher([tmp_path], []) as watcher:
        subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
        seen: set[str] = set()
        while len(seen) < 3000 and (more := watcher.wait(SECONDS)):
            seen |= more
    assert len(seen) == 3000


def test_nothing_changes(tmp_path: Path) -> None:
    with Watcher([tmp_path], []) as watcher:
        assert not watcher.pending()
        assert watcher.wait(0) == frozenset()


def test_one_that_is_written_anew_after_it_was_moved_away_is_one_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher_module, "LOST_SECONDS", SECONDS)
    file, elsewhere = tmp_path / "http.yaml", tmp_path.parent / "backup.yaml"
    file.write_text("old")
    with Watcher([tmp_path], []) as watcher:
        file.rename(elsewhere)
        threading.Timer(QUIET_SECONDS * 4, file.write_text, ["new"]).start()  # as an editor that waits for the disk
        assert watcher.wait(SECONDS) == {str(file)}
        assert file.read_text() == "new"


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_link_that_appears(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    catalog, elsewhere = tmp_path / "catalog", tmp_path / "elsewhere.yaml"
    catalog.mkdir()
    elsewhere.write_text("x")
    with Watcher([catalog], []) as watcher:
        link(catalog / "a.yaml", elsewhere)
        assert watcher.wait(SECONDS) == {str(catalog / "a.yaml")}


def test_a_file_that_is_still_being_written_is_no_change(tmp_path: Path) -> None:
    with Watcher([tmp_path], []) as watcher, (tmp_path / "half.yaml").open("w") as half:
        half.write("x")
        half.flush()
        (tmp_path / "link.yaml").symlink_to("half.yaml")
        assert watcher.wait(SECONDS) == {str(tmp_path / "link.yaml")}


def test_what_the_folder_lies_in_says_nothing(tmp_path: Path) -> None:
    catalog = tmp_path / ".git" / "worktree.bak" / "catalog"
    catalog.mkdir(parents=True)
    with Watcher([catalog], []) as watcher:
        (catalog / "a.yaml").write_text("x")
        assert watcher.wait(SECONDS) == {str(catalog / "a.yaml")}


def test_a_named_file_counts_whatever_its_name(tmp_path: Path) -> None:
    with Watcher([], [tmp_path / "logo.bak"]) as watcher:
        (tmp_path / "logo.bak").write_text("x")
        assert watcher.wait(SECONDS) == {str(tmp_path / "logo.bak")}


@pytest.mark.parametrize("poll", [False, True])
def test_what_cannot_be_watched_leaves_no_thread(tmp_path: Path, poll: bool) -> None:
    before = threading.enumerate()
    with pytest.raises(FileNotFoundError), Watcher([tmp_path, tmp_path / "gone"], [], poll=poll):
        pass
    assert threading.enumerate() == before
