from __future__ import annotations

import dataclasses
import itertools
import json
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import html5lib
import pytest
from babel.localedata import locale_identifiers

from site_builder import settings
from site_builder.edges import open_edge
from site_builder.model import EXTENSIONS, FORMATS, MEDIA_TYPES, Compiled, Entry, Scope
from site_builder.negotiation import negotiate_language

from .conftest import build_site, large_entries

WHERE = "errgen.toml: site.default.edge[0]"
MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]

TRANSLATIONS = sorted(file.stem for file in (settings.shipped() / "catalog/languages").glob("*.yaml"))
SHIPPED = ("en", *(tag for tag in TRANSLATIONS if tag != "en"))
SITES = (
    SHIPPED,
    ("en", "zh-Hans", "zh-Hant", "pt-BR", "pt-PT", "es", "es-419", "no", "en-GB", "sr", "sr-Latn"),
    ("zh-Hant", "zh-Hans"),
    ("pt-PT", "pt-BR"),
    ("de",),
)
VISITORS = ("zh-CN", "zh-TW", "ZH-hk", "nb-NO", "de-CH-1996", "en-US", "fa-IR", "tlh", "x-private", "*")
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Request:
    """What a visitor asks for. ``language`` is the first tag of Accept-Language."""

    path: str
    query: str = ""
    language: str = ""


def read_by_netlify(folder: Path, outcome: Compiled, requests: Sequence[Request] = ()) -> dict[str, Any]:
    """What Netlify's own parsers make of the two files, and the rule that its engine finds for each request."""
    for name in ("_headers", "_redirects"):
        (folder / name).write_bytes(outcome.files[name])
    asked = json.dumps([dataclasses.asdict(request) for request in requests])
    read = subprocess.run(
        ["node", "--input-type=module", "--eval", (TESTS / "node/netlify.mjs").read_text("utf-8"), str(folder)],
        cwd=TESTS.parent / ".venv/node",
        input=asked,
        capture_output=True,
        text=True,
    )
    assert (read.returncode, read.stderr) == (0, "")
    reading: dict[str, Any] = json.loads(read.stdout)
    return reading


def served(outcome: Compiled, requests: Sequence[Request], reading: dict[str, Any]) -> dict[Request, tuple[str, int]]:
    """The file and the status that Netlify gives: a rule that is not forced steps back where there is a file."""
    answers = {}
    for request, (by_file, by_rules) in zip(requests, reading["matches"], strict=True):
        assert by_file == by_rules, request
        file = file_at(outcome, request.path)
        if by_file and (by_file["force"] or not file):
            target = file_at(outcome, by_file["to"])
            assert target, request
            answers[request] = target, by_file["status"]
        else:
            answers[request] = (file, 200) if file else ("404.html", 404)
    return answers


def file_at(outcome: Compiled, path: str) -> str | None:
    """The file that Netlify finds for a path: its own, with .html, or the index of the folder."""
    name = path.strip("/")
    names = (name, f"{name}.html", f"{name}/index.html".lstrip("/"))
    return next((one for one in names if one in outcome.files), None)


def redirect(
    path: str, target: str, *, force: bool = False, conditions: dict[str, list[str]] | None = None
) -> dict[str, Any]:
    """A rule with status 404, as Netlify's parser gives it."""
    rest = {"query": {}, "headers": {}, "proxy": False, "path": path, "conditions": conditions or {}}
    return {"from": path, "to": target, "status": 404, "force": force, **rest}


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
/errors/:language/404.html
  Content-Type: text/html; charset=utf-8
/errors/:language/404.json
  Content-Type: application/json; charset=utf-8
/errors/:language/404.md
  Content-Type: text/markdown; charset=utf-8
/errors/:language/404.problem.json
  Content-Type: application/problem+json; charset=utf-8
"""
    )


def test_redirects_give_404_pages_their_status_in_each_language(bilingual: Any) -> None:
    assert compiled(bilingual).files["_redirects"].decode() == (
        """\
