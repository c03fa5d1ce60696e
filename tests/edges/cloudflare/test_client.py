"""The SDK wrapper against the emulator, and against everything a network can answer instead."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx
import pytest

from site_builder.edges.cloudflare.client import CloudflareClient, RemoteAsset, token_of
from site_builder.edges.cloudflare.entry_point import Ruleset, same_rules
from site_builder.edges.cloudflare.pacing import Pace, WaitInterrupted
from site_builder.edges.cloudflare.replies import CallFailed
from site_builder.emulator import Emulator, Zone, create_app
from site_builder.errors import RemoteFailed
from site_builder.interrupts import deferred
from site_builder.serving import running

ZONE, ACCOUNT = "a" * 32, "c" * 32
TOKEN = "canary-token-that-is-never-shown"
PHASE = f"/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint"
ASSETS = f"/zones/{ZONE}/custom_pages/assets"
JSON = dict[str, Any]
RULE: JSON = {
    "ref": "one",
    "expression": "http.response.code eq 404",
    "action": "serve_error",
    "action_parameters": {"content": "gone", "content_type": "text/plain"},
}


class Lab:
    """A client, what it sent, what it waited, and what it said. ``answers`` go before the emulator's."""

    def __init__(self, url: str, emulator: Emulator) -> None:
        self.url = url
        self.emulator = emulator
        self.sent: list[httpx.Request] = []
        self.slept: list[float] = []
        self.said: list[str] = []
        self.answers: list[Callable[[httpx.Request], httpx.Response] | None] = []
        self._real = httpx.HTTPTransport(verify=False)  # plain HTTP only
        self._clients: list[CloudflareClient] = []
        self.pace: Pace | None = None

    def client(self, scope: Literal["zone", "account"] = "zone", id_: str = ZONE) -> CloudflareClient:
        made = CloudflareClient(
            TOKEN,
            scope,
            id_,
            base_url=f"{self.url}/client/v4",
            transport=httpx.MockTransport(self._handle),
            sleep=self.sleep,
            now=lambda: datetime(2026, 11, 21, 9, 0, tzinfo=UTC) + timedelta(seconds=sum(self.slept)),
            pace=self.pace,
            report=self.said.append,
        )
        self._clients.append(made)
        return made

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        instead = self.answers.pop(0) if self.answers else None
        return instead(request) if instead else self.send(request)

    def send(self, request: httpx.Request) -> httpx.Response:
        response = self._real.handle_request(request)
        response.read()
        return response

    def paths(self) -> list[str]:
        return [f"{one.method} {one.url.raw_path.decode().removeprefix('/client/v4')}" for one in self.sent]

    def lose(self, request: httpx.Request) -> httpx.Response:
        """Carry it out, and lose the answer."""
        self.send(request)
        raise httpx.ReadError("reset by peer", request=request)

    def close(self) -> None:
        for one in self._clients:
            one.close()
        self._real.close()


@pytest.fixture
def lab() -> Iterator[Lab]:
    emulator = Emulator([Zone(ZONE, "example.com", ACCOUNT, "enterprise")], token=TOKEN)
    with running(create_app(emulator, facts=lambda _: None)) as url:
        one = Lab(url, emulator)
        yield one
        one.close()


