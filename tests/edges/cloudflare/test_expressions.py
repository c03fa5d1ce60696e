"""The clients that expressions tell apart, against the reference answer; and the codes they are for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import octorules_wirefilter
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.edges._codes import union
from site_builder.edges.cloudflare.expressions import LONGEST, failure, rule_expression
from site_builder.edges.cloudflare.preferences import JSON_CLIENT, MACHINE_CLIENT, MARKDOWN_CLIENT
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
CORPUS = [
    line.split("\t")
    for line in (Path(__file__).parent / "accept_headers.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
HEADERS = [header for header, _, _ in CORPUS]
UNLIKE = {  # of the corpus; header: (the reference, ours)
    "q=0.8;application/json;q=0.9": ("html", "json"),
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5": (
        "json",
        "html",
    ),
}
HARDER = """\
application/json;charset=utf-8
application/json;q=0
application/json;q=0.0
application/json;q=0.000, text/markdown;q=0
application/json;q=0, */*
application/json;q=0, text/html
application/json;q=0.1, text/markdown;q=0.2
application/json;q=0.5, */*
application/json;q=0.9, text/html;q=0.8, */*;q=0.5
application/json-patch+json
application/json , text/html
application/*
application/*;q=0.5, text/markdown;q=0.4
APPLICATION/JSON;Q=0.5,TEXT/HTML;Q=0.6
application/xml, application/json;q=0.5
*/*, application/json
*/*;q=0.1, text/markdown;q=0.2
text/*, application/json;q=0.9
text/*;q=0.5
text/html;q=0, text/markdown;q=0.1
text/html;q=0.8, text/markdown;q=0.9
text/html; q = 0.8 ,text/markdown;\tq=0.9
text/html;q=0.85, text/markdown;q=0.95
text/html;q=0.5;level=1, text/markdown
text/html;level=1, text/markdown
text/html, text/markdown;variant=GFM
text/markdown;variant=GFM
text/markdown;variant=CommonMark, text/html
text/markdown;q=0.5, application/json;q=0.9
text/markdown;q=1.000, text/html;q=0.999
text/x-markdown
,,text/markdown,
nonsense
""".splitlines()
DIFFER = {  # header: (the reference, ours), in the order of ACCEPT_DIFFERENCES
    "text/html;q=0.85, text/markdown;q=0.89": ("markdown", "html"),
    "application/json;q=0.05": ("json", "html"),
    "text/html;q=0, */*": ("json", "html"),
    "text/*, text/markdown;q=0.1": ("html", "markdown"),
    "application/json;q=0, application/json": ("html", "json"),
    "text/markdown;variant=GFM, text/markdown;q=0.1, text/html": ("html", "markdown"),
    "text/html;q=0.5, application/json;level=1;q=0.4": ("html", "json"),
    "q=0.8;application/json": ("html", "json"),
    "text/html;q=.5, text/markdown;q=.9": ("markdown", "html"),
    "*, application/json": ("html", "json"),
    'image/png;name="text/markdown,"': ("html", "markdown"),
    f"{'image/png;q=0.9, ' * 20}application/json;q=0.1, text/html;q=0.2": ("html", "json"),
}


CLIENT_TESTS: dict[str, Callable[[Mapping[str, Value]], bool]] = {
    name: compile_expression(parse(expression))
    for name, expression in (("markdown", MARKDOWN_CLIENT), ("json", JSON_CLIENT), ("machine", MACHINE_CLIENT))
}


def client_of(*lines: str) -> str:
    """Who a client is by the order of the rules: Markdown, JSON, then everybody else."""
    fields: dict[str, Value] = {"http.request.headers": {"accept": list(lines)} if lines else {}}
    matching = [name for name, test in CLIENT_TESTS.items() if test(fields)]
    assert matching in ([], ["markdown", "machine"], ["json", "machine"])
    return matching[0] if matching else "html"


def reference(*lines: str) -> str:
    wanted = negotiate_format(lines)
    return "json" if wanted == "problem" else wanted


def weights(header: str) -> list[float]:
    found = [re.search(r";\s*q=([0-9.]+)", member) for member in header.split(",")]
    return [float(one[1]) if one else 1.0 for one in found]


@pytest.mark.parametrize(("accept", "wanted"), REFERENCE.items())
def test_the_nine_rows_of_the_reference(accept: str | None, wanted: str) -> None:
    lines = () if accept is None else (accept,)
    assert client_of(*lines) == reference(*lines) == wanted


def test_the_corpus_is_of_use() -> None:
    descending = [header for header in HEADERS if weights(header) == sorted(weights(header), reverse=True)]
    assert len(HEADERS) == len(set(HEADERS)) >= 100
    assert len(descending) >= 90
    assert all(who and source for _, who, source in CORPUS)
    assert {reference(header) for header in HEADERS} == {"html", "json", "markdown"}


@pytest.mark.parametrize("accept", [header for header in HEADERS if header not in UNLIKE])
def test_headers_as_they_are_sent_agree_with_the_reference(accept: str) -> None:
    assert client_of(accept) == reference(accept)


@pytest.mark.parametrize("accept", HARDER)
def test_harder_headers_agree_with_the_reference(accept: str) -> None:
    assert client_of(accept) == reference(accept)


