"""Checks of what is served: tokens, sizes, problem details, statuses, colours, the brand."""

from __future__ import annotations

import dataclasses
import json

import pytest

from site_builder.errors import Fault, InvalidInput
from site_builder.model import Finding, Rule
from site_builder.settings import CheckSettings
from tests.checks.conftest import GONE, NOT_FOUND, PAGE, PROBLEM, World

TOKEN = "use page.ray_id, page.client_ip or page.region, which are None where an edge cannot fill them in"
OWN_FILE = "report it: errgen writes this file itself"
BROKEN = "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"
PLACE = "pages/cloudflare/en/404.json"


def test_tokens_that_stay(world: World) -> None:
    world.files["static/en/404.html"] = PAGE.replace("::RAY_ID::", "::RAY_ID:: ::CLIENT_IP::")
    world.files["static/en/410.md"] = "one\n::RAY_ID::\n"
    world.change("::RAY_ID::", "::RAY_ID:: ::HOST::").write("templates/bare/page.html.j2", "\n\n::HOST::\n")
    fills = "whose edges fill in"
    assert world.findings("token") == [
        Finding(
            "token",
            "error",
            f"::HOST:: stays in pages of the profile cloudflare, {fills}: ::RAY_ID::, ::CLIENT_IP::, ::GEO:: "
            "(on pages/cloudflare/en/404.html:18)",
            "templates/bare/page.html.j2:3",
            TOKEN,
        ),
        Finding(
            "token",
            "error",
            f"::RAY_ID:: stays in pages of the profile static, {fills}: none (on 2 pages, of which this is the first)",
            "pages/static/en/404.html:18",
            TOKEN,
        ),
        Finding(
            "token",
            "error",
            f"::CLIENT_IP:: stays in pages of the profile static, {fills}: none",
            "pages/static/en/404.html:18",
            TOKEN,
        ),
    ]


def test_sizes(world: World) -> None:
    world.html = {}
    for key, size in (("404", 10_001), ("410", 16_200), ("503", 10_000)):
        world.files[f"static/en/{key}.html"] = b"x" * size
    world.files["static/en/404.md"] = b"x" * 1_500_001
    inline, haproxy = "a rule's own content may have 10,000", "a HAProxy errorfile may have 16,384 with its headers"
    shorten, theirs = "shorten the theme or the text", "shorten the theme or the text; Cloudflare and others serve it"
    html, markdown = "pages/static/en/410.html", "pages/static/en/404.md"
    assert world.findings("size-inline") == [
        Finding(
            "size-inline",
            "warning",
            f"2 pages have too many bytes: {html} 16,200, pages/static/en/404.html 10,001; {inline}",
            html,
            shorten,
        ),
        Finding("size-inline", "warning", f"has 1,500,001 bytes; {inline}", markdown, shorten),
    ]
    assert world.findings("size-haproxy") == [
        Finding("size-haproxy", "warning", f"has 16,200 bytes; {haproxy}", html, theirs),
        Finding("size-haproxy", "warning", f"has 1,500,001 bytes; {haproxy}", markdown, theirs),
    ]
    assert world.findings("size-asset") == [
        Finding("size-asset", "error", "has 1,500,001 bytes; an asset may have 1,500,000", markdown,
                "take pictures out of the theme, or shrink them")
    ]  # fmt: skip


def problem(**members: object) -> str:
    return json.dumps({**json.loads(PROBLEM), **members})


NAME = "use three characters or more: a letter first, then letters, digits and _"


@pytest.mark.parametrize(
    ("name", "content", "message", "where", "hint"),
    [
        ("problem-json", "{", f"is not JSON: {BROKEN}", PLACE, OWN_FILE),
        ("problem-json", "[]", "is not a JSON object", PLACE, OWN_FILE),
        ("problem-member", problem(id="x"), "'id' is no name of a member", PLACE, NAME),
        ("problem-member", problem(**{"error-code": 1}), "'error-code' is no name of a member", PLACE, NAME),
        ("problem-member", problem(**{"1st": 1}), "'1st' is no name of a member", PLACE, NAME),
        ("problem-member", problem(title=None), "title is not a text", PLACE, NAME),
        ("problem-member", problem(status="404"), "status is not a number", PLACE, NAME),
        ("problem-status", problem(status=200), "says status 200, and the answer has 404", PLACE,
         "look at catalog/mine.yaml:2"),
        ("problem-status", problem(error_code=410), "says error_code 410, and it is the page of 404", PLACE,
         "look at catalog/mine.yaml:2"),
        ("problem-type", problem(type="/errors/404"), "the type of 404, '/errors/404', is not an absolute address",
         "catalog/mine.yaml:2", "write the whole address, with https://"),
    ],
)  # fmt: skip
def test_problem_details(world: World, name: str, content: str, message: str, where: str, hint: str) -> None:
    world.files["cloudflare/en/404.json"] = content
    assert world.findings(name) == [Finding(name, "error", message, where, hint)]


