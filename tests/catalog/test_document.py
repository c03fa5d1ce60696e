from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.catalog.document import read_document
from site_builder.catalog.plain_style import Item, core_scalar, read_plain_style
from site_builder.catalog.whole_yaml import read_whole_yaml
from site_builder.errors import InvalidInput, LocalFilesFailed


def plain(value: object) -> object:
    """Items without their lines."""
    return {key: plain(item.value) for key, item in value.items()} if isinstance(value, dict) else value


def faults_of(text: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read_whole_yaml(text, "catalog/http.yaml")
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["catalog/http.yaml:1: is empty; write something in it or delete it"]),
        ("# nothing\n", ["catalog/http.yaml:1: is empty; write something in it or delete it"]),
        ("~\n", ["catalog/http.yaml:1: is empty; write something in it or delete it"]),
        ("\n- 404\n", ["catalog/http.yaml:2: is not a mapping; it begins like  404:"]),
        ("just words\n", ["catalog/http.yaml:1: is not a mapping; it begins like  404:"]),
        ("404:\n\ttitle: x\n", ["catalog/http.yaml:2: has a tab; YAML is indented with blanks"]),
        (
            "404:\n  title: Error: x\n",
            ["catalog/http.yaml:2: has a second ': ', or is indented too far; put text with ': ' in quotes"],
        ),
        (
            "404:\n  title: x\n   more: y\n",
            ["catalog/http.yaml:3: has a second ': ', or is indented too far; put text with ': ' in quotes"],
        ),
        (
            "404:\n  title: 'x\n  more: y\n",
            ["catalog/http.yaml:2: is not YAML: while scanning a quoted scalar, found unexpected end of stream"],
        ),
        ("404: {}\n---\n503: {}\n", ["catalog/http.yaml:2: holds a second document; a file of the catalog is one"]),
        ("404:\n  a: \x00\n", ["catalog/http.yaml:2: has the control character U+0000, which YAML does not allow"]),
        ("404: *x\n", ["catalog/http.yaml:1: is not YAML: found undefined alias 'x'"]),
        ("a: &a {b: *a}\n", [f"catalog/http.yaml:1: a{'.b' * 12}: is nested too deeply"]),
        (f"a: {'[' * 2000}", ["catalog/http.yaml:1: is nested too deeply"]),
        (
            "404:\n  title: !!python/object x\n  weight: !!int '3'\n",
            [
                "catalog/http.yaml:2: 404.title: has the tag !!python/object; the catalog uses none",
                "catalog/http.yaml:3: 404.weight: has the tag !!int; the catalog uses none",
            ],
        ),
        (
            "404:\n  a: 1\n  a: 2\n? [x]\n: 3\n404:\n  b: 1\n",
            [
                "catalog/http.yaml:3: 404.a: stands twice; the first is at catalog/http.yaml:2",
                "catalog/http.yaml:4: has a key that is a list or a mapping",
                "catalog/http.yaml:6: 404: stands twice; the first is at catalog/http.yaml:1",
            ],
        ),
    ],
)
def test_says_what_is_wrong_and_where(text: str, faults: list[str]) -> None:
    assert faults_of(text) == faults


def test_reads_scalars_by_the_core_schema_of_yaml_1_2() -> None:
    text = (
        "{a: yes, b: 0o17, c: 010, d: 1_000, e: 2026-01-01, f: ~, g: '1', h: !!str 2, i: 1e3, j: 0x1F, k: True, l: NO}"
    )
    assert plain(read_whole_yaml(text, "x")) == {
        "a": "yes",
        "b": 15,
        "c": 10,
        "d": "1_000",
        "e": "2026-01-01",
        "f": None,
        "g": "1",
        "h": "2",
        "i": 1000.0,
        "j": 31,
        "k": True,
        "l": "NO",
    }
    assert plain(read_whole_yaml("%YAML 1.1\n---\na: yes\n", "x")) == {"a": "yes"}
    assert core_scalar("-.inf") == float("-inf")
    assert repr(core_scalar(".nan")) == "nan"


def test_values_have_the_lines_of_their_keys() -> None:
    text = "# a comment\n404:\n\n  title: &t Not Found\n  detail: >-\n    one\n    two\n503: {title: *t}\n"
    assert read_whole_yaml(text, "x") == {
        "404": Item({"title": Item("Not Found", 4), "detail": Item("one two", 5)}, 2),
        "503": Item({"title": Item("Not Found", 8)}, 8),
    }


def test_says_on_which_line_a_byte_is_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "http.yaml"
    file.write_bytes(b"404:\n  title: caf\xe9\n")
    with pytest.raises(InvalidInput) as caught:
        read_document(file, "catalog/http.yaml")
    assert str(caught.value) == "catalog/http.yaml:2: is not UTF-8: byte 0xe9 on this line cannot be decoded"


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "http.yaml"
    file.write_bytes("\ufeff404:\n  title: x\n".encode())
    assert read_document(file, "x") == {"404": Item({"title": Item("x", 2)}, 1)}


def test_a_file_that_cannot_be_read_is_a_failure_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "http.yaml").mkdir()
    with pytest.raises(LocalFilesFailed) as caught:
        read_document(tmp_path / "http.yaml", "catalog/http.yaml")
    assert str(caught.value) == f"{tmp_path / 'http.yaml'}: cannot read the catalog: Is a directory"
    assert caught.value.exit_code == 9


