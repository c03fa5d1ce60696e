"""The visitor's side of the emulated edge: failures on demand, answered from what is deployed.

How to make something fail:

- ``/cdn-cgi/error/CODE``: an error of the edge; 1xxx codes come with the HTTP status known for them
- ``/origin/CODE``: the origin answers with this status
- header ``errgen-fail: edge CODE`` or ``errgen-fail: origin CODE``: the same on any path

Every answer says in ``errgen-served-by`` who served it. Cloudflare takes statuses up to 999 in rules, the HTTP server
below sends none above 599: such an answer goes out as 500 with its status in ``errgen-status``. Request headers that
start with ``errgen-`` are not shown to rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from ..edges.cloudflare.answer import Answer, Failure, Request, answer, edge_failure
from ..edges.cloudflare.exchange import Facts
from .envelope import Incoming
from .state import Emulator

FAIL_HEADER = "errgen-fail"
SERVED_BY_HEADER = "errgen-served-by"
STATUS_HEADER = "errgen-status"
HIGHEST_STATUS = 599
_FAIL = re.compile(r"(edge|origin)\s+(\d{3,4})")
_CDN_CGI = re.compile(r"/cdn-cgi/error/(\w+)/?")
_ORIGIN = re.compile(r"/origin/(\w+)/?")
_HELP = """errgen emulates Cloudflare here. {}

  /cdn-cgi/error/522           an error that Cloudflare makes
  /origin/503                  an error that the origin answers with
  errgen-fail: edge 1015       a request header that does the first on any path
  errgen-fail: origin 404      and the second

Answers name who served them in the header errgen-served-by. The API is below /client/v4.
"""

_NOTHING_FAILED = "Nothing failed, so there is no error to show."
_UNKNOWN = (
    "There is no failure {!r}: the edge fails with 400 to 599 and 1000 to 1999, the origin answers with 200 to 599."
)


def handle_visit(state: Emulator, incoming: Incoming, facts: Facts) -> Response:
    """Answer one visitor. A failure that cannot be understood is answered with 400 and what is understood."""
    request = _request(incoming)
    zone = state.zone_of(request.hostname)
    asked = _asked(incoming)
    failure = _failure(state, asked, facts) if zone else None
    if zone is None or failure is None:
        status, problem = (400, _UNKNOWN.format(asked)) if asked else (200, _NOTHING_FAILED)
        if zone is None:
            problem = "It has no zone, so nothing can fail."
        text = _HELP.format(problem).encode()
        return _response(Answer(status, (("content-type", "text/plain; charset=utf-8"),), text, "errgen"))
    made = answer(
        request,
        failure,
        state.deployment(zone),
        state.visit(),
        facts,
        code_1xxx_covers_52x=state.code_1xxx_covers_52x,
    )
    return _response(made)


def _asked(incoming: Incoming) -> str:
    """The failure that is asked for, ``edge 1015``; the header goes before the path; empty where none is."""
    if asked := incoming.header(FAIL_HEADER).strip():
        return asked
    if found := _CDN_CGI.fullmatch(incoming.path):
        return f"edge {found[1]}"
    if found := _ORIGIN.fullmatch(incoming.path):
        return f"origin {found[1]}"
    return ""


def _failure(state: Emulator, asked: str, facts: Facts) -> Failure | None:
    found = _FAIL.fullmatch(asked)
    if not found:
        return None
    by, code = found[1], int(found[2])
    if by == "edge" and (400 <= code <= 599 or 1000 <= code <= 1999):
        return edge_failure(code, facts)
    if by == "origin" and 200 <= code <= 599:
        return _origin_failure(state, code)
    return None


def _origin_failure(state: Emulator, status: int) -> Failure:
    body = f"<!DOCTYPE html>\n<title>Origin</title>\n<p>The origin answers with {status}.</p>\n"
    bodiless = status in (204, 304)
    return Failure(status, made_by="origin", headers=state.origin_headers, body=b"" if bodiless else body.encode())


def _request(incoming: Incoming) -> Request:
    lines: dict[str, tuple[str, ...]] = {}
    for name, value in incoming.headers:
        if not name.startswith("errgen-"):
            lines[name] = (*lines.get(name, ()), value)
    headers: Mapping[str, tuple[str, ...]] = lines
    return Request(incoming.method, incoming.header("host"), incoming.path, incoming.query, headers)


def _response(made: Answer) -> Response:
    sendable = made.status <= HIGHEST_STATUS
    response = Response(made.body, made.status if sendable else 500)
    if not sendable:
        response.headers[STATUS_HEADER] = str(made.status)
    for name, value in made.headers:
        response.headers.append(name, value)
    # A rule's ref is free text; a header line is not.
    response.headers[SERVED_BY_HEADER] = re.sub(r"[^ -~]", "?", made.served_by)
    return response
