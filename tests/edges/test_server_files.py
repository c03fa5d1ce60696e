"""What the web servers share: bindings, page files, findings and the report."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from site_builder.edges import open_edge
from site_builder.edges._scope_patterns import DIFFERENCES as SCOPE_DIFFERENCES
from site_builder.edges._server_files import Layout, groups_by, lay_out
from site_builder.edges._server_options import ServerOptions
from site_builder.errors import InvalidInput
from site_builder.manifest import first_match
from site_builder.model import EXTENSIONS, Finding, Scope, codes_text, contains

from .conftest import Built, an_entry, build_site
from .servers import server_site

SERVERS = ("apache", "caddy", "haproxy", "nginx")
WHERE = "errgen.toml: site.default.edge[0]"


def layout(built: Built, *, refused: Any = (), **options: Any) -> Layout:
    return lay_out(built.manifest, ServerOptions(**options), "server", refused)


def test_codes_with_the_same_pages_are_one_binding() -> None:
    made = layout(server_site())

    assert {
        codes_text(binding.codes): (binding.name, binding.retry_after, binding.status) for binding in made.bindings
    } == {
        "400": ("400", None, None),
        "402..403 406 408..409 411..412 414..415 417..425 427..428 430..443 445..459 461..498": ("4xx", None, None),
        "404": ("404", None, None),
        "410": ("410", None, None),
        "413": ("413", None, None),
        "429": ("429", 30, None),
        "500..501 505..510 512..521 523..529 531..599": ("5xx", None, None),
        "502": ("502", 60, None),
        "503": ("503", 120, None),
        "504": ("504", 120, None),
        "522": ("522", 120, None),
        "530": ("530", 60, 503),
    }
    assert (made.languages, made.formats) == (("en", "pt-BR", "ar"), ("html", "json", "problem", "markdown"))
    assert made.vary == "Accept, Accept-Language"
    assert made.findings == ()


def test_every_bound_code_gets_the_page_of_the_first_matching_rule() -> None:
    built = server_site()
    made = layout(built, codes=["400..599"])
    files = made.page_files(built.read)

    for binding in made.bindings:
        for code in binding.each_code:
            for language in made.languages:
                for format_ in made.formats:
                    rule = first_match(built.manifest, code, format_, language)
                    assert rule is not None
                    assert files[f"pages/{language}/{binding.name}.{EXTENSIONS[format_]}"] == built.read(
                        f"pages/static/{rule.page}"
                    )
    assert len(files) == len(made.bindings) * 12
    assert codes_text(made.codes) == "400..443 445..459 461..498 500..599"


def test_a_family_that_a_language_has_better_pages_for_is_several_bindings() -> None:
    built = server_site()
    # A family's page stands in for 410 in pt-BR; here it does in English, the default, and not in the others.
    rules = tuple(rule for rule in built.manifest.rules if not rule.page.startswith("en/410."))
    made = lay_out(dataclasses.replace(built.manifest, rules=rules), ServerOptions(), "server")
    named = {binding.name: binding for binding in made.bindings}

    assert codes_text(named["410"].codes) == "410"
    assert named["410"].pages[("en", "html")] == "en/4xx.html"
    assert named["410"].pages[("ar", "html")] == "ar/410.html"
    assert "4xx" not in named
    assert named["402"].pages[("ar", "html")] == "ar/4xx.html"


def test_codes_can_be_chosen() -> None:
    made = layout(server_site(), codes=[404, "500..503", 401])

    assert [codes_text(binding.codes) for binding in made.bindings] == ["401", "404", "500..501", "502", "503"]
    assert made.unbound == ()


@pytest.mark.parametrize(("asked", "severity"), [({}, "info"), ({"codes": [404, 530, 599]}, "warning")])
def test_codes_that_a_server_cannot_take_are_said(asked: dict[str, Any], severity: str) -> None:
    refused = [(((530, 599),), "it is made of paper")]
    made = layout(server_site(), refused=refused, **asked)

    assert not any(contains(binding.codes, 530) for binding in made.bindings)
    hint = "codes = [404]" if asked else 'codes = [404, "500..504"]'
    codes = "530 599" if asked else "530"
    assert made.findings == (
        Finding(
            "server-codes",
            severity,  # type: ignore[arg-type]  # a parameter of the test
            f"server gets no page for {codes}: it is made of paper",
            hint=f"name the codes to bind, without these: {hint}",
        ),
    )
    assert (((530, 530), (599, 599)) if asked else ((530, 599),), "it is made of paper") in made.unbound


def test_a_language_without_all_pages_is_not_served() -> None:
    built = build_site([an_entry("404"), an_entry("503")], languages=("en", "de"), profile="static")
    rules = tuple(rule for rule in built.manifest.rules if rule.page != "de/503.html")
    made = lay_out(dataclasses.replace(built.manifest, rules=rules), ServerOptions(), "server")

    assert made.languages == ("en",)
    assert made.accept_language is None
    assert made.vary == "Accept"
    assert made.findings == (
        Finding(
            "server-language",
            "warning",
            "server does not serve de, which has no page for 503",
            hint="translate these, or the families that they belong to, in catalog/languages/de.yaml",
        ),
    )


def test_a_site_without_pages_for_any_code_is_an_error() -> None:
    made = layout(build_site([an_entry("1015")], profile="static"))

    assert [(finding.id, finding.severity) for finding in made.findings] == [("server-no-codes", "error")]


def test_the_report() -> None:
    built = build_site(
        [an_entry("404"), an_entry("maintenance", (500, 599)), an_entry("503", retry_after=9)], profile="static"
    )
    made = layout(built, codes=[404, 499, 500, 503])

    report = json.loads(made.report(differences=["One."], notes=["Two."]))

    assert report.pop("differences")[-1] == "One."
    assert report == {
        "edge": "server",
        "site": "default",
        "release": built.manifest.release,
        "languages": ["en"],
        "formats": {
            "html": "text/html; charset=utf-8",
            "json": "application/json; charset=utf-8",
            "problem": "application/problem+json; charset=utf-8",
            "markdown": "text/markdown; charset=utf-8",
        },
        "headers": {"cache-control": "no-store", "x-content-type-options": "nosniff", "vary": "Accept"},
        "codes": {"404": {"page": "404"}, "503": {"page": "503", "retry_after": 9}},
        "not_bound": [
            {"codes": "499", "reason": "it stands in logs only: the client is gone, so that no page can be sent"},
            {"codes": "500", "reason": "the catalog has no page for it"},
        ],
        "notes": ["Two.", "Planned work is not announced here: no code is bound to the page maintenance."],
    }


def test_the_report_tells_scopes_as_the_manifest_does() -> None:
    scopes = (Scope(("a.example",), (), "problem"), Scope((), ("/api/*",), "json"))
    built = build_site([an_entry("404")], profile="static")
    made = lay_out(dataclasses.replace(built.manifest, scopes=scopes), ServerOptions(), "server")

    report = json.loads(made.report(differences=["One."]))

    assert report["scopes"] == [{"hosts": ["a.example"], "format": "problem"}, {"paths": ["/api/*"], "format": "json"}]
    assert report["differences"][-2:] == [*SCOPE_DIFFERENCES, "One."]


def test_scopes_that_cannot_be_served_are_said() -> None:
    many = tuple(f"/api/version-{number}/*" for number in range(200))
    scopes = (Scope((), ("/feed",), "xml"), Scope(("a.example",), many, "json"), Scope((), ("/api/*",), "json"))
    built = build_site([an_entry("404")], profile="static")
    made = lay_out(dataclasses.replace(built.manifest, scopes=scopes), ServerOptions(), "server")

    assert made.scopes == scopes[1:]
    assert made.findings == (
        Finding(
            "server-scope",
            "warning",
            "server has no xml page for some code, so that the scope of paths /feed does not count",
            hint="give the scope a format that every page has",
        ),
        Finding(
            "server-scope",
            "error",
            "server cannot take a scope of 1 hosts and 200 paths: the expression for it would be too long",
            hint="write it as two scopes of the same format",
        ),
    )


def test_bindings_are_grouped_by_what_they_have() -> None:
    made = layout(server_site())

    groups = groups_by(made.bindings, lambda binding: binding.retry_after)

    assert {seconds: [binding.name for binding in bindings] for seconds, bindings in groups.items()} == {
        30: ["429"],
        60: ["502", "530"],
        120: ["503", "504", "522"],
    }


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"root": "srv"}, '.root: must match ^(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$; for example "/srv/errgen"'),
        ({"root": "/srv/../etc"}, '.root: must match ^(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$; for example "/srv/errgen"'),
        ({"root": "/srv/a b"}, '.root: must match ^(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$; for example "/srv/errgen"'),
        ({"root": '/srv/"; x'}, '.root: must match ^(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$; for example "/srv/errgen"'),
        ({"root": "/srv/errgen/"}, '.root: must match ^(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$; for example "/srv/errgen"'),
        ({"root": "/srv\n"}, '.root: must match ^(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$; for example "/srv/errgen"'),
        ({"codes": [200]}, ".codes: 200 is outside of"),
        ({"codes": [1015]}, ".codes: names 1015, and a server answers with errors from 400 to 599 only"),
        ({"codes": ["504..500"]}, ".codes: the range 504..500 runs backwards"),
        ({"codes": []}, ".codes: names no code"),
        ({"code": [404]}, ".code: unknown key; did you mean codes?"),
    ],
)
def test_options_are_checked(kind: str, options: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        open_edge({"kind": kind, **options}, WHERE)

    assert f"{WHERE}{fault}" in str(refused.value)


@pytest.mark.parametrize("kind", SERVERS)
def test_two_runs_write_the_same_bytes_and_the_bytes_of_pages(kind: str) -> None:
    built = server_site()
    edge = open_edge({"kind": kind}, WHERE)

    one, other = edge.compile(built.manifest, built.read), edge.compile(built.manifest, built.read)

    assert one == other
    assert list(one.files) == sorted(one.files)
    assert "report.json" in one.files
