"""The reference answer for Accept and Accept-Language."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from site_builder.model import MEDIA_TYPES, Format
from site_builder.negotiation import ALL_FORMATS, negotiate_format, negotiate_language

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

TYPES = {format_: media_type.partition(";")[0] for format_, media_type in MEDIA_TYPES.items()}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (["application/json"], "json"),
        (["application/problem+json"], "problem"),
        (["application/json, text/markdown;q=0.9"], "json"),
        (["text/markdown"], "markdown"),
        (["text/markdown, application/json"], "markdown"),
        (["text/*"], "markdown"),
        (["text/html"], "html"),
        (["*/*"], "html"),
        ([], "html"),
    ],
)
def test_the_nine_rows_of_the_reference(accept: list[str], expected: Format) -> None:
    assert negotiate_format(accept) == expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        # Qualities
        ("text/html;q=0.5, application/json", "json"),
        ("application/json;q=0.1, text/html", "html"),
        ("text/markdown;q=0.8, application/json;q=0.9, text/html;q=0.7", "json"),
        ("text/markdown;q=0.001, application/json;q=0", "markdown"),
        ("application/json;q=1.000, text/html;q=0.999", "json"),
        # Ties: the first listed
        ("application/json, application/problem+json", "json"),
        ("application/problem+json, application/json", "problem"),
        ("text/html;q=0.9, text/markdown;q=0.9", "html"),
        ("application/json, text/plain, */*", "json"),
        ("*/*, application/json", "html"),
        # Specificity sets the quality, not the order
        ("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", "html"),
        ("text/*;q=0.3, text/markdown, */*;q=0.5", "markdown"),
        ("*/*;q=0.9, text/html;q=0.1", "json"),
        ("text/*, text/markdown;q=0.1", "html"),
        ("text/*, text/html", "markdown"),
        # Refusals
        ("text/html;q=0, */*", "json"),
        ("text/html;q=0, application/*;q=0, */*", "markdown"),
        ("application/json;q=0, application/json", "html"),
        ("text/markdown;q=0, text/*", "html"),
        ("*/*;q=0, text/markdown;q=0.1", "markdown"),
        ("*/*;q=0.0, application/json;q=0.000", "html"),
        ("text/html;q=0", "html"),
        # Ranges
        ("application/*", "json"),
        ("application/*, text/*;q=0.9", "json"),
        ("application/*;q=0.5, application/problem+json;q=0.4", "json"),
        ("image/*, */*;q=0.1", "html"),
        ("*", "html"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "html"),
        # Letter case and blanks
        ("APPLICATION/JSON", "json"),
        ("Text/Markdown ; Q=0.9 , text/html;q=0.8", "markdown"),
        ("\ttext/html;q=0.1\t,\tapplication/json\t", "json"),
        # Parameters
        ("application/json;charset=utf-8", "json"),
        ('application/json; charset="UTF-8"; q=0.5, text/html;q=0.4', "json"),
        ("text/markdown;variant=GFM, text/html", "markdown"),
        ("text/html;level=1;q=0.3, text/html;q=0.7, application/json;q=0.5", "html"),
        ("text/html;level=1, text/html;q=0.2, application/json;q=0.5", "json"),
        ("text/html;level=1;q=0, */*", "html"),
        ("application/json;q=0.4;ext=1, text/html;q=0.3", "json"),
        # Quoted strings
        ('text/html;a="x, application/json", text/markdown;q=0.5', "html"),
        ('application/json;a="\\",;q=0", text/html;q=0.5', "json"),
        ('text/html;q="0.2", application/json;q="0.3"', "json"),
        ('text/html;a="not closed, application/json', "html"),
        # What cannot be read
        ("", "html"),
        (",,;;,=", "html"),
        ("json", "html"),
        ("application/json/x, text/markdown;q=0.1", "markdown"),
        ("*/json", "html"),
        ("application/json;q=high, text/html;q=0.9", "json"),
        ("application/json;q=, text/html;q=0.9", "json"),
        ("application/json;q=5, text/html", "json"),
        ("application/json;q=-1, text/html;q=0.9", "json"),
        ("application/json;q=0.12345, text/html;q=0.12344", "json"),
        ("application/json;q, text/html;q=0.9", "json"),
        ("video/mp4, image/png", "html"),
        # As sent in the wild
        (BROWSER, "html"),
        ("application/json, text/javascript, */*; q=0.01", "json"),
        ("text/markdown, text/html;q=0.9, */*;q=0.8", "markdown"),
        ("application/vnd.github+json", "html"),
        ("application/signed-exchange;v=b3;q=0.7,*/*;q=0.8", "html"),
    ],
)
def test_single_lines(accept: str, expected: Format) -> None:
    assert negotiate_format([accept]) == expected


def test_several_lines_are_one_list() -> None:
    assert negotiate_format(["text/html;q=0.5", "application/json"]) == "json"
    assert negotiate_format(["application/json", "text/markdown"]) == "json"
    assert negotiate_format(["text/markdown", "application/json"]) == "markdown"
    assert negotiate_format(['text/html;a="not closed', "application/json;q=0.5"]) == "html"
    assert negotiate_format(['image/png;a="not closed', "application/json;q=0.5"]) == "json"
    assert negotiate_format(["", "application/json", ""]) == "json"


@pytest.mark.parametrize(
    ("accept", "offered", "expected"),
    [
        ("application/json", ("html", "markdown"), "html"),
        ("application/json", ("markdown", "problem"), "markdown"),
        ("text/*", ("html", "json"), "html"),
        ("*/*", ("json", "markdown"), "json"),
        ("*/*", ("markdown", "json"), "json"),
        ("*/*", ("markdown", "problem"), "markdown"),
        ("*/*", ("problem",), "problem"),
        ("application/problem+json", ("html", "json", "markdown"), "json"),
        ("application/problem+json;q=0, application/json", ("html", "json"), "json"),
        (
            "application/problem+json, application/json;q=0, text/markdown;q=0.5",
            ("html", "json", "markdown"),
            "markdown",
        ),
        ("application/problem+json;q=0, */*;q=0.1", ("json",), "json"),
    ],
)
def test_fewer_formats(accept: str, offered: tuple[Format, ...], expected: Format) -> None:
    assert negotiate_format([accept], offered) == expected


def test_nothing_on_offer_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="nothing is offered"):
        negotiate_format(["*/*"], ())
    with pytest.raises(ValueError, match="nothing is offered"):
        negotiate_language(["*"], ())


ranges = st.sampled_from(
    [*TYPES.values(), "text/*", "application/*", "*/*", "*", "image/png", "text/html;level=1", "x"]
)
qualities = st.sampled_from(["", ";q=1", ";q=0.5", ";q=0.501", ";q=0", ";q=x", " ; Q=0.2"])
members = st.builds(str.__add__, ranges, qualities)
headers = st.lists(st.lists(members, max_size=4).map(", ".join), max_size=3)
offers = st.permutations(ALL_FORMATS).flatmap(
    lambda formats: st.integers(1, 4).map(lambda count: tuple(formats[:count]))
)
garbage = st.lists(st.one_of(st.text(max_size=20), st.text('a/*,;=q"\\ 01.-', max_size=30)), max_size=3)


@unhurried
@given(st.one_of(headers, garbage), offers)
@example(['"' * 5000 + "\\"], ("html",))
def test_any_header_gets_an_answer_that_is_offered(accept: list[str], offered: tuple[Format, ...]) -> None:
    assert negotiate_format(accept, offered) in offered


@unhurried
@given(headers, offers)
def test_refusing_the_answer_changes_it(accept: list[str], offered: tuple[Format, ...]) -> None:
    answer = negotiate_format([TYPES[offered[-1]], *accept], offered)
    unless_nothing_is_left = "html" if "html" in offered else offered[0]
    refused = negotiate_format([TYPES[offered[-1]], *accept, f"{TYPES[answer]};q=0"], offered)
    assert refused != answer or answer == unless_nothing_is_left


@unhurried
@given(st.lists(st.sampled_from(ALL_FORMATS), min_size=1, unique=True), st.sampled_from(["", ";q=0.5", ";q=1.0"]))
def test_among_equals_the_first_listed_wins(formats: list[Format], quality: str) -> None:
    listed = [TYPES[format_] + quality for format_ in formats]
    assert negotiate_format([", ".join(listed)]) == formats[0]
    assert negotiate_format(listed) == formats[0]


@unhurried
@given(headers, offers)
def test_lines_letter_case_and_blanks_do_not_matter(accept: list[str], offered: tuple[Format, ...]) -> None:
    answer = negotiate_format(accept, offered)
    assert negotiate_format([", ".join(line for line in accept if line)], offered) == answer
    assert (
        negotiate_format([line.upper().replace(";", " ; ").replace(",", " , ") for line in accept], offered) == answer
    )
    assert negotiate_format([*accept, "x/y;q=0.3"], offered) == answer


@unhurried
@given(st.lists(st.builds(str.__add__, ranges, st.sampled_from([";q=0.9", ";q=0.1"]))), st.sampled_from(ALL_FORMATS))
def test_the_only_type_of_the_highest_quality_is_the_answer(others: list[str], wanted: Format) -> None:
    assert negotiate_format([*others, TYPES[wanted]]) == wanted
    assert negotiate_format([f"{TYPES[wanted]};q=0.95", *others]) == wanted


@pytest.mark.parametrize(
    ("accept_language", "offered", "expected"),
    [
        ([], ["en", "de"], "en"),
        (["de"], ["en", "de"], "de"),
        (["DE"], ["en", "de"], "de"),
        (["de-AT"], ["en", "de"], "de"),
        (["de-de"], ["en", "de-DE"], "de-DE"),
        (["de-AT-1996"], ["en", "de", "de-AT"], "de-AT"),
        (["fr"], ["en", "de"], "en"),
        (["fr, de;q=0.5"], ["en", "de"], "de"),
        (["fr-CH, fr;q=0.8, en;q=0.9, de;q=0.7, *;q=0.5"], ["de", "en"], "en"),
        (["fr-CH, fr;q=0.8, en;q=0.9, de;q=0.7, *;q=0.5"], ["de", "fr", "en"], "fr"),
        (["fr-CH, fr;q=0.8, en;q=0.9, de;q=0.7, *;q=0.5"], ["ja", "pt"], "ja"),
        (["en;q=0.5, de;q=0.5"], ["de", "en"], "en"),
        (["en;q=0.5", "de;q=0.5"], ["de", "en"], "en"),
        (["de;q=0.5", "en;q=0.6"], ["de", "en"], "en"),
        (["*"], ["de", "en"], "de"),
        (["en;q=0.1, *"], ["en", "de"], "de"),
        (["*, en;q=0.1"], ["en", "de"], "de"),
        (["en, *;q=0.1"], ["de", "en"], "en"),
        (["en;q=0, *"], ["en", "de", "fr"], "de"),
        (["de;q=0, de-AT"], ["en", "de", "de-AT"], "de-AT"),
        (["de-AT;q=0, de"], ["en", "de-AT", "de"], "de"),
        (["de-AT;q=0, de"], ["en", "de-AT"], "en"),
        (["de;q=0"], ["de", "en"], "de"),
        (["*;q=0, en;q=0.1"], ["de", "en"], "en"),
        (["*;q=0"], ["de", "en"], "de"),
        (["zh-TW"], ["en", "zh-Hans", "zh-Hant"], "zh-Hant"),
        (["pt-PT"], ["en", "pt-BR"], "pt-BR"),
        (["de_DE, xx-@, -, de--AT, verylonglanguage, en;q=0.5"], ["de", "en"], "en"),
        ([""], ["de", "en"], "de"),
        ([";q=1,,"], ["de", "en"], "de"),
        (["en;q=high"], ["de", "en"], "en"),
        (["i-klingon, en;q=0.3"], ["de", "en"], "en"),
        (["en-US,en;q=0.9"], ["de", "en"], "en"),
    ],
)
def test_languages(accept_language: list[str], offered: list[str], expected: str) -> None:
    assert negotiate_language(accept_language, offered) == expected


TAGS = ["en", "de", "de-AT", "fr", "pt-BR", "pt", "zh-Hant", "zh-Hans", "ar"]
language_ranges = st.sampled_from([*TAGS, "de-CH", "zh-TW", "EN-us", "*", "x-y", "*-DE", "9"])
language_headers = st.lists(
    st.lists(st.builds(str.__add__, language_ranges, qualities), max_size=4).map(", ".join), max_size=3
)
offered_languages = st.lists(st.sampled_from(TAGS), min_size=1, unique=True)


@unhurried
@given(st.one_of(language_headers, garbage), offered_languages)
def test_any_header_gets_a_language_that_is_offered(accept_language: list[str], offered: list[str]) -> None:
    assert negotiate_language(accept_language, offered) in offered


@unhurried
@given(language_headers, offered_languages)
def test_refusing_the_language_changes_it(accept_language: list[str], offered: list[str]) -> None:
    answer = negotiate_language(accept_language, offered)
    refused = negotiate_language([*accept_language, f"{answer};q=0"], offered)
    assert refused != answer or answer == offered[0]


@unhurried
@given(offered_languages, st.data())
def test_among_equal_languages_the_first_listed_wins(offered: list[str], data: st.DataObject) -> None:
    asked = data.draw(st.permutations(offered))
    assert negotiate_language([", ".join(asked)], offered) == asked[0]
    assert negotiate_language([f"{tag};q=0.3" for tag in asked], offered) == asked[0]
