"""What Cloudflare is known to say about a few codes, as catalog entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from site_builder.edges.cloudflare.exchange import Visit
from site_builder.model import Entry, Source


def entry(
    code: int,
    title: str,
    name: str,
    *,
    status: int | None = None,
    category: str = "origin",
    detail: str = "It **failed**, see [the page](https://example.com/) and `this`.",
    advice: str = "**Wait.** Then retry.",
    owner_acts: bool | None = None,
    documentation: str | None = None,
) -> Entry:
    return Entry(
        key=str(code), code=code, codes=((code, code),), catch_all=False, status=status, serve_status=None,
        error_name=name, title=title, headline=title, category=category, detail=detail, what_you_should_do=advice,
        retryable=None, retry_after=None, owner_action_required=owner_acts, who_acts="owner",
        documentation=documentation, weight=1, source=Source("test", 1),
    )  # fmt: skip


ENTRIES = {
    found.key: found
    for found in (
        entry(404, "Not Found", "not_found", status=404, category="client"),
        entry(500, "Internal server error", "internal_server_error", status=500, category="cloudflare"),
        entry(503, "Service unavailable", "service_unavailable", status=503),
        entry(521, "Web server is down", "web_server_down", status=521),
        entry(
            522,
            "Connection timed out",
            "connection_timeout",
            status=522,
            detail="The server of this website did not answer in time.",
            advice="**Try again.** Leave two minutes between attempts; the owner checks the firewall.",
            owner_acts=True,
            documentation="https://developers.cloudflare.com/support/troubleshooting/http-status-codes/"
            "cloudflare-5xx-errors/error-522/",
        ),
        entry(525, "SSL handshake failed", "ssl_handshake_failed", status=525, category="ssl"),
        entry(1001, "DNS resolution error", "dns_resolution_error", category="dns"),
        entry(1005, "Access denied: network banned", "network_banned", status=403, category="access_denied"),
        entry(1015, "You are being rate limited", "rate_limited", status=429, category="rate_limit", owner_acts=False),
        entry(1016, "Origin DNS error", "origin_dns_error", status=530, category="dns"),
        entry(1020, "Access denied", "access_denied", category="access_denied"),
    )
}


@pytest.fixture(scope="session")
def facts() -> Callable[[int], Entry | None]:
    return lambda code: ENTRIES.get(str(code))


@pytest.fixture(scope="session")
def visit() -> Visit:
    return Visit("9f140b785e57c458", "2001:db8::7", "DE", datetime(2026, 4, 24, 9, 22, 40, 999999, tzinfo=UTC))
