"""What the prose of a catalog may contain: an inline subset of Markdown, no raw HTML, and only harmless links."""

from __future__ import annotations

import html
import re
from functools import lru_cache

PROSE_FIELDS = ("detail", "what_you_should_do")
"""The fields that are Markdown; every other text is shown as it stands."""
LINK_SCHEMES = ("https", "mailto")
MOST_KEPT = 16_384
"""Texts not to be looked at again while ``errgen watch`` runs; the whole catalog in twenty languages has less."""

_CODE_SPAN = re.compile(r"\\.|(`+)(?!`)(.*?[^`])\1(?!`)", re.DOTALL)  # or an escaped character, which opens none
_INLINE_TARGET = re.compile(r"\]\(((?:[^()]|\([^()]*\))*)")
_REFERENCE_TARGET = re.compile(r"^[ ]{0,3}\[[^\]]*\]:\s*(\S[^\n]*)", re.MULTILINE)
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]*:[^<>]*)>")
_MAIL_AUTOLINK = re.compile(r"<[^<>@\s!/]+@[^<>@\s]+>")
_MARKUP = re.compile(r"<[A-Za-z/!?][^<>]{0,30}>?")
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")


@lru_cache(maxsize=MOST_KEPT)
def prose_problems(name: str, text: str) -> tuple[str, ...]:
    """What must not stand in the text of field ``name``, in words. Only the fields of Markdown can have problems."""
    if name not in PROSE_FIELDS:
        return ()
    outside = _CODE_SPAN.sub(lambda found: " " if found[1] else found[0], text)
    targets = [*_INLINE_TARGET.findall(outside), *_REFERENCE_TARGET.findall(outside), *_AUTOLINK.findall(outside)]
    problems = [problem for target in targets if (problem := link_problem(target))]
    if "![" in outside:
        problems.append("has an image; a page loads nothing from elsewhere")
    rest = _MAIL_AUTOLINK.sub(" ", _AUTOLINK.sub(" ", outside))
    if found := _MARKUP.search(rest):
        problems.append(f"has raw HTML, {found.group()}; write Markdown, or put the characters in `backticks`")
    return tuple(problems)


def link_problem(target: str) -> str | None:
    """Why a link may not lead to ``target``, None where it may.

    ``target`` is what Markdown has between the parentheses. It is judged as a browser would see it: entities and
    escapes resolved, blanks and invisible characters removed. Allowed are https, mailto and relative references.
    """
    seen = _INVISIBLE.sub("", re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", html.unescape(target))).removeprefix("<")
    shown = " ".join(target.split())
    if not seen:
        return "has a link without a target"
    if seen.startswith("//") or "\\" in seen:
        return f"has a link to {shown}; write the whole address with https://"
    head = re.split("[/?#\"']", seen, maxsplit=1)[0]
    scheme, colon, _ = head.partition(":")
    if colon and scheme.lower() not in LINK_SCHEMES:
        return f"has a link to {shown}; a link is https, mailto or relative"
    if scheme.lower() == "https" and colon and not re.match("https://[^/?#]", seen, re.IGNORECASE):
        return f"has a link to {shown}; an https link names a host: https://example.com/"
    return None
