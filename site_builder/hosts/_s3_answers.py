"""Reading S3's answers: that they are S3's at all, and what they say of an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ._host import Stored
from ._s3_failures import NotS3Error

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import HeadObjectOutputTypeDef, ObjectTypeDef

DIGEST = "errgen-sha256"
"""The name of the metadata field with an object's sha256, sent as ``x-amz-meta-errgen-sha256``."""

MISSING = ("404", "NoSuchKey", "NotFound")
"""What services call an object that is not there."""


def require(is_s3: bool) -> None:
    """Raise where an answer lacks what S3 always gives: a portal or a proxy answered 200 in its place."""
    if not is_s3:
        raise NotS3Error


def stored(key: str, answer: HeadObjectOutputTypeDef) -> Stored:
    """What HEAD says of an object."""
    require("ContentLength" in answer and "ETag" in answer)
    return Stored(
        key,
        answer["ContentLength"],
        digest(answer["Metadata"]),
        answer.get("ETag", "").strip('"') or None,
        answer.get("ContentType"),
        answer.get("CacheControl"),
    )


def listed(item: ObjectTypeDef) -> Stored:
    """What a listing says of an object."""
    etag = item.get("ETag", "").strip('"') or None
    return Stored(item["Key"], item["Size"], etag=etag, modified=item["LastModified"])


def digest(metadata: Mapping[str, str]) -> str | None:
    """Ours among an object's metadata; services differ in how they write the names of fields."""
    return next((value for name, value in metadata.items() if name.lower() == DIGEST), None)
