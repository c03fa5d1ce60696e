"""CloudFront's files, whole; what the service says to them; and that each page is where it is looked for."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges import open_edge
from site_builder.errors import InvalidInput
from site_builder.hosts import open_host
from site_builder.model import Compiled, Entry, Manifest, Scope
from tests.cloudfront_peer import CloudFront, Refused, cloudfront, require_valid
from tests.s3_peers import moto

if TYPE_CHECKING:
    from tests.conftest import Project

__all__ = ["cloudfront", "moto"]  # fixtures

WHERE = "errgen.toml: site.default.edge[0]"
COMPLETE = {"bucket": "example-errors", "aws_account": "123456789012", "distribution": "EDFDVBD632BHDS5"}
MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]


def compiled(manifest: Manifest, **options: Any) -> Compiled:
    def read(path: str) -> bytes:
        raise AssertionError(f"{path} was read: the manifest says all that is needed")

    return open_edge({"kind": "cloudfront", **options}, WHERE).compile(manifest, read)


def contents(outcome: Compiled) -> dict[str, Any]:
    return {name: json.loads(content) for name, content in outcome.files.items()}


def address(page: str, text: str, path: str = "/errgen") -> str:
    """Where the page ``en-404.html`` with these bytes is at the distribution."""
    stem, _, extension = page.partition(".")
    return f"{path}/o/static-{stem}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.{extension}"


AT_404 = address("en-404.html", "en 404 as html\n")
AT_503 = address("en-503.html", "en 503 as html\n")
AT_5XX = address("en-5xx.html", "en 5xx as html\n")


@pytest.fixture
def small(site: MakeSite, entry: MakeEntry) -> Any:
    """404 and 503 with pages of their own, all other 5xx by a catch-all, and pages that CloudFront has no place for."""
    entries = [
        entry("404"),
        entry("410"),
        entry("503", retry_after=30),
        entry("522"),
        entry("1015"),
        entry("rate_limit", (1025, 1027)),
        entry("5xx", (500, 599)),
        entry("maintenance", (500, 599)),
    ]
    return site(entries, languages=("en", "de"), profile="static")


@pytest.fixture
def full(large_site: Any, site: MakeSite, entry: MakeEntry) -> Any:
    """As many static pages as a real catalog has, or nearly."""
    rules = {rule.page.removesuffix(".html"): rule for rule in large_site.manifest.rules if rule.format == "html"}
    return site([entry(page.removeprefix("en/"), *rule.codes) for page, rule in rules.items()], profile="static")


def test_error_responses_are_as_the_api_takes_them(small: Any) -> None:
    assert contents(compiled(small.manifest, caching_seconds=60))["custom_error_responses.json"] == {
        "Quantity": 6,
        "Items": [
            {"ErrorCode": 404, "ResponsePagePath": AT_404, "ResponseCode": "404", "ErrorCachingMinTTL": 60},
            {"ErrorCode": 500, "ResponsePagePath": AT_5XX, "ResponseCode": "500", "ErrorCachingMinTTL": 60},
            {"ErrorCode": 501, "ResponsePagePath": AT_5XX, "ResponseCode": "501", "ErrorCachingMinTTL": 60},
            {"ErrorCode": 502, "ResponsePagePath": AT_5XX, "ResponseCode": "502", "ErrorCachingMinTTL": 60},
            {"ErrorCode": 503, "ResponsePagePath": AT_503, "ResponseCode": "503", "ErrorCachingMinTTL": 30},
            {"ErrorCode": 504, "ResponsePagePath": AT_5XX, "ResponseCode": "504", "ErrorCachingMinTTL": 60},
        ],
    }


@pytest.mark.parametrize(("seconds", "at_404", "at_503"), [(0, 0, 0), (10, 10, 10), (30, 30, 30), (3600, 3600, 30)])
def test_no_failure_is_kept_longer_than_clients_are_asked_to_wait(
    small: Any, seconds: int, at_404: int, at_503: int
) -> None:
    items = contents(compiled(small.manifest, caching_seconds=seconds))["custom_error_responses.json"]["Items"]

    kept = {item["ErrorCode"]: item["ErrorCachingMinTTL"] for item in items}
    assert (kept[404], kept[503]) == (at_404, at_503)


def test_planned_work_has_its_page_in_place_of_all_of_its_codes(site: MakeSite, entry: MakeEntry) -> None:
    entries = [entry("404"), entry("503"), entry("maintenance", (500, 599), serve_status=503, retry_after=7)]
    at_maintenance = address("en-maintenance.html", "en maintenance as html\n")
    assert contents(compiled(site(entries, profile="static").manifest))["custom_error_responses.maintenance.json"] == {
        "Quantity": 6,
        "Items": [
            {"ErrorCode": 404, "ResponsePagePath": AT_404, "ResponseCode": "404", "ErrorCachingMinTTL": 10},
            *(
                {
                    "ErrorCode": code,
                    "ResponsePagePath": at_maintenance,
                    "ResponseCode": "503",
                    "ErrorCachingMinTTL": 7,
                }
                for code in (500, 501, 502, 503, 504)
            ),
        ],
    }


def test_ten_seconds_are_said_where_nobody_says_how_long(small: Any) -> None:
    items = contents(compiled(small.manifest))["custom_error_responses.json"]["Items"]

    assert [item["ErrorCachingMinTTL"] for item in items] == [10] * 6


def test_the_behavior_is_for_pages_alone(small: Any) -> None:
    assert contents(compiled(small.manifest, path="/x/errors", origin="pages"))["cache_behavior.json"] == {
        "PathPattern": "/x/errors/o/*",
        "TargetOriginId": "pages",
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "TrustedKeyGroups": {"Enabled": False, "Quantity": 0},
        "ViewerProtocolPolicy": "allow-all",
        "AllowedMethods": {
            "Quantity": 2,
            "Items": ["GET", "HEAD"],
            "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
        },
        "SmoothStreaming": False,
        "Compress": True,
        "LambdaFunctionAssociations": {"Quantity": 0},
        "FunctionAssociations": {"Quantity": 0},
        "FieldLevelEncryptionId": "",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }


def test_the_policy_lets_one_distribution_read_pages(small: Any) -> None:
    outcome = compiled(small.manifest, **COMPLETE, path="/errors", origin_path="/shop")

    assert contents(outcome)["bucket_policy.json"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ErrgenPagesDefault",
                "Effect": "Allow",
                "Principal": {"Service": "cloudfront.amazonaws.com"},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::example-errors/shop/errors/o/*",
                "Condition": {
                    "StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::123456789012:distribution/EDFDVBD632BHDS5"}
                },
            }
        ],
    }


def test_a_policy_that_is_not_complete_says_so(small: Any) -> None:
    outcome = compiled(small.manifest, bucket="example-errors")

    statement = contents(outcome)["bucket_policy.json"]["Statement"][0]
    assert statement["Resource"] == "arn:aws:s3:::example-errors/errgen/o/*"
    assert statement["Condition"] == {
        "StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::ACCOUNT_ID:distribution/DISTRIBUTION_ID"}
    }
    assert [(one.message, one.hint) for one in outcome.findings if one.id == "cloudfront-incomplete-policy"] == [
        (
            "bucket_policy.json has ACCOUNT_ID and DISTRIBUTION_ID in place of what is not in errgen.toml",
            "add aws_account and distribution to this table, or complete the policy by hand",
        )
    ]


def test_the_report_says_what_each_code_gets_and_what_gets_nothing(small: Any) -> None:
    report = contents(compiled(small.manifest, **COMPLETE))["report.json"]

    def bound(page: str, via: str, path: str, status: int) -> dict[str, Any]:
        return {"page": page, "via": via, "path": path, "status": status, "caching_seconds": 10}

    in_words = {name: report.pop(name) for name in ("differences", "warnings", "merging", "terraform")}
    assert report == {
        "edge": "cloudfront",
        "site": "default",
        "release": small.manifest.release,
        "distribution": "EDFDVBD632BHDS5",
        "language": "en",
        "format": "html",
        "languages_left_out": ["de"],
        "formats_left_out": ["json", "problem", "markdown"],
        "codes": {
            "404": bound("en/404.html", "own", AT_404, 404),
            "500": bound("en/5xx.html", "catch-all", AT_5XX, 500),
            "501": bound("en/5xx.html", "catch-all", AT_5XX, 501),
            "502": bound("en/5xx.html", "catch-all", AT_5XX, 502),
            "503": bound("en/503.html", "own", AT_503, 503),
            "504": bound("en/5xx.html", "catch-all", AT_5XX, 504),
        },
        "not_bound": [
            {"codes": "400 403 405 414 416", "reason": "the catalog has no page for it"},
            {
                "codes": "410",
                "reason": "CloudFront takes no error response for it: the answer of whoever failed passes through",
            },
            {"codes": "522 1015", "reason": "only Cloudflare fails with it"},
        ],
        "families_not_in_use": {"rate_limit": "1025..1027"},
    }
    assert in_words["differences"] == [
        "Every client gets HTML in en: CloudFront looks at the code alone, neither at Accept nor at Accept-Language. "
        "Other formats and languages are built, to be linked to or served by an origin.",
        "Retry-After is not sent with the page of 503: an object in S3 cannot carry it, and an error response sets no "
        "header.",
        "While planned work is announced (errgen publish --maintenance), 500, 501, 502, 503, 504 are answered with its "
        "page and 503. Without a distribution in errgen.toml that is for you to do, with "
        "custom_error_responses.maintenance.json.",
    ]
    assert in_words["merging"][:2] == [
        "The host that the pages are uploaded to has kind s3, the prefix errgen, and the bucket example-errors.",
        "The distribution has an origin errgen-default: the bucket's REST endpoint "
        "(example-errors.s3.REGION.amazonaws.com), the origin path '', and Origin Access Control that signs every "
        "request.",
    ]
    for topic in ("APIs", "not in the bucket", "s3:ListBucket", "AWS WAF", "max-age", "expired copy", "413"):
        assert sum(topic in warning for warning in in_words["warnings"]) == 1


def test_findings_say_what_is_left_out(small: Any) -> None:
    assert [
        (one.id, one.severity, one.where, one.message) for one in compiled(small.manifest, **COMPLETE).findings
    ] == [
        (
            "cloudfront-no-page",
            "warning",
            WHERE,
            "there is no html page in en for 400 403 405 414 416, so CloudFront keeps its own",
        ),
        (
            "cloudfront-one-language",
            "warning",
            WHERE,
            "CloudFront serves only the default language, en; left out: de",
        ),
        ("cloudfront-not-bindable", "info", WHERE, "CloudFront takes no page for 1 codes that have one: 410"),
    ]


def test_a_whole_catalog_in_one_language_leaves_nothing_to_warn_of(full: Any) -> None:
    outcome = compiled(full.manifest, **COMPLETE)

    responses = contents(outcome)["custom_error_responses.json"]
    assert [item["ErrorCode"] for item in responses["Items"]] == [
        *(400, 403, 404, 405, 414, 416),
        *(500, 501, 502, 503, 504),
    ]
    assert [(one.id, one.severity) for one in outcome.findings] == [("cloudfront-not-bindable", "info")]


def test_without_any_page_nothing_is_bound(site: MakeSite, entry: MakeEntry) -> None:
    outcome = compiled(site([entry("1015")], profile="static").manifest, **COMPLETE)

    assert contents(outcome)["custom_error_responses.json"] == {"Quantity": 0, "Items": []}
    assert [one.id for one in outcome.findings] == ["cloudfront-no-page"]


@pytest.mark.parametrize(
    ("asked", "sent", "said"),
    [
        (404, "404", []),
        (410, "403", ["CloudFront cannot answer 403 with 410; it sends 403"]),
        (200, "403", ["CloudFront cannot answer 403 with 200; it sends 403"]),
    ],
)
def test_another_status_is_sent_where_cloudfront_can_and_it_is_an_error(
    site: MakeSite, entry: MakeEntry, asked: int, sent: str, said: list[str]
) -> None:
    outcome = compiled(site([entry("403", serve_status=asked)], profile="static").manifest)

    assert [item["ResponseCode"] for item in contents(outcome)["custom_error_responses.json"]["Items"]] == [sent]
    assert [one.message for one in outcome.findings if one.id == "cloudfront-status"] == said


def test_scopes_count_for_nothing_and_it_is_said(small: Any) -> None:
    outcome = compiled(dataclasses.replace(small.manifest, scopes=(Scope((), ("/api/*",), "json"),)))

    assert (
        contents(outcome)["custom_error_responses.json"]
        == contents(compiled(small.manifest))["custom_error_responses.json"]
    )
    assert [one.message for one in outcome.findings if one.id == "cloudfront-scopes"] == [
        "CloudFront's error responses cannot tell hosts and paths apart, so that no scope counts here"
    ]


def refusal(**options: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        open_edge({"kind": "cloudfront", **options}, WHERE)
    return str(caught.value)


NO_PATTERN = "is not a path like /* or /shop/*: it starts with /, is percent-encoded, and ends in * at most"
NO_PATH = "is not a path like /errgen: it starts with /, then letters, digits and . _ ~ - between slashes"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"path": "errgen"}, f".path: {NO_PATH}"),
        ({"path": "/errgen/*"}, f".path: {NO_PATH}"),
        ({"path": "/a//b"}, f".path: {NO_PATH}"),
        ({"path": "/a/../b"}, f".path: {NO_PATH}"),
        ({"path": "/ä"}, f".path: {NO_PATH}"),
        ({"origin_path": "x"}, f".origin_path: {NO_PATH}"),
        ({"path": "/" + "a" * 251}, ".path: is longer than 251 characters, more than a behavior can match"),
        ({"caching_seconds": -1}, ".caching_seconds: must be 0 or more"),
        ({"caching_seconds": 31_536_001}, ".caching_seconds: must be 31536000 or less"),
        ({"caching_seconds": "10"}, ".caching_seconds: must be a whole number, without quotation marks"),
        ({"bucket": "s3://errors"}, '.bucket: must match ^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$; for example "my-errors"'),
        ({"aws_account": "1234"}, '.aws_account: must match ^[0-9]{12}$; for example "123456789012"'),
        (
            {"replaces": [404, 401]},
            ".replaces[1]: is not a code that CloudFront takes an error response for: 400, 403, 404, 405, 414, 416, "
            "500, 501, 502, 503, 504",
        ),
        ({"invalidate": ["/*", "/a*b"]}, f".invalidate[1]: {NO_PATTERN}"),
        ({"invalidate": ["/ä"]}, f".invalidate[0]: {NO_PATTERN}"),
        (
            {"url": "http://user:pw@x/"},
            ".url: has a user or password in it; credentials come from the environment only",
        ),
        ({"origin": "${x}"}, '.origin: must match ^[A-Za-z0-9._/:-]{1,128}$; for example "errors-bucket"'),
        ({"distribution": "e1"}, '.distribution: must match ^[A-Z0-9]{8,32}$; for example "EDFDVBD6EXAMPLE"'),
        (
            {"zone": "z"},
            ".zone: unknown key; there are: aws_account, bucket, caching_seconds, canary, distribution, invalidate, "
            "kind, origin, origin_path, path, probes, profile, replaces, url, verify_url",
        ),
    ],
)
def test_options_are_refused_with_the_key(options: dict[str, Any], message: str) -> None:
    assert refusal(**options) == WHERE + message


def with_host(host: dict[str, Any], **options: Any) -> Any:
    return open_edge({"kind": "cloudfront", **options}, WHERE, host).options


segments = st.lists(st.from_regex(r"[a-z0-9_-]{1,8}", fullmatch=True), max_size=4)


@given(first=segments, second=segments, stated=st.booleans())
def test_the_path_goes_on_where_the_origin_path_ends(first: list[str], second: list[str], stated: bool) -> None:
    host = {"kind": "s3", "bucket": "example-errors", "prefix": "/".join([*first, *second])}
    origin_path, path = ("".join(f"/{segment}" for segment in part) for part in (first, second))
    options = with_host(host, origin_path=origin_path, **({"path": path, "bucket": "example-errors"} if stated else {}))

    assert (options.origin_path, options.pages_path, options.bucket) == (origin_path, path, "example-errors")


@pytest.mark.parametrize("prefix", ["errors", "/errors/"])
def test_the_host_says_where_the_pages_are(prefix: str) -> None:
    options = with_host({"kind": "s3", "bucket": "example-errors", "prefix": prefix})

    assert (options.pages_path, options.bucket) == ("/errors", "example-errors")


def test_the_profile_of_the_host_is_that_of_the_edge_unless_it_has_its_own() -> None:
    host = {"kind": "s3", "bucket": "example-errors", "profile": "uploads"}

    assert with_host(host).profile == "uploads"
    assert with_host(host, profile="network").profile == "network"


@pytest.mark.parametrize(
    "host",
    [
        {"kind": "directory", "path": "public"},
        {"kind": "s3", "bucket": 5, "prefix": ["errors"]},
        {"kind": "s3", "bucket": "s3://x", "prefix": "a b"},
    ],
)
def test_a_host_that_says_nothing_of_use_changes_nothing(host: dict[str, Any]) -> None:
    assert with_host(host).pages_path == "/errgen"
    assert with_host(host, path="/errors", bucket="example-errors") == (
        open_edge({"kind": "cloudfront", "path": "/errors", "bucket": "example-errors"}, WHERE).options
    )


def test_a_distribution_needs_a_host_that_it_can_read() -> None:
    with pytest.raises(InvalidInput) as caught:
        with_host({"kind": "directory", "path": "public"}, distribution="EDFDVBD632BHDS5")
    assert str(caught.value) == (
        f"{WHERE}.distribution: a distribution gets its pages from an S3 host, and the host of this site has kind "
        "directory"
    )


@pytest.mark.parametrize(
    ("prefix", "options", "faults"),
    [
        (
            "errors",
            {"path": "/errgen"},
            [
                ".path: the host keeps the pages at /errors, and CloudFront would look at /errgen; leave this out, or "
                "write /errors"
            ],
        ),
        (
            "shop/errors",
            {"path": "/shop/errors", "origin_path": "/shop"},
            [
                ".path: the host keeps the pages at /shop/errors, and CloudFront would look at /shop/shop/errors; "
                "leave this out, or write /errors"
            ],
        ),
        (
            "",
            {"path": "/errgen"},
            [".path: the host keeps the pages at /, and CloudFront would look at /errgen; leave this out, or write /"],
        ),
        (
            "shopping",
            {"origin_path": "/shop"},
            [".origin_path: the host keeps the pages at /shopping, which does not begin with this"],
        ),
        (
            "errors",
            {"path": "/", "bucket": "other"},
            [
                ".bucket: the host keeps the pages in the bucket example-errors; leave this out",
                ".path: the host keeps the pages at /errors, and CloudFront would look at /; leave this out, or write "
                "/errors",
            ],
        ),
    ],
)
def test_what_contradicts_the_host_is_refused(prefix: str, options: dict[str, Any], faults: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        with_host({"kind": "s3", "bucket": "example-errors", "prefix": prefix}, **options)
    assert str(caught.value) == "\n".join(WHERE + fault for fault in faults)


@pytest.mark.parametrize("path", ["", "/"])
def test_pages_may_be_at_the_root(small: Any, path: str) -> None:
    files = contents(compiled(small.manifest, path=path))

    assert files["cache_behavior.json"]["PathPattern"] == "/o/*"
    assert files["custom_error_responses.json"]["Items"][0]["ResponsePagePath"] == address(
        "en-404.html", "en 404 as html\n", path=""
    )
    assert files["report.json"]["merging"][0].endswith("has kind s3, no prefix, and the bucket BUCKET.")


# Arguments as the provider's page on aws_cloudfront_distribution and aws_iam_policy_document names them.
RESPONSE_ARGUMENTS = {"error_caching_min_ttl", "error_code", "response_code", "response_page_path"}
BEHAVIOR_REQUIRED = {"allowed_methods", "cached_methods", "path_pattern", "target_origin_id", "viewer_protocol_policy"}
BEHAVIOR_ARGUMENTS = BEHAVIOR_REQUIRED | {
    "cache_policy_id",
    "compress",
    "response_headers_policy_id",
    "smooth_streaming",
}
STATEMENT_ARGUMENTS = {"sid", "effect", "actions", "resources", "principals", "condition"}


def test_terraform_gets_the_same(small: Any) -> None:
    files = contents(compiled(small.manifest, **COMPLETE, path="/errors", origin="pages"))
    module, items = files["terraform.tf.json"], files["custom_error_responses.json"]["Items"]
    outputs = {name: output["value"] for name, output in module["output"].items()}

    assert outputs["custom_error_responses"] == [
        {
            "error_code": item["ErrorCode"],
            "response_code": int(item["ResponseCode"]),
            "response_page_path": item["ResponsePagePath"],
            "error_caching_min_ttl": item["ErrorCachingMinTTL"],
        }
        for item in items
    ]
    behavior = files["cache_behavior.json"]
    assert outputs["ordered_cache_behavior"] == {
        "path_pattern": behavior["PathPattern"],
        "target_origin_id": "${var.origin_id}",
        "viewer_protocol_policy": behavior["ViewerProtocolPolicy"],
        "allowed_methods": behavior["AllowedMethods"]["Items"],
        "cached_methods": behavior["AllowedMethods"]["CachedMethods"]["Items"],
        "cache_policy_id": behavior["CachePolicyId"],
        "compress": behavior["Compress"],
    }
    assert {name: variable.get("default") for name, variable in module["variable"].items()} == {
        "bucket": "example-errors",
        "distribution_arn": "arn:aws:cloudfront::123456789012:distribution/EDFDVBD632BHDS5",
        "origin_id": "pages",
    }
    statement = module["data"]["aws_iam_policy_document"]["pages"]["statement"]
    policy = files["bucket_policy.json"]["Statement"][0]
    assert statement == {
        "sid": policy["Sid"],
        "effect": policy["Effect"],
        "principals": {"type": "Service", "identifiers": [policy["Principal"]["Service"]]},
        "actions": [policy["Action"]],
        "resources": ["arn:aws:s3:::${var.bucket}/errors/o/*"],
        "condition": {"test": "StringEquals", "variable": "AWS:SourceArn", "values": ["${var.distribution_arn}"]},
    }


def test_terraform_knows_every_name_in_the_module(small: Any) -> None:
    module = contents(compiled(small.manifest))["terraform.tf.json"]

    assert set(module) == {"//", "terraform", "variable", "data", "output"}
    for response in module["output"]["custom_error_responses"]["value"]:
        assert set(response) == RESPONSE_ARGUMENTS
    behavior = set(module["output"]["ordered_cache_behavior"]["value"])
    assert BEHAVIOR_REQUIRED <= behavior <= BEHAVIOR_ARGUMENTS
    assert set(module["data"]["aws_iam_policy_document"]["pages"]["statement"]) == STATEMENT_ARGUMENTS
    assert all(set(one) <= {"type", "description", "default"} for one in module["variable"].values())
    assert all(set(one) == {"description", "value"} for one in module["output"].values())
    known = {f"var.{name}" for name in module["variable"]} | {"data.aws_iam_policy_document.pages.json"}
    assert set(re.findall(r"\$\{([^}]*)\}", json.dumps(module))) == known


def test_the_terraform_example_names_what_the_module_has(small: Any) -> None:
    files = contents(compiled(small.manifest))
    module, example = files["terraform.tf.json"], "\n".join(files["report.json"]["terraform"])

    assert set(re.findall(r"module\.errgen_default\.(\w+)", example)) == set(module["output"])
    assert set(re.findall(r"^  (\w+) += (?!\[?module)", example, re.MULTILINE)) == {"source", *module["variable"]} - {
        "origin_id"
    }
    for block, value in (
        ("custom_error_response", module["output"]["custom_error_responses"]["value"][0]),
        ("ordered_cache_behavior", module["output"]["ordered_cache_behavior"]["value"]),
    ):
        assert re.findall(rf"(\w+) += {block}\.value\.(\w+)", example) == [(name, name) for name in value]


def without_empty_lists(value: Any) -> Any:
    """``value`` without the ``Items`` that the service adds to a list of none."""
    return {key: part for key, part in value.items() if part != []} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("prefix", "path", "origin_path"),
    [("errgen", None, ""), ("shop/errors", "/errors", "/shop")],
)
def test_a_distribution_takes_the_files_and_finds_each_page(
    cloudfront: CloudFront, full: Any, prefix: str, path: str | None, origin_path: str
) -> None:
    peer, client = cloudfront.s3, cloudfront.client
    bucket = peer.bucket()
    host = open_host(
        {"kind": "s3", "bucket": bucket, "prefix": prefix, "public_url": "https://e.example/x"}, WHERE, peer.environ
    )
    options = {"origin": "pages", "origin_path": origin_path, **({} if path is None else {"path": path})}
    files = contents(compiled(full.manifest, **options))
    served = {f"pages/static/{one['page']}" for one in files["report.json"]["codes"].values()}
    for file in full.manifest.files:
        if file.path in served:
            key = host.place(file.path, file.sha256, full.manifest.release)
            host.write(key, full.read(file.path), file.media_type, host.cache_control(key))
    theirs = {"PathPattern": "/static/*", "TargetOriginId": "application", "ViewerProtocolPolicy": "allow-all"}
    distribution = cloudfront.distribution(
        bucket, origin="pages", origin_path=origin_path, CacheBehaviors={"Quantity": 1, "Items": [theirs]}
    )
    answer = client.get_distribution_config(Id=distribution)
    config = answer["DistributionConfig"]
    before = copy.deepcopy(config)
    ours = files["cache_behavior.json"]
    config["CustomErrorResponses"] = files["custom_error_responses.json"]
    config["CacheBehaviors"] = {"Quantity": 2, "Items": [ours, *config["CacheBehaviors"]["Items"]]}
    client.update_distribution(Id=distribution, DistributionConfig=config, IfMatch=answer["ETag"])

    after = client.get_distribution_config(Id=distribution)["DistributionConfig"]
    assert after["CustomErrorResponses"] == files["custom_error_responses.json"]
    stored, kept = after["CacheBehaviors"]["Items"]
    assert kept == before["CacheBehaviors"]["Items"][0]
    assert {name: without_empty_lists(stored[name]) for name in ours} == ours
    assert {name: value for name, value in after.items() if name not in ("CustomErrorResponses", "CacheBehaviors")} == {
        name: value for name, value in before.items() if name not in ("CustomErrorResponses", "CacheBehaviors")
    }

    origin = next(one for one in after["Origins"]["Items"] if one["Id"] == stored["TargetOriginId"])
    for item in after["CustomErrorResponses"]["Items"]:
        assert fnmatchcase(item["ResponsePagePath"], stored["PathPattern"])
        key = (origin["OriginPath"] + item["ResponsePagePath"]).removeprefix("/")
        found = peer.client.get_object(Bucket=bucket, Key=key)
        assert found["Body"].read() == f"en {item['ErrorCode']} as html\n".encode()
        assert found["ContentType"] == "text/html; charset=utf-8"


def test_a_version_that_is_not_current_is_refused(cloudfront: CloudFront, small: Any) -> None:
    client = cloudfront.client
    distribution = cloudfront.distribution("any-bucket", origin="pages")
    answer = client.get_distribution_config(Id=distribution)
    config = answer["DistributionConfig"]
    config["CustomErrorResponses"] = contents(compiled(small.manifest))["custom_error_responses.json"]
    client.update_distribution(Id=distribution, DistributionConfig=config, IfMatch=answer["ETag"])

    with pytest.raises(client.exceptions.PreconditionFailed):
        client.update_distribution(Id=distribution, DistributionConfig=config, IfMatch=answer["ETag"])


def as_config(responses: Mapping[str, Any]) -> dict[str, Any]:
    return {"CustomErrorResponses": responses, "Origins": {"Items": [{"Id": "pages"}]}}


def test_the_peer_takes_what_was_compiled(full: Any) -> None:
    responses = contents(compiled(full.manifest))["custom_error_responses.json"]

    require_valid(as_config(responses))


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"ErrorCode": 418}, "InvalidErrorCode"),
        ({"ErrorCode": 403}, "InvalidArgument"),
        ({"ResponseCode": "302"}, "InvalidResponseCode"),
        ({"ResponseCode": ""}, "InvalidArgument"),
        ({"ResponsePagePath": None}, "InvalidArgument"),
        ({"ResponsePagePath": "errgen/o/x.html"}, "InvalidArgument"),
        ({"ErrorCachingMinTTL": None}, "InvalidArgument"),
        ({"ErrorCachingMinTTL": -1}, "InvalidArgument"),
    ],
)
def test_the_peer_refuses_what_cloudfront_refuses(full: Any, change: dict[str, Any], refusal: str) -> None:
    responses = contents(compiled(full.manifest))["custom_error_responses.json"]
    responses["Items"][0].update(change)

    with pytest.raises(Refused) as caught:
        require_valid(as_config(responses))
    assert caught.value.code == refusal


def test_the_peer_counts(full: Any) -> None:
    responses = contents(compiled(full.manifest))["custom_error_responses.json"]

    with pytest.raises(Refused, match="InconsistentQuantities"):
        require_valid(as_config({**responses, "Quantity": 12}))


def test_two_runs_write_the_same_bytes(small: Any) -> None:
    assert compiled(small.manifest, **COMPLETE) == compiled(small.manifest, **COMPLETE)


def test_a_project_gets_the_files_at_every_build(project: Project) -> None:
    settings = project.read("errgen.toml").replace(
        'kind = "directory"\npath = "public"', 'kind = "s3"\nbucket = "example-errors"\nprefix = "errors"'
    )
    project.write("errgen.toml", f'{settings}\n[[site.default.edge]]\nkind = "cloudfront"\n')

    assert project.run("build").code == 0
    names = ["bucket_policy", "cache_behavior", "custom_error_responses", "custom_error_responses.maintenance"]
    names += ["report", "terraform.tf"]
    assert list(project.files("output/default/edges/cloudfront")) == [f"{name}.json" for name in names]
    responses = json.loads(project.read("output/default/edges/cloudfront/custom_error_responses.json"))
    pages = project.files("output/default/pages/static/en")
    assert {item["ErrorCode"]: item["ResponsePagePath"] for item in responses["Items"]} == {
        code: f"/errors/o/static-en-{code}-{hashlib.sha256(pages[f'{code}.html']).hexdigest()[:8]}.html"
        for code in (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)
    }
    policy = json.loads(project.read("output/default/edges/cloudfront/bucket_policy.json"))
    assert policy["Statement"][0]["Resource"] == "arn:aws:s3:::example-errors/errors/o/*"
    assert project.run("build", "--check").code == 0
