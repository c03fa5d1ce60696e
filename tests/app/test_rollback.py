from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from site_builder.certificates import trusted
from tests.app.conftest import CANARY, ZONE, Cloud
from tests.conftest import Outcome, Project

FOREIGN: dict[str, Any] = {
    "ref": "shop",
    "expression": "http.response.code eq 418",
    "action": "serve_error",
    "action_parameters": {"content": "tea", "content_type": "text/plain"},
    "description": "by hand",
    "enabled": True,
}


def release(project: Project) -> str:
    return str(json.loads(project.read("output/default/manifest.json"))["release"])


def current(project: Project) -> str:
    return (project.folder / "public/current").readlink().name


def put_rules(cloud: Cloud, *rules: dict[str, Any]) -> None:
    url = f"{cloud.url}/client/v4/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint"
    sent = [{key: value for key, value in rule.items() if key not in ("version", "last_updated")} for rule in rules]
    answer = httpx.put(
        url, json={"rules": sent}, headers={"Authorization": f"Bearer {CANARY}"}, trust_env=False, verify=trusted()
    )
    assert answer.status_code == 200, answer.text


@pytest.fixture
def two(project: Project, cloud: Cloud) -> tuple[str, str, set[str]]:
    """Two releases that were published, one after the other; the digests of both, and the assets of the first."""
    assert project.run("publish", "--yes").code == 0
    first, assets = release(project), cloud.assets
    project.write("errgen.toml", project.read("errgen.toml").replace('"Example"', '"Second"'))
    assert project.run("publish", "--yes").code == 0
    cloud.asked.clear()
    return first, release(project), assets


def test_there_and_back_and_away(project: Project, cloud: Cloud, two: tuple[str, str, set[str]]) -> None:
    first, second, assets = two
    project.write("catalog/http.yaml", "this: is [no catalog")  # nothing of the project is built
    asked = project.run_detached("rollback")
    assert asked.code == 2
    assert asked.err == "error: nobody can be asked here, so nothing was applied\nhint: apply with --yes\n"
    assert asked.out.splitlines()[0] == f"site default, release {first[:12]}"
    assert (cloud.writes, current(project)) == ([], second[:12])

    done = project.run("rollback", "--yes")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == f"default: release {first[:12]} is published again"
    assert current(project) == first[:12]
    assert cloud.assets == assets

    again = project.run("rollback", "--to", first[:7])
    assert (again.code, again.out.splitlines()[-1]) == (0, "nothing to do")
    before = project.run("rollback", "--yes")
    assert (before.code, before.out) == (2, "")
    assert re.fullmatch(
        rf"error: directory public: no release is kept from before the current one, {first[:12]}\n"
        rf"hint: name one with --to; there are: {second[:12]} of \S+ \S+ UTC, {first[:12]} of \S+ \S+ UTC "
        r"\(current\)\n",
        before.err,
    )

    told = project.run("rollback", "--to", second[:7], "--yes", "--json").out.splitlines()
    (forward,) = (one for one in map(json.loads, told) if one["event"] == "applied")
    assert (forward["release"], forward["differences"], forward["unpruned"]) == (second, [], None)
    assert forward["switched"] == [f"cloudflare zone {ZONE}", "directory public"]
    audit = [json.loads(line) for line in project.read(".errgen/audit.jsonl").splitlines()]
    rolled = [(line["action"], line["release"]) for line in audit if str(line.get("command")).startswith("rollback")]
    actions = ("back up", "switch", "activate", "prune")
    assert rolled == [(action, one) for one in (first, second) for action in actions]

    limits = "limits = { rules = 24, assets = 24 }\n"
    project.write("errgen.toml", project.read("errgen.toml") + limits)
    assert project.run("rollback", "--to", second, "--yes").code == 0
    put_rules(cloud, FOREIGN, *cloud.rules)
    gone = project.run("rollback", "--to", "none", "--yes")
    assert (gone.code, gone.err) == (0, "")
    assert gone.out.splitlines()[-1] == (
        "default: errgen's rules and assets are gone, no release is current; directory public keeps pages"
    )
    assert [rule["ref"] for rule in cloud.rules] == ["shop"]
    assert cloud.assets == set()
    assert not (project.folder / "public/current").is_symlink()
    assert len(list((project.folder / "public/releases").glob("*.json"))) == 2

    project.write("public/releases/abcdefabcdef/pages/static/en/404.html", "of a publish that failed")
    purged = project.run("rollback", "--to", "none", "--purge", "--yes")
    assert (purged.code, purged.err) == (0, "")
    assert purged.out.splitlines()[-1] == "default: everything of errgen's is gone but backups and the audit"
    assert [path for path in project.files("public") if not path.startswith("records/")] == []
    assert project.run("rollback", "--to", "none", "--purge").out.splitlines()[-1] == "nothing to do"
    for path, content in project.files().items():
        assert CANARY.encode() not in content, path


