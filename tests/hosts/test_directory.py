"""A folder with releases: hard links, the atomic switch, permissions, and failures that change nothing."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from site_builder.errors import InvalidInput, LocalFilesFailed
from site_builder.hosts import Host, Upload, open_host

OLD = "0a" * 32
NEW = "1b" * 32


def host_at(root: Path, **options: Any) -> Host:
    table = {"kind": "directory", "path": str(root), **options}
    return open_host(table, "errgen.toml: site.default.host", {})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "served"
    root.mkdir()
    return root


def publish(host: Host, release: str, pages: dict[str, bytes]) -> None:
    digests = {path: hashlib.sha256(content).hexdigest() for path, content in pages.items()}
    uploads = [
        Upload(host.place(path, digests[path], release), content, "text/html") for path, content in pages.items()
    ]
    host.write_many(uploads, lambda _: None)
    host.activate(release, release.encode())


def tree(root: Path) -> dict[str, str]:
    """Every file's text and every link's target by path below ``root``."""
    return {
        path.relative_to(root).as_posix(): f"-> {path.readlink()}" if path.is_symlink() else path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


PUBLISHED = {
    "current": "-> releases/0a0a0a0a0a0a",
    f"releases/{OLD}.json": OLD,
    "releases/0a0a0a0a0a0a/pages/static/en/404.html": "four",
    "releases/0a0a0a0a0a0a/pages/static/en/500.html": "five",
}
PAGES = {"pages/static/en/404.html": b"four", "pages/static/en/500.html": b"five"}


def test_a_published_folder_holds_exactly_this(root: Path) -> None:
    host = host_at(root)
    publish(host, OLD, PAGES)
    assert tree(root) == PUBLISHED
    assert (root / "current/pages/static/en/404.html").read_text() == "four"
    assert host.name == f"directory {root}"


def test_relative_paths_start_at_the_project(tmp_path: Path, root: Path) -> None:
    host = open_host({"kind": "directory", "path": "served"}, "", {}, project=tmp_path)
    publish(host, OLD, PAGES)
    assert tree(root) == PUBLISHED


def test_a_link_to_an_old_file_is_as_young_as_it_is(root: Path) -> None:
    host = host_at(root)
    publish(host, OLD, PAGES)
    os.utime(root / "releases/0a0a0a0a0a0a/pages/static/en/404.html", (0, 0))
    key = host.place("pages/static/en/404.html", "", NEW)
    host.write(key, b"four", "text/html", None)
    assert (root / key).stat().st_mtime == 0
    modified = host.list()[key].modified
    assert modified is not None
    assert modified >= host.releases()[0].published


def test_unchanged_pages_are_links_to_the_release_before_and_survive_it(root: Path) -> None:
    host = host_at(root)
    publish(host, OLD, PAGES)
    publish(host, NEW, PAGES | {"pages/static/en/500.html": b"cinq", "pages/static/en/503.html": b"new"})
    old, new = root / "releases/0a0a0a0a0a0a/pages/static/en", root / "releases/1b1b1b1b1b1b/pages/static/en"
    assert old.joinpath("404.html").samefile(new / "404.html")
    assert not old.joinpath("500.html").samefile(new / "500.html")
    listed = host.list()
    assert {key: stored.digest for key, stored in listed.items()} == {
        key: hashlib.sha256((root / key).read_bytes()).hexdigest() for key in tree(root) if "/pages/" in key
    }
    host.delete([key for key in listed if "0a0a" in key])
    host.delete([f"releases/{OLD}.json"])
    assert tree(root) == {
        "current": "-> releases/1b1b1b1b1b1b",
        f"releases/{NEW}.json": NEW,
        "releases/1b1b1b1b1b1b/pages/static/en/404.html": "four",
        "releases/1b1b1b1b1b1b/pages/static/en/500.html": "cinq",
        "releases/1b1b1b1b1b1b/pages/static/en/503.html": "new",
    }
    assert sorted(path.name for path in (root / "releases").iterdir()) == ["1b1b1b1b1b1b", f"{NEW}.json"]


def test_a_changed_page_never_changes_the_release_it_was_linked_to(root: Path) -> None:
    host = host_at(root)
    publish(host, OLD, PAGES)
    publish(host, NEW, PAGES)
    host.write("releases/1b1b1b1b1b1b/pages/static/en/404.html", b"changed", "text/html", None)
    assert host.read("releases/0a0a0a0a0a0a/pages/static/en/404.html") == b"four"


def test_where_hard_links_are_refused_pages_are_copied(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:  # noqa: ARG001  # pathlib's signature
        raise OSError(errno.EMLINK, os.strerror(errno.EMLINK))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    host = host_at(root)
    publish(host, OLD, PAGES)
    publish(host, NEW, PAGES)
    assert (root / "current/pages/static/en/404.html").stat().st_nlink == 1
    assert {key: stored.bytes for key, stored in host.list().items()} == dict.fromkeys(host.list(), 4)
    assert len(tree(root)) == 7


def test_publishing_the_same_again_touches_no_file(root: Path) -> None:
    host = host_at(root)
    publish(host, OLD, PAGES)
    before = {path: path.stat() for path in root.rglob("*") if path.is_file()}
    publish(host, OLD, PAGES)
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in before} == {
        path: (status.st_ino, status.st_mtime_ns) for path, status in before.items()
    }


def test_files_have_the_rights_that_a_web_server_needs(root: Path) -> None:
    before = os.umask(0o022)
    try:
        publish(host_at(root), OLD, PAGES)
    finally:
        os.umask(before)
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o644}


def test_readers_see_whole_releases_while_they_are_switched(root: Path) -> None:
    host = host_at(root)
    publish(host, OLD, {"pages/static/en/404.html": b"0a0a"})
    publish(host, NEW, {"pages/static/en/404.html": b"1b1b"})
    stop, seen, failures = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            try:
                seen.add((root / "current/pages/static/en/404.html").read_bytes())
            except OSError as error:
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(200):
        host.activate(OLD, OLD.encode())
        host.activate(NEW, NEW.encode())
    stop.set()
    reader.join()
    assert (seen - {b"0a0a", b"1b1b"}, failures) == (set(), [])


def test_a_release_without_pages_is_not_switched_to(root: Path) -> None:
    host = host_at(root)
    publish(host, OLD, PAGES)
    with pytest.raises(LocalFilesFailed, match=r"releases/1b1b1b1b1b1b: cannot switch to a release whose pages"):
        host.activate(NEW, b"{}")
    assert tree(root) == PUBLISHED


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_something_else_called_current_is_left_alone(root: Path, make: Any) -> None:
    host = host_at(root)
    make(root / "current")
    for call in (host.check, host.current, host.deactivate):
        with pytest.raises(LocalFilesFailed, match="current: is a file or folder, and not the link") as caught:
            call()
        assert caught.value.hint == "move it away, or choose another path for this host"
    key = host.place("pages/static/en/404.html", "0" * 64, OLD)
    with pytest.raises(LocalFilesFailed, match="is a file or folder"):
        host.write(key, b"x", "text/html", None)


def test_a_link_that_leads_elsewhere_is_no_release(root: Path) -> None:
    (root / "current").symlink_to("releases/ffffffffffff")
    assert host_at(root).current() is None


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    host = host_at(tmp_path / "mount")
    key = host.place("pages/static/en/404.html", "0" * 64, OLD)
    calls: list[Callable[[], object]] = [
        host.check,
        host.list,
        host.releases,
        host.current,
        lambda: host.write(key, b"x", "text/html", None),
    ]
    for call in calls:
        with pytest.raises(LocalFilesFailed, match="mount: there is no such folder") as caught:
            call()
        assert caught.value.hint == f"make it with: mkdir -p {tmp_path / 'mount'}"
    assert not (tmp_path / "mount").exists()


def test_check_leaves_nothing_behind_and_sees_what_it_may_not_write(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = host_at(root)
    host.check()
    assert tree(root) == {}

    def refuse(self: Path, *_: Any) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(self))

    monkeypatch.setattr(Path, "symlink_to", refuse)  # as on a file system without links; root may write anywhere else
    with pytest.raises(LocalFilesFailed, match="cannot write into this folder: Operation not permitted"):
        host.check()
    assert tree(root) == {}


def test_a_file_in_the_way_of_a_folder_is_named(root: Path) -> None:
    (root / "releases").write_text("mine")
    host = host_at(root)
    with pytest.raises(LocalFilesFailed, match=r"404\.html: cannot write: (Not a directory|File exists)"):
        host.write(host.place("pages/static/en/404.html", "0" * 64, OLD), b"x", "text/html", None)
    assert tree(root) == {"releases": "mine"}


def test_an_address_is_required_only_where_it_is_asked_for(root: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        host_at(root).url("releases/0a0a0a0a0a0a/pages/static/en/404.html")
    assert str(caught.value) == (
        "errgen.toml: site.default.host.public_url: is required where an edge fetches the pages from this host"
    )


def test_files_of_others_are_not_listed(root: Path) -> None:
    publish(host_at(root), OLD, PAGES)
    (root / "notes.txt").write_text("mine")
    (root / "releases" / "notes").mkdir()
    (root / "releases" / "notes" / "x.html").write_text("mine")
    (root / "releases" / "notes.json").write_text("mine")
    host = host_at(root)
    assert [stored.key for stored in host.list().values()] == sorted(key for key in PUBLISHED if "/pages/" in key)
    assert [release.digest for release in host.releases()] == [OLD]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder that fills up: a file system of 64 KiB, or where none may be mounted, a limit on the size of files."""
    root = tmp_path / "disk"
    root.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(root)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        try:
            yield root
        finally:
            subprocess.run(["umount", str(root)], check=True)
    else:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
        try:
            yield root
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_changes_nothing_that_is_served(small_disk: Path) -> None:
    host = host_at(small_disk)
    publish(host, OLD, PAGES)
    pages = {"pages/static/en/404.html": b"vier", "pages/static/en/500.html": b"x" * 100_000}
    with pytest.raises(LocalFilesFailed, match=r"500\.html: cannot write: (No space left on device|File too large)"):
        publish(host, NEW, pages)
    carried = {"releases/1b1b1b1b1b1b/pages/static/en/404.html": "vier"}
    assert tree(small_disk) == PUBLISHED | carried
    assert (host.current(), [release.digest for release in host.releases()]) == (OLD, [OLD])
    publish(host, NEW, pages | {"pages/static/en/500.html": b"smaller"})
    assert host.current() == NEW


