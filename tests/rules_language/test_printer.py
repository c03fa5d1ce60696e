"""Printing: the canonical text, its way back into a tree, and the engine's own parser as a judge of it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import octorules_wirefilter
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.rules_language import HTTP_CUSTOM_ERRORS, Expression, Scheme, Type, parse, print_expression
from site_builder.rules_language.tree import (
    Access,
    AddressRange,
    Argument,
    BitwiseAnd,
    Call,
    Combination,
    Constant,
    Contains,
    Each,
    Field,
    Index,
    InList,
    IntRange,
    Item,
    LogicalOperator,
    Matches,
    Network,
    Not,
    OneOf,
    Ordering,
    OrderingOperator,
    Quantifier,
    Truth,
    Wildcard,
)
from site_builder.rules_language.values import BOOL, BYTES, INT, IP, Address, array, mapping

# How long an example takes says nothing on a busy machine.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ORDERINGS: tuple[OrderingOperator, ...] = ("eq", "ne", "ge", "le", "gt", "lt")
LOGICAL: tuple[LogicalOperator, ...] = ("or", "xor", "and")
HEADERS = Field("http.request.headers", mapping(array(BYTES)))
NAMES = Field("http.request.headers.names", array(BYTES))
CONSTANTS = Scheme(HTTP_CUSTOM_ERRORS.fields, HTTP_CUSTOM_ERRORS.functions, constants=False)

integers = st.integers(-(2**63), 2**63 - 1)
positions = st.integers(0, 2**32 - 1)
plain_text = st.text(max_size=6)
hard_text = st.text('"\\#\nr\té', max_size=6)
texts = st.one_of(st.binary(max_size=6), plain_text.map(str.encode), hard_text.map(str.encode))
mapped_addresses = st.integers(0, 2**32 - 1).map(lambda number: IPv6Address((0xFFFF << 32) + number))
addresses: st.SearchStrategy[Address] = st.one_of(st.ip_addresses(), mapped_addresses)
list_names = st.from_regex(r"[a-z0-9_]([a-z0-9_.]*[a-z0-9_])?", fullmatch=True)
patterns = st.one_of(
    st.sampled_from(["", "^a|b$", r"\d+\.", '"', '"#', 'a"##b', r"[a-z]{2,3}", r"\"", r"(?i)x", "é", r'["\]]', "a\n"]),
    st.text("ab01.|^$ -_/", max_size=6),
)


def fields_of(wanted: Type) -> st.SearchStrategy[Access]:
    named = [name for name, kind in sorted(HTTP_CUSTOM_ERRORS.fields.items()) if kind == wanted]
    return st.sampled_from(named).map(lambda name: Access(Field(name, wanted)))


def call(name: str, *arguments: Argument) -> Call:
    return Call(HTTP_CUSTOM_ERRORS.functions[name], arguments)


@st.composite
def wildcards(draw: st.DrawFn) -> bytes:
    pieces = draw(
        st.lists(st.sampled_from([b"a", b"*", b"\\*", b"\\\\", b'"', b"?", b"\xff", b"\xc3\xa9"]), max_size=8)
    )
    # No two stars side by side.
    return b"".join(piece for at, piece in enumerate(pieces) if piece != b"*" or at == 0 or pieces[at - 1] != b"*")


@st.composite
def text_values(draw: st.DrawFn, depth: int = 2) -> Access:
    """A value of type Bytes that is not mapped."""
    simple = [fields_of(BYTES), st.builds(lambda key, at: Access(HEADERS, (key, at)), plain_text, positions)]
    simple.append(st.builds(lambda at: Access(NAMES, (at,)), positions))
    if depth == 0 or draw(st.booleans()):
        return draw(st.one_of(simple))
    inner = draw(text_values(depth - 1))
    kind = draw(st.sampled_from(["lower", "concat", "coalesce", "substring", "split", "each"]))
    if kind in ("concat", "coalesce"):
        others = draw(st.lists(st.one_of(texts, text_values(depth - 1)), min_size=1, max_size=3))
        return Access(call(kind, *draw(st.permutations([inner, *others]))))
    if kind == "substring":
        return Access(call(kind, inner, draw(integers), draw(integers)))
    if kind == "split":
        separator = draw(texts.filter(bool))
        return Access(call(kind, inner, separator, draw(st.integers(1, 128))), (draw(positions),))
    if kind == "each":
        return Access(call("lower", draw(mapped_texts(depth - 1))), (draw(positions),))
    return Access(call(kind, inner))


@st.composite
def mapped_texts(draw: st.DrawFn, depth: int = 1) -> Access:
    """A value of type Bytes with ``[*]``."""
    if depth and draw(st.booleans()):
        return Access(call("concat", draw(mapped_texts(depth - 1)), draw(st.one_of(texts, text_values(0)))), (Each(),))
    indexes: list[tuple[Index, ...]] = [(draw(plain_text), Each()), (Each(), draw(positions)), (Each(), Each())]
    return draw(
        st.one_of(st.sampled_from([Access(HEADERS, index) for index in indexes]), st.just(Access(NAMES, (Each(),))))
    )


@st.composite
def integer_values(draw: st.DrawFn) -> Access:
    return draw(st.one_of(fields_of(INT), text_values(1).map(lambda text: Access(call("len", text)))))


def int_ranges() -> st.SearchStrategy[Item]:
    return st.tuples(integers, integers).map(lambda pair: IntRange(min(pair), max(pair)))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    address = draw(addresses)
    length = draw(st.integers(0, address.max_prefixlen))
    if isinstance(address, IPv4Address):
        return IPv4Network((int(address), length), strict=False)
    return IPv6Network((int(address), length), strict=False)


@st.composite
def address_ranges(draw: st.DrawFn) -> AddressRange:
    one = draw(addresses)
    other = draw(st.ip_addresses(v=4) if one.version == 4 else st.ip_addresses(v=6))
    first, last = sorted((one, other), key=int)
    return AddressRange(first, last)


@st.composite
def text_comparisons(draw: st.DrawFn, value: Access) -> Expression:
    operand = st.one_of(texts, text_values(1))
    comparison: st.SearchStrategy[Expression] = st.one_of(
        st.builds(Ordering, st.just(value), st.sampled_from(ORDERINGS), operand),
        st.builds(Contains, st.just(value), texts),
        st.builds(Matches, st.just(value), patterns),
        st.builds(Wildcard, st.just(value), wildcards(), st.booleans()),
        st.builds(OneOf, st.just(value), st.lists(texts, max_size=3).map(tuple)),
        st.builds(InList, st.just(value), list_names),
    )
    return draw(comparison)


@st.composite
def comparisons(draw: st.DrawFn) -> Expression:
    """A comparison of type Bool."""
    kind = draw(st.sampled_from([BYTES, INT, IP, BOOL]))
    if kind == BYTES:
        return draw(text_comparisons(draw(text_values())))
    if kind == BOOL:
        starts = st.builds(lambda text, start: Access(call("starts_with", text, start)), text_values(1), texts)
        return Truth(draw(st.one_of(fields_of(BOOL), starts)))
    if kind == INT:
        value = integer_values()
        operand = st.one_of(integers, integer_values())
        items = st.lists(int_ranges(), max_size=3).map(tuple)
        return draw(
            st.one_of(
                st.builds(Ordering, value, st.sampled_from(ORDERINGS), operand),
                st.builds(BitwiseAnd, value, operand),
                st.builds(OneOf, value, items),
                st.builds(InList, value, list_names),
            )
        )
    sets = st.lists(st.one_of(networks(), address_ranges()), max_size=3).map(tuple)
    ordering = st.builds(Ordering, fields_of(IP), st.sampled_from(ORDERINGS), st.one_of(addresses, fields_of(IP)))
    return draw(st.one_of(ordering, st.builds(OneOf, fields_of(IP), sets)))


@st.composite
def mapped_expressions(draw: st.DrawFn, depth: int = 1) -> Expression:
    """An expression of type Array<Bool>."""
    if depth and draw(st.booleans()):
        operands = draw(st.lists(mapped_expressions(depth - 1), min_size=1, max_size=3))
        return Not(operands[0]) if len(operands) == 1 else Combination(draw(st.sampled_from(LOGICAL)), tuple(operands))
    if draw(st.booleans()):
        return Truth(Access(call("starts_with", draw(mapped_texts()), draw(texts))))
    return draw(text_comparisons(draw(mapped_texts())))


@st.composite
def quantifiers(draw: st.DrawFn) -> Expression:
    values = mapped_texts().map(lambda text: Access(call("starts_with", text, b"a")))
    return Quantifier(draw(st.sampled_from(["any", "all"])), draw(st.one_of(mapped_expressions(), values)))


def combined(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    operands = st.lists(inner, min_size=2, max_size=3).map(tuple)
    chosen = st.one_of(inner, inner.map(Not)).map(
        # Coalesce takes expressions of type Bool as arguments.
        lambda expression: Truth(Access(call("coalesce", expression, Access(Field("ssl", BOOL)))))
    )
    return st.one_of(inner.map(Not), st.builds(Combination, st.sampled_from(LOGICAL), operands), chosen)


leaves = st.one_of(comparisons(), quantifiers())
expressions = st.recursive(leaves, combined, max_leaves=5)
with_constants = st.recursive(st.one_of(leaves, st.booleans().map(Constant)), combined, max_leaves=5)


@unhurried
@given(with_constants)
def test_parsing_what_was_printed_gives_the_same_tree(expression: Expression) -> None:
    assert parse(print_expression(expression)) == expression


@unhurried
@given(expressions)
def test_the_engine_accepts_what_was_printed(expression: Expression) -> None:
    text = print_expression(expression)
    assert octorules_wirefilter.parse_expression(text).get("error") is None, text


@unhurried
@given(with_constants)
def test_printed_text_is_canonical(expression: Expression) -> None:
    text = print_expression(expression)
    assert print_expression(parse(text)) == text


FIRST = 'http.request.headers["a"][*] eq "x"'
SECOND = 'http.request.headers["a"][*] eq "y"'
STARTS = 'starts_with(http.request.headers["a"][*], "x")'


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((ssl))", "ssl"),
        ("!ssl&&ssl", "not ssl and ssl"),
        ("!(ssl||ssl)", "not (ssl or ssl)"),
        ("ssl or (ssl and ssl)", "ssl or ssl and ssl"),
        ("(ssl or ssl) and ssl", "(ssl or ssl) and ssl"),
        ("ssl and (ssl and ssl)", "ssl and (ssl and ssl)"),
        ("(ssl and ssl) xor ssl", "ssl and ssl xor ssl"),
        ("ssl ^^ (ssl xor ssl)", "ssl xor (ssl xor ssl)"),
        ('http.host=="a"', 'http.host eq "a"'),
        ('http.host ~ "a\\"b"', 'http.host matches r#"a"b"#'),
        (r'http.host eq r#"a"\b"#', r'http.host eq "a\"\\b"'),
        (r'http.host eq "\x61\142\xff\x0a"', r'http.host eq "ab\xff\x0a"'),
        ("http.host eq 61:62", 'http.host eq "ab"'),
        (r'http.host wildcard "text/\\*"', r'http.host wildcard r"text/\*"'),
        ('http.host  strict wildcard\n"a*"', 'http.host strict wildcard "a*"'),
        ("http.response.code bitwise_and 0x10", "http.response.code & 16"),
        ("http.response.code in {\n 0777 1..1 2..3}", "http.response.code in {511 1 2..3}"),
        ("ip.src in {10/8 1.2.3.4/32 ::ffff:102:304}", "ip.src in {10.0.0.0/8 1.2.3.4 ::ffff:1.2.3.4}"),
        ("ip.src in {1.2.3.4..1.2.3.5 0:0::/32}", "ip.src in {1.2.3.4..1.2.3.5 ::/32}"),
        ("ip.src eq 0:0:0:0:0:0:0:1", "ip.src eq ::1"),
        ("ip.src in   $office_network", "ip.src in $office_network"),
        ('any ( http.request.headers["a"][ * ]eq"x" )', f"any({FIRST})"),
        (f"any(not {FIRST} and {SECOND})", f"any((not {FIRST} and {SECOND}))"),
        (f"any({STARTS})", f"any({STARTS})"),
        (f"any(({STARTS}))", f"any(({STARTS}))"),
        ("( true )", "true"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    assert print_expression(parse(text)) == canonical
