"""Where it broke: the way from the visitor to the website, where one part of it is known to have failed.

Only the kind of an error decides, and only some kinds say it:

- ``origin`` and ``ssl``: the edge was reached and got no proper answer from the website's server. You and the network
  work, the website does not.
- ``dns``, and ``worker`` where the network has to act: the request came as far as the network and found no way on.
  Nothing is known of the website.

Every other error has no picture. Blocks (``access_denied``, ``legal``, ``rate_limit``) are deliberate: nothing broke.
``client`` and ``tls`` are about the request. A 500, the family 5xx and the settings of a site (``config``, ``rewrite``,
``snippet``, ``unsupported``) can have their cause in more than one part, and planned work is no failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from markupsafe import Markup

from ..model import Entry
from .html import Step

PARTS = ("you", "network", "site")


def steps(entry: Entry, strings: Mapping[str, Markup]) -> tuple[Step, ...]:
    """The three parts: what lies before the broken one worked, what lies after it is not known. Empty for most."""
    broken = _broken_part(entry)
    if broken is None:
        return ()
    place = PARTS.index(broken)
    return tuple(_step(part, strings, at - place) for at, part in enumerate(PARTS))


def _step(part: str, strings: Mapping[str, Markup], beyond: int) -> Step:
    key: Literal["works", "broken", "unknown"] = "works" if beyond < 0 else "unknown" if beyond else "broken"
    return Step(strings[f"path_{part}"], strings[f"path_{key}"], key, not beyond)


def _broken_part(entry: Entry) -> str | None:
    if entry.category in ("origin", "ssl"):
        return "site"
    if entry.category == "dns" or (entry.category == "worker" and entry.who_acts == "network"):
        return "network"
    return None
