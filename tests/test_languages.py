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

from site_builder import catalog
from site_builder.languages import direction, duration, fallback_chain, script
from site_builder.settings import shipped

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
        ("de-AT", ["de", "en"], ("de",)),
        ("de-AT", ["de", "de-CH"], ("de", "de-CH")),
        ("zh-HK", ["zh-Hans"], ("zh-Hans",)),
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


SECONDS = (1, 2, 5, 30, 60, 90, 120, 300, 3600, 5400, 7200, 86400)
# fmt: off
WORDS = {
    "en": ("1 second", "2 seconds", "5 seconds", "30 seconds", "1 minute", "90 seconds", "2 minutes", "5 minutes",
           "1 hour", "90 minutes", "2 hours", "24 hours"),
    "de": ("1 Sekunde", "2 Sekunden", "5 Sekunden", "30 Sekunden", "1 Minute", "90 Sekunden", "2 Minuten", "5 Minuten",
           "1 Stunde", "90 Minuten", "2 Stunden", "24 Stunden"),
    "fr": ("1 seconde", "2 secondes", "5 secondes", "30 secondes", "1 minute", "90 secondes", "2 minutes", "5 minutes",
           "1 heure", "90 minutes", "2 heures", "24 heures"),
    "es": ("1 segundo", "2 segundos", "5 segundos", "30 segundos", "1 minuto", "90 segundos", "2 minutos", "5 minutos",
           "1 hora", "90 minutos", "2 horas", "24 horas"),
    "it": ("1 secondo", "2 secondi", "5 secondi", "30 secondi", "1 minuto", "90 secondi", "2 minuti", "5 minuti",
           "1 ora", "90 minuti", "2 ore", "24 ore"),
    "pt-BR": ("1 segundo", "2 segundos", "5 segundos", "30 segundos", "1 minuto", "90 segundos", "2 minutos",
              "5 minutos", "1 hora", "90 minutos", "2 horas", "24 horas"),
    "nl": ("1 seconde", "2 seconden", "5 seconden", "30 seconden", "1 minuut", "90 seconden", "2 minuten", "5 minuten",
           "1 uur", "90 minuten", "2 uur", "24 uur"),
    "pl": ("1 sekunda", "2 sekundy", "5 sekund", "30 sekund", "1 minuta", "90 sekund", "2 minuty", "5 minut",
           "1 godzina", "90 minut", "2 godziny", "24 godziny"),
    "tr": ("1 saniye", "2 saniye", "5 saniye", "30 saniye", "1 dakika", "90 saniye", "2 dakika", "5 dakika",
           "1 saat", "90 dakika", "2 saat", "24 saat"),
    "ja": ("1 秒", "2 秒", "5 秒", "30 秒", "1 分", "90 秒", "2 分", "5 分", "1 時間", "90 分", "2 時間", "24 時間"),
    "zh-Hans": ("1秒钟", "2秒钟", "5秒钟", "30秒钟", "1分钟", "90秒钟", "2分钟", "5分钟", "1小时", "90分钟", "2小时",
                "24小时"),
    "ar": ("ثانية", "ثانيتان", "5 ثوان", "30 ثانية", "دقيقة", "90 ثانية", "دقيقتان", "5 دقائق", "ساعة", "90 دقيقة",
           "ساعتان", "24 ساعة"),
    "he": ("1 שניה", "שתי שניות", "5 שניות", "30 שניות", "1 דקה", "90 שניות", "שתי דקות", "5 דקות", "1 שעה",
           "90 דקות", "שעתיים", "24 שעות"),
}
# fmt: on


@pytest.mark.parametrize("tag", WORDS)
def test_durations_of_the_shipped_languages(tag: str) -> None:
    said = tuple(duration(seconds, tag).replace("\N{NO-BREAK SPACE}", " ") for seconds in SECONDS)
    assert said == WORDS[tag]


def test_every_shipped_language_is_in_the_table() -> None:
    assert sorted(WORDS) == sorted(path.stem for path in (shipped() / "catalog/languages").glob("*.yaml"))


@unhurried
@given(st.sampled_from(sorted(WORDS)), st.integers(1, 21600), st.integers(1, 21600))
def test_different_times_are_said_differently(tag: str, one: int, other: int) -> None:
    assert (duration(one, tag) == duration(other, tag)) == (one == other)


RETRY_IN = {
    "en": "You can try again in 2 minutes.",
    "de": "Sie können es in 2 Minuten noch einmal versuchen.",
    "fr": "Vous pourrez réessayer dans 2 minutes.",
    "es": "Puede volver a intentarlo dentro de 2 minutos.",
    "it": "Puoi riprovare tra 2 minuti.",
    "pt-BR": "Você pode tentar de novo em 2 minutos.",
    "nl": "U kunt het over 2 minuten opnieuw proberen.",
    "pl": "Czas do następnej próby: 2 minuty.",  # a noun in the nominative fits every number
    "tr": "2 dakika sonra yeniden deneyebilirsiniz.",
    "ja": "2 分後に、もう一度お試しいただけます。",
    "zh-Hans": "您可以在2分钟后重试。",
    "ar": "يمكنك المحاولة من جديد بعد انتظار مدته دقيقتان.",  # the dual of the nominative, which CLDR has
    "he": "זמן ההמתנה עד לניסיון נוסף: שתי דקות.",
}


@pytest.mark.parametrize("tag", WORDS)
def test_sentences_with_a_duration_are_grammatical(tag: str) -> None:
    words = catalog.load([shipped() / "catalog"], [tag]).languages[tag].strings
    assert words["retry_in"].format(duration=duration(120, tag)) == RETRY_IN[tag]


@pytest.mark.parametrize(
    ("tag", "name"), [("en", "Latn"), ("zh-TW", "Hant"), ("zh", "Hans"), ("sr", "Cyrl"), ("az-Arab", "Arab")]
)
def test_scripts(tag: str, name: str) -> None:
    assert script(tag) == name


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
