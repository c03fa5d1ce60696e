"""One call of Cloudflare's API: sent by the official SDK at the right time, tried again where that is safe.

The SDK repeats writes on its own, follows redirects, and reads credentials and proxies from the environment. All of
that is turned off here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ...certificates import trusted
from ...interrupts import waiting
from .pacing import Pace, WaitInterrupted
from .replies import CallFailed, Reader, Reply

if TYPE_CHECKING:
    import httpx
    from cloudflare import Cloudflare
    from cloudflare._response import APIResponse

API_VERSION = "2026-11-01"
"""Sent as ``api-version``. The SDK would send today's date, so that requests would change with the calendar."""

ATTEMPTS = 4
FIRST_PAUSE = 1.0
"""Seconds before the second attempt, twice as many before each one after it, unless an answer asks for others."""

LONGEST_PAUSE = 3600.0
"""Seconds. Cloudflare blocks a token for five minutes when it has made too many calls; who asks for more than an hour
means tomorrow, and nobody expects a command to last until then."""

TOLD = 1.0
"""Seconds. Shorter waits of the pace are not worth a word."""

Done = TypeVar("Done")
Send = Callable[[], "APIResponse[Any]"]


class Calls:
    """Sends calls at ``pace`` and decides what may be sent again. ``report`` is told before each pause.

    Ctrl-C ends a pause at once, and so does ``close`` from another thread. ``sleep`` of None is for real.
    """

    def __init__(
        self,
        token: str,
        base_url: str,
        *,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], object] | None,
        now: Callable[[], datetime],
        report: Callable[[str], None],
        pace: Pace,
    ) -> None:
        self.sdk = _open_sdk(token, base_url, transport)
        self._reader = Reader(self.sdk.base_url.path, token, now)
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait
        self._report = report
        self._pace = pace

    def close(self) -> None:
        """Close the connections, and end what waits to use them."""
        self._closed.set()
        self.sdk.close()

    def hurry(self) -> None:
        """End what waits to send a call, in whichever thread, and let nobody wait any more."""
        self._closed.set()

    def once(self, send: Send) -> Reply:
        """Send one call when its time has come. Raises CallFailed, and WaitInterrupted for Ctrl-C before that."""
        from cloudflare import APIConnectionError, APIStatusError

        seconds = self._pace.reserve()
        if seconds >= TOLD:
            self._report(f"waiting {seconds:.0f} s: Cloudflare limits how many calls a token makes in five minutes")
        self._wait(seconds, nothing_done=True)
        try:
            response = send().http_response
        except APIStatusError as error:
            response = error.response
        except APIConnectionError as error:
            raise self._reader.no_answer(error.request, error.__cause__ or error) from error
        self._pace.heed(response.headers)
        return self._reader.read(response)

    def patiently(self, send: Send) -> Reply:
        """Send a call that changes nothing, and again while its failures look as if they passed."""
        for attempt in range(1, ATTEMPTS):
            try:
                return self.once(send)
            except CallFailed as failure:
                if not failure.passing:
                    raise
                self._pause(failure, attempt)
        return self.once(send)

    def carefully(self, send: Send, look: Callable[[], Done | None], read: Callable[[Reply], Done]) -> Done:
        """Send a write. After a failure that leaves its fate open, ``look`` tells whether it was carried out.

        It is sent again only where it was not. The CallFailed that this raises says ``may_have_happened`` only where
        looking failed too.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return read(self.once(send))
            except CallFailed as failure:
                if not failure.passing and not failure.may_have_happened:
                    raise
                if failure.passing and (attempt < ATTEMPTS or failure.may_have_happened):
                    self._pause(failure, attempt)
                if failure.may_have_happened:
                    try:
                        done = look()
                    except WaitInterrupted as interrupt:
                        raise KeyboardInterrupt from interrupt  # its fate stays open
                    except CallFailed as second:
                        failure.hint = f"looking whether it was carried out failed too ({second}); {failure.hint}"
                        raise failure from second
                    if done is not None:
                        return done
                    failure.may_have_happened = False
                if not failure.passing or attempt == ATTEMPTS:
                    raise
        raise AssertionError("unreachable")

    def _pause(self, failure: CallFailed, attempt: int) -> None:
        """Wait before the next attempt: as long as the answer asks, and then all clients of the token wait."""
        if self._closed.is_set():
            raise failure
        seconds = failure.pause if failure.pause is not None else FIRST_PAUSE * 2 ** (attempt - 1)
        if seconds > LONGEST_PAUSE:
            failure.hint = f"Cloudflare asks to wait {seconds:.0f} seconds; run the same command again after that"
            raise failure
        self._report(f"{failure.where} {failure.message}; trying again in {seconds:.0f} s")
        if failure.pause is not None:
            self._pace.hold(seconds)
        self._wait(seconds, nothing_done=not failure.may_have_happened)

    def _wait(self, seconds: float, *, nothing_done: bool) -> None:
        if seconds <= 0:
            return
        try:
            with waiting():
                self._sleep(seconds)
        except KeyboardInterrupt as interrupt:
            if nothing_done:
                raise WaitInterrupted from interrupt
            raise
        if self._closed.is_set():
            raise CallFailed("was not sent: nobody waits for it any more", where="Cloudflare")


def _open_sdk(token: str, base_url: str, transport: httpx.BaseTransport | None) -> Cloudflare:
    from cloudflare import Cloudflare, DefaultHttpxClient

    client = DefaultHttpxClient(verify=trusted(), trust_env=False, follow_redirects=False, transport=transport)
    sdk = Cloudflare(api_token=token, base_url=base_url, api_version=API_VERSION, max_retries=0, http_client=client)
    # The constructor fills these from the environment, where they would win over the token.
    sdk.api_key = None
    sdk.api_email = None
    sdk.user_service_key = None
    return sdk
