"""Our rules among others': an algebra, so it is tested as one."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges.cloudflare.merging import announcing, is_ours, merge, rule_changes
from site_builder.edges.cloudflare.rules import rule_digest

JSON = dict[str, Any]
OURS = [f"errgen_default_{letter}" for letter in "abcdef"]
FOREIGN = ["shop", "errgen_default2_a", "errgen_other_a", "xerrgen_default_a", "errgen_defaul_t"]

theirs = st.fixed_dictionaries(
    {"expression": st.text(max_size=3), "action": st.just("block")},
    optional={"ref": st.sampled_from(FOREIGN), "unknown": st.integers(), "enabled": st.booleans()},
)
own_refs = st.lists(st.sampled_from(OURS), unique=True)


def of_ours(ref: str, text: str = "new") -> JSON:
    return {"ref": ref, "expression": text, "action": "serve_error"}


@st.composite
def live_rules(draw: st.DrawFn) -> list[JSON]:
    mine = [of_ours(ref, "old") for ref in draw(own_refs)]
    others = draw(st.lists(theirs, max_size=5))
    merged: list[JSON] = []
    while mine or others:
        source = draw(st.sampled_from([one for one in (mine, others) if one]))
        merged.append(source.pop(0))
    return merged


wanted_rules = own_refs.map(lambda refs: [of_ours(ref) for ref in refs])


def foreign(rules: list[JSON]) -> list[JSON]:
    return [rule for rule in rules if not is_ours(rule, "default")]


def ours(rules: list[JSON]) -> list[JSON]:
    return [rule for rule in rules if is_ours(rule, "default")]


def merged(live: list[JSON], wanted: list[JSON]) -> list[JSON]:
    return [dict(rule) for rule in merge(live, wanted, "default")]


@given(live_rules(), wanted_rules)
def test_foreign_rules_stay_in_their_order_and_ours_are_exactly_the_wanted(
    live: list[JSON], wanted: list[JSON]
) -> None:
    result = merged(live, wanted)
    assert foreign(result) == foreign(live)
    assert ours(result) == wanted


@given(live_rules(), wanted_rules)
def test_merging_again_changes_nothing(live: list[JSON], wanted: list[JSON]) -> None:
    once = merged(live, wanted)
    assert merged(once, wanted) == once


@given(live_rules())
def test_wanting_nothing_removes_ours_alone(live: list[JSON]) -> None:
    assert merged(live, []) == foreign(live)


@given(live_rules())
def test_changed_rules_keep_every_place(live: list[JSON]) -> None:
    wanted = [of_ours(rule["ref"]) for rule in ours(live)]
    places = [is_ours(rule, "default") for rule in live]
    assert [is_ours(rule, "default") for rule in merged(live, wanted)] == places


@given(live_rules(), st.data())
def test_a_rule_that_goes_moves_no_other(live: list[JSON], data: st.DataObject) -> None:
    mine = ours(live)
    kept = [rule for rule in mine if data.draw(st.booleans())]
    if kept:
        assert merged(live, kept) == [rule for rule in live if not is_ours(rule, "default") or rule in kept]


def refs(rules: list[JSON]) -> str:
    return " ".join(rule["ref"].removeprefix("errgen_default_") for rule in rules)


def named(text: str) -> list[JSON]:
    """``X a b`` as rules: capitals are foreign."""
    return [{"ref": one} if one.isupper() else of_ours(f"errgen_default_{one}") for one in text.split()]


def test_where_rules_stand() -> None:
    cases = [
        ("", "a b", "a b"),
        ("X", "a b", "X a b"),  # a first publish: who was there before keeps precedence
        ("X a Y", "a", "X a Y"),
        ("X a Y", "a b", "X a b Y"),
        ("X a Y", "b a", "X b a Y"),
        ("X a Y", "b", "X b Y"),
        ("X a Y b Z", "a c b d", "X a Y c b d Z"),
        ("X a Y b Z", "b a", "X b a Y Z"),  # an order that changes: one block, where the first stood
        ("X a Y b Z", "c", "X c Y Z"),
        ("X a Y b Z", "b", "X Y b Z"),
        ("X a Y", "", "X Y"),
    ]
    assert [(live, want, refs(merged(named(live), named(want)))) for live, want, _ in cases] == cases


def signed(ref: str, text: str) -> JSON:
    made = {**of_ours(ref, text), "description": "errgen", "enabled": True}
    return {**made, "description": f"errgen [{rule_digest(made)}]"}


def test_every_change_says_why() -> None:
    a, b, c, d = (signed(ref, "1") for ref in OURS[:4])
    newer = signed(OURS[1], "2")
    live = [{**a, "id": "1", "version": "3"}, {"ref": "shop"}, b, {**c, "expression": "by hand"}, d]
    changes = rule_changes(live, [a, newer, c, signed(OURS[4], "1")], "default", "zone x")
    assert [(change.action, change.name, change.reason) for change in changes] == [
        ("update", OURS[1], "differs"),
        ("update", OURS[2], "edited by hand"),
        ("create", OURS[4], "missing"),
        ("delete", OURS[3], "stale"),
    ]


def test_an_order_alone_is_a_change() -> None:
    a, b = (signed(ref, "1") for ref in OURS[:2])
    (change,) = rule_changes([a, b], [b, a], "default", "zone x")
    assert (change.reason, change.before, change.after) == (
        "order differs", f"{OURS[0]} {OURS[1]}", f"{OURS[1]} {OURS[0]}",
    )  # fmt: skip
    assert rule_changes([a, {"id": "nobody's"}, b], [a, b], "default", "zone x") == []


def test_planned_work_is_announced_by_enabled_rules_of_the_site_alone() -> None:
    html, json_rule = of_ours("errgen_default_html_maintenance"), of_ours("errgen_default_json_maintenance")
    others = [
        of_ours("errgen_default_html_404"),
        of_ours("errgen_other_html_maintenance"),
        of_ours("errgen_default_maintenance"),
        {"expression": "true"},
        {**of_ours("errgen_default_markdown_maintenance"), "enabled": False},
    ]
    assert announcing(others, "default") == []
    assert announcing([*others, json_rule, html], "default") == [json_rule, html]
