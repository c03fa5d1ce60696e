"""Live answers compared with what was published: each probe is asked as its client would ask.

An edge may minify HTML and fills in tokens, so HTML is known by its marker, JSON is compared as data and Markdown as
text, with every token standing for whatever text was filled in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import RemoteFailed
from ..model import PROFILES
from ..rendering.marker import marker_of
from .expected import Expectations, Expected, Probe

if TYPE_CHECKING:
    import httpx

TOKENS = PROFILES["cloudflare"].tokens
_TOKEN = re.compile("|".join(re.escape(token) for token in TOKENS))
ATTEMPTS = 3
AT_ONCE = 8
SECONDS = 20.0

Ask = Callable[[Probe], tuple[str, dict[str, str]]]
"""How to make a probe's failure happen: the path below the base URL, and headers besides Accept."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client got. ``retry_after`` is that header, empty where it is not set."""

    status: int
    media_type: str
    body: bytes
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One probe, what it should have got and what it got. ``problem`` is None where the two agree."""

    probe: Probe
    expected: Expected
    reply: Reply
    problem: str | None

    def __str__(self) -> str:
        return f"{self.probe}: {self.problem or 'as published'}"


def live(probe: Probe) -> tuple[str, dict[str, str]]:
    """How a zone of Cloudflare is asked: it shows any error of its own on request, at one path only."""
    if probe.made_by == "origin" or probe.path:
        raise ValueError("an origin's failure cannot be provoked from outside")
    return f"/cdn-cgi/error/{probe.code}", {}


def emulated(probe: Probe) -> tuple[str, dict[str, str]]:
    """How errgen's emulator is asked: it also lets its origin fail, and at any host and path."""
    headers = {"Host": probe.host} if probe.host else {}
    if probe.path:
        return probe.path, {**headers, "errgen-fail": f"{probe.made_by} {probe.code}"}
    return (f"/cdn-cgi/error/{probe.code}" if probe.made_by == "edge" else f"/origin/{probe.code}"), headers


def verify(
    base_url: str,
    probes: Iterable[Probe],
    expectations: Expectations,
    ask: Ask = live,
    *,
    report: Callable[[str], None] = lambda _: None,
    transport: httpx.BaseTransport | None = None,
) -> tuple[Row, ...]:
    """Send every probe to ``base_url`` and compare. Raises RemoteFailed where one gets no answer at all."""
    import httpx

    wanted = list(probes)
    with (
        httpx.Client(
            base_url=base_url, trust_env=False, follow_redirects=False, timeout=SECONDS, transport=transport
        ) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        rows = []
        for number, (probe, reply) in enumerate(
            zip(wanted, pool.map(lambda probe: _reply(client, probe, ask), wanted), strict=True), start=1
        ):
            expected = expectations.of(probe)
            rows.append(Row(probe, expected, reply, compare(expected, reply)))
            report(f"asked {number} of {len(wanted)}: {probe}")
        return tuple(rows)


def _reply(client: httpx.Client, probe: Probe, ask: Ask) -> Reply:
    import httpx

    path, headers = ask(probe)
    said = [("User-Agent", "errgen verify"), *(("Accept", line) for line in probe.accept)]
    said += [("Accept-Language", probe.language)] if probe.language else []
    request = client.build_request("GET", path, headers=[*headers.items(), *said])
    if not probe.accept:
        del request.headers["accept"]  # httpx adds one of its own
    problem = ""
    for _ in range(ATTEMPTS):
        try:
            response = client.send(request)
        except httpx.HTTPError as error:
            problem = str(error) or type(error).__name__
        else:
            media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Reply(response.status_code, media_type, response.content, response.headers.get("retry-after", ""))
    raise RemoteFailed(
        f"cannot be asked: {problem}", where=f"GET {request.url}", hint="check the address and the network"
    )


def compare(expected: Expected, reply: Reply) -> str | None:
    """What is wrong with ``reply``, None where nothing is."""
    if expected.kind == "passed":
        return "one of our pages was served, and this answer is not ours to change" if marker_of(reply.body) else None
    if expected.status is not None and reply.status != expected.status:
        return f"status {reply.status}, expected {expected.status}"
    if reply.media_type != expected.media_type:
        return f"type {reply.media_type or '(none)'}, expected {expected.media_type}"
    if expected.kind == "cloudflare":
        return _not_cloudflares(expected, reply.body)
    if token := _TOKEN.search(_text(reply.body)):
        return f"the token {token.group()} was not filled in"
    return _not_the_page(expected, reply.body) or _not_the_wait(expected, reply.retry_after)


def _not_the_wait(expected: Expected, found: str) -> str | None:
    wanted = str(expected.retry_after or "")
    if not wanted or found == wanted or (found and expected.own_wait):
        return None
    return f"Retry-After {found or '(none)'}, expected {wanted}"


def _not_the_page(expected: Expected, body: bytes) -> str | None:
    if expected.format == "html":
        found, wanted = marker_of(body), marker_of(expected.content)
        return None if found == wanted else f"marker {found or '(none)'}, expected {wanted} of {expected.path}"
    if expected.format == "markdown":
        return None if _fits(_text(expected.content), _text(body)) else f"the text is not that of {expected.path}"
    try:
        answer = json.loads(body)
    except ValueError:
        return "the body is not JSON"
    return _json_difference(json.loads(expected.content), answer, "")


def _json_difference(wanted: Any, found: Any, path: str) -> str | None:
    """Where two JSON values first differ; texts with tokens fit any text filled in for them."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        if list(wanted) != list(found):
            return f"members of {path or 'the document'}: {', '.join(found)}; expected {', '.join(wanted)}"
        differences = (_json_difference(wanted[key], found[key], f"{path}.{key}".lstrip(".")) for key in wanted)
        return next((one for one in differences if one), None)
    fits = _fits(wanted, found) if isinstance(wanted, str) and isinstance(found, str) else _equal(wanted, found)
    return None if fits else f"{path}: {found!r}, expected {wanted!r}"


def _equal(wanted: Any, found: Any) -> bool:
    return type(wanted) is type(found) and bool(wanted == found)


def _fits(wanted: str, found: str) -> bool:
    """Whether ``found`` is ``wanted`` with something filled in for each token."""
    return re.fullmatch(r"[^\n]+?".join(re.escape(part) for part in _TOKEN.split(wanted)), found) is not None


def _not_cloudflares(expected: Expected, body: bytes) -> str | None:
    """Cloudflare's own answers carry ``timestamp`` and ``zone``, which only it knows; its HTML lacks our marker."""
    if expected.format == "html":
        return "one of our pages was served where Cloudflare's own answer should be" if marker_of(body) else None
    if expected.format == "markdown":
        names = {line.partition(":")[0] for line in _text(body).splitlines()}
    else:
        try:
            answer = json.loads(body)
        except ValueError:
            return "the body is not JSON"
        names = set(answer) if isinstance(answer, dict) else set()
    missing = {"timestamp", "zone"} - names
    return f"not Cloudflare's live answer: it has no {' and no '.join(sorted(missing))}" if missing else None


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
