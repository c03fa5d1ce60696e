"""CloudFront's API as moto's server plays it, with the refusals that moto lacks and Amazon documents.

moto stores any configuration, whatever its error responses are, and takes any version for the current one.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.s3_peers import Peer

ERROR_CODES = {400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}
RESPONSE_CODES = {"200"} | {str(code) for code in ERROR_CODES}
A_YEAR = 31_536_000

_numbers = itertools.count(1)


class Refused(Exception):
    """A configuration that CloudFront would refuse: the code of its error, and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def require_valid(config: Mapping[str, Any]) -> None:
    """Raise Refused as UpdateDistribution does (API 2020-05-31, CustomErrorResponse and its error codes)."""
    responses = config["CustomErrorResponses"]
    items = responses.get("Items") or []
    if int(responses["Quantity"]) != len(items):
        raise Refused("InconsistentQuantities", "Quantity is not the number of Items")
    codes = [int(item["ErrorCode"]) for item in items]
    if not ERROR_CODES.issuperset(codes):
        raise Refused("InvalidErrorCode", f"An invalid error code was specified: {codes}")
    if len(set(codes)) != len(codes):
        raise Refused("InvalidArgument", "an error code is there twice")
    for item in items:
        path, status, seconds = item.get("ResponsePagePath"), item.get("ResponseCode"), item.get("ErrorCachingMinTTL")
        if bool(path) != bool(status):
            raise Refused("InvalidArgument", "Both or neither of ResponseCode and ResponsePagePath must be specified")
        if status and status not in RESPONSE_CODES:
            raise Refused("InvalidResponseCode", f"An invalid response code was specified: {status}")
        if path and not str(path).startswith("/"):
            raise Refused("InvalidArgument", "The parameter ResponsePagePath must start with /")
        if seconds is None or not 0 <= int(seconds) <= A_YEAR:
            raise Refused("InvalidArgument", "ErrorCachingMinTTL is not a number of seconds up to a year")
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    behaviors = config.get("CacheBehaviors", {"Quantity": 0})
    rows = behaviors.get("Items") or []
    if int(behaviors["Quantity"]) != len(rows):
        raise Refused("InconsistentQuantities", "Quantity of CacheBehaviors is not the number of Items")
    if any(row["TargetOriginId"] not in origins for row in rows):
        raise Refused("NoSuchOrigin", "No origin exists with the specified Origin Id.")


@dataclass
class CloudFront:
    """The service, with a client of boto3's, and the S3 service of the same account."""

    s3: Peer
    client: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        import boto3

        make_client: Any = boto3.client  # the types of this service are not installed
        self.client = make_client(
            "cloudfront",
            endpoint_url=self.s3.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.s3.access,
            aws_secret_access_key=self.s3.secret,
        )

    def distribution(self, bucket: str, *, origin: str, origin_path: str = "", **parts: Any) -> str:
        """A new distribution with an application, and the bucket of the pages as ``origin``; gives its id."""
        pages = {
            "Id": origin,
            "DomainName": f"{bucket}.s3.us-east-1.amazonaws.com",
            "OriginPath": origin_path,
            "S3OriginConfig": {"OriginAccessIdentity": ""},
        }
        application = {
            "Id": "application",
            "DomainName": "app.example.com",
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
        }
        config = {
            "CallerReference": f"test-{next(_numbers)}",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 2, "Items": [application, pages]},
            "DefaultCacheBehavior": {"TargetOriginId": "application", "ViewerProtocolPolicy": "redirect-to-https"},
            "CustomErrorResponses": {"Quantity": 0},
            **parts,
        }
        found: str = self.client.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
        return found


@pytest.fixture(scope="session")
def cloudfront(moto: Peer) -> Iterator[CloudFront]:
    """CloudFront beside moto's S3."""
    from moto.cloudfront.exceptions import CloudFrontException
    from moto.cloudfront.models import CloudFrontBackend, random_id

    create, update = CloudFrontBackend.create_distribution_with_tags, CloudFrontBackend.update_distribution

    def checked(config: Mapping[str, Any]) -> None:
        try:
            require_valid(copy.deepcopy(config))
        except Refused as refused:
            raise CloudFrontException(refused.code, refused.message) from None

    def strict_create(backend: Any, distribution_config: dict[str, Any], tags: list[Any]) -> Any:
        checked(distribution_config)
        return create(backend, distribution_config, tags)

    def strict_update(backend: Any, dist_config: dict[str, Any], _id: str, if_match: Any) -> Any:
        before = backend.distributions.get(_id)
        if before is not None and if_match:
            if if_match != before.etag:
                raise CloudFrontException("PreconditionFailed", "The precondition in If-Match evaluated to false.")
            if dist_config["CallerReference"] != before.distribution_config.caller_reference:
                raise CloudFrontException("IllegalUpdate", "The caller reference cannot be changed.")
            checked(dist_config)
        answer = update(backend, dist_config, _id, if_match)
        answer[0].etag = random_id()
        return answer[0], answer[1], answer[0].etag

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CloudFrontBackend, "create_distribution_with_tags", strict_create)
        patch.setattr(CloudFrontBackend, "update_distribution", strict_update)
        yield CloudFront(moto)


@dataclass
class Edge:
    """What visitors of one distribution get, by its live configuration and the buckets it reads.

    ``/fail/CODE`` is a request that the application answers with that status, and all else a file.
    """

    service: CloudFront
    distribution: str

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of GET."""
        config = self.service.client.get_distribution_config(Id=self.distribution)["DistributionConfig"]
        start, _, code = path.rpartition("/")
        if start != "/fail":
            return self._file(config, path)
        for one in config["CustomErrorResponses"].get("Items", []):
            if one["ErrorCode"] == int(code) and one.get("ResponsePagePath"):
                status, body = self._file(config, one["ResponsePagePath"])
                return (int(one["ResponseCode"]) if status == 200 else status), body
        return int(code), b"of the application"

    def _file(self, config: Mapping[str, Any], path: str) -> tuple[int, bytes]:
        from botocore.exceptions import ClientError

        behaviors = config["CacheBehaviors"].get("Items", [])
        name = next(
            (one["TargetOriginId"] for one in behaviors if fnmatchcase(path, one["PathPattern"])),
            config["DefaultCacheBehavior"]["TargetOriginId"],
        )
        origin = next(one for one in config["Origins"]["Items"] if one["Id"] == name)
        bucket, is_s3, _ = origin["DomainName"].partition(".s3.")
        try:
            key = (origin["OriginPath"] + path).removeprefix("/")
            found = self.service.s3.client.get_object(Bucket=bucket, Key=key) if is_s3 else None
        except ClientError:
            return 403, b"<Error><Code>AccessDenied</Code></Error>"
        return (200, found["Body"].read()) if found else (404, b"of the application")
