from __future__ import annotations

import copy
import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pexpect
import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from site_builder.certificates import trusted
from site_builder.emulator import Incoming
from tests.app.conftest import CANARY, ZONE, Cloud
from tests.conftest import Outcome, Project

ENTRY_POINT = f"/client/v4/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint"
FOREIGN: dict[str, Any] = {
    "ref": "shop",
    "expression": "http.response.code eq 418",
    "action": "serve_error",
    "action_parameters": {"content": "tea", "content_type": "text/plain"},
    "description": "by hand",
    "enabled": True,
}


@pytest.fixture(autouse=True)
def _no_secret_is_shown(project: Project) -> Iterator[None]:
    yield
    for path, content in project.files().items():
        assert CANARY.encode() not in content, path


def put_rules(cloud: Cloud, *rules: dict[str, Any]) -> None:
    answer = httpx.put(
        cloud.url + ENTRY_POINT,
        json={"rules": rules},
        headers={"Authorization": f"Bearer {CANARY}"},
        trust_env=False,
        verify=trusted(),
    )
    assert answer.status_code == 200, answer.text


def visit(cloud: Cloud, code: int, accept: str = "text/html") -> httpx.Response:
    return httpx.get(f"{cloud.url}/origin/{code}", headers={"Accept": accept}, trust_env=False, verify=trusted())


def test_the_whole_way_and_a_second_time(project: Project, cloud: Cloud) -> None:
    first = project.run("publish", "--yes")
    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines()[-1] == f"default: release {release(project)[:12]} is published"
    assert len(cloud.rules) == 25
    assert len(cloud.assets) == 12
    assert visit(cloud, 404).headers["errgen-served-by"] == "zone rule errgen_default_html_404"
    assert visit(cloud, 404, "application/json").json()["title"] == "Error 404: Not Found"
    public = project.files("public")
    cloud.asked.clear()
    second = project.run("publish", "--yes")
    assert second.code == 0
    assert "nothing to do" in second.out
    assert cloud.writes == []
    assert len(cloud.asked) == 3  # the entry point, one page of assets, the Error Pages
    assert project.files("public") == public


def release(project: Project) -> str:
    return str(json.loads(project.read("output/default/manifest.json"))["release"])


def test_plan_writes_nothing_and_tells_by_its_exit_code(project: Project, cloud: Cloud) -> None:
    planned = project.run("plan", "--detailed-exitcode")
    assert planned.code == 10
    assert "cloudflare zone " + ZONE + ":" in planned.out
    assert re.search(r"\+ rule errgen_default_html_404 \(missing\)", planned.out)
    assert re.search(r": 25 of 25 rules", planned.out)
    assert re.search(r": 12 of 25 assets", planned.out)
    assert cloud.writes == []
    assert project.files("public") == {}
    project.run("publish", "--yes")
    done = project.run("plan", "--detailed-exitcode")
    assert (done.code, done.out.splitlines()[-1]) == (0, "nothing to do")


@pytest.mark.usefixtures("cloud")
def test_plan_as_json(project: Project) -> None:
    (plan,) = json.loads(project.run("plan", "--json").out)
    assert plan["site"] == "default"
    assert plan["counts"]["create"] == len(plan["changes"])
    assert {change["kind"] for change in plan["changes"]} == {"page", "asset", "rule", "release"}


def test_where_nobody_can_be_asked_nothing_is_applied(project: Project, cloud: Cloud) -> None:
    outcome = project.run_detached("publish")
    assert outcome.code == 2
    assert "+ rule errgen_default_html_404 (missing)" in outcome.out
    assert outcome.err == (
        "error: nobody can be asked here, so nothing was applied\n"
        "hint: apply with --yes, or review a plan (errgen plan --out plan.json) and apply it with --plan plan.json\n"
    )
    assert cloud.writes == []


@pytest.mark.parametrize(("answer", "code"), [("n", 130), ("y", 0)])
def test_asks_on_a_terminal(project: Project, cloud: Cloud, answer: str, code: int) -> None:
    environment = {**os.environ, **project.environ, "TERM": "xterm"}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "site_builder", "publish"],
        cwd=str(project.folder),
        env=environment,
        timeout=60,
        encoding="utf-8",
    )
    child.expect("Apply this\\?")
    assert cloud.writes == []
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code
    assert bool(cloud.rules) == (answer == "y")


def leave_room(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings + "limits = { rules = 20, assets = 24 }\n")


