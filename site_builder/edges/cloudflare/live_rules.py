"""Whether rules of ours are live at a zone or account, and switched on: one request, for whoever has a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .client import CloudflareClient, token_of
from .merging import is_off, is_ours

if TYPE_CHECKING:
    import httpx

    from .._remote import Report


@dataclass(frozen=True, slots=True)
class LiveRules:
    """How many rules of ours are there, whether errgen has switched them off, and when the last of them was written.

    ``written`` is the moment as Cloudflare gives it, empty where it gives none.
    """

    count: int
    off: bool = False
    written: str = ""


def live_rules(
    site: str,
    target: str,
    environ: Mapping[str, str],
    *,
    report: Report = lambda _: None,
    sleep: Callable[[float], object] | None = None,
    transport: httpx.BaseTransport | None = None,
) -> LiveRules:
    """The rules of ``site`` at ``target``, which is ``zone ID`` or ``account ID``.

    Raises RemoteFailed without CLOUDFLARE_API_TOKEN in ``environ``, and where Cloudflare does not tell.
    """
    scope, _, identifier = target.partition(" ")
    client = CloudflareClient(
        token_of(environ),
        "account" if scope == "account" else "zone",
        identifier,
        base_url=environ.get("CLOUDFLARE_BASE_URL"),
        transport=transport,
        sleep=sleep,
        report=report,
    )
    try:
        entry_point = client.errors.read()
    finally:
        client.close()
    rules = entry_point.rules if entry_point else ()
    ours = [rule for rule in rules if is_ours(rule, site)]
    written = max((str(rule["last_updated"]) for rule in ours if rule.get("last_updated")), default="")
    return LiveRules(len(ours), is_off(rules, site), written)
