from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from site_builder.edges._clients import CLIENTS
from site_builder.errors import RemoteFailed
from site_builder.publishing.expected import Expectations, Expected, Probe, probes
from site_builder.publishing.reply import Reply, compare
from site_builder.publishing.verify import emulated, verify
from site_builder.rendering.marker import marker_of
from site_builder.serving import running

from .world import World, build

ONE, TWO = build("1"), build("2")
HTML = ONE.read("pages/cloudflare/en/404.html")
JSON = b'{"title": "T", "ray_id": "::RAY_ID::", "n": 1, "ok": true, "nested": {"ip": "from ::CLIENT_IP::."}}'
MARKDOWN = b'---\nray_id: "::RAY_ID::"\n---\n\n# Title (1+1)\n'


def expected(form: str, content: bytes = b"", *, kind: str = "page", status: int | None = 404) -> Expected:
    types = {"html": "text/html", "json": "application/json", "markdown": "text/plain"}
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
        ('{"title": "T", "ray_id": "r", "n": 1, "nested": {"ip": "from x."}}', "members of the document: title, ray"),
        ('{"title": "T", "ray_id": "r", "n": 1, "ok": true, "nested": {}}', "members of nested: ; expected ip"),
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
    """A server that answers with the Accept lines that it got."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await Response(json.dumps([request.url.path, request.headers.getlist("accept")]))(scope, receive, send)

    with running(app) as url:
        yield url


def test_clients_send_exactly_their_accept_lines(world: World) -> None:
    expectations = world.expectations(ONE)
    wanted = [
        Probe(500, "edge", "x", accept, path="/errgen-probe?x=1")
        for accept in [(), ("*/*",), ("text/html", "application/json")]
    ]
    with echoing() as url:
        rows = verify(url, wanted, expectations)
    assert [json.loads(row.reply.body) for row in rows] == [["/errgen-probe", list(probe.accept)] for probe in wanted]


def test_a_site_that_does_not_answer(world: World) -> None:
    with pytest.raises(RemoteFailed) as caught:
        verify("http://127.0.0.1:9", [Probe(500, "edge", "x", (), path="/cdn-cgi/error/500")], world.expectations(ONE))
    assert caught.value.where == "GET http://127.0.0.1:9/cdn-cgi/error/500"
    assert "cannot be asked" in caught.value.message
