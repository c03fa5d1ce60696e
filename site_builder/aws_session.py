"""Credentials for AWS: from the environment that errgen was given, and else from where AWS's own tools find them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import boto3
    from botocore.credentials import Credentials

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_SESSION_TOKEN": "aws_session_token",
}


def open_session(environ: Mapping[str, str], *, profile: str | None, region: str | None) -> boto3.Session:
    """A session, without a request having been made. Raises botocore's errors.

    A profile named in the settings beats credentials in the environment, as it does in AWS's own tools. What
    ``environ`` lacks, boto3 looks up where it always does: the process environment, shared files, SSO, roles.
    """
    import boto3
    from botocore.exceptions import PartialCredentialsError

    # At the level DEBUG it logs the headers of each request, and a session token is one of them.
    logging.getLogger("botocore").setLevel(logging.INFO)
    keys = {} if profile else {name: environ[key] for key, name in CREDENTIALS.items() if environ.get(key)}
    for key, name in list(CREDENTIALS.items())[:2]:
        if keys and name not in keys:
            raise PartialCredentialsError(provider="the environment", cred_var=key)
    return boto3.Session(
        profile_name=profile or environ.get("AWS_PROFILE") or None,
        region_name=region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or None,
        aws_access_key_id=keys.get("aws_access_key_id"),
        aws_secret_access_key=keys.get("aws_secret_access_key"),
        aws_session_token=keys.get("aws_session_token"),
    )


def secrets_of(credentials: Credentials | None) -> tuple[str, ...]:
    """The values among a session's credentials that no message may contain."""
    frozen = credentials.get_frozen_credentials() if credentials else None
    values = (frozen.secret_key, frozen.token) if frozen else ()
    return tuple(value for value in values if value)


HOW = "attach this policy to the IAM role or user whose credentials errgen gets"


def credential_of(profile: str | None) -> str:
    """Where the credentials are that ``profile`` of a table stands for, for people."""
    return f"AWS credentials of the profile {profile}" if profile else "AWS credentials"
