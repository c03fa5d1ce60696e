from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder import manifest
from site_builder.errors import InvalidInput
from site_builder.model import EXTENSIONS, Entry, Format, Manifest, Page, Rule, Scope, Site, Source, contains

SITE = Site("default", "Example", "plain", ("en", "de"), "https://example.com/")


def entry(key: str, codes: tuple[tuple[int, int], ...], *, line: int = 1, **changes: Any) -> Entry:
    code = int(key) if key.isdecimal() else None
    base = Entry(
        key=key,
        code=code,
        codes=codes,
        catch_all=key.endswith("xx"),
        status=code if code and code < 1000 else None,
        serve_status=None,
        error_name="name",
        title="Title",
        headline="Headline",
        category=None,
        detail="Detail",
        what_you_should_do="**Wait.**",
        retryable=None,
        retry_after=None,
        owner_action_required=None,
        who_acts="visitor",
        documentation=None,
        weight=1.0,
        source=Source("catalog/http.yaml", line),
    )
    return dataclasses.replace(base, **changes)


NOT_FOUND = entry("404", ((404, 404),), weight=40.0)
TIMED_OUT = entry("522", ((522, 522),), serve_status=503, retry_after=120)
LIMITED = entry("1015", ((1015, 1015),))
ORIGIN = entry("origin", ((520, 524),))
ANY_4XX = entry("4xx", ((400, 499),))
ANY_5XX = entry("5xx", ((500, 599),))


def page(of: Entry, form: Format = "html", language: str = "en", profile: str = "static") -> Page:
    path = f"{profile}/{language}/{of.key}.{EXTENSIONS[form]}"
    return Page(path, of, form, language, profile, f"{path}\n".encode())


PAGES = [
    page(ANY_5XX),
    page(ORIGIN),
    page(NOT_FOUND),
    page(TIMED_OUT),
    page(NOT_FOUND, "json"),
    page(ORIGIN, "html", "de"),
]


def test_one_small_manifest_is_written_like_this() -> None:
    made = manifest.build([page(TIMED_OUT, "markdown"), page(ANY_4XX)], SITE)

    assert manifest.dumps(made).decode() == (
        """{
  "files": [
    {
      "bytes": 19,
      "family": "4xx",
      "format": "html",
      "language": "en",
      "media_type": "text/html; charset=utf-8",
      "path": "pages/static/en/4xx.html",
      "profile": "static",
      "sha256": "SHA_4XX"
    },
    {
      "bytes": 17,
      "code": 522,
      "format": "markdown",
      "language": "en",
      "media_type": "text/markdown; charset=utf-8",
      "path": "pages/static/en/522.md",
      "profile": "static",
      "sha256": "SHA_522"
    }
  ],
  "languages": [
    "en",
    "de"
  ],
  "release": "RELEASE",
  "rules": [
    {
      "codes": [
        "400..499"
      ],
      "format": "html",
      "language": "en",
      "origin": "any",
      "page": "en/4xx.html",
      "weight": 1.0
    },
    {
      "codes": [
        522
      ],
      "format": "markdown",
      "language": "en",
      "origin": "any",
      "page": "en/522.md",
      "retry_after": 120,
      "status": 503,
      "weight": 1.0
    }
  ],
  "schema_version": 1,
  "site": "default",
  "theme": "plain"
}
""".replace("SHA_4XX", hashlib.sha256(b"static/en/4xx.html\n").hexdigest())
        .replace("SHA_522", hashlib.sha256(b"static/en/522.md\n").hexdigest())
        .replace("RELEASE", made.release)
    )


def test_the_release_is_the_digest_of_everything_else() -> None:
    made = manifest.build(PAGES, SITE)

    rest = json.loads(manifest.dumps(made))
    release = rest.pop("release")

    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert release == made.release == hashlib.sha256(canonical).hexdigest()


def test_rules_come_by_language_format_and_then_from_the_narrow_to_the_wide() -> None:
    made = manifest.build(PAGES, SITE)

    assert [rule.page for rule in made.rules] == [
        "en/404.html",
        "en/522.html",
        "en/origin.html",
        "en/5xx.html",
        "en/404.json",
        "de/origin.html",
    ]


