from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import brotli  # type: ignore[import-untyped]  # it comes without types
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from site_builder.edges._clients import BROWSER, CLIENTS
from site_builder.errors import RemoteFailed
from site_builder.publishing.expected import Expectations, Expected, Probe, probes
from site_builder.publishing.reply import Reply, compare
from site_builder.publishing.verify import USER_AGENTS, emulated, page_finder, verify
from site_builder.rendering.marker import marker_of
from site_builder.serving import running

from .world import WITH_MAINTENANCE, Built, World, build

ONE, TWO = build("1"), build("2")
HTML = ONE.read("pages/cloudflare/en/404.html")
JSON = b'{"title": "T", "ray_id": "::RAY_ID::", "n": 1, "ok": true, "nested": {"ip": "from ::CLIENT_IP::."}}'
MARKDOWN = b'---\nray_id: "::RAY_ID::"\n---\n\n# Title (1+1)\n'


def expected(form: str, content: bytes = b"", *, kind: str = "page", status: int | None = 404) -> Expected:
    types = {"html": "text/html", "json": "application/json", "markdown": "text/plain"}
    if kind == "cloudflare":
        types["markdown"] = "text/markdown"
    return Expected(kind, form, "own", status, types[form], "pages/x", content)  # type: ignore[arg-type]


def fact(wanted: Expected, reply: Reply) -> str | None:
    """What is wrong with a reply; the next step is said by each of them."""
    found = compare(wanted, reply)
    assert found is None or found.hint
    return found.fact if found else None


def html(body: bytes, status: int = 404, media_type: str = "text/html") -> Reply:
    return Reply(status, media_type, body)


FILLED = HTML.replace(b"::RAY_ID::", b"9140785570e00458")


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (html(FILLED), None),
        (html(b" ".join(FILLED.split()).replace(b'"', b"")), None),  # as a minifier leaves it
        (html(FILLED, status=200), "status 200, expected 404"),
        (html(FILLED, media_type=""), "type (none), expected text/html"),
        (html(HTML), "the token ::RAY_ID:: was not filled in"),
        (html(b"<h1>nothing of ours</h1>"), f"marker (none), expected {marker_of(HTML)} of pages/x"),
        (
            html(TWO.read("pages/cloudflare/en/404.html").replace(b"::RAY_ID::", b"1")),
            f"marker {marker_of(TWO.read('pages/cloudflare/en/404.html'))}, expected {marker_of(HTML)} of pages/x",
        ),
    ],
)
def test_html_is_known_by_its_marker(reply: Reply, problem: str | None) -> None:
    assert fact(expected("html", HTML), reply) == problem


@pytest.mark.parametrize(
    ("found", "own", "problem"),
    [
        ("60", False, None),
        ("", False, "Retry-After (none), expected 60"),
        ("7", False, "Retry-After 7, expected 60"),
        ("7", True, None),  # a rate limit's own
        ("", True, "Retry-After (none), expected 60"),
    ],
)
def test_a_page_that_says_when_to_try_again_has_the_header(found: str, own: bool, problem: str | None) -> None:
    wanted = replace(expected("html", HTML), retry_after=60, own_wait=own)
    assert fact(wanted, replace(html(FILLED), headers={"retry-after": (found,)})) == problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('{"title": "T", "ray_id": "r", "n": 1, "ok": true, "nested": {"ip": "from ::1."}}', None),
        ('{"title":"T","ray_id":"r","n":1,"ok":true,"nested":{"ip":"from 192.0.2.1."}}', None),
        ('{"title": "T", "ray_id": "", "n": 1, "ok": true, "nested": {"ip": "from x."}}', "ray_id: '', expected"),
        ('{"title": "T", "ray_id": "r", "n": 1, "ok": true, "nested": {"ip": "of x."}}', "nested.ip: 'of x.'"),
        ('{"title": "T", "ray_id": "r", "n": 1.0, "ok": true, "nested": {"ip": "from x."}}', "n: 1.0, expected 1"),
        ('{"title": "T", "ray_id": "r", "n": true, "ok": true, "nested": {"ip": "from x."}}', "n: True, expected 1"),
        ('{"title": "T", "ray_id": "r", "n": 1, "nested": {"ip": "from x."}}', "the document lacks ok"),
        ('{"title": "T", "ray_id": "r", "n": 1, "ok": true, "nested": {}}', "nested lacks ip"),
        (
            '{"title": "T", "ray_id": "r", "ok": true, "n": 1, "nested": {"ip": "from x.", "v": 6}}',
            "the document has its members in another order",
        ),
        (
            '{"title": "T", "ray_id": "r", "n": 1, "okay": true, "nested": {}, "zone": "z"}',
            "the document lacks ok and has also okay, zone",
        ),
        ("[]", ": [], expected"),
        ("{", "the body is not JSON"),
    ],
)
def test_json_is_compared_as_data(body: str, problem: str | None) -> None:
    found = fact(expected("json", JSON), Reply(404, "application/json", body.encode()))
    assert (found is None) if problem is None else (found is not None and found.startswith(problem))


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ('---\nray_id: "9140785570e00458"\n---\n\n# Title (1+1)\n', True),
        ('---\nray_id: ""\n---\n\n# Title (1+1)\n', False),
        ('---\nray_id: "x\ny"\n---\n\n# Title (1+1)\n', False),
        ('---\nray_id: "x"\n---\n\n# Title (11)\n', False),
        ('---\nray_id: "x"\n---\n\n# Title (1+1)\n\nmore', False),
    ],
)
def test_markdown_is_compared_as_text(body: str, fits: bool) -> None:
    found = fact(expected("markdown", MARKDOWN), Reply(404, "text/plain", body.encode()))
    assert found == (None if fits else "the text is not that of pages/x")


