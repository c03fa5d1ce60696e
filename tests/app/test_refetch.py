"""``publish --refetch``: what it says, and what it refuses before anything is shown or sent."""

from __future__ import annotations

from tests.app.conftest import ZONE, Cloud
from tests.conftest import Outcome, Project


def test_what_is_fetched_again_is_said_and_a_wrong_name_is_refused_first(project: Project, cloud: Cloud) -> None:
    wrong = Outcome(
        2,
        "",
        "error: no edge of default has an asset nope of this release\n"
        "hint: the names are in output/SITE/edges/cloudflare/assets.json; --site says whose it is\n",
    )
    assert project.run("publish", "--yes", "--refetch", "nope") == wrong
    assert project.files("public") == {}
    assert project.run("publish", "--yes").code == 0
    before = {name: asset.last_updated for name, asset in cloud.state.scopes["zone", ZONE].assets.items()}
    name = min(cloud.assets)
    planned = project.run("plan").out
    assert planned.endswith("nothing to do\n")
    assert project.run("publish", "--yes", "--refetch", name) == Outcome(
        0, f"{planned}cloudflare zone {ZONE}: {name} was fetched again\n", ""
    )
    after = {name: asset.last_updated for name, asset in cloud.state.scopes["zone", ZONE].assets.items()}
    assert {one for one in after if after[one] != before[one]} == {name}
    assert project.run("publish", "--yes", "--refetch", "nope") == wrong


def test_an_audit_that_cannot_be_written_is_found_before_anything_is(project: Project, cloud: Cloud) -> None:
    (project.folder / ".errgen/audit.jsonl").mkdir(parents=True)
    outcome = project.run("publish", "--yes")
    assert (outcome.code, outcome.err) == (
        9,
        "error: .errgen/audit.jsonl: cannot write the audit line: Is a directory\n",
    )
    assert (project.files("public"), cloud.writes, cloud.assets) == ({}, [], set())