def test_what_live_answers_were_made_from_goes_the_second_time(project: Project, cloud: Cloud) -> None:
    assert project.run("publish", "--yes").code == 0
    assets = len(cloud.assets)
    first = project.run("rollback", "--to", "none", "--purge", "--yes")
    said = f"{assets} pages stay that live answers were made from until now"
    assert (
        f"info: directory public: {said}\nhint: later, to remove what stays: errgen rollback --to none --purge\n"
        in (first.out)
    )
    assert first.out.splitlines()[-1] == (f"default: errgen's rules and assets are gone, no release is current; {said}")
    assert len([path for path in project.files("public") if not path.startswith("records/")]) == assets
    second = project.run("rollback", "--to", "none", "--purge", "--yes")
    assert (second.code, second.err) == (0, "")
    assert second.out.splitlines()[-1] == "default: everything of errgen's is gone but backups and the audit"
    assert [path for path in project.files("public") if not path.startswith("records/")] == []


@pytest.mark.usefixtures("cloud")
def test_what_cannot_be_gone_back_to(project: Project) -> None:
    none = Outcome(
        2,
        "",
        "error: directory public: keeps no release of this site\nhint: errgen publish makes the first\n",
    )
    assert project.run("rollback") == project.run("rollback", "--to", "ab") == none
    assert project.run("rollback", "--purge") == Outcome(
        2, "", "error: --purge removes pages, so it goes with --to none\nhint: write --to none --purge\n"
    )
    assert project.run("rollback", "--to", "none", "--purge", "--zone", ZONE) == Outcome(
        2,
        "",
        "error: the pages of a site are there for all of its zones\nhint: leave out --zone, or leave out --purge\n",
    )


def test_a_release_that_is_no_longer_whole(project: Project, cloud: Cloud, two: tuple[str, str, set[str]]) -> None:
    first, _, _ = two
    (project.folder / f"public/releases/{first[:12]}/pages/cloudflare/en/404.html").unlink()
    pages = len(json.loads(project.read(f"public/releases/{first}.json"))["files"])
    assert project.run("rollback", "--yes") == Outcome(
        5,
        "",
        f"error: directory public: release {first[:12]} is no longer whole: 1 of its {pages} pages are missing or "
        "altered, the first: pages/cloudflare/en/404.html\n"
        "hint: name another release with --to, or publish the commit that it was built from\n",
    )
    manifest = project.write(f"public/releases/{first}.json", "{}")
    outcome = project.run("rollback", "--to", first[:4])
    assert (outcome.code, outcome.err.splitlines()[0]) == (
        2, f"error: directory public: no kept release begins with '{first[:4]}'",
    )  # fmt: skip
    manifest.write_text('{"site": "default"}', "utf-8")
    damaged = project.run("rollback", "--to", first)
    assert damaged.code == 5
    assert damaged.err.startswith("error: directory public: the release cannot be published again: release ")
    assert cloud.writes == []


