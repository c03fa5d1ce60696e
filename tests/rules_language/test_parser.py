"""Parsing: what is accepted and what is refused, with the engine's own parser as the judge, and how refusals read."""

from __future__ import annotations

from pathlib import Path

import octorules_wirefilter
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from site_builder.rules_language import (
    FIELDS,
    HTTP_CUSTOM_ERRORS,
    ExpressionError,
    Parts,
    Scheme,
    parse,
    print_expression,
)
from site_builder.rules_language.tree import Access, Combination, Constant, Field, Not, Truth
from site_builder.rules_language.values import BOOL, BYTES

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

HAND_MADE = (Path(__file__).parent / "expressions.txt").read_text(encoding="utf-8").splitlines()
STARTS = 'starts_with(http.request.headers["a"][*], "b")'
ENGINE = Scheme(HTTP_CUSTOM_ERRORS.fields, HTTP_CUSTOM_ERRORS.functions, constants=False)


def refusal(text: str, scheme: Scheme = ENGINE) -> ExpressionError | None:
    try:
        parse(text, scheme)
    except ExpressionError as error:
        return error
    return None


def engine_refusal(text: str) -> str | None:
    found: str | None = octorules_wirefilter.parse_expression(text).get("error")
    return found


def test_there_are_many_hand_made_expressions_of_both_kinds() -> None:
    refused = [text for text in HAND_MADE if engine_refusal(text)]
    assert len(HAND_MADE) > 600
    assert 200 < len(refused) < len(HAND_MADE) - 200


@pytest.mark.parametrize("text", HAND_MADE)
def test_the_engine_agrees_on_hand_made_expressions(text: str) -> None:
    assert (refusal(text) is None) == (engine_refusal(text) is None)


@pytest.mark.parametrize("text", [text for text in HAND_MADE if engine_refusal(text) is None])
def test_the_engine_accepts_the_canonical_text_of_what_it_accepted(text: str) -> None:
    expression = parse(text)
    printed = print_expression(expression)
    assert engine_refusal(printed) is None
    assert parse(printed) == expression


# Where this parser and the engine's differ on purpose: the expression, whether it is accepted here, and why. The engine
# is asked through a peer whose scheme of fields and functions is a reconstruction.
DIFFERENCES = [
    ("true", True, "Cloudflare's API takes the constants, the open-source engine does not know them"),
    ("not false", True, "the same"),
    ("", False, "the engine refuses it, too, but the peer lets it pass before it asks the engine"),
    (" \n", False, "the same"),
    ("len(http.request.headers.names) gt 3", True, "documented for arrays; the peer has it for text only"),
    ('len(http.request.headers["a"]) ge 0', True, "the same"),
    ('substring(http.host, 2) eq "a"', True, "the end is documented as optional"),
    ('url_decode(http.host, "ur") eq "a"', True, "documented options"),
    ('lookup_json_string(http.host, "a", 1) eq "b"', True, "documented: several keys, positions among them"),
    ('split(http.host, ",", 0)[0] eq "a"', False, "documented: a limit from 1 to 128"),
    ('split(http.host, ",", 129)[0] eq "a"', False, "the same"),
    ('split(http.host, "", 2)[0] eq "a"', False, "documented: a separator that is not empty"),
    (r'http.host matches "(?u)\p{Greek}"', False, "Unicode mode cannot be evaluated here"),
    ('http.host matches "(?x) a b"', False, "neither can the mode that ignores blanks"),
    ('http.host matches "(?R)$"', False, "nor the mode for CRLF"),
    ('http.request.body.raw contains "a"', False, "documented for other products only"),
    ('any(http.request.accepted_languages[*] eq "de")', False, "the same"),
    ('to_string(http.response.code) eq "404"', False, "documented for other phases only"),
    ('encode_base64(http.host) eq "YQ=="', False, "the same"),
]


@pytest.mark.parametrize(("text", "accepted", "why"), DIFFERENCES)
def test_documented_differences(text: str, accepted: bool, why: str) -> None:
    assert (refusal(text, HTTP_CUSTOM_ERRORS) is None) is accepted, why
    assert (engine_refusal(text) is None) is not accepted, why


