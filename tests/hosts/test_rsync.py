"""A server behind rsync: real rsync everywhere, with a shell, sshd, rrsync or a daemon on the other side."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from site_builder.errors import ErrgenError, InvalidInput, RemoteFailed, UsageError
from site_builder.hosts import Host, Upload, open_host
from tests.rsync_peers import WHERE, Sshd, daemon, host_at, local_shell, restricted_shell

OLD = "0a" * 32
NEW = "1b" * 32
PAGES = {"pages/static/en/404.html": b"four", "pages/static/en/500.html": b"five"}
PUBLISHED = {
    "current": "-> releases/0a0a0a0a0a0a",
    f"releases/{OLD}.json": OLD,
    "releases/0a0a0a0a0a0a/pages/static/en/404.html": "four",
    "releases/0a0a0a0a0a0a/pages/static/en/500.html": "five",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """What the server serves."""
    root = tmp_path / "served"
    root.mkdir()
    return root


@pytest.fixture
def host(root: Path, tmp_path: Path) -> Host:
    """A host with this machine's shell on the other side."""
    return host_at(f"web.example:{root}", local_shell(tmp_path))


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


def failure(call: Callable[[], Any]) -> tuple[str, str]:
    """What is said and what is advised."""
    with pytest.raises(ErrgenError) as caught:
        call()
    return str(caught.value), caught.value.hint or ""


def test_a_published_folder_holds_exactly_this(host: Host, root: Path) -> None:
    host.check()
    publish(host, OLD, PAGES)
    assert tree(root) == PUBLISHED
    assert (root / "current/pages/static/en/404.html").read_text() == "four"
    assert host.name == f"rsync web.example:{root}"


def test_one_login_tells_the_pages_and_what_is_current(root: Path, tmp_path: Path) -> None:
    publish(host_at(f"web.example:{root}", local_shell(tmp_path)), OLD, PAGES)
    logins = tmp_path / "logins"
    host = host_at(f"web.example:{root}", local_shell(tmp_path, f'echo once >> "{logins}"'))
    pages, current = host.look(OLD)
    assert (set(pages), current) == ({key for key in PUBLISHED if "/pages/" in key}, OLD)
    assert logins.read_text() == "once\n"


def test_unchanged_pages_are_links_to_the_release_before_and_survive_it(host: Host, root: Path) -> None:
    publish(host, OLD, PAGES)
    publish(host, NEW, PAGES | {"pages/static/en/500.html": b"cinq", "pages/static/en/503.html": b"new"})
    old, new = root / "releases/0a0a0a0a0a0a/pages/static/en", root / "releases/1b1b1b1b1b1b/pages/static/en"
    assert (new / "404.html").samefile(old / "404.html")
    assert (old / "500.html").read_text() == "five"
    release = next(release for release in host.releases() if release.digest == OLD)
    host.delete([release.key, *(key for key in host.list() if key.startswith("releases/0a"))])
    assert tree(root) == {
        "current": "-> releases/1b1b1b1b1b1b",
        f"releases/{NEW}.json": NEW,
        "releases/1b1b1b1b1b1b/pages/static/en/404.html": "four",
        "releases/1b1b1b1b1b1b/pages/static/en/500.html": "cinq",
        "releases/1b1b1b1b1b1b/pages/static/en/503.html": "new",
    }
    assert sorted(path.name for path in (root / "releases").iterdir()) == ["1b1b1b1b1b1b", f"{NEW}.json"]


def test_a_link_to_an_old_file_is_as_young_as_it_is(host: Host, root: Path) -> None:
    publish(host, OLD, PAGES)
    os.utime(root / "releases/0a0a0a0a0a0a/pages/static/en/404.html", (0, 0))
    key = host.place("pages/static/en/404.html", "", NEW)
    host.write(key, b"four", "text/html", None)
    assert (root / key).stat().st_mtime == 0
    published = host.releases()[0].published
    modified = host.list()[key].modified
    assert modified is not None
    assert modified >= published


def test_a_page_that_was_edited_by_hand_is_not_linked_to_and_is_mended(host: Host, root: Path) -> None:
    publish(host, OLD, PAGES)
    edited = root / "releases/0a0a0a0a0a0a/pages/static/en/404.html"
    edited.write_text("FOUR")
    publish(host, NEW, PAGES)
    assert (root / "current/pages/static/en/404.html").read_text() == "four"
    publish(host, OLD, PAGES)
    assert edited.read_text() == "four"