def test_where_a_web_server_reads_the_release_it_stays(project: Project, cloud: Cloud) -> None:
    project.write("errgen.toml", project.read("errgen.toml") + '\n[[site.default.edge]]\nkind = "nginx"\n')
    assert project.run("publish", "--yes").code == 0
    gone = project.run("rollback", "--to", "none", "--yes")
    assert gone.out.splitlines()[-2:] == [
        "nginx: take our files out of its configuration, and then: errgen rollback --to none --purge",
        "default: errgen's rules and assets are gone; directory public keeps its pages and its release",
    ]
    assert (cloud.rules, current(project)) == ([], release(project)[:12])


def test_off_and_on(project: Project, cloud: Cloud) -> None:
    assert project.run("publish", "--yes").code == 0
    before = json.dumps([{**rule, "version": "", "last_updated": ""} for rule in cloud.rules])
    (project.folder / "public").rename(project.folder / "host that is away")
    project.write("catalog/http.yaml", "this: is [no catalog")
    cloud.asked.clear()
    off = project.run("publish", "--disable", "--yes")
    uncopied = "warning: a record is in .errgen only, and not at the host too: public: there is no such folder\n"
    assert (off.code, off.err) == (0, uncopied)
    assert off.out.splitlines()[0] == "site default"
    assert off.out.splitlines()[-1] == "default: errgen's rules are off, and clients get what they would without errgen"
    assert cloud.writes == [f"PUT /zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint"]
    assert {rule["enabled"] for rule in cloud.rules} == {False}
    again = project.run("publish", "--disable")
    assert (again.code, again.out.splitlines()[-1]) == (0, "nothing to do")
    told = project.run("publish", "--enable", "--yes", "--json").out.splitlines()
    on = {one["event"]: one for one in map(json.loads, told)}
    assert (on["plan"]["plan"]["counts"], on["applied"]["switched"]) == (
        {"create": 0, "update": len(cloud.rules), "delete": 0},
        [f"cloudflare zone {ZONE}"],
    )
    assert json.dumps([{**rule, "version": "", "last_updated": ""} for rule in cloud.rules]) == before
    audit = [json.loads(line) for line in project.read(".errgen/audit.jsonl").splitlines()]
    assert [line["command"] for line in audit if line["action"] == "switch" and "command" in line] == [
        "publish --disable --site default",
        "publish --enable --site default",
    ]
    (newest, *_) = sorted((project.folder / ".errgen/backups").iterdir(), reverse=True)
    assert project.run("restore", newest.name).err == (
        "error: nobody can be asked here, so nothing was applied\nhint: apply with --yes\n"
    )
    back = project.run("restore", newest.name, "--yes")
    assert (back.code, back.err) == (0, uncopied)
    assert back.out.splitlines()[-1] == f"default: errgen's rules are as {newest.name} has them"
    assert {rule["enabled"] for rule in cloud.rules} == {False}
    elsewhere = project.write("elsewhere.json", newest.read_text("utf-8").replace(ZONE, "f" * 32))
    assert project.run("restore", str(elsewhere)) == Outcome(
        2,
        "",
        f"error: {elsewhere}: is a backup of cloudflare zone {'f' * 32} for the site default, which is not among what "
        f"is meant\nhint: it is put back where it was taken and nowhere else; there are: cloudflare zone {ZONE} of "
        "default\n",
    )
    assert project.run("restore", "errgen.toml") == Outcome(
        3,
        "",
        "error: errgen.toml: is not a backup that errgen wrote\n"
        "hint: errgen restore lists the backups that there are, one for each switch\n",
    )
    assert project.run("restore", "nowhere.json").code == 9


def test_what_cannot_be_switched_off(project: Project) -> None:
    assert project.run("publish", "--disable", "--maintenance") == Outcome(
        2,
        "",
        "error: --enable and --disable change nothing else\n"
        "hint: run them alone, or with --site, --zone, --yes and --json\n",
    )
    project.write(
        "errgen.toml", project.read("errgen.toml").partition("[[")[0] + '[[site.default.edge]]\nkind = "nginx"\n'
    )
    assert project.run("publish", "--disable") == Outcome(
        2,
        "",
        "error: the site default has no edge whose rules can be switched off (its edges: nginx)\n"
        "hint: name the sites that have one with --site; errgen rollback --to none removes what is at others\n",
    )
