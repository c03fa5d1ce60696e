"""Kinds of clients, by the Accept header lines that they send: who is asked for whenever answers are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
"""What browsers send for a page (developer.mozilla.org, list of default Accept values)."""

CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "browser": (BROWSER,),
    "API client": ("application/json",),
    "API client that knows RFC 9457": ("application/problem+json",),
    "agent": ("text/markdown",),
    "agent that also takes HTML": ("text/markdown, text/html;q=0.9, */*;q=0.8",),
    "client that takes anything": ("*/*",),
    "client that does not say": (),
}
"""Kinds of clients by name."""

REFERENCE_ROWS: Final[tuple[tuple[str, ...], ...]] = (
    ("application/json",),
    ("application/problem+json",),
    ("application/json, text/markdown;q=0.9",),
    ("text/markdown",),
    ("text/markdown, application/json",),
    ("text/*",),
    ("text/html",),
    ("*/*",),
    (),
)
"""The rows of Cloudflare's table on content negotiation (developers.cloudflare.com/fundamentals/reference/
error-responses/)."""

ALL_CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    **CLIENTS,
    **{f"Accept: {', '.join(row)}": row for row in REFERENCE_ROWS if row not in CLIENTS.values()},
}
"""All of them, each header once; those of the table that have no name go by their header."""
