"""A distribution's configuration: read, and sent back with nothing changed but the error responses."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges.cloudfront.configuration import Behavior, Configuration, ErrorResponse, Origin
from site_builder.edges.cloudfront.document import Element, parse
from tests.cloudfront_double import CONFIGURATION

THEIRS = Configuration("E1", CONFIGURATION)
OURS = ErrorResponse(404, "/errors/o/x.html", "404", 10, b"<CustomErrorResponse>ours</CustomErrorResponse>")


def test_what_is_read() -> None:
    ttl, spa = THEIRS.responses
    assert (ttl, ttl.text) == (ErrorResponse(405, "", "", 0, b""), "no page, cached for 0 s")
    assert (spa, spa.text) == (
        ErrorResponse(403, "/index.html", "200", 300, b""),
        "/index.html with 200, cached for 300 s",
    )
    assert spa.xml.endswith(b'<FieldOfTomorrow quoted="a > b"/></CustomErrorResponse>')
    assert THEIRS.origins == (
        Origin("application", "app.example.com", ""),
        Origin("errgen-default", "example-errors.s3.eu-central-1.amazonaws.com", ""),
    )
    reading = frozenset({"GET", "HEAD"})
    assert THEIRS.behaviors == (
        Behavior("/errors/o/*", "errgen-default", reading),
        Behavior("*", "application", reading),
    )
    assert not THEIRS.is_for_tenants
    assert Configuration(
        "E1", CONFIGURATION.replace(b"<Enabled>", b"<ConnectionMode>tenant-only</ConnectionMode><Enabled>")
    ).is_for_tenants


def test_nothing_else_changes() -> None:
    start, end = CONFIGURATION.index(b"<CustomErrorResponses>"), CONFIGURATION.index(b"<Comment>")
    changed = THEIRS.with_responses([THEIRS.responses[1], OURS])

    assert changed == (
        CONFIGURATION[:start]
        + b"<CustomErrorResponses><Quantity>2</Quantity><Items>"
        + THEIRS.responses[1].xml
        + OURS.xml
        + b"</Items></CustomErrorResponses>"
        + CONFIGURATION[end:]
    )
    assert THEIRS.with_responses(THEIRS.responses) == CONFIGURATION
    emptied = THEIRS.with_responses([])
    assert b"<CustomErrorResponses><Quantity>0</Quantity></CustomErrorResponses><Comment>" in emptied


@pytest.mark.parametrize(
    "there", [b"", b"<CustomErrorResponses/>", b"<CustomErrorResponses><Quantity>0</Quantity><New/>"]
)
def test_where_there_are_none_yet(there: bytes) -> None:
    close = b"</CustomErrorResponses>" if there.endswith(b"<New/>") else b""
    before = b'<DistributionConfig a="/>"><X/>' + there + close + b"</DistributionConfig>"
    kept = b"<New/>" if close else b""

    assert Configuration("E1", before).with_responses([OURS]) == (
        b'<DistributionConfig a="/>"><X/><CustomErrorResponses><Quantity>1</Quantity><Items>'
        + OURS.xml
        + b"</Items>"
        + kept
        + b"</CustomErrorResponses></DistributionConfig>"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><h1>502</h1>",
        b"<Distribution/>",
        b"<!DOCTYPE DistributionConfig><DistributionConfig/>",
        CONFIGURATION.replace(b"<ErrorCode>403", b"<ErrorCode>many"),
        CONFIGURATION[:-30],
    ],
)
def test_what_is_no_configuration(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it says, the caller words it
        Configuration("E1", content)
    with pytest.raises(ValueError, match="is not a distribution's configuration"):
        Configuration("", CONFIGURATION)


@pytest.mark.parametrize(
    ("pattern", "path", "taken"),
    [
        ("/errors/o/*", "/errors/o/static-en-404.html", True),
        ("errors/*", "/errors/o/static-en-404.html", True),
        ("*.html", "/errors/o/static-en-404.html", True),
        ("*", "/", True),
        ("/errors/?/*", "/errors/o/x", True),
        ("/Errors/*", "/errors/o/x", False),
        ("/errors/[o]/*", "/errors/o/x", False),
        ("errors/*", "/shop/errors/o/x", False),
    ],
)
def test_which_addresses_a_behavior_takes(pattern: str, path: str, taken: bool) -> None:
    assert Behavior(pattern, "x", frozenset()).takes(path) is taken


texts = st.text("aé😀<>&\"'] /", max_size=6)
leaves = st.builds(lambda value, text: f"<x k={quoteattr(value)}>{escape(text)}</x>", texts, texts) | st.just("<y/>")
trees = st.lists(leaves, max_size=3).map(lambda parts: f"<Items>{''.join(parts)}</Items>") | leaves


def spans(element: Element) -> list[tuple[int, int]]:
    return [(element.start, element.end), *(span for one in element.children for span in spans(one))]


@given(before=st.lists(trees, max_size=3), after=st.lists(trees, max_size=3))
def test_whatever_stands_around_stays_as_it_is(before: list[str], after: list[str]) -> None:
    around = "".join(before), "".join(after)
    xml = f"<DistributionConfig>{around[0]}<CustomErrorResponses/>{around[1]}</DistributionConfig>".encode()
    new = Configuration("E1", xml).with_responses([OURS])

    start, end = (part.encode() for part in around)
    assert new.startswith(b"<DistributionConfig>" + start + b"<CustomErrorResponses>")
    assert new.endswith(b"</CustomErrorResponses>" + end + b"</DistributionConfig>")
    for low, high in spans(parse(xml)):
        assert re.match(rb"<(\w+)", xml[low:high])
        parse(xml[low:high])
