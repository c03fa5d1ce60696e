"""Regular expressions: what Rust's syntax means, asked of Python's engine."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.rules_language.cursor import ExpressionError
from site_builder.rules_language.regexes import compile_regex

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def found(pattern: str, subject: str | bytes) -> bool:
    data = subject if isinstance(subject, bytes) else subject.encode()
    return compile_regex(pattern).search(data) is not None


@pytest.mark.parametrize(
    ("pattern", "matching", "failing"),
    [
        ("", ["", "a"], []),
        ("b", ["abc"], ["a", ""]),
        ("^a", ["ab"], ["ba", "\na"]),
        ("a$", ["ba"], ["ab", "a\n"]),
        ("(?m)^a$", ["a", "b\na\nc", "a\n"], ["ab"]),
        (r"\Aa\z", ["a"], ["a\n", "ba"]),
        ("(?m)\\Aa\\z", ["a"], ["b\na"]),
        (".", ["a", b"\xff"], ["", "\n"]),
        ("(?s)^.$", ["\n", b"\xff"], ["é"]),
        ("^..$", ["é"], ["e"]),
        ("^é+$", ["éé"], ["e", b"\xc3\xa9\xa9"]),
        ("a|b|", ["c"], []),
        ("^(a|b)c$", ["ac", "bc"], ["c"]),
        ("^a{2}$", ["aa"], ["a", "aaa"]),
        ("^a{2,}$", ["aa", "aaa"], ["a"]),
        ("^a{ 2 , 3 }$", ["aa", "aaa"], ["a", "aaaa"]),
        ("^a{0}$", [""], ["a"]),
        ("^a*+b$", ["aab", "b"], ["a"]),
        ("^a**b$", ["aab", "b"], ["a"]),
        ("^a{2}{2}$", ["aaaa"], ["aa"]),
        ("^a+?a$", ["aa"], ["a"]),
        ("^(?:^)*a$", ["a"], ["b"]),
        ("(?i)k", ["K", "k"], ["\u212a"]),
        ("(?i)é", ["é"], ["É"]),
        ("(?i)[a-c]X", ["Bx"], ["dx"]),
        ("(?i)[^a]", ["b"], ["A", "a"]),
        ("^a(?i)b|c$", ["aB", "C"], ["AB"]),
        ("^(?i:a)b$", ["Ab"], ["AB"]),
        ("^(a(?i)b)c$", ["aBc"], ["aBC"]),
        ("(?i)a(?-i)b", ["Ab"], ["AB"]),
        (r"^\d\w\s$", ["1_ ", "2a\x0b"], ["a_ ", "1- "]),
        (r"^\D\W\S$", ["a-b"], ["1-b"]),
        (r"^\w$", ["_"], ["é"]),
        (r"\bab\b", ["x ab y", "ab"], ["xab", "aby"]),
        (r"^\B$", [""], ["a"]),
        (r"a\B", ["ab"], ["a"]),
        (r"\<ab\>", ["ab", "-ab-"], ["xab", "abx"]),
        (r"\b{start}ab\b{end}", ["ab"], ["xab"]),
        (r"\b{start-half}ab\b{end-half}", ["ab"], ["xab", "abx"]),
        (r"^\x41\x{42}\u0043\u{44}\U00000045\U{46}$", ["ABCDEF"], ["abcdef"]),
        (r"^\xff$", [b"\xff"], ["ÿ"]),
        (r"^\x{ff}$", ["ÿ"], [b"\xff"]),
        (r"\.\*\/\-\ \#\%", [".*/- #%"], ["a"]),
        (r"\n\t\r\f\v\a", ["\n\t\r\f\v\a"], ["ntr"]),
        ("[abc]", ["b"], ["d"]),
        ("[^abc]", ["d", b"\xff", "\n"], ["a"]),
        ("^[a-c-]+$", ["a-c"], ["d"]),
        ("^[]a]+$", ["]a"], ["["]),
        ("^[^]a]+$", ["b["], ["]"]),
        ("^[a-c&&[^b]]+$", ["ac"], ["b"]),
        ("^[a-e--[bd]]+$", ["ace"], ["b", "d"]),
        ("^[a-c~~b-d]+$", ["ad"], ["b", "c"]),
        ("[a&&b]", [], ["a", "b", ""]),
        ("^[[:alpha:][:digit:]]+$", ["a1"], ["_"]),
        ("^[[:^space:]]+$", ["a"], [" "]),
        ("^[:alpha:]+$", ["alpha:"], ["b"]),
        ("^[[:foo:]]+$", ["foo:"], ["b"]),
        (r"^[\d\-x]+$", ["1-x"], ["y"]),
        (r"^[\W]$", ["-"], ["a"]),
        (r'^["\]]$', ['"', "]"], ["\\"]),
        ("a]}", ["a]}"], ["a]"]),
        ("(?P<name>a)(?<other.n[0]>b)", ["ab"], ["a"]),
        ("^(www|store|blog)\\.example\\.com", ["store.example.com"], ["storeXexample.com", "x.www.example.com"]),
        ("(?-u)a", ["a"], ["b"]),
        ("(?U)a+", ["a"], ["b"]),
        ("a{1000}", ["a" * 1000], ["a" * 999]),
    ],
)
def test_meaning(pattern: str, matching: list[str | bytes], failing: list[str | bytes]) -> None:
    assert [subject for subject in matching if not found(pattern, subject)] == []
    assert [subject for subject in failing if found(pattern, subject)] == []


@pytest.mark.parametrize(
    ("pattern", "position", "message"),
    [
        ("ab(?=c)", 3, "look-around is not supported by the engine"),
        (r"(a)\1", 5, "back-references are not supported by the engine"),
        ("(?u)a", 3, "errgen cannot evaluate the mode `u`"),
        ("(?x)a", 3, "errgen cannot evaluate the mode `x`"),
        (r"\p{L}", 2, "Unicode classes need Unicode mode, which is off"),
        ("a(b", 2, "the group is not closed"),
        ("a)", 2, "the group is not opened"),
        ("[a", 1, "the class is not closed"),
        ("a{2", 2, "expected a count such as {2} or {2,5}"),
        ("*", 1, "`*` has nothing to repeat"),
        ("(a{1000}){1000}", 10, "the regular expression is too large"),
        ("(" * 101 + ")" * 101, 102, "the regular expression is nested too deeply"),
        ("[" * 102, 102, "the class is nested too deeply"),
        ("a" + "+" * 2000, 1, "the regular expression is too large"),
    ],
)
def test_refusals(pattern: str, position: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_regex(pattern)
    assert (caught.value.position, caught.value.message) == (position, message)


plain = st.text("ab01 _-.", max_size=8)


@unhurried
@given(plain, plain)
def test_escaped_text_is_found_where_it_is_contained(needle: str, subject: str) -> None:
    assert found(re.escape(needle), subject) is (needle in subject)


@unhurried
@given(
    st.lists(st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "(a|b)", "(?:ab)", r"\w", r"\s"]), max_size=4),
    st.lists(st.sampled_from(["", "*", "+", "?", "{2}", "{1,2}"]), min_size=4, max_size=4),
    st.text("ab \n", max_size=6),
)
def test_the_syntax_both_share_means_the_same(atoms: list[str], counts: list[str], subject: str) -> None:
    pattern = "".join(atom + count for atom, count in zip(atoms, counts, strict=False))
    expected = re.search(pattern.encode(), subject.encode()) is not None
    assert found(pattern, subject) is expected
