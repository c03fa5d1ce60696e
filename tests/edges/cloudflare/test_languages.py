"""Accept-Language as a test of the Rules language, against the reference answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import octorules_wirefilter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges.cloudflare.expressions import LONGEST
from site_builder.edges.cloudflare.languages import LANGUAGE_DIFFERENCES, language_test
from site_builder.negotiation import negotiate_language
from site_builder.rules_language import compile_expression, normalised_length, parse

EVERY = ("en", "de", "fr", "es", "pt-BR", "it", "nl", "pl", "tr", "ja", "zh-Hans", "ar", "he")
SITES = [
    ("en", "de"),
    ("de", "en", "fr"),
    ("en", "pt-BR", "zh-Hans"),
    ("en", "zh-Hans", "zh-Hant", "pt-PT", "pt-BR"),
    EVERY,
]


@lru_cache
def predicates(served: tuple[str, ...]) -> dict[str, Callable[[Mapping[str, Any]], bool]]:
    return {tag: compile_expression(parse(language_test(tag, served))) for tag in served[1:]}


def picked(served: tuple[str, ...], lines: tuple[str, ...]) -> list[str]:
    """The further languages whose test holds."""
    values = {"http.request.headers": {"accept-language": list(lines)} if lines else {}}
    return [tag for tag, test in predicates(served).items() if test(values)]


# What browsers send: the languages of people's systems, in Chromium's, Firefox's and Safari's ways of writing them.
HEADERS: list[tuple[str, ...]] = [
    (), ("",), ("de",), ("de-DE",), ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7",), ("de,en-US;q=0.7,en;q=0.3",),
    ("de-AT,de;q=0.9,en;q=0.8",), ("de-CH",), ("de-LU,de;q=0.9",), ("en-US,en;q=0.9",), ("en-US,en;q=0.9,de;q=0.8",),
    ("en-GB,de;q=0.5",), ("en-DE",), ("en, de",), ("de, en",), ("de;q=0.8, en;q=0.9",), ("fr-CA,fr;q=0.9,en;q=0.5",),
    ("fr-FR,fr;q=0.8,de;q=0.5",), ("es-419,es;q=0.9,en;q=0.8",), ("es-MX",), ("pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7",),
    ("pt-PT,pt;q=0.9",), ("pt",), ("it-IT,it;q=0.8,en-US;q=0.5,en;q=0.3",), ("nl-BE,nl;q=0.9,fr;q=0.8",),
    ("pl-PL,pl;q=0.9",), ("tr-TR,tr;q=0.9,en-US;q=0.8",), ("ja-JP",), ("ja,en-US;q=0.9,en;q=0.8",),
    ("zh-CN,zh;q=0.9,en;q=0.8",), ("zh-TW,zh;q=0.9,en-US;q=0.8",), ("zh-HK",), ("zh-Hans-CN",), ("zh-Hant-TW",),
    ("zh",), ("ar-SA,ar;q=0.9",), ("ar",), ("he-IL,he;q=0.9",), ("sv-SE,sv;q=0.9,de;q=0.4",), ("da, de;q=0.5",),
    ("ru",),
    ("*",), ("sv, *;q=0.5",), ("DE-at , EN;q=0.5",), ("sv", "de"), ("fr;q=0.1, de;q=0.2",), ("de;q=0, en",),
    ("nde",), ("x-de",), ("de;q=1.0, en;q=0.9",), ("en;q=0.000, fr",),
]  # fmt: skip


@pytest.mark.parametrize("served", SITES, ids=" ".join)
@pytest.mark.parametrize("lines", HEADERS, ids=str)
def test_a_client_gets_the_language_of_the_reference(served: tuple[str, ...], lines: tuple[str, ...]) -> None:
    wanted = negotiate_language(lines, served)

    assert picked(served, lines) == ([wanted] if wanted != served[0] else [])


DIFFER = [  # header, the reference, ours, in the order of LANGUAGE_DIFFERENCES
    ("de-LU, en;q=0.5", "de", []),
    ("*, en;q=0.5", "de", []),
    ("de;q=0, de-AT", "en", ["de"]),
]


@pytest.mark.parametrize(("header", "reference", "ours"), DIFFER)
def test_where_it_differs_is_known(header: str, reference: str, ours: list[str]) -> None:
    assert (negotiate_language([header], ("en", "de")), picked(("en", "de"), (header,))) == (reference, ours)
    assert len(LANGUAGE_DIFFERENCES) == 2


TAGS = ["en", "en-US", "de", "de-AT", "fr", "fr-CA", "sv", "da-DK"]


@given(
    st.lists(
        st.tuples(st.sampled_from(TAGS), st.sampled_from(["", *(f";q=0.{tenth}" for tenth in range(1, 10))])),
        max_size=6,
    ),
    st.sampled_from([", ", ",", " ,\t"]),
)
def test_any_list_of_known_tags(members: list[tuple[str, str]], comma: str) -> None:
    header = comma.join(tag + weight for tag, weight in members)
    served = ("en", "de", "fr")
    wanted = negotiate_language([header], served)

    assert picked(served, (header,)) == ([wanted] if wanted != "en" else [])


@pytest.mark.parametrize("served", SITES, ids=" ".join)
def test_cloudflares_own_parser_takes_the_tests_and_they_leave_room(served: tuple[str, ...]) -> None:
    for tag in served[1:]:
        text = language_test(tag, served)
        assert octorules_wirefilter.parse_expression(text).get("error") is None
        assert normalised_length(text) <= LONGEST - 1400  # the longest test of Accept stands beside it
