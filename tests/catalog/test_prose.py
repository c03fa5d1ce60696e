from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.catalog import PROSE_FIELDS, link_problem, prose_problems


@pytest.mark.parametrize(
    "text",
    [
        "**Wait and retry.** See [the status](https://status.example.com/a?b=c#d).",
        "Write to [us](mailto:support@example.com) or <support@example.com>, see <https://example.com/>.",
        "Go [home](/), [up](../), [here](#top), [there](page?at=12:30) or [on](errors/404 \"Error: 404\").",
        "Less is 3 < 4 and a <- b; `<script>` and ``<b> ` </b>`` are code, and `[x](javascript:y)` too.",
        "&lt;script&gt; is text, and so are ::RAY_ID:: and ::CLOUDFLARE_ERROR_500S_BOX::.",
        "A [target](<https://example.com/a b>) in angle brackets, and [a reference][1].\n\n[1]: https://example.com/",
        "emoji 🙂, right-to-left \u202eabc\u202c, quotes \" ' and ]]> stand as they are",
    ],
)  # fmt: skip
def test_accepts_inline_markdown(text: str) -> None:
    assert prose_problems("detail", text) == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a <b>bold</b> word", "has raw HTML, <b>; write Markdown, or put the characters in `backticks`"),
        ("<script>alert(1)</script>", "has raw HTML, <script>; write Markdown, or put the characters in `backticks`"),
        ("<!-- hidden -->", "has raw HTML, <!-- hidden -->; write Markdown, or put the characters in `backticks`"),
        (r"\<br/>", "has raw HTML, <br/>; write Markdown, or put the characters in `backticks`"),
        ("an open <img src=x", "has raw HTML, <img src=x; write Markdown, or put the characters in `backticks`"),
        ("![logo](https://example.com/x.png)", "has an image; a page loads nothing from elsewhere"),
        ("[x](javascript:alert)", "has a link to javascript:alert; a link is https, mailto or relative"),
        ("[x](http://example.com/)", "has a link to http://example.com/; a link is https, mailto or relative"),
        ("[x](tel:112)", "has a link to tel:112; a link is https, mailto or relative"),
        ("<javascript:alert>", "has a link to javascript:alert; a link is https, mailto or relative"),
        ("[x][1]\n\n[1]: data:text/html,hi", "has a link to data:text/html,hi; a link is https, mailto or relative"),
        ("[x]()", "has a link without a target"),
        ("[x](//example.com/)", "has a link to //example.com/; write the whole address with https://"),
        ("[x](https:evil)", "has a link to https:evil; an https link names a host: https://example.com/"),
    ],
)
def test_refuses_markup_and_other_links(text: str, problem: str) -> None:
    assert prose_problems("what_you_should_do", text) == (problem,)


def test_names_every_problem() -> None:
    assert prose_problems("detail", "<i>[x](ftp://a)</i> ![y](https://b.example)") == (
        "has a link to ftp://a; a link is https, mailto or relative",
        "has an image; a page loads nothing from elsewhere",
        "has raw HTML, <i>; write Markdown, or put the characters in `backticks`",
    )


@pytest.mark.parametrize("name", ["title", "headline", "error_name"])
def test_other_fields_are_text_and_not_markdown(name: str) -> None:
    assert prose_problems(name, "<b>[x](javascript:alert)</b>") == ()
    assert name not in PROSE_FIELDS


@pytest.mark.parametrize(
    "target",
    [
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "java\u00adscript:alert(1)",
        "\x01javascript:alert(1)",
        "javascript&#58;alert(1)",
        "javascript&colon;alert(1)",
        "&#x6A;avascript:alert(1)",
        "javascript\\:alert(1)",
        "<javascript:alert(1)>",
        "vbscript:x",
        "data:text/html;base64,PHNjcmlwdD4=",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "&#47;&#47;evil.example/",
        "\u200b//evil.example/",
        "https:/evil",
        "https://",
    ],
)
def test_sees_through_disguises(target: str) -> None:
    assert link_problem(target) is not None


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="/?#"), min_size=1), st.text(max_size=5))
def test_no_scheme_but_https_and_mailto_gets_through(scheme: str, rest: str) -> None:
    if link_problem(f"{scheme}:{rest}") is None:
        # A browser drops leading control characters and blanks, and tabs and newlines anywhere (WHATWG URL, 4.4).
        seen = (
            "".join(c for c in scheme if c not in "\t\n\r").lstrip("".join(map(chr, range(33)))).split(":")[0].lower()
        )
        assert seen in ("https", "mailto") or not re.fullmatch(r"[a-z][a-z0-9+.-]*", seen)


@given(st.text())
def test_judges_any_text_without_failing(text: str) -> None:
    assert isinstance(prose_problems("detail", text), tuple)
