"""The object ``current`` of a bucket: the digest of the release that is published, replaced only as it was read last.

Conditional writes: docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html. Other services answer 501,
do without it silently, or find that no ETag fits its quotes (Ceph 16): where it was refused, the object is written
without the condition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import _keys
from ._s3_answers import MISSING, require

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import PutObjectRequestTypeDef

_REFUSED = ("NotImplemented", "501")
_MOVED = (409, 412)
"""Conflict: two wrote at once. Precondition Failed: somebody has written since."""


def content_of(release: str) -> bytes:
    """What the object says where ``release`` is current."""
    return f"{release}\n".encode()


def release_in(content: bytes) -> str | None:
    """The release that the object names; None where it names none."""
    release = content.decode("utf-8", "replace").strip()
    return release if _keys.release_of(f"{_keys.RELEASES}{release}.json") else None


def replaced(client: S3Client, request: PutObjectRequestTypeDef, seen: str | None) -> bool:
    """Put the object if it still has the ETag ``seen``, and where that is empty if it is not there; None: in any case.

    False where the service says that it was written since: by somebody else, or by us where an answer was lost and the
    request sent twice. Or it does not understand the condition.
    """
    from botocore.exceptions import ClientError

    conditional: PutObjectRequestTypeDef = {**request}
    if seen:
        conditional["IfMatch"] = f'"{seen}"'
    elif seen is not None:
        conditional["IfNoneMatch"] = "*"
    try:
        require("ETag" in client.put_object(**conditional))
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status in _MOVED or (seen and code in MISSING):
            return False
        if seen is None or (code not in _REFUSED and status != 501):
            raise
        require("ETag" in client.put_object(**request))
    return True
