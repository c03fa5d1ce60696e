"""What every host does the same way: a directory, a server behind rsync, S3 as two services play it, and Netlify."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from site_builder.errors import ErrgenError
from site_builder.hosts import Host, Upload

if TYPE_CHECKING:
    from tests.s3_peers import Peer

RELEASE = "a1" * 32
LATER = "b2" * 32
PAGE = "pages/static/en/404.html"
CONTENT = "<p>Hello, “wörld”</p>".encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(host: Host, content: bytes = CONTENT, path: str = PAGE, release: str = RELEASE) -> str:
    key = host.place(path, sha256(content), release)
    host.write(key, content, "text/html; charset=utf-8", host.cache_control(key))
    return key


def test_an_empty_host_has_nothing(host: Host) -> None:
    host.check()
    assert (host.list(), host.releases(), host.current(), host.inspect(["errors/o/x-12345678.html"])) == (
        {},
        (),
        None,
        {},
    )


def test_what_is_written_is_listed_inspected_and_read(host: Host) -> None:
    key = put(host)
    assert host.read(key) == CONTENT
    listed = host.list()
    assert {name: stored.bytes for name, stored in listed.items()} == {key: len(CONTENT)}
    inspected = host.inspect([key, host.place(PAGE, sha256(b"other"), LATER)])
    assert {name: stored.digest for name, stored in inspected.items()} == {key: sha256(CONTENT)}


def test_a_page_is_as_old_as_its_place_and_releases_are_kept_three_by_three(host: Host) -> None:
    key = put(host)
    host.activate(RELEASE, b"{}")
    stored, published = host.list()[key].modified, host.releases()[0].published
    assert stored is None or stored <= published
    assert host.keep == 3


def test_an_empty_file_is_a_file(host: Host) -> None:
    assert host.read(put(host, b"")) == b""


def test_deleted_files_are_gone_and_deleting_again_is_no_failure(host: Host) -> None:
    gone, kept = put(host, path="pages/static/en/404.html"), put(host, path="pages/static/en/500.html")
    host.delete([gone])
    host.delete([gone])
    host.delete([])
    assert set(host.list()) == {kept}


def test_only_files_of_errgen_are_deleted(host: Host) -> None:
    current = host.record_key("x").replace("records/x", "current")
    foreign = host.record_key("x").replace("records/x", "index.html")
    for key in (current, foreign):
        with pytest.raises(ValueError, match="not a file of errgen's"):
            host.delete([put(host), key])
    assert len(host.list()) == 1


def test_many_are_written_and_each_reported_once(host: Host) -> None:
    uploads = [
        Upload(host.place(f"pages/static/en/{code}.html", sha256(content), RELEASE), content, "text/html")
        for code in range(400, 440)
        for content in [f"page {code}".encode()]
    ]
    reported: list[Upload] = []
    host.write_many(uploads[:1], reported.append)  # rclone may answer 500 where two at once make it make their folder
    host.write_many(iter(uploads[1:]), reported.append)
    assert sorted(upload.key for upload in reported) == sorted(upload.key for upload in uploads)
    assert {key: host.read(key) for key in host.list()} == {upload.key: upload.content for upload in uploads}
    host.write_many([], reported.append)


def test_one_look_tells_the_pages_and_what_is_current(host: Host) -> None:
    assert host.look(RELEASE) == ({}, None)
    put(host)
    host.activate(RELEASE, b"{}")
    assert host.look(RELEASE) == host.look(LATER) == (host.list(), RELEASE)
    put(host, release=LATER, path="pages/static/en/500.html")
    host.activate(LATER, b"{}")
    everything = host.list()
    assert host.look(RELEASE) == (everything, LATER)
    pages, current = host.look(LATER)
    assert (pages.items() <= everything.items(), current) == (True, LATER)
    assert host.place("pages/static/en/500.html", sha256(CONTENT), LATER) in pages
    host.deactivate()
    assert host.look(LATER) == (host.list(), None)


def test_releases_come_and_go(host: Host) -> None:
    put(host)
    host.activate(RELEASE, b'{"release": "one"}')
    assert host.current() == RELEASE
    put(host, release=LATER, path="pages/static/en/500.html")
    assert host.current() == RELEASE
    host.activate(LATER, b'{"release": "two"}')
    assert host.current() == LATER
    releases = host.releases()
    assert {release.digest: host.read(release.key) for release in releases} == {
        RELEASE: b'{"release": "one"}',
        LATER: b'{"release": "two"}',
    }
    assert [release.published for release in releases] == sorted(release.published for release in releases)
    host.activate(RELEASE, b'{"release": "one"}')
    assert host.current() == RELEASE
    host.deactivate()
    host.deactivate()
    assert host.current() is None
    host.delete([release.key for release in releases])
    assert host.releases() == ()


def test_activating_a_release_again_keeps_when_it_was_published(host: Host) -> None:
    put(host)
    host.activate(RELEASE, b"{}")
    before = host.releases()
    host.activate(RELEASE, b"{}")
    assert host.releases() == before


def test_records_are_kept_apart_from_pages_and_releases(keeper: Host) -> None:
    host = keeper
    assert host.records() == ()
    key = host.record_key("2026-11-21T10-00-00Z/ruleset.json")
    host.write(key, b"{}", "application/json", "no-cache")
    assert host.read(key) == b"{}"
    assert (host.list(), host.releases()) == ({}, ())
    assert host.records() == ("2026-11-21T10-00-00Z/ruleset.json",)
    host.delete([key])
    with pytest.raises(ErrgenError):
        host.read(key)


def test_reading_what_is_not_there_names_the_key(host: Host) -> None:
    key = host.place(PAGE, sha256(CONTENT), RELEASE)
    with pytest.raises(ErrgenError) as caught:
        host.read(key)
    assert key in str(caught.value)


def test_check_leaves_nothing_behind(peer: Peer) -> None:
    bucket = peer.bucket()
    peer.host(bucket, prefix="errors").check()
    assert peer.keys(bucket) == set()


def test_neighbours_with_the_same_beginning_are_never_touched(peer: Peer) -> None:
    bucket = peer.bucket()
    foreign = {
        "site2/o/static-en-404-12345678.html",
        "site2/releases/" + RELEASE + ".json",
        "site2/current",
        "siteo/x-12345678.html",
        "o/static-en-404-12345678.html",
        "site/index.html",
        "site/o/by-hand.html",
        "site/o/folder/static-en-404-12345678.html",
        "site/releases/notes.txt",
    }
    for key in foreign:
        peer.client.put_object(Bucket=bucket, Key=key, Body=b"theirs")
    host = peer.host(bucket, prefix="/site/")
    key = put(host)
    host.activate(RELEASE, b"{}")
    assert (set(host.list()), [release.digest for release in host.releases()]) == ({key}, [RELEASE])
    for theirs in sorted(foreign):
        with pytest.raises(ValueError, match=re.escape(theirs)):
            host.delete([theirs])
    host.deactivate()
    host.delete([*host.list(), *(release.key for release in host.releases())])
    assert peer.keys(bucket) == foreign


def test_a_host_without_a_prefix_owns_only_its_folders(peer: Peer) -> None:
    bucket = peer.bucket()
    peer.client.put_object(Bucket=bucket, Key="index.html", Body=b"theirs")
    host = peer.host(bucket)
    key = put(host)
    assert (key, host.name, set(host.list())) == (
        f"o/static-en-404-{sha256(CONTENT)[:8]}.html",
        f"s3://{bucket}",
        {key},
    )
