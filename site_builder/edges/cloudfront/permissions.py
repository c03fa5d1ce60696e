"""What the AWS credentials need at a distribution: the actions of the calls that publishing sends.

Names and resources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon CloudFront".
"""

from __future__ import annotations

from ...aws_session import HOW, credential_of
from ...rights import Grant, Rights
from .options import Options


def rights(options: Options) -> Rights:
    """The actions on the distribution of ``options``; its account may be any where the table does not say it."""
    arn = f"arn:aws:cloudfront::{options.aws_account or '*'}:distribution/{options.distribution}"
    reasons = {
        "GetDistribution": "reads where the distribution answers, and whether its last change is everywhere",
        "GetDistributionConfig": "reads the error responses",
        "UpdateDistribution": "switches the error responses, and checks beforehand that it may",
        **({"CreateInvalidation": "drops cached answers, as invalidate asks"} if options.invalidate else {}),
    }
    grants = tuple(Grant(f"cloudfront:{action}", arn, reason) for action, reason in reasons.items())
    target = f"cloudfront distribution {options.distribution}"
    return Rights(target, credential_of(options.profile), grants, HOW)