def test_a_page_made_for_two_profiles_has_two_files_and_one_rule() -> None:
    made = manifest.build([page(NOT_FOUND), page(NOT_FOUND, profile="cloudflare")], SITE)

    assert [file.path for file in made.files] == ["pages/cloudflare/en/404.html", "pages/static/en/404.html"]
    assert [rule.page for rule in made.rules] == ["en/404.html"]


@pytest.mark.parametrize(
    ("code", "form", "language", "expected"),
    [
        (404, "html", "en", "en/404.html"),
        (522, "html", "en", "en/522.html"),
        (521, "html", "en", "en/origin.html"),
        (530, "html", "en", "en/5xx.html"),
        (522, "html", "de", "de/origin.html"),  # no page of its own in German
        (404, "html", "de", None),
        (522, "json", "en", None),
    ],
)
def test_the_first_match_decides(code: int, form: Format, language: str, expected: str | None) -> None:
    rule = manifest.first_match(manifest.build(PAGES, SITE), code, form, language)

    assert (rule.page if rule else None) == expected


def test_rules_tell_own_pages_families_and_catch_alls_apart() -> None:
    made = manifest.build([page(NOT_FOUND), page(ORIGIN), page(ANY_5XX)], SITE)

    assert [(manifest.is_own_page(rule), manifest.is_catch_all(rule)) for rule in made.rules] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_page_keys_keep_their_language() -> None:
    assert manifest.page_key("pt-BR/access_denied.problem.json") == ("pt-BR", "access_denied")


def test_only_the_edge_makes_a_1xxx() -> None:
    made = manifest.build([page(LIMITED), page(NOT_FOUND)], SITE)

    assert [(rule.page, rule.origin) for rule in made.rules] == [("en/404.html", "any"), ("en/1015.html", "edge")]


def test_two_pages_that_claim_one_file_are_refused_with_both_places() -> None:
    twice = dataclasses.replace(NOT_FOUND, source=Source("catalog/families.yaml", 9))

    with pytest.raises(InvalidInput) as caught:
        manifest.build([page(NOT_FOUND), page(twice)], SITE)

    assert str(caught.value) == (
        "catalog/families.yaml:9: claims the file pages/static/en/404.html, as catalog/http.yaml:1 does"
    )


def test_what_is_written_fits_the_schema_and_is_read_back_the_same() -> None:
    made = manifest.build(PAGES, SITE)
    written = manifest.dumps(made)

    schema = json.loads(manifest.SCHEMA_FILE.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(written))
    assert manifest.loads(written) == made
    assert manifest.dumps(manifest.loads(written)) == written


def test_scopes_survive() -> None:
    scopes = (
        Scope(("a.example.com",), ("/api/*",), "json"),
        Scope((), ("/feed",), "xml"),
        Scope(("b.org",), (), "html"),
    )
    made = manifest.build(PAGES, dataclasses.replace(SITE, scopes=scopes))
    written = manifest.dumps(made)

    schema = json.loads(manifest.SCHEMA_FILE.read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(written))
    assert manifest.loads(written) == made
    assert made.scopes == scopes


def signed(made: Manifest) -> bytes:
    """``made`` as a file whose release is right."""
    return resigned(json.loads(manifest.dumps(made)))


