from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.edges.cloudflare.budget import Choice, choose, usable_assets
from site_builder.edges.cloudflare.candidates import OTHER_LANGUAGE, SHARE, WORTH, Candidate
from site_builder.edges.cloudflare.options import Limits
from site_builder.model import Codes, Format, contains


def own(code: int, weight: float, form: Format = "html", *, asset: bool | None = None) -> Candidate:
    return Candidate(f"{code}.{form}", form, "own", ((code, code),), weight, stored(form, asset))


def family(
    name: str, codes: Codes, weight: float = 1.0, form: Format = "html", *, asset: bool | None = None
) -> Candidate:
    return Candidate(f"{name}.{form}", form, "family", codes, weight, stored(form, asset))


def catch_all(
    codes: Codes = ((500, 599),), form: Format = "html", weight: float = 1.0, *, asset: bool | None = None
) -> Candidate:
    return Candidate(f"{codes[0][0]}xx.{form}", form, "catch-all", codes, weight, stored(form, asset))


def stored(form: Format, asset: bool | None) -> bool:
    """Whether a page needs an asset: HTML does unless a test says otherwise."""
    return form == "html" if asset is None else asset


ALL_5XX = [catch_all(form="html"), catch_all(form="json"), catch_all(form="markdown")]


def chosen(candidates: list[Candidate], rules: int, assets: int, weights: Mapping[int, float]) -> set[str]:
    return set(choose(candidates, Limits(rules=rules, assets=assets), weights).pages)


def test_half_of_the_assets_stay_free_for_the_next_release() -> None:
    assert [usable_assets(Limits(rules=0, assets=count)) for count in (0, 1, 2, 25)] == [0, 0, 1, 12]


def test_where_everything_fits_everything_useful_is_chosen() -> None:
    candidates = [*ALL_5XX, own(502, 3.0), own(504, 2.0), own(502, 3.0, "json")]

    assert chosen(candidates, 50, 50, {502: 3.0, 504: 2.0}) == {one.page for one in candidates}


def test_a_family_whose_codes_all_have_pages_needs_no_rule() -> None:
    candidates = [*ALL_5XX, own(520, 0.1), own(521, 0.2), family("origin", ((520, 521),))]

    assert "origin.html" not in chosen(candidates, 50, 50, {520: 0.1, 521: 0.2})


def test_a_family_that_covers_codes_without_pages_is_kept() -> None:
    candidates = [*ALL_5XX, own(520, 1.0), family("origin", ((520, 524),))]

    assert {"origin.html", "520.html"} <= chosen(candidates, 50, 50, {520: 1.0})


def test_two_pages_beat_a_family_page_that_looked_better_alone() -> None:
    # One place: the family's page gains most, 3 × (6 - 3). Two: it would gain 9 + 4, two pages of their own 7 + 7.
    codes = range(520, 523)
    candidates = [catch_all(), *(own(code, 1.0) for code in codes), family("origin", ((520, 522),))]

    assert chosen(candidates, 2, 40, dict.fromkeys(codes, 1.0)) == {"500xx.html", "origin.html"}
    assert chosen(candidates, 3, 40, dict.fromkeys(codes, 1.0)) == {"500xx.html", "520.html", "521.html"}


def test_many_light_codes_are_served_by_their_family() -> None:
    members = [own(code, 1.0) for code in range(520, 525)]
    weights = dict.fromkeys(range(520, 525), 1.0)

    assert chosen([catch_all(), *members, family("origin", ((520, 524),))], 2, 4, weights) == {
        "500xx.html",
        "origin.html",
    }


def test_catch_alls_come_before_the_weightiest_page() -> None:
    wide = [catch_all(((400, 499),), weight=1.0), catch_all(((500, 599),), weight=2.0)]

    assert chosen([*wide, own(404, 1000.0)], 2, 4, {404: 1000.0}) == {"400xx.html", "500xx.html"}


def test_without_room_for_all_catch_alls_html_and_the_weightiest_come_first() -> None:
    ranges: tuple[Codes, ...] = (((400, 499),), ((500, 599),))
    formats: tuple[Format, ...] = ("html", "json", "markdown")
    candidates = [catch_all(codes, form, weight=codes[0][0]) for codes in ranges for form in formats]

    assert chosen(candidates, 1, 50, {}) == {"500xx.html"}
    assert chosen(candidates, 3, 50, {}) == {"400xx.html", "500xx.html"}  # one rule cannot serve both machine formats
    assert chosen(candidates, 5, 50, {}) == {"400xx.html", "500xx.html", "500xx.json", "500xx.markdown"}


