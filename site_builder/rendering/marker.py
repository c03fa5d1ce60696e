"""The marker: ``<meta name="errgen" content="DIGEST">``, by which a live answer is known to be a page of ours.

An edge may minify a page and fills in its tokens, so that its bytes change; the marker stays. Its digest is of the page
as it was made, with the marker blank.
"""

from __future__ import annotations

import hashlib
import re

BLANK = '<meta name="errgen" content="">'
"""What a template writes, once; the digest is put into it when the page is finished."""

_META = re.compile(rb"<meta\b[^>]*?\bname\s*=\s*[\"']?errgen[\"']?(?=[\s/>])[^>]*>", re.IGNORECASE)
_META_CONTENT_FIRST = re.compile(rb"<meta\s[^>]*?\bname\s*=\s*[\"']?errgen[\"']?[\s/]*>", re.IGNORECASE)
_CONTENT = re.compile(rb"\bcontent\s*=\s*[\"']?([0-9a-f]{16})(?=[\"'\s/>])", re.IGNORECASE)


def marker_of(html: bytes) -> str | None:
    """The 16 hexadecimal digits of a page's marker, also after it has been minified; None where it has no marker."""
    meta = _META.search(html) or _META_CONTENT_FIRST.search(html)
    content = _CONTENT.search(meta.group()) if meta else None
    return content.group(1).decode().lower() if content else None


def digest_with_blank_marker(html: bytes) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a page as it was made, its marker blank."""
    meta = _META.search(html)
    if meta:
        blank = _CONTENT.sub(b'content="', meta.group(), count=1)
        html = html[: meta.start()] + blank + html[meta.end() :]
    return hashlib.sha256(html).hexdigest()[:16]


def marked(html: str) -> bytes:
    """A page whose one blank marker is filled in, as UTF-8."""
    content = html.encode()
    filled = BLANK.replace('""', f'"{hashlib.sha256(content).hexdigest()[:16]}"')
    return content.replace(BLANK.encode(), filled.encode(), 1)