def test_who_serves_may_read_what_was_stored(host: Host, root: Path) -> None:
    before = os.umask(0o022)
    try:
        publish(host, OLD, PAGES)
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in root.rglob("*")}
    assert modes == {0o755, 0o644}


def test_all_pages_of_a_release_are_read_with_one_login(root: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    host = host_at(f"web.example:{root}", local_shell(tmp_path, f"echo x >> {log}"))
    publish(host, OLD, PAGES)
    log.unlink()
    assert {path: host.read(host.place(path, "", OLD)) for path in PAGES} == PAGES
    assert log.read_text() == "x\n"
    key = host.place("pages/static/en/404.html", "", OLD)
    host.write(key, b"FOUR", "text/html", None)
    assert host.read(key) == b"FOUR"
    host.deactivate()
    host.delete([key])
    with pytest.raises(RemoteFailed):
        host.read(key)


def test_what_a_killed_run_left_is_no_page_and_goes_with_its_folder(host: Host, root: Path) -> None:
    publish(host, OLD, PAGES)
    (root / "releases/0a0a0a0a0a0a/pages/static/en/.404.html.Xa92Kd").write_text("fo")
    assert set(host.list()) == {key for key in PUBLISHED if "/pages/" in key}
    host.deactivate()
    host.delete([*host.list(), f"releases/{OLD}.json"])
    assert list((root / "releases").iterdir()) == []


def test_others_files_are_neither_listed_nor_touched(host: Host, root: Path) -> None:
    theirs = {"index.html": "x", "releases/notes.txt": "x", "releases/by-hand/x.html": "x", "records.txt": "x"}
    for path, text in theirs.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    publish(host, OLD, PAGES)
    host.deactivate()
    assert [release.digest for release in host.releases()] == [OLD]
    host.delete([*host.list(), f"releases/{OLD}.json"])
    assert tree(root) == theirs


def test_the_link_is_never_away_or_half_made(host: Host, root: Path) -> None:
    publish(host, OLD, PAGES)
    publish(host, NEW, PAGES)
    seen, stop, reading = set(), threading.Event(), threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add((root / "current/pages/static/en/404.html").read_bytes())
            reading.set()

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait()
    try:
        for release in (OLD, NEW, OLD):
            host.activate(release, release.encode())
    finally:
        stop.set()
        reader.join()
    assert seen == {b"four"}


@pytest.mark.parametrize("cut", ["exit 12", "ulimit -f 0"], ids=["refused", "killed while it writes"])
def test_what_is_served_is_whole_wherever_a_publish_is_cut_off(root: Path, tmp_path: Path, cut: str) -> None:
    count, fails = tmp_path / "count", tmp_path / "fails"
    before = f'n=$(cat {count}); echo $((n + 1)) > {count}; if [ "$n" = "$(cat {fails})" ]; then {cut}; fi'
    host = host_at(f"web.example:{root}", local_shell(tmp_path, before))
    new = PAGES | {"pages/static/en/404.html": b"quatre"}
    count.write_text("0")
    fails.write_text("never")
    publish(host, OLD, PAGES)
    whole, survived = {OLD[:12]: PAGES, NEW[:12]: new}, 0
    shutil.copytree(root, tmp_path / "saved", symlinks=True)
    for number in range(5):
        shutil.rmtree(root)
        shutil.copytree(tmp_path / "saved", root, symlinks=True)
        count.write_text("0")
        fails.write_text(str(number))
        with contextlib.suppress(RemoteFailed):  # where nothing is written, there is nothing to kill
            publish(host, NEW, new)
            survived += 1
        fails.write_text("never")
        served = {path: (root / "current" / path).read_bytes() for path in PAGES}
        assert served == whole[(root / "current").readlink().name]
        publish(host, NEW, new)
        assert {path: (root / "current" / path).read_bytes() for path in new} == new
    assert survived == (0 if cut == "exit 12" else 3)


def test_paths_with_blanks_arrive_as_they_are(tmp_path: Path) -> None:
    root = tmp_path / "errör pages, new @ 100%~"
    root.mkdir()
    host = host_at(f"deploy@web.example:{root}/", local_shell(tmp_path, "shift 2"))
    host.check()
    publish(host, OLD, PAGES)
    publish(host, NEW, PAGES)
    assert (root / "releases/1b1b1b1b1b1b/pages/static/en/404.html").stat().st_nlink == 2
    assert {key: host.read(key) for key in host.list()} == {
        host.place(path, "", release): content for release in (OLD, NEW) for path, content in PAGES.items()
    }


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("/srv/errors", 'is a folder of this machine, which is for a host with kind = "directory"'),
        ("web.example:errors", "is not a target like user@server:/srv/errors (the path begins with a slash)"),
        ("-oProxyCommand=x:/srv", "is not a target like user@server:/srv/errors (the path begins with a slash)"),
        ("web.example:/srv/a\nb", "is not a target like user@server:/srv/errors (the path begins with a slash)"),
        ("a b@web.example:/srv", "is not a target like user@server:/srv/errors (the path begins with a slash)"),
        ("rsync://me:hunter2@web.example/m", "has a password in it; an rsync daemon's comes from RSYNC_PASSWORD only"),
        *(
            (
                f"web.example:{path}",
                "has a path that is not made of letters, digits, blanks and . , ~ + = @ : % - between slashes, or has "
                "a folder called . or .. in it",
            )
            for path in ("/srv/../etc", "/srv/`id`", "/srv/$HOME", "/srv/*", "/srv/a;b", "/srv/.")
        ),
    ],
)
def test_targets_that_cannot_be_are_refused(target: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        host_at(target, {})
    assert [str(fault) for fault in caught.value.faults] == [f"{WHERE}.target: {problem}"]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("web.example:/srv/errors/", "rsync web.example:/srv/errors"),
        ("deploy@[2001:db8::1]:/srv", "rsync deploy@[2001:db8::1]:/srv"),
        ("web.example:/", "rsync web.example:/"),
        ("rsync://deploy@web.example:8873/pages/errors", "rsync rsync://deploy@web.example:8873/pages/errors"),
        ("rsync://web.example/pages", "rsync rsync://web.example/pages/"),
    ],
)
def test_targets_are_named_as_they_are_written(target: str, name: str) -> None:
    assert host_at(target, {}).name == name


