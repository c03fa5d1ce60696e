"""Where a page is in a bucket: at a key that moves with its content, so that nothing is changed under a live link.

Hosts store pages at these keys, and edges that read a bucket directly name them. Keys are relative to the host's root.
"""

from __future__ import annotations

import re

OBJECTS = "o/"

_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*")
_DIGEST = re.compile(r"[0-9a-f]{12,64}")


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


def object_key(file_path: str, sha256: str) -> str:
    """``pages/static/en/404.problem.json`` -> ``o/static-en-404-1a2b3c4d.problem.json``: addressed by its content.

    Profiles and page keys have no hyphen, language tags may: so the parts can be told apart, and two pages never share
    a name. Paths of another form share one only where their bytes and their extension are the same. ValueError for a
    folder with a dot in it, which could be taken for the extension.
    """
    *folders, name = safe(file_path.removeprefix("pages/")).split("/")
    if any("." in folder for folder in folders):
        raise ValueError(f"not a path of a page: {file_path!r}")
    stem, dot, extension = name.partition(".")
    return OBJECTS + "-".join([*folders, stem, digest(sha256)[:8]]) + dot + extension
