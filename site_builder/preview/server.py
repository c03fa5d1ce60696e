"""The gallery over HTTP on this machine: its document, the pages as the newest sources make them, and what happens.

Names of sites are ``[a-z0-9]+``, so that ``_`` is free for what the gallery asks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import ErrgenError, UsageError
from .events import Events
from .files import HEADERS, PAGE_HEADERS, file_response, media_type
from .guards import guarded

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

LATER = {**HEADERS, "Retry-After": "1"}
"""Of what cannot be made as the sources are now; the next save may mend it (RFC 9110, 15.6.4)."""
MOST_BYTES = 1_000_000
"""Of what the gallery sends; a question has some hundred bytes, a list of what is in view some thousand."""


class Studio(Protocol):
    """What the gallery asks for. Methods that make something raise ErrgenError where it cannot be made now.

    UsageError is of what there is not, or what cannot be asked.
    """

    events: Events

    def sites(self) -> Sequence[str]:
        """The sites that there is a build of, in the order of errgen.toml."""

    def folder(self, site: str) -> Path | None:
        """Where the build of a site is, also one from before; None where there is none."""

    def document(self, site: str) -> bytes:
        """The gallery of a site as one HTML document, live."""

    def data(self, site: str) -> Mapping[str, Any]:
        """What the gallery of a site shows."""

    def page(self, site: str, theme: str, profile: str, language: str, name: str) -> bytes | None:
        """A page as the newest sources make it; None where there can be none of that name."""

    def facts(self, site: str, theme: str, profile: str, language: str, key: str) -> Mapping[str, Any] | None:
        """What there is to know of the pages of one entry; None where there can be none of that name."""

    def ask(self, site: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """What an edge answers to a client, and why."""

    def joined(self, client: str) -> list[tuple[str, Mapping[str, Any]]]:
        """``client`` is there and gets these events first."""

    def problem_text(self) -> str:
        """What is wrong with the newest sources, for people; empty where nothing is."""

    def view(self, client: str, site: str, pages: Sequence[str]) -> None:
        """What ``client`` has in view from now on, the most important first: ``cloudflare/de/404.html``."""

    def left(self, client: str) -> None:
        """One connection of ``client`` is gone."""


def create_app(studio: Studio) -> ASGIApp:
    """The application. Only web pages of its own may ask it anything, see ``guards``."""
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, StreamingResponse
    from starlette.responses import Response as PlainResponse
    from starlette.routing import Route

    def absent(site: str) -> Response | None:
        """What is answered where there is no build of ``site``."""
        sites = studio.sites()
        if site in sites:
            return None
        if not sites:
            return PlainTextResponse("there is no build yet\n", 503, LATER)
        return PlainTextResponse("no such site\n", 404, HEADERS)

    def in_json(make: Callable[..., Mapping[str, Any] | None]) -> Callable[..., Response | None]:
        """``make``, and what it gives as JSON, written in the same thread: half a megabyte would hold all others up."""

        def write(*arguments: Any) -> Response | None:
            found = make(*arguments)
            return None if found is None else JSONResponse(found, 200, HEADERS)

        return write

    async def made(request: Request, make: Callable[..., Any], *arguments: Any) -> Any:
        """What ``make`` gives for the site of the request, or a Response that says why there is nothing."""
        site = request.path_params["site"]
        if nothing := absent(site):
            return nothing
        try:
            found = await run_in_threadpool(make, site, *arguments)
        except UsageError as error:  # the site has gone since
            return PlainTextResponse(_in_words(error), 404, HEADERS)
        except ErrgenError as error:
            return PlainTextResponse(_in_words(error), 503, LATER)
        return PlainTextResponse("no such page\n", 404, HEADERS) if found is None else found

    async def index(_: Request) -> Response:
        if sites := studio.sites():
            return RedirectResponse(f"/{sites[0]}/", 307, HEADERS)
        return HTMLResponse(_waiting_page(studio.problem_text()), 503, LATER)

    async def document(request: Request) -> Response:
        if not studio.sites():
            return await index(request)
        found = await made(request, studio.document)
        return HTMLResponse(found, 200, HEADERS) if isinstance(found, bytes) else found

    async def file(request: Request) -> Response:
        return file_response(studio.folder(request.path_params["site"]), request.path_params["path"])

    async def data(request: Request) -> Response:
        found: Response = await made(request, in_json(studio.data))
        if found.status_code == 503:  # the gallery asks again by itself; browsers note a 503 as an error
            found.status_code = 202
        return found

    async def page(request: Request) -> Response:
        names = [request.path_params[name] for name in ("theme", "profile", "language", "name")]
        found = await made(request, studio.page, *names)
        if not isinstance(found, bytes):
            return found  # type: ignore[no-any-return]  # of what ``made`` gives, the rest are Responses
        return PlainResponse(found, 200, PAGE_HEADERS, media_type=media_type(names[-1]))

    async def facts(request: Request) -> Response:
        names = [request.path_params[name] for name in ("theme", "profile", "language", "key")]
        return await made(request, in_json(studio.facts), *names)  # type: ignore[no-any-return]  # the same

    async def ask(request: Request) -> Response:
        site, question = request.path_params["site"], await _sent(request)
        if nothing := absent(site):
            return nothing
        try:
            if question is None:
                raise ErrgenError("a question is one JSON object")
            return JSONResponse(await run_in_threadpool(studio.ask, site, question), 200, HEADERS)
        except ErrgenError as error:
            return JSONResponse({"error": str(error), "hint": error.hint}, 400, HEADERS)

    async def view(request: Request) -> Response:
        sent = await _sent(request) or {}
        client, site, pages = sent.get("client"), sent.get("site"), sent.get("pages")
        if not (isinstance(client, str) and isinstance(site, str) and isinstance(pages, list)):
            return JSONResponse({"error": "what is in view is client, site and pages", "hint": None}, 400, HEADERS)
        studio.view(client, site, [one for one in pages if isinstance(one, str)])
        return PlainResponse(None, 204, HEADERS)

    async def events(request: Request) -> Response:
        site, client, shows = (request.query_params.get(name, "") for name in ("site", "client", "shows"))

        def greeting() -> list[tuple[str, Mapping[str, Any]]]:
            passed = shows and (studio.sites() or shows != _fingerprint(studio.problem_text()))
            return [*studio.joined(client), ("reload", {})] if passed else studio.joined(client)

        stream = studio.events.stream(site, greeting, lambda: studio.left(client))
        return StreamingResponse(stream, 200, HEADERS, media_type="text/event-stream")

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/_/events", events),
            Route("/_/view", view, methods=["POST"]),
            Route("/_/{site}/gallery.json", data),
            Route("/_/{site}/page/{theme}/{profile}/{language}/{name}", page),
            Route("/_/{site}/facts/{theme}/{profile}/{language}/{key}", facts),
            Route("/_/{site}/ask", ask, methods=["POST"]),
            Route("/{site}/", document),
            Route("/{site}/{path:path}", file),
        ]
    )
    return guarded(app)


async def _sent(request: Request) -> dict[str, Any] | None:
    """The JSON object that was sent; None where there is none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _in_words(error: ErrgenError) -> str:
    return f"{error}\n" + (f"hint: {error.hint}\n" if error.hint else "")


def _fingerprint(problem: str) -> str:
    """By which a page that waits says what it shows."""
    return hashlib.sha256(problem.encode(errors="replace")).hexdigest()[:16]


def _waiting_page(problem: str) -> str:
    """What is shown until there is a build to look at; it comes again by itself when that may be there.

    It says what it shows, because that may have passed before it listens.
    """
    title = "The sources do not build" if problem else "The first build is being made"
    told = f"<pre>{escape(problem)}</pre>" if problem else "<p>It will be shown here.</p>"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;"
        "padding:0 1rem}pre{white-space:pre-wrap;border-inline-start:4px solid #b3261e;padding:.5rem 1rem}</style>\n"
        f"</head>\n<body>\n<main>\n<h1>{title}</h1>\n{told}\n</main>\n"
        f'<script>\nnew EventSource("/_/events?shows={_fingerprint(problem)}")'
        '.addEventListener("reload", () => location.reload());\n</script>\n'
        "</body>\n</html>\n"
    )