def test_an_address_is_asked_for_only_where_one_is_needed() -> None:
    host = host_at("web.example:/srv", {})
    assert failure(lambda: host.url("releases/0a0a0a0a0a0a/x.html")) == (
        f"{WHERE}.public_url: is required where an edge fetches the pages from this host",
        'add public_url = "https://…", the address at which target is served',
    )
    table = {"kind": "rsync", "target": "web.example:/srv", "public_url": "https://errors.example.com/e/"}
    assert open_host(table, WHERE, {}).url("releases/0/x.html") == "https://errors.example.com/e/releases/0/x.html"


def test_ssh_really_logs_in(root: Path, tmp_path: Path) -> None:
    host = host_at(f"web.example:{root}", Sshd(tmp_path).shell())
    key = host.place("pages/static/en/404.html", "", OLD)
    host.write(key, b"four", "text/html", None)
    assert tree(root) == {key: "four"}
    assert set(host.list()) == {key}


def test_ssh_that_cannot_log_in_says_why_and_never_asks(root: Path, tmp_path: Path) -> None:
    sshd = Sshd(tmp_path)

    def said(*options: str) -> tuple[str, str]:
        return failure(host_at(f"web.example:{root}", sshd.shell(*options)).list)

    where = f"rsync web.example:{root}: "
    message, hint = said("UserKnownHostsFile=/dev/null")
    assert (message, hint.partition(":")[0]) == (
        f"{where}Host key verification failed.",
        "ssh does not know this server's key, or knows another one",
    )
    (tmp_path / "authorized_keys").write_text("")
    message, hint = said()
    assert message.endswith("Permission denied (publickey).")
    assert hint == (
        "ssh must log in without a question: name the key in ~/.ssh/config or load it into ssh-agent, and try it with: "
        "ssh -o BatchMode=yes web.example true"
    )
    message, hint = said("ProxyCommand=none", "HostName=127.0.0.1", "Port=1")
    assert message == f"{where}ssh: connect to host 127.0.0.1 port 1: Connection refused"
    assert hint == "check the server's name and port in target and ~/.ssh/config, and that it can be reached from here"


