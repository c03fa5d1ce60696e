"""How long an expression is, as Cloudflare's limit counts it."""

from __future__ import annotations

from site_builder.rules_language.cursor import Cursor, ExpressionError
from site_builder.rules_language.literals import read_regex, read_text

_WHITE_SPACE = " \t\r\n"


def normalised_length(text: str) -> int:
    """The number of characters with every run of white space outside of text counted as one, and none at the ends.

    Rules are limited to 4,096 such characters (developers.cloudflare.com/ruleset-engine/rules-language/expressions/).
    It needs no valid expression: text that is not closed counts to its end as it is.
    """
    cursor = Cursor(text.strip(_WHITE_SPACE))
    length = 0
    while not cursor.ended:
        start = cursor.at
        if cursor.take_while(_WHITE_SPACE):
            length += 1
            continue
        if cursor.peek() == '"' or (cursor.peek() == "r" and cursor.peek(1) in ('"', "#")):
            _skip_text(cursor)
        else:
            cursor.at += 1
        length += cursor.at - start
    return length


def _skip_text(cursor: Cursor) -> None:
    """Go behind the text that starts here: to the end where it has none, one character on where it is no text."""
    start = cursor.at
    before = cursor.text[:start].rstrip(_WHITE_SPACE)
    read = read_regex if before.endswith(("matches", "~")) else read_text
    try:
        read(cursor)
    except ExpressionError:
        cursor.at = len(cursor.text) if cursor.text[start] == '"' else start + 1
