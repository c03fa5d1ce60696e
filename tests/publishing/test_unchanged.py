"""What publishing asks where everything is as it should be: each service as little as tells that."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.hosts.conftest import Proxy
from tests.s3_peers import Peer, rclone

from .world import JSON, ZONE, World, build

__all__ = ["rclone"]  # a fixture

SITE = build("1")


@pytest.fixture
def proxy(rclone: Peer) -> Iterator[Proxy]:
    """Between errgen and the bucket."""
    proxy = Proxy(rclone.endpoint)
    yield proxy
    proxy.close()


def test_a_bucket_is_asked_once_and_cloudflare_for_its_three_lists(world: World, rclone: Peer, proxy: Proxy) -> None:
    world.environ = rclone.environ | {"AWS_ENDPOINT_URL_S3": proxy.endpoint}
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "pro", "delivery": "inline"}]
    bucket = rclone.bucket()
    host: JSON = {"kind": "s3", "bucket": bucket, "prefix": "errors", "public_url": "https://errors.example.com/errors"}
    assert not world.publish(SITE, host=host).plan.is_empty
    proxy.requests.clear()
    world.refresh()

    assert world.publish(SITE, host=host).plan.is_empty
    (request,) = proxy.requests
    address = urlsplit(request.path)
    assert (request.method, address.path, dict(parse_qsl(address.query))) == (
        "GET",
        f"/{bucket}",
        {"list-type": "2", "prefix": "errors/", "start-after": "errors/curren", "encoding-type": "url"},
    )
    assert world.network.asked == [
        ("GET", f"/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint"),
        ("GET", f"/zones/{ZONE}/custom_pages/assets?page=1"),
        ("GET", f"/zones/{ZONE}/custom_pages"),
    ]
