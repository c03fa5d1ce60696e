"""Pages that somebody altered at the host without changing their size: found by the plan, and put right."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from site_builder import manifest as manifests
from site_builder.hosts import Host, Stored
from site_builder.publishing import Journal, Target, apply, survey
from tests.rsync_peers import host_at, local_shell
from tests.s3_peers import Peer, moto

from .memory_host import MemoryHost
from .test_own_files import build

__all__ = ["moto"]  # a fixture

ONE = build("one")
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def target(host: object) -> Target:
    return Target(ONE.manifest, manifests.dumps(ONE.manifest), ONE.read, host, ())  # type: ignore[arg-type]  # doubles


def altered_and_put_right(host: Host, folder: Path, alter: Callable[[str, bytes], None]) -> None:
    """The plan tells one altered page as drift and no other, and publishing puts it right."""
    journal = Journal(folder / ".errgen", {}, lambda: NOW)
    apply(target(host), survey(target(host)), journal=journal)
    assert survey(target(host)).plan.is_empty
    file = ONE.manifest.files[0]
    key, content = host.place(file.path, file.sha256, ONE.manifest.release), ONE.read(file.path)
    alter(key, content.upper())
    found = survey(target(host))
    assert [(one.action, one.name, one.reason, one.before, one.drift) for one in found.plan.changes] == [
        ("update", key, "bytes differ", hashlib.sha256(content.upper()).hexdigest(), True)
    ]
    apply(target(host), found, journal=journal)
    assert host.read(key) == content
    assert survey(target(host)).plan.is_empty


def test_at_a_bucket(moto: Peer, tmp_path: Path) -> None:
    bucket = moto.bucket()

    def alter(key: str, content: bytes) -> None:
        moto.client.put_object(Bucket=bucket, Key=key, Body=content, ContentType="text/html; charset=utf-8")

    altered_and_put_right(moto.host(bucket, prefix="errors"), tmp_path, alter)


def test_at_a_server_behind_rsync(tmp_path: Path) -> None:
    root = tmp_path / "served"
    root.mkdir()

    def alter(key: str, content: bytes) -> None:
        (root / key).write_bytes(content)
        later = (root / "releases" / f"{ONE.manifest.release}.json").stat().st_mtime + 5
        os.utime(root / key, (later, later))

    altered_and_put_right(host_at(f"web.example:{root}", local_shell(tmp_path)), tmp_path, alter)


class Tagged(MemoryHost):
    """Gives ETags as a bucket does, and digests only where they are asked for; ``looked`` are the keys."""

    looked: list[str]
    with_keys_of_the_customer = False

    def list(self) -> Mapping[str, Stored]:
        def etag(key: str) -> str:
            salt = b"encrypted" if self.with_keys_of_the_customer else b""
            return hashlib.md5(salt + self.files[key][0], usedforsecurity=False).hexdigest()

        return {key: replace(one, etag=etag(key)) for key, one in super().list().items()}

    def inspect(self, keys: Iterable[str]) -> Mapping[str, Stored]:
        self.looked = [*keys]
        digests = {key: hashlib.sha256(self.files[key][0]).hexdigest() for key in self.looked}
        return {key: replace(self.list()[key], digest=digest) for key, digest in digests.items()}


def test_only_what_looks_altered_is_looked_at(tmp_path: Path) -> None:
    host = Tagged(by_content=True)
    apply(target(host), survey(target(host)), journal=Journal(tmp_path, {}, lambda: NOW))
    host.looked = []
    assert survey(target(host)).plan.is_empty
    assert host.looked == []
    host.with_keys_of_the_customer = True
    assert survey(target(host)).plan.is_empty
    assert len(host.looked) == 1, "the first shows that these ETags say nothing"
