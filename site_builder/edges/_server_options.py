"""What a web server's table in errgen.toml may hold, whichever server it is."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from ..catalog.codes import parse_codes
from ..model import Codes, codes_text
from ._codes import difference
from ._verifiable import Verifiable

STATUSES: Final[Codes] = ((400, 599),)
"""With which a server answers errors."""


def _http_codes(value: object) -> Codes:
    codes = parse_codes(value)
    if outside := difference(codes, STATUSES):
        raise ValueError(f"names {codes_text(outside)}, and a server answers with errors from 400 to 599 only")
    return codes


class ServerOptions(Verifiable):
    """What every server's ``[[site.NAME.edge]]`` table may hold, besides how it is verified.

    ``root`` is the absolute path on the server that the content of ``edges/KIND/`` is copied to. ``codes`` are the only
    codes to bind, ``[404, "500..504"]``; without, it is every code from 400 to 599 that a page stands for but
    LEFT_ALONE.
    """

    root: Annotated[str, Field(pattern=r"^(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$", examples=["/srv/errgen"])] = (
        "/srv/errgen"
    )
    codes: Annotated[Codes, BeforeValidator(_http_codes)] | None = None
