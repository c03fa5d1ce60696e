"""Live answers compared with what was published: each probe is asked as its client would ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..certificates import trusted
from ..errors import RemoteFailed
from ..model import Manifest
from .expected import Answers, Expected, Probe
from .reply import Difference, PageWith, Reply, compare, mark_of
from .target import Read

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 3
AT_ONCE = 8
SECONDS = 20.0
CODINGS = ("gzip", "br")
"""What is asked for by Accept-Encoding, as browsers do. Cloudflare applies no Error Page where it is not set."""

USER_AGENTS: Mapping[str, str] = {
    "browser": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
"""By kind of client; firewalls and error rules may look at it. All others say who they are."""

Ask = Callable[[Probe], tuple[str, dict[str, str]]]
"""How to make a probe's failure happen: the path at the edge, and headers besides those of the client."""


@dataclass(frozen=True, slots=True)
class Row:
    """One probe, what it should have got and what it got. ``difference`` is None where the two agree."""

    probe: Probe
    expected: Expected
    reply: Reply
    difference: Difference | None

    @property
    def problem(self) -> str | None:
        """What is wrong, in words."""
        return self.difference.fact if self.difference else None

    def __str__(self) -> str:
        return f"{self.probe}: {self.problem or 'as published'}"


def live(probe: Probe) -> tuple[str, dict[str, str]]:
    """How a live edge is asked: at the probe's own path, where the edge or the website makes the failure happen."""
    return probe.path, {}


def emulated(probe: Probe) -> tuple[str, dict[str, str]]:
    """How errgen's emulator is asked: it also lets its origin fail, and at any host and path."""
    headers = {"Host": probe.host} if probe.host else {}
    if probe.path:
        return probe.path, {**headers, "errgen-fail": f"{probe.made_by} {probe.code}"}
    return (f"/cdn-cgi/error/{probe.code}" if probe.made_by == "edge" else f"/origin/{probe.code}"), headers


def verify(
    url: str,
    probes: Iterable[Probe],
    expectations: Answers,
    ask: Ask = live,
    *,
    page_with: PageWith = lambda _: None,
    report: Callable[[str], None] = lambda _: None,
    transport: httpx.BaseTransport | None = None,
) -> tuple[Row, ...]:
    """Send every probe to the server of ``url`` and compare. Raises RemoteFailed where one gets no answer at all."""
    import httpx

    wanted = list(probes)
    address = urlsplit(url)
    with (
        httpx.Client(
            base_url=f"{address.scheme}://{address.netloc}",
            verify=trusted(),
            trust_env=False,
            follow_redirects=False,
            timeout=SECONDS,
            transport=transport,
        ) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        rows = []
        for number, (probe, reply) in enumerate(
            zip(wanted, pool.map(lambda probe: _reply(client, probe, ask), wanted), strict=True), start=1
        ):
            expected = expectations.of(probe)
            rows.append(Row(probe, expected, reply, compare(expected, reply, page_with)))
            report(f"asked {number} of {len(wanted)}: {probe}")
        return tuple(rows)


def compared_anew(rows: Iterable[Row], answers: Answers, page_with: PageWith) -> tuple[Row, ...]:
    """The replies of ``rows`` compared with other ``answers`` than those that were expected."""
    found = []
    for row in rows:
        expected = answers.of(row.probe)
        found.append(Row(row.probe, expected, row.reply, compare(expected, row.reply, page_with)))
    return tuple(found)


def _reply(client: httpx.Client, probe: Probe, ask: Ask) -> Reply:
    import httpx

    path, headers = ask(probe)
    said = [("User-Agent", USER_AGENTS.get(probe.client, "errgen verify")), ("Accept-Encoding", ", ".join(CODINGS))]
    said += [("Accept", line) for line in probe.accept]
    said += [("Accept-Language", probe.language)] if probe.language else []
    request = client.build_request("GET", path, headers=[*headers.items(), *said])
    if not probe.accept:
        del request.headers["accept"]  # httpx adds one of its own
    problem = ""
    for _ in range(ATTEMPTS):
        try:
            return _read(client.send(request, stream=True))
        except httpx.HTTPError as error:
            problem = str(error) or type(error).__name__
    raise RemoteFailed(
        f"cannot be asked: {problem}", where=f"GET {request.url}", hint="check the address and the network"
    )


def _read(response: httpx.Response) -> Reply:
    """The whole answer, its body decoded as the answer says (RFC 9110 section 8.4)."""
    import httpx

    coding = response.headers.get("content-encoding", "")
    unasked = {one.strip().lower() for one in coding.split(",")} - {*CODINGS, "x-gzip", "identity", ""}
    unreadable = f"the body is in {coding}, which was not asked for" if unasked else ""
    body = b""
    try:
        body = response.read()
    except httpx.DecodingError:
        unreadable = f"the body is not in {coding}, as Content-Encoding says"
    finally:
        response.close()
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    headers = {name: tuple(response.headers.get_list(name)) for name in response.headers}
    return Reply(response.status_code, media_type, body, headers, unreadable)


def page_finder(manifest: Manifest, read: Read, profile: str) -> PageWith:
    """Finds the page of ``profile`` that has a mark. Pages are not read before the first question."""
    known: dict[str, str] = {}

    def find(mark: str) -> str | None:
        if not known:
            for file in manifest.files:
                if file.format in ("html", "json") and file.profile == profile:
                    known.setdefault(mark_of(read(file.path), file.format), file.path)
            known.pop("", None)
        return known.get(mark)

    return find
