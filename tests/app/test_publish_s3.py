from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from site_builder.serving import running
from tests.app.conftest import ZONE, Cloud
from tests.conftest import Project
from tests.s3_peers import CANARY, Peer, moto, rclone

__all__ = ["moto", "rclone"]  # fixtures

SETTINGS = """\
[site.default]
name = "Example"
home = "https://example.com/"

[site.default.host]
kind = "s3"
bucket = "{bucket}"
prefix = "errors"
region = "us-east-1"
public_url = "{public}"

[[site.default.edge]]
kind = "cloudflare"
zone = "{zone}"
"""


@dataclass
class Bucket:
    """A bucket, and a public address at which its objects can be read, as a CDN before it would offer."""

    peer: Peer
    name: str
    public: str
    forbidden: bool = False


@pytest.fixture(params=["moto", "rclone"])
def bucket(request: pytest.FixtureRequest, project: Project) -> Iterator[Bucket]:
    peer: Peer = request.getfixturevalue(request.param)
    name = peer.bucket()

    def read(asked: Request) -> Response:
        if one.forbidden:
            return Response(status_code=403)
        key = "errors/" + asked.path_params["key"]
        try:
            found = peer.client.get_object(Bucket=name, Key=key)
        except peer.client.exceptions.NoSuchKey:
            return Response(status_code=404)
        return Response(found["Body"].read(), media_type=found["ContentType"])

    with running(Starlette(routes=[Route("/errors/{key:path}", read)])) as url:
        one = Bucket(peer, name, f"{url}/errors")
        project.environ |= peer.environ
        project.environ |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null"}
        project.environ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null"
        yield one


def configure(project: Project, bucket: Bucket, name: str = "") -> None:
    project.write("errgen.toml", SETTINGS.format(bucket=name or bucket.name, public=bucket.public, zone=ZONE))


def test_uploads_registers_and_binds_and_then_has_nothing_to_do(project: Project, cloud: Cloud, bucket: Bucket) -> None:
    configure(project, bucket)
    assert project.run("publish", "--yes").code == 0
    keys = bucket.peer.keys(bucket.name)
    assert len([key for key in keys if key.startswith("errors/o/")]) == 381 + 127  # problem.json beside json
    assert len([key for key in keys if key.startswith("errors/releases/")]) == 1
    assert len(cloud.rules) == 25
    cloud.asked.clear()
    second = project.run("publish", "--yes")
    assert (second.code, second.out.splitlines()[-1]) == (0, "nothing to do")
    assert cloud.writes == []
    project.write("catalog/mine.yaml", "404:\n  headline: New words\n")
    third = project.run("publish", "--yes")
    assert third.code == 0
    new = bucket.peer.keys(bucket.name) - keys
    assert sorted(key.split("/")[1] for key in new) == ["o", "records", "records", "releases"]
    for key in new:
        if key.startswith("errors/records/"):
            content = bucket.peer.client.get_object(Bucket=bucket.name, Key=key)["Body"].read()
            assert hashlib.sha256(content).hexdigest()[:16] == key.rpartition("-")[2].partition(".")[0]
            assert CANARY.encode() not in content


def test_a_bucket_that_is_not_there(project: Project, cloud: Cloud, bucket: Bucket) -> None:
    configure(project, bucket, "no-such-bucket")
    outcome = project.run("publish", "--yes")
    assert outcome.code == 6
    assert "no-such-bucket" in outcome.err
    assert "hint: " in outcome.err
    assert cloud.writes == []


def test_pages_that_the_public_cannot_read(project: Project, cloud: Cloud, bucket: Bucket) -> None:
    configure(project, bucket)
    bucket.forbidden = True
    outcome = project.run("publish", "--yes")
    assert outcome.code == 6
    assert f"GET {bucket.public}/o/cloudflare-en-" in outcome.err
    assert "403" in outcome.err
    assert cloud.writes == []


@pytest.mark.usefixtures("cloud")
def test_somebody_elses_bytes_behind_the_address(project: Project, bucket: Bucket) -> None:
    configure(project, bucket)
    bucket.forbidden = True
    project.run("publish", "--yes")
    bucket.forbidden = False
    key = next(key for key in bucket.peer.keys(bucket.name) if "cloudflare-en-404-" in key and key.endswith(".html"))
    bucket.peer.client.put_object(Bucket=bucket.name, Key=key, Body=b"x" * 100, ContentType="text/html")
    planned = project.run("plan")
    assert f"~ page {key} (bytes differ)" in planned.out
    assert project.run("publish", "--yes").code == 0


def test_a_wrong_secret(project: Project, cloud: Cloud, rclone: Peer) -> None:
    project.environ |= rclone.environ | {"AWS_SECRET_ACCESS_KEY": f"wrong{CANARY}", "AWS_EC2_METADATA_DISABLED": "true"}
    configure(project, Bucket(rclone, rclone.bucket(), "http://127.0.0.1:9"))
    outcome = project.run("publish", "--yes")
    assert outcome.code == 6
    assert "SignatureDoesNotMatch" in outcome.err
    assert "hint: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in outcome.err
    assert CANARY not in outcome.out + outcome.err
    assert cloud.writes == []
