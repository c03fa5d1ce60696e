from __future__ import annotations

import re
from typing import Any

import pytest

from site_builder.edges.cloudflare.rules import (
    Asset,
    asset_of,
    is_edited,
    is_switched_off,
    make_rule,
    rule_digest,
    toggled,
)
from site_builder.model import File, Rule

HTML = Rule(((404, 404),), "any", "html", "en", "en/404.html", 1.0)
ASSET = Asset("errgen_default_en_404_00112233", "pages/cloudflare/en/404.html", "00112233" + "0" * 56, "text")


def made() -> dict[str, Any]:
    return make_rule("default", HTML, "http.response.code eq 404", ASSET)


def test_a_rule_for_an_asset() -> None:
    rule = made()

    assert rule == {
        "ref": "errgen_default_html_404",
        "description": f"errgen default: en/404.html [{rule_digest(rule)}]",
        "expression": "http.response.code eq 404",
        "action": "serve_error",
        "action_parameters": {"content_type": "text/html", "asset_name": "errgen_default_en_404_00112233"},
        "enabled": True,
    }


def test_a_rule_with_its_content_and_a_status() -> None:
    neutral = Rule(((522, 522),), "any", "markdown", "en", "en/522.md", 1.0, status=503)

    rule = make_rule("default", neutral, "http.response.code eq 522", "# Größer\n".encode())

    assert rule["ref"] == "errgen_default_markdown_522"
    assert rule["action_parameters"] == {"content_type": "text/plain", "content": "# Größer\n", "status_code": 503}


def test_an_asset_is_named_by_its_content_in_the_characters_that_are_allowed() -> None:
    digest = "0a1b2c3d" + "e" * 56
    file = File("pages/cloudflare/pt-BR/404.html", digest, 9, "text/html", "html", "pt-BR", "cloudflare", "404", 404)

    asset = asset_of("default", "pt-BR/404.html", file)

    assert re.fullmatch(r"[A-Za-z0-9_]{1,200}", asset.name)
    assert asset == Asset(
        "errgen_default_pt_BR_404_0a1b2c3d",
        "pages/cloudflare/pt-BR/404.html",
        digest,
        f"errgen default: pt-BR/404.html, SHA-256 {digest}",
    )


def test_what_the_server_adds_is_no_edit() -> None:
    stored = {**made(), "id": "a" * 32, "version": "3", "last_updated": "2026-11-01T00:00:00Z", "logging": None}

    assert not is_edited(made())
    assert not is_edited(dict(reversed(stored.items())))


@pytest.mark.parametrize(
    "edit",
    [
        {"expression": "http.response.code eq 405"},
        {"enabled": False},
        {"action_parameters": {"content_type": "text/html", "asset_name": "other"}},
        {"action_parameters": {**made()["action_parameters"], "status_code": 200}},
        {"ref": "errgen_default_html_405"},
        {"description": "errgen default: en/404.html"},
        {"description": "my page " + made()["description"]},
        {"description": made()["description"] + " (do not touch)"},
        {"description": None},
        {"logging": {"enabled": True}},
    ],
)
def test_every_edit_by_hand_shows(edit: dict[str, Any]) -> None:
    assert is_edited({**made(), **edit})


def test_a_rule_that_is_switched_off_and_on_is_the_same_again() -> None:
    off = toggled(made(), enabled=False)

    assert off["description"] == f"errgen default: en/404.html [{rule_digest(off)}]"
    assert {key: value for key, value in off.items() if key not in ("description", "enabled")} == {
        key: value for key, value in made().items() if key not in ("description", "enabled")
    }
    assert (is_switched_off(off), is_edited(off), is_switched_off(made())) == (True, False, False)
    assert toggled(off, enabled=False) == off
    assert toggled(off, enabled=True) == toggled(made(), enabled=True) == made()


def test_a_rule_that_somebody_disabled_is_edited_until_errgen_switches_it() -> None:
    by_hand = {**made(), "enabled": False}

    assert (is_edited(by_hand), is_switched_off(by_hand)) == (True, False)
    assert toggled(by_hand, enabled=True) == made()
    assert toggled(by_hand, enabled=False) == toggled(made(), enabled=False)
    back = {**toggled(made(), enabled=False), "enabled": True}
    assert (is_edited(back), is_switched_off(back)) == (True, False)


@pytest.mark.parametrize("enabled", [False, True])
def test_switching_hides_no_other_edit(enabled: bool) -> None:
    edited = {**made(), "expression": "true"}

    switched = toggled(edited, enabled=enabled)

    assert (is_edited(switched), is_switched_off(switched)) == (True, False)
    assert switched == {**edited, "enabled": enabled}
