from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from site_builder.errors import LocalFilesFailed
from site_builder.publishing import Journal

NOON = datetime(2026, 11, 21, 12, 0, 0, 5, tzinfo=UTC)


def test_lines_are_appended_and_tell_who_and_which_commit(tmp_path: Path) -> None:
    journal = Journal(
        tmp_path / ".errgen", {"GITHUB_SHA": "abc", "USER": "ada", "CLOUDFLARE_API_TOKEN": "x"}, lambda: NOON
    )
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
    assert (path.name, path.read_bytes()) == ("20261121T120000.000005Z-cloudflare-zone-x-y.json", b"old")
    with pytest.raises(LocalFilesFailed, match="cannot write the backup: File exists"):
        journal.back_up("cloudflare zone x/../y", b"new")
    assert path.read_bytes() == b"old"


def test_an_audit_line_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(LocalFilesFailed, match="cannot write the audit line: Is a directory"):
        Journal(tmp_path, {}, lambda: NOON).note("switch", "s", "r", "t")
