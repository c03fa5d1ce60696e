"""The reference answer: which format and which language a client gets for its Accept and Accept-Language.

RFC 9110 sections 12.4 and 12.5 (quality values, media ranges, languages) with the order among equals that Cloudflare
publishes: the highest quality wins, and at the same quality what the client listed first
(developers.cloudflare.com/fundamentals/reference/error-responses/, content negotiation). Languages are looked up after
RFC 4647 section 3.4. Every edge is compared with what this module says.

Nothing that a client sends is an error: what cannot be read is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from site_builder.languages import fallback_chain
from site_builder.model import MEDIA_TYPES, Format

ALL_FORMATS: Final[tuple[Format, ...]] = ("html", "json", "problem", "markdown")

_TYPES: Final = {format_: media_type.partition(";")[0] for format_, media_type in MEDIA_TYPES.items()}
# What a range with a star stands for, the preferred format first. A problem document is only for those who name it.
_RANGES: Final[Mapping[str, tuple[Format, ...]]] = {
    "*/*": ("html", "json", "markdown"),
    "text/*": ("markdown", "html"),
    "application/*": ("json",),
}
_LANGUAGE_RANGE = re.compile(r"\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_QUALITY = re.compile(r"[0-9]*\.?[0-9]+|[0-9]+\.")
# A quoted string may hold commas and semicolons; one that is not closed ends with its line.
_QUOTED = r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)'
_MEMBER = re.compile(rf"(?:[^\",]|{_QUOTED})+", re.DOTALL)
_PART = re.compile(rf"(?:[^\";]|{_QUOTED})+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Member:
    """One member of a header: its value, its parameters before ``q``, its quality from 0 to 1, and its place."""

    value: str
    parameters: tuple[tuple[str, str], ...]
    quality: float
    place: int

    @property
    def order(self) -> tuple[float, int]:
        """The sort key of equals: the highest quality, then the first listed."""
        return (-self.quality, self.place)


def negotiate_format(accept: Sequence[str], offered: Sequence[Format] = ALL_FORMATS) -> Format:
    """The format for these Accept header lines, always one of ``offered``. One str a line, ``()`` where none was sent.

    The quality of a format is that of the most specific range that names it (RFC 9110 section 12.5.1); ``q=0`` refuses
    it. ``text/*`` means Markdown first, ``*/*`` HTML, ``application/*`` JSON. A problem document goes only to a client
    that names it; where none is offered such a client gets JSON, which is the same bytes. A type with parameters
    (``text/html;level=1``) counts as the type where that is not listed without them, for no page has such parameters.

    Where nothing acceptable is left the answer is HTML, or what is offered first where there is no HTML. RFC 9110 would
    allow a 406 there, but the answer reports an error already and has to say so in some form, and a person can read
    this one.
    """
    if not offered:
        raise ValueError("nothing is offered")
    members = _media_ranges(accept)
    best: tuple[tuple[float, int], int, Format] | None = None
    for format_ in offered:
        member, preference = _suiting(format_, members, offered)
        if member and member.quality > 0:
            candidate = (member.order, preference, format_)
            best = candidate if best is None else min(best, candidate)
    if best:
        return best[2]
    return "html" if "html" in offered else offered[0]


def negotiate_language(accept_language: Sequence[str], offered: Sequence[str]) -> str:
    """The language for these Accept-Language header lines, always one of ``offered``; the first of them is the default.

    Ranges are tried from the highest quality to the lowest, among equals from the first listed on. A range is looked up
    along its fallback chain (``de-AT`` finds ``de``); ``*`` finds the first language offered that no other range names.
    A language is refused where ``q=0`` stands with the range that fits it most closely. Where nothing is left, and
    where the client sent nothing, the answer is the default.
    """
    if not offered:
        raise ValueError("nothing is offered")
    ranges = [member for member in _members(accept_language) if _LANGUAGE_RANGE.fullmatch(member.value)]
    accepted = [tag for tag in offered if not _refused(tag, ranges)]
    for range_ in sorted(ranges, key=lambda member: member.order):
        if range_.quality == 0:
            break
        if range_.value == "*":
            found: Sequence[str] = [tag for tag in accepted if not _closest(tag, ranges, stars=False)]
        else:
            found = fallback_chain(range_.value, accepted)
        if found:
            return found[0]
    return offered[0]


def _media_ranges(accept: Sequence[str]) -> list[_Member]:
    """The members in lower case; a lone star, which some clients send, stands for any type."""
    members = _members(accept)
    return [replace(member, value="*/*" if member.value == "*" else member.value.lower()) for member in members]