def test_a_restricted_account_will_do(root: Path, tmp_path: Path) -> None:
    publish(host_at(f"web.example:{root}", local_shell(tmp_path)), OLD, PAGES)
    host = host_at("web.example:/", restricted_shell(tmp_path, root))
    host.check()
    assert host.current() == OLD
    key = host.place("pages/static/en/404.html", "", NEW)
    host.write(key, b"four", "text/html", None)
    assert (root / key).stat().st_nlink == 2


def test_a_restricted_account_that_may_too_little_is_told(root: Path, tmp_path: Path) -> None:
    reading = host_at("web.example:/", restricted_shell(tmp_path, root, "-ro"))
    assert failure(lambda: reading.write("records/x", b"", "text/plain", None))[1] == (
        "the account is restricted by rrsync: it needs read and write access, and deletes (no -ro, -wo and -no-del)"
    )
    munging = failure(host_at("web.example:/", restricted_shell(tmp_path, root, "-munge")).check)
    assert munging[1].startswith("the server changes symbolic links")


def test_a_daemon_will_do(root: Path, tmp_path: Path) -> None:
    (root / "errors").mkdir()
    host = host_at("rsync://web.example/pages/errors", daemon(tmp_path, root))
    host.check()
    publish(host, OLD, PAGES)
    assert (tree(root / "errors"), host.current()) == (PUBLISHED, OLD)
    publish(host, NEW, PAGES)
    assert (root / "errors/releases/1b1b1b1b1b1b/pages/static/en/404.html").stat().st_nlink == 2


def test_a_daemon_that_refuses_is_quoted(root: Path, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text("deploy:hunter2\n")
    secrets.chmod(0o600)
    locked = ("auth users = deploy", f"secrets file = {secrets}")
    target = "rsync://deploy@web.example/pages"
    environ = daemon(tmp_path, root, *locked)
    assert failure(host_at(target, environ | {"RSYNC_PASSWORD": "wrong"}).list) == (
        "rsync rsync://deploy@web.example/pages/: @ERROR: auth failed on module pages",
        "set RSYNC_PASSWORD to the password of this user of the daemon",
    )
    assert host_at(target, environ | {"RSYNC_PASSWORD": "hunter2"}).list() == {}
    assert failure(host_at("rsync://web.example/page", daemon(tmp_path, root)).list) == (
        "rsync rsync://web.example/page/: @ERROR: Unknown module 'page'",
        "check the module's name in target; the daemon's rsyncd.conf has them",
    )
    assert failure(host_at(target, daemon(tmp_path, root, "read only = yes")).check)[1] == (
        "the account may only read: give it write access (read only = no in rsyncd.conf)"
    )
    assert failure(host_at(target, daemon(tmp_path, root, "munge symlinks = yes")).check)[1] == (
        "the server changes symbolic links, which releases are switched by: set munge symlinks = no in rsyncd.conf, or "
        "run rrsync without -munge"
    )
    assert list(root.iterdir()) == []


def test_what_is_in_the_way_is_named(host: Host, root: Path) -> None:
    (root / "current").mkdir()
    expected = (
        f"{host.name}: current: is a file or folder, and not the link that errgen switches between releases",
        "move it away, or choose another path for this host",
    )
    assert failure(host.check) == failure(host.current) == failure(lambda: host.activate(OLD, b"{}")) == expected


def test_a_release_without_pages_is_not_switched_to(host: Host, root: Path) -> None:
    assert failure(lambda: host.activate(OLD, b"{}")) == (
        f"{host.name}: releases/0a0a0a0a0a0a: cannot switch to a release whose pages are not all there",
        "publish it again",
    )
    assert list(root.iterdir()) == []


def test_a_folder_that_is_not_there_is_to_be_made(host: Host, root: Path) -> None:
    root.rmdir()
    for call in (host.check, host.list, host.current):
        said, hint = failure(call)
        assert said == f'{host.name}: change_dir "{root}" failed: No such file or directory (2)'
        assert hint.startswith(f"make the folder on the server (mkdir -p {root})")


def test_a_server_without_rsync_is_told_apart(root: Path, tmp_path: Path) -> None:
    said, hint = failure(
        host_at(f"web.example:{root}", local_shell(tmp_path, 'PATH=/nowhere exec /bin/sh -c "$*"')).list
    )
    assert (said.endswith("not found"), hint) == (True, "install rsync on the server: apt-get install rsync")


def test_a_login_shell_that_talks_is_told_apart(root: Path, tmp_path: Path) -> None:
    said, hint = failure(host_at(f"web.example:{root}", local_shell(tmp_path, "echo Welcome to web")).list)
    assert "is your shell clean" in said
    assert hint.startswith("the login shell of the server prints something")


def test_a_connection_that_breaks_says_how_to_go_on(root: Path, tmp_path: Path) -> None:
    _, hint = failure(host_at(f"web.example:{root}", local_shell(tmp_path, "exit 0")).list)
    assert hint.endswith("run the same command again; it carries on where it stopped")


def programs(folder: Path, **scripts: str) -> dict[str, str]:
    """An environment in which there are these programs only."""
    folder.mkdir()
    for name, text in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder)}


