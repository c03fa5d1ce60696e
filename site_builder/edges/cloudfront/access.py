"""How a distribution reads the pages: a cache behavior for their path alone, and the least right to their bucket."""

from __future__ import annotations

from typing import Any

from ...object_keys import OBJECTS
from .options import Options

CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""The id of AWS's managed cache policy CachingOptimized: gzip and Brotli, and no part of the request in the key."""

METHODS = ("GET", "HEAD")
BUCKET, ACCOUNT, DISTRIBUTION = "BUCKET", "ACCOUNT_ID", "DISTRIBUTION_ID"
"""What stands in the bucket's policy for an option that is not given. S3 refuses a policy that names another bucket,
and a bucket's name has no capitals: a policy that was not completed is never accepted."""


def origin_id(site: str, options: Options) -> str:
    """The id of the origin that the pages' bucket has in the distribution."""
    return options.origin or f"errgen-{site}"


def path_pattern(options: Options) -> str:
    """Which addresses the behavior takes: pages, and not the releases and records beside them."""
    return f"{options.pages_path}/{OBJECTS}*"


def cache_behavior(site: str, options: Options) -> dict[str, Any]:
    """A ``CacheBehavior`` as UpdateDistribution takes it (API 2020-05-31).

    Both http and https are allowed, because a failed request of either needs its page; whether http is redirected is
    for the behavior that failed to say.
    """
    methods: dict[str, Any] = {"Quantity": len(METHODS), "Items": list(METHODS)}
    return {
        "PathPattern": path_pattern(options),
        "TargetOriginId": origin_id(site, options),
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "ViewerProtocolPolicy": "allow-all",
        "AllowedMethods": {**methods, "CachedMethods": methods},
        "SmoothStreaming": False,
        "Compress": True,
        "LambdaFunctionAssociations": {"Quantity": 0},
        "FunctionAssociations": {"Quantity": 0},
        "FieldLevelEncryptionId": "",
        "CachePolicyId": CACHING_OPTIMIZED,
    }


def statement_id(site: str) -> str:
    """The Sid of our statement, by which it is found again among others: letters and digits only."""
    return f"ErrgenPages{site.capitalize()}"


def pages_arn(bucket: str, options: Options) -> str:
    """The objects that CloudFront may read: pages only, where the origin's path and the distribution's lead to."""
    return f"arn:aws:s3:::{bucket}{options.origin_path}{path_pattern(options)}"


def distribution_arn(options: Options) -> str:
    """The distribution that may read them."""
    return f"arn:aws:cloudfront::{options.aws_account or ACCOUNT}:distribution/{options.distribution or DISTRIBUTION}"


def bucket_policy(site: str, options: Options) -> dict[str, Any]:
    """A bucket policy for Origin Access Control (IAM policy language 2012-10-17)."""
    statement = {
        "Sid": statement_id(site),
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": "s3:GetObject",
        "Resource": pages_arn(options.bucket or BUCKET, options),
        "Condition": {"StringEquals": {"AWS:SourceArn": distribution_arn(options)}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def missing_options(options: Options) -> dict[str, str]:
    """The options that the policy lacks, by what stands in it for them."""
    given = {
        BUCKET: ("bucket", options.bucket),
        ACCOUNT: ("aws_account", options.aws_account),
        DISTRIBUTION: ("distribution", options.distribution),
    }
    return {placeholder: name for placeholder, (name, value) in given.items() if value is None}
