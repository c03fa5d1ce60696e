"""Cloudflare's official Python client against the emulator, as a user would use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cloudflare import APIStatusError, BadRequestError, Cloudflare, DefaultHttpxClient, NotFoundError

from site_builder.certificates import trusted
from tests.emulator.conftest import BUSINESS, OWNER, PRO, TOKEN, Cloud, rule

PHASE: Any = "http_custom_errors"


@pytest.fixture
def sdk(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloudflare]:
    monkeypatch.setenv("CLOUDFLARE_API_KEY", "would-win-over-the-token")
    monkeypatch.setenv("CLOUDFLARE_EMAIL", "somebody@example.com")
    http = DefaultHttpxClient(trust_env=False, verify=trusted(), follow_redirects=False)
    with Cloudflare(api_token=TOKEN, base_url=f"{cloud.url}/client/v4", http_client=http, max_retries=0) as client:
        client.api_key = client.api_email = None
        yield client


@pytest.mark.parametrize("scope", [{"zone_id": PRO}, {"account_id": OWNER}], ids=["zone", "account"])
def test_assets(cloud: Cloud, sdk: Cloudflare, scope: Any) -> None:
    assets = sdk.custom_pages.assets
    url = f"{cloud.host.url}/page.html"
    created = assets.create(name="page", description="A page", url=url, **scope)
    assert created is not None
    assert (created.name, created.size_bytes, created.url) == ("page", 34, url)
    assert created.last_updated is not None
    updated = assets.update("page", description="Again", url=url, **scope)
    assert updated is not None
    assert updated.description == "Again"
    found = assets.get("page", **scope)
    assert found is not None
    assert found.model_dump() == updated.model_dump()
    assets.delete("page", **scope)
    with pytest.raises(NotFoundError):
        assets.get("page", **scope)


def test_lists_of_assets_go_past_forty(cloud: Cloud, sdk: Cloudflare) -> None:
    for number in range(45):
        cloud.add_asset(f"page_{number}", scope=f"zones/{BUSINESS}")
    found = [asset.name for asset in sdk.custom_pages.assets.list(zone_id=BUSINESS)]
    assert found == [f"page_{number}" for number in range(45)]


@pytest.mark.parametrize("scope", [{"zone_id": PRO}, {"account_id": OWNER}], ids=["zone", "account"])
def test_rulesets(sdk: Cloudflare, scope: Any) -> None:
    with pytest.raises(NotFoundError):
        sdk.rulesets.phases.get(PHASE, **scope)
    rules: Any = [rule(ref="a"), rule("http.response.code eq 404", "b", status_code=410)]
    assert sdk.rulesets.phases.update(PHASE, rules=rules, dry_run=True, **scope) is None
    assert list(sdk.rulesets.list(**scope)) == []
    # The results of writes are typed as «a ruleset or anything», which the SDK reads as a plain dict.
    put: Any = sdk.rulesets.phases.update(PHASE, rules=rules, name="mine", **scope)
    assert (put["version"], put["name"], [found["ref"] for found in put["rules"]]) == ("1", "mine", ["a", "b"])
    got: Any = sdk.rulesets.phases.get(PHASE, **scope)
    assert (got.id, got.version, got.name, got.phase) == (put["id"], "1", "mine", "http_custom_errors")
    assert got.rules[1].action_parameters.status_code == 410

    position: Any = {"before": ""}
    added: Any = sdk.rulesets.rules.create(got.id, **rule(ref="top"), position=position, **scope)
    top = added["rules"][0]["id"]
    assert [found["ref"] for found in added["rules"]] == ["top", "a", "b"]
    changed: Any = sdk.rulesets.rules.edit(top, ruleset_id=got.id, **rule("ssl", "top"), dry_run=False, **scope)
    assert changed["rules"][0]["expression"] == "ssl"
    left: Any = sdk.rulesets.rules.delete(top, ruleset_id=got.id, **scope)
    assert [found["ref"] for found in left["rules"]] == ["a", "b"]

    assert [found.version for found in sdk.rulesets.phases.versions.list(PHASE, **scope)] == ["4", "3", "2", "1"]
    old: Any = sdk.rulesets.phases.versions.get("2", ruleset_phase=PHASE, **scope)
    assert [found.ref for found in old.rules] == ["top", "a", "b"]
    assert [found.version for found in sdk.rulesets.versions.list(got.id, **scope)] == ["4", "3", "2", "1"]
    assert [found.id for found in sdk.rulesets.list(**scope)] == [got.id]
    replaced: Any = sdk.rulesets.update(got.id, rules=[], **scope)
    assert replaced["rules"] == []
    assert sdk.rulesets.get(got.id, **scope).rules == []
    sdk.rulesets.delete(got.id, **scope)
    assert list(sdk.rulesets.list(**scope)) == []


def test_lists_of_rulesets_follow_the_cursor(cloud: Cloud, sdk: Cloudflare) -> None:
    cloud.put_rules(rule())
    header = {"action": "rewrite", "expression": "true", "action_parameters": {"headers": {}}}
    cloud.ok("PUT", "/rulesets/phases/http_response_headers_transform/entrypoint", {"rules": [header]})
    phases = [found.phase for found in sdk.rulesets.list(zone_id=PRO, per_page=1)]
    assert phases == ["http_custom_errors", "http_response_headers_transform"]


def test_error_pages(cloud: Cloud, sdk: Cloudflare) -> None:
    cloud.host.pages["/block"] = (200, b"<head></head>blocked")
    put = sdk.custom_pages.update("ip_block", state="customized", url=f"{cloud.host.url}/block", zone_id=PRO)
    assert put is not None
    got = sdk.custom_pages.get("ip_block", zone_id=PRO)
    assert got is not None
    assert (got.state, got.url) == ("customized", f"{cloud.host.url}/block")
    states = {page.id: page.state for page in sdk.custom_pages.list(zone_id=PRO)}
    assert [id_ for id_, state in states.items() if state == "customized"] == ["ip_block"]
    reset = sdk.custom_pages.update("ip_block", state="default", url="", zone_id=PRO)
    assert reset is not None
    assert reset.state == "default"


def test_zone_and_token(sdk: Cloudflare) -> None:
    zone = sdk.zones.get(zone_id=PRO)
    assert zone is not None
    assert (zone.name, zone.account.id) == ("example.com", OWNER)
    verified = sdk.user.tokens.verify()
    assert verified is not None
    assert verified.status == "active"


def test_refusals_carry_code_message_and_pointer(sdk: Cloudflare) -> None:
    bad: Any = [rule("http.response.code = 5")]
    with pytest.raises(BadRequestError) as caught:
        sdk.rulesets.phases.update(PHASE, rules=bad, zone_id=PRO)
    (error,) = caught.value.errors
    assert error.source is not None
    assert error.source.pointer == "/rules/0/expression"
    assert "http.response.code = 5" in str(error.message)


@pytest.mark.parametrize(("withheld", "status"), [("Custom Error Rules:Edit", 403), ("Custom Pages:Edit", None)])
def test_missing_permissions(cloud: Cloud, sdk: Cloudflare, withheld: str, status: int | None) -> None:
    cloud.state.withheld = {withheld}
    if status is None:
        assert sdk.rulesets.phases.update(PHASE, rules=[], zone_id=PRO)
        return
    with pytest.raises(APIStatusError) as caught:
        sdk.rulesets.phases.update(PHASE, rules=[], zone_id=PRO)
    assert caught.value.status_code == status
