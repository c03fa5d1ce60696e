"""One call of Netlify's API: sent with httpx, paced by its own headers, tried again where that is safe, put into words.

Limits: 500 calls a minute for each token, with X-RateLimit-Remaining and -Reset (Unix time) on each answer; 3 deploys
a minute and 100 a day. A 429 is waited out. Errors are ``{"code": …, "message": …}``
(docs.netlify.com/api-and-cli-guides/api-guides/get-started-with-api).
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..certificates import trusted
from ..errors import RemoteFailed

if TYPE_CHECKING:
    import httpx

API = "https://api.netlify.com/api/v1"
ATTEMPTS = 5
LONGEST_PAUSE = 300.0
_SECONDS = 60.0  # for one answer

_LOGIN_HINT = (
    "make a personal access token at https://app.netlify.com/user/applications (allow it for the team, where that logs "
    "in by SAML) and set NETLIFY_AUTH_TOKEN to it"
)
_CLOSED_HINT = (
    "the site is closed to visitors, by a password or to the team alone, and so are its error pages: open it in "
    "Netlify's dashboard (Visitor access)"
)
_BUSY_HINT = "run the same command again later; what is uploaded already is not sent twice"
_HINTS: Mapping[int, str] = {
    401: _LOGIN_HINT,
    403: "the token's owner may not do this: let somebody with the role Developer or Owner make one for this site",
    404: "check site in the host's table: it is the site's id, its name, or one of its domains",
    422: "these are Netlify's own words; check the site's settings against them",
    429: _BUSY_HINT,
}


class NetlifyCalls:
    """Sends calls for one token. ``sleep`` and ``now`` (Unix time) are given by tests. Safe for several threads."""

    def __init__(self, environ: Mapping[str, str], *, sleep: Callable[[float], None], now: Callable[[], float]) -> None:
        import httpx

        self._base = (environ.get("NETLIFY_API_URL") or API).rstrip("/")
        self._token = environ.get("NETLIFY_AUTH_TOKEN") or ""
        self._sleep = sleep
        self._now = now
        # No proxy of the environment and no .netrc: a token goes to Netlify and nowhere else.
        self._client = httpx.Client(
            verify=trusted(), trust_env=False, timeout=_SECONDS, headers={"User-Agent": "errgen"}
        )
        weakref.finalize(self, self._client.close)  # hosts are not closed by those who use them

    def get(self, path: str) -> Any:
        """The parsed answer."""
        return self._json("GET", path)

    def get_all(self, path: str) -> list[Any]:
        """Every entry of a list, over all its pages."""
        found: list[Any] = []
        url: str | None = path
        while url is not None:
            response = self._patiently("GET", url)
            found += self._read("GET", path, response, list)
            url = response.links.get("next", {}).get("url")
        return found

    def post(self, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """The parsed answer. May be sent twice where an answer was lost: only for what does the same twice."""
        return self._json("POST", path, content=json.dumps(content or {}).encode(), media_type="application/json")

    def put(self, path: str, content: bytes) -> None:
        """Store bytes. The answer is the stored file, or else a deploy would wait for it in vain."""
        self._json("PUT", path, content=content, media_type="application/octet-stream")

    def delete(self, path: str) -> None:
        """Delete; what is gone already is no failure."""
        self._patiently("DELETE", path, expected=(404,))

    def page(self, url: str) -> bytes | None:
        """The bytes of a public page, asked for without the token; None where there is none."""
        response = self._patiently("GET", url, expected=(404,), token=False)
        return None if response.status_code == 404 else response.content

    def _json(self, method: str, path: str, **sent: Any) -> Any:
        return self._read(method, path, self._patiently(method, path, **sent), dict)

    def _read(self, method: str, path: str, response: httpx.Response, kind: type) -> Any:
        try:
            parsed = response.json()
        except ValueError:
            parsed = None
        objects = parsed if isinstance(parsed, list) else [parsed]
        # Sites, deploys and files have an id; a gateway that answers 200 to tell of a failure has none to give.
        if not isinstance(parsed, kind) or not all(isinstance(one, dict) and one.get("id") for one in objects):
            raise RemoteFailed(
                "the answer is not one of Netlify's",
                where=f"{method} {path}",
                hint="check NETLIFY_API_URL, and that no proxy is in between",
            )
        return parsed

    def _patiently(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        media_type: str = "",
        expected: tuple[int, ...] = (),
        token: bool = True,
    ) -> httpx.Response:
        """Send, and again while failures look as if they passed."""
        import httpx

        if token and not self._token:
            raise RemoteFailed("NETLIFY_AUTH_TOKEN is not set", where="Netlify", hint=_LOGIN_HINT)
        url = path if "://" in path else f"{self._base}{path}"
        where = f"{method} {path}"
        headers = {"Authorization": f"Bearer {self._token}"} if token and url.startswith(self._base) else {}
        if media_type:
            headers["Content-Type"] = media_type
        for attempt in range(1, ATTEMPTS + 1):
            pause: float | None = float(2**attempt)
            try:
                response = self._client.request(method, url, content=content, headers=headers)
            except httpx.HTTPError as error:
                reason = str(error) or type(error).__name__
                failure = RemoteFailed(f"cannot be reached: {reason}", where=where, hint=_BUSY_HINT)
            else:
                if response.is_success or response.status_code in expected:
                    self._pace(response)
                    return response
                failure = _failure(response, where, self._token)
                if not token and response.status_code in (401, 403):
                    failure.hint = _CLOSED_HINT
                pause = self._pause(response, attempt)
            if pause is None or attempt == ATTEMPTS:
                raise failure
            self._wait(pause, failure)
        raise AssertionError("unreachable")

    def _pause(self, response: httpx.Response, attempt: int) -> float | None:
        """How many seconds to wait before the next try; None where trying again would not help."""
        status = response.status_code
        asked = response.headers.get("Retry-After", "")
        if asked.isdecimal():
            return float(asked)
        if status == 429:
            return self._until_reset(response) or float(5 * 2**attempt)
        # An empty 401 now and then is known of uploads (answers.netlify.com, topic 3309).
        passing = status >= 500 or status == 408 or (status == 401 and not response.content)
        return float(2**attempt) if passing else None

    def _pace(self, response: httpx.Response) -> None:
        """Wait where this call was the last of its minute."""
        if response.headers.get("X-RateLimit-Remaining") == "0" and (seconds := self._until_reset(response)):
            self._sleep(min(seconds, LONGEST_PAUSE))

    def _until_reset(self, response: httpx.Response) -> float:
        reset = response.headers.get("X-RateLimit-Reset", "")
        return max(0.0, float(reset) - self._now()) if reset.isdecimal() else 0.0

    def _wait(self, seconds: float, failure: RemoteFailed) -> None:
        if seconds > LONGEST_PAUSE:
            failure.hint = f"Netlify asks to wait {seconds:.0f} seconds; run the same command again after that"
            raise failure
        self._sleep(seconds)


def _failure(response: httpx.Response, where: str, token: str) -> RemoteFailed:
    """In the service's own words, but for the token, which it might repeat."""
    status = response.status_code
    try:
        said = str(response.json()["message"]).replace(token or "\0", "…")
    except (ValueError, KeyError, TypeError):
        said = ""
    hint = _HINTS.get(status, _BUSY_HINT)
    return RemoteFailed(f"answered {status}{f': {said}' if said else ''}", where=where, hint=hint)
