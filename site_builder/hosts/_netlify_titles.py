"""The titles of deploys, by which a deploy is known as errgen's, with its site and its release."""

from __future__ import annotations

import json
import re

NOTHING = "errgen: no release"
"""The title of a deploy with nothing in it: Netlify cannot go back to having none."""

_TITLE = re.compile(r"errgen ([a-z0-9]+) ([0-9a-f]{12,64})")


def title_of(manifest: bytes, release: str) -> str:
    """``errgen default 1a2b3c4d5e6f…``, for the manifest of a release."""
    return f"errgen {json.loads(manifest).get('site') or 'site'} {release}"


def site_in(title: str) -> str | None:
    """The site that a title names; None where it is not of a release of errgen's."""
    match = _TITLE.fullmatch(title)
    return match.group(1) if match else None


def release_in(title: str) -> str | None:
    """The release that a title names; None where it names none."""
    match = _TITLE.fullmatch(title)
    return match.group(2) if match else None