/404.html /404 404!
/404 /404.html 404!
/report.json /404.html 404!
/* /errors/pt-BR/404.html 404 Language=pt
"""
    )


def test_netlify_reads_the_files_as_they_are_meant(tmp_path: Path, bilingual: Any) -> None:
    reading = read_by_netlify(tmp_path, compiled(bilingual))

    sections = {section["for"]: section["values"] for section in reading["headers"]}
    types = {
        f"/errors/:language/{key}.{EXTENSIONS[one]}": {"Content-Type": MEDIA_TYPES[one]}
        for key in ("404", "5xx")
        for one in FORMATS
    }
    assert reading["errors"] == []
    assert len(sections) == len(reading["headers"])
    assert sections == {
        "/*": {
            "Cache-Control": "public, max-age=300",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        },
        "/404.html": {"Content-Language": "en"},
        "/errors/en/*": {"Content-Language": "en"},
        "/errors/pt-BR/*": {"Content-Language": "pt-BR"},
        **types,
    }
    assert reading["redirects"] == [
        redirect("/404.html", "/404", force=True),
        redirect("/404", "/404.html", force=True),
        redirect("/report.json", "/404.html", force=True),
        redirect("/*", "/errors/pt-BR/404.html", conditions={"Language": ["pt"]}),
    ]


@pytest.mark.parametrize("languages", SITES, ids="+".join)
def test_netlify_gives_every_visitor_the_404_of_the_reference(
    tmp_path: Path, site: MakeSite, entry: MakeEntry, languages: tuple[str, ...]
) -> None:
    """Every locale that CLDR has of the site's languages, and some besides, against the reference's choice."""
    outcome = compiled(site([entry("404")], languages=languages, profile="static"))
    heads = {tag.partition("-")[0] for tag in languages}
    locales = {tag.replace("_", "-") for tag in locale_identifiers() if tag.partition("_")[0] in heads}
    visitors = ["", *sorted({*VISITORS, *languages, *locales})]
    requests = [Request("/gone", language=visitor) for visitor in visitors]

    answers = served(outcome, requests, read_by_netlify(tmp_path, outcome, requests))

    given = {request.language: (outcome.files[file], status) for request, (file, status) in answers.items()}
    chosen = {visitor: negotiate_language([visitor] if visitor else [], languages) for visitor in visitors}
    assert given == {visitor: (f"{language} 404 as html\n".encode(), 404) for visitor, language in chosen.items()}


def test_netlify_serves_every_address_as_it_is_meant(tmp_path: Path) -> None:
    """Address × language × query on a site of real size: each file under its name, and the 404 for all else."""
    outcome = compiled(build_site(large_entries(), languages=SHIPPED, profile="static"))
    # Engine and model take a page as they take any other file: one language is asked for in full, one page in all.
    pages = [path for path in outcome.files if path.startswith("errors/de/") or "/503." in path]
    hidden = ["/404", "/404.html", "/report.json"]
    missing = ["/gone", "/gone/", "/deep/er/gone.html", "/errors/en/none.html", "/errors", "/%F0%9F%A6%84", "/404/x"]
    visitors = {"": "en", "en-GB": "en", "de-AT": "de", "zh-TW": "zh-Hans", "pt-PT": "pt-BR", "fa": "en"}
    paths = ["/", "/index.html", "/errors/de/404", *hidden, *missing]
    asked = list(itertools.product(("", "a=1&language=de"), visitors))
    requests = [Request(path, *how) for path in paths for how in asked]
    requests += [Request(f"/{page}", *how) for page, how in zip(pages, itertools.cycle(asked), strict=False)]

    def meant(path: str, language: str) -> tuple[str, int]:
        if path in hidden:
            return "404.html", 404
        if path in missing:
            return "404.html" if language == "en" else f"errors/{language}/404.html", 404
        return {"/": "index.html", "/errors/de/404": "errors/de/404.html"}.get(path, path[1:]), 200

    answers = served(outcome, requests, read_by_netlify(tmp_path, outcome, requests))

    assert len(pages) == (len(SHIPPED) - 1 + len(large_entries())) * len(FORMATS)
    assert answers == {request: meant(request.path, visitors[request.language]) for request in requests}


def test_netlify_gives_scopes_known_by_a_path_their_format(tmp_path: Path, bilingual: Any) -> None:
    scopes = (
        Scope((), ("/api/v1/*",), "problem"),
        Scope((), ("/api/*", "/feed"), "json"),
        Scope((), ("/*/docs/*",), "markdown"),
        Scope(("api.example.com",), ("/x",), "json"),
    )
    manifest = dataclasses.replace(bilingual.manifest, scopes=scopes)
    outcome = open_edge({"kind": "netlify"}, WHERE).compile(manifest, bilingual.read)
    asked = {
        "/api/v1/x": "404.problem.json",
        "/api/x": "404.json",
        "/API/x": "404.html",
        "//api/x": "404.html",
        "/apix": "404.html",
        "/x/../api/y": "404.html",
        "/%61pi/x": "404.html",
        "/feed": "404.json",
        "/feed/x": "404.html",
        "/a/docs/b": "404.html",  # not told by a beginning
        "/x": "404.html",
        "/api": "404.json",  # the known difference
        "/feed/": "404.json",
    }
    requests = [Request(path, "y=/api/v1/x", language) for path in asked for language in ("", "pt-PT")]

    answers = served(outcome, requests, read_by_netlify(tmp_path, outcome, requests))

    assert {request: (outcome.files[file], status) for request, (file, status) in answers.items()} == {
        request: (bilingual.pages[f"pages/static/{'pt-BR' if request.language else 'en'}/{asked[request.path]}"], 404)
        for request in requests
    }
    report = json.loads(outcome.files["report.json"])
    assert report["scopes"] == [
        {"paths": ["/api/v1/*"], "format": "problem"},
        {"paths": ["/api/*", "/feed"], "format": "json"},
    ]
    assert report["notes"][2:4] == [
        "Netlify does not look at Accept: every client gets the HTML page for a 404, but in a scope that of the "
        "scope's format.",
        "A slash at the end of a path counts for nothing at Netlify: a scope of /api/* is one of /api, too.",
    ]
    assert [(finding.id, finding.severity, finding.message) for finding in outcome.findings] == [
        (
            "netlify-scopes",
            "warning",
            f"Netlify cannot tell what is in the scope of {scope}, so that it does not count there",
        )
        for scope in scopes[2:]
    ]


def test_netlify_sets_each_header_once_for_every_file(tmp_path: Path) -> None:
    built = build_site(large_entries(), languages=SHIPPED, profile="static")
    outcome = compiled(built)
    standard = {
        "Cache-Control": "public, max-age=300",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    meant: dict[str, dict[str, str]] = {"404.html": {**standard, "Content-Language": "en"}, "index.html": standard}
    for file in built.manifest.files:
        name = file.path.replace("pages/static/", "errors/")
        meant[name] = {**standard, "Content-Language": file.language, "Content-Type": file.media_type}

    sections = read_by_netlify(tmp_path, outcome)["headers"]

    expressions = [(re.compile(section["forRegExp"], re.IGNORECASE), section["values"]) for section in sections]
    for name, headers in meant.items():
        fitting = [
            value for expression, values in expressions if expression.match(f"/{name}") for value in values.items()
        ]
        assert sorted(fitting) == sorted(headers.items()), name


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
            "Netlify looks at the first language of Accept-Language only, whatever its quality value is.",
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
