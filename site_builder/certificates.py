"""The certificate authorities that errgen trusts: those of certifi, as httpx has them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


@cache
def trusted() -> ssl.SSLContext:
    """For the ``verify`` of every client. The list takes 30 ms to load, so all connections of a run share it."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)
