from __future__ import annotations

import octorules_wirefilter
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges._codes import union
from site_builder.edges.cloudflare.expressions import JSON_CLIENT, LONGEST, MARKDOWN_CLIENT, failure, rule_expression
from site_builder.model import Codes, Format, contains
from site_builder.negotiation import negotiate_format
from site_builder.rules_language import Value, compile_expression, evaluate, normalised_length, parse, print_expression

REFERENCE = {
    "application/json": "json",
    "application/problem+json": "json",
    "application/json, text/markdown;q=0.9": "json",
    "text/markdown": "markdown",
    "text/markdown, application/json": "markdown",
    "text/*": "markdown",
    "text/html": "html",
    "*/*": "html",
    None: "html",
}
AGREE = """\
text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8
text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7
text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
application/json, text/plain, */*
application/json, text/javascript, */*; q=0.01
application/json;charset=utf-8
application/json, */*
application/json, text/event-stream
application/json;q=0.5, */*;q=0.1
application/json;q=0.9, text/html
application/json;q=0.9, text/html;q=0.8, */*;q=0.5
application/json; q=0.9, text/html; q=0.8
application/json,text/html;q=0.9,application/xhtml+xml;q=0.9,text/plain;q=0.8
application/json;q=0
application/json;q=0, */*
application/json;q=0, text/html
application/json, application/problem+json
application/problem+json, application/json
application/problem+json, application/json;q=0.9, */*;q=0.1
application/problem+json, text/markdown
application/vnd.github+json
application/vnd.api+json
application/ld+json, application/json;q=0.9
application/activity+json, application/ld+json
application/xml, application/json;q=0.5
APPLICATION/JSON
image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8
text/css,*/*;q=0.1
text/event-stream
text/plain
text/plain, text/markdown
Text/Markdown
text/markdown; charset=utf-8
text/markdown, */*
text/markdown, text/html, */*
text/markdown, text/html;q=0.9, */*;q=0.1
text/markdown, application/problem+json;q=0.5
text/markdown;q=1.0, text/x-markdown;q=0.9, text/plain;q=0.8, text/html;q=0.7, */*;q=0.1
text/plain;q=1.0, text/markdown;q=0.9, text/html;q=0.8, */*;q=0.1
text/html;q=1.0, application/xhtml+xml;q=0.9, text/plain;q=0.8, text/markdown;q=0.7, */*;q=0.1
text/markdown,text/html;q=0.8,application/json;q=0.5
text/html, text/markdown;q=0.9
text/html;q=0.9, text/markdown
text/markdown;q=0.9, text/html
text/markdown;q=0.9, text/html;q=0.8
text/markdown;q=0, text/html
text/html, application/json
text/html, application/json;q=0.9
text/html;q=0.5, application/json
text/html, application/xhtml+xml, application/json;q=0.8
text/html,application/json;q=0.9,application/xhtml+xml,*/*;q=0.8
text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01
text/html, text/*;q=0.5, image/*, application/*
nonsense
""".splitlines()
DIFFER = {  # header: (the reference, ours); what the module says it cannot do
    "text/html;q=0.8, text/markdown;q=0.9": ("markdown", "html"),
    "text/markdown;q=0.5, application/json;q=0.9": ("json", "markdown"),
    "application/json;q=0.1, text/markdown;q=0.2": ("markdown", "json"),
    "*/*, application/json": ("html", "json"),
    "application/json;q=0.5, */*": ("html", "json"),
    "text/*, application/json;q=0.9": ("markdown", "json"),
    "text/*;q=0.5": ("markdown", "html"),
    "application/*": ("json", "html"),
    "application/json-patch+json": ("html", "json"),
}


def client_of(accept: str | None) -> str:
    """Who a client is by the order of the rules: Markdown, JSON, then everybody else."""
    fields: dict[str, Value] = {"http.request.headers": {} if accept is None else {"accept": [accept]}}
    if evaluate(parse(MARKDOWN_CLIENT), fields):
        return "markdown"
    return "json" if evaluate(parse(JSON_CLIENT), fields) else "html"


def reference(accept: str | None) -> str:
    wanted = negotiate_format([] if accept is None else [accept])
    return "json" if wanted == "problem" else wanted


@pytest.mark.parametrize(("accept", "wanted"), REFERENCE.items())
def test_the_nine_rows_of_the_reference(accept: str | None, wanted: str) -> None:
    assert client_of(accept) == reference(accept) == wanted


