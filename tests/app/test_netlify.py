"""A site whose host and edge is Netlify, from the command line: a draft to look at, and what visitors get."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from site_builder.hosts import Host, netlify
from site_builder.hosts._host import Opening
from site_builder.serving import running
from tests.conftest import Outcome, Project
from tests.netlify_double import TOKEN, NetlifyDouble

SETTINGS = """\
[site.default]
name = "Example"
home = "https://example.com/"

[site.default.host]
kind = "netlify"
site = "example-errors"
public_url = "{url}/live"

[[site.default.edge]]
kind = "netlify"
"""


@pytest.fixture
def double(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[NetlifyDouble]:
    def connect(options: netlify.Options, opening: Opening) -> Host:
        return netlify.Netlify(options, opening.environ, sleep=lambda _: None, now=lambda: 1_000_000.0)

    monkeypatch.setattr(netlify, "connect", connect)
    double = NetlifyDouble()
    with running(double.app()) as url:
        double.url = url
        project.write("errgen.toml", SETTINGS.format(url=url))
        project.environ |= {"NETLIFY_AUTH_TOKEN": TOKEN, "NETLIFY_API_URL": f"{url}/api/v1"}
        yield double


def test_a_preview_is_proved_and_publishes_nothing(project: Project, double: NetlifyDouble) -> None:
    outcome = project.run("publish", "--preview")
    (deploy,) = double.stored.deploys
    address = f"{double.url}/at/{deploy}"
    assert outcome == Outcome(0, f"default: a draft is at {address}; nothing was published\n", "")
    assert (double.live(), double.stored.deploys[deploy].raw["draft"]) == ({}, True)
    page = project.files("output/default/pages/static/en")["404.html"]
    assert httpx.get(f"{address}/errors/en/404.html", trust_env=False).content == page
    events = [json.loads(line) for line in project.run("publish", "--preview", "--json").out.splitlines()]
    assert [one["event"] for one in events] == ["drafted", "done"]
    assert events[0]["address"] == f"{double.url}/at/{list(double.stored.deploys)[-1]}"
    nothing = project.run("verify")
    assert (nothing.code, nothing.out) == (
        8,
        f"default: netlify example-errors at {double.url}/live: "
        f"{len(project.files('output/default/pages'))} answers, none of them errgen's\n",
    )


def test_hosts_without_drafts(project: Project) -> None:
    (project.folder / "public").mkdir()
    settings = project.read("errgen.toml").partition("[[site.default.edge]]")[0]
    project.write("errgen.toml", settings)
    assert project.run("publish", "--preview") == Outcome(
        2,
        "",
        "error: directory public: has no drafts; sites of Netlify have\n"
        "hint: look at the pages with errgen watch, or at a whole publish on this machine with errgen rehearse\n",
    )
    assert project.run("publish", "--preview", "--yes").err == (
        "error: --preview publishes nothing\nhint: run it alone, or with --site, --traffic and --json\n"
    )
