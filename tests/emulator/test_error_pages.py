from __future__ import annotations

import pytest

from site_builder.emulator.error_pages import TYPES
from tests.emulator.conftest import BUSINESS, ENTERPRISE, FREE, OWNER, PRO, Cloud

PAGES = "/custom_pages"
HEAD = b"<html><head></head><body>"


def put(cloud: Cloud, identifier: str, content: bytes) -> dict[str, str]:
    cloud.host.pages[f"/{identifier}"] = (200, content)
    return {"state": "customized", "url": f"{cloud.host.url}/{identifier}"}


@pytest.mark.parametrize("scope", [f"zones/{PRO}", f"accounts/{OWNER}"])
def test_life_of_an_error_page(cloud: Cloud, scope: str) -> None:
    default = cloud.ok("GET", f"{PAGES}/500_errors", scope=scope)
    assert default == {
        "id": "500_errors",
        "description": "500 class errors",
        "required_tokens": ["::CLOUDFLARE_ERROR_500S_BOX::"],
        "preview_target": "error:500s",
        "created_on": "2026-04-24T09:22:41.123456Z",
        "modified_on": "2026-04-24T09:22:41.123456Z",
        "url": None,
        "state": "default",
    }
    listed = cloud.call("GET", PAGES, scope=scope).json()
    assert [page["id"] for page in listed["result"]] == list(TYPES)
    assert listed["result_info"]["total_count"] == 10

    body = put(cloud, "500_errors", HEAD + b"::CLOUDFLARE_ERROR_500S_BOX::")
    customised = {
        **default,
        **body,
        "created_on": "2026-04-24T09:22:45.123456Z",
        "modified_on": "2026-04-24T09:22:45.123456Z",
    }
    assert cloud.ok("PUT", f"{PAGES}/500_errors", body, scope=scope) == customised
    assert cloud.ok("GET", f"{PAGES}/500_errors", scope=scope) == customised
    again = cloud.ok("PUT", f"{PAGES}/500_errors", body, scope=scope)
    assert again == {**customised, "modified_on": "2026-04-24T09:22:48.123456Z"}
    for reset in ({"state": "default", "url": None}, {"state": "default", "url": ""}, {"state": "default"}):
        assert cloud.ok("PUT", f"{PAGES}/500_errors", reset, scope=scope) == default


@pytest.mark.parametrize(
    ("identifier", "token"),
    [
        ("1000_errors", b"::CLOUDFLARE_ERROR_1000S_BOX::"),
        ("500_errors", b"::CLOUDFLARE_ERROR_500S_BOX::"),
        ("managed_challenge", b"::CF_WIDGET_BOX::"),
        ("country_challenge", b"::CAPTCHA_BOX::"),
        ("under_attack", b"::IM_UNDER_ATTACK_BOX::"),
    ],
)
def test_required_tokens(cloud: Cloud, identifier: str, token: bytes) -> None:
    (error,) = cloud.refused("PUT", f"{PAGES}/{identifier}", put(cloud, identifier, HEAD + b"</body>"))
    assert token.decode() in error["message"]
    assert cloud.ok("PUT", f"{PAGES}/{identifier}", put(cloud, identifier, HEAD + token))["state"] == "customized"


@pytest.mark.parametrize("identifier", ["ip_block", "ratelimit_block", "waf_block"])
def test_blocks_need_no_token_but_a_head(cloud: Cloud, identifier: str) -> None:
    (error,) = cloud.refused("PUT", f"{PAGES}/{identifier}", put(cloud, identifier, b"<p>no head</p>"))
    assert "<head>" in error["message"]
    assert cloud.ok("PUT", f"{PAGES}/{identifier}", put(cloud, identifier, HEAD))["state"] == "customized"


@pytest.mark.parametrize(
    ("scope", "identifier"),
    [(FREE, "500_errors"), (FREE, "waf_block"), (PRO, "waf_challenge"), (BUSINESS, "waf_challenge")],
)
def test_a_type_outside_the_plan_is_a_silent_no_op(cloud: Cloud, scope: str, identifier: str) -> None:
    body = put(cloud, identifier, HEAD + b"::CF_WIDGET_BOX:: ::CLOUDFLARE_ERROR_500S_BOX::")
    before = cloud.ok("GET", f"{PAGES}/{identifier}", scope=f"zones/{scope}")
    assert cloud.ok("PUT", f"{PAGES}/{identifier}", body, scope=f"zones/{scope}") == before
    assert cloud.ok("GET", f"{PAGES}/{identifier}", scope=f"zones/{scope}")["state"] == "default"
    stored = cloud.ok("PUT", f"{PAGES}/{identifier}", body, scope=f"zones/{ENTERPRISE}")
    assert stored["state"] == "customized"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": "http://x/"}, "/state"),
        ({"state": "on", "url": "http://x/"}, "/state"),
        ({"state": "customized"}, "/url"),
        ({"state": "customized", "url": ""}, "/url"),
        ({"state": "default", "url": "http://x/"}, "/url"),
        ({"state": "customized", "url": "http://x/", "id": "500_errors"}, "/id"),
    ],
)
def test_wrong_bodies(cloud: Cloud, body: dict[str, str], pointer: str) -> None:
    assert cloud.refused("PUT", f"{PAGES}/500_errors", body)[0]["source"] == {"pointer": pointer}


def test_pages_are_really_fetched(cloud: Cloud) -> None:
    body = {"state": "customized", "url": f"{cloud.host.url}/nothing"}
    (error,) = cloud.refused("PUT", f"{PAGES}/500_errors", body)
    assert error["message"] == f"Error fetching page: Fetch failed, {body['url']} returned 404 (Code: 1202)"


def test_unknown_types_and_deleting(cloud: Cloud) -> None:
    assert cloud.call("GET", f"{PAGES}/404_errors").status_code == 404
    assert cloud.call("PUT", f"{PAGES}/404_errors", {}).status_code == 404
    assert cloud.call("DELETE", f"{PAGES}/500_errors").status_code == 405