def test_a_reviewed_plan_is_applied_exactly_or_not_at_all(project: Project, cloud: Cloud) -> None:
    leave_room(project)
    assert project.run("plan", "--out", "plan.json").code == 0
    put_rules(cloud, FOREIGN)
    cloud.asked.clear()
    refused = project.run("publish", "--plan", "plan.json")
    assert refused.code == 5
    assert refused.err.startswith("error: plan.json: is not what publishing would do now")
    assert cloud.writes == []
    assert project.run("plan", "--out", "plan.json").code == 0
    assert project.run("publish", "--plan", "plan.json").code == 0
    assert cloud.rules


@pytest.mark.usefixtures("cloud")
def test_a_plan_that_is_none(project: Project) -> None:
    project.write("plan.json", "{}")
    assert project.run("publish", "--plan", "plan.json").err == (
        "error: plan.json: is not a plan that errgen wrote\nhint: make it again with: errgen plan --out FILE\n"
    )
    assert project.run("publish", "--plan", "absent.json").code == 9


def test_foreign_rules_stay_byte_for_byte(project: Project, cloud: Cloud) -> None:
    leave_room(project)
    put_rules(cloud, FOREIGN)
    before = copy.deepcopy(cloud.rules[0])
    assert project.run("publish", "--yes").code == 0
    assert cloud.rules[0] == before
    assert visit(cloud, 418).text == "tea"
    assert "left alone" in project.run("plan").out


@pytest.mark.usefixtures("cloud")
def test_a_missing_token(project: Project) -> None:
    project.environ["CLOUDFLARE_API_TOKEN"] = ""
    outcome = project.run("publish", "--yes")
    assert outcome.code == 6
    assert outcome.err.startswith("error: Cloudflare: CLOUDFLARE_API_TOKEN is not set\nhint: make a token with ")


def test_wrong_credentials_and_rights(project: Project, cloud: Cloud) -> None:
    cloud.state.withheld = {"Custom Error Rules:Edit"}
    outcome = project.run("publish", "--yes")
    assert outcome.code == 6
    assert f"PUT /zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint" in outcome.err
    assert "Custom Error Rules: Edit" in outcome.err
    assert "Custom Pages: Edit" in outcome.err
    assert project.files("public") == {}, "rights are checked before the first upload"
    cloud.state.withheld = {"Custom Pages:Edit"}
    outcome = project.run("publish", "--yes")
    assert outcome.code == 6
    assert f"DELETE /zones/{ZONE}/custom_pages/assets/errgen_default_rights_check" in outcome.err
    assert "Custom Pages: Edit" in outcome.err
    assert project.files("public") == {}
    cloud.state.token = "another"
    outcome = project.run("publish", "--yes")
    assert outcome.code == 6
    assert cloud.writes == []


def test_a_host_folder_that_is_not_there(project: Project, cloud: Cloud) -> None:
    (project.folder / "public").rmdir()
    outcome = project.run("publish", "--yes")
    assert outcome.code in (6, 9)
    assert "public" in outcome.err
    assert cloud.writes == []


def test_pages_that_cannot_be_fetched(project: Project, cloud: Cloud) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", re.sub(r'public_url = "(.*)/errors"', r'public_url = "\1/elsewhere"', settings))
    outcome = project.run("publish", "--yes")
    assert outcome.code == 6
    assert re.search(
        r"error: GET http://127\.0\.0\.1:\d+/elsewhere/releases/\w+/pages/cloudflare/en/\w+\.html", outcome.err
    )
    assert "404" in outcome.err
    assert cloud.writes == []
    assert cloud.rules == []


def test_too_many_rules(project: Project, cloud: Cloud) -> None:
    put_rules(cloud, FOREIGN)
    cloud.asked.clear()
    outcome = project.run("publish", "--yes")
    assert outcome == Outcome(
        5,
        "",
        f"error: cloudflare zone {ZONE}: needs 26 rules, 1 of them not errgen's, and 25 are allowed\n"
        "hint: give this edge of errgen.toml limits with rules = 24, which leaves the others room\n",
    )
    assert cloud.writes == []


