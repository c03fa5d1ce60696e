"""The pseudo-language ``en-XA``: English that looks foreign, to see today what a translation will meet tomorrow.

Whatever has no accents cannot be translated, whatever lacks a bracket is cut off, and the padding shows where there is
no room for languages that need about 40 % more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..model import Entry, Language
from .contents import DEFAULT_LANGUAGE, PSEUDO_LANGUAGE, Translation
from .localisation import Localised

PADDING = 0.4
"""How much longer a text becomes, as a share of its letters."""
BRACKETS = ("⟦", "⟧")

_ACCENTS = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž",
)
_PAD = "········ "  # with blanks, because long words are another test than long texts
# What has a meaning for programs: placeholders, code spans, the targets of links, autolinks, entities and escapes.
_KEPT = re.compile(
    r"\{[a-z_]*\}|(`+)(?!`).*?[^`]\1(?!`)|\]\((?:[^()]|\([^()]*\))*\)|<[^<>]*>|&#?\w+;|\\.|https?://\S+|[\w.+-]+@[\w.-]+",
    re.DOTALL,
)


def pseudo(text: str) -> str:
    """``text`` in the pseudo-language: ``⟦Ĝö ţö ţĥé ĥöɱé þåĝé ······⟧``. What has a meaning for programs stays."""
    pieces, end = [], 0
    for found in _KEPT.finditer(text):
        pieces += [text[end : found.start()].translate(_ACCENTS), found[0]]
        end = found.end()
    pieces.append(text[end:].translate(_ACCENTS))
    letters = sum(map(str.isalpha, text))
    padding = (_PAD * letters)[: round(letters * PADDING)].rstrip()
    return " ".join(part for part in (BRACKETS[0] + "".join(pieces), padding) if part) + BRACKETS[1]


def add_pseudo_language(localised: Localised, entries: Sequence[Entry]) -> None:
    """Make ``en-XA`` from the English strings and ``entries``, which are in English."""
    english = localised.languages.get(DEFAULT_LANGUAGE)
    strings = {name: pseudo(text) for name, text in english.strings.items()} if english else {}
    localised.languages[PSEUDO_LANGUAGE] = Language(PSEUDO_LANGUAGE, "ltr", strings)
    localised.translations[PSEUDO_LANGUAGE] = {
        entry.key: Translation(
            pseudo(entry.title),
            pseudo(entry.headline),
            pseudo(entry.detail),
            pseudo(entry.what_you_should_do),
            entry.source,
        )
        for entry in entries
    }
