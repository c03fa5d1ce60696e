"""What the gallery's form may hold: it is asked as a browser would send it, or said to be wrong in words for a form."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.app.asking import LONGEST, ask
from site_builder.app.explain import explainer_of
from tests.browser.samples import site

OUTPUT = site("plain", ("en", "de"))
EXPLAINERS = {edge.folder: explainer_of(OUTPUT, edge) for edge in OUTPUT.edges}
CODES = "Codes are those of HTTP, 400 to 599, and of Cloudflare, 1000 to 1999."
HOST = "A host is a name alone, without blanks, https:// and path: api.example.com"
UNSEEN = "There is a sign in it that cannot be seen, and no request has such a one."
asked = partial(ask, OUTPUT, explainer=lambda edge: EXPLAINERS[edge.folder])


def place(**question: str) -> str:
    """Where a question was asked, as the trace says it."""
    [line] = [line for line in asked({"code": 404, **question})["trace"] if line.startswith("  made by")]
    return str(line.partition(", at ")[2])


def test_an_answer() -> None:
    answer = asked({"code": "404", "accept": "text/markdown", "accept_language": "en-GB"})
    assert {**answer, "body": answer["body"][:4], "trace": answer["trace"][0]} == {
        "edge": "cloudflare",
        "status": 404,
        "headers": [["content-type", "text/plain"], ["cf-ray", "0123456789abcdef"]],
        "body": "---\n",
        "language": "en",
        "format": "markdown",
        "page": "cloudflare/en/404.md",
        "served_by": answer["served_by"],
        "reason": None,
        "differences": ["it is sent as text/plain, because this edge cannot say text/markdown"],
        "trace": "default: 404 Not Found",
    }
    assert answer["served_by"].startswith("errgen_default_")


def test_why_an_answer_is_another() -> None:
    answer = asked({"edge": "netlify", "code": 404, "accept": "application/json"})
    assert (answer["page"], answer["differences"]) == (
        "static/en/404.html",
        ["en/404.json is wanted, and en/404.html is served", "the format is html, and json is wanted"],
    )
    answer = asked({"edge": "netlify", "code": 503})
    assert (answer["page"], answer["served_by"], bool(answer["reason"])) == (None, "the answer of whoever failed", True)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ({"path": ""}, "example.com/"),
        ({"path": "foo"}, "example.com/foo"),
        ({"path": "/a b/ü?q=x y#part"}, "example.com/a%20b/%C3%BC?q=x%20y"),
        ({"path": "/a%20b?next=https://example.org"}, "example.com/a%20b?next=https://example.org"),
        ({"host": "api.example.com"}, "api.example.com/"),
        ({"host": "my_app.localhost:8080"}, "my_app.localhost:8080/"),
        ({"host": "bücher.example"}, "xn--bcher-kva.example/"),
        ({"host": "[::1]:80"}, "[::1]:80/"),
    ],
)
def test_what_is_written_is_asked_as_a_browser_would_send_it(question: dict[str, str], expected: str) -> None:
    assert place(**question) == expected


@pytest.mark.parametrize(
    ("question", "field", "error"),
    [
        ({"edge": "apache"}, "edge", "There is no edge 'apache'; there is: cloudflare, netlify."),
        ({"code": " "}, "code", f"Which error? {CODES}"),
        ({"code": None}, "code", f"Which error? {CODES}"),
        ({"code": "abc"}, "code", f"'abc' is no code. {CODES}"),
        ({"code": "not found"}, "code", f"'not found' is no code; did you mean 404 (not_found)? {CODES}"),
        ({"code": "40"}, "code", f"No page stands for 40. {CODES}"),
        ({"code": "399"}, "code", f"No page stands for 399; did you mean 400? {CODES}"),
        ({"origin": "moon"}, "origin", "A failure is of the edge or of the website behind it, and not of 'moon'."),
        (
            {"code": 1015, "origin": "origin"},
            "origin",
            "Only the edge fails with 1015, and never the website behind it.",
        ),
        ({"host": "ex ample"}, "host", HOST),
        ({"host": "https://example.com/"}, "host", HOST),
        ({"host": "a..example"}, "host", HOST),
        ({"path": "https://example.com/a"}, "path", "A path is what comes after the host: /api/users"),
        ({"accept": "a\r\nb: c"}, "accept", UNSEEN),
        ({"accept": "\ud800"}, "accept", UNSEEN),
        ({"accept_language": "日本"}, "accept_language", "A header has only the letters and signs of ASCII."),
        (
            {"path": "x" * (LONGEST + 1)},
            "path",
            "That is longer than 8,000 characters, and servers take no more.",
        ),
    ],
)
def test_what_cannot_be_asked(question: dict[str, object], field: str, error: str) -> None:
    assert asked({"code": 404, **question}) == {"field": field, "error": error}


def test_a_site_without_edges() -> None:
    import dataclasses

    alone = dataclasses.replace(OUTPUT, edges=())
    answer = ask(alone, {"code": 404}, lambda edge: EXPLAINERS[edge.folder])
    assert (answer["field"], "errgen.toml" in answer["error"]) == ("edge", True)


@given(
    st.fixed_dictionaries(
        {"code": st.sampled_from(["404", "522", "1020"]) | st.text() | st.integers(0, 2000)},
        optional={
            "accept": st.text(),
            "accept_language": st.text(),
            "host": st.text(),
            "path": st.text(),
            "origin": st.sampled_from(["", "edge", "origin"]),
            "edge": st.sampled_from(["", "cloudflare", "netlify"]) | st.text(),
        },
    )
)
def test_whatever_is_typed_has_an_answer(question: dict[str, Any]) -> None:
    answer = asked(question)
    assert set(answer) == {"field", "error"} or len(answer["trace"]) > 3
    if "error" in answer:
        assert answer["field"] in question or not question.get("code")
