"""Where it broke: only what is known."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from markupsafe import Markup

from site_builder.catalog import Catalog
from site_builder.model import Entry, Language, Site
from site_builder.rendering.path import steps
from site_builder.rendering.wording import Wording

SITE_BROKEN = ["You: Working", "Network: Working", "<bdi>Example</bdi>: Problem here"]
NETWORK_BROKEN = ["You: Working", "Network: Problem here", "<bdi>Example</bdi>: Not known"]


def shown(entry: Entry, english: Language, site: Site) -> list[str]:
    return [f"{step.name}: {step.state}" for step in steps(entry, Wording(english, site).own_strings())]


@pytest.mark.parametrize(
    ("category", "who_acts", "expected"),
    [
        ("origin", "owner", SITE_BROKEN),
        ("ssl", "owner", SITE_BROKEN),
        ("dns", "owner", NETWORK_BROKEN),
        ("worker", "network", NETWORK_BROKEN),
        ("worker", "owner", []),
        ("access_denied", "owner", []),
        ("legal", "owner", []),
        ("rate_limit", "owner", []),
        ("client", "visitor", []),
        ("cloudflare", "owner", []),
        ("server", "owner", []),
        (None, "owner", []),
    ],
)
def test_the_kind_of_an_error_decides(
    timed_out: Entry, english: Language, site: Site, category: str | None, who_acts: Any, expected: list[str]
) -> None:
    entry = dataclasses.replace(timed_out, category=category, who_acts=who_acts)
    assert shown(entry, english, site) == expected


def test_states_for_classes(timed_out: Entry) -> None:
    strings = {f"path_{name}": Markup("x") for name in ("you", "network", "site", "works", "broken", "unknown")}
    made = steps(dataclasses.replace(timed_out, category="dns"), strings)
    assert [(step.state_key, step.broken) for step in made] == [("works", False), ("broken", True), ("unknown", False)]


def test_errors_that_ship(shipped: Catalog, english: Language, site: Site) -> None:
    pictures: dict[str, list[str]] = {}
    for entry in shipped.everything:
        if seen := shown(entry, english, site):
            pictures.setdefault(seen[1] + ", " + seen[2].partition("</bdi>: ")[2], []).append(entry.key)
    assert {picture: " ".join(keys) for picture, keys in pictures.items()} == {
        "Network: Working, Problem here": "502 504 520 521 522 523 524 525 526 527 origin ssl",
        "Network: Problem here, Not known": "1000 1001 1002 1016 1018 1022 1023 1100 1105 dns",
    }