@pytest.mark.parametrize(
    ("form", "body", "problem"),
    [
        ("json", b'{"timestamp": "t", "zone": "z"}', None),
        ("json", b'{"timestamp": "t"}', "not Cloudflare's live answer: it has no zone"),
        ("json", JSON, "not Cloudflare's live answer: it has no timestamp and no zone"),
        ("json", b"[]", "not Cloudflare's live answer: it has no timestamp and no zone"),
        ("json", b"no", "the body is not JSON"),
        ("markdown", b"---\ntimestamp: t\nzone: z\n---\n", None),
        ("markdown", b"---\nzone: z\n---\n", "not Cloudflare's live answer: it has no timestamp"),
        ("html", b"<h1>Error 1015</h1>", None),
        ("html", HTML, "one of our pages was served where Cloudflare's own answer should be"),
    ],
)
def test_cloudflare_s_own_answers(form: str, body: bytes, problem: str | None) -> None:
    wanted = expected(form, kind="cloudflare", status=None)
    assert fact(wanted, Reply(429, str(wanted.media_type), body)) == problem


def test_what_is_not_ours_to_change() -> None:
    wanted = expected("html", kind="passed")
    assert fact(wanted, html(b"the origin's", status=500)) is None
    assert fact(wanted, html(FILLED)) == "one of our pages was served, and this answer is not ours to change"


def test_probes_cover_every_code_and_kind_of_client() -> None:
    every = list(probes(ONE.manifest, {}))
    assert {(probe.code, probe.made_by) for probe in every} == {
        (400, "edge"), (400, "origin"), (404, "edge"), (404, "origin"), (499, "edge"), (499, "origin"),
        (500, "edge"), (500, "origin"), (599, "edge"), (599, "origin"), (1015, "edge"),
    }  # fmt: skip
    assert {probe.client for probe in every} == set(CLIENTS)
    assert {probe.made_by for probe in probes(ONE.manifest, {}, ["edge"])} == {"edge"}
    assert str(every[0]) == f"400 of the edge for browser (Accept: {CLIENTS['browser'][0]})"
    assert str(every[6]) == "400 of the edge for client that does not say (Accept: not set)"


def test_expectations_come_from_the_report(world: World) -> None:
    expectations = world.expectations(ONE)

    def of(code: int, accept: str, made_by: str = "edge") -> tuple[str, str, int | None, str | None, str | None]:
        one = expectations.of(Probe(code, made_by, "x", (accept,)))  # type: ignore[arg-type]
        return one.kind, one.format, one.status, one.media_type, one.path

    assert of(404, "*/*") == ("page", "html", 404, "text/html", "pages/cloudflare/en/404.html")
    assert of(410, "*/*") == ("page", "html", 410, "text/html", "pages/cloudflare/en/4xx.html")
    assert of(500, "text/markdown") == ("page", "markdown", 500, "text/plain", "pages/cloudflare/en/5xx.md")
    assert of(500, "application/problem+json") == (
        "page", "problem", 500, "application/json", "pages/cloudflare/en/5xx.json",
    )  # fmt: skip
    assert of(1015, "*/*") == ("page", "html", None, "text/html", "pages/cloudflare/en/1015.html")
    assert of(1015, "text/markdown") == ("cloudflare", "markdown", None, "text/markdown", None)
    assert of(522, "application/problem+json") == ("cloudflare", "problem", None, "application/problem+json", None)
    assert of(522, "application/json", "origin") == ("passed", "json", None, None, None)
    assert of(1001, "*/*")[0] == "passed"
    assert of(302, "*/*")[0] == "passed"


