from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import html5lib
import pytest

from site_builder.edges import open_edge
from site_builder.model import Compiled, Entry

WHERE = "errgen.toml: site.default.edge[0]"
MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]


def compiled(built: Any) -> Compiled:
    return open_edge({"kind": "netlify"}, WHERE).compile(built.manifest, built.read)


@pytest.fixture
def bilingual(site: MakeSite, entry: MakeEntry) -> Any:
    return site([entry("404"), entry("5xx", (500, 599))], languages=("en", "pt-BR"), profile="static")


def test_the_publish_folder_holds_every_page_and_the_404(bilingual: Any) -> None:
    outcome = compiled(bilingual)
    pages = {path.replace("pages/static/", "errors/"): content for path, content in bilingual.pages.items()}
    generated = {"_headers", "_redirects", "index.html", "report.json"}

    assert outcome.findings == ()
    assert list(outcome.files) == sorted([*pages, *generated, "404.html"])
    assert {path: content for path, content in outcome.files.items() if path not in generated} == {
        **pages,
        "404.html": b"en 404 as html\n",
    }


def test_headers_say_type_language_and_how_long(site: MakeSite, entry: MakeEntry) -> None:
    built = site([entry("404")], languages=("en", "pt-BR"), profile="static")

    assert compiled(built).files["_headers"].decode() == (
        """\
/*
  Cache-Control: public, max-age=300
  Referrer-Policy: no-referrer
  X-Content-Type-Options: nosniff
  X-Robots-Tag: noindex
/404.html
  Content-Language: en
/errors/en/*
  Content-Language: en
/errors/pt-BR/*
  Content-Language: pt-BR
/errors/en/404.html
  Content-Type: text/html; charset=utf-8
/errors/en/404.json
  Content-Type: application/json; charset=utf-8
/errors/en/404.md
  Content-Type: text/markdown; charset=utf-8
/errors/en/404.problem.json
  Content-Type: application/problem+json; charset=utf-8
/errors/pt-BR/404.html
  Content-Type: text/html; charset=utf-8
/errors/pt-BR/404.json
  Content-Type: application/json; charset=utf-8
/errors/pt-BR/404.md
  Content-Type: text/markdown; charset=utf-8
/errors/pt-BR/404.problem.json
  Content-Type: application/problem+json; charset=utf-8
"""
    )


def test_no_header_is_set_twice_for_any_file(bilingual: Any) -> None:
    outcome = compiled(bilingual)
    sections: dict[str, set[str]] = {}
    path = ""
    for line in outcome.files["_headers"].decode().splitlines():
        if line.startswith("  "):
            sections[path].add(line.partition(":")[0].strip())
        else:
            path = line
            assert path not in sections
            sections[path] = set()

    for name in outcome.files:
        fitting = [headers for path, headers in sections.items() if f"/{name}" == path or matches(path, f"/{name}")]
        assert sum(map(len, fitting)) == len(set().union(*fitting))
        assert {"Cache-Control", "X-Robots-Tag"} <= set().union(*fitting)


def matches(path: str, name: str) -> bool:
    return path.endswith("*") and name.startswith(path[:-1])


def test_redirects_give_404_pages_their_status_in_each_language(bilingual: Any) -> None:
    assert compiled(bilingual).files["_redirects"].decode() == (
        """\
/404.html /404 404!
/404 /404.html 404!
/report.json /404.html 404!
/* /errors/pt-BR/404.html 404 Language=pt-BR
"""
    )


def test_the_report_says_what_netlify_can_do(bilingual: Any) -> None:
    assert json.loads(compiled(bilingual).files["report.json"]) == {
        "edge": "netlify",
        "site": "default",
        "release": bilingual.manifest.release,
        "languages": ["en", "pt-BR"],
        "automatic": {"404": {"en": "errors/en/404.html", "pt-BR": "errors/pt-BR/404.html"}},
        "by_address": [
            f"errors/{language}/{key}.{extension}"
            for language in ("en", "pt-BR")
            for key in ("404", "5xx")
            for extension in ("html", "json", "md", "problem.json")
        ],
        "notes": [
            "Netlify shows a page of the site for 404 only; pages for its own failures cannot be set.",
            "A page asked for by its own address is answered with status 200, whatever its code is.",
            "Netlify does not look at Accept: every client gets the HTML page for a 404.",
        ],
    }


def test_the_index_is_valid_and_links_to_every_page(bilingual: Any) -> None:
    outcome = compiled(bilingual)
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(outcome.files["index.html"].decode())

    links = [link.get("href") for link in document.iter("a")]
    assert sorted(links) == sorted(path for path in outcome.files if path.startswith("errors/"))
    assert [cell.text for cell in document.iter("th") if cell.get("scope") == "row"] == ["404", "5xx", "404", "5xx"]
    assert document.find("head/title").text == "Error pages of default"


def test_the_index_has_a_column_for_every_format_there_is(site: MakeSite, entry: MakeEntry) -> None:
    outcome = compiled(site([entry("404")], profile="static", formats=("html", "json", "text", "xml")))
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(outcome.files["index.html"].decode())

    columns = [cell.text for cell in document.iter("th") if cell.get("scope") == "col"]
    assert columns == ["Error", "Language", "html", "json", "text", "xml"]
    assert [link.text for link in document.iter("a")] == ["html", "json", "txt", "xml"]


def test_the_report_says_that_planned_work_cannot_be_announced(site: MakeSite, entry: MakeEntry) -> None:
    outcome = compiled(site([entry("404"), entry("maintenance", (500, 599))], profile="static"))

    assert json.loads(outcome.files["report.json"])["notes"][-1] == (
        "Planned work cannot be announced at Netlify; its page is there to be linked to, as errors/en/maintenance.html."
    )


def test_the_family_is_the_404_where_the_code_has_no_page(site: MakeSite, entry: MakeEntry) -> None:
    outcome = compiled(site([entry("4xx", (400, 499))], profile="static"))

    assert outcome.files["404.html"] == b"en 4xx as html\n"


def test_without_any_page_for_404_that_is_an_error(site: MakeSite, entry: MakeEntry) -> None:
    outcome = compiled(site([entry("500")], profile="static"))

    assert "404.html" not in outcome.files
    assert outcome.files["_redirects"] == b""
    assert [(finding.id, finding.severity, finding.where) for finding in outcome.findings] == [
        ("netlify-no-404", "error", WHERE)
    ]


def test_two_runs_write_the_same_bytes(bilingual: Any) -> None:
    assert compiled(bilingual) == compiled(bilingual)
