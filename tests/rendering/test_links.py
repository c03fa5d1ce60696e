"""Links: the one step that suits the error, and the others in their order."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from site_builder.model import Entry, Language, Site
from site_builder.rendering.links import Links, links
from site_builder.rendering.wording import Wording

ALL = ("contact", "status_page", "sign_in")


def made(entry: Entry, english: Language, site: Site, has: tuple[str, ...] = ALL, **changes: Any) -> Links:
    full = dataclasses.replace(site, sign_in="https://example.com/login")
    absent: dict[str, Any] = {name: None for name in ALL if name not in has}
    wording = Wording(english, dataclasses.replace(full, **absent))
    return links(dataclasses.replace(entry, **changes), wording, wording.own_strings())


@pytest.mark.parametrize(
    ("changes", "has", "step"),
    [
        ({"code": 404}, ALL, "Go to the home page"),
        ({"code": 401}, ALL, "Sign in"),
        ({"code": 403, "who_acts": "both"}, ALL, "Sign in"),
        ({"code": 401}, ("contact",), "Go to the home page"),
        ({"code": 403, "who_acts": "both"}, ("contact",), "Contact <bdi>Example</bdi>"),
        ({"code": 407}, ALL, "Try again"),
        ({"code": 511}, (), "Try again"),
        ({"code": 408, "retryable": True}, ALL, "Try again"),
        ({"code": 503, "who_acts": "owner", "retryable": True}, ALL, "Check the status"),
        ({"code": 503, "who_acts": "owner", "retryable": True}, ("contact",), "Try again"),
        ({"code": 1100, "who_acts": "network", "retryable": True}, (), "Try again"),
        ({"code": None, "who_acts": "owner", "retryable": None}, ALL, "Check the status"),
        ({"code": None, "who_acts": "owner", "retryable": None}, ("contact",), "Contact <bdi>Example</bdi>"),
        ({"code": 525, "who_acts": "owner"}, ALL, "Contact <bdi>Example</bdi>"),
        ({"code": 525, "who_acts": "owner"}, ("status_page",), "Check the status"),
        ({"code": 525, "who_acts": "owner"}, (), "Go to the home page"),
        ({"code": 1020, "who_acts": "both"}, ALL, "Contact <bdi>Example</bdi>"),
    ],
)
def test_next_step(
    not_found: Entry, english: Language, site: Site, changes: dict[str, Any], has: tuple[str, ...], step: str
) -> None:
    assert made(not_found, english, site, has, **changes).next_step.label == step


@pytest.mark.parametrize(
    ("changes", "has", "others"),
    [
        ({}, ALL, ["Contact", "Check the status", "Sign in"]),
        ({"code": 401}, ALL, ["Contact", "Check the status", "Go to the home page"]),
        ({"category": "origin", "who_acts": "owner"}, ALL, ["Contact", "Check the status", "Go to the home page"]),
        ({"category": "origin", "who_acts": "owner", "retryable": True}, ALL, ["Contact", "Go to the home page"]),
        ({}, (), []),
    ],
)
def test_the_contact_comes_first_and_the_next_step_is_not_repeated(
    not_found: Entry, english: Language, site: Site, changes: dict[str, Any], has: tuple[str, ...], others: list[str]
) -> None:
    found = made(not_found, english, site, has, **changes).others
    assert [link.label.removesuffix(" <bdi>Example</bdi>") for link in found] == others


def test_trying_again_is_a_link_to_this_very_address(not_found: Entry, english: Language, site: Site) -> None:
    assert made(not_found, english, site, code=511).next_step.href == ""
