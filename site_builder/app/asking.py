"""Asking as a client: the question as the gallery sends it, and the answer with the trace of ``errgen explain``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..model import EXTENSIONS
from .asked_code import NotExplained
from .explain import Asked, explain_at
from .explanation_text import explanation_lines

if TYPE_CHECKING:
    from ..edges._explaining import Explainer, MadeBy
    from .site import EdgeOutput, SiteOutput

LONGEST = 8_000
"""Characters of a header, a host or a path; servers take no more."""
HOST = re.compile(r"(?:[\w-]+\.)*[\w-]+\.?(?::\d{1,5})?|\[[\da-fA-F:.]+\](?::\d{1,5})?", re.ASCII)
"""What clients name in ``Host``: a name or an address, perhaps with a port (RFC 9110, section 7.2)."""
IN_PATHS = "!$%&'()*+,/:;=?@[]~"
"""What stands in a request's target as it is; everything else is sent percent-encoded (RFC 3986, sections 2 and 3)."""
WHICH_CODES = "Codes are those of HTTP, 400 to 599, and of Cloudflare, 1000 to 1999."


class _NotAsked(Exception):
    """No request is like that. ``field`` is what of the question to change, ``words`` say how."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


def ask(
    output: SiteOutput, question: Mapping[str, Any], explainer: Callable[[EdgeOutput], Explainer]
) -> dict[str, Any]:
    """What an edge of a site answers, Cloudflare by the function that the emulator answers visitors with.

    ``question`` has ``edge``, ``origin`` (``edge`` or ``origin``: whose failure it is), ``code``, ``accept``,
    ``accept_language``, ``host`` and ``path``; what it has not is what ``errgen explain`` takes. Where nothing can be
    asked there are ``error``, words for who fills in a form, and ``field``, the part of the question to change.
    """
    try:
        return _answer(output, question, explainer)
    except _NotAsked as error:
        return {"field": error.field, "error": error.words}
    except NotExplained as error:
        said = error.message.removeprefix(f"{output.manifest.site}: ")
        sentence = said[0].upper() + said[1:] + ("" if said.endswith("?") else ".")
        return {"field": error.field, "error": f"{sentence} {WHICH_CODES}" if error.field == "code" else sentence}


def _answer(
    output: SiteOutput, question: Mapping[str, Any], explainer: Callable[[EdgeOutput], Explainer]
) -> dict[str, Any]:
    edge = _edge(output, _text(question, "edge"))
    code = _text(question, "code")
    if not code:
        raise _NotAsked("code", f"Which error? {WHICH_CODES}")
    asked = Asked(
        accept=_line(question, "accept"),
        accept_language=_line(question, "accept_language"),
        host=_host(question) or None,
        path=_path(question),
        made_by=_made_by(question),
    )
    done = explain_at(output, [(edge, explainer(edge))], code, asked)
    [explained] = done.edges
    reply = explained.explanation.reply
    language, _, page = (reply.page or "").partition("/")
    extension = page.partition(".")[2]
    return {
        "edge": edge.folder,
        "status": reply.status,
        "headers": [list(header) for header in reply.headers],
        "body": reply.body.decode("utf-8", "replace"),
        "language": language or None,
        "format": next((form for form, ending in EXTENSIONS.items() if ending == extension), None),
        "page": f"{edge.edge.profile}/{reply.page}" if reply.page else None,
        "served_by": explained.explanation.rule or reply.made_by,
        "reason": explained.explanation.reason,
        "differences": list(explained.differences),
        "trace": list(explanation_lines(done)),
    }


def _edge(output: SiteOutput, name: str) -> EdgeOutput:
    """The edge of that name, the first where none is named."""
    if not output.edges:
        raise _NotAsked("edge", "This site has no edge yet, so nobody decides who gets what: errgen.toml names none.")
    found = next((one for one in output.edges if name in (one.folder, "")), None)
    if found is None:
        raise _NotAsked("edge", f"There is no edge '{name}'; there is: {', '.join(e.folder for e in output.edges)}.")
    return found


def _made_by(question: Mapping[str, Any]) -> MadeBy | None:
    written = _text(question, "origin")
    if written not in ("", "edge", "origin"):
        raise _NotAsked("origin", f"A failure is of the edge or of the website behind it, and not of '{written}'.")
    return "edge" if written == "edge" else "origin" if written == "origin" else None


def _host(question: Mapping[str, Any]) -> str:
    """The host as it is sent: a name with other letters than those of ASCII as browsers write it (RFC 3490)."""
    written = _text(question, "host")
    try:
        host = written.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if written and not HOST.fullmatch(host):
        raise _NotAsked("host", "A host is a name alone, without blanks, https:// and path: api.example.com")
    return host


def _path(question: Mapping[str, Any]) -> str:
    """The path and the query as they are sent: from a slash on, and without a fragment, which no client sends."""
    written = _text(question, "path").partition("#")[0]
    if "://" in written.partition("?")[0]:
        raise _NotAsked("path", "A path is what comes after the host: /api/users")
    return quote(written if written.startswith("/") else f"/{written}", safe=IN_PATHS)


def _line(question: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A header: one line, or none where it is empty."""
    value = _text(question, name)
    if not value.isascii():
        raise _NotAsked(name, "A header has only the letters and signs of ASCII.")
    return (value,) if value else ()


def _text(question: Mapping[str, Any], name: str) -> str:
    """One value; empty where it is not sent. What no request can hold is refused."""
    value = question.get(name)
    written = "" if value is None else str(value).strip()
    if len(written) > LONGEST:
        raise _NotAsked(name, f"That is longer than {LONGEST:,} characters, and servers take no more.")
    if not written.isprintable():
        raise _NotAsked(name, "There is a sign in it that cannot be seen, and no request has such a one.")
    return written