WORDS = r"""
ssl http.host http.response.code ip.src http.request.headers http.request.headers.names http cf.response.1xxx_code
cf.edge.server_ip nothing any all lower starts_with concat coalesce join
( ) [ ] { } [*] [0] ["a"] , . .. $ $list # *
not ! and && or || xor ^^ eq == ne != ge lt < >= in & bitwise_and contains matches ~ wildcard strict
"a" " "" r"a" r#"a"# r"\x41" r"\*" "**" "*" "é" 'a' é 0 1 08 0x1f -1 404 1.2.3.4 1.2.3.0/24 ::1 10/8 61:62 aa:bb
"""
TOKENS = [*WORDS.split(), "strict wildcard", "\n", "\t"]


@unhurried
@given(st.lists(st.tuples(st.sampled_from(TOKENS), st.sampled_from([" ", " ", ""])), max_size=12))
@example([("ssl", ""), ("and", ""), ("ssl", "")])
def test_the_engine_agrees_on_strings_of_tokens(tokens: list[tuple[str, str]]) -> None:
    text = "".join(token + blank for token, blank in tokens)
    assume(text.strip())
    assert (refusal(text) is None) == (engine_refusal(text) is None), text


# Alterations must not lead to a documented difference: a call with other arguments, or a mode.
DIFFERING = ("len(", "substring(", "url_decode(", "lookup_", "split(", "(?")
accepted = st.sampled_from(
    [text for text in HAND_MADE if engine_refusal(text) is None and not any(part in text for part in DIFFERING)]
)


@unhurried
@given(accepted, accepted, st.sampled_from([" and ", "or", " xor not ", ") or (", "&&!"]), st.data())
def test_the_engine_agrees_on_altered_expressions(left: str, right: str, between: str, data: st.DataObject) -> None:
    text = left + between + right
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, min(at + 3, len(text))))
    inserted = data.draw(st.one_of(st.just(""), st.sampled_from(TOKENS), st.characters(exclude_categories=["Cs"])))
    text = text[:at] + inserted + text[until:]
    assume("(?" not in text)
    assume(text.strip())
    assert (refusal(text) is None) == (engine_refusal(text) is None), text


REGEX_WORDS = r"""
a B é 1 - ] } [ [^ [a- [[:alpha:] [[:^digit:] && -- ~~ ^ $ . | ( ) (?: (?i) (?i: (?-s) (?m (?P<n> (?<m> (?= (?<! * + ?
{2} {2,} {2,3} {3,2} {,2} { \d \W \s \b \B \A \z \Z \n \x41 \x{e9} \xff \u0041 \. \- \] \[ \\ \1 \p{L} \q \<
\b{start} \/ #
"""
REGEX_TOKENS = [*REGEX_WORDS.split(), " "]


@unhurried
@given(st.lists(st.sampled_from(REGEX_TOKENS), max_size=8))
def test_the_engine_agrees_on_regular_expressions(tokens: list[str]) -> None:
    text = f'http.host matches r#"{"".join(tokens)}"#'
    assert (refusal(text) is None) == (engine_refusal(text) is None), text


@unhurried
@given(st.text(max_size=30))
def test_any_text_is_accepted_or_refused_in_place(text: str) -> None:
    error = refusal(text, HTTP_CUSTOM_ERRORS)
    if error:
        assert 1 <= error.position <= len(text) + 1
        assert error.message


@pytest.mark.parametrize(
    "text", ["\t ssl \n\x0b", "\xa0ssl\u2003", "\u3000ssl\x85", "\x1cssl", "ssl\u200b", "\ufeffssl"]
)
def test_the_engine_agrees_on_white_space_around(text: str) -> None:
    assert (refusal(text) is None) == (engine_refusal(text) is None)


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("not ", ""), ("!", ""), ("(not ", ")")])
@pytest.mark.parametrize("depth", [63, 64, 65, 127, 128, 129])
def test_the_engine_agrees_on_the_deepest_nesting(opening: str, closing: str, depth: int) -> None:
    for innermost in ("ssl", f"any({STARTS})"):
        text = opening * depth + innermost + closing * depth
        assert (refusal(text) is None) == (engine_refusal(text) is None)


