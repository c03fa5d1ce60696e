"""Asking as a client: the question as the gallery sends it, and the answer with the trace of ``errgen explain``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..model import EXTENSIONS
from .explain import Asked, explain_at
from .explanation_text import explanation_lines

if TYPE_CHECKING:
    from ..edges._explaining import Explainer, MadeBy
    from .site import EdgeOutput, SiteOutput

LONGEST = 8_000
"""Characters of a header, a host or a path; servers take no more."""


def ask(
    output: SiteOutput, question: Mapping[str, Any], explainer: Callable[[EdgeOutput], Explainer]
) -> dict[str, Any]:
    """What an edge of a site answers, Cloudflare by the function that the emulator answers visitors with.

    ``question`` has ``edge``, ``origin`` (``edge`` or ``origin``: whose failure it is), ``code``, ``accept``,
    ``accept_language``, ``host`` and ``path``; what it has not is what ``errgen explain`` takes. Raises UsageError for
    what cannot be asked.
    """
    name, origin = _text(question, "edge"), _text(question, "origin")
    edge = next((one for one in output.edges if name in (one.folder, "")), None)
    if edge is None:
        there = ", ".join(one.folder for one in output.edges)
        raise UsageError(f"there is no edge '{name}'", hint=f"errgen.toml has: {there}" if there else None)
    made_by: MadeBy | None = "edge" if origin == "edge" else "origin" if origin == "origin" else None
    if origin and made_by is None:
        raise UsageError(f"a failure is of the edge or of the origin, and not of '{origin}'")
    asked = Asked(
        accept=_line(question, "accept"),
        accept_language=_line(question, "accept_language"),
        host=_text(question, "host") or None,
        path=_text(question, "path") or "/",
        made_by=made_by,
    )
    done = explain_at(output, [(edge, explainer(edge))], str(question.get("code", "")), asked)
    explanation = done.edges[0].explanation
    reply = explanation.reply
    language, _, page = (reply.page or "").partition("/")
    extension = page.partition(".")[2]
    return {
        "status": reply.status,
        "headers": [list(header) for header in reply.headers],
        "body": reply.body.decode("utf-8", "replace"),
        "language": language or None,
        "format": next((form for form, ending in EXTENSIONS.items() if ending == extension), None),
        "page": f"{edge.edge.profile}/{reply.page}" if reply.page else None,
        "served_by": explanation.rule or reply.made_by,
        "trace": list(explanation_lines(done)),
    }


def _text(question: Mapping[str, Any], name: str) -> str:
    """One value; empty where it is not sent. What no request can hold is refused."""
    value = question.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise UsageError(f"{name} is a text on one line of at most {LONGEST:,} characters")
    return value.strip()


def _line(question: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A header: one line, or none where it is empty."""
    value = _text(question, name)
    return (value,) if value else ()
