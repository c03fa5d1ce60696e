"""Tagline and alternates: what a site says of itself, and where else a page can be had."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from site_builder.model import Entry, Finding, Language, Maintenance, Site
from site_builder.rendering.brand import absent_taglines, tagline
from site_builder.rendering.context import context
from site_builder.rendering.maintenance import absent_texts
from site_builder.rendering.wording import Wording


@pytest.mark.parametrize(
    ("texts", "tag", "expected"),
    [
        ({}, "en", None),
        ({"en": "We <sell>"}, "en", "<bdi>We &lt;sell&gt;</bdi>"),
        ({"en": "We sell"}, "de", '<bdi lang="en" dir="ltr">We sell</bdi>'),
        ({"en": "We sell", "de": "Wir verkaufen"}, "de", "<bdi>Wir verkaufen</bdi>"),
        ({"en": "We sell", "ar": "نبيع"}, "de", None),
        ({"de": "Wir verkaufen"}, "en", None),
    ],
)
def test_tagline(site: Site, texts: dict[str, str], tag: str, expected: str | None) -> None:
    changed = dataclasses.replace(site, languages=("en", "de", "ar"), tagline=texts)
    assert tagline(changed, Language(tag, "ltr", {})) == expected


@pytest.mark.parametrize(
    ("texts", "absent"),
    [
        ({}, None),
        ({"en": "We sell"}, None),
        ({"en": "We sell", "de": "Wir verkaufen", "ar": "نبيع"}, None),
        ({"en": "We sell", "ar": "نبيع"}, "de"),
        ({"de": "Wir verkaufen"}, "en, ar"),
    ],
)
def test_languages_without_a_tagline_are_told(site: Site, texts: dict[str, str], absent: str | None) -> None:
    changed = dataclasses.replace(site, languages=("en", "de", "ar"), tagline=texts)
    told = Finding(
        "not-in-language",
        "warning",
        f"is on no page in {absent}",
        "errgen.toml: site.default.tagline",
        'write it for each language: tagline = { en = "…", de = "…", ar = "…" }',
    )
    assert absent_taglines(changed) == ([told] if absent else [])


def test_languages_that_do_not_say_what_still_works_are_told(site: Site) -> None:
    def told(**texts: str) -> list[Finding]:
        planned = Maintenance(still_works=texts)
        return absent_texts(dataclasses.replace(site, languages=("en", "de"), maintenance=planned))

    assert told() == told(en="Orders", de="Bestellungen") == []
    assert told(en="Orders") == [
        Finding(
            "not-in-language",
            "warning",
            "is on no page in de",
            "errgen.toml: site.default.maintenance.still_works",
            'write it for each language: still_works = { en = "…", de = "…" }',
        )
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        (
            {"pages_url": "https://errors.example.com/x"},
            [
                ("application/json", "https://errors.example.com/x/en/404.json"),
                ("application/problem+json", "https://errors.example.com/x/en/404.problem.json"),
                ("text/markdown", "https://errors.example.com/x/en/404.md"),
            ],
        ),
        (
            {"pages_url": "https://errors.example.com/", "formats": ("html", "text", "xml")},
            [
                ("text/plain", "https://errors.example.com/en/404.txt"),
                ("application/problem+xml", "https://errors.example.com/en/404.xml"),
            ],
        ),
    ],
)
def test_alternates(
    not_found: Entry, english: Language, site: Site, changes: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    wording = Wording(english, dataclasses.replace(site, **changes))
    found = context(not_found, wording, wording.own_strings()).alternates
    assert [(alternate.type, alternate.href) for alternate in found] == expected
