r"""Accept and Accept-Language as regular expressions: one family for every server that can match but not compute.

A family has one expression for each step of quality, best first: no weight or ``q=1``, ``q=0.9`` … ``q=0.1``, and less.
Each finds the first member of the header that has this quality and names something on offer, and captures its name. The
first expression of the family that matches decides, and a second, short list of expressions turns the captured name
into a format or a language. Nothing matched is the default.

The expressions are written in what PCRE, RE2 and Python have in common: no look-around, one capturing group. Blanks,
quotation marks and braces do not occur in them (``\x22`` is the quotation mark, ``\x5c`` the backslash), so that no
configuration language needs to escape anything. They have to be matched without regard to case.

For Accept the family gives the reference answer of negotiation.py, but for DIFFERENCES.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..languages import fallback_chain
from ..model import MEDIA_TYPES, Format
from ..negotiation import negotiate_format

DIFFERENCES: Final = (
    "Qualities are told apart by tenths: of q=0.85 and q=0.8 the first listed wins, and all below 0.1 are equal.",
    "A range with an asterisk is not limited by other members: what one of them refuses (text/html;q=0, */*) or gives "
    "another quality (text/*, text/markdown;q=0.1) may still be what the asterisk stands for.",
    "A type that is listed twice, with q=0 or with parameters of its own beside, counts by its best listing.",
    "A member whose weight is in quotation marks, or begins like a number and is none, is passed over.",
)
"""Where the family and the reference answer differ for Accept, in words."""
LANGUAGE_DIFFERENCES: Final = (
    "A language that is refused with q=0 is only passed over: another tag of the same language or an asterisk can "
    "still lead to it.",
    "An asterisk in Accept-Language always means the site's default language.",
)
"""And for Accept-Language, besides tenths and weights in quotation marks."""

# What is read here is what negotiation.py reads: quoted strings may hold commas and semicolons.
_QUOTED: Final = r"\x22(?:[^\x22\x5c]|\x5c.)*(?:\x22|\x5c?$)"
_MEMBER: Final = rf"[^,\x22]*(?:{_QUOTED}[^,\x22]*)*"
_REST: Final = rf"[^,;\x22]*(?:{_QUOTED}[^,;\x22]*)*"
# Any parameter but q. Without look-ahead that is: it does not begin with a q, or goes on after the q, or has no value.
_PARAMETER: Final = rf";\s*(?:(?:[^q,;\x22\s]|{_QUOTED}|q\s*(?:[^=,;\x22\s]|{_QUOTED})){_REST}|q\s*)?"
_END: Final = r"\s*(?:[;,]|$)"
_BEST: Final = rf"(?:0*[1-9][0-9]*\.?[0-9]*|[^0-9.,;\x22\s]{_REST})?"
_STEPS: Final = (
    rf"(?:,|$|;\s*q\s*=\s*{_BEST}{_END})",
    *(rf";\s*q\s*=\s*0*\.{tenth}[0-9]*{_END}" for tenth in range(9, 0, -1)),
    rf";\s*q\s*=\s*0*\.0+[1-9][0-9]*{_END}",
)


@dataclass(frozen=True, slots=True)
class Family:
    """How one header is answered. ``steps`` are expressions over the header, best first, each capturing a name.

    ``values`` are expressions over that name, in the order in which the first match wins, and what each stands for: a
    format, or a language tag. ``default`` is for a header that is absent or holds nothing known, and for a name that
    ``values`` leave out.
    """

    header: str
    steps: tuple[str, ...]
    values: tuple[tuple[str, str], ...]
    default: str

    def pick(self, header: str) -> str:
        """What the family answers for a header's text, as a server does; what tests compare with the reference."""
        for step in self.steps:
            found = re.search(step, header, re.IGNORECASE)
            if found:
                named = (value for name, value in self.values if re.search(name, found[1], re.IGNORECASE))
                return next(named, self.default)
        return self.default


def accept_family(offered: Sequence[Format]) -> Family:
    """The family for Accept. ``offered`` has HTML in it; values are formats, as in ``problem`` for problem+json."""
    exact = {MEDIA_TYPES[format_].partition(";")[0] for format_ in offered}
    if "json" in offered:
        exact.add(MEDIA_TYPES["problem"].partition(";")[0])
    # That the longest come first is for readers: what follows a name has to fit, so that no order can go wrong.
    names = [*sorted(exact, key=lambda name: (-len(name), name)), "application/*", "text/*", "*/*", "*"]
    by_format: dict[Format, list[str]] = {}
    for name in names:
        by_format.setdefault(negotiate_format([name], offered), []).append(re.escape(name).replace(r"\-", "-"))
    values = tuple(
        (rf"^(?:{'|'.join(by_format[format_])})$", format_)
        for format_ in offered
        if format_ in by_format and format_ != "html"
    )
    every = "|".join(name for format_ in offered for name in by_format.get(format_, ()))
    return Family("Accept", tuple(_steps(every)), values, "html")


def language_family(offered: Sequence[str]) -> Family:
    """The family for Accept-Language. ``offered[0]`` is the default; values are tags as they are written in it.

    A tag is looked up along CLDR's fallback chains as the reference does: what is offered, with anything behind it,
    then the tags whose chain ends elsewhere than that of their language (``zh-TW``, ``es-MX``), then languages.
    """
    heads = {tag: tag for tag in offered}
    languages = {tag.lower().partition("-")[0] for tag in offered}
    general = {language: fallback_chain(language, offered)[0] for language in sorted(languages)}
    special = {}
    for tag in _known_tags(languages):
        chain = fallback_chain(tag, offered)
        usual = _usual(tag, offered, general)
        if chain and chain[0] != usual:
            special[tag] = chain[0]
    longest_first = sorted({**special, **heads}.items(), key=lambda pair: (-len(pair[0]), pair[0].lower()))
    looked_up = [*longest_first, *((tag, value) for tag, value in general.items() if tag not in heads)]
    values = tuple((rf"^{tag.lower()}(?:-|$)", value) for tag, value in looked_up)
    names = sorted(languages | {tag for tag in special if tag.partition("-")[0] not in languages})
    return Family("Accept-Language", tuple(_steps(rf"(?:{'|'.join(names)})(?:-[a-z0-9]+)*|\*")), values, offered[0])


def _steps(names: str) -> Iterator[str]:
    for step in _STEPS:
        yield rf"^(?:{_MEMBER},)*?\s*({names})\s*(?:{_PARAMETER})*{step}"


def _usual(tag: str, offered: Sequence[str], general: dict[str, str]) -> str | None:
    """Where ``tag`` leads without a line of its own: to the longest tag offered that it begins with, or by language."""
    lower = tag.lower()
    prefixes = [offer for offer in offered if f"{lower}-".startswith(f"{offer.lower()}-")]
    return max(prefixes, key=len) if prefixes else general.get(lower.partition("-")[0])


def _known_tags(languages: Collection[str]) -> list[str]:
    """Every tag whose chain may lead where its parts do not show: it has a CLDR parent, or a likely script."""
    from babel.core import get_global

    likely = (tag for tag in get_global("likely_subtags") if tag.partition("_")[0] in languages)
    return sorted(tag.replace("_", "-").lower() for tag in {*likely, *get_global("parent_exceptions")})
