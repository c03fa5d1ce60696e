"""Sizes that the places which serve pages do not take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import File
from ._check import Problem, site_check
from ._subject import Subject

INLINE = 10_000
"""Bytes that Cloudflare takes as a rule's own content (Custom error rules, Parameters)."""
ASSET = 1_500_000
"""Bytes that Cloudflare takes as a custom error asset (same page)."""
ERRORFILE = 16_384
"""Bytes of a HAProxy ``errorfile`` with its headers; what is over ``tune.bufsize`` is cut off."""
HEADERS = 256
"""Bytes to leave for the status line and the headers of an errorfile."""


@site_check(
    "size-inline",
    "warning",
    "Cloudflare takes at most 10,000 bytes as a rule's own content, and a small page reaches people on bad networks in "
    "one go.",
)
def size_inline(subject: Subject) -> Iterator[Problem]:
    """Pages over 10,000 bytes."""
    yield from _over(subject, INLINE, 0, "a rule's own content may have {most:,}", "shorten the theme or the text")


@site_check("size-asset", "error", "Cloudflare refuses an asset of more than 1,500,000 bytes.")
def size_asset(subject: Subject) -> Iterator[Problem]:
    """Pages over 1,500,000 bytes."""
    yield from _over(subject, ASSET, 0, "an asset may have {most:,}", "take pictures out of the theme, or shrink them")


@site_check("size-haproxy", "warning", "HAProxy cuts off an errorfile at 16,384 bytes, its headers among them.")
def size_haproxy(subject: Subject) -> Iterator[Problem]:
    """Pages that are no HAProxy errorfile."""
    text = "a HAProxy errorfile may have {most:,} with its headers"
    yield from _over(subject, ERRORFILE, HEADERS, text, "shorten the theme or the text; Cloudflare and others serve it")


def _over(subject: Subject, most: int, headers: int, limit: str, hint: str) -> Iterator[Problem]:
    found = [file for file in subject.manifest.files if file.bytes + headers > most]
    for format_ in sorted({file.format for file in found}):
        files = sorted((one for one in found if one.format == format_), key=lambda one: (-one.bytes, one.path))
        count = f"{len(files)} pages have" if len(files) > 1 else "has"
        message = f"{count} {_sizes(files)}; {limit.format(most=most)}"
        yield Problem(message, files[0].path, hint)


def _sizes(files: Sequence[File]) -> str:
    if len(files) == 1:
        return f"{files[0].bytes:,} bytes"
    shown = ", ".join(f"{file.path} {file.bytes:,}" for file in files[:3])
    return f"too many bytes: {shown}" + (", …" if len(files) > 3 else "")


CHECKS = (size_inline, size_asset, size_haproxy)
