"""The hash sources by which a Content Security Policy allows the inline parts of a page (CSP Level 3, 2.3.1, 8.4)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache

DIRECTIVES: Mapping[bytes, str] = {b"style": "style-src", b"script": "script-src"}

# A comment comes first, so that nothing in it counts. What ends a style or script element is its own end tag alone.
_ELEMENT = re.compile(rb"<!--.*?-->|<(style|script)(?=[\s/>])[^>]*>(.*?)</\1(?=[\s/>])", re.DOTALL | re.IGNORECASE)


def csp_of(html: bytes) -> dict[str, tuple[str, ...]]:
    """``{"style-src": ("sha256-…",), "script-src": …}``: one hash for each inline element, in their order, each once.

    It is of the exact bytes between the tags, with the line ends that a browser sees. A directive without elements is
    left out. Hashes allow elements only, so a page must do without ``style`` attributes and event handlers.
    """
    found: dict[str, dict[str, None]] = {}
    for name, text in _ELEMENT.findall(html):
        if name:
            found.setdefault(DIRECTIVES[name.lower()], {})[_source(text)] = None
    return {directive: tuple(sources) for directive, sources in sorted(found.items(), reverse=True)}


@lru_cache(maxsize=64)
def _source(text: bytes) -> str:
    seen = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return "sha256-" + b64encode(hashlib.sha256(seen).digest()).decode()
