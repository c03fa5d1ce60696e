"""Misspellings in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..catalog.contents import PSEUDO_LANGUAGE
from ..model import Entry
from ._check import Problem, site_check
from ._prose import plain_words
from ._subject import Subject

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_WORD = re.compile(r"(?<!\w)[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][A-Za-z]+)*(?!\w)")
_SUFFIX = re.compile(r"['’](?:s|S)?$")
_MOST_SUGGESTIONS = 3
_BRITISH = re.compile(r"is(?=e[drs]?$|ing$|ation)|our|yse(?=[drs]?$)")
"""What is spelled in two ways: both are right, a page only should not mix them, which is for its author to see."""
TRADE_WORDS = Path(__file__).parent / "trade_words.txt"
"""Words that a dictionary of everyday English does not have."""


@site_check("spelling", "warning", "A misspelt word makes people doubt the rest of the page, and the website with it.")
def spelling(subject: Subject) -> Iterator[Problem]:
    """Words of English texts that no dictionary has, nor the trade, nor ``check.words``, nor the site's name."""
    allowed = _allowed(subject)
    seen: set[tuple[str, str]] = set()
    for place, tag, name, text in _english(subject):
        for word in _WORD.findall(plain_words(text)):
            if (word, name) not in seen and not _is_known(word, allowed):
                seen.add((word, name))
                where = place if isinstance(place, str) else subject.place_of_text(tag, place, name.split(".")[1], word)
                yield Problem(f"{name} has '{word}'", where, _hint(subject, word))


def _english(subject: Subject) -> Iterator[tuple[Entry | str, str, str, str]]:
    """Where, language, name and text of everything English: entries, the interface, and the site's own lines."""
    tags = [tag for tag in subject.texts if tag.lower().split("-")[0] == "en" and tag != PSEUDO_LANGUAGE]
    for tag, entry, name, text in subject.all_texts():
        if tag in tags:
            yield entry, tag, f"{entry.key}.{name}", text
    site, where = subject.settings.site, subject.settings.where
    for tag in tags:
        resolved = subject.catalog.resolve(tag) or tag
        for key, text in subject.catalog.language(tag).strings.items():
            yield subject.place_of_string(resolved, key), tag, f"interface.{key}", text
        for key, texts in (("tagline", site.tagline), ("maintenance.still_works", site.maintenance.still_works)):
            if tag in texts:
                yield f"{where}.{key}", tag, key, texts[tag]


def _allowed(subject: Subject) -> frozenset[str]:
    site = subject.settings.site
    own = [word for text in (site.title, *subject.settings.check.words) for word in _WORD.findall(text)]
    return frozenset(word.casefold() for word in own) | _trade_words()


def _is_known(word: str, allowed: frozenset[str]) -> bool:
    """Whether a word is spelled right. Names in capitals, like TLS and DNS, are taken as they are."""
    plain = _SUFFIX.sub("", word.replace("’", "'"))
    folded = plain.casefold()
    if len(plain) < 2 or plain.isupper() or (plain[:-1].isupper() and plain.endswith("s")):
        return True
    return folded in allowed or any(_in_dictionary(form) for form in (folded, _BRITISH.sub(_american, folded)))


def _american(found: re.Match[str]) -> str:
    """The American spelling of what is British in a word."""
    return {"our": "or", "yse": "yze"}.get(found[0], found[0].replace("is", "iz"))


@lru_cache(maxsize=4096)
def _in_dictionary(word: str) -> bool:
    return bool(_dictionary().known([word]))


@lru_cache(maxsize=1)
def _trade_words() -> frozenset[str]:
    return frozenset(TRADE_WORDS.read_text("utf-8").split())


@lru_cache(maxsize=1)
def _dictionary() -> SpellChecker:
    from spellchecker import SpellChecker  # takes longer to load than most checks to run

    return SpellChecker(language="en", distance=1)


def _hint(subject: Subject, word: str) -> str:
    dictionary = _dictionary()
    near = dictionary.candidates(word.casefold()) or set()
    ranked = sorted(near - {word.casefold()}, key=lambda one: (-dictionary.word_frequency[one], one))
    suggestion = f"did you mean {' or '.join(ranked[:_MOST_SUGGESTIONS])}? If" if ranked else "if"
    return f"{suggestion} it is right, add it to words in [site.{subject.settings.site.name}.check]"


CHECKS = (spelling,)