@pytest.mark.parametrize("depth", [127, 128, 129])
def test_the_engine_agrees_on_the_deepest_calls(depth: int) -> None:
    text = "lower(" * depth + "http.host" + ")" * depth + ' eq "a"'
    assert (refusal(text) is None) == (engine_refusal(text) is None) == (depth <= 128)


SSL = Truth(Access(Field("ssl", BOOL)))


def test_precedence() -> None:
    both = Combination("and", (SSL, SSL))
    assert parse("ssl and ssl or not ssl xor ssl and ssl") == Combination(
        "or", (both, Combination("xor", (Not(SSL), both)))
    )
    assert parse("ssl and ssl and ssl") == Combination("and", (SSL, SSL, SSL))
    assert parse("(ssl and ssl) and ssl") == Combination("and", (both, SSL))


LONG = " ".join(f'"host{number}.example.com"' for number in range(10))


@pytest.mark.parametrize(
    "shared",
    [
        f"(http.host in {{{LONG}}} and not (ssl or ip.src in {{192.0.2.0/24}}))",
        f"http.host in {{{LONG}}}",
        f'lower(http.host) eq "{"long." * 20}example.com"',
        # Not closed: what follows may belong to it.
        f'concat(http.host, "{"long." * 20}", http.host) eq http.host',
        f'len(concat(http.host, "{"long." * 20}", http.host)) eq 1',
    ],
)
def test_parts_that_expressions_share_are_read_once(shared: str) -> None:
    texts = [f"{shared} and ssl", f"ssl or {shared}", f"not ({shared})", f"({shared} or ssl)", f"not {shared}"]
    parts = Parts()
    found = [parse(text, parts=parts) for text in texts]
    assert found == [parse(text) for text in texts]
    first, second, *_ = found
    assert isinstance(first, Combination)
    assert isinstance(second, Combination)
    assert (first.operands[0] is second.operands[1]) == (shared[0] == "(" or shared[-1] in '"}')
    with pytest.raises(ExpressionError, match="at character 1"):
        parse(f"unknown and {shared}", parts=parts)


@pytest.mark.parametrize(("end", "longer"), [("eq 1", "eq 10"), ("eq http.host", "eq http.host2")])
def test_a_part_that_goes_on_is_another(end: str, longer: str) -> None:
    start = f'concat(http.host, "{"long." * 20}", http.host)'
    start = f"len({start})" if "1" in end else start
    parts = Parts()
    parse(f"{start} {end}", parts=parts)
    read = []
    for known in (parts, None):
        try:
            read.append(str(parse(f"{start} {longer}", parts=known)))
        except ExpressionError as error:
            read.append(str(error))
    assert read[0] == read[1]


@pytest.mark.parametrize("depth", [126, 127, 128])
def test_a_part_that_is_known_may_be_too_deep_elsewhere(depth: int) -> None:
    names = " ".join(f'"host{number}.example.com"' for number in range(10))
    text = f"{'(' * depth}(ssl or (http.host in {{{names}}})){')' * depth}"
    parts = Parts()
    parse(text[depth:-depth], parts=parts)
    accepted = True
    try:
        parse(text, parts=parts)
    except ExpressionError:
        accepted = False
    assert accepted == (engine_refusal(text) is None)


