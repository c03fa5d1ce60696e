"""What the API token needs at a zone or account: the permission groups of the calls that publishing sends.

Names: developers.cloudflare.com/fundamentals/api/reference/permissions/. Whoever may edit may read. Cloudflare asks for
Custom Error Rules alone; users have needed Custom Pages for assets, so both are named. Accounts have no group for error
rules of their own: they are among Account Rulesets.
"""

from __future__ import annotations

from ...rights import Grant, Rights
from .options import Options

HOW = (
    "make a custom token with these permissions, and these zones and accounts as its resources, at "
    "https://dash.cloudflare.com/profile/api-tokens"
)


def rights(options: Options) -> Rights:
    """The permission groups for the zone or account of ``options``."""
    zone = options.zone is not None
    name = f"zone {options.zone}" if zone else f"account {options.account}"
    rules, pages = ("Custom Error Rules", "Custom Pages") if zone else ("Account Rulesets", "Account Custom Pages")
    grants = [
        Grant(f"{rules}: Edit", name, "reads, tries and switches the rules"),
        Grant(f"{pages}: Edit", name, "registers and removes assets, and reads which Error Pages are customised"),
    ]
    if options.retry_after and zone:
        grants += [
            Grant("Transform Rules: Edit", name, "reads, tries and switches the rules that set Retry-After"),
            Grant("Account Rulesets: Read", f"the account of {name}", "Cloudflare asks for it besides"),
        ]
    return Rights(f"cloudflare {name}", "CLOUDFLARE_API_TOKEN", tuple(grants), HOW)
