"""Proof that a page can be fetched where an edge will fetch it: HTTP 200 and exactly our bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING

from ..certificates import trusted
from ..errors import RemoteFailed
from ..parallel import in_parallel

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 3
AT_ONCE = 8
SECONDS = 20.0
Prove = Callable[[Iterable[tuple[str, str]]], None]


class NotReached(RemoteFailed):
    """A page's address gave no answer at all."""


class NotThere(RemoteFailed):
    """There is no page at its address, or it is not for everybody."""


def prover(
    *, sleep: Callable[[float], None], report: Callable[[str], None], transport: httpx.BaseTransport | None = None
) -> Prove:
    """Gives the function that proves pairs of URL and SHA-256, and raises RemoteFailed for the first that fails.

    AT_ONCE of them at a time; one after the other through a ``transport`` that is given.
    """

    def prove(pages: Iterable[tuple[str, str]]) -> None:
        wanted = list(pages)
        over = Event()

        def begun() -> Iterator[tuple[str, str]]:
            for number, page in enumerate(wanted, start=1):
                report(f"proving {number} of {len(wanted)}: {page[0]}")
                yield page

        def pause(seconds: float) -> None:
            if over.is_set():
                raise NotReached("was not proved: another page has failed before", where="GET")
            sleep(seconds)

        with _client(transport) as client:
            at_once = AT_ONCE if transport is None else 1
            in_parallel(lambda page: _prove(client, *page, pause), begun(), at_once, lambda *_: None, over.set)

    return prove


def failures(
    pages: Iterable[tuple[str, str]],
    *,
    sleep: Callable[[float], None],
    report: Callable[[str], None],
    transport: httpx.BaseTransport | None = None,
) -> Iterator[RemoteFailed]:
    """What is wrong with each of ``pages``, in their order; nothing of those that are right.

    Raises NotReached for the first that gives no answer, since others at the same host would take as long to tell.
    """
    wanted = list(pages)
    with _client(transport) as client, ThreadPoolExecutor(AT_ONCE) as pool:

        def failure(page: tuple[str, str]) -> RemoteFailed | None:
            try:
                _prove(client, *page, sleep)
            except NotReached:
                raise
            except RemoteFailed as failed:
                return failed
            return None

        for number, failed in enumerate(pool.map(failure, wanted), start=1):
            report(f"proved {number} of {len(wanted)}: {wanted[number - 1][0]}")
            if failed:
                yield failed


def _client(transport: httpx.BaseTransport | None) -> httpx.Client:
    """No proxy and no .netrc: what is proved is what anybody gets. A redirect is not the page."""
    import httpx

    return httpx.Client(verify=trusted(), trust_env=False, follow_redirects=False, timeout=SECONDS, transport=transport)


def _prove(client: httpx.Client, url: str, sha256: str, sleep: Callable[[float], None]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        response, problem = _get(client, url)
        if response is not None and response.status_code < 500:
            break
        if attempt < ATTEMPTS:
            sleep(float(attempt))
    where = f"GET {url}"
    if response is None:
        raise NotReached(
            f"cannot be reached: {problem}",
            where=where,
            hint="check public_url of the host in errgen.toml, and that its server is running and reachable",
        )
    status = response.status_code
    if status in (401, 403):
        hint = "the page was uploaded but is not public: allow anonymous reading below the prefix (bucket policy, CDN)"
        raise NotThere(f"answered {status}", where=where, hint=hint)
    if status == 404:
        hint = "the page was uploaded but is not at this address: check public_url (and prefix) of the host"
        raise NotThere("answered 404", where=where, hint=hint)
    if 300 <= status < 400:
        to = response.headers.get("location", "nowhere")
        raise RemoteFailed(f"answered {status}, to {to}", where=where, hint="write the final address as public_url")
    if status != 200:
        raise RemoteFailed(f"answered {status}", where=where, hint="check the server behind public_url of the host")
    found = hashlib.sha256(response.content).hexdigest()
    if found != sha256:
        raise RemoteFailed(
            f"answered other bytes than were uploaded: {len(response.content)} bytes with SHA-256 {found[:12]}, "
            f"expected {sha256[:12]}",
            where=where,
            hint="check that public_url leads to this very host, and that nothing (a cache, a minifier, somebody "
            "else's page) changes what it serves",
        )


def _get(client: httpx.Client, url: str) -> tuple[httpx.Response | None, str]:
    import httpx

    try:
        return client.get(url), ""
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return None, str(error) or type(error).__name__
