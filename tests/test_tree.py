from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import tree
from site_builder.errors import LocalFilesFailed

names = st.text("abc", min_size=1, max_size=2)
contents = st.binary(max_size=4)
# Folder names end in "d" and file names do not, so that no path is both.
trees = st.dictionaries(st.builds(lambda a, b: f"{a}d/{b}" if a < b else b, names, names), contents, max_size=8)


def sync(root: Path, files: dict[str, bytes], ours: set[str]) -> tree.Difference:
    difference = tree.compare(root, files, ours)
    tree.replace(root, files, difference, last="manifest.json")
    return difference


def held(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@given(before=trees, after=trees, foreign=trees)
def test_holds_exactly_the_files_of_the_last_build_and_everything_foreign(
    tmp_path_factory: pytest.TempPathFactory,
    before: dict[str, bytes],
    after: dict[str, bytes],
    foreign: dict[str, bytes],
) -> None:
    root = tmp_path_factory.mktemp("tree")
    foreign = {f"foreign{path}": content for path, content in foreign.items()}
    sync(root, foreign, set())
    sync(root, before, set())
    sync(root, after, set(before))
    assert held(root) == {**foreign, **after}
    assert not tree.compare(root, after, set(after))


def test_says_what_it_wrote_and_removed(tmp_path: Path) -> None:
    sync(tmp_path, {"a": b"1", "b/c": b"2", "manifest.json": b"{}"}, set())
    difference = sync(tmp_path, {"a": b"1", "d": b"3", "manifest.json": b"{ }"}, {"a", "b/c", "manifest.json"})
    assert difference == tree.Difference(missing=("d",), changed=("manifest.json",), stale=("b/c",))
    assert not (tmp_path / "b").exists()


def test_an_equal_file_keeps_its_time(tmp_path: Path) -> None:
    sync(tmp_path, {"a": b"1", "b": b"1"}, set())
    os.utime(tmp_path / "a", ns=(5, 5))
    sync(tmp_path, {"a": b"1", "b": b"2"}, {"a", "b"})
    assert (tmp_path / "a").stat().st_mtime_ns == 5


def test_the_last_file_is_put_in_place_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    rename: Callable[[str, str], None] = os.replace

    def noting(source: str, target: str) -> None:
        order.append(Path(target).name)
        rename(source, target)

    monkeypatch.setattr(os, "replace", noting)
    sync(tmp_path, {"a": b"", "manifest.json": b"", "z": b""}, set())
    assert order == ["a", "z", "manifest.json"]


@pytest.mark.parametrize("writes", range(4))
def test_a_full_disk_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int) -> None:
    old = {"a": b"old", "b/c": b"old", "manifest.json": b"old"}
    sync(tmp_path, old, set())
    done = 0
    write = os.write

    def filling(handle: int, content: bytes) -> int:
        nonlocal done
        done += 1
        if done > writes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(handle, content)

    monkeypatch.setattr(os, "write", filling)
    new = {"a": b"new", "b/c": b"new", "e/f/g": b"new", "h": b"new", "manifest.json": b"new"}
    with pytest.raises(LocalFilesFailed) as failure:
        sync(tmp_path, new, set(old))
    assert failure.value.exit_code == 9
    assert "No space left on device" in str(failure.value)
    assert held(tmp_path) == old
    assert not (tmp_path / "e").exists()


def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(LocalFilesFailed, match=r"/a: cannot read the output: Is a directory"):
        sync(tmp_path, {"a": b"1"}, set())


def test_removes_what_a_killed_build_left(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / f"c{tree.STAGED}").write_bytes(b"half")
    (tmp_path / "mine").write_bytes(b"kept")
    tree.remove_leftovers(tmp_path)
    assert held(tmp_path) == {"mine": b"kept"}


def test_refuses_a_folder_of_somebody_elses_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(LocalFilesFailed, match=r"holds files that errgen did not write \(thesis.txt\)"):
        tree.require_ours(tmp_path, "manifest.json", set())
    tree.require_ours(tmp_path, "manifest.json", {"a"})
    tree.require_ours(tmp_path / "absent", "manifest.json", set())
    (tmp_path / "manifest.json").write_text("{}")
    tree.require_ours(tmp_path, "manifest.json", set())