def answer(status: int, content: bytes | JSON = b"", **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return lambda _: httpx.Response(status, content=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


def failing(error: type[httpx.TransportError], text: str = "") -> Callable[[httpx.Request], httpx.Response]:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error(text, request=request)

    return fail


@pytest.mark.parametrize(("scope", "id_"), [("zone", ZONE), ("account", ACCOUNT)])
def test_assets_from_creation_to_deletion(lab: Lab, scope: Literal["zone", "account"], id_: str) -> None:
    client = lab.client(scope, id_)
    assert client.list_assets() == ()
    made = client.create_asset("page", f"{lab.url}/help", "what it is")
    assert (made.name, made.url, made.description) == ("page", f"{lab.url}/help", "what it is")
    assert client.get_asset("page") == made
    assert client.refetch_asset(made).last_updated > made.last_updated
    client.delete_asset("page")
    client.delete_asset("page")  # gone already
    assert client.get_asset("page") is None


def test_every_page_of_assets_is_read(lab: Lab) -> None:
    client = lab.client()
    for number in range(45):
        client.create_asset(f"page_{number}", f"{lab.url}/help", "")
    lab.sent.clear()
    assert [asset.name for asset in client.list_assets()] == [f"page_{number}" for number in range(45)]
    assert lab.paths() == [f"GET {ASSETS}?page={page}" for page in (1, 2, 3)]


def test_a_server_that_ignores_the_page_number_is_caught(lab: Lab) -> None:
    same = {"success": True, "result": [{"name": "a"}], "result_info": {"total_pages": 3}}
    lab.answers = [answer(200, same)] * 2
    with pytest.raises(CallFailed, match="the answer repeats assets of an earlier page"):
        lab.client().list_assets()


def test_the_entry_point_from_absence_on(lab: Lab) -> None:
    client = lab.client()
    assert client.errors.read() is None
    stored = client.errors.put([RULE])
    assert stored.version == "1"
    assert same_rules([RULE], stored.rules)
    client.errors.check([])  # a dry run
    assert client.errors.read() == stored
    client.errors.put([*stored.rules, {**RULE, "ref": "two"}])
    assert client.errors.version("1") == stored
    assert client.errors.version("7") is None


def test_rules_are_sent_and_read_untouched(lab: Lab) -> None:
    """Unknown fields, nulls and the order of keys survive; what the server counts is not sent back."""
    odd = {"z": None, "version": "4", "id": "x", "a": [1, {"b": None}], "last_updated": "y", "ref": "r"}
    reply = {"success": True, "result": {"version": "5", "rules": [odd]}}
    lab.answers = [answer(200, reply), answer(200, reply)]
    client = lab.client()
    found = client.errors.read()
    assert found == Ruleset("5", (odd,))
    assert found is not None
    client.errors.put(found.rules)
    assert lab.sent[1].content.replace(b" ", b"") == (b'{"rules":[{"z":null,"id":"x","a":[1,{"b":null}],"ref":"r"}]}')


def test_error_pages(lab: Lab) -> None:
    pages = lab.client().error_pages()
    assert len(pages) == 10
    assert all(page.url is None for page in pages)
    lab.answers = [
        answer(200, {"success": True, "result": [{"id": "500_errors", "state": "customized", "url": "https://x/"}]})
    ]
    assert [(page.id, page.url) for page in lab.client().error_pages()] == [("500_errors", "https://x/")]


def test_other_credentials_and_proxies_of_the_environment_are_not_used(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLOUDFLARE_API_KEY", "CLOUDFLARE_EMAIL", "CLOUDFLARE_API_USER_SERVICE_KEY", "CLOUDFLARE_API_TOKEN"):
        monkeypatch.setenv(name, "someone@else.example")
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    lab.client().errors.read()
    headers = lab.sent[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["api-version"] == "2026-11-01"
    assert not [name for name in headers if name.startswith("x-auth")]


ENVELOPE = {"success": False, "result": None}


@pytest.mark.parametrize(
    ("reply", "said", "hint"),
    [
        (
            answer(400, {**ENVELOPE, "errors": [{"code": 1, "message": "a\nb"}, {"code": 2, "message": "c"}]}),
            "answered 400: 1 a b; 2 c",
            "need Pro or above",
        ),
        (
            answer(400, {**ENVELOPE, "errors": [{"code": 3, "message": "no", "source": {"pointer": "/rules/0"}}]}),
            "answered 400: 3 no (at /rules/0)",
            "need Pro or above",
        ),
        (answer(400, {**ENVELOPE, "errors": "none"}), "answered 400: no reason given", "need Pro or above"),
        (
            answer(401, {**ENVELOPE, "errors": [{"code": 10000, "message": "Authentication error"}]}),
            "answered 401: 10000 Authentication error",
            "make one at https://dash.cloudflare.com/profile/api-tokens, with «Custom Error Rules: Edit» and "
            "«Custom Pages: Edit» for this zone or account, and run: export CLOUDFLARE_API_TOKEN=…",
        ),
        (
            answer(403, {**ENVELOPE, "errors": [{"code": 10000, "message": "Authentication error"}]}),
            "answered 403: 10000 Authentication error",
            "the token in CLOUDFLARE_API_TOKEN may not do this: give it its permissions, or make another, at "
            "https://dash.cloudflare.com/profile/api-tokens, with «Custom Error Rules: Edit» and",
        ),
        (answer(403, b"<html>blocked</html>"), "answered 403 with HTML, not JSON", "CLOUDFLARE_BASE_URL"),
        (
            answer(404, {**ENVELOPE, "errors": [{"code": 7003, "message": "no route"}]}),
            "answered 404: 7003 no route",
            "the id of 32 hex digits",
        ),
        (answer(404, b"not found"), "answered 404 with something that is not JSON", "CLOUDFLARE_BASE_URL"),
        (answer(302, b"", location="https://elsewhere"), "answered 302 with an empty body", "CLOUDFLARE_BASE_URL"),
        (
            answer(200, {**ENVELOPE, "errors": [{"code": 5, "message": f"token {TOKEN}"}]}),
            "answered 200 with success: false: 5 token [secret]",
            "names the field",
        ),
        (answer(200, {"success": True, "result": [1]}), "the answer has no ruleset in it", "CLOUDFLARE_BASE_URL"),
    ],
)
def test_refusals_are_put_into_words_and_not_repeated(
    lab: Lab, reply: Callable[[httpx.Request], httpx.Response], said: str, hint: str
) -> None:
    lab.answers = [reply]
    with pytest.raises(CallFailed) as caught:
        lab.client().errors.read()
    assert str(caught.value).startswith(f"GET {PHASE}: {said}")
    assert hint in str(caught.value.hint)
    assert (caught.value.exit_code, len(lab.sent), lab.slept) == (6, 1, [])


PASSING = [
    (answer(502, b" <!DOCTYPE html><h1>Bad"), "answered 502 with HTML, not JSON"),
    (answer(504, b""), "answered 504 with an empty body"),
    (answer(500, {**ENVELOPE, "errors": [{"code": 1, "message": "x"}]}), "answered 500: 1 x"),
    (answer(200, b'{"success": tr'), "answered 200 but the body is not valid JSON of Cloudflare's API"),
    (answer(200, b"<html>a login page</html>"), "answered 200 with HTML, not JSON"),
    (answer(200, b"[]"), "answered 200 but the body is not valid JSON of Cloudflare's API"),
    (answer(200, b"\xff\xfe"), "answered 200 but the body is not valid JSON of Cloudflare's API"),
    (failing(httpx.ConnectError, "refused"), "Cloudflare cannot be reached: refused"),
    (failing(httpx.ReadTimeout), "Cloudflare cannot be reached: no answer in time"),
    (failing(httpx.RemoteProtocolError, "gone"), "Cloudflare cannot be reached: gone"),
]


@pytest.mark.parametrize(("reply", "said"), PASSING)
def test_reading_is_tried_again(lab: Lab, reply: Callable[[httpx.Request], httpx.Response], said: str) -> None:
    lab.answers = [reply, reply, reply]
    assert lab.client().errors.read() is None
    assert (len(lab.sent), lab.slept) == (4, [1.0, 2.0, 4.0])
    assert lab.said == [f"GET {PHASE} {said}; trying again in {seconds} s" for seconds in (1, 2, 4)]


@pytest.mark.parametrize(("reply", "said"), PASSING)
def test_reading_is_given_up(lab: Lab, reply: Callable[[httpx.Request], httpx.Response], said: str) -> None:
    lab.answers = [reply] * 9
    with pytest.raises(CallFailed) as caught:
        lab.client().errors.read()
    assert str(caught.value) == f"GET {PHASE}: {said}"
    assert len(lab.sent) == 4


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("300", 300.0), ("3600", 3600.0), ("0", 0.0), ("Sat, 21 Nov 2026 09:00:42 GMT", 42.0), ("soon", 1.0)],
)
def test_a_retry_after_is_waited_out(lab: Lab, value: str, seconds: float) -> None:
    lab.answers = [answer(429, {**ENVELOPE, "errors": []}, retry_after=value)]
    lab.client().errors.read()
    assert lab.slept == ([seconds] if seconds else [])
    assert lab.said == [f"GET {PHASE} answered 429: no reason given; trying again in {seconds:.0f} s"]


def test_a_retry_after_above_an_hour_is_not(lab: Lab) -> None:
    lab.answers = [answer(429, {**ENVELOPE, "errors": []}, retry_after="3601")]
    with pytest.raises(CallFailed) as caught:
        lab.client().errors.read()
    assert caught.value.hint == "Cloudflare asks to wait 3601 seconds; run the same command again after that"
    assert lab.slept == []


def test_a_retry_after_holds_every_client_of_the_token(lab: Lab) -> None:
    lab.pace = Pace(lambda: datetime(2026, 11, 21, 9, 0, tzinfo=UTC) + timedelta(seconds=sum(lab.slept)))
    one, other = lab.client(), lab.client("account", ACCOUNT)
    lab.answers = [answer(429, {**ENVELOPE, "errors": []}, retry_after="3601")]
    with pytest.raises(CallFailed):
        one.errors.read()
    lab.answers = [answer(200, {"success": True, "result": {"rules": []}}, ratelimit='"default";r=2;t=60')]
    one.errors.read()
    other.errors.read()
    assert lab.slept == [30.0]
    assert lab.said == ["waiting 30 s: Cloudflare limits how many calls a token makes in five minutes"]


def interrupted(_: float) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_while_waiting_tells_what_has_not_happened(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "sleep", interrupted)
    lab.answers = [answer(429, {**ENVELOPE, "errors": []}, retry_after="300")]
    with pytest.raises(WaitInterrupted):
        lab.client().errors.put([RULE])
    lab.answers = [failing(httpx.ReadError)]
    with pytest.raises(KeyboardInterrupt) as caught:
        lab.client().errors.put([RULE])
    assert not isinstance(caught.value, WaitInterrupted), "the write may have been carried out"
    assert lab.paths() == [f"PUT {PHASE}"] * 2


def test_ctrl_c_while_waiting_to_look_leaves_the_fate_open(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []

    def second(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(lab, "sleep", second)
    lab.answers = [failing(httpx.ReadError), answer(429, {**ENVELOPE, "errors": []}, retry_after="300")]
    with pytest.raises(KeyboardInterrupt) as caught:
        lab.client().errors.put([RULE])
    assert not isinstance(caught.value, WaitInterrupted)
    assert naps == [1.0, 300.0]


def test_ctrl_c_ends_a_wait_in_a_block_that_puts_it_off(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "sleep", lambda _: os.kill(os.getpid(), signal.SIGINT))
    lab.answers = [answer(429, {**ENVELOPE, "errors": []}, retry_after="300")]
    with pytest.raises(WaitInterrupted), deferred(lab.said.append):
        lab.client().errors.put([RULE])
    assert "interrupted: finishing" not in " ".join(lab.said)


def test_ctrl_c_before_a_wait_ends_it_too(lab: Lab) -> None:
    def pressed(request: httpx.Request) -> httpx.Response:
        os.kill(os.getpid(), signal.SIGINT)
        return answer(429, {**ENVELOPE, "errors": []}, retry_after="300")(request)

    lab.answers = [pressed]
    with pytest.raises(WaitInterrupted), deferred(lab.said.append):
        lab.client().errors.put([RULE])
    assert lab.slept == []
    assert lab.said[0].startswith("interrupted: finishing the current request first")


def test_closing_ends_a_wait() -> None:
    waiting = threading.Event()
    client = CloudflareClient(
        TOKEN, "zone", ZONE,
        transport=httpx.MockTransport(answer(429, {**ENVELOPE, "errors": []}, retry_after="300")),
        report=lambda _: waiting.set(),
    )  # fmt: skip
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(client.errors.read)
        waiting.wait()
        client.close()
        assert "nobody waits for it any more" in str(reading.exception())


def test_a_write_whose_answer_is_lost_is_looked_for_and_not_repeated(lab: Lab) -> None:
    client = lab.client()
    lab.answers = [lab.lose]
    assert client.create_asset("page", f"{lab.url}/help", "d").name == "page"
    lab.answers = [lab.lose]
    assert client.errors.put([RULE]).version == "1"
    asset = client.get_asset("page")
    assert asset is not None
    lab.answers = [lab.lose]
    assert client.refetch_asset(asset).last_updated > asset.last_updated
    lab.answers = [lab.lose]
    client.delete_asset("page")
    assert [path.split()[0] for path in lab.paths()] == [
        "POST", "GET", "PUT", "GET", "GET", "PUT", "GET", "DELETE", "GET",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "reply",
    [answer(502, b"<h1>502</h1>"), answer(200, b"{"), answer(500, {**ENVELOPE, "errors": []}), answer(408, b"")],
)
def test_a_write_whose_answer_is_spoilt_is_looked_for_and_not_repeated(
    lab: Lab, reply: Callable[[httpx.Request], httpx.Response]
) -> None:
    def too_late(request: httpx.Request) -> httpx.Response:
        lab.send(request)
        return reply(request)

    lab.answers = [too_late]
    lab.client().create_asset("page", f"{lab.url}/help", "d")
    lab.answers = [too_late]
    lab.client().errors.put([RULE])
    assert [path.split()[0] for path in lab.paths()] == ["POST", "GET", "PUT", "GET"]


def test_a_write_that_did_not_happen_is_sent_again_after_looking(lab: Lab) -> None:
    client = lab.client()
    lab.answers = [failing(httpx.ReadError), None, None]
    client.create_asset("page", f"{lab.url}/help", "d")
    lab.answers = [failing(httpx.ReadError), None, None]
    client.errors.put([RULE])
    assert [path.split()[0] for path in lab.paths()] == ["POST", "GET", "POST", "PUT", "GET", "PUT"]


def test_a_write_that_was_never_sent_is_sent_again_at_once(lab: Lab) -> None:
    lab.answers = [failing(httpx.ConnectError)]
    lab.client().errors.put([RULE])
    assert [path.split()[0] for path in lab.paths()] == ["PUT", "PUT"]


def test_a_write_of_unknown_fate_says_so(lab: Lab) -> None:
    lab.answers = [failing(httpx.ReadError)] * 5
    with pytest.raises(CallFailed) as caught:
        lab.client().errors.put([RULE])
    assert caught.value.where == f"PUT {PHASE}"
    assert caught.value.may_have_happened
    assert str(caught.value.hint).startswith("looking whether it was carried out failed too (GET /zones/")


def test_a_write_that_never_happens_says_so(lab: Lab) -> None:
    lab.answers = [failing(httpx.ReadError), None] * 4
    with pytest.raises(CallFailed) as caught:
        lab.client().errors.put([RULE])
    assert not caught.value.may_have_happened
    assert [path.split()[0] for path in lab.paths()] == ["PUT", "GET"] * 4


def test_success_false_is_looked_into_and_not_repeated(lab: Lab) -> None:
    lab.answers = [answer(200, {**ENVELOPE, "errors": [{"code": 1, "message": "no"}]})]
    with pytest.raises(CallFailed, match="answered 200 with success: false: 1 no"):
        lab.client().create_asset("page", f"{lab.url}/help", "d")
    assert [path.split()[0] for path in lab.paths()] == ["POST", "GET"]


def test_an_equal_asset_that_is_there_already_is_taken_and_another_is_not(lab: Lab) -> None:
    client = lab.client()
    made = client.create_asset("page", f"{lab.url}/help", "d")
    assert client.create_asset("page", f"{lab.url}/help", "d") == made
    with pytest.raises(CallFailed, match="already exists"):
        client.create_asset("page", f"{lab.url}/other", "d")


def test_a_refused_write_points_at_what_was_said(lab: Lab) -> None:
    with pytest.raises(CallFailed) as caught:
        lab.client().errors.put([{**RULE, "expression": "http.response.code eq"}])
    assert "(at /rules/0/expression)" in caught.value.message
    assert caught.value.hint == "Cloudflare refuses this; what it said names the field or the limit"
    assert not caught.value.may_have_happened


def test_a_phase_outside_the_plan_is_not_taken_for_an_empty_one(lab: Lab) -> None:
    lab.answers = [answer(400, {**ENVELOPE, "errors": [{"code": 1, "message": "not entitled"}]})]
    with pytest.raises(CallFailed) as caught:
        lab.client().errors.read()
    assert caught.value.hint == "custom error rules may not be part of this plan: they need Pro or above"


def test_an_asset_without_some_of_its_fields(lab: Lab) -> None:
    lab.answers = [answer(200, {"success": True, "result": {"name": "a", "url": None}})]
    assert lab.client().get_asset("a") == RemoteAsset("a", "", "", "")


@pytest.mark.parametrize("token", ["", "  ", "a b", "a\nb", "tökén"])
def test_tokens_that_cannot_be_sent(token: str) -> None:
    with pytest.raises(RemoteFailed) as caught:
        token_of({"CLOUDFLARE_API_TOKEN": token})
    assert "CLOUDFLARE_API_TOKEN" in str(caught.value)
    assert not token.strip() or token not in f"{caught.value} {caught.value.hint}"


def test_a_token_from_a_file_may_end_in_a_line_break() -> None:
    assert token_of({"CLOUDFLARE_API_TOKEN": "word\n"}) == "word"


@pytest.mark.parametrize("base", ["nonsense", "ftp://x", "https://user:secret@x/", "https://x/?a"])
def test_a_base_url_that_is_none(base: str) -> None:
    with pytest.raises(RemoteFailed, match="CLOUDFLARE_BASE_URL is not an address"):
        CloudflareClient("t", "zone", ZONE, base_url=base)
