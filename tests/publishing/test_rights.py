"""What errgen says that credentials need is what it uses: no call goes beyond it, and none of it is for nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from moto.iam.access_control import IAMPolicy, PermissionResult

from site_builder.app.policy import together
from site_builder.edges import open_edge
from site_builder.emulator.state import PERMISSIONS
from site_builder.errors import RemoteFailed
from site_builder.hosts import rights_of
from tests.cloudfront_double import ENVIRON, ID, Double
from tests.s3_peers import Peer, moto

from .test_two_providers import BothNetworks, at_distribution
from .test_two_providers import build as build_for_both
from .world import ENTRIES, ZONE, Built, World, build

__all__ = ["moto"]  # fixture

OLD, NEW = build("1"), build("2")
Call = tuple[str, str]

ACTIONS = {
    "ListObjectsV2": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "GetObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjects": "s3:DeleteObject",
}
"""The right that S3 wants for each call (API reference, Permissions)."""


def used(operation: str, parameters: dict[str, Any]) -> list[Call]:
    """The actions and ARNs that one call of S3 needs."""
    bucket, action = f"arn:aws:s3:::{parameters['Bucket']}", ACTIONS[operation]
    keys = [one["Key"] for one in parameters["Delete"]["Objects"]] if "Delete" in parameters else []
    keys += [parameters["Key"]] if "Key" in parameters else []
    return [(action, f"{bucket}/{key}") for key in keys] or [(action, bucket)]


@pytest.fixture
def s3_calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """Everything that botocore is asked to send."""
    seen: list[Call] = []
    real: Callable[..., Any] = BaseClient._make_api_call  # type: ignore[attr-defined]

    def recording(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation != "CreateBucket":  # the test's own
            seen.extend(used(operation, parameters))
        return real(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", recording)
    return seen


def permits(policy: dict[str, Any], action: str, resource: str) -> bool:
    """What moto, which knows IAM's rules, makes of a policy."""
    verdict = IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)
    return verdict is PermissionResult.PERMITTED


def test_the_policy_of_a_bucket_is_what_publishing_calls(world: World, moto: Peer, s3_calls: list[Call]) -> None:
    bucket = moto.bucket()
    host = {"kind": "s3", "bucket": bucket, "prefix": "errors", "keep": 1}
    host |= {"public_url": "https://errors.example.com/errors", "region": "us-east-1"}
    world.environ = moto.environ
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "pro", "delivery": "inline"}]
    for built in (OLD, NEW):  # one release is kept, so that the first goes with the second
        world.publish(built, host=host)
    assert ("s3:DeleteObject", f"arn:aws:s3:::{bucket}/errors/releases/{OLD.manifest.release}.json") in s3_calls

    (needed,) = together([rights_of(host, "errgen.toml: site.default.host")])
    assert needed.iam is not None
    assert [call for call in s3_calls if not permits(needed.iam, *call)] == []
    assert {action for action, _ in s3_calls} == {grant.permission for grant in needed.grants}
    for other in (f"{bucket}/elsewhere/x", f"{bucket}-2/errors/x", bucket):
        assert not permits(needed.iam, "s3:PutObject", f"arn:aws:s3:::{other}")


def saying(version: int, *, seconds: int) -> Built:
    return build(str(version), tuple(dataclasses.replace(one, retry_after=seconds) for one in ENTRIES))


@pytest.mark.parametrize("extra", [{}, {"retry_after": True}])
def test_the_permissions_of_a_zone_are_what_publishing_calls(world: World, extra: dict[str, Any]) -> None:
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "pro", **extra}]
    needed = open_edge(world.edges[0], "errgen.toml: site.default.edge[0]").rights()
    # The emulator does without Account Rulesets, which Cloudflare's documentation asks for.
    granted = {one.permission.replace(": ", ":") for one in needed.grants} - {"Account Rulesets:Read"}
    assert {one.resource.removeprefix("the account of ") for one in needed.grants} == {f"zone {ZONE}"}
    readable = {one.replace(":Edit", ":Read") for one in granted}
    assert granted | readable <= PERMISSIONS

    world.emulator.withheld = set(PERMISSIONS - granted - readable)
    for number in (1, 2):
        world.publish(saying(number, seconds=30 * number))
    for one in granted:
        world.emulator.withheld = {one}
        with pytest.raises(RemoteFailed, match="answered 403"):
            world.publish(saying(3, seconds=90))


@pytest.mark.parametrize("invalidate", [[], ["/*"]])
def test_the_policy_of_a_distribution_is_what_publishing_calls(world: World, invalidate: list[str]) -> None:
    old, new = build_for_both("1"), build_for_both("2")
    double = Double(pages=at_distribution(old) | at_distribution(new))
    world.edges = [{"kind": "cloudfront", "distribution": ID, "path": "/errors", "invalidate": invalidate}]
    world.environ, world.network = ENVIRON, BothNetworks(double)
    world.publish(old)
    world.publish(new)

    needed = open_edge(world.edges[0], "errgen.toml: site.default.edge[0]").rights()
    root = f"/2020-05-31/distribution/{ID}"
    actions = {
        f"GET {root}": "cloudfront:GetDistribution",
        f"GET {root}/config": "cloudfront:GetDistributionConfig",
        f"PUT {root}/config": "cloudfront:UpdateDistribution",
        f"POST {root}/invalidation": "cloudfront:CreateInvalidation",
    }
    api = [one.partition(" If-Match")[0] for one in double.asked if root in one]
    assert {actions[one] for one in api} == {grant.permission for grant in needed.grants}
    assert {grant.resource for grant in needed.grants} == {f"arn:aws:cloudfront::*:distribution/{ID}"}