def _suiting(format_: Format, ranges: Sequence[_Member], offered: Sequence[Format]) -> tuple[_Member | None, int]:
    """The range that decides on a format, and how much the format is preferred by it: 0 is most."""
    media_type = _TYPES[format_]
    exact = [range_ for range_ in ranges if range_.value == media_type]
    levels = [
        [range_ for range_ in exact if not _has_foreign_parameters(range_)],
        # What is said of another variant of the type cannot refuse ours.
        [range_ for range_ in exact if range_.quality > 0],
    ]
    if format_ == "json" and "problem" not in offered:
        levels.append([range_ for range_ in ranges if range_.value == _TYPES["problem"] and range_.quality > 0])
    for level in levels:
        if level:
            return _deciding(level), 0
    for star in (media_type.partition("/")[0] + "/*", "*/*"):
        matching = [range_ for range_ in ranges if range_.value == star]
        if matching:
            formats = _RANGES[star]
            return (_deciding(matching), formats.index(format_)) if format_ in formats else (None, 0)
    return None, 0


def _deciding(equals: Sequence[_Member]) -> _Member:
    """Of members that say the same, the one that counts: a refusal, otherwise the best."""
    return min(equals, key=lambda member: (member.quality > 0, member.order))


def _has_foreign_parameters(member: _Member) -> bool:
    return any((name, value.lower()) != ("charset", "utf-8") for name, value in member.parameters)


def _refused(tag: str, ranges: Sequence[_Member]) -> bool:
    return any(member.quality == 0 for member in _closest(tag, ranges, stars=True))


def _closest(tag: str, ranges: Sequence[_Member], *, stars: bool) -> list[_Member]:
    """The longest ranges that ``tag`` is equal to or begins with."""
    lower = tag.lower()
    length = {member.value: 0 if member.value == "*" else len(member.value) for member in ranges}
    fitting = [
        member
        for member in ranges
        if (stars and member.value == "*") or f"{lower}-".startswith(f"{member.value.lower()}-")
    ]
    longest = max((length[member.value] for member in fitting), default=0)
    return [member for member in fitting if length[member.value] == longest]


def _members(lines: Sequence[str]) -> list[_Member]:
    """The members of all header lines, in their order."""
    texts = [text for line in lines for text in _MEMBER.findall(line)]
    return [_member(text, place) for place, text in enumerate(texts)]


def _member(text: str, place: int) -> _Member:
    value, *rest = [part.strip(" \t") for part in _PART.findall(text)] or [""]
    before_quality: list[tuple[str, str]] = []
    for name, parameter in _parameters(rest):
        if name == "q":
            # What stands behind the weight is an extension, not a parameter of the type.
            return _Member(value, tuple(before_quality), _quality(parameter), place)
        before_quality.append((name, parameter))
    return _Member(value, tuple(before_quality), 1.0, place)


def _parameters(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for part in parts:
        name, equals, written = part.partition("=")
        if equals:
            text = written.strip(" \t")
            quoted = len(text) > 1 and text[0] == text[-1] == '"'
            yield name.strip(" \t").lower(), re.sub(r"\\(.)", r"\1", text[1:-1]) if quoted else text


def _quality(written: str) -> float:
    """A weight from 0 to 1. Any number of decimals is taken, more than 1 is 1, and what is no number is no weight."""
    return min(float(written), 1.0) if _QUALITY.fullmatch(written) else 1.0
