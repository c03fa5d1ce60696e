"""Language tags: what stands in for what, which way text runs, how long something takes."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from babel import Locale
from babel.dates import format_timedelta
from babel.localedata import locale_identifiers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.languages import direction, duration, fallback_chain

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("tag", "available", "chain"),
    [
        ("en", ["en"], ("en",)),
        ("de", ["en", "de"], ("de",)),
        ("DE-at", ["en", "de"], ("de",)),
        ("pt-PT", ["en", "pt-BR"], ("pt-BR",)),
        ("pt-AO", ["pt-BR", "pt-PT", "pt"], ("pt-PT", "pt", "pt-BR")),
        ("es-MX", ["es", "es-419"], ("es-419", "es")),
        ("en-AU", ["en-US", "en", "en-001"], ("en-001", "en", "en-US")),
        ("zh-TW", ["zh", "zh-Hant"], ("zh-Hant", "zh")),
        ("zh", ["zh-TW", "zh-CN"], ("zh-CN", "zh-TW")),
        ("sr-Latn", ["sr", "sr-Latn-RS"], ("sr-Latn-RS", "sr")),
        ("nb-NO", ["no"], ("no",)),
        ("no", ["nb"], ("nb",)),
        ("fr", ["en", "de"], ()),
        ("fr", [], ()),
    ],
)
def test_fallback(tag: str, available: list[str], chain: tuple[str, ...]) -> None:
    assert fallback_chain(tag, available) == chain


@unhurried
@given(
    st.sampled_from(sorted(locale_identifiers())), st.lists(st.sampled_from(["en", "de", "zh-TW", "pt"]), unique=True)
)
def test_fallback_offers_only_what_is_available_and_itself_first(locale: str, available: list[str]) -> None:
    tag = locale.replace("_", "-")
    chain = fallback_chain(tag, [*available, tag])
    assert chain[0] in (tag, *(offer for offer in available if offer.lower() == tag.lower()))
    assert set(chain) <= {*available, tag}
    assert len(set(chain)) == len(chain)


def test_direction_agrees_with_cldr_in_every_locale() -> None:
    differing = {
        identifier: Locale.parse(identifier).text_direction
        for identifier in locale_identifiers()
        if Locale.parse(identifier).text_direction != direction(identifier.replace("_", "-"))
    }
    # Traditional Mongolian runs from top to bottom, which HTML's dir attribute cannot say.
    assert set(differing.values()) == {"ttb"}


@pytest.mark.parametrize("tag", ["ar", "ar-XB", "he", "fa", "ur", "ckb", "ps", "sd", "dv", "yi", "ug", "az-Arab"])
def test_right_to_left(tag: str) -> None:
    assert direction(tag) == "rtl"


@pytest.mark.parametrize("tag", ["en", "en-XA", "de", "ku", "az", "tlh", "sd-Deva"])
def test_left_to_right(tag: str) -> None:
    assert direction(tag) == "ltr"


@pytest.mark.parametrize(
    ("seconds", "tag", "words"),
    [
        (1, "en", "1 second"),
        (5, "en", "5 seconds"),
        (60, "en", "1 minute"),
        (90, "en", "90 seconds"),
        (120, "en", "2 minutes"),
        (3600, "en", "1 hour"),
        (5400, "en", "90 minutes"),
        (21600, "en", "6 hours"),
        (21599, "en", "21599 seconds"),
        (90, "de", "90 Sekunden"),
        (120, "pl", "2 minuty"),
        (120, "ar", "دقيقتان"),
        (120, "fa", "2 دقیقه"),
        (120, "zh-TW", "2 分鐘"),
        (120, "zh-Hant-MO", "2 分鐘"),
        (120, "de-XX", "2 Minuten"),
        (120, "tlh", "2 minutes"),
    ],
)
def test_durations_are_exact(seconds: int, tag: str, words: str) -> None:
    assert duration(seconds, tag) == words


@unhurried
@given(st.integers(1, 21600))
def test_english_without_babel_says_what_babel_says(seconds: int) -> None:
    unit = "hour" if seconds % 3600 == 0 else "minute" if seconds % 60 == 0 else "second"
    assert duration(seconds, "en") == format_timedelta(
        seconds,
        granularity=unit,  # type: ignore[arg-type]
        threshold=float("inf"),
        locale="en",
    )


@unhurried
@given(st.integers(1, 21600))
def test_a_duration_is_never_rounded(seconds: int) -> None:
    number, unit = duration(seconds, "en").split()
    assert int(number) * {"s": 1, "m": 60, "h": 3600}[unit[0]] == seconds


def test_no_locale_leaves_a_unit_unnamed() -> None:
    for identifier in locale_identifiers():
        for seconds in (45, 120, 7200):
            words = duration(seconds, identifier.replace("_", "-"))
            assert re.search(r"[^\d\s]", words), identifier
            assert "duration" not in words, identifier


def test_english_needs_no_babel() -> None:
    program = (
        "import sys\n"
        "from site_builder.languages import direction, duration, fallback_chain\n"
        "assert (direction('en'), duration(90, 'en'), fallback_chain('en', ['en'])) == ('ltr', '90 seconds', ('en',))\n"
        "assert not [name for name in sys.modules if name.startswith('babel')]\n"
    )
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, check=True)
