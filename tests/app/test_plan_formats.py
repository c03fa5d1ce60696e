"""A plan in the forms that people, programs and pull requests read, and in the summary of a CI job."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from site_builder.app.emulate import API
from site_builder.certificates import trusted
from tests.app.conftest import CANARY, ZONE, Cloud
from tests.conftest import Project


def edit_by_hand(cloud: Cloud) -> str:
    """Disable one of our rules, as somebody would in the dashboard; gives its ref."""
    rules = [{key: rule[key] for key in rule.keys() - {"version", "last_updated"}} for rule in cloud.rules]
    rules[0]["enabled"] = False
    url = f"{cloud.url}{API}/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint"
    answer = httpx.put(
        url, json={"rules": rules}, headers={"Authorization": f"Bearer {CANARY}"}, trust_env=False, verify=trusted()
    )
    assert answer.status_code == 200, answer.text
    return str(rules[0]["ref"])


def test_what_was_changed_by_hand_is_told_in_every_form(project: Project, cloud: Cloud) -> None:
    assert project.run("publish", "--yes").code == 0
    ref = edit_by_hand(cloud)
    project.environ["GITHUB_STEP_SUMMARY"] = str(project.folder / "summary.md")
    markdown = project.run("plan", "--format", "markdown")
    head = ["### Changed by hand since errgen wrote it", "", "| | what | where | why |", "| --- | --- | --- | --- |"]
    assert markdown.out.splitlines()[2:7] == [
        *head,
        f"| `~` | rule `{ref}` | `cloudflare zone {ZONE}` | edited by hand |",
    ]
    assert project.read("summary.md") == f"{markdown.out}\n"
    as_json = project.run("plan", "--format", "json").out
    assert as_json == project.run("plan", "--json").out
    (plan,) = json.loads(as_json)
    assert [(one["name"], one["drift"]) for one in plan["changes"]] == [(ref, True)]
    text = project.run("plan").out.splitlines()
    assert text[1:4] == [
        "changed by hand since errgen wrote it:",
        f"cloudflare zone {ZONE}:",
        f"  ~ rule {ref} (edited by hand)",
    ]

    (project.folder / "summary.md").unlink()
    published = project.run("publish", "--yes")
    assert published.code == 0
    assert project.read("summary.md") == f"{markdown.out}\n**{published.out.splitlines()[-1]}**\n\n"
    assert "Nothing to do." in project.run("plan", "--format", "markdown").out


@pytest.mark.usefixtures("cloud")
def test_a_summary_that_cannot_be_written_stops_before_anything_is_done(project: Project) -> None:
    project.environ["GITHUB_STEP_SUMMARY"] = str(project.folder / "no" / "summary.md")
    outcome = project.run("publish", "--yes")
    assert outcome.code == 9
    assert "cannot write the job summary" in outcome.err
    assert project.files("public") == {}


def test_keys_of_errgen_toml_have_their_lines_and_what_is_refused_is_not_asked_about(
    project: Project, cloud: Cloud
) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('plan = "pro"', "limits = { rules = 5, assets = 5 }"))
    line = settings[: settings.index("[[site.default.edge]]")].count("\n") + 1
    problem = f"error: errgen.toml:{line}: site.default.edge[0]: no json page of ours is served for 500..599\n"
    planned = project.run("plan")
    assert (planned.code, planned.out.count(problem)) == (0, 1)
    assert "errgen.toml: " not in planned.out
    assert f"errgen.toml:{line}: site.default.edge" in project.run("plan", "--format", "markdown").out
    refused = project.run_detached("publish")  # nobody can be asked, and that is not what is wrong
    assert (refused.code, refused.err.startswith(problem)) == (5, True)
    assert cloud.writes == []


def test_what_is_switched_off_is_one_line_and_the_rest_for_those_who_want_it(project: Project, cloud: Cloud) -> None:
    assert project.run("publish", "--yes").code == 0
    off = project.run("publish", "--disable", "--yes")
    edge = f"cloudflare zone {ZONE}"
    assert [re.sub(r"[0-9a-f]{64}", "SUM", line) for line in off.out.splitlines()] == [
        "site default",
        f"{edge}:",
        "  ~ 25 rules (switched off)",
        f"{edge}: 25 of 25 rules",
        f"{edge}: {len(cloud.assets)} of 25 assets",
        "0 to create, 25 to change, 0 to delete",
        "checksum SUM",
        "default: errgen's rules are off, and clients get what they would without errgen",
    ]
    on = project.run("publish", "--enable", "--verbose", "--yes").out.splitlines()
    assert [line for line in on if line.startswith("  ~ ")] == [
        f"  ~ rule {rule['ref']} (switched on)" for rule in cloud.rules
    ]
    assert on.count("      enabled: false") == on.count("             → true") == 25
