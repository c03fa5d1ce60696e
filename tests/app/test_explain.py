"""``errgen explain`` as a whole: one failure, the whole matrix, and what is not understood."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Outcome, Project

NETLIFY = """\
[site.default]
name = "Example"
languages = ["en"]
home = "https://example.com/"
[[site.default.edge]]
kind = "netlify"
"""
PAGE = """\
    | <!doctype html>
    | <html lang="en" dir="ltr">
    | <head>
    | <meta charset="utf-8">
    | <meta name="viewport" content="width=device-width, initial-scale=1">
    | <title>We can’t find that page – Example</title>
"""


@pytest.fixture
def roomy(project: Project) -> Project:
    """A project whose plan has room for every page that is not Cloudflare's."""
    project.write("errgen.toml", project.read("errgen.toml").replace('"pro"', '"enterprise"'))
    return project


def explained(project: Project, *arguments: str) -> dict[str, Any]:
    """What one site's explanation says, and of its only edge."""
    outcome = project.run("explain", *arguments, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    [one] = json.loads(outcome.out)
    assert isinstance(one, dict)
    return one


def rules(project: Project) -> dict[str, dict[str, Any]]:
    assert project.run("build").code == 0
    made = json.loads(project.read("output/default/edges/cloudflare/ruleset.json"))["rules"]
    return {rule["ref"]: rule for rule in made}


def test_an_edge_that_reports(project: Project) -> None:
    project.write("errgen.toml", NETLIFY)
    assert project.run("explain", "404", "--accept", "application/json") == Outcome(
        0,
        "default: 404 Not Found\n"
        "  made by the origin, at example.com/\n"
        "  Accept: application/json\n"
        "reference answer: en/404.json, its own page; status 404, application/json, language en\n"
        "\n"
        "netlify (errgen.toml: site.default.edge[0])\n"
        "  matches: the binding of 404\n"
        "    the code is one of 404\n"
        "  answer: 404 the page en/404.html\n"
        "    content-type: text/html; charset=utf-8\n"
        f"{PAGE}"
        "  differs: en/404.json is wanted, and en/404.html is served\n"
        "  differs: the format is html, and json is wanted\n",
        "",
    )


def test_an_edge_that_binds_nothing_to_the_code(project: Project) -> None:
    project.write("errgen.toml", NETLIFY)
    assert project.run("explain", "503", "--accept", "", "--accept-language", "de", "--path", "/api") == Outcome(
        0,
        "default: 503 Service Unavailable\n"
        "  made by the origin, at example.com/api\n"
        "  Accept: (not sent)\n"
        "  Accept-Language: de\n"
        "reference answer: en/503.html, its own page; status 503, text/html, language en\n"
        "\n"
        "netlify (errgen.toml: site.default.edge[0])\n"
        "  nothing matches: Netlify shows a page of the site for 404 only; pages for its own failures cannot\n"
        "  be set.\n"
        "  answer: the answer of whoever failed\n"
        "  differs: en/503.html is wanted, and the answer of whoever failed is served\n",
        "",
    )


def test_cloudflares_rule_and_what_kept_those_before_it(roomy: Project) -> None:
    made = rules(roomy)
    one = explained(roomy, "404")
    [edge] = one["edges"]
    place = list(made).index("errgen_default_html_404") + 1
    assert edge["rule"] == f"errgen_default_html_404, rule {place} of {len(made)}"
    assert edge["test"] == made["errgen_default_html_404"]["expression"]
    assert [passed["rule"] for passed in edge["passed_over"]] == list(made)[: place - 1]
    about_clients = {passed["rule"] for passed in edge["passed_over"] if not passed["for_other_codes"]}
    assert about_clients == {f"errgen_default_{form}_{key}" for form in ("markdown", "json") for key in ("404", "4xx")}
    for passed in edge["passed_over"]:
        for part in passed["failed"]:
            assert ("http.request.headers" in part) != passed["for_other_codes"]
            test, _, _ = part.rpartition(" is ") if ": the value is" not in part else part.partition(" is false")
            assert test in made[passed["rule"]]["expression"]
    assert edge["answer"] == {
        "made_by": "Cloudflare",
        "page": "en/404.html",
        "status": 404,
        "headers": [["content-type", "text/html"], ["cf-ray", "0123456789abcdef"]],
        "first_lines": [line.removeprefix("    | ") for line in PAGE.splitlines()],
    }
    assert (edge["equal"], edge["differences"], edge["reason"]) == (True, [], None)
    assert one["reference"] == {
        "page": "en/404.html",
        "format": "html",
        "language": "en",
        "status": 404,
        "media_type": "text/html",
    }


@pytest.mark.parametrize(
    ("arguments", "page", "differences"),
    [
        (
            ("404", "--accept", "text/markdown"),
            "en/404.md",
            ["it is sent as text/plain, because this edge cannot say text/markdown"],
        ),
        (
            ("404", "--accept", "application/problem+json"),
            "en/404.json",
            ["it is sent as application/json, because this edge cannot say application/problem+json"],
        ),
        (
            ("522", "--accept", "application/json"),
            None,
            ["en/522.json is wanted, and Cloudflare's own answer is served"],
        ),
        (("404", "--accept", "text/html;q=0.1", "--accept", "text/markdown"), "en/404.md", [
            "it is sent as text/plain, because this edge cannot say text/markdown"
        ]),
    ],
)  # fmt: skip
def test_differences_in_words(
    roomy: Project, arguments: tuple[str, ...], page: str | None, differences: list[str]
) -> None:
    [edge] = explained(roomy, *arguments)["edges"]
    assert (edge["answer"]["page"], edge["differences"]) == (page, differences)


def test_why_a_code_has_no_page_of_its_own_and_who_answers_instead(project: Project) -> None:
    [wider] = explained(project, "418")["edges"]
    assert wider["differences"] == ["en/418.html is wanted, and en/4xx.html is served"]
    assert wider["reason"] == "the plan has no room for it beside pages that more clients get"
    [left] = explained(project, "522", "--accept", "text/markdown")["edges"]
    assert left["reason"] == "Cloudflare answers machine clients here with a live document of its own"
    assert left["rule"] is None
    assert dict(left["answer"]["headers"])["content-type"] == "text/markdown; charset=utf-8"


def test_a_code_that_is_not_in_the_catalog(project: Project) -> None:
    one = explained(project, "450")
    assert one["says"] == (
        "450 is not in the catalog; did you mean 451? What stands for it is the page for the whole range, 4xx"
    )
    assert one["reference"]["page"] == "en/4xx.html"


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (("700",), "default: no page stands for 700", "ask about a code of HTTP, 400 to 599, or one of Cloudflare, "
         "1000 to 1999"),
        (("rate limitd",), "'rate limitd' is no code; did you mean 1015 (rate_limited)?",
         "errors are asked about by their code: errgen explain 404"),
        (("404", "--edge", "ngnx"), "there is no edge 'ngnx'", "errgen.toml has: cloudflare"),
        ((), "explain takes a code, or --table for all of them",
         "for example: errgen explain 404, or: errgen explain --table"),
        (("404", "--table"), "explain takes a code, or --table for all of them",
         "for example: errgen explain 404, or: errgen explain --table"),
    ],
)  # fmt: skip
def test_what_is_not_understood(project: Project, arguments: tuple[str, ...], message: str, hint: str) -> None:
    assert project.run("explain", *arguments) == Outcome(2, "", f"error: {message}\nhint: {hint}\n")


