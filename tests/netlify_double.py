"""A double of Netlify's API over HTTP, as strict as the real one is known to be, and the addresses of its deploys.

Whether the real one lists the files _headers and _redirects is not documented; this one does not.

Deploys go through their states only as they are asked for, so that nothing here takes time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SITE_ID = "3970e0fe-8564-4903-9a55-c5f8de49fb8b"
TOKEN = "canary-netlify-token"
RESET = 1_000_060
JSON = dict[str, Any]


@dataclass
class Deployed:
    """One deploy; ``left`` are the states it still goes through, one for each time it is asked for."""

    raw: JSON
    files: dict[str, str]
    left: list[str] = field(default_factory=list)
    required: set[str] = field(default_factory=set)
    was_live: bool = False


@dataclass
class Stored:
    """What the site has: its deploys by id, which of them is published, and every file by its SHA-1."""

    deploys: dict[str, Deployed] = field(default_factory=dict)
    published: str | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    made: int = 0

    def new_id(self) -> str:
        """An id that no deploy has ever had."""
        self.made += 1
        return f"{self.made:024x}"


@dataclass
class NetlifyDouble:
    """One site. ``spoil`` may answer a request instead; ``asked`` are the requests."""

    url: str = ""
    name: str = "example-errors"
    stored: Stored = field(default_factory=Stored)
    locked: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    spoil: Callable[[Request, int], Response | None] = lambda _request, _number: None
    page_size: int = 100
    fails: str | None = None

    def app(self) -> Starlette:
        def on(handler: Callable[[Request, bytes], Response]) -> Any:
            async def endpoint(request: Request) -> Response:
                body = await request.body()
                query = f"?{request.url.query}" if request.url.query else ""
                self.asked.append((request.method, f"{request.url.path.removeprefix('/api/v1')}{query}"))
                if (spoilt := self.spoil(request, len(self.asked) - 1)) is not None:
                    return spoilt
                if request.url.path.startswith("/api/") and request.headers.get("authorization") != f"Bearer {TOKEN}":
                    return problem(401, "Access Denied")
                return handler(request, body)

            return endpoint

        site, deploy = "/api/v1/sites/{site}", "/api/v1/deploys/{id}"
        return Starlette(
            routes=[
                Route(site, on(self.get_site)),
                Route(f"{site}/files", on(self.get_files)),
                Route(f"{site}/deploys", on(self.list_deploys)),
                Route(f"{site}/deploys", on(self.create), methods=["POST"]),
                Route(f"{site}/deploys/{{id}}", on(self.get_deploy)),
                Route(f"{site}/deploys/{{id}}/restore", on(self.restore), methods=["POST"]),
                Route(f"{deploy}/files/{{path:path}}", on(self.upload), methods=["PUT"]),
                Route(deploy, on(self.delete), methods=["DELETE"]),
                Route("/at/{id}/{path:path}", on(self.visit)),
                Route("/live/{path:path}", on(self.visit)),
            ]
        )

    def get_site(self, request: Request, _: bytes) -> Response:
        if request.path_params["site"] not in (SITE_ID, f"{self.name}.netlify.app", "errors.example.com"):
            return problem(404, "Not Found")
        published = self.stored.deploys[self.stored.published].raw if self.stored.published else None
        return JSONResponse({"id": SITE_ID, "name": self.name, "published_deploy": published})

    def get_files(self, request: Request, _: bytes) -> Response:
        if request.path_params["site"] != SITE_ID:
            return problem(404, "Not Found")
        files = self.stored.deploys[self.stored.published].files if self.stored.published else {}
        return JSONResponse(
            [
                {"id": path, "path": path, "sha": sha, "size": len(self.stored.files[sha]), "mime_type": "text/html"}
                for path, sha in files.items()
                if path not in ("/_headers", "/_redirects")
            ]
        )

    def list_deploys(self, request: Request, _: bytes) -> Response:
        state, page = request.query_params.get("state"), int(request.query_params.get("page", "1"))
        newest_first = [one.raw for one in reversed(self.stored.deploys.values()) if state in (None, one.raw["state"])]
        shown = newest_first[(page - 1) * self.page_size : page * self.page_size]
        headers = {}
        if len(newest_first) > page * self.page_size:
            headers["Link"] = f'<{request.url.include_query_params(page=page + 1)}>; rel="next"'
        return JSONResponse(shown, headers=headers)

    def create(self, request: Request, body: bytes) -> Response:
        sent = json.loads(body)
        files = sent.get("files")
        if not isinstance(files, dict) or not all(
            path.startswith("/") and re.fullmatch("[0-9a-f]{40}", sha) for path, sha in files.items()
        ):
            return problem(422, "files must be paths and their SHA-1")
        identity = self.stored.new_id()
        required = {sha for sha in files.values() if sha not in self.stored.files}
        after = ["uploading"] if required else ["processing", "ready"]
        raw: JSON = {
            "id": identity,
            "state": "new",
            "title": request.query_params.get("title"),
            "draft": bool(sent.get("draft")),
            "created_at": (datetime(2026, 11, 21, tzinfo=UTC) + timedelta(minutes=self.stored.made)).isoformat(),
            "links": {"permalink": f"{self.url}/at/{identity}"},
        }
        one = self.stored.deploys[identity] = Deployed(raw, files, after, required)
        if sent.get("async"):
            one.left.insert(0, "preparing")
        else:
            self.advance(one)
        return JSONResponse(raw)

    def advance(self, one: Deployed) -> None:
        if self.fails and one.left and one.left[0] == "ready":
            one.raw |= {"state": "error", "error_message": self.fails}
            one.left.clear()
        elif one.left and not (one.raw["state"] == "uploading" and one.required):
            one.raw["state"] = one.left.pop(0)
        if one.raw["state"] == "uploading":
            one.raw["required"] = sorted(one.required)
        if one.raw["state"] == "ready" and not one.raw["draft"] and not self.locked and not one.was_live:
            one.was_live = True
            self.stored.published = one.raw["id"]

    def get_deploy(self, request: Request, _: bytes) -> Response:
        one = self.stored.deploys.get(request.path_params["id"])
        if one is None:
            return problem(404, "Not Found")
        self.advance(one)
        return JSONResponse(one.raw)

    def upload(self, request: Request, body: bytes) -> Response:
        one = self.stored.deploys[request.path_params["id"]]
        sha = one.files.get(f"/{request.path_params['path']}")
        if request.headers.get("content-type") != "application/octet-stream":
            return problem(415, "application/octet-stream is needed")
        if sha is None or hashlib.sha1(body, usedforsecurity=False).hexdigest() != sha:
            return problem(422, "the file is not what was announced")
        self.stored.files[sha] = body
        one.required.discard(sha)
        if not one.required:
            one.raw["state"], one.left = "uploaded", ["processing", "ready"]
        path = f"/{request.path_params['path']}"
        return JSONResponse({"id": path, "path": path, "sha": sha})

    def restore(self, request: Request, _: bytes) -> Response:
        one = self.stored.deploys.get(request.path_params["id"])
        if one is None or one.raw["state"] != "ready":
            return problem(404, "Not Found")
        self.stored.published = one.raw["id"]
        return JSONResponse(one.raw)

    def delete(self, request: Request, _: bytes) -> Response:
        if request.path_params["id"] == self.stored.published:
            return problem(422, "a published deploy cannot be deleted")
        return Response(status_code=204 if self.stored.deploys.pop(request.path_params["id"], None) else 404)

    def visit(self, request: Request, _: bytes) -> Response:
        assert "authorization" not in request.headers
        one = self.stored.deploys.get(request.path_params.get("id") or self.stored.published or "")
        sha = one.files.get(f"/{request.path_params['path']}") if one and one.raw["state"] == "ready" else None
        return Response(self.stored.files[sha]) if sha else Response("Not Found", 404)

    def live(self) -> dict[str, bytes]:
        """What is published, without its index."""
        files = self.stored.deploys[self.stored.published].files if self.stored.published else {}
        return {path: self.stored.files[sha] for path, sha in files.items() if path != "/releases/files.json"}

    def put_by_hand(self, files: dict[str, bytes], title: str | None = None) -> None:
        """Publish as somebody else would."""
        shas = {path: hashlib.sha1(content, usedforsecurity=False).hexdigest() for path, content in files.items()}
        self.stored.files |= {sha: files[path] for path, sha in shas.items()}
        identity = self.stored.new_id()
        raw = {"id": identity, "state": "ready", "title": title, "created_at": "2026-11-20T00:00:00Z"}
        self.stored.deploys[identity] = Deployed(raw, shas)
        self.stored.published = identity


def problem(status: int, message: str, **headers: str) -> Response:
    """An error as Netlify tells it."""
    return JSONResponse({"code": status, "message": message}, status, headers)
