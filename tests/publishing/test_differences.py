from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from site_builder.publishing.differences import CONTEXT, WIDTH, diff, difference


def lines(before: object, after: object) -> list[str]:
    return list(difference(json.dumps(before), json.dumps(after)))


def test_texts_that_are_no_objects_are_shown_whole() -> None:
    assert list(difference("a b", "b a")) == ["a b -> b a"]
    assert list(difference(None, "[1]")) == ["None -> [1]"]


def test_fields_that_differ_also_one_level_down() -> None:
    before = {"same": 1, "enabled": True, "parameters": {"status": 503, "type": "text/html"}}
    after = {"same": 1, "enabled": False, "parameters": {"type": "text/html", "name": "a"}}
    assert lines(before, after) == [
        "enabled: true",
        "       → false",
        "parameters.name: (not set)",
        '               → "a"',
        "parameters.status: 503",
        "                 → (not set)",
    ]


def test_a_long_line_is_shown_around_the_change() -> None:
    shown = lines({"expression": "x" * 500 + "404" + "y" * 500}, {"expression": "x" * 500 + "410" + "y" * 500})
    assert shown == [
        f"expression: …{'x' * (CONTEXT - 1)}404{'y' * CONTEXT}…",
        f"          → …{'x' * (CONTEXT - 1)}410{'y' * CONTEXT}…",
    ]


def test_of_a_text_only_the_changed_lines_and_their_neighbours() -> None:
    before = "\n".join(["one", "two", "three", "four", "five", "six"])
    after = "\n".join(["one", "two", "THREE", "four", "five", "six", "seven"])
    assert lines({"p": {"content": before}}, {"p": {"content": after}}) == [
        "p.content:",
        "    two",
        "  - three",
        "  + THREE",
        "    four",
        "    six",
        "  + seven",
    ]


def test_lines_that_only_go_or_come() -> None:
    assert lines({"c": "a\nb\nc"}, {"c": "a\nc"}) == ["c:", "    a", "  - b", "    c"]
    assert lines({"c": "a"}, {"c": "a\n" + "b" * 300}) == ["c:", "    a", f"  + {'b' * (WIDTH - 1)}…"]


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_nothing_is_said_of_equal_values_and_something_of_others(one: str, other: str) -> None:
    assert lines({"text": one}, {"text": one}) == []
    assert bool(lines({"text": one}, {"text": other})) == (one != other)
    assert all(len(line) < 5 * WIDTH for line in lines({"text": one * 50}, {"text": other * 50}))


def diffed(before: object, after: object) -> list[str]:
    return list(diff(json.dumps(before), json.dumps(after)))


def test_the_same_as_a_diff() -> None:
    before = {"same": 1, "enabled": True, "parameters": {"status": 503, "content": "one\ntwo\nthree\nfour"}}
    after = {"same": 1, "enabled": False, "parameters": {"name": "a", "content": "one\nTWO\nthree\nfour"}}
    assert diffed(before, after) == [
        "- enabled: true",
        "+ enabled: false",
        "  parameters.content:",
        "  one",
        "- two",
        "+ TWO",
        "  three",
        '+ parameters.name: "a"',
        "- parameters.status: 503",
    ]
    assert list(diff("a b", "b a")) == ["- a b", "+ b a"]
    assert list(diff(None, "[1]")) == ["+ [1]"]


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_a_diff_has_something_for_different_values_only(one: str, other: str) -> None:
    assert bool(diffed({"text": one}, {"text": other})) == (one != other)
    assert {line[:2] for line in diffed({"text": one}, {"text": other})} <= {"- ", "+ ", "  "}