# Lines that plain-style files are made of, and such as look like them but mean something else.
LINES = st.sampled_from(
    [
        *(
            "404:",
            "503:",
            "4xx:",
            "interface:",
            "404: x",
            "404:  # why",
            "'404':",
            "- x",
            "---",
            "...",
            "%YAML 1.2",
            "? x",
        ),
        *(
            "  title: Not Found",
            "  title: é – x",
            "  title:",
            "  title: ",
            "  weight: 40",
            "  weight: 4_0",
            "  w: 0o17",
        ),
        *("  headline: >-", "  headline: |", "  headline: >", "  headline: >- # why", "  detail: >-", "  detail: >+"),
        *(
            '  a: "x: y # z"',
            "  a: 'it''s'",
            "  a: 'b: c'",
            '  a: "b\\n"',
            "  a: ''",
            '  a: "b',
            "  a: 'b",
            '  a: "b" c',
        ),
        *("  codes: [404, 405]", "  codes: [520..524, 527]", "  codes: 400..499", "  codes: [a, b]", "  codes: [404,]"),
        *("  b: x: y", "  b: x #y", "  b: x#y", "  b: x ", "  b: x:", "  b: &x y", "  b: *x", "  b: !!str 1", "  b: ~"),
        *(
            "    one",
            "    two # three",
            "    # four",
            "    five: six",
            "      seven",
            "   eight",
            "    nine  ",
            "     ten",
        ),
        *(
            "  # comment",
            "# comment",
            "",
            "  ",
            "    ",
            "      # deep",
            "\tx",
            "  x: \t",
            "    \ty",
            " f: g",
            "    - h",
        ),
        *(
            "  c: true",
            "  c: null",
            "  c: .5",
            "  c: 1e3",
            "  c: -1",
            "  c: [1, .5]",
            "  c: {d: e}",
            "  c : d",
            "  c:d",
        ),
        *(
            "  é: x",
            "  a b: c",
            "  long: " + "x" * 200,
            "  u: a\u2028b",
            "  u: a\x85b",
            "  u: a\u00a0",
            "  u: 🙂",
            "\ufeff",
        ),
    ]
)
PLAIN_LINES = st.sampled_from(
    [
        "404:",
        "503:",
        "  a: Not Found",
        "  b: >-",
        "    one",
        "    two # x",
        "    # y",
        "",
        "# z",
        "  # z",
        "  c: [1, 2]",
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(LINES, max_size=10) | st.lists(PLAIN_LINES, max_size=12), st.sampled_from(["", "\n", "\n\n"]))
def test_the_quick_way_reads_what_yaml_reads_or_nothing(lines: list[str], end: str) -> None:
    text = "\n".join(lines) + end
    quick = read_plain_style(text)
    if quick is not None:
        assert quick == read_whole_yaml(text, "x")


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1), st.sampled_from(["plain", "double", "single", "folded"]))
def test_the_quick_way_agrees_on_any_text(text: str, style: str) -> None:
    field = {"plain": text, "double": f'"{text}"', "single": f"'{text}'", "folded": f">-\n    {text}"}[style]
    document = f"404:\n  title: x\n  detail: {field}\n  weight: 1\n"
    quick = read_plain_style(document)
    if quick is not None:
        assert quick == read_whole_yaml(document, "x")


@pytest.mark.parametrize(
    "text",
    [
        "404:\n  a: >-\n    one\n      more\n    two\n",
        "404:\n  a: >-\n      one\n",
        "404:\n  a: >-\n    one\n\n    two\n",
        "404:\n  a: >-\n    one\n\n      two\n",
        "404:\n  a: >-\n    one\n   two: x\n",
        "404:\n  a: >-\n    one\n\n    # two\n",
        "404:\n  a: >-\n    one\n    \n",
        "404:\n  a: >-\n    one\n  \n  b: x\n",
        "404:\n  a: >-\n  b: x\n",
        "404:\n  a: >-  # why\n    one\n",
        "404:\n  a: one\n    two\n",
        "404:\n  a: one # two\n",
        "404:\n  a: one: two\n",
        "404:\n  a: one:\n",
        "404:\n  a: one \n",
        "404:\n  a: 'it''s'\n",
        '404:\n  a: "x\\n"\n',
        "404:\n  codes: [a, b]\n",
        "404:\n  codes: [1, .5]\n",
        "404:\n  a: 1\n  a: 2\n",
        "404:\n503:\n  a: 1\n",
        "404:\n  a: 1\n503:\n",
        "404:\n  a: x\u2028y\n",
        "404:\n  a: x\r\n",
        "  a: 1\n",
        "# only a comment\n",
        "",
    ],
)
def test_the_quick_way_declines_what_it_is_not_made_for(text: str) -> None:
    assert read_plain_style(text) is None


def test_the_quick_way_is_taken() -> None:
    text = (
        "# c\n404:\n  a: Not Found\n  b: >-\n    one\n    two: # x\n\n  c: [1, 520..524]\n\n"
        '503:\n  a: "x: y"\n  w: 1.5\n'
    )
    assert read_plain_style(text) == {
        "404": Item({"a": Item("Not Found", 3), "b": Item("one two: # x", 4), "c": Item((1, "520..524"), 8)}, 2),
        "503": Item({"a": Item("x: y", 11), "w": Item(1.5, 12)}, 10),
    }
