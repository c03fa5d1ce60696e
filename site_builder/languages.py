"""Language tags (BCP 47): which text stands in for a missing one, which way it runs, how a duration is said.

Babel (CLDR data) is loaded only when a question needs it; what needs no data is answered without, with the same result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

# Scripts written from right to left, by ISO 15924 name: the Unicode property bidi class R or AL of their letters.
RIGHT_TO_LEFT = frozenset(
    (
        "Adlm",
        "Arab",
        "Armi",
        "Aran",
        "Avst",
        "Chrs",
        "Cprt",
        "Elym",
        "Gara",
        "Hatr",
        "Hebr",
        "Hung",
        "Khar",
        "Lydi",
        "Mand",
        "Mani",
        "Mend",
        "Merc",
        "Mero",
        "Narb",
        "Nbat",
        "Nkoo",
        "Orkh",
        "Ougr",
        "Palm",
        "Phli",
        "Phlp",
        "Phnx",
        "Prti",
        "Rohg",
        "Samr",
        "Sarb",
        "Sogd",
        "Sogo",
        "Syrc",
        "Thaa",
        "Yezi",
    )
)

_UNITS: tuple[tuple[Literal["hour", "minute", "second"], int], ...] = (("hour", 3600), ("minute", 60), ("second", 1))


def fallback_chain(tag: str, available: Sequence[str]) -> tuple[str, ...]:
    """The languages of ``available`` that may stand in for ``tag``, best first; empty where there is none.

    The same tag comes first, then its CLDR parents (``es-MX``: ``es-419``, ``es``), then the same language in the same
    script (``pt-PT``: ``pt-BR``; ``zh-TW``: ``zh-Hant``), then the same language. Upper and lower case do not count.
    """
    if [tag] == list(available):
        return (tag,)
    from babel.core import get_global

    parents = get_global("parent_exceptions")
    spelled = {_canonical(offer): offer for offer in available}
    wanted = _canonical(tag)
    language, script = _language_and_script(wanted)
    best = [wanted, *(step for step in _ancestors(wanted, parents) if _language_and_script(step)[1] == script)]
    same_language = [
        offer for offer in spelled if language in (offer.split("_")[0], *_ancestors(offer, parents)) or offer in best
    ]
    same_script = [offer for offer in same_language if _language_and_script(offer)[1] == script]
    return tuple(dict.fromkeys(spelled[step] for step in (*best, *same_script, *same_language) if step in spelled))


def script(tag: str) -> str:
    """The script that text in this language is written in, by its ISO 15924 name: ``Latn``, for ``zh-TW`` ``Hant``."""
    return _language_and_script(_canonical(tag))[1]


@lru_cache(maxsize=256)
def direction(tag: str) -> Literal["ltr", "rtl"]:
    """Which way text in this language runs, by its script: ``ar``, ``az-Arab`` and ``yi`` are ``"rtl"``."""
    return "rtl" if _language_and_script(_canonical(tag))[1] in RIGHT_TO_LEFT else "ltr"


@lru_cache(maxsize=1024)
def duration(seconds: int, tag: str) -> str:
    """``seconds`` in words, exactly: in hours or minutes where they divide it, otherwise in seconds.

    ``duration(90, "en")`` is ``"90 seconds"`` and ``duration(5400, "en")`` is ``"90 minutes"``: a rounded time would
    send people back too early. A language that CLDR has no words for gets those of its parents, at last English ones.
    """
    unit, size = next(step for step in _UNITS if seconds % step[1] == 0)
    if tag == "en":
        count = seconds // size
        return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    from babel.dates import format_timedelta

    # With a threshold that nothing reaches, the granularity alone decides the unit. Its value is whole, so that Babel's
    # rounding has nothing to round. (babel.units.format_unit has no words where CLDR names a unit in short form only.)
    return format_timedelta(
        seconds, granularity=unit, threshold=float("inf"), format="long", locale=_locale_for_words(tag)
    )


def moment(time: datetime, tag: str, time_zone: str) -> str:
    """``time`` in words: the day in long form, the time in short form and the name of the zone in which both are.

    ``moment(2026-12-02T01:00Z, "de", "Europe/Berlin")`` is ``"2. Dezember 2026, 02:00 MEZ"``. ``time`` is aware,
    ``time_zone`` an IANA name. Where people of the language have no short name for the zone, it is called after its
    city, ``2:00 ベルリン時間``, and where it has none or an hour comes twice, ``GMT+01:00``.
    """
    return _moment(time.astimezone(UTC), tag, time_zone)


@lru_cache(maxsize=256)
def _moment(time: datetime, tag: str, time_zone: str) -> str:
    """``time`` is in UTC: where a clock is set back, two times differ in ``fold`` alone, and a cache mixes them up."""
    from babel.dates import format_date, format_time, get_datetime_format, get_timezone, get_timezone_name

    locale = _locale_for_words(tag)
    zone = get_timezone(time_zone)
    local = time.astimezone(zone)
    name = get_timezone_name(local, width="short", locale=locale)
    if name[:1] in "+-":
        name = _city_time(local, time_zone, locale)
    hours = f"{format_time(local, 'short', tzinfo=zone, locale=locale)} {name}"
    glue = str(get_datetime_format("long", locale=locale)).replace("'", "")  # letters that are meant stand in quotes
    return glue.replace("{1}", format_date(local.date(), "long", locale=locale)).replace("{0}", hours)


def _city_time(local: datetime, time_zone: str, locale: str) -> str:
    """The time of a zone's city, as CLDR's region format has it, or the offset where that says too little.

    The short form of a time does not tell the two hours apart between which a clock is set back.
    """
    from babel import Locale
    from babel.dates import get_timezone_gmt, get_timezone_location

    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    if twice or "/" not in time_zone or time_zone.startswith("Etc/"):
        return get_timezone_gmt(local, width="long", locale=locale)
    city = get_timezone_location(local.tzinfo, locale=locale, return_city=True).rpartition("/")[2]
    name = str(Locale.parse(locale).zone_formats["region"]) % city
    return f"({name})" if ":" in name else name  # French: heure : Berlin


def _canonical(tag: str) -> str:
    """``tag`` as Babel spells it: ``zh_Hant_TW``."""
    language, *rest = tag.replace("_", "-").split("-")
    return "_".join([language.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])


def _ancestors(tag: str, parents: Mapping[str, Any]) -> list[str]:
    """The CLDR parents of a canonical tag, nearest first, without the root."""
    steps = []
    while parent := parents.get(tag, tag.rpartition("_")[0]):
        if parent == "root":
            break
        steps.append(parent)
        tag = parent
    return steps


@lru_cache(maxsize=1024)
def _language_and_script(tag: str) -> tuple[str, str]:
    """Of a canonical tag. The script is the written one, otherwise the likely one of CLDR, otherwise Latin."""
    language, *rest = tag.split("_")
    for part in rest:
        if len(part) == 4 and part.isalpha():
            return language, part
    if language == "en":
        return language, "Latn"
    from babel.core import get_global

    likely = get_global("likely_subtags")
    full = likely.get(f"{language}_{rest[0]}" if rest else language) or likely.get(language) or f"{language}_Latn"
    return language, full.split("_")[1]


def _locale_for_words(tag: str) -> str:
    from babel.core import get_global
    from babel.localedata import exists

    wanted = _canonical(tag)
    parents = get_global("parent_exceptions")
    full = get_global("likely_subtags").get(wanted, "")  # zh_TW is kept as zh_Hant_TW
    for candidate in (wanted, full, *_ancestors(full, parents), *_ancestors(wanted, parents)):
        if candidate and exists(candidate):
            return str(candidate)
    return "en"