@pytest.mark.parametrize("accept", AGREE)
def test_everyday_headers_agree_with_the_reference(accept: str) -> None:
    assert client_of(accept) == reference(accept)


@pytest.mark.parametrize("accept", DIFFER)
def test_what_wildcards_cannot_say_is_known(accept: str) -> None:
    assert (reference(accept), client_of(accept)) == DIFFER[accept]


def test_expressions_read_like_this() -> None:
    assert failure(((404, 404),)) == "(http.response.code eq 404 and not (cf.response.1xxx_code ge 1000))"
    assert failure(((1015, 1015),)) == "(cf.response.1xxx_code eq 1015)"
    assert failure(((500, 519), (527, 599), (1000, 1999))) == (
        "((http.response.code in {500..519 527..599} and not (cf.response.1xxx_code ge 1000))"
        " or (cf.response.1xxx_code in {1000..1999}))"
    )
    assert rule_expression("html", ((404, 404),), ((400, 499),)) == failure(((404, 404),))
    assert rule_expression("html", ((522, 522),), ((400, 499),)) == (
        f"{failure(((522, 522),))} and not ({MARKDOWN_CLIENT} or ({JSON_CLIENT}))"
    )
    assert rule_expression("html", ((500, 599),), ((500, 519),)) == (
        f"{failure(((500, 519),))} or ({failure(((520, 599),))} and not ({MARKDOWN_CLIENT} or ({JSON_CLIENT})))"
    )
    assert rule_expression("json", ((500, 599),), ((500, 519),)) == f"{failure(((500, 519),))} and ({JSON_CLIENT})"
    assert rule_expression("markdown", ((404, 404),), ((400, 499),)) == (
        f"{failure(((404, 404),))} and ({MARKDOWN_CLIENT})"
    )


def test_eighty_five_codes_leave_room() -> None:
    scattered = tuple((code, code) for code in range(400, 485 * 2 - 400, 2))[:85]

    longest = rule_expression("html", scattered, scattered[::2])

    assert normalised_length(longest) == len(longest) < LONGEST


spans = st.tuples(st.integers(400, 1300), st.integers(0, 150)).map(lambda pair: (pair[0], pair[0] + pair[1]))
code_sets = st.lists(spans, min_size=1, max_size=4).map(union)
CLIENTS = {"html": "text/html", "json": "application/json", "markdown": "text/markdown"}


@st.composite
def failures(draw: st.DrawFn) -> tuple[int, dict[str, Value]]:
    """A code, and the fields of an answer that fails with it; whether 52x are in the 1xxx field is unpublished."""
    code = draw(st.integers(400, 599) | st.integers(1000, 1500))
    status = code if code < 1000 else draw(st.sampled_from([403, 409, 429, 530]))
    detail = code if code >= 1000 or (520 <= code <= 526 and draw(st.booleans())) else 0
    return code, {"http.response.code": status, "cf.response.1xxx_code": detail}


@given(code_sets, code_sets, failures(), st.sampled_from(list(CLIENTS)))
def test_a_rule_matches_its_codes_and_clients_and_nothing_else(
    codes: Codes, machine_served: Codes, failed: tuple[int, dict[str, Value]], client: str
) -> None:
    code, fields = failed
    values: dict[str, Value] = {**fields, "http.request.headers": {"accept": [CLIENTS[client]]}}
    formats: tuple[Format, ...] = ("markdown", "json", "html")
    for form in formats:
        if form != "html" and not any(
            contains(machine_served, one) for low, high in codes for one in range(low, high + 1)
        ):
            continue  # such a rule is not made
        matched = compile_expression(parse(rule_expression(form, codes, machine_served)))(values)
        if form == "html":
            # It comes last, and so may match machine clients for whom a rule stands before it.
            assert matched == (contains(codes, code) and (client == "html" or contains(machine_served, code)))
        else:
            assert matched == (contains(codes, code) and contains(machine_served, code) and client == form)


@given(code_sets, code_sets)
def test_the_real_parser_accepts_every_expression(codes: Codes, machine_served: Codes) -> None:
    text = rule_expression("html", codes, machine_served)

    assert octorules_wirefilter.parse_expression(text).get("error") is None
    assert evaluate(parse(print_expression(parse(text))), {}) == evaluate(parse(text), {})
