"""The words of a text that is inline Markdown, without what is no prose: code, addresses, placeholders."""

from __future__ import annotations

import re

_CODE = re.compile(r"(`+)(?!`)(.*?[^`])\1(?!`)", re.DOTALL)
_TARGET = re.compile(r"\]\((?:[^()]|\([^()]*\))*\)")
_AUTOLINK = re.compile(r"<[^<>\s]+>")
_ADDRESS = re.compile(r"\b(?:https?://|mailto:|www\.)\S+|\b[\w.+-]+@[\w.-]+\w")
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def prose_words(text: str) -> str:
    """``text`` without the targets of its links; all else stays."""
    return _TARGET.sub("]", text)


def plain_words(text: str) -> str:
    """``text`` without code, links' targets, addresses and placeholders, each as a blank."""
    for pattern in (_CODE, _TARGET, _AUTOLINK, _ADDRESS, _PLACEHOLDER):
        text = pattern.sub(" ", text)
    return text
