"""The sites' files over HTTP, each with its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import EXTENSIONS, MEDIA_TYPES

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""Of every answer: what is saved next is another file."""
PAGES = "pages/"
"""Below it are the pages of a site's output; the gallery leaves it out."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:"
PAGE_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": f"{_POLICY}; media-src data:; connect-src 'self'; form-action 'self'",
    "X-DNS-Prefetch-Control": "off",
}
"""Of every page, so that one that names something elsewhere asks nobody for it while it is looked at.

What a page holds is allowed as a whole and not by its hashes, because the gallery puts the next version of a page into
the same document. ``connect-src`` is for pages that look whether the website is back.
"""
_TYPES = sorted(((f".{EXTENSIONS[form]}", kind) for form, kind in MEDIA_TYPES.items()), key=lambda one: -len(one[0]))


def media_type(path: str) -> str:
    """The type that a file is served with, by the longest ending that is one of a page's: ``404.problem.json``."""
    return next((kind for ending, kind in _TYPES if path.endswith(ending)), "text/plain")


def create_app(folders: Callable[[], Mapping[str, Path]]) -> ASGIApp:
    """An application that has the files of ``folders`` under ``/NAME/``."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    async def file(request: Request) -> Response:
        return file_response(folders().get(request.path_params["site"]), request.path_params["path"])

    return Starlette(routes=[Route("/{site}/{path:path}", file)])


def file_response(folder: Path | None, path: str) -> Response:
    """The file at ``path`` below ``folder``, or 404; nothing outside it."""
    from starlette.responses import PlainTextResponse
    from starlette.responses import Response as PlainResponse

    if folder is None:
        return PlainTextResponse("no such site\n", 404, HEADERS)
    root = folder.resolve()
    try:
        target = (root / (path or "index.html")).resolve()
        content = target.read_bytes() if target.is_relative_to(root) else None
    except (OSError, ValueError):  # a folder, a name too long or with a NUL in it, a file that has just gone
        content = None
    if content is None:
        return PlainTextResponse("no such file\n", 404, HEADERS)
    headers = PAGE_HEADERS if target.relative_to(root).as_posix().startswith(PAGES) else HEADERS
    return PlainResponse(content, 200, headers, media_type=media_type(target.name))
