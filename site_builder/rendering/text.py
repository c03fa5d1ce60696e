"""What every text goes through before it stands in a page: characters that a page cannot carry, and line breaks."""

from __future__ import annotations

import re
from functools import lru_cache

# Control characters, lone surrogates and noncharacters: HTML calls them parse errors, YAML forbids most of them, and
# none of them can be seen. Line breaks and the tab are not among them.
_NONCHARACTERS = "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_UNPRINTABLE = re.compile(f"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff{_NONCHARACTERS}]")
_BREAKS = re.compile("[ \t\n\r\x0b\x0c\x1c-\x1f\x85\u2028\u2029]+")


@lru_cache(maxsize=4096)
def one_line(text: str) -> str:
    """``text`` on one line, each run of blanks and line breaks as one space, without what a page cannot carry.

    Unprintable characters become U+FFFD, so that they show. A no-break space stays what it is.
    """
    return _BREAKS.sub(" ", _UNPRINTABLE.sub("\ufffd", text)).strip(" ")