@pytest.mark.parametrize(
    "spoilt",
    [
        HTMLResponse("<h1>502 Bad gateway</h1>", 502),
        PlainTextResponse('{"success": tr', 200, media_type="application/json"),
        PlainTextResponse(
            '{"success": false, "errors": [{"code": 7, "message": "no"}]}', media_type="application/json"
        ),
    ],
    ids=["502 with HTML", "200 with broken JSON", "success false"],
)
def test_an_api_that_fails_at_the_switch_leaves_the_old_answers(
    project: Project, cloud: Cloud, spoilt: Response
) -> None:
    project.run("publish", "--yes")
    old = copy.deepcopy(cloud.rules)
    project.write("catalog/mine.yaml", "404:\n  headline: Brand new words\n")

    def spoil(request: Incoming) -> Response | None:
        switching = request.method == "PUT" and "dry_run" not in request.query
        return spoilt if switching else None

    cloud.state.faults = spoil
    outcome = project.run("publish", "--yes")
    assert outcome.code in (6, 7)
    assert f"PUT /zones/{ZONE}/rulesets" in outcome.err
    assert "hint: " in outcome.err
    assert cloud.rules == old
    assert "Brand new words" not in visit(cloud, 404).text
    cloud.state.faults = None
    assert project.run("publish", "--yes").code == 0
    assert "Brand new words" in visit(cloud, 404).text


def test_ctrl_c_in_the_middle(project: Project, cloud: Cloud) -> None:
    """Held at the first asset, the old answers still serve; Ctrl-C ends it, and the next run carries on."""
    project.run("build")
    held: list[Incoming] = []

    def hold(request: Incoming) -> Response | None:
        if request.method == "POST" and not held:
            held.append(request)
            process.send_signal(signal.SIGINT)
        return None

    cloud.state.faults = hold
    process = project.start("publish", "--yes")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130, (out, err)
    assert err.lstrip().startswith("error: interrupted; the old answers are still live\nhint: ")
    assert cloud.rules == []
    assert project.run("publish", "--yes").code == 0
    assert len(cloud.rules) == 25
    assert len(cloud.assets) == 12


def test_ctrl_c_while_planning(project: Project, cloud: Cloud) -> None:
    def interrupt(_: Incoming) -> Response | None:
        process.send_signal(signal.SIGINT)
        return None

    project.run("build")
    cloud.state.faults = interrupt
    process = project.start("plan")
    _, err = process.communicate(timeout=300)
    assert (process.returncode, err.lstrip()) == (130, "error: interrupted; nothing was applied\n")


def test_what_publish_would_refuse_is_told_by_the_exit_code_of_plan(project: Project, cloud: Cloud) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('plan = "pro"', 'plan = "pro"\nlimits = { rules = 5, assets = 5 }'))
    assert project.run("plan").code == 0
    planned, published = project.run("plan", "--detailed-exitcode"), project.run("publish", "--yes")
    assert (planned.code, published.code, cloud.rules) == (5, 5, [])
    assert planned.err == published.err


def with_a_second_site(project: Project, zone: str) -> None:
    first = project.read("errgen.toml")
    second = first.replace("site.default", "site.second").replace(ZONE, zone)
    project.write("errgen.toml", first + second.replace('path = "public"', 'path = "public/second"'))
    (project.folder / "public/second").mkdir()


def test_a_second_site_that_cannot_be_published(project: Project, cloud: Cloud) -> None:
    with_a_second_site(project, "f" * 32)
    done = project.run("publish", "--yes")
    assert (done.code, len(cloud.rules)) == (7, 25)
    assert done.err.splitlines()[0] == (
        f"error: GET /zones/{'f' * 32}/rulesets/phases/http_custom_errors/entrypoint: answered 403: 9109 Unauthorized "
        "to access requested resource; before that this was done: default"
    )


def test_ctrl_c_between_two_sites(project: Project, cloud: Cloud) -> None:
    """What is told is true of the first one too."""
    with_a_second_site(project, other := "f" * 32)

    def interrupt(request: Incoming) -> Response | None:
        if other in request.path:
            process.send_signal(signal.SIGINT)
        return None

    cloud.state.faults = interrupt
    process = project.start("publish", "--yes")
    out, err = process.communicate(timeout=300)
    assert (process.returncode, err.lstrip()) == (
        7,
        "error: interrupted after this was done: default; what follows was not\n"
        "hint: answers are complete; run the same command again for the rest\n",
    )
    assert re.search(r"^default: release [0-9a-f]{12} is published$", out, re.MULTILINE)
    assert cloud.rules


@pytest.mark.usefixtures("cloud")
def test_a_zone_that_is_not_configured(project: Project) -> None:
    for zones in (("--zone", "nope"), ("--zone", ZONE, "--zone", "nope")):
        assert project.run("plan", *zones) == Outcome(
            2, "", f"error: no edge has the zone nope\nhint: errgen.toml has: {ZONE}\n"
        )
    assert project.run("plan", "--zone", ZONE).code == 0


