from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges._remote import Change, EdgePlan, Live
from site_builder.errors import UnsafePlan
from site_builder.model import Finding
from site_builder.publishing import survey
from site_builder.publishing.plan import Plan
from site_builder.publishing.plan_markdown import plan_markdown
from site_builder.publishing.plan_text import plan_lines
from site_builder.publishing.safety import WITHOUT_CLASH, WITHOUT_LOSS, Published, dangers, require_safe

from .world import ENTRIES, ZONE, World, build

TARGET, HOST = "cloudflare zone x", "directory /srv/errors"


def an_edge(live: int, deleted: int = 0, created: int = 0, *, room: int = 300, **options: Any) -> EdgePlan:
    """An edge with rules of ours, some of which go, and others come."""
    changes = [Change("create", "rule", TARGET, f"new {number}", "missing") for number in range(created)]
    changes += [Change("delete", "rule", TARGET, f"old {number}", "stale") for number in range(deleted)]
    return EdgePlan(TARGET, "1", tuple(changes), (), (), (), live=Live(live, room, **options))


def ids(published: Published, wanted: list[str], *edges: EdgePlan) -> list[str]:
    return [one.id for one in dangers(published, wanted, edges)]


@pytest.mark.parametrize(
    ("edge", "is_unsafe"),
    [
        (an_edge(0, 0, 25), False),
        (an_edge(10, 3), False),
        (an_edge(10, 4), True),
        (an_edge(9, 8), False),
        (an_edge(9, 9), True),
        (an_edge(1, 1), True),
        (an_edge(1, 1, 1), False),
        (an_edge(25, 25, 25), False),
        (an_edge(25, 25, 17), True),
        (an_edge(25, 15, room=10), False),
        (an_edge(25, 25, room=0), False),
        (an_edge(25, 19, room=10), True),
        (an_edge(25, 25, room=10), True),
    ],
)
def test_rules_that_nothing_stands_for(edge: EdgePlan, is_unsafe: bool) -> None:
    assert ids(Published(HOST), [], edge) == (["unsafe-rules"] if is_unsafe else [])


def test_planned_work_has_few_rules_for_many_codes() -> None:
    for maintenance in (True, False):
        assert dangers(Published(HOST), [], [an_edge(25, 20, 1)], maintenance) == ()


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_rules_are_lost_only_by_deletion_and_only_where_there_is_room(
    live: int, deleted: int, created: int, room: int
) -> None:
    deleted = min(deleted, live)
    stay = live - deleted + created
    found = ids(Published(HOST), [], an_edge(live, deleted, created, room=room))
    if found:
        assert deleted > created
        assert stay < room
        assert stay == 0 or min(live, room) >= 10
    elif deleted and room >= live:
        assert stay >= 0.7 * live or (live < 10 and stay > 0)


def pages(*languages: str, codes: int = 20) -> dict[str, str]:
    return {f"pages/static/{language}/{400 + code}.html": f"{code:064x}" for language in languages
            for code in range(codes)}  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ({}, pages("en"), None),
        (pages("en"), pages("en", "de"), None),
        (pages("en"), pages("en", codes=14), None),
        (pages("en"), {path.replace("static", "cloudflare"): "" for path in pages("en")}, None),
        (pages("en", codes=9), pages("en", codes=1), None),
        (
            pages("en"),
            pages("en", codes=13),
            "7 of the 20 pages of the current release would be gone: en/413.html, en/414.html, en/415.html, …",
        ),
        (
            pages("en", codes=2),
            {},
            "2 of the 2 pages of the current release would be gone: all 2 in en",
        ),
        (
            pages("en", "de", "fr"),
            pages("fr"),
            "40 of the 60 pages of the current release would be gone: all 20 in de, all 20 in en",
        ),
        (
            pages("en", "de", "fr", "it"),
            pages("en", "fr", "it"),
            "20 of the 20 pages in de would be gone: de/400.html, de/401.html, de/402.html, …",
        ),
    ],
)
def test_pages_that_nothing_stands_for(before: dict[str, str], after: dict[str, str], message: str | None) -> None:
    found = dangers(Published(HOST, before), after, [])
    assert [(one.where, one.message, one.hint) for one in found] == ([(HOST, message, WITHOUT_LOSS)] if message else [])


def test_files_that_are_no_pages_do_not_count() -> None:
    assert ids(Published(HOST, {f"netlify/{number}": "" for number in range(20)}), []) == []


OURS, THEIRS = "https://errors.example.com/o/static-en-404-00000000.html", "https://other.example/o/x-11111111.html"


