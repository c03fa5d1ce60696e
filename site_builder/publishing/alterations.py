"""Pages at a host with the size that they should have, and perhaps other bytes: what its listing alone does not tell.

A listing gives two hints for nothing, the MD5 of what a bucket has and the time of a file, and only what they point at
is looked at. A host that lists digests needs none of this.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..hosts import Host, Stored
from .target import Item, Target

_MD5 = re.compile(r"[0-9a-f]{32}")
"""An ETag of an object that was put whole. That of one with a key of the customer's looks the same and is no MD5."""


def examined(target: Target, listed: Mapping[str, Stored]) -> Mapping[str, Stored]:
    """``listed`` with the digest of every page of ``target`` that somebody may have altered.

    Where the first page that looks altered by its ETag is not, the ETags at this host say nothing about bytes, and the
    others are not looked at.
    """
    places = target.places()
    pages = {
        places[item.path]: item
        for item in target.items()
        if (there := listed.get(places[item.path])) and there.digest is None and there.bytes == item.bytes
    }
    odd = [key for key, item in pages.items() if _has_other_etag(target, item, listed[key])]
    found = _digests(target.host, odd[:1])
    if any(digest != pages[key].sha256 for key, digest in found.items()):
        found |= _digests(target.host, odd[1:])
    found |= _digests(target.host, [key for key in pages if listed[key].touched])
    return {**listed, **{key: replace(listed[key], digest=digest) for key, digest in found.items()}}


def _has_other_etag(target: Target, item: Item, there: Stored) -> bool:
    if there.etag is None or not _MD5.fullmatch(there.etag):
        return False
    return hashlib.md5(target.content(item.path), usedforsecurity=False).hexdigest() != there.etag


def _digests(host: Host, keys: Sequence[str]) -> dict[str, str]:
    """SHA-256 of what is stored at ``keys``; of what others have put there without saying it, by reading that."""
    kept = host.inspect(keys) if keys else {}
    return {key: one.digest or hashlib.sha256(host.read(key)).hexdigest() for key, one in kept.items()}
