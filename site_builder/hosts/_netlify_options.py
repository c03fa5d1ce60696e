"""The table of a site of Netlify in errgen.toml, and what follows from it alone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..rights import Grant, Rights
from ..validation import Table, WebAddress
from ._host import KEEP
from ._netlify_deploys import is_id


class Options(Table):
    """``site`` is the site's id, its name (``example-errors``), or one of its domains.

    ``public_url`` is where visitors get it, if not at the domain or name in ``site``. ``replace``: whatever is on the
    site now may be replaced by the error pages. The token is NETLIFY_AUTH_TOKEN's.
    """

    kind: Literal["netlify"]
    site: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", examples=["example-errors"])
    public_url: WebAddress | None = None
    replace: bool = False
    keep: int = Field(KEEP, ge=1)


def live_address(options: Options) -> str | None:
    """Where visitors get the files of the published deploy; None where the table has nothing but the site's id."""
    if options.public_url or is_id(options.site):
        return options.public_url
    return f"https://{options.site}" if "." in options.site else f"https://{options.site}.netlify.app"


def rights(options: Options) -> Rights:
    """What the token's user must be allowed: tokens of Netlify cannot be narrowed."""
    grant = Grant("deploy", f"site {options.site}", "lists, makes, publishes and removes deploys of the site")
    how = (
        "Netlify's tokens do whatever their user may: make a user who is in the team of this site alone, and a token "
        "at https://app.netlify.com/user/applications#personal-access-tokens"
    )
    return Rights(f"netlify {options.site}", "NETLIFY_AUTH_TOKEN", (grant,), how)
