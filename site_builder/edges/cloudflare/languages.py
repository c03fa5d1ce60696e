"""Which of the languages that Cloudflare serves a client prefers, by Accept-Language: a test of the Rules language.

Tags are compared by their language alone: regions are taken off them. The language has no pattern for «any region», so
that this is done for those by which browsers know a language. Where a site has several variants of one language, as
``zh-Hans`` and ``zh-Hant``, each tag of these goes to the variant that the reference gives it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from ...languages import fallback_chain
from .preferences import by_quality, comes_first, replaced

LANGUAGE_DIFFERENCES: Final = (
    "Of tags with a region only those are known that browsers are sold with (de-AT, en-GB); another one (de-LU) counts "
    "where the language alone is listed, too, as browsers do.",
    "An asterisk always means the site's default language, and one that is refused with q=0 is only passed over.",
)
"""Where a client gets another language than negotiation.py says, in words, besides what is said of weights."""

REGIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "ar": ("sa", "eg", "ae", "ma"),
    "de": ("de", "at", "ch"),
    "en": ("us", "gb", "ca", "au", "in", "nz", "ie", "za"),
    "es": ("es", "mx", "ar", "co", "cl", "us", "419"),
    "fr": ("fr", "ca", "be", "ch"),
    "it": ("it", "ch"),
    "nl": ("nl", "be"),
    "pt": ("br", "pt"),
    "zh": ("cn", "tw", "hk", "sg", "hans", "hant", "hans-cn", "hant-tw", "hant-hk"),
}
"""Regions and scripts that browsers send with a language; of others it is the region where most speak it (CLDR)."""


@lru_cache(maxsize=64)
def language_test(wanted: str, served: tuple[str, ...]) -> str:
    """The test that a client prefers ``wanted``, one of ``served``, of which the first is for all who prefer none."""
    names, aliases, suffixes = _names(served)
    # Each name has commas of its own on both sides: «de» is no part of «en-de», and cutting at one leaves the others.
    text = replaced(f'concat(",", {by_quality("accept-language")})', ",", ",,")
    for tag, name in aliases:
        text = replaced(text, f",{tag},", f",{name},")
    for suffix in suffixes:
        text = replaced(text, f"-{suffix}", "")
    rivals = [f",{name}," for tag, name in names.items() if tag != wanted]
    return comes_first(text, f",{names[wanted]},", [*rivals, ",*,"])


def _names(served: Sequence[str]) -> tuple[dict[str, str], list[tuple[str, str]], list[str]]:
    """What each language is called in the text, which tags are first replaced by such names, and what is taken off."""
    names: dict[str, str] = {}
    aliases: list[tuple[str, str]] = []
    suffixes: dict[str, None] = {}
    for language in dict.fromkeys(tag.lower().partition("-")[0] for tag in served):
        variants = [tag for tag in served if tag.lower().partition("-")[0] == language]
        regions = REGIONS.get(language) or _usual_region(language)
        if len(variants) == 1:
            names[variants[0]] = language
            suffixes |= dict.fromkeys(part for region in regions for part in region.split("-"))
            continue
        # A hyphen would be lost with the regions of other languages.
        names |= {tag: tag.lower().replace("-", "_") for tag in variants}
        known = dict.fromkeys([language, *(f"{language}-{region}" for region in regions), *map(str.lower, variants)])
        aliases += [(tag, names[fallback_chain(tag, served)[0]]) for tag in known]
    return names, aliases, list(suffixes)


def _usual_region(language: str) -> tuple[str, ...]:
    from babel.core import get_global

    likely = str(get_global("likely_subtags").get(language, ""))
    return (likely.rpartition("_")[2].lower(),) if likely else ()