@pytest.mark.parametrize("printed", ["rsync  version 2.6.9  protocol version 29", "openrsync: protocol version 29", ""])
def test_an_rsync_that_is_too_old_or_another_is_refused(tmp_path: Path, printed: str) -> None:
    host = host_at("web.example:/srv", programs(tmp_path / "bin", rsync=f"echo '{printed}'"))
    with pytest.raises(UsageError, match=r"rsync 3\.1 or later is needed"):
        host.list()


def test_without_rsync_or_ssh_it_is_said_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the program rsync is not on this machine") as caught:
        host_at("web.example:/srv", programs(tmp_path / "none")).list()
    assert "apt-get install rsync" in (caught.value.hint or "")
    only = programs(tmp_path / "bin")
    (tmp_path / "bin/rsync").symlink_to(shutil.which("rsync") or "")
    said, hint = failure(host_at("web.example:/srv", only).list)
    assert (said, hint.partition(" (")[0]) == (
        "rsync web.example:/srv: Failed to exec ssh: No such file or directory (2)",
        "install the program that logs in: apt-get install openssh-client",
    )


@pytest.mark.parametrize(("version", "quoting"), [("3.1.3", "--protect-args"), ("3.4.1", "--no-old-args")])
def test_ssh_is_told_never_to_ask_and_paths_are_quoted(tmp_path: Path, version: str, quoting: str) -> None:
    log = tmp_path / "log"
    tells = f'[ "$1" = --version ] && echo "rsync  version {version}  protocol version 31" || echo "$@" > {log}'
    environ = programs(tmp_path / "bin", rsync=tells)
    host_at("web.example:/srv", environ | {"RSYNC_RSH": "ssh -p 2222"}).list()
    assert log.read_text() == (
        f"{quoting} --timeout=60 --rsh=ssh -p 2222 -o BatchMode=yes -o ConnectTimeout=30 -rl --list-only "
        "--no-human-readable --include=/releases/ --include=/releases/*/*** --exclude=* web.example:/srv/\n"
    )


@pytest.mark.parametrize(
    ("code", "printed", "said", "hint"),
    [
        (
            11,
            'rsync: [receiver] write failed on "/srv/x": No space left on device (28)\nrsync error: error in file IO',
            'write failed on "/srv/x": No space left on device (28)',
            "free some space on the server, then run the same command again; it carries on where it stopped",
        ),
        (
            23,
            'rsync: [receiver] mkstemp "/srv/.x.1" failed: Permission denied (13)\nrsync error: some files',
            'mkstemp "/srv/.x.1" failed: Permission denied (13)',
            "let the account write below /srv: check owner and rights",
        ),
        (
            24,
            "file has vanished: /srv/x\nrsync warning: some files vanished",
            "file has vanished: /srv/x",
            "files went away while they were read: is somebody else publishing? Then run the same command again; it "
            "carries on where it stopped",
        ),
        (
            30,
            "[sender] io timeout after 60 seconds -- exiting\nrsync error: timeout in data send/receive (code 30)",
            "[sender] io timeout after 60 seconds -- exiting",
            "nothing came for a minute; run the same command again; it carries on where it stopped",
        ),
        (99, "", "rsync ended with code 99", "rsync ended with code 99 (see EXIT VALUES in man rsync)"),
    ],
)
def test_what_rsync_prints_becomes_a_next_step(code: int, printed: str, said: str, hint: str) -> None:
    from site_builder.hosts._rsync_failures import failure as described

    found = described(code, printed, "rsync web.example:/srv", "web.example", "/srv")
    assert isinstance(found, RemoteFailed)
    assert (found.message, found.hint) == (said, hint)