def test_without_edges_nobody_decides(project: Project) -> None:
    project.write("errgen.toml", NETLIFY.partition("[[")[0])
    assert project.run("explain", "404") == Outcome(
        2,
        "",
        "error: no site has an edge, so nobody decides who gets what\n"
        'hint: add [[site.NAME.edge]] with kind = "nginx" or another to errgen.toml\n',
    )


LEGEND = """
html, json, problem, md, txt, xml: its own page    ~ a family's page    * the page for a whole range
cf: Cloudflare's own answer, in the format asked for where it has one    -: the answer of whoever failed
! not the reference answer in another way than by a wider page; errgen explain CODE says in which
"""


def test_the_table(project: Project) -> None:
    project.write("errgen.toml", NETLIFY)
    assert project.run("explain", "--table") == Outcome(
        0,
        "default, netlify\n"
        "made by  browser  API    problem  agent  agent+  */*   none  codes\n"
        "both     -        -      -        -      -       -     -     400..403 405..418 421..426 428..429 431\n"
        "                                                             451 500..508 510..511 527 530\n"
        "both     html     html!  html!    html!  html!   html  html  404\n"
        "edge     -        -      -        -      -       -     -     520..526 1000..1029 1033..1045 1047\n"
        f"                                                             1049 1100..1109 1200..1206\n{LEGEND}",
        "",
    )


