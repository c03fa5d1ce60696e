"""Fetching a page the way Cloudflare does when an asset or an Error Page is registered: once, at once, over HTTP."""

from __future__ import annotations

import http.client
import re
import urllib.request
from urllib.parse import urlsplit

from .envelope import FETCH_FAILED, ApiError, invalid

MAXIMUM_BYTES = 1_500_000
TIMEOUT_SECONDS = 10.0


def fetch_page(url: str, *, minify: bool) -> bytes:
    """The page at ``url`` as it will be stored. Raises ApiError (400).

    Only a 200 counts: redirects are not followed and no proxy is used, so what was proved is this address alone.
    """
    if not _is_web_address(url):
        raise invalid(f"{url!r} is not a valid http or https URL", "/url")
    opener = urllib.request.OpenerDirector()  # bare on purpose: no redirects, no proxies, every status is an answer
    opener.add_handler(urllib.request.HTTPHandler())
    opener.add_handler(urllib.request.HTTPSHandler())
    request = urllib.request.Request(url, headers={"User-Agent": "errgen-emulator", "Accept": "*/*"})  # noqa: S310
    try:
        response = opener.open(request, timeout=TIMEOUT_SECONDS)
        if response is None:
            raise _failed(url, "could not be reached")
        with response:
            if response.status != 200:
                raise _failed(url, f"returned {response.status}")
            content: bytes = response.read(MAXIMUM_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError):
        raise _failed(url, "could not be reached") from None
    if len(content) > MAXIMUM_BYTES:
        raise invalid(f"Your custom page must be smaller than {MAXIMUM_BYTES} characters.", "/url")
    if not content.strip():
        raise invalid("Your custom page must not be blank.", "/url")
    return re.sub(rb"\s+", b" ", content) if minify else content


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an IPv6 address without its bracket, a port that is no number
        return False


def _failed(url: str, what: str) -> ApiError:
    return invalid(f"Error fetching page: Fetch failed, {url} {what} (Code: {FETCH_FAILED})", "/url", FETCH_FAILED)
