"""Backups and audit lines of changes that no host has a part in, and where they are found again."""

from __future__ import annotations

import json
import shutil

from tests.app.conftest import ZONE, Cloud
from tests.conftest import Project


def test_records_go_to_the_host_and_are_put_back_from_there(project: Project, cloud: Cloud) -> None:
    assert project.run("publish", "--yes").code == 0
    kept = project.folder / "public/records"
    before = {path.name for path in kept.iterdir()}
    assert project.run("publish", "--disable", "--yes").err == ""
    audit, backup = sorted(path.name for path in kept.iterdir() if path.name not in before)[::-1]
    if audit.endswith(".json"):
        audit, backup = backup, audit
    lines = [json.loads(line) for line in (kept / audit).read_text().splitlines()]
    assert {line["command"] for line in lines} == {"publish --disable --site default"}
    assert (kept / backup).read_bytes() == (project.folder / ".errgen/backups" / backup).read_bytes()

    both = project.run("restore").out.splitlines()
    assert both[0] == ".errgen/backups:"
    assert both[1] == f"  {backup}"
    assert both[3:] == ["directory public:", "  2 of those above", "put one back with: errgen restore NAME"]
    shutil.rmtree(project.folder / ".errgen")  # as a CI's disk is
    (first,) = (name for name in before if name.endswith(".json"))
    listed = project.run("restore")
    assert (listed.code, listed.err) == (0, "")
    assert listed.out.splitlines() == [
        ".errgen/backups:",
        "  none",
        "directory public:",
        f"  {backup}",
        f"  {first}",
        "put one back with: errgen restore NAME",
    ]
    assert json.loads(project.run("restore", "--json").out) == [
        {"where": ".errgen/backups", "backups": [], "failure": None},
        {"where": "directory public", "backups": [backup, first], "failure": None},
    ]
    assert {rule["enabled"] for rule in cloud.rules} == {False}
    assert project.run("restore", backup, "--yes").code == 0
    assert {rule["enabled"] for rule in cloud.rules} == {True}
    assert f"cloudflare zone {ZONE}" in project.read(".errgen/audit.jsonl")

    refused = project.run("restore", first, "--yes")
    assert (refused.code, len(cloud.rules)) == (5, 25)
    assert refused.err == (
        f"error: cloudflare zone {ZONE}: 25 of the 25 rules of ours would be gone: errgen_default_markdown_403, "
        "errgen_default_markdown_404, errgen_default_markdown_500, …\n"
        "hint: errgen restore lists other backups; if this one is meant, insist with --force\n"
    )

    (kept / first).write_text("{}")
    assert project.run("restore", first).err == (
        f"error: directory public: {first}: is not what errgen stored there\n"
        "hint: somebody changed it: name another backup, or go back to a kept release with errgen rollback\n"
    )


def test_no_backups_and_a_host_that_is_away(project: Project) -> None:
    listed = project.run("restore")
    assert (listed.code, listed.out.splitlines()) == (
        0,
        [
            ".errgen/backups:",
            "  none",
            "directory public:",
            "  none",
            "errgen publish makes one before each switch at Cloudflare or CloudFront",
        ],
    )
    assert listed.err == "error: public: there is no such folder\nhint: make it with: mkdir -p public\n"
    assert [one["failure"] for one in json.loads(project.run("restore", "--json").out)] == [
        None,
        "public: there is no such folder",
    ]
    assert project.run("restore", "nowhere.json").err == (
        "error: .errgen/backups/nowhere.json: cannot read the backup: No such file or directory\n"
        "hint: errgen restore lists the backups that there are\n"
    )


def test_the_list_of_one_zone_and_what_cannot_be_said_of_a_list(project: Project) -> None:
    (project.folder / "public").mkdir(exist_ok=True)
    kept = project.folder / ".errgen/backups"
    kept.mkdir(parents=True)
    of = {zone: f"20261121T090000.000000Z-cloudflare-zone-{zone}-{'0' * 16}.json" for zone in (ZONE, "f" * 32)}
    for name in of.values():
        (kept / name).write_text("{}")
    assert [name in project.run("restore").out for name in of.values()] == [True, True]
    assert [name in project.run("restore", "--zone", ZONE).out for name in of.values()] == [True, False]
    assert json.loads(project.run("restore", "--zone", ZONE, "--json").out) == [
        {"where": ".errgen/backups", "backups": [of[ZONE]], "failure": None},
        {"where": "directory public", "backups": [], "failure": None},
    ]
    unknown = project.run("restore", "--zone", "f" * 32)
    assert (unknown.code, unknown.err) == (
        2,
        f"error: no edge has the zone {'f' * 32}\nhint: errgen.toml has: {ZONE}\n",
    )
    for options, said in ((["--yes"], "--yes"), (["--force"], "--force"), (["--yes", "--force"], "--yes and --force")):
        refused = project.run("restore", *options)
        assert (refused.code, refused.out) == (2, "")
        assert refused.err == (
            f"error: no backup is named, and without one there is nothing that {said} could apply to\n"
            "hint: name the backup: errgen restore NAME --yes  (errgen restore alone lists them)\n"
        )
