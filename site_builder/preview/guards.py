"""Who may ask the preview: the browser on this machine, for pages of the preview itself.

A web page elsewhere can have a browser send requests here. Its own name for this machine is refused by Host (which
stops DNS rebinding), what it sends or embeds by Origin and by what browsers say of a request (Fetch Metadata, W3C). A
link to the preview may be followed from anywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.datastructures import Headers
    from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL_NAMES = ("127.0.0.1", "localhost", "[::1]")
JSON = "application/json"
"""What is sent has this type, which a form of another website cannot give it."""
NOT_FRAMED = (
    (b"content-security-policy", b"frame-ancestors 'self'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def guarded(app: ASGIApp) -> ASGIApp:
    """``app``, behind these refusals."""
    from starlette.datastructures import Headers
    from starlette.responses import PlainTextResponse

    async def respond(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = refused(scope["method"], headers)
        if refusal:
            status, text = refusal
            await PlainTextResponse(f"{text}\n", status)(scope, receive, send)
            return

        async def send_guarded(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *NOT_FRAMED]}  # type: ignore[misc]  # ASGI's list
            await send(message)

        await app(scope, receive, send_guarded)  # type: ignore[arg-type]  # ASGI's messages are any mappings

    return respond


def refused(method: str, headers: Headers) -> tuple[int, str] | None:
    """The status and the reason with which a request is refused; None where it is not."""
    host = headers.get("host", "")
    if host.rpartition(":")[0] not in LOCAL_NAMES and host not in LOCAL_NAMES:
        return 421, "this preview answers on 127.0.0.1 and localhost only"
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return 403, "this preview answers its own web pages only"
    followed = (
        method == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest", "document") == "document"
    )
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none") and not followed:
        return 403, "this preview answers its own web pages only"
    if method == "POST" and headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        return 415, f"what is sent to this preview is {JSON}"
    return None
