"""The catalog that ships: complete, and what Cloudflare's page "Error responses" and the IANA registry say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_builder import catalog, settings
from site_builder.catalog import Catalog, link_problem
from site_builder.catalog.completeness import completeness, read_all_states, texts
from site_builder.catalog.plain_style import read_plain_style
from site_builder.catalog.states import digest
from site_builder.catalog.whole_yaml import read_whole_yaml
from site_builder.model import Codes, Entry
from tests import reference_tables as reference

FOLDER = settings.shipped() / "catalog"
LANGUAGES = sorted(path.stem for path in (FOLDER / "languages").glob("*.yaml") if path.stem != "en")


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return catalog.load([FOLDER])


@pytest.fixture(scope="module")
def by_code(shipped: Catalog) -> dict[int, Entry]:
    return {entry.code: entry for entry in shipped.entries if entry.code is not None}


def members(shipped: Catalog, family: Entry) -> list[Entry]:
    return [entry for entry in shipped.entries if entry.code is not None and shipped.family_of(entry.code) == family]


def every_code(codes: Codes) -> Iterator[int]:
    for low, high in codes:
        yield from range(low, high + 1)


def test_has_every_code_once_and_in_order(shipped: Catalog) -> None:
    expected = sorted((*reference.HTTP_PHRASES, *reference.CLOUDFLARE_5XX, *reference.CLOUDFLARE_1XXX))
    assert [entry.code for entry in shipped.entries] == expected
    assert len(reference.HTTP_PHRASES) == 40


def test_has_the_registered_phrases(by_code: dict[int, Entry]) -> None:
    assert {code: by_code[code].title for code in reference.HTTP_PHRASES} == reference.HTTP_PHRASES


@pytest.mark.parametrize("category", sorted(reference.CATEGORIES_5XX))
def test_has_the_5xx_categories_of_the_reference(by_code: dict[int, Entry], category: str) -> None:
    codes = reference.CATEGORIES_5XX[category]
    assert {code: by_code[code].category for code in codes} == dict.fromkeys(codes, category)


@pytest.mark.parametrize("category", sorted(reference.CATEGORIES_1XXX))
def test_has_the_1xxx_categories_of_the_reference(by_code: dict[int, Entry], category: str) -> None:
    codes = reference.CATEGORIES_1XXX[category]
    assert {code: by_code[code].category for code in codes} == dict.fromkeys(codes, category)


def test_http_codes_outside_the_reference_are_client_or_server_errors(by_code: dict[int, Entry]) -> None:
    others = reference.HTTP_PHRASES.keys() - reference.RETRY_AFTER_5XX.keys()
    expected = {code: "client" if code < 500 else "server" for code in others}
    assert {code: by_code[code].category for code in others} == expected


def test_has_the_retry_times_of_the_reference(by_code: dict[int, Entry]) -> None:
    found = {code: by_code[code].retry_after for code in reference.RETRY_AFTER_5XX}
    assert found == reference.RETRY_AFTER_5XX
    retryable = {code: by_code[code].retryable for code in reference.RETRY_AFTER_5XX}
    assert retryable == {code: seconds is not None for code, seconds in reference.RETRY_AFTER_5XX.items()}


def test_exactly_the_six_1xxx_codes_of_the_reference_are_retryable(by_code: dict[int, Entry]) -> None:
    found = {
        code: (entry.retry_after, entry.title)
        for code, entry in by_code.items()
        if code >= 1000 and entry.retryable is not False
    }
    assert found == reference.RETRY_AFTER_1XXX
    assert [code for code, entry in by_code.items() if entry.retry_after and not entry.retryable] == []


def test_has_the_names_and_titles_of_the_reference(by_code: dict[int, Entry]) -> None:
    assert {code: by_code[code].error_name for code in reference.ERROR_NAMES} == reference.ERROR_NAMES
    assert {code: by_code[code].title for code in reference.TITLES} == reference.TITLES


def test_the_status_of_a_1xxx_code_is_an_error_or_unknown(by_code: dict[int, Entry]) -> None:
    assert {code: entry.status for code, entry in by_code.items() if code < 1000} == {c: c for c in by_code if c < 1000}
    published = [entry.status for code, entry in by_code.items() if code >= 1000 and entry.status is not None]
    assert published
    assert set(published) <= {403, 404, 409, 429, 530}


def test_has_fifteen_families_and_a_home_for_every_code(shipped: Catalog) -> None:
    assert {family.key: family.codes for family in shipped.families if family.catch_all} == {
        "4xx": ((400, 499),),
        "5xx": ((500, 599),),
        "1xxx": ((1000, 1999),),
    }
    explicit = {family.key: family.codes for family in shipped.families if not family.catch_all}
    assert explicit.pop("origin") == ((520, 524),)
    assert explicit.pop("ssl") == ((525, 526),)
    assert sorted(explicit) == sorted(reference.CATEGORIES_1XXX)
    homes = {code: shipped.family_of(code).key for code in (*range(400, 600), *range(1000, 2000))}
    assert (homes[404], homes[419], homes[503], homes[527], homes[599]) == ("4xx", "4xx", "5xx", "5xx", "5xx")
    assert (homes[520], homes[526], homes[1015], homes[1999]) == ("origin", "ssl", "rate_limit", "1xxx")


@pytest.mark.parametrize("category", sorted(reference.CATEGORIES_1XXX))
def test_a_family_of_1xxx_codes_holds_exactly_those_of_its_category(shipped: Catalog, category: str) -> None:
    family = next(family for family in shipped.families if family.key == category)
    expected = [entry.code for entry in shipped.entries if entry.category == category and (entry.code or 0) >= 1000]
    assert list(every_code(family.codes)) == expected
    assert family.category == category


def test_what_a_family_claims_holds_for_each_of_its_codes(shipped: Catalog) -> None:
    for family in shipped.families:
        for entry in members(shipped, family):
            assert family.retryable in (None, entry.retryable), (family.key, entry.key)
            assert family.owner_action_required in (None, entry.owner_action_required), (family.key, entry.key)
            assert family.category in (None, entry.category), (family.key, entry.key)
            assert family.retry_after is None or family.retry_after >= (entry.retry_after or 0), (family.key, entry.key)
            assert family.status is None


def test_every_text_is_finished(shipped: Catalog) -> None:
    for entry in (*shipped.entries, *shipped.families):
        assert re.match(r"\*\*[A-Z][^*]+[.:]\*\* [A-Z]", entry.what_you_should_do), entry.key
        assert re.fullmatch(r"[A-Z].*[.]", entry.detail, re.DOTALL), entry.key
        assert re.fullmatch(r"[A-Z][^.!]+", entry.headline), entry.key
        assert not re.search(r"\d{3}|oops|invalid request|sorry", entry.headline, re.IGNORECASE), entry.key
        texts = " ".join((entry.title, entry.headline, entry.detail, entry.what_you_should_do))
        assert not re.search(r"['\"]| {2}|\b(\w+) \1\b|TODO", texts, re.IGNORECASE), entry.key
        assert 20 <= len(entry.headline) <= 64, entry.key
        assert 60 <= len(entry.detail) <= 320, entry.key
        assert 80 <= len(entry.what_you_should_do) <= 400, entry.key


def test_the_advice_says_whether_to_try_again(shipped: Catalog) -> None:
    about_retrying = re.compile(
        r"\b(again|another try|attempts?|retr(?:y|ies)\w*|tr(?:y|ies|ying)|repeat\w*|every time|unchanged|once more"
        r"|later|(?:equal|same) (?:request|answer|result|upload)|(?:come|check) back|reload\w*|returns?"
        r"|without \w+ing)\b",
        re.IGNORECASE,
    )
    silent = [
        entry.key
        for entry in (*shipped.entries, *shipped.families)
        if not about_retrying.search(entry.what_you_should_do)
    ]
    assert silent == []


def test_documentation_is_where_it_should_be(shipped: Catalog) -> None:
    for entry in (*shipped.entries, *shipped.families):
        assert entry.documentation is not None
        assert link_problem(entry.documentation) is None
        assert entry.documentation.startswith(
            "https://www.rfc-editor.org/rfc/rfc"
            if entry.key in ("4xx", "5xx") or (entry.code and entry.code in reference.HTTP_PHRASES)
            else "https://developers.cloudflare.com/"
        )


def test_weights_tell_what_matters(shipped: Catalog) -> None:
    heaviest = sorted(shipped.entries, key=lambda entry: -entry.weight)[:9]
    assert [entry.code for entry in heaviest[:2]] == [404, 403]
    assert {entry.code for entry in heaviest} == {404, 403, 500, 503, 502, 429, 504, 401, 400}
    assert all(entry.weight > 0 for entry in (*shipped.entries, *shipped.families))


def test_an_entry_knows_its_line(by_code: dict[int, Entry]) -> None:
    for code in (404, 522, 1015):
        source = by_code[code].source
        assert (FOLDER.parent / source.file).read_text("utf-8").splitlines()[source.line - 1] == f"{code}:"


def test_english_is_complete(shipped: Catalog) -> None:
    assert shipped.localised("en") == (*shipped.entries, *shipped.families, shipped.maintenance)
    assert shipped.languages["en"].direction == "ltr"
    assert shipped.languages["en"].strings


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.yaml")), ids=lambda path: path.name)
def test_shipped_files_are_in_the_plain_style(path: Path) -> None:
    text = path.read_text("utf-8")
    plain = read_plain_style(text)
    assert plain is not None
    assert plain == read_whole_yaml(text, "catalog")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_language_is_complete_and_its_texts_are_drafts_or_reviewed(tag: str) -> None:
    loaded = catalog.load([FOLDER], [tag])
    states = read_all_states(loaded, [FOLDER], tag)
    found = completeness(loaded, tag, states)
    assert (found.percent, found.missing, found.stale) == (100, (), ())
    assert loaded.borrowed == {}
    recorded = {name for name, records in states.items() if records[0].english}
    assert recorded == {one.name for one in texts(loaded, tag, states) if one.text}
    for one in texts(loaded, tag, states):
        if one.text:
            assert [record.text for record in states[one.name]] == [digest(one.text)], one.source


@pytest.mark.parametrize("tag", LANGUAGES)
def test_translations_keep_code_links_and_emphasis(tag: str) -> None:
    loaded = catalog.load([FOLDER], [tag])
    for one in texts(loaded, tag, {}):
        if one.text:
            assert re.findall(r"\]\(([^)]*)\)", one.text) == re.findall(r"\]\(([^)]*)\)", one.english), one.source
            assert one.text.count("**") == one.english.count("**"), one.source
            assert (one.text.count("`") > 0) == (one.english.count("`") > 0), one.source


def test_importing_the_catalog_loads_neither_pydantic_nor_yaml() -> None:
    code = "import sys, site_builder.catalog; print(sorted({'pydantic', 'ruamel.yaml', 'babel'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