def test_an_account_of_every_difference(world: World) -> None:
    """What visitors get before anything is published is not what is expected, and says so probe by probe."""
    report = world.expectations(ONE).report
    expectations = Expectations(ONE.manifest, report, ONE.read, "cloudflare")
    wanted = [Probe(404, "origin", "browser", ("text/html",)), Probe(1015, "edge", "agent", ("text/markdown",))]
    rows = verify(world.url, wanted, expectations, emulated)
    assert [str(row) for row in rows] == [
        f"404 of the origin for browser (Accept: text/html): marker (none), expected {marker_of(HTML)} "
        "of pages/cloudflare/en/404.html",
        "1015 of the edge for agent (Accept: text/markdown): as published",
    ]


@contextmanager
def echoing() -> Iterator[str]:
    """A server that answers with what it was asked."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        names = ("accept", "accept-language", "accept-encoding", "user-agent")
        said = {name: request.headers.getlist(name) for name in names}
        await Response(json.dumps([str(request.url.path), request.url.query, said]))(scope, receive, send)

    with running(app) as url:
        yield url


def test_clients_send_exactly_their_headers(world: World) -> None:
    expectations = world.expectations(ONE)
    wanted = [Probe(500, "edge", "x", accept, path="/a?x=1") for accept in [(), ("*/*",), ("text/html", "text/plain")]]
    wanted.append(Probe(500, "edge", "browser", ("*/*",), "de", path="/b"))
    with echoing() as url:
        rows = verify(f"{url}/below", wanted, expectations)
    assert [json.loads(row.reply.body) for row in rows] == [
        [
            probe.path.partition("?")[0],
            probe.path.partition("?")[2],
            {
                "accept": list(probe.accept),
                "accept-language": [probe.language] if probe.language else [],
                "accept-encoding": ["gzip, br"],
                "user-agent": [USER_AGENTS["browser"] if probe.client == "browser" else "errgen verify"],
            },
        ]
        for probe in wanted
    ]


BUILT = build("1", WITH_MAINTENANCE)
PUBLISH = "errgen plan shows what is not as published, and errgen publish puts it right"
BEFORE = (
    "a rule before errgen's, a Worker or a cache may answer in its place; errgen plan shows rules that were changed"
)
COMPRESSED = "browsers cannot show it: whoever replaces the body has to remove Content-Encoding, and compress once"


def filled(key: str, built: Built = BUILT) -> bytes:
    return built.read(f"pages/cloudflare/en/{key}.html").replace(b"::RAY_ID::", b"9140785570e00458")


def answer(body: bytes, status: int = 500, media_type: str = "text/html", **headers: str) -> Response:
    return Response(body, status, {name.replace("_", "-"): value for name, value in headers.items()}, media_type)


WANTED = marker_of(filled("5xx"))
NEW = filled("5xx", build("2"))
LIVE_ANSWERS = [
    # what is answered to a browser in place of the page of 5xx, what is wrong with it, and the next step
    (answer(filled("5xx")), None, None),
    (answer(gzip.compress(filled("5xx")), content_encoding="gzip"), None, None),
    (answer(brotli.compress(filled("5xx")), content_encoding="br"), None, None),
    (
        answer(filled("5xx"), 200),
        "status 200, expected 500",
        f"the page is there, and something changes its status; {PUBLISH}",
    ),
    (answer(b"<h1>Oops</h1>", 404), "status 404, expected 500", BEFORE),
    (
        answer(filled("5xx"), media_type="text/plain"),
        "type text/plain, expected text/html",
        f"{BEFORE}; {PUBLISH}",
    ),
    (answer(b"<h1>Oops</h1>"), f"marker (none), expected {WANTED} of pages/cloudflare/en/5xx.html", BEFORE),
    (
        answer(NEW),
        f"marker {marker_of(NEW)}, expected {WANTED} of pages/cloudflare/en/5xx.html",
        f"the page is errgen's and of another release; {PUBLISH}",
    ),
    (
        answer(filled("4xx")),
        "pages/cloudflare/en/4xx.html was served, expected pages/cloudflare/en/5xx.html",
        f"the rule for it is lost, or another stands before it; {PUBLISH}",
    ),
    (
        answer(filled("maintenance")),
        "pages/cloudflare/en/maintenance.html was served, expected pages/cloudflare/en/5xx.html",
        "planned work is announced: ask with --maintenance, or end it with errgen publish --no-maintenance",
    ),
    (
        answer(BUILT.read("pages/cloudflare/en/5xx.html")),
        "the token ::RAY_ID:: was not filled in",
        "the answer did not come from a rule of Cloudflare's, or it took the page as a file",
    ),
    (
        answer(filled("5xx"), content_encoding="gzip"),
        "the body is not in gzip, as Content-Encoding says",
        COMPRESSED,
    ),
    (
        answer(filled("5xx"), content_encoding="br"),
        "the body is not in br, as Content-Encoding says",
        COMPRESSED,
    ),
    (
        answer(gzip.compress(gzip.compress(filled("5xx"))), content_encoding="gzip"),
        "the body was compressed twice",
        COMPRESSED,
    ),
    (answer(b"(\xb5/\xfd", content_encoding="zstd"), "the body is in zstd, which was not asked for", COMPRESSED),
    (
        answer(b"<h1>Just a moment</h1>", 403, cf_mitigated="challenge"),
        "Cloudflare met the question with a challenge (cf-mitigated) instead of an answer",
        "let it pass: a WAF rule with the action Skip for the address that errgen asks from",
    ),
]


def test_every_way_in_which_a_live_answer_differs(world: World) -> None:
    answers = {f"/{number}": one for number, (one, _, _) in enumerate(LIVE_ANSWERS)}
    world.emulator.faults = lambda request: answers[request.path]
    wanted = [Probe(500, "edge", "browser", (BROWSER,), path=path) for path in answers]
    page_with = page_finder(BUILT.manifest, BUILT.read, "cloudflare")
    rows = verify(world.url, wanted, world.expectations(BUILT), page_with=page_with)
    found = [(row.problem, row.difference and row.difference.hint) for row in rows]
    assert found == [(problem, hint) for _, problem, hint in LIVE_ANSWERS]


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b'{"title": "T", "timestamp": "t", "zone": "z"}'),
        ("application/problem+json", b'{"title": "T", "timestamp": "t", "zone": "z"}'),
        ("text/markdown", b"---\ntimestamp: t\nzone: z\n---\n"),
    ],
)
def test_cloudflare_s_own_documents_are_known_where_ours_should_be(media_type: str, body: bytes) -> None:
    found = compare(expected("json", JSON), Reply(404, media_type, body))
    assert found is not None
    assert (found.fact, found.hint) == (
        f"Cloudflare's own {media_type} was served, expected pages/x",
        f"the rule for it is lost; {PUBLISH}",
    )


@pytest.mark.parametrize(
    ("vary", "problem"),
    [
        ((), "Vary (none), expected Accept, Accept-Language"),
        (("Accept-Encoding, accept",), "Vary Accept-Encoding, accept, expected Accept, Accept-Language"),
        (("accept", "Accept-Encoding,accept-language"), None),
        (("*",), None),
    ],
)
def test_caches_are_told_what_a_page_was_chosen_by(vary: tuple[str, ...], problem: str | None) -> None:
    wanted = replace(expected("html", HTML), vary=("Accept", "Accept-Language"))
    assert fact(wanted, replace(html(FILLED), headers={"vary": vary})) == problem


def test_a_website_that_does_not_fail_as_its_probe_says() -> None:
    found = compare(replace(expected("html", HTML), by_website=True), html(b"<h1>Welcome</h1>", 200))
    assert found is not None
    assert (found.fact, found.hint) == (
        "status 200, expected 404",
        "the website has to fail there with the status that probes names, or probes has to name another",
    )


def test_a_site_that_does_not_answer(world: World) -> None:
    with pytest.raises(RemoteFailed) as caught:
        verify("http://127.0.0.1:9", [Probe(500, "edge", "x", (), path="/cdn-cgi/error/500")], world.expectations(ONE))
    assert caught.value.where == "GET http://127.0.0.1:9/cdn-cgi/error/500"
    assert "cannot be asked" in caught.value.message
