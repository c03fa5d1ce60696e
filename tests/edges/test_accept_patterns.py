"""The shared expressions against the reference answer: equal where they promise it, and known where they differ."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from site_builder.edges._accept_patterns import DIFFERENCES, LANGUAGE_DIFFERENCES, accept_family, language_family
from site_builder.model import EXTENSIONS, MEDIA_TYPES, Format
from site_builder.negotiation import ALL_FORMATS, negotiate_format, negotiate_language

from .servers import DIFFERENT_ROWS, HARDER_ROWS, REFERENCE_ROWS

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

EVERY_FORMAT: tuple[Format, ...] = tuple(EXTENSIONS)
ACCEPT = {formats: accept_family(formats) for formats in (ALL_FORMATS, EVERY_FORMAT)}
EXACT = [media_type.partition(";")[0] for media_type in MEDIA_TYPES.values()]
UNKNOWN = ["image/png", "application/xhtml+xml", "application/xml", "text/css", "a", "", "text/htmlx", "xtext/html"]

blanks = st.sampled_from(["", " ", "\t", "  "])
tenths = st.sampled_from(["", "q=1", "Q=1.0", "q=1.000", "q=2", "q=high", "q="]) | st.builds(
    "{}={}.{}{}".format,
    st.sampled_from(["q", "Q", "q ", "q\t"]),
    st.sampled_from([" 0", "0", "", "00"]),
    st.integers(0, 9),
    st.sampled_from(["", "0", "00"]),
)
parameters = st.sampled_from(
    ["", "charset=utf-8", 'x="a,b"', 'x="a;q=0,"', r'x="\",text/html;q=1"', "quiet", "q", "qq=0.1", "x", ";"]
)


@st.composite
def members(draw: st.DrawFn, names: list[str]) -> tuple[str, str]:
    """A name in any case, and the member that begins with it."""
    name = draw(st.sampled_from(names))
    cased = draw(st.sampled_from([name, name.upper(), name.title()]))
    # Parameters that say which variant of a type is meant are a known difference, and names on offer have none.
    parameter = draw(parameters) if name not in EXACT else ""
    parts = [cased, *(part for part in (parameter, draw(tenths)) if part)]
    if draw(st.booleans()) and parts[-1].lower().startswith("q"):
        parts.append("extension=1")
    return name, draw(blanks) + f"{draw(blanks)};{draw(blanks)}".join(parts) + draw(blanks)


@unhurried
@given(
    st.sampled_from([ALL_FORMATS, EVERY_FORMAT]),
    st.lists(members([*EXACT, *UNKNOWN]), max_size=6, unique_by=lambda member: member[0]),
    st.sampled_from(["", *(f", {star}{rest}" for star in ("*/*", "*") for rest in ("", ";q=0.0", ";q=0.05"))]),
)
def test_types_in_any_order_and_quality_get_the_reference_answer(
    offered: tuple[Format, ...], listed: list[tuple[str, str]], end: str
) -> None:
    """A final asterisk says less than all before it, or as much, as clients send it."""
    header = ",".join(member for _, member in listed)
    assume(end != ";q=0.05" or "q=0.0" not in header)
    reference = negotiate_format([header + end], offered)
    # That an asterisk does not know what others refuse is a known difference.
    refused = re.compile(r"q\s*=\s*(?=[0.])0*\.?0*\s*(;|$)", re.IGNORECASE)
    assume(not end or not any(refused.search(member) for _, member in listed))
    assume(not end or reference == negotiate_format([header], offered) or "=" not in header)

    assert ACCEPT[offered].pick(header + end) == reference


@unhurried
@given(st.lists(members(["text/*", "application/*", "*/*", "*", *UNKNOWN]), max_size=4, unique_by=lambda one: one[0]))
def test_ranges_whose_formats_nothing_else_names_get_the_reference_answer(listed: list[tuple[str, str]]) -> None:
    names = [name for name, _ in listed]
    assume(sum(name in ("*/*", "*") for name in names) + ("text/*" in names) + ("application/*" in names) <= 1)
    header = ",".join(member for _, member in listed)

    assert ACCEPT[ALL_FORMATS].pick(header) == negotiate_format([header])


@unhurried
@given(st.text(alphabet='*/,;=q"\\ .0159htmlexjson', max_size=40))
def test_what_is_no_list_at_all_is_still_answered(header: str) -> None:
    assert ACCEPT[ALL_FORMATS].pick(header) in ALL_FORMATS


@pytest.mark.parametrize("accept", [*REFERENCE_ROWS, *HARDER_ROWS])
def test_the_rows_that_every_server_is_asked(accept: str | None) -> None:
    assert ACCEPT[ALL_FORMATS].pick(accept or "") == negotiate_format([] if accept is None else [accept])


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json;q=0.05", "json"),
        ("text/html;q=0, text/markdown;q=0.001", "markdown"),
        ("application/json;q=0.01, text/markdown;q=0.1", "markdown"),
        ("application/json;q=0.000, text/html", "html"),
    ],
)
def test_less_than_a_tenth_is_more_than_nothing(accept: str, expected: Format) -> None:
    assert (ACCEPT[ALL_FORMATS].pick(accept), negotiate_format([accept])) == (expected, expected)


@pytest.mark.parametrize(
    ("accept", "answered", "reference"),
    [
        *((accept, answered, negotiate_format([accept])) for accept, answered in DIFFERENT_ROWS.items()),
        # Tenths
        ("text/html;q=0.8, application/json;q=0.85", "html", "json"),
        ("text/html;q=0.01, application/json;q=0.09", "html", "json"),
        # What an asterisk stands for
        ("text/html;q=0.5, */*", "html", "json"),
        ("*/*, text/html", "html", "json"),
        ("text/*, text/markdown", "markdown", "html"),
        # Listings of one type
        ("application/json;q=0, application/json", "json", "html"),
        ("text/html;level=1, text/html;q=0.2, application/json;q=0.5", "html", "json"),
        # Weights
        ('application/json;q="0.9"', "html", "json"),
        ("application/json;q=0.5x", "html", "json"),
    ],
)
def test_the_known_differences_are_such(accept: str, answered: Format, reference: Format) -> None:
    assert (ACCEPT[ALL_FORMATS].pick(accept), negotiate_format([accept])) == (answered, reference)
    assert answered != reference


TAGS = ["en", "de", "de-AT", "pt-BR", "pt", "pt-PT", "es-419", "es", "es-MX", "zh-Hans", "zh-Hant", "zh-TW", "zh", "ar"]
ASKED = [*TAGS, "ar-EG", "zh-HK", "zh-Hant-HK", "en-GB-oxendict", "es-AR", "nb", "no", "fr", "x-klingon", "e", "deu"]


@unhurried
@given(
    st.lists(st.sampled_from([*TAGS, "no"]), min_size=1, max_size=5, unique=True),
    st.lists(members(ASKED), max_size=5, unique_by=lambda member: member[0]),
    st.sampled_from(["", ",*;q=0.01"]),
)
def test_languages_get_the_reference_answer(offered: list[str], listed: list[tuple[str, str]], end: str) -> None:
    header = ",".join(member for _, member in listed)
    assume(not re.search(r"=\s*0*\.0*\s*(?:[,;]|$)", header))  # to refuse a language is a known difference
    assume(not end or negotiate_language([header], offered) == negotiate_language([header + end], offered))

    assert language_family(offered).pick(header + end) == negotiate_language([header + end], offered)


@pytest.mark.parametrize(
    ("header", "answered", "reference"),
    [("de-AT;q=0, de", "de", "de"), ("de;q=0, de-AT", "de", "en"), ("en, *;q=0.9", "en", "en"), ("*", "en", "en")],
)
def test_refused_languages(header: str, answered: str, reference: str) -> None:
    assert (language_family(["en", "de"]).pick(header), negotiate_language([header], ["en", "de"])) == (
        answered,
        reference,
    )


def test_the_expressions_need_no_escaping_anywhere() -> None:
    """No blank, quotation mark, brace or look-around in them, and one group each."""
    for family in (*ACCEPT.values(), language_family(["en", "de", "zh-Hant", "zh-Hans"])):
        for expression in (*family.steps, *(name for name, _ in family.values)):
            assert not re.search(r"""[\s"'`{}#%]|\(\?[^:]|\\\\""", expression)
        assert {re.compile(step).groups for step in family.steps} == {1}


def test_differences_are_said_in_sentences() -> None:
    for sentence in (*DIFFERENCES, *LANGUAGE_DIFFERENCES):
        assert re.fullmatch(r"[A-Z].*\.", sentence)


def test_a_long_header_is_answered_in_time_that_grows_with_it() -> None:
    """As many steps as characters: 8 kB, what servers take, would not end within the test run otherwise."""
    worst = ('application/x;y="' + "\\a" * 500 + '",') * 8 + ";q" * 500 + " " * 500
    assert ACCEPT[ALL_FORMATS].pick(worst) == "html"
