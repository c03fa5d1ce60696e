from __future__ import annotations

import json
import re
from typing import Any

import pytest
from starlette.responses import Response

from site_builder.app.live_state import rollback_in
from site_builder.emulator import Incoming
from site_builder.model import Codes
from site_builder.publishing import live_probes
from tests.app.conftest import ZONE, Cloud
from tests.conftest import Outcome, Project

TARGET = f"cloudflare zone {ZONE}"
FEW: Codes = ((500, 500), (1015, 1015))
MOMENT = r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ANNOUNCED = (
    "hint: planned work is announced: errgen verify --maintenance compares with that; errgen publish --no-maintenance "
    "ends it\n"
)
INSTEAD = f"another state than was asked for is live at {TARGET}"
AUDIT = ".errgen/audit.jsonl"


@pytest.fixture
def asked(project: Project, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose zone can be asked for a few codes, by ada in CI."""
    monkeypatch.setattr(live_probes, "SHOWN", FEW)
    probes = f'verify_url = "{cloud.url}"\nprobes = {{ "/origin/503" = 503 }}\n'
    project.write("errgen.toml", project.read("errgen.toml") + probes)
    project.environ |= {"GITHUB_ACTOR": "ada", "GITHUB_SHA": COMMIT}
    return project


def hosted(project: Project) -> str:
    """What verify prints of the host's pages."""
    url = project.read("errgen.toml").partition('public_url = "')[2].partition('"')[0]
    pages = len(json.loads(project.read("output/default/manifest.json"))["files"])
    return f"default: directory public at {url}: {pages} answers, all as published\n"


def test_planned_work_is_one_line_and_what_is_wrong_besides_is_told(asked: Project, cloud: Cloud) -> None:
    assert asked.run("publish", "--yes", "--maintenance").code == 0
    at = f"default: {TARGET} at {cloud.url}"
    assert asked.run("verify", "--maintenance").code == 0
    whole = Outcome(
        8,
        f"{at}: 21 answers, 14 of planned work\n{hosted(asked)}",
        f"error: {TARGET}: 14 of the 21 answers are those of planned work\n{ANNOUNCED}error: {INSTEAD}\n",
    )
    assert asked.run("verify") == whole
    results = [(one["result"], len(one["problems"])) for one in json.loads(asked.run("verify", "--json").out)]
    assert results == [("planned work", 1), ("as published", 0)]

    def challenge(request: Incoming) -> Response | None:
        one = request.path == "/cdn-cgi/error/500" and "Mozilla" in request.header("user-agent")
        return Response("<h1>Just a moment", 403, {"cf-mitigated": "challenge"}, "text/html") if one else None

    cloud.state.faults = challenge
    outcome = asked.run("verify")
    assert outcome.out == f"{at}: 21 answers, 13 of planned work, 1 not as published\n{hosted(asked)}"
    first, second, challenged, *rest = outcome.err.splitlines(keepends=True)
    assert (first + second, "cf-mitigated" in challenged) == (
        f"error: {TARGET}: 13 of the 21 answers are those of planned work\n{ANNOUNCED}",
        True,
    )
    assert rest[1:] == [f"error: {INSTEAD}, and 1 live answer is not as published\n"]


def test_a_release_that_was_rolled_back_to_is_told_as_such(asked: Project, cloud: Cloud) -> None:
    assert asked.run("publish", "--yes").code == 0
    first = json.loads(asked.read("output/default/manifest.json"))["release"]
    asked.write("errgen.toml", asked.read("errgen.toml").replace('"Example"', '"Second"'))
    assert asked.run("publish", "--yes").code == 0
    asked.environ["GITHUB_SHA"] = "f" * 40
    assert asked.run("rollback", "--yes").code == 0
    asked.environ["CLOUDFLARE_API_TOKEN"] = ""

    def said(outcome: Outcome, source: str, made_from: str) -> None:
        assert (outcome.code, outcome.out) == (
            8,
            f"default: {TARGET} at {cloud.url}: 21 answers, 17 of another release\n{hosted(asked)}",
        )
        assert re.sub(MOMENT, "MOMENT", outcome.err) == (
            f"error: {TARGET}: release {first[:12]} is live, by rollback of MOMENT by ada, says {source}; "
            "17 of the 21 answers differ from this build\n"
            f"hint: where that is meant, run errgen verify at {made_from}, until a corrected "
            "build is published; errgen publish makes this build live again\n"
            f"error: {INSTEAD}\n"
        )

    said(asked.run("verify"), AUDIT, f"commit {COMMIT}, which it was built from")
    results = [(one["result"], len(one["problems"])) for one in json.loads(asked.run("verify", "--json").out)]
    assert results == [("another release", 1), ("as published", 0)]

    noted = [json.loads(line) for line in asked.read(AUDIT).splitlines()]
    old = [{**line, "when": "2020-01-01T00:00:00Z"} for line in noted if line.get("command") is None]
    asked.write(AUDIT, "".join(f"{json.dumps(line)}\n" for line in old))  # the last switch was made elsewhere
    said(asked.run("verify"), "a record of directory public", f"commit {COMMIT}, which it was built from")
    (asked.folder / AUDIT).unlink()  # cron runs on another machine than the one that rolled back
    said(asked.run("verify"), "a record of directory public", "the commit that it was built from")

    (asked.folder / "public/records").rename(asked.folder / "public/away")
    unknown = asked.run("verify")
    assert unknown.out.startswith(f"default: {TARGET} at {cloud.url}: 21 answers, 17 not as published\n")
    assert unknown.err.endswith(
        "error: 17 live answers are not as published\n"
        "hint: where this build has not been published yet, publish it first; errgen plan says so\n"
    )


ROLLBACK = {"action": "switch", "command": "rollback --site default --to 1a2b", "release": "1a2b"}


@pytest.mark.parametrize(
    ("further", "is_told"),
    [
        ({"command": "publish --disable --site default"}, True),
        ({"command": "publish --enable --site default"}, True),
        ({"action": "prune"}, True),
        ({"action": "put back"}, False),
        ({"action": "deactivate", "release": "none"}, False),
        ({"release": "3c4d"}, False),
        ({"command": "rollback --site default --to none", "release": "none"}, False),
        ({"command": None}, False),
        ({"command": "restore x.json"}, False),
    ],
)
def test_a_rollback_counts_until_something_else_goes_live(further: dict[str, Any], is_told: bool) -> None:
    assert (rollback_in([ROLLBACK, {**ROLLBACK, **further}], "3c4d") is not None) == is_told


def test_where_nothing_was_noted_nothing_was_rolled_back() -> None:
    assert rollback_in([], "3c4d") is None
    assert rollback_in([{"action": "activate"}], "3c4d") is None
