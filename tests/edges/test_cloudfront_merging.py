"""Our error responses among others': theirs stay, ours become what is wanted, and all of it can be undone."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.edges._remote import Change
from site_builder.edges.cloudfront.configuration import ErrorResponse
from site_builder.edges.cloudfront.merging import is_ours, merge, put_back, response_changes
from site_builder.edges.cloudfront.options import BINDABLE

PREFIX = "/errors/o/"
Responses = list[ErrorResponse]

codes = st.sampled_from(BINDABLE)
ours = st.builds(
    lambda code, page, seconds: ErrorResponse(
        code, f"{PREFIX}static-en-{page}-0123abcd.html", str(code), seconds, b"<ours/>"
    ),
    codes,
    st.sampled_from("abc"),
    st.integers(0, 3),
)
theirs = st.builds(
    ErrorResponse,
    codes,
    st.sampled_from(["/404.html", "/errors/o/404.html", "/x/errors/o/static-en-a-0123abcd.html"]),
    st.just("200"),
    st.none(),
    st.just(b"t"),
)
only_seconds = st.builds(ErrorResponse, codes, st.just(""), st.just(""), st.integers(0, 3), st.just(b"<ttl/>"))


def lists(elements: st.SearchStrategy[ErrorResponse]) -> st.SearchStrategy[Responses]:
    return st.lists(elements, unique_by=lambda one: one.code, max_size=11)


live_lists, wanted_lists = lists(ours | theirs | only_seconds), lists(ours)


def others(responses: Responses) -> Responses:
    return [one for one in responses if not is_ours(one, PREFIX)]


@settings(max_examples=60)
@given(live=live_lists, wanted=wanted_lists)
def test_others_stay_and_ours_are_what_is_wanted(live: Responses, wanted: Responses) -> None:
    merged = merge(live, wanted, PREFIX)

    assert others(merged) == others(live)
    taken = {one.code for one in others(live)}
    assert {one.code: one for one in merged if is_ours(one, PREFIX)} == {
        one.code: one for one in wanted if one.code not in taken
    }
    assert len({one.code for one in merged}) == len(merged)
    assert merge(merged, wanted, PREFIX) == merged
    assert response_changes(merged, merge(merged, wanted, PREFIX), "x") == []


@settings(max_examples=60)
@given(live=live_lists, wanted=wanted_lists, replaced=st.sets(codes))
def test_only_what_may_be_replaced_is(live: Responses, wanted: Responses, replaced: set[int]) -> None:
    merged = merge(live, wanted, PREFIX, replaced)

    lost = [one for one in others(live) if one not in merged]
    assert {one.code for one in lost} <= replaced & {one.code for one in wanted}
    assert merge(merged, wanted, PREFIX, replaced) == merged


@settings(max_examples=60)
@given(live=live_lists, wanted=wanted_lists, replaced=st.sets(codes))
def test_what_was_there_can_be_put_back(live: Responses, wanted: Responses, replaced: set[int]) -> None:
    merged = merge(live, wanted, PREFIX, replaced)

    def by_code(responses: Responses) -> Responses:
        return sorted(responses, key=lambda one: one.code)

    assert by_code(put_back(merged, live, PREFIX)) == by_code(live)
    assert by_code(put_back(live, live, PREFIX)) == by_code(live)


@settings(max_examples=60)
@given(before=live_lists, now=live_lists)
def test_what_others_wrote_since_is_not_undone(before: Responses, now: Responses) -> None:
    back = put_back(now, before, PREFIX)

    assert [one for one in back if one in others(now)] == others(now)
    assert {one.code for one in others(back)} - {one.code for one in others(now)} <= {
        one.code for one in now if is_ours(one, PREFIX)
    }


def test_one_that_is_as_wanted_is_kept_in_its_own_bytes() -> None:
    live = [ErrorResponse(404, "/errors/o/static-en-a-0123abcd.html", "404", 10, b"<as-it-came/>")]
    wanted = [ErrorResponse(404, "/errors/o/static-en-a-0123abcd.html", "404", 10, b"<new/>")]

    assert [one.xml for one in merge(live, wanted, PREFIX)] == [b"<as-it-came/>"]


def test_changes_are_told_code_by_code() -> None:
    live = [
        ErrorResponse(500, "/errors/o/static-en-a-0123abcd.html", "500", 10, b""),
        ErrorResponse(404, "/errors/o/static-en-a-0123abcd.html", "404", 10, b""),
        ErrorResponse(405, "", "", 0, b""),
    ]
    wanted = [
        ErrorResponse(404, "/errors/o/static-en-b-0123abcd.html", "404", 10, b""),
        ErrorResponse(400, "/errors/o/static-en-a-0123abcd.html", "400", 5, b""),
    ]

    def told(code: str, page: str, seconds: int) -> str:
        fields = {
            "ErrorCachingMinTTL": seconds,
            "ResponseCode": code,
            "ResponsePagePath": f"/errors/o/static-en-{page}-0123abcd.html",
        }
        return json.dumps(fields)

    assert response_changes(live, merge(live, wanted, PREFIX), "x") == [
        Change("create", "rule", "x", "error response 400", "missing", None, told("400", "a", 5)),
        Change("update", "rule", "x", "error response 404", "differs", told("404", "a", 10), told("404", "b", 10)),
        Change("delete", "rule", "x", "error response 500", "stale", told("500", "a", 10), None),
    ]


def test_another_status_for_the_same_page_is_somebody_elses() -> None:
    live = [
        ErrorResponse(404, "/errors/o/static-en-a-0123abcd.html", "200", 10, b""),
        ErrorResponse(500, "/errors/o/static-en-c-0123abcd.html", "500", 10, b""),
    ]
    wanted = [
        ErrorResponse(404, "/errors/o/static-en-a-0123abcd.html", "404", 10, b""),
        ErrorResponse(500, "/errors/o/static-en-c-0123abcd.html", "500", 30, b""),  # caching_seconds may be new
    ]
    found = response_changes(live, merge(live, wanted, PREFIX), "x")
    assert [(one.name, one.reason, one.drift) for one in found] == [
        ("error response 404", "edited by hand", True),
        ("error response 500", "differs", False),
    ]