class _Failing:
    """A file that takes half of what it is given, and then raises ``error``."""

    def __init__(self, file: IO[bytes], error: BaseException) -> None:
        self._file, self._error = file, error

    def __enter__(self) -> _Failing:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: bytes) -> int:
        self._file.write(content[: len(content) // 2])
        raise self._error


@pytest.mark.parametrize(
    ("error", "expected"),
    [(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), LocalFilesFailed), (KeyboardInterrupt(), KeyboardInterrupt)],
)
@pytest.mark.parametrize("last", ["pages/static/en/500.html", f"releases/{NEW}.json"])
def test_cut_off_anywhere_nothing_half_written_stays(
    root: Path, monkeypatch: pytest.MonkeyPatch, last: str, error: BaseException, expected: type[BaseException]
) -> None:
    host = host_at(root)
    publish(host, OLD, PAGES)
    opened, names = Path.open, iter(["404", "500", "manifest"])

    def open_(self: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        file = opened(self, mode, *args, **options)
        if mode != "xb":
            return file
        name = next(names)
        return _Failing(file, error) if name == ("500" if "500" in last else "manifest") else file

    monkeypatch.setattr(Path, "open", open_)
    with pytest.raises(expected):
        publish(host, NEW, {"pages/static/en/404.html": b"vier", "pages/static/en/500.html": b"cinq"})
    monkeypatch.undo()
    whole = [key for key in tree(root) if key not in PUBLISHED]
    assert set(whole) == {"releases/1b1b1b1b1b1b/pages/static/en/404.html"} | (
        set() if "500" in last else {"releases/1b1b1b1b1b1b/pages/static/en/500.html"}
    )
    assert {key: text for key, text in tree(root).items() if key in PUBLISHED} == PUBLISHED
    assert host.current() == OLD


def test_what_a_killed_run_left_half_written_is_no_page_and_goes_with_its_release(root: Path) -> None:
    host = host_at(root)
    publish(host, OLD, PAGES)
    publish(host, NEW, PAGES)
    (root / "releases/0a0a0a0a0a0a/pages/static/en/.errgen-tmp-0123456789abcdef").write_text("hal")
    pages = [key for key in host.list() if "0a0a" in key]
    assert sorted(pages) == sorted(key for key in PUBLISHED if "/pages/" in key)
    host.delete(pages)
    assert not (root / "releases/0a0a0a0a0a0a").exists()


def test_what_killed_runs_left_beside_pages_is_removed_once_nobody_can_be_writing_it(root: Path) -> None:
    host = host_at(root)
    publish(host, OLD, PAGES)
    left = [root / ".errgen-tmp-01", root / "releases/.errgen-tmp-02", root / "records/.errgen-tmp-03"]
    (root / "records").mkdir()
    for path in left:
        path.symlink_to("releases")
    host.check()
    assert all(path.is_symlink() for path in left)
    for path in left:
        os.utime(path, (0, 0), follow_symlinks=False)
    host.check()
    (root / "records").rmdir()
    assert tree(root) == PUBLISHED
