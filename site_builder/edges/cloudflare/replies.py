"""An answer of Cloudflare's API, read raw and put into words: a result, or a failure and what may be done about it.

The SDK believes a 200 that says ``success: false`` and stumbles over a 200 that is no JSON. Both are read here instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ...errors import RemoteFailed

if TYPE_CHECKING:
    import httpx

PERMISSIONS = "«Custom Error Rules: Edit» and «Custom Pages: Edit»"
NO_ROUTE = frozenset({7000, 7003})
"""Error codes for a path that leads nowhere, as with a wrong zone id; other 404s are about the object itself."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: ``result`` and ``result_info`` of the envelope, or None and {} where there is no body."""

    result: Any
    info: Mapping[str, Any]


class CallFailed(RemoteFailed):
    """A call that did not succeed.

    ``status`` is None where no answer came; ``codes`` are Cloudflare's own, ``in_envelope`` that it spoke itself.
    ``passing`` failures are worth another try. ``may_have_happened``: a write may have been carried out all the same.
    ``pause`` is what the answer asks to wait, in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str,
        hint: str | None = None,
        status: int | None = None,
        codes: Sequence[int] = (),
        in_envelope: bool = False,
        passing: bool = False,
        may_have_happened: bool = False,
        pause: float | None = None,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.status = status
        self.codes = tuple(codes)
        self.in_envelope = in_envelope
        self.passing = passing
        self.may_have_happened = may_have_happened
        self.pause = pause

    @property
    def is_absence(self) -> bool:
        """Whether it is a 404 about the object asked for, told by Cloudflare itself, not one about the way there."""
        return self.status == 404 and self.in_envelope and not NO_ROUTE & set(self.codes)


class Reader:
    """Reads answers of the API below ``base_path``. What it says has never ``secret`` in it; ``now`` is for dates."""

    def __init__(self, base_path: str, secret: str, now: Callable[[], datetime]) -> None:
        self._base_path = base_path.rstrip("/")
        self._secret = secret
        self._now = now

    def no_answer(self, request: httpx.Request, error: BaseException) -> CallFailed:
        """The failure for a request that got none, and why."""
        import httpx

        reason = str(error) or type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            reason = "no answer in time"
        return CallFailed(
            f"Cloudflare cannot be reached: {self._plain(reason)}",
            where=self._where(request),
            hint=_UNREACHABLE,
            passing=True,
            may_have_happened=not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout),
        )

    def read(self, response: httpx.Response) -> Reply:
        """What an answer says. Raises CallFailed where that is not success."""
        status, where = response.status_code, self._where(response.request)
        if status == 204 and not response.content:
            return Reply(None, {})
        try:
            body = json.loads(response.content)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict) or "success" not in body:
            raise self._not_an_envelope(response, where)
        errors = body.get("errors")
        problems = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
        if 200 <= status < 300 and body["success"] is True:
            info = body.get("result_info")
            return Reply(body.get("result"), info if isinstance(info, dict) else {})
        said = "; ".join(self._problem(one) for one in problems) or "no reason given"
        verdict = f"answered {status}" + (" with success: false" if status < 300 else "")
        codes = [one["code"] for one in problems if isinstance(one.get("code"), int)]
        passing = status >= 500 or status in (408, 429)
        raise CallFailed(
            f"{verdict}: {said}",
            where=where,
            hint=_hint(status, codes),
            status=status,
            codes=codes,
            in_envelope=True,
            passing=passing,
            may_have_happened=status < 300 or (passing and status != 429),
            pause=self._retry_after(response),
        )

    def _not_an_envelope(self, response: httpx.Response, where: str) -> CallFailed:
        status, start = response.status_code, response.content[:200].lstrip().lower()
        if not response.content:
            what = f"answered {status} with an empty body"
        elif start.startswith(b"<"):
            what = f"answered {status} with HTML, not JSON"
        elif status < 300:
            what = f"answered {status} but the body is not valid JSON of Cloudflare's API"
        else:
            what = f"answered {status} with something that is not JSON of Cloudflare's API"
        passing = status < 300 or status >= 500 or status in (408, 429)
        return CallFailed(
            what,
            where=where,
            hint=_hint(status, ()) if passing and status >= 300 else _NOT_CLOUDFLARE,
            status=status,
            passing=passing,
            may_have_happened=passing and status != 429,
            pause=self._retry_after(response),
        )

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Seconds that the answer asks to wait: a number, or a date as RFC 9110 section 10.2.3 also allows."""
        value = response.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value)
        try:
            date = parsedate_to_datetime(value)
        except ValueError:
            return None
        return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - self._now()).total_seconds())

    def _where(self, request: httpx.Request) -> str:
        url = request.url
        query = f"?{url.query.decode()}" if url.query else ""
        return f"{request.method} {url.path.removeprefix(self._base_path)}{query}"

    def _problem(self, problem: Mapping[str, Any]) -> str:
        source = problem.get("source")
        pointer = source.get("pointer") if isinstance(source, dict) else None
        at = f" (at {self._plain(str(pointer))})" if pointer else ""
        return f"{problem.get('code', '?')} {self._plain(str(problem.get('message', '')))}{at}"

    def _plain(self, text: str) -> str:
        """``text`` as one line of bounded length without the token, which a server might repeat."""
        line = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text.replace(self._secret, "[secret]")).strip()
        return line if len(line) <= 500 else line[:499] + "…"


def unusable(where: str, what: str) -> CallFailed:
    """The failure for an answer that is well formed and still not what this call answers."""
    return CallFailed(f"the answer {what}", where=where, hint=_NOT_CLOUDFLARE)


_NOT_CLOUDFLARE = "check CLOUDFLARE_BASE_URL, and that nothing stands between this machine and Cloudflare's API"
_UNREACHABLE = "check the network (and CLOUDFLARE_BASE_URL, where it is set), then run the same command again"
_MAKE = f"at https://dash.cloudflare.com/profile/api-tokens, with {PERMISSIONS} for this zone or account"
_LOGIN = (
    "Cloudflare does not take the token in CLOUDFLARE_API_TOKEN: mistyped, expired or revoked; make one "
    f"{_MAKE}, and run: export CLOUDFLARE_API_TOKEN=…"
)
_RIGHTS = (
    "the token in CLOUDFLARE_API_TOKEN may not do this: give it its permissions, or make another, "
    f"{_MAKE}; check the zone or account in errgen.toml too"
)


def _hint(status: int, codes: Sequence[int]) -> str:
    if status == 401:
        return _LOGIN
    if status == 403:
        return _RIGHTS
    if status == 429:
        return "the token has made too many calls; wait five minutes and run the same command again"
    if status >= 500 or status == 408:
        return "Cloudflare is failing or busy; run the same command again later, it carries on where it stopped"
    if status == 404 and NO_ROUTE & set(codes):
        return "check the zone or account in errgen.toml: it is the id of 32 hex digits, not the domain"
    return "Cloudflare refuses this; what it said names the field or the limit"