def test_live_answers_that_differ_bring_the_previous_rules_back(project: Project, cloud: Cloud) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings + f'verify_url = "{cloud.url}"\n')
    assert project.run("publish", "--yes").code == 0
    old = copy.deepcopy(cloud.rules)
    project.write("catalog/families.yaml", "5xx:\n  headline: Brand new words\n")

    def old_page(request: Incoming) -> Response | None:
        stuck = request.path.startswith("/cdn-cgi/error/") and "html" in request.header("accept")
        return HTMLResponse("<p>a page from another cache", 502) if stuck else None

    cloud.state.faults = old_page
    outcome = project.run("publish", "--yes")
    assert outcome.code == 8
    assert "the previous rules are back" in outcome.err
    assert without_versions(cloud.rules) == without_versions(old)
    kept = project.run("publish", "--yes", "--keep")
    assert kept.code == 0
    assert "warning: kept all the same: " in kept.err
    assert without_versions(cloud.rules) != without_versions(old)


def without_versions(rules: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{k: v for k, v in rule.items() if k not in ("version", "last_updated", "id")} for rule in rules]


@pytest.mark.usefixtures("cloud")
def test_the_audit_says_what_was_done(project: Project) -> None:
    project.run("publish", "--yes")
    lines = [json.loads(line) for line in project.read(".errgen/audit.jsonl").splitlines()]
    assert [line["action"] for line in lines] == ["back up", "switch", "activate", "prune"]
    assert {line["release"] for line in lines} == {release(project)}
    assert time.strptime(lines[0]["when"], "%Y-%m-%dT%H:%M:%SZ")


def test_an_edge_that_a_run_has_switched_and_not_asked_is_asked_by_the_next(project: Project, cloud: Cloud) -> None:
    project.write("errgen.toml", project.read("errgen.toml") + f'verify_url = "{cloud.url}"\n')
    assert project.run("publish", "--yes").code == 0
    audit = [json.loads(line) for line in project.read(".errgen/audit.jsonl").splitlines()]
    assert [line["action"] for line in audit] == ["back up", "switch", "verify", "activate", "prune"]
    cut_off = [line for line in audit if line["action"] != "verify"]
    project.write(".errgen/audit.jsonl", "".join(f"{json.dumps(line)}\n" for line in cut_off))
    again = project.run("publish", "--yes")
    said = f"default: switched before this run, and asked by it: cloudflare zone {ZONE}"
    assert (again.code, again.out.splitlines()[-2:], again.err) == (0, ["nothing to do", said], "")
    assert project.run("publish", "--yes").out.splitlines()[-1] == "nothing to do"


def test_an_asset_altered_behind_our_back_is_reported_and_fetched_again(project: Project, cloud: Cloud) -> None:
    project.run("publish", "--yes")
    name = next(one for one in cloud.assets if "_en_404_" in one)
    good = visit(cloud, 404).text
    altered = cloud.state.scopes["zone", ZONE].assets[name]
    altered.description, altered.content = "by hand", b"<p>altered"
    assert visit(cloud, 404).text == "<p>altered"
    planned = project.run("plan")
    assert f"warning: cloudflare zone {ZONE}: the asset {name} was changed by hand" in planned.out
    (command,) = re.findall(r"^hint: .*, run: errgen (.*)$", planned.out, re.MULTILINE)
    assert command == f"publish --site default --refetch {name}"
    assert project.run(*command.split(), "--yes").code == 0
    assert without_ray(visit(cloud, 404).text) == without_ray(good)
    assert "changed by hand" not in project.run("plan").out
    assert project.run("publish", "--yes", "--refetch", "nope").code == 2


def without_ray(page: str) -> str:
    return re.sub(r"[0-9a-f]{16}", "", page)


def test_a_smaller_plan_can_still_be_tidied_up(project: Project, cloud: Cloud) -> None:
    project.run("publish", "--yes")
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('plan = "pro"', 'plan = "free"'))
    assert project.run("publish", "--yes").code == 0
    assert (cloud.rules, cloud.assets) == ([], set())


