"""What the credentials of an S3 host need: the actions of the calls that it sends.

Names and resources: the Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
"""

from __future__ import annotations

from ..aws_session import HOW, credential_of
from ..rights import Grant, Rights
from ._s3_options import Options

_OTHERS = (
    "services other than Amazon's have names of their own for this: make a key that may list, read, write and delete "
    "objects of this bucket alone (at Cloudflare R2: «Object Read & Write»)"
)
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


def rights(options: Options) -> Rights:
    """The actions on the bucket, and on what is below the prefix in it.

    ListBucket has no condition on the prefix: S3 answers 404 for an object that is not there to those only who may list
    the bucket, and such a request names no prefix (API reference of GetObject, Permissions).
    """
    starts = (name for start, name in _PARTITIONS.items() if (options.region or "").startswith(start))
    bucket = f"arn:{next(starts, 'aws')}:s3:::{options.bucket}"
    objects = f"{bucket}/{options.prefix}/*" if options.prefix else f"{bucket}/*"
    grants = (
        Grant("s3:ListBucket", bucket, "finds what is stored, and is told 404 and not 403 for what is not"),
        Grant("s3:GetObject", objects, "reads which release is current, and the manifests"),
        Grant("s3:PutObject", objects, "stores pages, manifests, backups, audit lines, and which release is current"),
        Grant("s3:DeleteObject", objects, "removes releases that are no longer kept, and the object it checks with"),
    )
    how = _OTHERS if options.endpoint_url else HOW
    return Rights(f"s3://{options.bucket}/{options.prefix}".rstrip("/"), credential_of(options.profile), grants, how)
