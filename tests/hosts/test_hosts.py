"""Opening a host from its table: found by file name, validated, and without loading what is not needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from site_builder.errors import InvalidInput
from site_builder.hosts import kinds, open_host

WHERE = "errgen.toml: site.default.host"
GOOD = {"kind": "s3", "bucket": "b-1", "public_url": "https://errors.example.com/errors"}


def faults(table: Mapping[str, Any]) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        open_host(table, WHERE, {})
    assert caught.value.hint
    return [str(fault).removeprefix("errgen.toml: site.default.") for fault in caught.value.faults]


def test_the_kinds_are_the_modules() -> None:
    assert kinds() == ("directory", "netlify", "rsync", "s3")


def test_a_new_module_is_a_new_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import site_builder.hosts

    (tmp_path / "attic.py").write_text("raise AssertionError('only the module that is asked for is loaded')")
    (tmp_path / "_shared.py").touch()
    monkeypatch.setattr(site_builder.hosts, "__path__", [*site_builder.hosts.__path__, str(tmp_path)])
    assert kinds() == ("attic", "directory", "netlify", "rsync", "s3")
    assert open_host(GOOD, WHERE, {}).name == "s3://b-1"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, ["host.kind: is required; there are: directory, netlify, rsync, s3"]),
        ({"kind": "ftp"}, ["host.kind: there is no host called 'ftp'; there are: directory, netlify, rsync, s3"]),
        ({"kind": "_keys"}, ["host.kind: there is no host called '_keys'; there are: directory, netlify, rsync, s3"]),
        ({"kind": ["s3"]}, ["host.kind: there is no host called ['s3']; there are: directory, netlify, rsync, s3"]),
        ({"kind": "s3"}, ["host.bucket: is required", "host.public_url: is required"]),
        ({"kind": "directory"}, ["host.path: is required"]),
        (GOOD | {"buckett": "x"}, ["host.buckett: unknown key; did you mean bucket?"]),
        (
            GOOD | {"acl": "private"},
            [
                "host.acl: unknown key; there are: addressing, bucket, cache_seconds, checksums, concurrency, "
                "endpoint_url, keep, kind, prefix, profile, public_url, region"
            ],
        ),
        (
            GOOD | {"secret_access_key": "hunter2"},
            [
                "host.secret_access_key: unknown key; secrets do not belong in errgen.toml: they come from the "
                "environment or your AWS profile"
            ],
        ),
        (
            GOOD | {"bucket": "s3://b-1", "concurrency": 0, "checksums": "maybe", "cache_seconds": "60"},
            [
                "host.bucket: is not a bucket's name: it is written without s3://, slashes and blanks",
                "host.checksums: there is no 'maybe'; there are: auto, off, on",
                "host.concurrency: must be 1 or more",
                "host.cache_seconds: must be a whole number, without quotation marks",
            ],
        ),
        (
            GOOD | {"prefix": "a/../b"},
            ["host.prefix: is not a prefix like errors or shop/errors: letters, digits and . _ ~ - between slashes"],
        ),
    ],
)
def test_every_fault_is_told_by_its_key_path(table: Mapping[str, Any], expected: list[str]) -> None:
    assert faults(table) == expected


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("errors.example.com", "is not an address like https://errors.example.com/errors"),
        ("ftp://example.com", "is not an address like https://errors.example.com/errors"),
        ("https://", "is not an address like https://errors.example.com/errors"),
        ("https://[::1", "is not an address like https://errors.example.com/errors"),
        ("https://example.com:port/", "is not an address like https://errors.example.com/errors"),
        ("https://exam ple.com/", "is not an address like https://errors.example.com/errors"),
        (
            "https://example.com/?x=1",
            "has a query or fragment, which an address that files are found below cannot have",
        ),
        ("https://example.com/#x", "has a query or fragment, which an address that files are found below cannot have"),
        ("https://me:hunter2@example.com/", "has a user or password in it; credentials come from the environment only"),
    ],
)
def test_addresses_are_checked_and_never_repeated(address: str, problem: str) -> None:
    assert faults(GOOD | {"public_url": address}) == [f"host.public_url: {problem}"]
    assert faults(GOOD | {"endpoint_url": address}) == [f"host.endpoint_url: {problem}"]


def test_slashes_around_prefix_and_address_do_not_matter() -> None:
    host = open_host(GOOD | {"prefix": "/a/b/", "public_url": "https://example.com/x//"}, WHERE, {})
    key = host.place("pages/static/en/404.html", "0" * 64, "1" * 64)
    assert (host.name, key, host.url(key)) == (
        "s3://b-1/a/b",
        "a/b/o/static-en-404-00000000.html",
        "https://example.com/x/o/static-en-404-00000000.html",
    )


@pytest.mark.parametrize(
    ("program", "absent"),
    [
        ("from site_builder.hosts import kinds; kinds()", {"pydantic", "boto3", "botocore", "importlib.metadata"}),
        (
            "from site_builder.hosts import open_host\n"
            "h = open_host({'kind': 's3', 'bucket': 'b-1', 'public_url': 'https://e.example'}, '', {})\n"
            "h.url(h.place('pages/static/en/404.html', '0' * 64, '1' * 64))",
            {"boto3", "botocore"},
        ),
        ("from site_builder.hosts import open_host; open_host({'kind': 'directory', 'path': '.'}, '', {})", {"boto3"}),
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(program: str, absent: set[str]) -> None:
    program += f"\nimport sys; print(sorted({absent!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
