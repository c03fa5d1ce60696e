"""Prose: what the subset has, what it has not, and that HTML, plain text and Markdown mean the same."""

from __future__ import annotations

import html
import re

import html5lib
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from site_builder.rendering import prose
from site_builder.rendering.text import one_line

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

FRAGMENTS = (
    "**bold**",
    "*em*",
    "`code <b>`",
    "``a`b``",
    "[text](https://example.com/a_b?c=d&e=f)",
    "[x](javascript:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x]( data:text/html,x)",
    "[x](//evil.example)",
    "![x](https://tracker.example/)",
    "<script>alert(1)</script>",
    "<https://example.com/>",
    "<a@example.com>",
    "&lt;b&gt; &nope; &#0; &#x110000;",
    "::RAY_ID::",
    "\\`",
    "\\\\",
    "`",
    "\n",
    "🧨 \u202eabc",
)
texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text()), max_size=6).map("".join)


@pytest.mark.parametrize(
    ("text", "markup", "plain"),
    [
        ("plain", "plain", "plain"),
        ("**Wait.** Then *go*.", "<strong>Wait.</strong> Then <em>go</em>.", "Wait. Then go."),
        ("run `a < b`", "run <code>a &lt; b</code>", "run a < b"),
        ("[a](https://b.example/c_(d))", '<a href="https://b.example/c_(d)">a</a>', "a"),
        ("[a](mailto:a@b.example)", '<a href="mailto:a@b.example">a</a>', "a"),
        ("[a](/help?x=1&y=2)", '<a href="/help?x=1&amp;y=2">a</a>', "a"),
        ("<https://b.example/>", '<a href="https://b.example/">https://b.example/</a>', "https://b.example/"),
        ("<a@b.example>", '<a href="mailto:a@b.example">a@b.example</a>', "a@b.example"),
        ("[a](javascript:b)", "[a](javascript:b)", "[a](javascript:b)"),
        ("[a](http://b.example)", "[a](http://b.example)", "[a](http://b.example)"),
        ("![a](https://b.example)", "![a](https://b.example)", "![a](https://b.example)"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;", "<b>x</b>"),
        ("AT&T &amp; &lt;", "AT&amp;T &amp; &lt;", "AT&T & <"),
        ("`&amp; [a](b)` x", "<code>&amp;amp; [a](b)</code> x", "&amp; [a](b) x"),
        ('[a](/b "c") d', '<a href="/b">a</a> d', "a d"),
        ("one\n  two", "one two", "one two"),
        ("# a", "# a", "# a"),
        ("1. a", "1. a", "1. a"),
        ("error_code_name", "error_code_name", "error_code_name"),
        ("", "", ""),
    ],
)
def test_subset(text: str, markup: str, plain: str) -> None:
    assert (str(prose.to_html(text)), prose.to_plain(text)) == (markup, plain)


@unhurried
@given(texts)
@example("\\``a` <b> `c`")
@example("*em**em*`code <b>`")
@example("[**bold**<https://example.com/>![x](https://tracker.example/)")
def test_html_has_no_element_and_no_address_beyond_the_subset(text: str) -> None:
    fragment = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(prose.to_html(text))
    for element in list(fragment.iter())[1:]:
        assert element.tag in {"strong", "em", "code", "a"}
        assert set(element.attrib) == ({"href"} if element.tag == "a" else set())
        if element.tag == "a":
            assert re.match(r"https://|mailto:|(?!//)[^:]*([/?#]|$)", element.get("href"), re.IGNORECASE)


@unhurried
@given(texts)
def test_plain_text_is_the_text_of_the_html(text: str) -> None:
    fragment = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(prose.to_html(text))
    assert "".join(fragment.itertext()) == prose.to_plain(text)


@unhurried
@given(texts)
@example("\\``a` <b> `c`")
def test_source_is_one_paragraph_to_commonmark_with_nothing_live_in_it(text: str) -> None:
    source = prose.to_source(text)
    assert "\n" not in source
    tokens = MarkdownIt("commonmark").parse(source)
    assert [token.type for token in tokens] in (["paragraph_open", "inline", "paragraph_close"], [])
    for child in [child for token in tokens for child in token.children or []]:
        assert child.type not in {"html_inline", "image"}
        if child.type == "link_open":
            assert re.match(r"https://|mailto:|(?!//)[^:]*([/?#]|$)", str(child.attrs["href"]), re.IGNORECASE)


@unhurried
@given(
    st.lists(st.sampled_from(["**", "*", "_", "`", "``", "\\", "[", "]", "a", "b c", "<i>"]), max_size=12).map("".join)
)
@example("*em**em*`code <b>`")
@example("***_****_**`*a")
def test_no_word_is_lost(text: str) -> None:
    assert re.sub(r"[\W_]", "", prose.to_plain(text)) == re.sub(r"[\W_]", "", text)


@unhurried
@given(texts)
def test_source_of_a_source_is_the_same(text: str) -> None:
    assert prose.to_source(prose.to_source(text)) == prose.to_source(text)


@unhurried
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\\`*_[]<>&~#!:")))
def test_a_text_without_marks_is_left_alone(text: str) -> None:
    line = one_line(text)
    if re.match(r"[-+>]|\d+[.)]", line):
        line = "x" + line
    assert prose.to_source(line) == line
    assert prose.to_html(line) == line
    assert prose.to_plain(line) == line


@unhurried
@given(st.text(alphabet="abc .,;'\"()-", min_size=1).filter(lambda text: text.strip(" -+")))
def test_the_short_cut_for_plain_text_gives_what_the_package_gives(text: str) -> None:
    source = prose.to_source("a" + text)
    package = prose._reader().reset().convert(source).removeprefix("<p>").removesuffix("</p>")
    assert prose.to_html("a" + text) == package


@unhurried
@given(texts)
def test_an_escaped_text_reads_as_it_is(text: str) -> None:
    escaped = prose.escape(text)
    rendered = MarkdownIt("commonmark").renderInline(escaped)
    assert html.unescape(rendered) == one_line(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" a \t\n b ", "a b"),
        ("a\u00a0b", "a\u00a0b"),
        ("a\u2028b\x85c", "a b c"),
        ("a\x00b\x7f\ud800", "a\ufffdb\ufffd\ufffd"),
        ("\ufeffa", "\ufffda"),
        ("👨‍👩‍👧 \u200f", "👨‍👩‍👧 \u200f"),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("A & B", "A & B"),
        ("A & <b> Co", "A & \\<b> Co"),
        ("1 < 2 <3 </p> <!x <?x", "1 < 2 <3 \\</p> \\<!x \\<?x"),
        ("&amp;lt; &copy; &x", "\\&lt; &copy; &x"),
        ("`a &amp; <b>` & c", "`a &amp; <b>` & c"),
        ("~~x~~", "~~x~~"),
        ("[x](https://a/?b=1&c=2)", "[x](https://a/?b=1&c=2)"),
    ],
)
def test_markdown_for_people_has_backslashes_where_it_needs_them(text: str, source: str) -> None:
    assert prose.to_markdown(text) == source


@given(text=st.text(st.sampled_from("ab &<>;#~`\\*lt[]()!/1"), max_size=12))
def test_markdown_for_people_means_the_same_to_commonmark(text: str) -> None:
    reader = MarkdownIt("commonmark")
    assert reader.renderInline(prose.to_markdown(text)) == reader.renderInline(prose.to_source(text))
