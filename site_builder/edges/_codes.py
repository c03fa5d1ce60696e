"""Sets of codes as sorted, disjoint, inclusive ranges: the algebra that splitting rules needs."""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Codes


def union(*sets: Iterable[tuple[int, int]]) -> Codes:
    """Every code of any of ``sets``, neighbouring ranges joined. Also brings unsorted ranges in order."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(span for spans in sets for span in spans):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


def intersection(one: Codes, other: Codes) -> Codes:
    """The codes that are in both."""
    common = ((max(low, least), min(high, most)) for low, high in one for least, most in other)
    return union((low, high) for low, high in common if low <= high)


def difference(one: Codes, other: Codes) -> Codes:
    """The codes of ``one`` that are not in ``other``."""
    left = list(one)
    for least, most in other:
        parts = []
        for low, high in left:
            parts += [span for span in ((low, min(high, least - 1)), (max(low, most + 1), high)) if span[0] <= span[1]]
        left = parts
    return union(left)
