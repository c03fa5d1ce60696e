from __future__ import annotations

import hashlib
import json
import os
import pwd
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from site_builder.errors import LocalFilesFailed, RemoteFailed, UsageError
from site_builder.publishing import Journal
from site_builder.publishing.no_host import RecordsOnly
from site_builder.publishing.provenance import account, commit, person

from .memory_host import MemoryHost

NOON = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC)
MOMENT = "20261121T120000.000005Z"


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def test_lines_are_appended_and_tell_who_and_which_commit(tmp_path: Path) -> None:
    journal = Journal(tmp_path / ".errgen", {"USER": "ada", "CLOUDFLARE_API_TOKEN": "x"}, lambda: NOON, lambda: "abc")
    journal.note("switch", "default", "1a2b", "cloudflare zone é", version_before="4")
    journal.note("prune", "default", "1a2b", "cloudflare zone é")
    text = (tmp_path / ".errgen/audit.jsonl").read_text("utf-8")
    common = {"when": "2026-11-21T12:00:00Z", "who": "ada", "commit": "abc"}
    of = {"site": "default", "release": "1a2b", "target": "cloudflare zone é"}
    assert [json.loads(line) for line in text.splitlines()] == [
        {**common, "action": "switch", **of, "version_before": "4"},
        {**common, "action": "prune", **of},
    ]


def test_nobody_known(tmp_path: Path) -> None:
    Journal(tmp_path, {}, lambda: NOON).note("switch", "s", "r", "t")
    line = json.loads((tmp_path / "audit.jsonl").read_text())
    assert (line["who"], line["commit"]) == (None, None)


def test_a_backup_never_replaces_another(tmp_path: Path) -> None:
    journal = Journal(tmp_path, {}, lambda: NOON)
    path = journal.back_up("cloudflare zone x/../y", b"old")
    assert (path.name, path.read_bytes()) == (f"{MOMENT}-cloudflare-zone-x-y-{digest(b'old')}.json", b"old")
    assert journal.back_up("cloudflare zone x/../y", b"new") != path
    with pytest.raises(LocalFilesFailed, match="cannot write the backup: File exists"):
        journal.back_up("cloudflare zone x/../y", b"old")
    assert path.read_bytes() == b"old"


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(LocalFilesFailed, match="cannot write the audit line: Is a directory"):
        Journal(tmp_path, {}, lambda: NOON).note("switch", "s", "r", "t")


def test_whether_lines_can_be_written_is_tried_without_writing_one(tmp_path: Path) -> None:
    journal = Journal(tmp_path / ".errgen", {}, lambda: NOON)
    journal.check()
    assert (tmp_path / ".errgen/audit.jsonl").read_bytes() == b""
    journal.note("switch", "s", "r", "t")
    line = (tmp_path / ".errgen/audit.jsonl").read_bytes()
    journal.check()
    assert (tmp_path / ".errgen/audit.jsonl").read_bytes() == line
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(LocalFilesFailed, match="cannot write the audit line: Is a directory"):
        Journal(tmp_path, {}, lambda: NOON).check()


def test_the_host_gets_each_backup_at_once_and_the_lines_together(tmp_path: Path) -> None:
    host = MemoryHost(by_content=True)
    journal = Journal(tmp_path, {}, lambda: NOON).copied_to(host)
    backup = journal.back_up("cloudflare zone x", b"{}")
    assert {key: content for key, (content, _) in host.files.items()} == {f"records/{backup.name}": b"{}"}
    journal.note("switch", "shop", "1a2b", "cloudflare zone x")
    journal.note("prune", "shop", "1a2b", "cloudflare zone x")
    assert len(host.files) == 1
    journal.close()
    lines = (tmp_path / "audit.jsonl").read_bytes()
    assert host.read(f"records/{MOMENT}-audit-shop-{digest(lines)}.jsonl") == lines
    journal.close()
    assert (len(host.files), journal.uncopied) == (2, [])
    journal.note("prune", "shop", "1a2b", "cloudflare zone y")
    journal.close()
    assert b"zone y" in host.read(max(host.files, key=lambda key: host.files[key][1]))
    assert set(host.list()) == set()


class Refusing(MemoryHost):
    """Takes nothing, or is interrupted."""

    failure: BaseException = RemoteFailed("answered 403", where="PUT s3://b/records")

    def write(self, *_: Any) -> None:
        raise self.failure


