"""Many objects deleted with one request, where the service takes that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import RemoteFailed
from ._s3_answers import MISSING, require
from ._s3_failures import BUSY_HINT, HINTS

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

_REFUSALS = ("MissingContentMD5", "InvalidDigest", "NotImplemented", "MethodNotAllowed")


def delete_batch(client: S3Client, bucket: str, keys: Sequence[str]) -> bool:
    """Delete up to a thousand; False, with nothing deleted, where the service refuses the request as such.

    Raises RemoteFailed where it refuses one of the keys; botocore's errors pass through.
    """
    from botocore.exceptions import ClientError

    try:
        answer = client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    except ClientError as error:
        details = error.response["Error"]
        if details["Code"] in _REFUSALS or "content-md5" in details.get("Message", "").lower():
            return False
        raise
    require({fate.get("Key") for fate in (*answer.get("Deleted", []), *answer.get("Errors", []))} >= set(keys))
    refused = [fault for fault in answer.get("Errors", []) if fault.get("Code") not in MISSING]
    if refused:
        first = refused[0]
        others = f", and {len(refused) - 1} more" if len(refused) > 1 else ""
        raise RemoteFailed(
            f"not deleted: {first.get('Code')}{others}",
            where=f"DELETE s3://{bucket}/{first.get('Key', '')}",
            hint=HINTS.get(first.get("Code", ""), BUSY_HINT).format(bucket=bucket),
        )
    return True
