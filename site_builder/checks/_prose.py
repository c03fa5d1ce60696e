"""The words of a text that is inline Markdown, without what is no prose: code, addresses, placeholders."""

from __future__ import annotations

import re

_CODE = re.compile(r"(`+)(?!`)(.*?[^`])\1(?!`)", re.DOTALL)
_TARGET = re.compile(r"\]\((?:[^()]|\([^()]*\))*\)")
_AUTOLINK = re.compile(r"<[^<>\s]+>")
_ADDRESS = re.compile(r"\b(?:https?://|mailto:|www\.)\S+|\b[\w.+-]+@[\w.-]+\w")
_NAME = re.compile(r"\b[\w-]+(?:\.[a-z0-9][\w-]*)+|(?<![\w.])\.?/[\w./-]+")
"""What is a name with a dot in it, of a host or a file, or a path."""
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def prose_words(text: str) -> str:
    """``text`` without the targets of its links; all else stays."""
    return _TARGET.sub("]", text)


def plain_words(text: str) -> str:
    """``text`` without code, links' targets, addresses, names of files and hosts, and placeholders, each as a blank."""
    for pattern in (_CODE, _TARGET, _AUTOLINK, _ADDRESS, _NAME, _PLACEHOLDER):
        text = pattern.sub(" ", text)
    return text
