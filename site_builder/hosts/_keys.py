"""The names that files have at a host, and what they are served as. Keys here are relative to the host's own root.

``releases/<digest>.json`` is the manifest of a whole release and ``records/<name>`` a backup or an audit line, at every
host. Where the pages are is each host's own affair.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from ..object_keys import digest as digest
from ..object_keys import safe as safe

RELEASES = "releases/"
RECORDS = "records/"
CURRENT = "current"

_RELEASE_KEY = re.compile(rf"{RELEASES}([0-9a-f]{{12,64}})\.json")


def release_key(release: str) -> str:
    """Where the manifest of a release is."""
    return f"{RELEASES}{digest(release)}.json"


def release_of(key: str) -> str | None:
    """The digest of the release whose manifest is at ``key``; None where it is anything else."""
    match = _RELEASE_KEY.fullmatch(key)
    return match.group(1) if match else None


def public_address(base: str, key: str) -> str:
    """The address of ``key`` where the host's root is served at ``base``."""
    return f"{base}/{quote(key, safe='/')}"