def test_planned_work_is_announced_kept_and_ended(project: Project, cloud: Cloud) -> None:
    project.run("publish", "--yes")
    usual = without_versions(cloud.rules)
    cloud.asked.clear()
    announced = project.run("publish", "--maintenance", "--yes")
    assert (announced.code, announced.err) == (0, "")
    assert f"info: cloudflare zone {ZONE}: planned work will be announced: every 5xx" in announced.out
    assert cloud.writes == [f"PUT /zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint"]
    page = visit(cloud, 500)
    assert (page.status_code, page.headers["errgen-served-by"]) == (503, "zone rule errgen_default_html_maintenance")
    assert "We are working on this website" in page.text
    document = visit(cloud, 502, "application/json")
    assert (document.status_code, document.json()["error_name"]) == (503, "planned_maintenance")
    assert visit(cloud, 404).headers["errgen-served-by"] == "zone rule errgen_default_html_404"
    again = project.run("publish", "--maintenance", "--yes")
    assert (again.code, again.out.splitlines()[-1]) == (0, "nothing to do")
    project.write("catalog/mine.yaml", "404:\n  headline: Brand new words\n")
    ordinary = project.run("publish", "--yes")
    assert "planned work is announced, by rules last written at 20" in ordinary.out
    assert "hint: end it with: errgen publish --no-maintenance" in ordinary.out
    assert "We are working on this website" in visit(cloud, 500).text
    assert "Brand new words" in visit(cloud, 404).text
    (project.folder / "catalog/mine.yaml").unlink()
    ended = project.run("publish", "--no-maintenance", "--yes")
    assert "planned work is no longer announced" in ended.out
    assert without_versions(cloud.rules) == usual


def test_a_saved_plan_records_planned_work(project: Project, cloud: Cloud) -> None:
    project.run("publish", "--yes")
    assert project.run("plan", "--maintenance", "--out", "plan.json").code == 0
    assert json.loads(project.read("plan.json"))["maintenance"] is True
    refused = project.run("publish", "--plan", "plan.json", "--no-maintenance")
    assert refused.code == 2
    assert refused.err.startswith("error: plan.json is a plan for something else than this asks for about planned work")
    assert project.run("publish", "--plan", "plan.json").code == 0
    assert "We are working on this website" in visit(cloud, 500).text
    cloud.asked.clear()
    again = project.run("publish", "--plan", "plan.json")
    assert (again.code, again.err) == (0, "")
    assert again.out.splitlines()[0] == "plan.json: is applied already"
    assert cloud.writes == []


def test_planned_work_is_checked_as_clients_see_it(project: Project, cloud: Cloud) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings + f'verify_url = "{cloud.url}"\n')
    assert project.run("publish", "--yes", "--maintenance").code == 0

    def old_page(request: Incoming) -> Response | None:
        return PlainTextResponse("still here", 500) if request.path == "/cdn-cgi/error/500" else None

    assert project.run("publish", "--yes", "--no-maintenance").code == 0
    cloud.state.faults = old_page
    outcome = project.run("publish", "--yes", "--maintenance")
    assert outcome.code == 8
    assert "500 of the edge for browser" in outcome.err
    assert not [rule for rule in cloud.rules if "_maintenance" in str(rule["ref"])]


def test_a_site_that_cannot_announce_planned_work(project: Project) -> None:
    settings = project.read("errgen.toml")
    head = settings.partition("[[site.default.edge]]")[0]
    project.write("errgen.toml", head + '[[site.default.edge]]\nkind = "netlify"\n')
    assert project.run("publish", "--maintenance", "--yes") == Outcome(
        2,
        "",
        "error: the site default has no edge that announces planned work over the network (its edges: netlify)\n"
        "hint: serve output/default/pages/static/en/maintenance.html from your own server while you work, or add an "
        'edge with kind = "cloudflare"\n',
    )
    second = settings.replace("site.default", "site.shop").replace('"public"', '"other"')
    project.write("errgen.toml", project.read("errgen.toml") + second)
    outcome = project.run("plan", "--maintenance")
    assert (outcome.code, outcome.err.splitlines()[-1]) == (2, "hint: name the sites that have one: --site shop")


def test_the_free_plan_cannot_announce_planned_work(project: Project, cloud: Cloud) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('plan = "pro"', 'plan = "free"'))
    outcome = project.run("publish", "--maintenance", "--yes")
    assert outcome.code == 5
    assert outcome.err.startswith(
        f"error: cloudflare zone {ZONE}: cannot announce planned work: there is no room for custom error rules, and "
        "only they can announce it\nhint: "
    )
    assert cloud.asked == []


def test_the_plan_shows_only_the_lines_that_change(project: Project, cloud: Cloud) -> None:
    project.run("publish", "--yes")
    project.write("catalog/mine.yaml", "404:\n  detail: Brand new words.\n")
    planned = project.run("plan").out
    assert "~ rule errgen_default_json_404 (differs)" in planned
    assert '+   "detail": "Brand new words.",' in planned
    assert max(map(len, planned.splitlines())) < 300
    assert cloud.rules
