"""A plan for many zones says equal things once, and loses nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges._remote import Change, Limit
from site_builder.model import Finding
from site_builder.publishing.folding import briefly, folded, together
from site_builder.publishing.plan import Foreign, Plan, Versions
from site_builder.publishing.plan_markdown import plan_markdown
from site_builder.publishing.plan_text import plan_lines

HOST = "directory public"
ZONES = [f"cloudflare zone {letter * 4}" for letter in "abcde"]


def rule(target: str, name: str = "errgen_default_html_404", reason: str = "missing") -> Change:
    return Change("create", "rule", target, name, reason)


def plan(
    zones: list[str], *changes: Change, limits: tuple[Limit, ...] = (), findings: tuple[Finding, ...] = ()
) -> Plan:
    based_on = tuple(Versions(zone, str(number)) for number, zone in enumerate(zones))
    return Plan("default", "1" * 64, based_on, changes, limits, (), findings)


@pytest.mark.parametrize(
    ("targets", "name"),
    [
        (ZONES[:1], "cloudflare zone aaaa"),
        (ZONES[:3], "cloudflare zone aaaa, zone bbbb, zone cccc"),
        (ZONES[:4], "cloudflare zone aaaa and 3 like it"),
    ],
)
def test_several_edges_have_one_name(targets: list[str], name: str) -> None:
    assert together(targets) == name


def test_rules_that_are_only_switched_are_one_change() -> None:
    on, off_now = '{"enabled": true}', '{"enabled": false}'
    off = [
        replace(rule(zone, name, "switched off"), action="update", before=on, after=off_now)
        for zone in ZONES[:2]
        for name in ("a", "b")
    ]
    edited = replace(off[0], name="c", reason="edited by hand")
    one = plan(ZONES[:2], *off, replace(edited, target=ZONES[0]), replace(edited, target=ZONES[1]))
    lines = ["cloudflare zone aaaa, zone bbbb:", "  ~ 2 rules (switched off)", "  ~ rule c (edited by hand)"]
    assert list(plan_lines(one, briefly(one)))[1:4] == lines
    assert list(plan_lines(one, briefly(one)))[-2:] == [
        "0 to create, 6 to change, 0 to delete",
        f"checksum {one.checksum}",
    ]
    assert "| `~` | 2 `rules` | `cloudflare zone aaaa, zone bbbb` | switched off |" in plan_markdown(one, briefly(one))


def test_equal_changes_limits_and_findings_are_said_once() -> None:
    page, release = (
        Change("create", "page", HOST, "404.html", "missing"),
        Change("update", "release", HOST, "default", "not current"),
    )
    other = (rule(ZONES[2]), rule(ZONES[2], "errgen_default_html_500"))
    warnings = tuple(Finding("x", "warning", "is odd", zone, "look") for zone in ZONES[:3])
    one = plan(
        ZONES[:3], page, rule(ZONES[0]), rule(ZONES[1]), *other, release,
        limits=tuple(Limit(zone, "rules", 1 + (zone in ZONES[2:]), 2, 25) for zone in ZONES[:3]), findings=warnings,
    )  # fmt: skip
    assert list(plan_lines(one)) == [
        "site default, release 111111111111",
        f"{HOST}:",
        "  + page 404.html (missing)",
        "  ~ release default (not current)",
        "cloudflare zone aaaa, zone bbbb:",
        "  + rule errgen_default_html_404 (missing)",
        "cloudflare zone cccc:",
        "  + rule errgen_default_html_404 (missing)",
        "  + rule errgen_default_html_500 (missing)",
        "cloudflare zone aaaa, zone bbbb: 1 of 25 rules (2 for a moment)",
        "cloudflare zone cccc: 2 of 25 rules",
        "warning: cloudflare zone aaaa, zone bbbb, zone cccc: is odd",
        "hint: look",
        "5 to create, 1 to change, 0 to delete",
        f"checksum {one.checksum}",
    ]
    assert plan_markdown(one).count("| `cloudflare zone aaaa, zone bbbb` |") == 1


def test_edges_of_other_kinds_are_not_alike() -> None:
    targets = ["cloudflare zone aaaa", "cloudfront distribution E1"]
    one = plan(targets, *map(rule, targets))
    assert folded(one) == one


CHANGES = st.lists(
    st.builds(
        rule, st.sampled_from([*ZONES, HOST]), st.sampled_from("xyz"), st.sampled_from(["missing", "differs"])
    ),
    max_size=12, unique=True,
)  # fmt: skip


@given(CHANGES)
def test_nothing_is_lost(changes: list[Change]) -> None:
    one = plan(ZONES, *sorted(changes, key=lambda change: change.target))
    shown = folded(one)
    for target in (*ZONES, HOST):
        own = tuple(replace(change, target="") for change in one.of(target))
        said = {name: tuple(replace(change, target="") for change in shown.of(name)) for name in _targets(shown)}
        assert not own or own in said.values()
    assert len({shown.of(name) for name in _targets(shown)}) == len(_targets(shown))
    assert len(_targets(shown)) <= len(_targets(one))


@given(CHANGES)
def test_a_plan_for_one_edge_is_as_it_was(changes: list[Change]) -> None:
    found = (Finding("x", "info", "said", None), Finding("y", "info", "said", ZONES[0]))
    one = replace(
        plan(ZONES[:1], *(replace(change, target=ZONES[0]) for change in changes), findings=found),
        foreign=(Foreign(ZONES[0], "rule theirs"),),
    )
    assert folded(one) == one


def _targets(one: Plan) -> list[str]:
    return list(dict.fromkeys(change.target for change in one.changes))
