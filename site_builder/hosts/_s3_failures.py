"""What went wrong at S3, in words: botocore's errors and S3's error codes -> RemoteFailed with the next thing to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import RemoteFailed

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

CREDENTIALS_HINT = (
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or write profile = "…" in the host\'s table'
)
_REGION_HINT = 'write region = "…" in the host\'s table: it must be the region that the bucket «{bucket}» is in'
_RIGHTS_HINT = (
    "the credentials need s3:ListBucket on the bucket «{bucket}», and s3:GetObject, s3:PutObject and s3:DeleteObject "
    "below the prefix; also check that the bucket is yours"
)
BUSY_HINT = (
    "the service is busy or failing; run the same command again later, it carries on where it stopped. If it stays so, "
    "check endpoint_url"
)
OWN_WORDS_HINT = "these are the service's own words; check the host's table in errgen.toml against them"
_NOT_S3_HINT = "check endpoint_url (and AWS_ENDPOINT_URL_S3): is that an S3 service, and is no proxy in between?"
_DAMAGED_HINT = "the bytes were damaged on the way; run the same command again"

HINTS: Mapping[str, str] = {
    "NoSuchBucket": "make it first (aws s3 mb s3://{bucket}), or correct bucket in the host's table",
    "InvalidBucketName": "correct bucket in the host's table",
    "InvalidAccessKeyId": CREDENTIALS_HINT,
    "SignatureDoesNotMatch": CREDENTIALS_HINT,
    "InvalidSecurity": CREDENTIALS_HINT,
    "ExpiredToken": "the temporary credentials have expired; get new ones (aws sso login) and run the command again",
    "InvalidToken": "the session token does not belong to the access key; get new credentials",
    "AccessDenied": _RIGHTS_HINT,
    "AllAccessDisabled": _RIGHTS_HINT,
    "403": f"{_RIGHTS_HINT}; or the credentials are wrong: {CREDENTIALS_HINT}",
    "PermanentRedirect": _REGION_HINT,
    "301": _REGION_HINT,
    "AuthorizationHeaderMalformed": _REGION_HINT,
    "IllegalLocationConstraintException": _REGION_HINT,
    "RequestTimeTooSkewed": "this machine's clock is wrong; set it right and run the command again",
    "NotImplemented": 'the service lacks something; try checksums = "off" in the host\'s table',
    "BadDigest": _DAMAGED_HINT,
    "XAmzContentSHA256Mismatch": _DAMAGED_HINT,
    "SlowDown": BUSY_HINT,
    "ServiceUnavailable": BUSY_HINT,
    "InternalError": BUSY_HINT,
}


class NotS3Error(Exception):
    """An answer that no S3 service gives."""


def describe(error: Exception, where: str, bucket: str, secrets: Sequence[str]) -> RemoteFailed | None:
    """``error`` for people, with every one of ``secrets`` blanked, because a service may repeat what it was sent.

    None where it is no failure of S3 and so a fault of errgen's.
    """
    from botocore import exceptions
    from botocore.parsers import ResponseParserError

    said = _sentence(str(error), secrets)
    if isinstance(error, exceptions.ClientError):
        said, hint = _client_error(error, bucket, secrets)
    elif isinstance(error, (ResponseParserError, NotS3Error)):
        said, hint = "the answer is not one of S3's", _NOT_S3_HINT
    elif isinstance(error, (exceptions.SSOError, exceptions.TokenRetrievalError)):
        hint = "log in again: aws sso login"
    elif isinstance(
        error,
        (
            exceptions.NoCredentialsError,
            exceptions.PartialCredentialsError,
            exceptions.CredentialRetrievalError,
            exceptions.ProfileNotFound,
        ),
    ):
        hint = CREDENTIALS_HINT
    elif isinstance(error, (exceptions.IncompleteReadError, exceptions.ResponseStreamingError)):
        said, hint = "the answer was cut off before its end", BUSY_HINT
    elif isinstance(error, exceptions.SSLError):
        hint = "check endpoint_url, and the certificates that this machine trusts (AWS_CA_BUNDLE)"
    elif isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError)):  # time-outs and proxies, too
        hint = "check the network, endpoint_url and region; run the same command again: it carries on where it stopped"
    elif isinstance(error, exceptions.BotoCoreError):
        hint = "check the host's table in errgen.toml and the AWS configuration"
    else:
        return None
    return RemoteFailed(said, where=where, hint=hint)


def _client_error(error: ClientError, bucket: str, secrets: Sequence[str]) -> tuple[str, str]:
    details = error.response.get("Error", {})
    code = details.get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = _sentence(details.get("Message") or "", secrets, lower=False)
    hint = HINTS.get(code) or HINTS.get(str(status)) or (BUSY_HINT if status >= 500 else OWN_WORDS_HINT)
    named = f" {_sentence(code, secrets, lower=False)}" if code and code != str(status) else ""
    return f"answered {status}{named}{f': {said}' if said else ''}", hint.format(bucket=bucket)


def _sentence(text: str, secrets: Sequence[str], *, lower: bool = True) -> str:
    """``text`` as one short line to stand after a colon, without secrets."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    line = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip().rstrip(".")
    line = line if len(line) <= 300 else line[:299] + "…"
    return line[:1].lower() + line[1:] if lower else line
