"""The names of files at a host: safe in any folder, key and URL, and never shared by two files."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.hosts import Host, _keys, open_host

S3 = open_host({"kind": "s3", "bucket": "b-1", "prefix": "errors", "public_url": "https://e.example/x"}, "", {})
DIRECTORY = open_host({"kind": "directory", "path": "x", "public_url": "https://e.example/x"}, "", {})
RELEASE = "c3" * 32

profiles = st.from_regex(r"[a-z0-9_]{1,12}", fullmatch=True)
tags = st.from_regex(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", fullmatch=True)
names = st.from_regex(r"[0-9a-z_]{1,12}", fullmatch=True)
extensions = st.sampled_from(["html", "json", "problem.json", "md"])
pages = st.builds("pages/{}/{}/{}.{}".format, profiles, tags, names, extensions)
folders = st.lists(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_+-]{0,8}", fullmatch=True), max_size=4)
files = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,8}", fullmatch=True)
paths = st.builds(lambda folders, name: "/".join([*folders, name]), folders, files)
contents = st.binary(max_size=3)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("pages/cloudflare/en/404.html", "errors/o/cloudflare-en-404-1a2b3c4d.html"),
        ("pages/static/zh-Hant/5xx.problem.json", "errors/o/static-zh-Hant-5xx-1a2b3c4d.problem.json"),
        ("pages/static/de/access_denied.md", "errors/o/static-de-access_denied-1a2b3c4d.md"),
        ("theme/logo", "errors/o/theme-logo-1a2b3c4d"),
    ],
)
def test_s3_places_a_file_by_its_content(path: str, key: str) -> None:
    assert S3.place(path, "1a2b3c4d" + "0" * 56, RELEASE) == key
    assert S3.url(key) == "https://e.example/x/" + key.removeprefix("errors/")


def test_a_directory_places_a_file_by_its_release() -> None:
    key = DIRECTORY.place("pages/static/en/404.html", "0" * 64, RELEASE)
    assert (key, DIRECTORY.url(key)) == (
        "releases/c3c3c3c3c3c3/pages/static/en/404.html",
        "https://e.example/x/releases/c3c3c3c3c3c3/pages/static/en/404.html",
    )


@pytest.mark.parametrize("host", [S3, DIRECTORY])
@given(first=pages, second=pages, one=contents, other=contents)
def test_two_pages_never_share_a_key_or_an_address(
    host: Host, first: str, second: str, one: bytes, other: bytes
) -> None:
    keys = {host.place(path, sha256(content), RELEASE) for path, content in ((first, one), (second, other))}
    same = first == second and (one == other or host is DIRECTORY)
    assert len(keys) == (1 if same else 2)
    assert len({host.url(key) for key in keys}) == len(keys)


@given(language=tags, rest=tags, name=names)
def test_hyphens_in_a_language_never_make_two_pages_one(language: str, rest: str, name: str) -> None:
    longer, shorter = f"pages/static/{language}-{rest}/{name}.html", f"pages/static/{language}/{name}.html"
    assert S3.place(longer, "0" * 64, RELEASE) != S3.place(shorter, "0" * 64, RELEASE)


@given(first=paths, second=paths, one=contents, other=contents)
def test_files_that_share_a_key_are_the_same_bytes_of_the_same_kind(
    first: str, second: str, one: bytes, other: bytes
) -> None:
    if S3.place(first, sha256(one), RELEASE) == S3.place(second, sha256(other), RELEASE):
        assert one == other
        assert first.rpartition("/")[2].partition(".")[2] == second.rpartition("/")[2].partition(".")[2]


def test_a_folder_cannot_pass_for_an_extension() -> None:
    with pytest.raises(ValueError, match="not a path of a page"):
        S3.place("pages/a.html/b", "0" * 64, RELEASE)


@pytest.mark.parametrize("host", [S3, DIRECTORY])
@given(path=st.one_of(pages, paths), content=contents)
def test_keys_stay_below_their_root_and_mean_the_same_in_an_address(host: Host, path: str, content: bytes) -> None:
    key = host.place(path, sha256(content), RELEASE)
    below = key.removeprefix("errors/") if host is S3 else key
    assert not re.search(r"(^|/)\.|//|[^A-Za-z0-9._/+-]", below)
    address = urlsplit(host.url(key))
    assert (address.scheme, address.netloc, address.query, address.fragment) == ("https", "e.example", "", "")
    assert unquote(address.path) == f"/x/{below}"


@pytest.mark.parametrize("host", [S3, DIRECTORY])
@pytest.mark.parametrize(
    "path",
    ["", "/", "/etc/passwd", "a//b", "../x", "pages/../x", "pages/.hidden", "a b", "a\nb", "ä", "a\\b", "a?b", "a/"],
)
def test_what_is_no_path_of_a_page_is_refused(host: Host, path: str) -> None:
    with pytest.raises(ValueError, match="not a path of a page"):
        host.place(path, "0" * 64, RELEASE)
    with pytest.raises(ValueError, match="not a path of a page"):
        host.record_key(path)


@pytest.mark.parametrize("release", ["", "none", "../../etc", "A" * 64, "a" * 11, "a" * 65, "a" * 64 + "\n"])
def test_what_is_no_digest_is_refused(release: str) -> None:
    for host in (S3, DIRECTORY):
        with pytest.raises(ValueError, match="not a digest"):
            host.activate(release, b"{}")
    with pytest.raises(ValueError, match="not a digest"):
        DIRECTORY.place("pages/static/en/404.html", "0" * 64, release)


def test_the_address_of_a_key_elsewhere_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'other/o/x-12345678\.html' is not below s3://b-1/errors"):
        S3.url("other/o/x-12345678.html")


@given(st.from_regex(r"[0-9a-f]{12,64}", fullmatch=True))
def test_a_release_is_found_again_by_its_key(release: str) -> None:
    assert _keys.release_of(_keys.release_key(release)) == release


@given(st.text())
def test_nothing_else_is_a_release(text: str) -> None:
    found = _keys.release_of(text)
    assert found is None or _keys.release_key(found) == text