def test_what_the_host_does_not_take_is_told_and_stops_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path, {}, lambda: NOON).copied_to(Refusing(by_content=True))
    assert journal.back_up("zone", b"{}").read_bytes() == b"{}"
    journal.note("switch", "s", "r", "zone")
    journal.close()
    assert journal.uncopied == ["PUT s3://b/records: answered 403"]
    assert (tmp_path / "audit.jsonl").read_text().count("\n") == 1


def test_ctrl_c_before_a_switch_stops_it_and_after_everything_is_only_told(tmp_path: Path) -> None:
    host = Refusing(by_content=True)
    host.failure = KeyboardInterrupt()
    journal = Journal(tmp_path, {}, lambda: NOON).copied_to(host)
    with pytest.raises(KeyboardInterrupt):
        journal.back_up("zone", b"{}")
    journal.note("switch", "s", "r", "zone")
    journal.close()
    assert journal.uncopied == ["interrupted before the audit lines were at the host"]


def test_a_host_that_is_there_for_records_only_gets_them_when_all_is_done(tmp_path: Path) -> None:
    host, said = MemoryHost(by_content=True), list[str]()
    journal = Journal(tmp_path, {}, lambda: NOON).copied_to(RecordsOnly(lambda: host, said.append))
    backup = journal.back_up("zone", b"{}")
    journal.note("switch", "s", "r", "zone")
    assert (host.files, said) == ({}, [])
    journal.close()
    lines = (tmp_path / "audit.jsonl").read_bytes()
    assert {key: content for key, (content, _) in host.files.items()} == {
        f"records/{backup.name}": b"{}",
        f"records/{MOMENT}-audit-s-{digest(lines)}.jsonl": lines,
    }
    assert (said, journal.uncopied) == (["copying a record to memory"] * 2, [])


def test_a_host_for_records_that_is_wrong_or_away_is_asked_once(tmp_path: Path) -> None:
    opened = 0

    def no_host() -> MemoryHost:
        nonlocal opened
        opened += 1
        raise UsageError("the program rsync is not on this machine")

    journal = Journal(tmp_path, {}, lambda: NOON).copied_to(RecordsOnly(no_host, lambda _: None))
    journal.back_up("zone", b"{}")
    journal.note("switch", "s", "r", "zone")
    journal.close()
    assert (opened, journal.uncopied) == (1, ["the program rsync is not on this machine"])
    none = MemoryHost(by_content=False, keeps_records=False)
    journal = Journal(tmp_path, {}, lambda: NOON).copied_to(RecordsOnly(lambda: none, lambda _: None))
    journal.note("switch", "s", "r", "zone")
    journal.close()
    assert (none.files, journal.uncopied) == ({}, [])


def test_a_host_without_single_files_is_not_asked(tmp_path: Path) -> None:
    host = Refusing(by_content=False, keeps_records=False)
    journal = Journal(tmp_path, {}, lambda: NOON).copied_to(host)
    journal.back_up("zone", b"{}")
    journal.note("switch", "s", "r", "zone")
    journal.close()
    assert journal.uncopied == []


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(("git", *identity, *arguments), cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_commit_is_that_of_the_job_or_of_the_checkout(tmp_path: Path) -> None:
    assert commit({}, tmp_path) is None
    git(tmp_path, "init", "-q")
    assert commit({}, tmp_path) is None, "there is no commit yet"
    (tmp_path / "errgen.toml").write_text("one")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "One")
    git(tmp_path, "tag", "v1")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert commit({}, tmp_path) == head
    (tmp_path / "errgen.toml").write_text("two")
    assert commit({}, tmp_path) == f"{head}+changes"
    assert commit({"GITHUB_SHA": "abc", "COMMIT_REF": "def"}, tmp_path) == "abc"
    assert commit({}, tmp_path / "absent") is None


def test_who_it_was() -> None:
    assert person({"GITHUB_ACTOR": "grace", "USER": "runner"}) == "grace"
    assert person({"GITHUB_ACTOR": "", "USER": "ada"}) == "ada"
    assert person({}) is None


def test_the_account_where_nothing_says_who_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    assert account() == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    assert account() == ""
