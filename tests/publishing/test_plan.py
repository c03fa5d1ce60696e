from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges._remote import Change, EdgePlan, Limit
from site_builder.errors import InvalidInput, PlanRefused
from site_builder.hosts import Stored
from site_builder.model import Finding
from site_builder.publishing.plan import Foreign, Plan, Versions, make_plan, page_changes
from site_builder.publishing.plan_text import plan_lines
from site_builder.publishing.survey import Survey
from site_builder.publishing.target import Target

from .memory_host import MemoryHost
from .world import build

ONE = build("1")
ITEMS = Target(ONE.manifest, b"", ONE.read, MemoryHost(by_content=True), ()).items()
HOST, ZONE = "directory /srv/errors", "cloudflare zone x"

text = st.text(max_size=8)
maybe = st.none() | text
changes = st.builds(
    Change, st.sampled_from(["create", "update", "delete"]), text, text, text, text, maybe, maybe, st.booleans()
)
plans = st.builds(
    Plan,
    text,
    text,
    st.lists(st.builds(Versions, text, text), max_size=2).map(tuple),
    st.lists(changes, max_size=3).map(tuple),
    st.lists(st.builds(Limit, text, text, st.integers(0), st.integers(0), st.integers(0)), max_size=2).map(tuple),
    st.lists(st.builds(Foreign, text, text), max_size=2).map(tuple),
    st.lists(
        st.builds(Finding, text, st.sampled_from(["error", "warning", "info"]), text, maybe, maybe), max_size=2
    ).map(tuple),
    st.none() | st.booleans(),
    st.lists(text, max_size=2).map(tuple),
    unsafe=st.lists(st.builds(Finding, text, st.just("error"), text, maybe, maybe), max_size=2).map(tuple),
)


@given(plans)
def test_a_saved_plan_is_the_same_plan(plan: Plan) -> None:
    read = Plan.from_json(json.loads(json.dumps(plan.to_json())), "plan.json")
    assert read == plan
    assert read.checksum == plan.checksum


@given(plans, plans)
def test_equal_checksums_are_equal_plans(one: Plan, other: Plan) -> None:
    assert (one.checksum == other.checksum) == (one == other)


def a_plan(**changed: Any) -> Plan:
    found = (Finding("id", "warning", "mind this", where=ZONE, hint="do that"),)
    edge = EdgePlan(
        ZONE,
        "4",
        (
            Change("create", "asset", ZONE, "errgen_default_en_404_1a2b3c4d", "missing", after="pages/x"),
            Change(
                "update", "rule", ZONE, "errgen_default_html_404", "differs", '{"a": 1, "b": 2}', '{"a": 3, "c": 2}'
            ),
            Change("update", "rule", ZONE, "order", "order differs", "a b", "b a"),
            Change("delete", "rule", ZONE, "errgen_default_html_410", "stale", before="{}"),
        ),
        (Limit(ZONE, "rules", 7, 7, 25), Limit(ZONE, "assets", 5, 6, 25)),
        ("rule shop: by hand",),
        found,
    )
    pages = page_changes(ITEMS, {file.path: file.path for file in ONE.manifest.files}, {}, HOST)[:2]
    plan = make_plan(ONE.manifest, HOST, pages, None, [edge])
    return dataclasses.replace(plan, **changed)


def test_the_text_of_a_plan() -> None:
    plan = a_plan()
    assert list(plan_lines(plan)) == [
        f"site default, release {ONE.manifest.release[:12]}",
        f"{HOST}:",
        "  + page pages/cloudflare/en/1015.html (missing)",
        "  + page pages/cloudflare/en/1015.json (missing)",
        "  + release default (not current)",
        f"{ZONE}:",
        "  + asset errgen_default_en_404_1a2b3c4d (missing)",
        "  ~ rule errgen_default_html_404 (differs)",
        "      a: 1",
        "       → 3",
        "      b: 2",
        "       → (not set)",
        "      c: (not set)",
        "       → 2",
        "  ~ rule order (order differs)",
        "      a b -> b a",
        "  - rule errgen_default_html_410 (stale)",
        f"left alone at {ZONE}: rule shop: by hand",
        f"{ZONE}: 7 of 25 rules",
        f"{ZONE}: 5 of 25 assets (6 for a moment)",
        f"warning: {ZONE}: mind this",
        "hint: do that",
        "4 to create, 2 to change, 1 to delete",
        f"checksum {plan.checksum}",
    ]


def test_what_somebody_changed_comes_first() -> None:
    by_hand = Change(
        "update", "rule", ZONE, "errgen_default_html_404", "edited by hand", '{"a": 1}', '{"a": 2}', drift=True
    )
    altered = Finding("cloudflare-asset-altered", "warning", "the asset x was changed by hand", where=ZONE, hint="so")
    plan = a_plan(changes=(a_plan().changes[0], by_hand), foreign=(), limits=(), findings=(altered,))
    head = [
        "changed by hand since errgen wrote it:",
        f"{ZONE}:",
        "  ~ rule errgen_default_html_404 (edited by hand)",
        "      a: 1",
        "       → 2",
        f"warning: {ZONE}: the asset x was changed by hand",
        "hint: so",
    ]
    assert list(plan_lines(plan))[1:] == [
        *head,
        "from what is built now:",
        f"{HOST}:",
        "  + page pages/cloudflare/en/1015.html (missing)",
        "1 to create, 1 to change, 0 to delete",
        f"checksum {plan.checksum}",
    ]
    assert [one["drift"] for one in plan.to_json()["changes"]] == [False, True]
    alone = dataclasses.replace(plan, changes=(by_hand,))
    assert list(plan_lines(alone))[1:-2] == head


