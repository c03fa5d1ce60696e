"""Plain text pages (``text/plain``): what the HTML page says, a paragraph a line, without marks of any kind."""

from __future__ import annotations

import html
import re

from ..model import Entry, Profile
from . import maintenance, problem, prose
from .text import one_line
from .tokens import refuse
from .wording import Wording, where

LINKS = ("contact", "status_page", "sign_in", "home")
"""The links of a site in the order in which every page has them."""

_ANCHOR = re.compile(r'<a href="([^"]*)">(.*?)</a>')
_TAG = re.compile(r"<[^>]*>")


def render(entry: Entry, wording: Wording, profile: Profile) -> bytes:
    """The page of ``entry``, with the reference that ``profile`` fills in. Raises InvalidInput as ``check_tokens``."""
    check_tokens(entry, wording)
    site = wording.site
    official = problem.title(entry, wording)
    reference = f"{wording.text('reference')}: {profile.ray_id}\n{wording.text('reference_hint')}"
    links = [
        f"{wording.text(key)}: {one_line(address).removeprefix('mailto:').removeprefix('tel:')}"
        for key in LINKS
        if (address := getattr(site, key)) and (key != "sign_in" or entry.category == "client")
    ]
    paragraphs = [
        f"{one_line(entry.headline)}\n{official}",
        spelled_out(entry.detail),
        *(f"{wording.text(key)}: {spelled_out(fact)}" for key, fact in maintenance.sentences(entry, wording)),
        spelled_out(entry.what_you_should_do),
        wording.retry_hint(entry) or "",
        reference if profile.ray_id else "",
        "\n".join(links),
        problem.footer(entry, wording),
    ]
    return ("\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n").encode()


def spelled_out(text: str) -> str:
    """Prose without its marks; where a link leads stands in brackets behind it."""
    return html.unescape(_TAG.sub("", _ANCHOR.sub(_with_address, prose.to_html(text))))


def check_tokens(entry: Entry, wording: Wording) -> None:
    """Raise InvalidInput where a text of the page looks like a token, for it cannot be escaped in plain text."""
    language, site = wording.language, wording.site
    strings = [*LINKS, "reference", "reference_hint", "retry_in", "retry_soon", "maintenance_when", "still_works"]
    refuse(
        [
            (str(entry.source), f"{entry.key}.headline", entry.headline),
            *((f"errgen.toml: site.{site.name}.{key}", "the address", getattr(site, key) or "") for key in LINKS),
            *((where(language, key), "the string", language.strings[key]) for key in strings),
        ]
    )


def _with_address(found: re.Match[str]) -> str:
    address, label = found.groups()
    target = address.removeprefix("mailto:")
    return label if _TAG.sub("", label) in (address, target) else f"{label} ({target})"