def test_constants_depend_on_the_scheme() -> None:
    assert parse("true") == Constant(True)
    assert refusal("true", ENGINE) is not None
    own = Scheme({"true": BOOL, "true.love": BYTES})
    assert parse("true", own) == Truth(Access(Field("true", BOOL)))
    assert refusal('true.love eq "a"', own) is None


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 1, "the expression is empty"),
        ('http.hots eq "a"', 1, "unknown field or function `http.hots`"),
        ('ssl and http.hots eq "a"', 9, "unknown field or function `http.hots`"),
        ('http.host eq "a" ssl', 17, "expected `and`, `or`, `xor` or the end"),
        ('http.host "a"', 11, "expected a comparison such as `eq` or `in`"),
        ("http.host & 1", 11, "`&` cannot be used on Bytes"),
        ("http.response.code contains 1", 20, "`contains` cannot be used on Int"),
        (
            'http.request.headers["a"] eq "b"',
            27,
            "`eq` cannot be used on Array<Bytes>; take its elements with [*] or [0]",
        ),
        (
            '  http.request.headers["a"][*] eq "b"',
            3,
            "the expression is of type Array<Bool>; put it into any(…) or all(…)",
        ),
        ('ssl or http.request.headers["a"][*] eq "b"', 8, "expected Bool as on the left, found Array<Bool>"),
        ("any(ssl)", 5, "any() takes Array<Bool>, found Bool"),
        ("http.response.code eq 08", 23, "`08` is not an integer, which a leading zero makes octal"),
        ("http.response.code in {500, 502}", 27, "expected an integer"),
        ("http.response.code in {5..1}", 24, "the range ends before it begins"),
        ("ip.src in {10.0.0.1/8}", 12, "`10.0.0.1/8` has bits set behind its length"),
        ("ip.src in {10.0.0.0/33}", 21, "`33` is not the length of a network"),
        ("ip.src eq 1.2.3", 11, "`1.2.3` is not an IP address"),
        ('http.host eq "a', 14, "the closing quote is missing"),
        (r'http.host eq "\n"', 15, 'after a backslash comes `"`, a backslash, xHH or OOO'),
        ('http.host wildcard "**"', 20, "two stars in a row are refused"),
        (r'http.host wildcard r"\d"', 20, "in a wildcard a backslash stands only before `*` or another backslash"),
        (
            'http.host matches "ab(?=c)"',
            19,
            "look-around is not supported by the engine (character 3 of the regular expression)",
        ),
        ('lower("a") eq "b"', 7, "lower(): expected a field or call, not a literal"),
        ('lower(ip.src) eq "b"', 7, "lower(): expected Bytes, found Ip"),
        ("starts_with(http.host)", 22, "starts_with() takes at least 2 arguments"),
        ('starts_with(http.host, "a", "b")', 29, "starts_with(): takes at most 2 arguments"),
        ("concat(http.host, http.cookie[*])", 30, "Bytes cannot be indexed so"),
        (
            "concat(http.host, http.request.headers.names[*])",
            19,
            "concat(): [*] may stand only in the first argument",
        ),
        ("concat(http.host, ip.src)", 19, "concat(): expected Bytes as before, found Ip"),
        ("http.host eq http.response.code", 14, "expected Bytes, found Int"),
        ("ip.src[0] eq 1.2.3.4", 7, "Ip cannot be indexed so"),
        ("(" * 129 + "ssl" + ")" * 129, 129, "nested deeper than 128 levels"),
    ],
)
def test_refusals_say_where_and_why(text: str, position: int, message: str) -> None:
    error = refusal(text, HTTP_CUSTOM_ERRORS)
    assert error is not None
    assert (error.position, error.message) == (position, message)
    assert str(error) == f"{message} (at character {position})"


def test_fields_have_the_types_that_the_engine_peer_gives_them() -> None:
    types = {
        "STRING": "Bytes",
        "INT": "Int",
        "BOOL": "Bool",
        "IP": "Ip",
        "ARRAY_INT": "Array<Int>",
        "ARRAY_STRING": "Array<Bytes>",
        "MAP_ARRAY_STRING": "Map<Array<Bytes>>",
    }
    known = {
        field["name"]: types[field["type"]]
        for field in octorules_wirefilter.get_schema_info()["fields"]
        if field["name"] in FIELDS
    }
    assert {name: str(FIELDS[name]) for name in known} == known
    assert len(known) > 100
    deprecated_or_newer = sorted(set(FIELDS) - set(known))
    operators = {"Bytes": 'eq "a"', "Int": "eq 1", "Bool": ""}
    for name in deprecated_or_newer:
        assert engine_refusal(f"{name} {operators[str(FIELDS[name])]}") is None, name
