"""Sets of codes as a catalog writes them: ``404``, ``400..499``, ``[520..524, 527]``."""

from __future__ import annotations

import re

from ..model import Codes

BLOCKS = ((400, 599), (1000, 1999))
"""The codes that a page can be made for: HTTP client and server errors, and Cloudflare's 1xxx codes."""
BLOCKS_TEXT = "400 to 599 and 1000 to 1999"


def is_code(code: int) -> bool:
    """Whether a page can be made for ``code``."""
    return any(low <= code <= high for low, high in BLOCKS)


def parse_codes(value: object) -> Codes:
    """``value`` as YAML gives it (a number, ``400..499``, a list of both, or both separated by blanks) as codes.

    Adjacent codes become one range. Raises ValueError with a message for people.
    """
    parts = value if isinstance(value, list | tuple) else value.split() if isinstance(value, str) else [value]
    if not parts:
        raise ValueError("names no code")
    joined: list[tuple[int, int]] = []
    for low, high in sorted(_range(part) for part in parts):
        if joined and low <= joined[-1][1]:
            raise ValueError(f"names {low} twice")
        if joined and low == joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return tuple(joined)


def _range(part: object) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,9})(?:\.\.([0-9]{1,9}))?", str(part))
    if not found or isinstance(part, float):
        raise ValueError(f"'{part}' is neither a code like 404 nor a range like 400..499")
    low, high = int(found[1]), int(found[2] or found[1])
    if low > high:
        raise ValueError(f"the range {part} runs backwards")
    if not any(first <= low and high <= last for first, last in BLOCKS):
        raise ValueError(f"{part} is outside of {BLOCKS_TEXT}")
    return low, high