def test_the_table_of_cloudflare_is_as_wide_as_a_terminal(project: Project) -> None:
    lines = project.run("explain", "--table").out.partition("\n\n")[0].splitlines()
    assert lines[0] == "default, cloudflare"
    assert max(map(len, lines)) <= 100
    for line in lines:
        if line.startswith("edge"):
            assert line.split()[2:6] == ["cf"] * 4


def test_the_table_as_json(project: Project) -> None:
    project.write("errgen.toml", NETLIFY)
    [table] = json.loads(project.run("explain", "--table", "--origin", "edge", "--json").out)
    assert (table["site"], table["edge"]) == ("default", "netlify")
    answers = table["answers"]
    assert {one["made_by"] for one in answers} == {"edge"}
    assert [one for one in answers if one["code"] == 404][1] == {
        "code": 404,
        "made_by": "edge",
        "client": "API client",
        "accept": ["application/json"],
        "reference": "en/404.json",
        "page": "en/404.html",
        "answered_by": "netlify",
        "status": 404,
        "media_type": "text/html",
        "differences": [
            "en/404.json is wanted, and en/404.html is served",
            "the format is html, and json is wanted",
        ],
    }


SCOPED = (
    NETLIFY.replace('"netlify"', '"nginx"\ncodes = [404, 503]')
    + """\
[[site.default.scope]]
paths = ["/api/*"]
format = "json"
[[site.default.scope]]
hosts = ["*.example.org"]
format = "problem"
[[site.default.scope]]
paths = ["/api/docs/*"]
format = "markdown"
"""
)