@pytest.mark.parametrize(("accept", "answers"), [*UNLIKE.items(), *DIFFER.items()])
def test_what_the_expressions_cannot_say_is_known(accept: str, answers: tuple[str, str]) -> None:
    assert (reference(accept), client_of(accept)) == answers


def test_several_lines_are_one_list() -> None:
    for lines in (
        ("text/html;q=0.5", "application/json"),
        ("text/html", "application/json"),
        ("image/png", "text/markdown;q=0.5", "text/html;q=0.4"),
        ("", "text/markdown"),
        ("",),
    ):
        assert client_of(*lines) == reference(*lines)


@pytest.mark.parametrize("expression", [MARKDOWN_CLIENT, JSON_CLIENT, MACHINE_CLIENT])
def test_clients_are_told_apart_within_a_third_of_the_limit(expression: str) -> None:
    assert octorules_wirefilter.parse_expression(expression).get("error") is None
    assert normalised_length(expression) == len(expression) < LONGEST // 3
    assert " matches " not in expression  # not on every plan


NAMED = ("text/html", "text/markdown", "application/json", "application/problem+json")
FOREIGN = (
    "text/plain",
    "text/x-markdown",
    "image/*",
    "application/xhtml+xml",
    "application/ld+json",
    "application/vnd.api+json",
    "application/json-patch+json",
    "application/signed-exchange;v=b3",
)
RANGES = ("application/*", "text/*", "*/*")
TENTHS = st.integers(0, 10)
BLANK = st.sampled_from(["", "", " ", "\t", "  "])


@st.composite
def member(draw: st.DrawFn, name: str, tenths: int) -> str:
    """One member of a header, written as clients write it; nothing stands between a type and its weight."""
    text = draw(st.sampled_from([name, name, name.upper(), name.title()]))
    if tenths == 10:
        forms = ["", "", ";q=1", ";q=1.0", ";q=1.000", ";charset=utf-8", ";variant=GFM"]
    elif tenths == 0:
        forms = [";q=0", ";q=0.0", ";q=0.000"]
    else:
        forms = [f";q=0.{tenths}", f";q=0.{tenths}0", f";q=0.{tenths};level=1"]
    pieces = re.split("([;=])", text + draw(st.sampled_from(forms)))
    blanks = (draw(BLANK) for _ in range(2 * len(pieces)))
    return "".join(next(blanks) + piece + next(blanks) for piece in pieces)


@st.composite
def header_lines(draw: st.DrawFn, *, descending: bool) -> list[str]:
    """Types with any weights; or with descending weights, and ranges behind them, the widest last. On 1 to 3 lines."""
    names = draw(st.lists(st.sampled_from(NAMED + FOREIGN), max_size=6, unique=True))
    ranges = draw(st.lists(st.sampled_from(RANGES), max_size=3, unique=True)) if descending else []
    names += sorted(ranges, key=RANGES.index)
    tenths = draw(st.lists(TENTHS, min_size=len(names), max_size=len(names)))
    if descending:
        tenths.sort(reverse=True)
    members = [draw(member(name, weight)) for name, weight in zip(names, tenths, strict=True)]
    ends = sorted(draw(st.lists(st.integers(0, len(members)), max_size=2)))
    bounds = [0, *ends, len(members)]
    return [",".join(members[start:end]) for start, end in pairwise(bounds)]


@settings(deadline=None)
@given(header_lines(descending=True))
def test_descending_weights_agree_with_the_reference(lines: list[str]) -> None:
    assert client_of(*lines) == reference(*lines)


@settings(deadline=None)
@given(header_lines(descending=False))
def test_weights_in_any_order_agree_to_tenths(lines: list[str]) -> None:
    assert client_of(*lines) == reference(*lines)


def test_expressions_read_like_this() -> None:
    assert failure(((404, 404),)) == "(http.response.code eq 404 and not (cf.response.1xxx_code ge 1000))"
    assert failure(((1015, 1015),)) == "(cf.response.1xxx_code eq 1015)"
    assert failure(((500, 519), (527, 599), (1000, 1999))) == (
        "((http.response.code in {500..519 527..599} and not (cf.response.1xxx_code ge 1000))"
        " or (cf.response.1xxx_code in {1000..1999}))"
    )
    assert rule_expression("html", ((404, 404),), ((400, 499),)) == failure(((404, 404),))
    assert rule_expression("html", ((522, 522),), ((400, 499),)) == (
        f"{failure(((522, 522),))} and not ({MACHINE_CLIENT})"
    )
    assert rule_expression("html", ((500, 599),), ((500, 519),)) == (
        f"{failure(((500, 519),))} or ({failure(((520, 599),))} and not ({MACHINE_CLIENT}))"
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


@settings(deadline=None)
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


@settings(deadline=None)
@given(code_sets, code_sets)
def test_the_real_parser_accepts_every_expression(codes: Codes, machine_served: Codes) -> None:
    text = rule_expression("html", codes, machine_served)

    assert octorules_wirefilter.parse_expression(text).get("error") is None
    assert evaluate(parse(print_expression(parse(text))), {}) == evaluate(parse(text), {})
