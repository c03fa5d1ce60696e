from __future__ import annotations

import json
import re
import signal
from typing import Any

import pytest

from tests.conftest import Outcome, Project

ORIGIN = ("origin", "browser")


def test_prints_what_each_kind_of_client_gets(project: Project) -> None:
    outcome = project.run("rehearse")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "default, cloudflare: 25 rules and 12 assets published to the emulator"
    assert lines[2].split() == ["made", "by", "code", "browser", "API", "client", "agent"]
    assert (
        "origin   403 404 500                                 its own page  its own page         its own page" in lines
    )
    assert (
        "edge     520..526                                    page 5xx      Cloudflare's answer  Cloudflare's answer"
        in lines
    )
    example = lines.index("For example 503:")
    assert lines[example + 2].startswith("    503 text/html: ")
    assert lines[example + 4] == "    503 application/json: Error 503: Service Unavailable"
    assert lines[example + 6].startswith("    503 text/plain: # ")
    asked, good, of = (int(word) for word in lines[-1].split() if word.isdigit() and len(word) > 1)
    assert lines[-1] == f"{asked} codes asked as 7 kinds of clients: {good} of {of} answers are as they should be"
    assert good == of > 1000


@pytest.mark.parametrize("plan", ["business", "enterprise"])
def test_every_paid_plan(project: Project, plan: str) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('"pro"', f'"{plan}"'))
    (done,) = json.loads(project.run("rehearse", "--json").out)
    assert done["problems"] == []
    assert done["rules"] <= {"business": 50, "enterprise": 300}[plan]
    own = {answer["code"] for answer in done["answers"] if answer["via"] == "own"}
    assert len(own) > {"business": 12, "enterprise": 100}[plan]


def test_html_in_the_rules_themselves(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('plan = "pro"', 'plan = "pro"\ndelivery = "inline"'))
    outcome = project.run("rehearse", "--maintenance")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[0] == "default, cloudflare: 25 rules and 0 assets published to the emulator"
    _, good, of = (int(word) for word in lines[-1].split() if word.isdigit() and len(word) > 1)
    assert good == of > 1000


def test_languages_scopes_and_hosts(project: Project) -> None:
    settings = project.read("errgen.toml")
    more = 'plan = "pro"\nlanguages = ["ar"]\nhosts = ["www.example.com", "*.example.org"]\n'
    scope = '[[site.default.scope]]\npaths = ["/api/*"]\nformat = "json"\n'
    settings = settings.replace('languages = ["en"]', 'languages = ["en", "ar"]').replace('plan = "pro"\n', more)
    project.write("errgen.toml", settings + scope)
    outcome = project.run("rehearse")
    assert (outcome.code, outcome.err) == (0, "")
    *_, arabic, scoped, elsewhere, _, last = outcome.out.splitlines()
    told = [re.sub(r"\d+", "N", line) for line in (arabic, scoped, elsewhere)]
    assert told == [
        "For clients that prefer ar: N of N answers are as they should be, from N pages",
        "At www.example.com/api/x: N of N answers are as they should be, from N pages",
        "At host-without-rules.example/: N of N answers are as they should be, from N pages",
    ]
    _, good, of = (int(word) for word in last.split() if word.isdigit() and len(word) > 1)
    assert good == of > 4_000


def test_retry_after_by_a_second_ruleset(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('plan = "pro"', 'plan = "pro"\nretry_after = true'))
    (done,) = json.loads(project.run("rehearse", "--maintenance", "--json").out)
    assert (done["problems"], done["rules"], done["header_rules"]) == ([], 25, 3)

    def of_the_origin(answers: list[dict[str, Any]]) -> dict[int, str | None]:
        return {one["code"]: one["retry_after"] for one in answers if (one["made_by"], one["client"]) == ORIGIN}

    usual, announced = of_the_origin(done["answers"]), of_the_origin(done["announced"])
    waiting = {code: seconds for code, seconds in usual.items() if seconds}
    assert waiting == {429: "30", 500: "30", 502: "60", 503: "60", 504: "120"}
    assert {announced[code] for code in waiting if code >= 500} == {"3600"}


def test_planned_work_is_announced_and_ended(project: Project) -> None:
    outcome = project.run("rehearse", "--maintenance")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[2] == "While planned work is announced (errgen publish --maintenance):"
    ended = lines.index("And when it has ended (errgen publish --no-maintenance):")
    maintained = [line.split() for line in lines[:ended] if "page maintenance" in line]
    assert [line[0] for line in maintained] == ["edge", "origin"]
    assert all("page maintenance" not in line for line in lines[ended:])
    assert "    503 application/json: Planned work" in lines[:ended]
    assert "    503 application/json: Error 503: Service Unavailable" in lines[ended:]


def test_the_rules_of_an_account(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace("zone = ", "account = "))
    outcome = project.run("rehearse")
    assert outcome.code == 0


def test_the_free_plan_says_what_it_lacks_and_what_would_work(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('"pro"', '"free"'))
    outcome = project.run("rehearse")
    assert outcome.code == 0
    assert outcome.err.startswith(
        "warning: errgen.toml:11: site.default.edge[0]: Cloudflare serves none of the 378 pages: the plan has no "
        "custom error rules\nhint: custom error rules need the Pro plan or above; "
    )
    assert outcome.out.startswith("default, cloudflare: 0 rules and 0 assets published to the emulator\n")


def test_ignores_real_credentials_and_writes_nothing(project: Project) -> None:
    project.environ |= {
        "CLOUDFLARE_API_TOKEN": "real-token-canary",
        "CLOUDFLARE_API_KEY": "real-key-canary",
        "CLOUDFLARE_EMAIL": "real@example.com",
        "CLOUDFLARE_BASE_URL": "http://127.0.0.1:9/client/v4",
        "AWS_ACCESS_KEY_ID": "real-aws-canary",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    before = project.files()
    outcome = project.run("rehearse")
    assert outcome.code == 0
    assert "canary" not in outcome.out + outcome.err
    assert project.files() == before


def test_needs_something_to_rehearse(project: Project) -> None:
    project.write("errgen.toml", '[site.default]\nname = "x"\nhome = "/"\n')
    assert project.run("rehearse") == Outcome(
        2,
        "",
        "error: no site has a cloudflare edge, and that is what can be rehearsed\n"
        'hint: add [[site.NAME.edge]] with kind = "cloudflare" and zone = "…" to errgen.toml\n',
    )


def test_ctrl_c_leaves_nothing(project: Project) -> None:
    process = project.start("rehearse")
    while not list((project.folder / "tmp").glob("errgen-rehearsal-*/host/*")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert err.lstrip().startswith("error: interrupted; ")
    assert list((project.folder / "tmp").glob("errgen-rehearsal-*")) == []


@pytest.fixture(autouse=True)
def _temporary(project: Project) -> None:
    (project.folder / "tmp").mkdir()
    project.environ["TMPDIR"] = str(project.folder / "tmp")
