"""``errgen policy``: what it prints. That it is what publishing needs is proved in tests/publishing/test_rights.py."""

from __future__ import annotations

import json

import pytest

from site_builder.edges.cloudflare.entry_point import HEADER_RIGHTS
from site_builder.edges.cloudflare.replies import PERMISSIONS
from site_builder.hosts import kinds as host_kinds
from site_builder.hosts import rights_of
from tests.conftest import Project

ZONE, OTHER = "023e105f4ecef8ad9ca31a8372d0c353", "123e105f4ecef8ad9ca31a8372d0c353"
SETTINGS = f"""\
[site.default]
name = "Example"
home = "https://example.com/"

[site.default.host]
kind = "s3"
bucket = "example-errors"
prefix = "errors"
public_url = "https://errors.example.com/errors"

[[site.default.edge]]
kind = "cloudflare"
zone = "{ZONE}"
retry_after = true

[[site.default.edge]]
kind = "cloudfront"
distribution = "EDFDVBD6EXAMPLE"
aws_account = "123456789012"

[site.shop]
name = "Shop"
home = "https://example.com/"

[site.shop.host]
kind = "s3"
bucket = "example-errors"
prefix = "shop"
public_url = "https://errors.example.com/shop"

[[site.shop.edge]]
kind = "cloudflare"
account = "{OTHER}"

[[site.shop.edge]]
kind = "nginx"
"""
TARGETS = ["s3://example-errors/errors", "cloudfront distribution EDFDVBD6EXAMPLE"]
IAM = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": "arn:aws:s3:::example-errors"},
        {
            "Effect": "Allow",
            "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            "Resource": "arn:aws:s3:::example-errors/errors/*",
        },
        {
            "Effect": "Allow",
            "Action": [
                "cloudfront:GetDistribution",
                "cloudfront:GetDistributionConfig",
                "cloudfront:UpdateDistribution",
            ],
            "Resource": "arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            "Resource": "arn:aws:s3:::example-errors/shop/*",
        },
    ],
}
TEXT = f"""\
AWS credentials, for s3://example-errors/errors, cloudfront distribution EDFDVBD6EXAMPLE, s3://example-errors/shop:
  arn:aws:s3:::example-errors
    s3:ListBucket  finds what is stored, and is told 404 and not 403 for what is not
  arn:aws:s3:::example-errors/errors/*
    s3:GetObject     reads which release is current, and the manifests
    s3:PutObject     stores pages, manifests, backups, audit lines, and which release is current
    s3:DeleteObject  removes releases that are no longer kept, and the object it checks with
  arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE
    cloudfront:GetDistribution        reads where the distribution answers, and whether its last change is everywhere
    cloudfront:GetDistributionConfig  reads the error responses
    cloudfront:UpdateDistribution     switches the error responses, and checks beforehand that it may
  arn:aws:s3:::example-errors/shop/*
    s3:GetObject     reads which release is current, and the manifests
    s3:PutObject     stores pages, manifests, backups, audit lines, and which release is current
    s3:DeleteObject  removes releases that are no longer kept, and the object it checks with
attach this policy to the IAM role or user whose credentials errgen gets
{json.dumps(IAM, indent=2)}

CLOUDFLARE_API_TOKEN, for cloudflare zone {ZONE}, cloudflare account {OTHER}:
  zone {ZONE}
    Custom Error Rules: Edit  reads, tries and switches the rules
    Custom Pages: Edit        registers and removes assets, and reads which Error Pages are customised
    Transform Rules: Edit     reads, tries and switches the rules that set Retry-After
  the account of zone {ZONE}
    Account Rulesets: Read  Cloudflare asks for it besides
  account {OTHER}
    Account Rulesets: Edit      reads, tries and switches the rules
    Account Custom Pages: Edit  registers and removes assets, and reads which Error Pages are customised
make a custom token with these permissions, and these zones and accounts as its resources, at \
https://dash.cloudflare.com/profile/api-tokens
"""


def test_every_credential_with_its_rights_once(project: Project) -> None:
    project.write("errgen.toml", SETTINGS)
    outcome = project.run("policy")
    assert (outcome.code, outcome.out, outcome.err) == (0, TEXT, "")


def test_as_json_and_narrowed(project: Project) -> None:
    project.write("errgen.toml", SETTINGS)
    found = json.loads(project.run("policy", "--json").out)
    assert [(one["credential"], one["targets"]) for one in found] == [
        ("AWS credentials", [*TARGETS, "s3://example-errors/shop"]),
        ("CLOUDFLARE_API_TOKEN", [f"cloudflare zone {ZONE}", f"cloudflare account {OTHER}"]),
    ]
    assert (found[0]["iam_policy"], "iam_policy" in found[1]) == (IAM, False)
    assert found[1]["grants"][0] == {
        "permission": "Custom Error Rules: Edit",
        "resource": f"zone {ZONE}",
        "for": "reads, tries and switches the rules",
    }
    shop = json.loads(project.run("policy", "--json", "--site", "shop").out)
    assert [one["targets"] for one in shop] == [["s3://example-errors/shop"], [f"cloudflare account {OTHER}"]]
    zone = json.loads(project.run("policy", "--json", "--zone", ZONE).out)
    assert [one["targets"] for one in zone] == [["s3://example-errors/errors"], [f"cloudflare zone {ZONE}"]]
    assert project.run("policy", "--zone", "x").code == 2


def test_nothing_that_needs_credentials(project: Project) -> None:
    project.write("errgen.toml", '[site.default]\nname = "x"\nhome = "/"\n[[site.default.edge]]\nkind = "nginx"\n')
    outcome = project.run("policy")
    assert outcome.out == (
        "nothing here is reached with credentials: no site has a host, or an edge to switch over the network\n"
    )


TABLES = {
    "directory": {"path": "public"},
    "netlify": {"site": "example-errors"},
    "rsync": {"target": "web@server.example:/srv/errors"},
    "s3": {"bucket": "example-errors", "public_url": "https://errors.example.com", "profile": "errors"},
}


def test_every_host_says_its_rights() -> None:
    assert set(TABLES) == set(host_kinds())
    found = {kind: rights_of({"kind": kind, **table}, "x") for kind, table in TABLES.items()}
    assert {kind: (one.credential, one.target) for kind, one in found.items()} == {
        "directory": ("the account that runs errgen", "directory public"),
        "netlify": ("NETLIFY_AUTH_TOKEN", "netlify example-errors"),
        "rsync": ("the ssh key for web@server.example", "rsync web@server.example:/srv/errors"),
        "s3": ("AWS credentials of the profile errors", "s3://example-errors"),
    }
    assert 'command="rrsync /srv/errors",restrict' in found["rsync"].how
    daemon = rights_of({"kind": "rsync", "target": "rsync://web@server.example/module/errors"}, "x")
    assert (daemon.credential, daemon.grants[0].resource) == ("RSYNC_PASSWORD", "/errors")


@pytest.mark.parametrize(
    ("extra", "bucket"),
    [({"region": "cn-north-1"}, "arn:aws-cn:s3:::b-1"), ({"region": "us-gov-west-1"}, "arn:aws-us-gov:s3:::b-1")],
)
def test_partitions_of_aws(extra: dict[str, str], bucket: str) -> None:
    found = rights_of({"kind": "s3", "bucket": "b-1", "public_url": "https://x.example", **extra}, "x")
    assert [one.resource for one in found.grants] == [bucket, *[f"{bucket}/*"] * 3]


def test_services_that_are_not_amazons_have_other_names_for_it() -> None:
    table = {"kind": "s3", "bucket": "b-1", "public_url": "https://x.example", "endpoint_url": "https://r2.example"}
    assert "«Object Read & Write»" in rights_of(table, "x").how


def test_messages_about_rights_name_the_same_permissions(project: Project) -> None:
    project.write("errgen.toml", SETTINGS)
    out = project.run("policy", "--zone", ZONE).out
    named = [part.partition("»")[0] for part in f"{PERMISSIONS} {HEADER_RIGHTS}".split("«")[1:]]
    assert len(named) == 4
    assert [name for name in named if name not in out] == []
