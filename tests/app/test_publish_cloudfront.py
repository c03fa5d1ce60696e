"""The whole way to CloudFront from the command line, with the bucket in the same moto and visitors before it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from site_builder.serving import running
from tests.cloudfront_peer import CloudFront, Edge, cloudfront
from tests.conftest import Project
from tests.s3_peers import CANARY, moto

__all__ = ["cloudfront", "moto"]  # fixtures

SETTINGS = """\
[site.default]
name = "Example"
home = "https://example.com/"

[site.default.host]
kind = "s3"
bucket = "{bucket}"
prefix = "errors"
region = "us-east-1"
public_url = "{url}/errors"

[[site.default.edge]]
kind = "cloudfront"
url = "{url}"
"""
CODES = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
THEIRS = {"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200", "ErrorCachingMinTTL": 10}


@dataclass
class Shop:
    """A distribution before an application, with a behavior for the pages in ``bucket``."""

    service: CloudFront
    edge: Edge
    bucket: str
    url: str

    @property
    def config(self) -> dict[str, object]:
        """Everything but the error responses."""
        config = self.service.client.get_distribution_config(Id=self.edge.distribution)["DistributionConfig"]
        return {name: value for name, value in config.items() if name != "CustomErrorResponses"}


@pytest.fixture
def shop(cloudfront: CloudFront, project: Project) -> Iterator[Shop]:
    bucket = cloudfront.s3.bucket()
    behavior = {"PathPattern": "/errors/o/*", "TargetOriginId": "errgen-default", "ViewerProtocolPolicy": "allow-all"}
    identifier = cloudfront.distribution(
        bucket,
        origin="errgen-default",
        CacheBehaviors={"Quantity": 1, "Items": [behavior]},
        CustomErrorResponses={"Quantity": 1, "Items": [THEIRS]},
    )
    edge = Edge(cloudfront, identifier)

    def answer(request: Request) -> Response:
        status, body = edge.get(request.url.path)
        return Response(body, status)

    with running(Starlette(routes=[Route("/{path:path}", answer)])) as url:
        project.write("errgen.toml", SETTINGS.format(bucket=bucket, url=url))
        project.environ |= cloudfront.s3.environ | {"AWS_ENDPOINT_URL_CLOUDFRONT": cloudfront.s3.endpoint}
        project.environ |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null"}
        project.environ["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null"
        yield Shop(cloudfront, edge, bucket, url)


def test_the_whole_way(project: Project, shop: Shop) -> None:
    only_files = project.run("plan")
    assert only_files.out.splitlines()[-1] == (
        "cloudfront: nothing to switch over the network; its files are in edges/cloudfront"
    )
    assert "error response" not in only_files.out
    project.write("errgen.toml", f'{project.read("errgen.toml")}distribution = "{shop.edge.distribution}"\n')

    before = shop.config
    planned = project.run("plan", "--zone", shop.edge.distribution)
    target = f"cloudfront distribution {shop.edge.distribution}"
    assert [line for line in planned.out.splitlines() if "error response" in line] == [
        *(f"  + rule error response {code} (missing)" for code in CODES if code != 403),
        f"left alone at {target}: error response 403: /index.html with 200, cached for 10 s",
        f"{target}: 11 of 11 error responses",
        f"warning: {target}: 403 keeps the error response that somebody else made: /index.html with 200, cached for "
        "10 s",
    ]
    assert project.run("publish", "--yes").code == 0
    pages = project.files("output/default/pages/static/en")
    assert {code: shop.edge.get(f"/fail/{code}") for code in CODES if code != 403} == {
        code: (code, pages[f"{code}.html"]) for code in CODES if code != 403
    }
    assert shop.config == before
    backups = [json.loads(content) for content in project.files(".errgen/backups").values()]
    assert [one["custom_error_responses"] for one in backups] == [[THEIRS]]

    again = project.run("publish", "--yes")
    assert (again.code, again.out.splitlines()[-1]) == (0, "nothing to do")
    project.write("catalog/mine.yaml", "404:\n  headline: New words\n")
    probes = '{ "/fail/404" = 404, "/fail/503" = 503 }'
    project.write("errgen.toml", f'{project.read("errgen.toml")}verify_url = "{shop.url}"\nprobes = {probes}\n')
    changed = project.run("plan", "--detailed-exitcode")
    assert changed.code == 10
    assert "~ rule error response 404 (differs)" in changed.out
    published = project.run("publish", "--yes")
    assert (published.code, published.err) == (
        0,
        f"info: {target}: the new answers are on their way to all places, which takes minutes; clients get old or new "
        f"ones until then\nhint: wait for them and ask with: errgen verify --wait --site default --zone "
        f"{shop.edge.distribution}\n",
    )
    status, body = shop.edge.get("/fail/404")
    assert (status, b"New words" in body) == (404, True)
    assert shop.config == before
    said = "".join(f"{one.out}{one.err}" for one in (only_files, planned, again, changed))
    assert CANARY not in said
    for path, content in project.files().items():
        assert CANARY.encode() not in content, path
