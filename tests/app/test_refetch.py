"""``publish --refetch``: what it says, and what it refuses before anything is shown or sent."""

from __future__ import annotations

import os
import shutil
import signal

from starlette.responses import Response

from site_builder.emulator import Incoming
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


def test_ctrl_c_while_an_asset_is_fetched_again_says_that_it_was(project: Project, cloud: Cloud) -> None:
    assert project.run("publish", "--yes").code == 0
    name = min(cloud.assets)
    records = project.folder / "public/records"
    shutil.rmtree(records)
    records.write_text("in the way")

    def press(request: Incoming) -> Response | None:
        if request.method == "PUT" and request.path.endswith(name):
            os.kill(os.getpid(), signal.SIGINT)
        return None

    cloud.state.faults = press
    outcome = project.run("publish", "--yes", "--refetch", name)
    assert (outcome.code, outcome.out.splitlines()[-1]) == (7, "nothing to do")
    told, hint = outcome.err.splitlines()
    assert told == f"error: interrupted after {name} was fetched again at cloudflare zone {ZONE}"
    again, only_here = hint.split("; ", 1)
    assert again == "hint: run the same command again for the rest: to fetch an asset twice changes nothing"
    assert only_here.startswith("a record is in .errgen only, and not at the host too: ")


def test_an_asset_that_is_not_fetched_again_does_not_hide_what_was_published(project: Project, cloud: Cloud) -> None:
    assert project.run("publish", "--yes").code == 0
    name = next(one for one in cloud.assets if "_en_404_" in one)
    stored = cloud.state.scopes["zone", ZONE].custom_error_rules
    stored[0]["description"] = "mine"
    refused = Response(status_code=403)
    cloud.state.faults = lambda request: refused if request.method == "PUT" and request.path.endswith(name) else None
    outcome = project.run("publish", "--yes", "--refetch", name)
    assert outcome.code == 7
    assert "; before that this was done: default\n" in outcome.err