def test_the_machine_formats_are_chosen_together_or_not() -> None:
    choice = choose([catch_all(), catch_all(form="json"), own(502, 1.0, "json")], Limits(rules=9, assets=9), {502: 1.0})

    assert choice == Choice(frozenset({"500xx.html"}), {"": ()})


def test_rules_that_assets_do_not_allow_go_to_the_machine_formats() -> None:
    candidates = [*ALL_5XX, own(502, 9.0), own(504, 9.0), own(502, 9.0, "json"), own(504, 9.0, "markdown")]

    assert chosen(candidates, 9, 2, {502: 9.0, 504: 9.0}) == {
        *(one.page for one in ALL_5XX),
        "502.json",
        "504.markdown",
    }


def test_pages_in_the_rules_need_no_asset() -> None:
    members = [own(code, 1.0 + code, asset=False) for code in range(520, 525)]
    candidates = [catch_all(asset=False), *members, own(502, 9999.0)]
    weights = {502: 9999.0, **{code: 1.0 + code for code in range(520, 525)}}

    assert chosen(candidates, 3, 0, weights) == {"500xx.html", "524.html", "523.html"}
    assert chosen(candidates, 3, 2, weights) == {"500xx.html", "502.html", "524.html"}


def test_a_family_that_needs_an_asset_gives_way_to_pages_that_need_none() -> None:
    codes = range(520, 523)
    members = [own(code, 1.0, asset=False) for code in codes]
    candidates = [catch_all(asset=False), *members, family("origin", ((520, 522),))]
    weights = dict.fromkeys(codes, 1.0)

    assert chosen(candidates, 2, 2, weights) == {"500xx.html", "origin.html"}
    assert chosen(candidates, 2, 1, weights) == {"500xx.html", "520.html"}


def test_nothing_is_chosen_where_nothing_is_allowed() -> None:
    assert choose([*ALL_5XX, own(502, 1.0)], Limits(rules=0, assets=0), {502: 1.0}) == Choice(frozenset(), {"": ()})


def worth(picked: set[str], candidates: list[Candidate], weights: Mapping[int, float], form: Format) -> float:
    """What clients of one format get out of a choice, by brute force."""
    total = 0.0
    for code, weight in weights.items():
        serving = [one for one in candidates if one.page in picked and one.format == form and contains(one.codes, code)]
        total += weight * SHARE[form] * max((WORTH[one.tier] for one in serving), default=0)
    return total


@pytest.mark.parametrize("assets", [2, 4, 8, 40])
@settings(deadline=None)
@given(
    weights=st.dictionaries(st.integers(520, 526), st.integers(1, 30).map(float), min_size=1, max_size=6),
    rules=st.integers(3, 7),
    inline=st.sets(st.sampled_from(["520", "521", "522", "523", "524", "525", "526", "f0", "f1", "500xx"])),
)
def test_no_other_choice_is_worth_more(assets: int, weights: dict[int, float], rules: int, inline: set[str]) -> None:
    forms: tuple[Format, ...] = ("html", "json", "markdown")
    wide = [catch_all(asset="500xx" not in inline), *ALL_5XX[1:]]
    candidates = list(wide)
    for code, weight in weights.items():
        candidates += [own(code, weight, "html", asset=str(code) not in inline), own(code, weight, "json")]
    families: list[Codes] = [((520, 522),), ((523, 526),)]
    for index, codes in enumerate(families):
        named = [code for code in weights if contains(codes, code)]
        spans = tuple((code, code) for code in sorted(named))
        if spans:
            candidates.append(family(f"f{index}", spans, 1.0, "html", asset=f"f{index}" not in inline))
    optional = [one for one in candidates if one.tier != "catch-all"]

    picked = chosen(candidates, rules, assets, weights)

    def total(pages: set[str]) -> float:
        return sum(worth(pages, candidates, weights, form) for form in forms)

    best = 0.0
    for count in range(min(rules - 3, len(optional)) + 1):
        for more in combinations(optional, count):
            if wide[0].asset + sum(one.asset for one in more) <= assets // 2:
                best = max(best, total({*(one.page for one in wide), *(one.page for one in more)}))
    assert len(picked) <= rules
    assert sum(one.asset for one in candidates if one.page in picked) <= assets // 2
    assert total(picked) == pytest.approx(best)


