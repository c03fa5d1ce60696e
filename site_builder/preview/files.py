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
    target = (root / (path or "index.html")).resolve()
    if not target.is_relative_to(root) or not target.is_file():
        return PlainTextResponse("no such file\n", 404, HEADERS)
    return PlainResponse(target.read_bytes(), 200, HEADERS, media_type=media_type(target.name))
