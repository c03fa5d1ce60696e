"""The output over HTTP on this machine, each file with its type, and what keeps the newest sources from building."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import EXTENSIONS, MEDIA_TYPES

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
TYPES = {f".{EXTENSIONS[form]}": media_type for form, media_type in MEDIA_TYPES.items()}


def create_app(folders: Callable[[], Mapping[str, Path]], problem: Callable[[], str]) -> ASGIApp:
    """An application that shows the sites' ``folders`` by name under ``/NAME/``.

    ``problem`` gives the text of what keeps the newest sources from building, empty where they build. Requests that
    name another host are refused, so that no web page elsewhere can read this machine's files through the browser.
    """
    from starlette.applications import Starlette
    from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse
    from starlette.responses import Response as PlainResponse
    from starlette.routing import Route

    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

    async def index(_: Request) -> Response:
        names = list(folders())
        if problem():
            return HTMLResponse(_problem_page(problem(), names), 500, headers)
        if len(names) == 1:
            return RedirectResponse(f"/{names[0]}/", 307, headers)
        links = "".join(f'<li><a href="/{escape(name)}/">{escape(name)}</a></li>' for name in names)
        return HTMLResponse(_page("Sites", f"<ul>{links}</ul>"), 200, headers)

    async def file(request: Request) -> Response:
        folder = folders().get(request.path_params["site"])
        path = request.path_params["path"] or "index.html"
        if folder is None:
            return PlainTextResponse("no such site\n", 404, headers)
        root = folder.resolve()
        target = (root / path).resolve()
        if not target.is_relative_to(root) or not target.is_file():
            return PlainTextResponse("no such file\n", 404, headers)
        content = target.read_bytes()
        kind = next((kind for ending, kind in reversed(TYPES.items()) if path.endswith(ending)), "text/plain")
        if path.endswith(".problem.json"):
            kind = MEDIA_TYPES["problem"]
        return PlainResponse(content, 200, headers, media_type=kind)

    app = Starlette(routes=[Route("/", index), Route("/{site}/{path:path}", file)])
    return _local_only(app)


def _local_only(app: ASGIApp) -> ASGIApp:
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse

    async def guarded(scope, receive, send):  # type: ignore[no-untyped-def]  # the three names ASGI itself uses
        if scope["type"] == "http":
            host = Request(scope).headers.get("host", "").rsplit(":", 1)[0]
            if host not in LOCAL_NAMES:
                refusal = PlainTextResponse("this preview answers on 127.0.0.1 and localhost only\n", 421)
                await refusal(scope, receive, send)
                return
        await app(scope, receive, send)

    return guarded


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;"
        "padding:0 1rem}pre{white-space:pre-wrap;border-inline-start:4px solid #b3261e;padding:.5rem 1rem}</style>\n"
        f"</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _problem_page(problem: str, names: list[str]) -> str:
    links = ", ".join(f'<a href="/{escape(name)}/">{escape(name)}</a>' for name in names)
    last = f"<p>The last good build is still here: {links}.</p>" if links else ""
    return _page("The sources do not build", f"<pre>{escape(problem)}</pre>\n{last}")