def test_what_others_wrote_is_never_a_line_of_its_own() -> None:
    foreign = (Foreign(ZONE, "rule shop: by\nhand\r::stop-commands::x \x1b[2J\u2028"),)
    lines = list(plan_lines(a_plan(changes=(), foreign=foreign, limits=(), findings=())))
    assert lines[1] == rf"left alone at {ZONE}: rule shop: by\nhand\r::stop-commands::x \x1b[2J\u2028"


def test_many_pages_are_counted() -> None:
    pages = tuple(Change("create", "page", HOST, f"{number}", "missing") for number in range(21))
    other = Change("update", "page", HOST, "x", "bytes differ")
    lines = list(plan_lines(a_plan(changes=(*pages, other), foreign=(), limits=(), findings=())))
    assert lines[1:4] == [f"{HOST}:", "  + 21 pages (missing)", "  ~ 1 pages (bytes differ)"]


def test_an_empty_plan() -> None:
    assert list(plan_lines(a_plan(changes=(), foreign=(), limits=(), findings=())))[1:] == ["nothing to do"]


def test_pages_by_what_the_host_has() -> None:
    files = ONE.manifest.files[:5]
    places = {file.path: file.path for file in ONE.manifest.files}
    there = {
        files[0].path: Stored(files[0].path, files[0].bytes),
        files[1].path: Stored(files[1].path, files[1].bytes + 1),
        files[2].path: Stored(files[2].path, files[2].bytes, digest="0" * 64),
        files[3].path: Stored(files[3].path, files[3].bytes, digest=files[3].sha256, media_type="text/plain"),
        files[4].path: Stored(files[4].path, files[4].bytes, files[4].sha256, None, files[4].media_type),
    }
    found = page_changes(ITEMS, places, there, HOST)
    assert [(change.action, change.name, change.reason) for change in found[:3]] == [
        ("update", files[1].path, "bytes differ"),
        ("update", files[2].path, "bytes differ"),
        ("update", files[3].path, "headers differ"),
    ]
    assert {change.reason for change in found[3:]} == {"missing"}
    assert len(found) == len(ONE.manifest.files) - 2


SAVED = json.loads(json.dumps(a_plan().to_json()))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ([], "is not a plan that errgen wrote"),
        ({}, "is not a plan that errgen wrote"),
        ({"errgen_plan": 2}, "is a plan of version 2, and this errgen reads 1"),
        ({**SAVED, "site": 1}, "is not a plan that errgen wrote"),
        ({**SAVED, "changes": {}}, "is not a plan that errgen wrote"),
        ({**SAVED, "limits": [{}]}, "is not a plan that errgen wrote"),
        ({**SAVED, "maintenance": "yes"}, "is not a plan that errgen wrote"),
        ({**SAVED, "announced": "zone"}, "is not a plan that errgen wrote"),
        ({**SAVED, "maintenance": True}, "does not have the checksum that it says it has"),
        ({**SAVED, "foreign": []}, "does not have the checksum that it says it has"),
    ],
)
def test_what_is_not_a_plan(data: Any, problem: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Plan.from_json(data, "plan.json")
    assert str(caught.value) == f"plan.json: {problem}"


def test_a_reviewed_plan_is_required_exactly() -> None:
    found = Survey(a_plan(), ())
    assert found.require(a_plan(), "plan.json")
    cases = [
        (a_plan(changes=a_plan().changes[1:]), "1 changes differ: pages/cloudflare/en/1015.html"),
        (a_plan(based_on=(Versions(ZONE, "3"),)), f"somebody has written to {ZONE} since"),
        (a_plan(findings=()), "limits, findings or foreign things differ"),
    ]
    for reviewed, why in cases:
        with pytest.raises(PlanRefused) as caught:
            found.require(reviewed, "plan.json")
        assert str(caught.value) == f"plan.json: is not what publishing would do now: {why}"


def test_a_reviewed_plan_may_be_applied_already() -> None:
    now = Survey(a_plan(changes=(), based_on=(Versions(ZONE, "5"),), findings=(), limits=()), ())
    assert not now.require(a_plan(), "plan.json")
    for other in (a_plan(release="f" * 64), a_plan(announced=(ZONE,)), a_plan(based_on=())):
        with pytest.raises(PlanRefused):
            now.require(other, "plan.json")


def test_a_plan_knows_where_planned_work_is_announced() -> None:
    edges = [
        EdgePlan(ZONE, "4", (), (), (), (), announced=True),
        EdgePlan("cloudflare zone y", "1", (), (), (), ()),
    ]
    plan = make_plan(ONE.manifest, HOST, [], None, edges, maintenance=True)
    assert (plan.maintenance, plan.announced) == (True, (ZONE,))