def test_the_scope_of_a_request_is_the_reason_of_its_format(project: Project) -> None:
    project.write("errgen.toml", SCOPED)
    outcome = project.run("explain", "404", "--host", "a.example.org", "--path", "/api/x?y")
    lines = outcome.out.splitlines()
    assert (outcome.code, outcome.err) == (0, "")
    assert lines[1:10] == [
        "  made by the origin, at a.example.org/api/x?y",
        "  Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "  in the scope of paths /api/*: json, whatever it accepts",
        "reference answer: en/404.json, its own page; status 404, application/json, language en",
        "",
        "nginx (errgen.toml: site.default.edge[0])",
        "  matches: the binding of 404",
        "    the code is one of 404, and the request in the scope of paths /api/*",
        "  answer: 404 the page en/404.json",
    ]
    assert "  equal to the reference answer" in lines


def test_scopes_and_edges_that_know_none_as_json(project: Project) -> None:
    project.write("errgen.toml", SCOPED + '[[site.default.edge]]\nkind = "cloudfront"\n')
    one = explained(project, "404", "--host", "a.example.org", "--path", "/")
    assert one["scope"] == {"hosts": ["*.example.org"], "format": "problem"}
    assert {edge["edge"]: edge["equal"] for edge in one["edges"]} == {"nginx": True, "cloudfront": False}
    assert explained(project, "404", "--path", "/")["scope"] is None


def test_the_table_has_a_section_for_each_scope(project: Project) -> None:
    project.write("errgen.toml", SCOPED)
    outcome = project.run("explain", "--table", "--origin", "origin")
    assert outcome.out.partition(LEGEND)[0] == TABLES
    [general, *in_scopes] = json.loads(project.run("explain", "--table", "--json").out)
    assert (general["scope"], general["host"], general["path"]) == (None, "example.com", "/")
    assert [(one["scope"], one["host"], one["path"]) for one in in_scopes] == [
        ({"paths": ["/api/*"], "format": "json"}, "example.com", "/api/x"),
        ({"hosts": ["*.example.org"], "format": "problem"}, "x.example.org", "/"),
        ({"paths": ["/api/docs/*"], "format": "markdown"}, "example.com", "/"),
    ]
    assert not any(answer["differences"] for one in in_scopes for answer in one["answers"] if answer["code"] == 503)


TABLES = """\
default, nginx
made by  browser  API   problem  agent  agent+  */*   none  codes
origin   -        -     -        -      -       -     -     400..403 405..418 421..426 428..429 431
                                                            451 500..502 504..508 510..511 527 530
origin   html     json  problem  md     md      html  html  404 503

default, nginx
  in the scope of paths /api/*: json
  as example.com/api/x
made by  browser  API   problem  agent  agent+  */*   none  codes
origin   -        -     -        -      -       -     -     400..403 405..418 421..426 428..429 431
                                                            451 500..502 504..508 510..511 527 530
origin   json     json  json     json   json    json  json  404 503

default, nginx
  in the scope of hosts *.example.org: problem
  as x.example.org/
made by  browser  API      problem  agent    agent+   */*      none     codes
origin   -        -        -        -        -        -        -        400..403 405..418 421..426
                                                                        428..429 431 451 500..502
                                                                        504..508 510..511 527 530
origin   problem  problem  problem  problem  problem  problem  problem  404 503

default, nginx
  in the scope of paths /api/docs/*: markdown
  every request that was tried is in a scope before it
"""


def test_help_has_an_example(project: Project) -> None:
    text = project.run("explain", "--help").out
    assert "Example:  errgen explain 522 --accept 'text/markdown, application/json'" in text


SET_BY_US = "errgen_default_retry_after_60 sets Retry-After, which the failing answer does not have"
NOT_SET = "an error rule sets no header: Retry-After is only there where the failing answer has it"


@pytest.mark.parametrize(
    ("asked", "seconds", "note"),
    [
        (("503",), "60", SET_BY_US),
        (("500", "--origin", "edge"), "30", NOT_SET),
        (("404",), None, NOT_SET),
    ],
)
def test_a_header_that_a_second_ruleset_sets(
    project: Project, asked: tuple[str, ...], seconds: str | None, note: str
) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('plan = "pro"', 'plan = "pro"\nretry_after = true'))
    (edge,) = explained(project, *asked)["edges"]
    assert dict(edge["answer"]["headers"]).get("retry-after") == seconds
    assert edge["notes"] == [note]


def test_the_host_is_one_that_the_edges_answer_for(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('plan = "pro"', 'plan = "pro"\nhosts = ["*.shop.example"]'))
    [done] = json.loads(project.run("explain", "404", "--json").out)
    assert (done["host"], done["edges"][0]["answer"]["page"]) == ("x.shop.example", "en/404.html")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("1015", "--origin", "origin"), "error: only the edge fails with 1015, and never the website behind it\n"
         "hint: leave --origin out: errgen explain 1015\n"),
        (("404", "--path", "api"), "error: 'api' is no path\nhint: it begins with / and has no blanks: --path "
         "/api/users\n"),
        (("404", "--host", "https://a.example/"), "error: 'https://a.example/' is no host\n"
         "hint: it is a name without https:// and path: --host api.example.com\n"),
    ],
)  # fmt: skip
def test_questions_that_make_no_sense(project: Project, arguments: tuple[str, ...], said: str) -> None:
    assert project.run("explain", *arguments) == Outcome(2, "", said)


def test_codes_that_a_table_leaves_out(project: Project) -> None:
    project.write(
        "errgen.toml", '[site.default]\nname = "x"\nhome = "/"\n[[site.default.edge]]\nkind = "nginx"\ncodes = [404]\n'
    )
    [done] = json.loads(project.run("explain", "503", "--json").out)
    assert done["edges"][0]["reason"] == "the codes of this edge's table do not name 503"
    [done] = json.loads(project.run("explain", "404", "--json").out)
    assert done["edges"][0]["answer"]["headers"] == [
        ["content-type", "text/html; charset=utf-8"],
        ["cache-control", "no-store"],
        ["x-content-type-options", "nosniff"],
        ["vary", "Accept"],
        ["content-language", "en"],
    ]
