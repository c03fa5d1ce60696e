"""Scripts without comments and indentation, so that one can be written for reading and is small in a page."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"^\s*//.*$|^\s*/\*.*?\*/\s*$", re.MULTILINE | re.DOTALL)
_LINES = re.compile(r"\s*\n\s*")
_ENDS_ELEMENT = re.compile(r"<(?=/script|!--|script)", re.IGNORECASE)


def minified(script: str) -> str:
    """``script`` with the same meaning and fewer bytes: comments with lines of their own and indentation are gone.

    Line breaks stay, because some of them end a statement. Within a template literal blanks at the ends of lines are
    lost, so a script must not depend on them. ``</script``, ``<script`` and ``<!--``, which HTML sees also in a string,
    are written with an escape.
    """
    small = _LINES.sub("\n", _COMMENT.sub("", script)).strip()
    return _ENDS_ELEMENT.sub(r"\\x3c", small)
