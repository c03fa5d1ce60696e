"""The names that files have at a host, and what they are served as. Keys here are relative to the host's own root.

``releases/<digest>.json`` is the manifest of a whole release and ``records/<name>`` a backup or an audit line, at every
host. Where the pages are is each host's own affair.
"""

from __future__ import annotations

import re
from urllib.parse import quote

RELEASES = "releases/"
RECORDS = "records/"
CURRENT = "current"

_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_DIGEST = re.compile(r"[0-9a-f]{12,64}")
_RELEASE_KEY = re.compile(rf"{RELEASES}({_DIGEST.pattern})\.json")


def safe(path: str) -> str:
    """``path`` itself, or ValueError unless it is a relative path that means the same in any folder, key or URL."""
    if not all(_SEGMENT.fullmatch(segment) for segment in path.split("/")):
        raise ValueError(f"not a path of a page: {path!r}")
    return path


def digest(value: str) -> str:
    """``value`` itself, or ValueError unless it is 12 to 64 lower-case hexadecimal digits."""
    if not _DIGEST.fullmatch(value):
        raise ValueError(f"not a digest: {value!r}")
    return value


def flattened(file_path: str, sha256: str) -> str:
    """``pages/static/en/404.problem.json`` -> ``static-en-404-1a2b3c4d.problem.json``: addressed by its content.

    Profiles and page keys have no hyphen, language tags may: so the parts can be told apart, and two pages never share
    a name. Paths of another form share one only where their bytes and their extension are the same. ValueError for a
    folder with a dot in it, which could be taken for the extension.
    """
    *folders, name = safe(file_path.removeprefix("pages/")).split("/")
    if any("." in folder for folder in folders):
        raise ValueError(f"not a path of a page: {file_path!r}")
    stem, dot, extension = name.partition(".")
    return "-".join([*folders, stem, digest(sha256)[:8]]) + dot + extension


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
