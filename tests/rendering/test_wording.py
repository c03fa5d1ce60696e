"""Interface strings: complete, with the placeholders that can be filled, and filled in safely."""

from __future__ import annotations

import dataclasses

import pytest
from markupsafe import Markup

from site_builder.errors import InvalidInput
from site_builder.model import Language, Site
from site_builder.rendering.wording import PLACEHOLDERS, Wording


def test_shipped_english_has_exactly_the_strings_that_pages_are_made_of(english: Language) -> None:
    assert set(english.strings) == set(PLACEHOLDERS)


def test_every_fault_is_named(english: Language, site: Site) -> None:
    strings = {**english.strings, "home": "To {sit}", "retry_in": "{duration.x}", "path": ""}
    del strings["contact"]
    with pytest.raises(InvalidInput) as caught:
        Wording(dataclasses.replace(english, strings=strings), site)
    assert str(caught.value).splitlines() == [
        "catalog/languages/en.yaml: interface.contact: is missing; pages need this string (it may use {site})",
        "catalog/languages/en.yaml: interface.path: is missing; pages need this string (it has no placeholders)",
        "catalog/languages/en.yaml: interface.retry_in: {duration.x} cannot be filled in (it may use {duration})",
        "catalog/languages/en.yaml: interface.home: {sit} cannot be filled in (it may use {site})",
    ]
    assert caught.value.hint == "correct catalog/languages/en.yaml"


def test_values_are_not_read_as_placeholders(english: Language, site: Site) -> None:
    wording = Wording(english, dataclasses.replace(site, title="{code} <b>"))
    assert wording.text("footer_site") == "This message was provided by {code} <b>."
    assert wording.html("contact") == Markup("Contact <bdi>{code} &lt;b&gt;</bdi>")


def test_a_theme_can_use_strings_of_its_own(english: Language, site: Site) -> None:
    strings = {**english.strings, "slogan": "{site} & friends"}
    own = Wording(dataclasses.replace(english, strings=strings), site).own_strings()
    assert own["slogan"] == Markup("<bdi>Example</bdi> &amp; friends")
    assert "retry_in" not in own
