"""``--traffic FILE``: what each command makes of counts that errgen.toml does not name."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.app.conftest import Cloud
from tests.conftest import SETTINGS, Outcome, Project

CSV = "417,5000\n404,3\n511,2000\n"
REPORT = "output/default/edges/cloudflare/report.json"


def own_pages(project: Project) -> set[str]:
    """The codes that browsers get a page of their own for."""
    served = json.loads(project.read(REPORT))["served"]
    return {code for code, row in served.items() if row["html"].get("via") == "own"}


@contextmanager
def standard_input(text: str) -> Iterator[None]:
    """A pipe that has said ``text``, as ``zcat log.gz | count | errgen …`` makes one."""
    kept = os.dup(0)
    end, start = os.pipe()
    os.write(start, text.encode())
    os.close(start)
    os.dup2(end, 0)
    os.close(end)
    try:
        yield
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def test_a_build_is_as_if_the_settings_named_the_file(project: Project) -> None:
    project.write("counts", CSV)
    assert project.run("build", "--traffic", "counts").code == 0
    given = project.files("output")
    assert {"417", "511"} <= own_pages(project)
    assert "404" not in own_pages(project)
    project.write("errgen.toml", f'{SETTINGS}traffic = "counts"\n')
    assert project.run("build", "--out", "named").code == 0
    assert project.files("named") == given


def test_a_build_is_unchanged_while_the_counts_are(project: Project) -> None:
    project.write("counts.csv", CSV)
    project.write("errgen.toml", f'{SETTINGS}traffic = "none.csv"\n')
    project.write("none.csv", "404,1\n")
    outcomes = []
    for counts, arguments in [
        (CSV, ()),
        (CSV, ("--traffic", "counts.csv")),
        (CSV, ("--traffic", "counts.csv")),
        ("418,7\n", ("--traffic", "counts.csv")),
        ("418,7\n", ()),
    ]:
        if project.read("counts.csv") != counts:
            project.write("counts.csv", counts)
        project.settle()
        done = project.run("build", *arguments)
        assert (done.code, done.err) == (0, "")
        outcomes.append((done.out.split("(")[0], json.loads(project.read(REPORT))["traffic"]))
    none, counted = {"file": "none.csv", "codes": 1}, {"file": "counts.csv", "codes": 3}
    unchanged = "default: output/default is up to date "
    assert [(text == unchanged, traffic) for text, traffic in outcomes] == [
        (False, none),
        (False, counted),
        (True, counted),
        (False, {"file": "counts.csv", "codes": 1}),
        (False, none),
    ]


def test_the_path_begins_where_the_command_is_run(project: Project) -> None:
    project.write("site/errgen.toml", SETTINGS)
    project.write("counts.csv", CSV)
    arguments = ("-C", "site", "--traffic")
    assert project.run("build", *arguments, "counts.csv").code == 0
    report = json.loads(project.read(f"site/{REPORT}"))
    assert report["traffic"] == {"file": "../counts.csv", "codes": 3}
    assert project.run("build", "--check", *arguments, "counts.csv").code == 0
    assert project.run("build", "--check", "-C", "site").code == 4
    project.write("counts.csv", "404,many\n")
    hint = 'write one code and its count on each line: 404,12 or {"code": 404, "count": 12}'
    assert (
        f"::error file=counts.csv,line=1,title=build::'many' is not a count: a whole number, 0 or more%0Ahint: {hint}\n"
    ) in project.run("check", "--format", "github", *arguments, "counts.csv").out
    assert project.run("build", *arguments, "counts.csv") == Outcome(
        3,
        "",
        f"error: ../counts.csv:1: 'many' is not a count: a whole number, 0 or more\nhint: {hint}\n",
    )


def test_standard_input(project: Project) -> None:
    with standard_input('{"code": 417, "count": 5000}\n{"count": 3, "code": 404}\n'):
        assert project.run("build", "--traffic", "-").code == 0
    assert "417" in own_pages(project)
    assert "404" not in own_pages(project)
    with standard_input("404,many\n"):
        done = project.run("build", "--traffic", "-")
    assert done.err.startswith("error: /dev/stdin:1: 'many' is not a count")
    project.write("errgen.toml", f'{SETTINGS}[[site.default.edge]]\nkind = "cloudflare"\nzone = "other"\n')
    with standard_input("404,1\n"):
        assert project.run("build", "--traffic", "-") == Outcome(
            2,
            "",
            "error: /dev/stdin can be read only once, and there are 2 cloudflare edges\n"
            "hint: save what it says to a file, or choose a site with --site NAME\n",
        )


def test_what_cannot_be_weighed_is_a_fault_of_usage(project: Project) -> None:
    missing = project.run("build", "--traffic", "none.csv")
    assert (missing.code, "Invalid value for '--traffic': File 'none.csv' does not exist." in missing.err) == (2, True)
    project.write("errgen.toml", SETTINGS.replace('"cloudflare"', '"nginx"').split("zone =")[0])
    project.write("counts.csv", CSV)
    for command in (["build"], ["build", "--check"], ["check"], ["explain", "404"], ["plan"], ["rehearse"]):
        assert project.run(*command, "--traffic", "counts.csv") == Outcome(
            2,
            "",
            "error: no site here has a cloudflare edge, and only its pages are chosen by traffic\n"
            'hint: leave out --traffic, or add [[site.NAME.edge]] with kind = "cloudflare" and a zone to errgen.toml\n',
        )


def test_check_and_explain(project: Project) -> None:
    project.write("counts.csv", "417,5000\n404,3\n511,2000\n700,9\n")
    arguments = ("--traffic", "counts.csv")
    assert "counts.csv:4: no page stands for 700" in project.run("check", *arguments).out
    (explained,) = json.loads(project.run("explain", "417", "--json", *arguments).out)
    assert explained["edges"][0]["rule"].startswith("errgen_default_html_417, ")


def test_a_reviewed_plan_is_of_its_counts(project: Project, cloud: Cloud) -> None:
    project.write("counts.csv", CSV)
    assert project.run("plan", "--out", "plan.json", "--traffic", "counts.csv").code == 0
    refused = project.run("publish", "--plan", "plan.json")
    assert (refused.code, cloud.writes) == (5, [])
    done = project.run("publish", "--plan", "plan.json", "--traffic", "counts.csv")
    assert (done.code, done.err) == (0, "")
    assert "errgen_default_html_417" in {rule["ref"] for rule in cloud.rules}