def resigned(content: dict[str, Any]) -> bytes:
    rest = {key: value for key, value in content.items() if key != "release"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return json.dumps({**rest, "release": hashlib.sha256(canonical).hexdigest()}).encode()


def change(*steps: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def apply(content: dict[str, Any]) -> None:
        place: Any = content
        for step in steps[:-1]:
            place = place[step]
        place[steps[-1]] = to

    return apply


def drop(*steps: str | int) -> Callable[[dict[str, Any]], None]:
    def apply(content: dict[str, Any]) -> None:
        place: Any = content
        for step in steps[:-1]:
            place = place[step]
        del place[steps[-1]]

    return apply


@pytest.mark.parametrize(
    ("spoil", "where", "message"),
    [
        (drop("files"), "files", "is missing"),
        (change("extra", to=1), "extra", "is not a key of a manifest"),
        (change("files", to={}), "files", "is not a list"),
        (change("files", 1, to=7), "files[1]", "is not an object"),
        (change("files", 0, "bytes", to=-1), "files[0].bytes", "is -1, which is no whole number in range"),
        (change("files", 0, "bytes", to=True), "files[0].bytes", "is True, which is no whole number in range"),
        (
            change("files", 0, "path", to="pages/../../etc/passwd"),
            "files[0].path",
            "is 'pages/../../etc/passwd', which is not of the form pages(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+",
        ),
        (change("files", 0, "family", to="4xx"), "files[0]", "has to have either a code or a family"),
        (drop("files", 0, "code"), "files[0]", "has to have either a code or a family"),
        (
            change("files", 0, "format", to="pdf"),
            "files[0].format",
            "is 'pdf', which is not of the form html|json|problem|markdown|text|xml",
        ),
        (change("rules", 0, "weight", to=0), "rules[0].weight", "is not a number above 0"),
        (change("rules", 0, "codes", to=[]), "rules[0].codes", "is empty"),
        (
            change("rules", 0, "codes", to=["404-410"]),
            "rules[0].codes[0]",
            "is '404-410', which is neither a code nor a range like '500..599'",
        ),
        (change("rules", 0, "codes", to=[404, "400..410"]), "rules[0].codes[1]", "is not above the codes before it"),
        (change("rules", 0, "codes", to=["410..404"]), "rules[0].codes[0]", "is not above the codes before it"),
        (change("languages", to=[]), "languages", "is empty"),
        (change("languages", to=["en", 3]), "languages[1]", "is not a text"),
        (change("site", to="a_b"), "site", "is 'a_b', which is not of the form [a-z0-9]+"),
    ],
)
def test_a_wrong_shape_is_refused_with_its_place(
    spoil: Callable[[dict[str, Any]], None], where: str, message: str
) -> None:
    content = json.loads(manifest.dumps(manifest.build([page(NOT_FOUND), page(ANY_5XX)], SITE)))
    spoil(content)

    with pytest.raises(InvalidInput) as caught:
        manifest.loads(resigned(content), "out/manifest.json")

    assert str(caught.value) == f"out/manifest.json: {where}: {message}"
    assert caught.value.hint == "make it anew with: errgen build"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b'{"a":', "is not JSON: Expecting value: line 1 column 6 (char 5)"),
        (b"\xff", "is not JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b"[]", "is not a JSON object"),
        (b"{}", "has the schema version None, and this errgen reads 1"),
        (b'{"schema_version": 2}', "has the schema version 2, and this errgen reads 1"),
    ],
)
def test_what_is_no_manifest_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        manifest.loads(data)

    assert str(caught.value) == f"manifest.json: {message}"


def test_a_manifest_changed_by_hand_is_refused() -> None:
    written = manifest.dumps(manifest.build(PAGES, SITE)).replace(b'"weight": 40.0', b'"weight": 41.0')

    with pytest.raises(InvalidInput, match="changed after it was built"):
        manifest.loads(written)


single = st.integers(400, 1999).map(lambda code: entry(str(code), ((code, code),), weight=code / 7))
family = st.integers(400, 1990).map(lambda low: entry(f"f{low}", ((low, low + 5),), retry_after=low))


@given(st.lists(st.tuples(single | family, st.sampled_from(manifest.ALL_FORMATS), st.sampled_from(["en", "de"]))))
def test_any_pages_in_any_order_give_one_manifest_that_survives_writing(
    parts: list[tuple[Entry, Format, str]],
) -> None:
    pages = list({one.path: one for one in (page(*part) for part in parts)}.values())

    made = manifest.build(pages, SITE)

    assert manifest.build(list(reversed(pages)), SITE) == made
    assert manifest.loads(manifest.dumps(made)) == made
    for one in pages:
        decides = next(rule for rule in made.rules if rule_fits(rule, one))
        if one.entry.code is not None:
            assert decides.page == one.path.partition("/")[2]


def rule_fits(rule: Rule, one: Page) -> bool:
    same = rule.format == one.format and rule.language == one.language
    return same and contains(rule.codes, one.entry.codes[0][0])


def test_reading_and_writing_loads_no_validator() -> None:
    program = (
        "import sys; from site_builder import manifest;"
        "print(sorted(set(sys.modules) & {'pydantic', 'jsonschema', 'jinja2', 'markdown', 'boto3'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