@pytest.mark.parametrize(
    ("published", "live", "is_unsafe"),
    [
        (Published(HOST, is_new=True), Live(0, 25), False),
        (Published(HOST, is_new=True), Live(5, 25), True),
        (Published(HOST), Live(5, 25), False),
        (Published(HOST, home="https://errors.example.com/"), Live(5, 25, ((OURS, "00000000"),)), False),
        (Published(HOST, home="https://errors.example.com/"), Live(5, 25, ((THEIRS, "11111111"),)), True),
        (
            Published(HOST, home="https://errors.example.com/"),
            Live(5, 25, ((THEIRS, "11111111"), (OURS, "00000000"))),
            False,
        ),
        (Published(HOST, {"pages/x": "1" * 64}, "https://moved.example/"), Live(5, 25, ((THEIRS, "11111111"),)), False),
        (Published(HOST, {"pages/x": "2" * 64}, "https://moved.example/"), Live(5, 25, ((THEIRS, "11111111"),)), True),
        (Published(HOST), Live(0, 25, ((THEIRS, "11111111"),)), True),
    ],
)
def test_what_another_project_has_put_there(published: Published, live: Live, is_unsafe: bool) -> None:
    edge = dataclasses.replace(an_edge(5, 0, 1), live=live)
    assert ids(published, [], edge) == (["unsafe-clash"] if is_unsafe else [])
    assert ids(published, [], dataclasses.replace(edge, changes=())) == [], "an edge that stays as it is"


def a_plan(*unsafe: Finding) -> Plan:
    return Plan("default", "f" * 64, (), (), (), (), (), unsafe=unsafe)


LOSS = Finding("unsafe-rules", "error", "4 of the 10 rules would be gone: `x`", TARGET, WITHOUT_LOSS)
CLASH = Finding("unsafe-clash", "error", "has 5 rules under this site's name", TARGET, WITHOUT_CLASH)


def test_a_plan_that_is_unsafe_is_for_those_who_insist() -> None:
    require_safe(a_plan(), forced=False)
    require_safe(a_plan(LOSS), forced=True)
    with pytest.raises(UnsafePlan) as caught:
        require_safe(a_plan(LOSS, CLASH, LOSS), forced=False)
    assert caught.value.exit_code == 5
    assert caught.value.each() == [(TARGET, LOSS.message), (TARGET, CLASH.message), (TARGET, LOSS.message)]
    assert str(caught.value).splitlines() == [
        f"{TARGET}: {LOSS.message}",
        f"{TARGET}: {CLASH.message}",
        f"{TARGET}: {LOSS.message}",
    ]
    assert caught.value.hint == f"{WITHOUT_LOSS}; {WITHOUT_CLASH}"


def test_it_comes_first_in_every_form() -> None:
    plan = a_plan(LOSS)
    assert list(plan_lines(plan))[:4] == [
        "site default, release ffffffffffff",
        "UNSAFE, and refused without --force:",
        f"error: {TARGET}: {LOSS.message}",
        f"hint: {WITHOUT_LOSS}",
    ]
    assert plan_markdown(plan).splitlines()[2:5] == [
        "> [!CAUTION]",
        r"> UNSAFE, and refused without --force:",
        rf"> - **error**: `{TARGET}`: 4 of the 10 rules would be gone: \`x\` ({WITHOUT_LOSS})",
    ]
    assert plan.to_json()["unsafe"] == (dataclasses.asdict(LOSS),)
    assert plan.checksum != a_plan().checksum


def found(world: World, *arguments: Any, **options: Any) -> list[str]:
    """The reasons against publishing a site."""
    target, surveyed = world.survey(*arguments, **options)
    target.close()
    return [one.id for one in surveyed.plan.unsafe]


def test_what_was_lost_is_found_at_host_and_edge(make_worlds: Callable[..., World]) -> None:
    world = make_worlds()
    assert found(world, build("1")) == []
    world.publish(build("1"))
    assert found(world, build("2")) == []
    assert found(world, build("2", ENTRIES[:3])) == []
    assert found(world, build("2", ENTRIES[:1])) == ["unsafe-pages", "unsafe-rules"]
    assert found(world, build("1", site="another")) == []
    world.publish(build("2", ENTRIES[:1]))
    assert found(world, build("3")) == [], "what is published all the same is no longer in question"


def test_the_removal_of_everything_is_asked_for(make_worlds: Callable[..., World]) -> None:
    world = make_worlds()
    world.publish(build("1"))
    with closing(world.target(build("1"), removal="release")) as target:
        plan = survey(target).plan
    assert (plan.is_empty, plan.unsafe) == (False, ())


def test_two_projects_of_one_name_in_one_zone(make_worlds: Callable[..., World]) -> None:
    world = make_worlds()
    world.publish(build("1"))
    other = {"kind": "directory", "path": str(world.folder / "other"), "public_url": "http://127.0.0.1:9/other"}
    (world.folder / "other").mkdir()
    assert found(world, build("1"), other) == [], "pages that are the same change nothing at the zone"
    target, surveyed = world.survey(build("2"), other)
    target.close()
    (clash,) = surveyed.plan.unsafe
    assert (clash.id, clash.where) == ("unsafe-clash", f"cloudflare zone {ZONE}")
    assert f"pages that it serves under this site's name is of directory {world.folder / 'other'}" in clash.message
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "pro", "delivery": "inline"}]
    world.publish(build("1"))
    assert found(world, build("2"), other) == ["unsafe-clash"]
    assert found(world, build("2")) == []
