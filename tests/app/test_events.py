"""What a run tells programs while it works, and CI once it has ended."""

from __future__ import annotations

import json
import logging
import re
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from starlette.responses import Response

from site_builder.cli.events import AUDITED, Events
from site_builder.cli.requests_told import RequestLines
from site_builder.cli.run import Run
from site_builder.emulator import Incoming
from site_builder.errors import ChecksFailed, Fault, InvalidInput, UnsafePlan
from tests.app.conftest import CANARY, ZONE, Cloud
from tests.conftest import Project

EDGE = f"cloudflare zone {ZONE}"


@pytest.fixture(autouse=True)
def _no_secret_is_shown(project: Project) -> Iterator[None]:
    yield
    for path, content in project.files().items():
        assert CANARY.encode() not in content, path


def events(out: str) -> list[dict[str, Any]]:
    assert CANARY not in out
    found = [json.loads(line) for line in out.splitlines()]
    assert all(datetime.fromisoformat(one["moment"]).utcoffset() == timedelta(0) for one in found)
    return found


def names(found: list[dict[str, Any]]) -> list[str]:
    return [one["event"] for one in found if one["event"] != "progress"]


def test_a_publish_tells_each_step_and_how_it_ended(project: Project, cloud: Cloud) -> None:
    project.write("errgen.toml", project.read("errgen.toml") + f'verify_url = "{cloud.url}"\n')
    project.environ["GITHUB_STEP_SUMMARY"] = str(project.folder / "summary.md")
    outcome = project.run("publish", "--yes", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    found = events(outcome.out)
    steps = ["plan", "backed_up", "switched", "verified", "activated", "pruned", "applied", "done"]
    assert names(found) == steps
    assert {"text": f"reading {EDGE}"}.items() <= found[
        [one.get("text") for one in found].index(f"reading {EDGE}")
    ].items()
    by_name = {one["event"]: one for one in found}
    plan, release = by_name["plan"]["plan"], by_name["plan"]["release"]
    assert (plan["site"], plan["release"], plan["unsafe"]) == ("default", release, [])
    for name in ("switched", "verified", "pruned"):
        assert (by_name[name]["site"], by_name[name]["release"], by_name[name]["target"]) == ("default", release, EDGE)
    assert by_name["verified"]["differences"] == []
    assert by_name["backed_up"]["file"] in {name.rpartition("/")[2] for name in project.files(".errgen/backups")}
    said = [f"default: release {release[:12]} is published"]
    shown = {
        key: by_name["applied"][key] for key in ("site", "switched", "differences", "unpruned", "uncopied", "said")
    }
    assert shown == {
        "site": "default",
        "switched": [EDGE, "directory public"],
        "differences": [],
        "unpruned": None,
        "uncopied": [],
        "said": said,
    }
    assert by_name["done"]["exit_code"] == 0
    assert project.read("summary.md").endswith(f"\n\n**default: release {release[:12]} is published**\n\n")

    again = events(project.run("publish", "--yes", "--json", "--refetch", (name := min(cloud.assets))).out)
    assert names(again) == ["plan", "refetched", "applied", "done"]
    assert next(one for one in again if one["event"] == "refetched")["asset"] == name

    project.write("catalog/mine.yaml", "404:\n  headline: Brand new words\n")
    cloud.state.faults = old_page
    outcome = project.run("publish", "--yes", "--json")
    assert outcome.code == 8
    found = events(outcome.out)
    assert names(found) == ["plan", "backed_up", "switched", "verified", "put_back", "failed"]
    failed = found[-1]
    assert (failed["exit_code"], failed["error"], failed["where"]) == (8, "live_answers_differ", EDGE)
    assert failed["message"].endswith("; the previous rules are back")
    assert failed["faults"] == [{"where": EDGE, "message": failed["message"]}]
    assert next(one for one in found if one["event"] == "verified")["differences"]
    assert "**errgen publish ended with exit code 8**" in project.read("summary.md")


def old_page(request: Incoming) -> Response | None:
    stuck = request.path.startswith("/cdn-cgi/error/") and "html" in request.header("accept")
    return Response("<p>a page from another cache", 502, media_type="text/html") if stuck else None


@pytest.mark.parametrize("form", ["--json", "--keep"])
def test_a_publish_goes_on_where_nobody_reads_what_it_says(project: Project, cloud: Cloud, form: str) -> None:
    def leave(_: Incoming) -> Response | None:
        if process.stdout:
            process.stdout.close()
        return None

    cloud.state.faults = leave
    with project.start("publish", "--yes", form) as process:
        assert process.stderr
        err = process.stderr.read()
    assert process.returncode == 0
    assert err.splitlines() == ["warning: standard output cannot be written any more: Broken pipe"]
    assert cloud.rules
    assert project.files("public/current")


def test_nor_where_nobody_reads_its_warnings(project: Project, cloud: Cloud) -> None:
    """As with ``2>&1 | head``."""

    def leave(_: Incoming) -> Response | None:
        for stream in (process.stdout, process.stderr):
            assert stream
            stream.close()
        return None

    cloud.state.faults = leave
    process = project.start("publish", "--yes", "--json", "--verbose")
    assert process.wait(timeout=300) == 0
    assert cloud.rules
    assert project.files("public/current")


def test_an_event_may_come_while_another_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Ctrl-C does, in the same thread."""
    told, said = Events(), list[str]()

    def say(line: str) -> None:
        said.append(json.loads(line)["text"])
        if len(said) == 1:
            told("progress", text="interrupted")

    monkeypatch.setattr("site_builder.cli.events.say", say)
    told("progress", text="uploading")
    assert said == ["uploading", "interrupted"]


def test_ctrl_c_is_told_too(project: Project, cloud: Cloud) -> None:
    def interrupt(_: Incoming) -> Response | None:
        process.send_signal(signal.SIGINT)
        return None

    cloud.state.faults = interrupt
    process = project.start("publish", "--yes", "--json")
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 130
    last = events(out)[-1]
    assert (last["event"], last["exit_code"], last["error"]) == ("failed", 130, "interrupted")
    assert last["message"] == "interrupted; nothing was applied"


@pytest.mark.usefixtures("cloud")
def test_what_fails_before_anything_is_planned_is_told_as_well(project: Project) -> None:
    for arguments, code, error in [
        (("publish", "--json", "--nope"), 2, "usage_error"),
        (("rollback", "--json", "--yes"), 2, "usage_error"),
        (("restore", "absent.json", "--json"), 9, "local_files_failed"),
        (("plan", "--format", "json", "--zone", "nope"), 2, "usage_error"),
        (("explain", "--json", "nonsense"), 2, "usage_error"),
    ]:
        outcome = project.run(*arguments)
        (failed,) = (one for one in events(outcome.out) if one["event"] != "progress")
        assert (failed["event"], failed["exit_code"], failed["error"]) == ("failed", code, error), arguments
        assert outcome.code == code
        assert outcome.err
    project.write("errgen.toml", project.read("errgen.toml").replace('name = "Example"', "name = 1\nnames = 2"))
    outcome = project.run("build", "--json")
    failed = json.loads(outcome.out)
    assert (outcome.code, failed["error"], len(failed["faults"])) == (3, "invalid_input", 2)
    assert failed["faults"][0]["where"] == "errgen.toml:2: site.default.name"


@pytest.mark.usefixtures("cloud")
def test_a_document_stays_one_document(project: Project) -> None:
    outcome = project.run("plan", "--json", "--detailed-exitcode")
    assert outcome.code == 10
    assert [one["site"] for one in json.loads(outcome.out)] == ["default"]


def test_a_plan_that_loses_a_language_is_for_those_who_insist(project: Project, cloud: Cloud) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('["en"]', '["en", "de"]'))
    assert project.run("publish", "--yes").code == 0
    project.write("errgen.toml", settings)
    rules, public = cloud.rules, project.files("public")

    planned = project.run("plan", "--out", "plan.json")
    assert planned.code == 0
    head = planned.out.splitlines()[1:3]
    assert head[0] == "UNSAFE, and refused without --force:"
    where = "directory public"
    assert re.fullmatch(
        rf"error: {where}: (\d+) of the \d+ pages of the current release would be gone: all \1 in de", head[1]
    )
    project.environ["GITHUB_ACTIONS"] = "true"
    annotated = project.run("plan", "--detailed-exitcode")
    project.environ["GITHUB_ACTIONS"] = ""
    assert (annotated.code, annotated.out) == (5, planned.out)
    assert f"::error title=unsafe-pages::{where}: " in annotated.err

    refused = project.run("publish", "--plan", "plan.json")
    assert refused.code == 5
    assert refused.err.splitlines() == [
        head[1],
        "hint: look at what was changed last in errgen.toml and the catalog; if it is meant, insist with --force",
    ]
    assert [line for line in planned.out.splitlines() if line not in refused.out.splitlines()] == [
        *head,
        "hint: look at what was changed last in errgen.toml and the catalog; if it is meant, insist with --force",
    ], "it is said once, and where failures are"
    refused = project.run("publish", "--yes", "--json")
    plan, failed = (one for one in events(refused.out) if one["event"] != "progress")
    assert (failed["exit_code"], failed["error"]) == (5, "unsafe_plan")
    assert [one["id"] for one in plan["plan"]["unsafe"]] == ["unsafe-pages"]
    assert (cloud.rules, project.files("public")) == (rules, public)

    forced = project.run("publish", "--plan", "plan.json", "--force")
    assert (forced.code, forced.err, forced.out.splitlines()[1:3]) == (0, "", head)
    assert project.run("rollback", "--yes").code == 0, "a language more is no loss"
    refused = project.run("rollback", "--to", json.loads(project.read("plan.json"))["release"][:12], "--yes")
    assert (refused.code, refused.err.splitlines()[0]) == (5, head[1])


def test_failures_and_findings_are_annotations_where_github_runs_it(project: Project) -> None:
    project.environ["GITHUB_ACTIONS"] = "true"
    project.environ["GITHUB_STEP_SUMMARY"] = str(project.folder / "summary.md")
    project.write("errgen.toml", project.read("errgen.toml").replace('name = "Example"', "name = 1\nnames = 2"))
    outcome = project.run("publish", "--yes")
    told = [line for line in outcome.err.splitlines() if line.startswith("::")]
    assert outcome.code == 3
    assert [line.partition("::site")[0] for line in told] == [
        "::error file=errgen.toml,line=2,title=errgen publish",
        "::error file=errgen.toml,line=3,title=errgen publish",
    ]
    assert all("%0Ahint: " in line for line in told)
    assert project.read("summary.md").splitlines()[0] == "**errgen publish ended with exit code 3**"

    checked = project.run("check", "--format", "github")
    assert checked.code == 3
    assert "::error file=errgen.toml,line=2,title=build::" in checked.out
    assert "::error" not in checked.err


def test_findings_of_a_build_are_annotations_too(project: Project) -> None:
    project.environ["GITHUB_ACTIONS"] = "true"
    project.write(
        "errgen.toml",
        project.read("errgen.toml") + 'retry_after = false\n[site.default.maintenance]\nstill_works = { de = "x" }\n',
    )
    built = project.run("build")
    checked = project.run("check")
    for outcome in (built, checked):
        assert "::" not in outcome.out
        found = [line for line in outcome.err.splitlines() if line.startswith("::")]
        assert any(
            line.startswith(("::warning file=errgen.toml,line=", "::error file=errgen.toml,line=")) for line in found
        )


def test_every_request_is_told_to_those_who_want_it(project: Project, cloud: Cloud) -> None:
    quiet = project.run("plan")
    cloud.asked.clear()
    told = project.run("plan", "--verbose")
    assert (told.code, told.out) == (0, quiet.out)
    assert quiet.err == ""
    assert CANARY not in told.err
    lines = told.err.splitlines()
    requests = [re.sub(r" in \d+ ms$", "", line[2:]) for line in lines if line.startswith("  ")]
    asked = {f"{one.method} {one.path}" for one in cloud.asked}
    assert {re.sub(r"^(\w+) http://[^/]+([^?]*)(\?.*)? \d{3}$", r"\1 \2", line) for line in requests} == asked
    assert f"reading {EDGE}" in lines
    assert project.run("plan").err == "", "it ends with the run"


def test_requests_of_every_client_are_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    moments = iter([10.0, 10.25, 20.0, 20.001, 20.5])
    lines = RequestLines(lambda: next(moments))
    lines.begin()
    try:
        text = 'HTTP Request: %s %s "%s %d %s"'
        logging.getLogger("httpcore.http11").debug("send_request_headers.started request=<Request [b'GET']>")
        logging.getLogger("httpx").info(text, "GET", "https://user:secret@example.com/a?b=c", "HTTP/1.1", 200, "OK")
        logging.getLogger("httpx").info(text, "GET", "https://example.com/", "HTTP/1.1", 404, "Not Found")
        logging.getLogger("httpcore.connection").debug("connect_tcp.started host='example.com'")
        logging.getLogger("httpcore.connection").debug("connect_tcp.started host='example.com'")
        logging.getLogger("httpcore.http11").debug("send_request_headers.started request=<Request [b'GET']>")
        logging.getLogger("httpcore.http11").debug("receive_response_headers.complete [(b'Set-Cookie', b'secret')]")
        logging.getLogger("botocore.endpoint").debug("Sending http request: %s", "Authorization: secret")
        logging.getLogger("urllib3.connectionpool").debug("Starting new HTTPS connection (%d): %s:%s", 1, "b.test", 443)
        text = '%s://%s:%s "%s %s %s" %s %s'
        parts = ("https", "b.test", 443, "PUT", "/o/x.html", "HTTP/1.1", 412, 0)
        logging.getLogger("urllib3.connectionpool").debug(text, *parts)
        logging.getLogger("httpx").warning("something else")
    finally:
        lines.end()
    logging.getLogger("urllib3.connectionpool").debug(text, *parts)
    assert capsys.readouterr().err.splitlines() == [
        "  GET https://example.com/a?b=c 200 in 250 ms",
        "  GET https://example.com/ 404",
        "  PUT https://b.test:443/o/x.html 412 in 499 ms",
    ]


def test_the_last_event_of_each_failure(capsys: pytest.CaptureFixture[str]) -> None:
    zone = timezone(timedelta(hours=1))
    tell = Events(lambda: datetime(2026, 11, 21, 9, 0, 0, 250_000, zone))
    tell("progress", text="grüße")
    tell.failed(ChecksFailed("3 errors are left", hint="mend them"))
    tell.failed(UnsafePlan([Fault("zone x", "all gone"), Fault("zone y", "all gone too")], hint="insist"))
    tell.failed(InvalidInput([Fault("errgen.toml:1", "wrong")]))
    assert capsys.readouterr().out.splitlines() == [
        '{"event": "progress", "moment": "2026-11-21T08:00:00.250000Z", "text": "grüße"}',
        '{"event": "failed", "moment": "2026-11-21T08:00:00.250000Z", "exit_code": 4, "error": "checks_failed", '
        '"message": "3 errors are left", "where": null, "hint": "mend them", '
        '"faults": [{"where": null, "message": "3 errors are left"}]}',
        '{"event": "failed", "moment": "2026-11-21T08:00:00.250000Z", "exit_code": 5, "error": "unsafe_plan", '
        '"message": "all gone", "where": "zone x", "hint": "insist", '
        '"faults": [{"where": "zone x", "message": "all gone"}, {"where": "zone y", "message": "all gone too"}]}',
        '{"event": "failed", "moment": "2026-11-21T08:00:00.250000Z", "exit_code": 3, "error": "invalid_input", '
        '"message": "wrong", "where": "errgen.toml:1", "hint": null, '
        '"faults": [{"where": "errgen.toml:1", "message": "wrong"}]}',
    ]


def test_every_event_is_described() -> None:
    from site_builder.cli import events as module

    described = (module.__doc__ or "").replace(":", " ").split()
    assert {*AUDITED.values(), "progress", "plan", "finding", "applied", "done", "failed"} <= {*described}


@pytest.mark.parametrize(
    ("arguments", "wants_json", "command"),
    [
        ([], False, "errgen"),
        (["--help"], False, "errgen"),
        (["publish", "--yes", "--json"], True, "errgen publish"),
        (["plan", "--format", "json"], True, "errgen plan"),
        (["plan", "--format=json"], True, "errgen plan"),
        (["plan", "--format", "text", "json"], False, "errgen plan"),
    ],
)
def test_what_a_run_is_asked_for(arguments: list[str], wants_json: bool, command: str) -> None:
    run = Run(arguments)
    assert (run.wants_json, run.command) == (wants_json, command)
