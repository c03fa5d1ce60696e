"""Problem details (RFC 9457) with the members of Cloudflare's structured error responses, in their order.

``timestamp`` and ``zone`` are never written: no edge can fill them into a stored page. A member that cannot be filled
is absent, never null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..model import Entry, Profile, Site
from . import maintenance, prose
from .text import one_line
from .tokens import break_in_json
from .wording import Wording

Value = str | int | bool

MEMBERS = (
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "error_code",
    "error_name",
    "error_category",
    "ray_id",
    "timestamp",
    "zone",
    "cloudflare_error",
    "retryable",
    "retry_after",
    "owner_action_required",
    "what_you_should_do",
    "footer",
)
"""All members in the order of the reference (developers.cloudflare.com, Error responses)."""


def members(entry: Entry, wording: Wording) -> dict[str, Value]:
    """What can be said before it fails, in order. ``detail`` is plain text, ``what_you_should_do`` Markdown.

    On the page for planned work, when that takes place and what works meanwhile are further lines of ``detail``, which
    is for people (RFC 9457, section 3.1.4); programs read ``retry_after``.
    """
    type_uri = type_of(entry, wording.site)
    values: dict[str, Value | None] = {
        "type": type_uri,
        "title": title(entry, wording) if type_uri else one_line(entry.title),
        "status": entry.serve_status or entry.status,
        "detail": "\n".join([prose.to_plain(entry.detail), *_facts(entry, wording)]),
        "error_code": entry.code,
        "error_name": entry.error_name,
        "error_category": entry.category,
        "cloudflare_error": entry.cloudflare_made or None,
        "retryable": entry.retryable,
        "retry_after": entry.retry_after if entry.retryable else None,
        "owner_action_required": entry.owner_action_required,
        "what_you_should_do": prose.to_markdown(entry.what_you_should_do),
        "footer": footer(entry, wording),
    }
    return _ordered(values)


def _facts(entry: Entry, wording: Wording) -> list[str]:
    return [
        f"{wording.text(heading)}: {prose.to_plain(fact)}" for heading, fact in maintenance.sentences(entry, wording)
    ]


def with_tokens(values: Mapping[str, Value], profile: Profile) -> dict[str, Value]:
    """``values`` and the members that the edge of ``profile`` fills in, in order."""
    return _ordered({**values, "instance": profile.ray_id, "ray_id": profile.ray_id})


def _ordered(values: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name in MEMBERS if (value := values.get(name)) is not None}


def type_of(entry: Entry, site: Site) -> str | None:
    """The URI that names this kind of problem: the site's own, otherwise the vendor's documentation."""
    if site.type_base and not entry.cloudflare_made:
        return site.type_base + entry.error_name
    return entry.documentation


def title(entry: Entry, wording: Wording) -> str:
    """``Error 404: Not Found``; a family has no code and keeps its plain title."""
    if entry.code is None:
        return one_line(entry.title)
    return wording.text("problem_title", code=entry.code, title=one_line(entry.title))


def footer(entry: Entry, wording: Wording) -> str:
    """Who speaks: Cloudflare only where nobody else can have made the error, otherwise the site."""
    return wording.text(footer_key(entry))


def footer_key(entry: Entry) -> str:
    """The string that says it."""
    return "footer_cloudflare" if entry.cloudflare_made else "footer_site"


def dumps(values: Mapping[str, Value], profile: Profile) -> bytes:
    """``values`` as indented JSON in UTF-8. Text that looks like a token is escaped, the profile's tokens are live."""
    lines = []
    for name, value in values.items():
        text = json.dumps(value, ensure_ascii=False)
        live = name in ("instance", "ray_id") and value == profile.ray_id
        lines.append(f'  "{name}": {text if live else break_in_json(text)}')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()
