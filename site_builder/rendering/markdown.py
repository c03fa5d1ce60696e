"""Markdown pages: YAML front matter with the fields of the reference, in their order, before the theme's body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ..model import Entry
from . import maintenance, problem, prose
from .problem import Value
from .tokens import refuse
from .wording import Wording, where

FIELDS = (
    "error_code",
    "error_name",
    "error_category",
    "status",
    "ray_id",
    "timestamp",
    "zone",
    "cloudflare_error",
    "retryable",
    "retry_after",
    "owner_action_required",
)
"""All fields of the front matter in the order of the reference (developers.cloudflare.com, Error responses)."""

_PLAIN = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[a-z][a-z0-9_]*")
# What JSON leaves as it is but YAML 1.1 or 1.2 readers refuse, fold or drop inside double quotes.
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def front_matter(values: Mapping[str, Value]) -> str:
    """The fields of ``values`` (members of problem details) that front matter has, between two ``---`` lines."""
    lines = [f"{name}: {scalar(values[name])}" for name in FIELDS if name in values]
    return "\n".join(["---", *lines, "---", ""])


def scalar(value: Value) -> str:
    """A YAML 1.1 and 1.2 scalar that reads as ``value`` whatever an edge fills in: text is quoted unless it is a word.

    Unquoted, the Ray ID ``9140785570e00458`` would be a number and the country ``NO`` would be false.
    """
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)


def check_tokens(entry: Entry, wording: Wording) -> None:
    """Raise InvalidInput where a text of the page looks like a token, for it cannot be escaped in Markdown."""
    language, site = wording.language, wording.site
    footer = problem.footer_key(entry)
    strings = ("problem_title", "markdown_what_happened", "markdown_what_you_should_do", footer)
    refuse(
        [
            (str(entry.source), f"{entry.key}.title", entry.title),
            (str(entry.source), f"{entry.key}.detail", prose.to_source(entry.detail)),
            (str(entry.source), f"{entry.key}.what_you_should_do", prose.to_source(entry.what_you_should_do)),
            (f"errgen.toml: site.{site.name}.name", "the name of the site", site.title),
            *((where(language, key), "the string", language.strings[key]) for key in strings),
        ]
    )


def body_values(entry: Entry, wording: Wording) -> dict[str, str | list[str]]:
    """What a theme's ``page.md.j2`` sees: lines of Markdown, each harmless wherever a paragraph or a heading can stand.

    ``title`` (“Error 404: Not Found”), ``detail``, ``what_you_should_do``, ``footer``, the two headings
    ``what_happened`` and ``what_to_do``, and ``facts``: a list of lines that only the page for planned work has.
    """
    return {
        "title": _text(problem.title(entry, wording)),
        "what_happened": _text(wording.text("markdown_what_happened")),
        "detail": prose.to_markdown(entry.detail),
        "facts": [
            f"**{_text(wording.text(key))}:** {prose.legible(fact)}"
            for key, fact in maintenance.sentences(entry, wording)
        ],
        "what_to_do": _text(wording.text("markdown_what_you_should_do")),
        "what_you_should_do": prose.to_markdown(entry.what_you_should_do),
        "footer": prose.to_markdown(prose.escape(problem.footer(entry, wording))),
    }


def _text(text: str) -> str:
    return prose.legible(prose.escape(text))
