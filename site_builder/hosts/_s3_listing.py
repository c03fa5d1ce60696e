"""What a listing of a bucket says: which pages and releases are there, and perhaps which release is current."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..object_keys import OBJECTS
from . import _keys
from ._host import Release, Stored
from ._s3_answers import listed, require
from ._s3_current import content_of

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import ListObjectsV2RequestPaginateTypeDef, ObjectTypeDef

_PAGE = re.compile(r"o/[^/]+-[0-9a-f]{8}(\.[^/]+)?")
_ASKED = 1000  # keys in one answer of ListObjectsV2


def entries(client: S3Client, bucket: str, prefix: str, after: str = "") -> Iterator[ObjectTypeDef]:
    """What is below ``prefix``, in the order of bytes, or of it what comes ``after`` a key; asked for as it is used."""
    request: ListObjectsV2RequestPaginateTypeDef = {"Bucket": bucket, "Prefix": prefix}
    if after:
        request["StartAfter"] = after
    for page in client.get_paginator("list_objects_v2").paginate(**request):
        require("IsTruncated" in page)
        yield from page.get("Contents", [])


def is_page(name: str) -> bool:
    """Whether ``name``, a key without the prefix, is one that errgen gives a page."""
    return _PAGE.fullmatch(name) is not None


def pages_among(items: Iterable[ObjectTypeDef], root: str) -> dict[str, Stored]:
    """Every page by its key. ``root`` is the prefix with its slash, or empty."""
    return {item["Key"]: listed(item) for item in items if is_page(item["Key"].removeprefix(root))}


def up_to_the_pages(items: Iterable[ObjectTypeDef], root: str) -> list[ObjectTypeDef] | None:
    """The objects from ``current`` to the last page, where ``items`` begin there.

    None where others keep as many in between as one answer tells: then the pages are listed sooner by themselves.
    """
    found: list[ObjectTypeDef] = []
    for item in items:
        if item["Key"] > root + OBJECTS and not item["Key"].startswith(root + OBJECTS):
            break
        if len(found) == _ASKED and item["Key"] < root + OBJECTS:
            return None
        found.append(item)
    return found


def names_current(items: Iterable[ObjectTypeDef], root: str, release: str) -> bool:
    """Whether ``release`` is current for certain: an ETag is the MD5 of what is stored, where the service has no key.

    False where another one is, or none, or where the ETag says nothing.
    """
    etag = next((listed(item).etag for item in items if item["Key"] == root + _keys.CURRENT), None)
    return etag == hashlib.md5(content_of(release), usedforsecurity=False).hexdigest()


def releases_among(items: Iterable[ObjectTypeDef], root: str) -> tuple[Release, ...]:
    """By the time their manifests were stored first."""
    found = [
        Release(release, item["Key"], item["LastModified"])
        for item in items
        if (release := _keys.release_of(item["Key"].removeprefix(root))) is not None
    ]
    return tuple(sorted(found, key=lambda release: (release.published, release.digest)))
