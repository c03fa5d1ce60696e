"""The patterns of ``wildcard`` and ``strict wildcard``: ``*`` stands for any text, and the whole value must match.

``\\*`` and ``\\\\`` are a literal star and backslash; no other escape and no ``**`` exists, and ``?`` is a plain
character (developers.cloudflare.com/ruleset-engine/rules-language/operators/, section on wildcard matching).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

MOST_STARS: Final = 10
"""More stars are refused. Cloudflare publishes no number; this is what the parser used as a check refuses, too."""

_TOKEN = re.compile(rb"\\[*\\]|[^\\]", re.DOTALL)


def wildcard_fault(pattern: bytes) -> str | None:
    """What is wrong with a pattern, None where nothing is."""
    tokens = _TOKEN.findall(pattern)
    if sum(map(len, tokens)) != len(pattern):
        return "in a wildcard a backslash stands only before `*` or another backslash"
    if tokens.count(b"*") > MOST_STARS:
        return f"a wildcard takes at most {MOST_STARS} stars"
    if any(left == right == b"*" for left, right in pairwise(tokens)):
        return "two stars in a row are refused"
    return None


def wildcard_matcher(pattern: bytes, *, strict: bool) -> Callable[[bytes], bool]:
    """A test of whole values against a pattern that has no fault. Case, where ignored, is that of ASCII letters."""
    parts: list[bytes] = [b""]
    for token in _TOKEN.findall(pattern if strict else pattern.lower()):
        if token == b"*":
            parts.append(b"")
        else:
            parts[-1] += token[-1:]
    first, *middle = parts
    last = middle.pop() if middle else None

    def matches(value: bytes) -> bool:
        subject = value if strict else value.lower()
        if last is None:
            return subject == first
        end = len(subject) - len(last)
        if len(first) > end or not subject.startswith(first) or not subject.endswith(last):
            return False
        at = len(first)
        # The leftmost place for each part leaves the most room for the next, so no other needs to be tried.
        for part in middle:
            at = subject.find(part, at, end)
            if at < 0:
                return False
            at += len(part)
        return True

    return matches