@pytest.mark.parametrize("name", ["problem-json", "problem-member", "problem-status", "problem-type"])
@pytest.mark.parametrize(
    "members", [{}, {"type": "urn:example:404"}, {"retry_after": 5}, {"a1_": 1}, {"instance": "::RAY_ID::"}]
)
def test_problem_details_that_are_right(world: World, name: str, members: dict[str, object]) -> None:
    world.files["cloudflare/en/404.json"] = problem(**members)
    assert world.findings(name) == []


def test_one_wrong_member_on_many_pages_is_one_finding(world: World) -> None:
    world.files["cloudflare/en/404.json"] = problem(ok=True)
    world.files["cloudflare/en/410.json"] = problem(ok=True, status=410, error_code=410)
    message = "'ok' is no name of a member (on 2 pages, of which this is the first)"
    assert world.findings("problem-member") == [Finding("problem-member", "error", message, PLACE, NAME)]


def test_a_status_that_the_entry_gives_the_answer(world: World) -> None:
    world.texts = {"en": (dataclasses.replace(NOT_FOUND, serve_status=503), GONE)}
    world.files["cloudflare/en/404.json"] = problem(status=503)
    assert world.findings("problem-status") == []


def test_an_error_that_a_rule_answers_as_success(world: World) -> None:
    rule = Rule(((404, 404),), "any", "html", "en", "en/404.html", 1.0, status=200)
    world.rules = (rule, dataclasses.replace(rule, codes=((410, 410),), page="en/410.html", status=404))
    assert world.findings("error-as-success") == [
        Finding("error-as-success", "error", "404 is answered with 200", "catalog/mine.yaml:2",
                "remove serve_status, or make it 400 or more")
    ]  # fmt: skip


def cloudfront(*items: dict[str, object]) -> str:
    responses = {"Quantity": len(items), "Items": list(items)}
    return json.dumps({"ETag": "E1", "DistributionConfig": {"CustomErrorResponses": responses}})


def test_errors_that_cloudfront_turns_into_success(world: World) -> None:
    page = {"ResponsePagePath": "/index.html", "ErrorCachingMinTTL": 10}
    config = cloudfront(
        {"ErrorCode": 403, "ResponseCode": "200", **page},
        {"ErrorCode": 404, "ResponseCode": "404", **page},
        {"ErrorCode": 500, "ResponseCode": "200", "ResponsePagePath": "/500.html"},
        {"ErrorCode": 503, "ErrorCachingMinTTL": 0},
    )
    world.check = CheckSettings(cloudfront=("aws/shop.json",))
    world.write("aws/shop.json", config)

    def hint(code: int) -> str:
        return (
            f"set the ResponseCode of {code} to {code}; a single-page application can rewrite paths in a CloudFront "
            "function instead"
        )

    assert world.findings("cloudfront-success") == [
        Finding(
            "cloudfront-success",
            "warning",
            "CloudFront turns 403 into 200; an API behind it gets this page as data, because the setting is for the "
            "whole distribution",
            "aws/shop.json",
            hint(403),
        ),
        Finding("cloudfront-success", "warning", "CloudFront turns 500 into 200", "aws/shop.json", hint(500)),
    ]
    assert world.findings("cloudfront-ttl") == [
        Finding(
            "cloudfront-ttl",
            "warning",
            "CloudFront may keep 500 for as long as it likes: ErrorCachingMinTTL is not set",
            "aws/shop.json",
            "set ErrorCachingMinTTL, in seconds; 10 suits errors that pass",
        )
    ]


@pytest.mark.parametrize("text", [cloudfront(), '{"CustomErrorResponses": {"Quantity": 0}}'])
def test_a_distribution_without_error_responses(world: World, text: str) -> None:
    world.check = CheckSettings(cloudfront=("one.json",))
    world.write("one.json", text)
    assert world.findings("cloudfront-success") + world.findings("cloudfront-ttl") == []


def test_files_that_are_no_distribution_are_faults_all_at_once(world: World) -> None:
    world.check = CheckSettings(cloudfront=("none.json", "broken.json", "other.json", "odd.json"))
    world.write("broken.json", "{").write("other.json", '{"DistributionConfig": {}}')
    world.write("odd.json", '{"CustomErrorResponses": {"Items": [{}]}}')
    with pytest.raises(InvalidInput) as caught:
        world.findings("cloudfront-success")
    assert caught.value.faults == (
        Fault("errgen.toml: site.default.check.cloudfront[0]", "'none.json' cannot be read: No such file or directory"),
        Fault(
            "broken.json",
            f"is not JSON: {BROKEN}",
        ),
        Fault("other.json", "has no DistributionConfig.CustomErrorResponses, so it is no distribution's configuration"),
        Fault("odd.json", "CustomErrorResponses.Items is not a list of entries with an ErrorCode"),
    )
    assert caught.value.hint == "make the file with: aws cloudfront get-distribution-config --id ID > cloudfront.json"


def test_a_theme_that_declares_no_colours(world: World) -> None:
    world.write("templates/bare/theme.yaml", "name: Bare\ndescription: Words.\n")
    [found] = world.findings("contrast-undeclared")
    assert (found.severity, found.message, found.where) == (
        "warning",
        "the theme bare declares no pairs of colours",
        "templates/bare/theme.yaml",
    )