def test_the_order_of_candidates_does_not_matter() -> None:
    candidates = [*ALL_5XX, *(own(code, 1.0) for code in range(520, 527)), family("origin", ((520, 524),))]
    weights = dict.fromkeys(range(520, 527), 1.0)

    limits = Limits(rules=6, assets=12)

    assert choose(candidates, limits, weights) == choose(candidates[::-1], limits, weights)


def in_german(candidate: Candidate) -> Candidate:
    return replace(candidate, page=f"de/{candidate.page}", language="de")


def total_of(picked: set[str], candidates: list[Candidate], weights: Mapping[int, float], de: int) -> float:
    """What a choice is worth to English clients and to ``de`` German ones for each of those, by brute force."""
    total = 0.0
    for form in FORMS:
        total += worth(picked, [one for one in candidates if one.language == "en"], weights, form)
        german = [one for one in candidates if one.language == "de" and one.page in picked and one.format == form]
        for code, weight in weights.items():
            serving = [WORTH[one.tier] for one in german if contains(one.codes, code)]
            total += de * weight * SHARE[form] * max(serving, default=OTHER_LANGUAGE)
        for one in german:
            if one.tier == "catch-all":  # it also stands for errors that nobody named
                total += de * one.weight * SHARE[form] * (WORTH["catch-all"] - OTHER_LANGUAGE)
    return total


FORMS: tuple[Format, ...] = ("html", "json", "markdown")


@settings(deadline=None, max_examples=60)
@given(
    weights=st.dictionaries(st.integers(520, 524), st.integers(1, 30).map(float), min_size=1, max_size=3),
    rules=st.integers(3, 9),
    assets=st.sampled_from([2, 4, 6, 40]),
    de=st.integers(1, 3),
    rest=st.sampled_from([0.01, 1.0, 20.0]),
)
def test_no_other_choice_of_languages_is_worth_more(
    weights: dict[int, float], rules: int, assets: int, de: int, rest: float
) -> None:
    english = [replace(one, weight=rest, language="en") for one in ALL_5XX]
    for code, weight in weights.items():
        english += [replace(own(code, weight, form), language="en") for form in ("html", "json")]
    german = [in_german(one) for one in english if one.page != "520.json"]
    candidates = [*english, *german]

    choice = choose(candidates, Limits(rules=rules, assets=assets), weights, {"en": 1, "de": de})

    assert len(choice.pages) <= rules
    assert sum(one.asset for one in candidates if one.page in choice.pages) <= assets // 2
    optional = [one for one in candidates if one.tier != "catch-all" or one.language == "de"]
    machine = {one.page for one in german if one.format != "html"}
    both = {one.page for one in german if one.format != "html" and one.tier == "catch-all"}
    wide = {one.page for one in english if one.tier == "catch-all"}
    best = 0.0
    for count in range(min(rules - 3, len(optional)) + 1):
        for more in combinations(optional, count):
            pages = {*wide, *(one.page for one in more)}
            few = 1 + sum(one.asset for one in more) <= assets // 2
            if few and (not pages & machine or pages >= both):
                best = max(best, total_of(pages, candidates, weights, de))
    assert total_of(set(choice.pages), candidates, weights, de) == pytest.approx(best)
    served = {"en": ((500, 599),), **({"de": ((500, 599),)} if both <= choice.pages else {})}
    assert choice.machine_served == served


def test_a_scope_gets_a_format_for_codes_that_are_left_to_cloudflare() -> None:
    wide: Codes = ((1000, 1999),)
    html = catch_all(wide)
    json = replace(catch_all(wide, "json"), accepted=())
    page = replace(own(1015, 5.0, "json"), accepted=())
    candidates = [html, json, page, replace(own(502, 9.0, "json"), accepted=())]

    choice = choose(candidates, Limits(rules=9, assets=9), {1015: 5.0, 502: 9.0})

    assert choice == Choice(frozenset({html.page, json.page, page.page}), {"": ()})
