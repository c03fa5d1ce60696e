"""Everything that can be wrong between errgen and a bucket: one clear message with its request, a hint, no secret."""

from __future__ import annotations

import socket
import traceback
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from site_builder.errors import ErrgenError, RemoteFailed, UsageError
from site_builder.hosts import Host, Upload
from site_builder.hosts._s3_client import is_foreign

if TYPE_CHECKING:
    from tests.hosts.conftest import Proxy
    from tests.s3_peers import Peer

CANARY = "canaryNeverToBeSeenInAnyText0123456789"
RELEASE = "f6" * 32
KEY = "errors/o/x-12345678.html"
METHODS: dict[str, tuple[Callable[[Host], object], str]] = {
    "check": (lambda host: host.check(), "LIST s3://b-1/errors/"),
    "list": (lambda host: host.list(), "LIST s3://b-1/errors/o/"),
    "releases": (lambda host: host.releases(), "LIST s3://b-1/errors/releases/"),
    "inspect": (lambda host: host.inspect([KEY]), f"HEAD s3://b-1/{KEY}"),
    "read": (lambda host: host.read(KEY), f"GET s3://b-1/{KEY}"),
    "write": (lambda host: host.write(KEY, b"x", "text/html", None), f"PUT s3://b-1/{KEY}"),
    "write_many": (
        lambda host: host.write_many([Upload(KEY, b"x", "text/html")], lambda _: None),
        f"PUT s3://b-1/{KEY}",
    ),
    "delete": (lambda host: host.delete([KEY]), "POST s3://b-1/?delete"),
    "current": (lambda host: host.current(), "GET s3://b-1/errors/current"),
    "activate": (lambda host: host.activate(RELEASE, b"{}"), f"HEAD s3://b-1/errors/releases/{RELEASE}.json"),
    "deactivate": (lambda host: host.deactivate(), "DELETE s3://b-1/errors/current"),
}
HTML_ANSWER = b"<html><head><title>Sign in</title></head><body>Welcome to the hotel</body></html>"
SOME_XML = b'<?xml version="1.0"?><greeting>hello</greeting>'


def answer(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def failure(call: Callable[[], object], kind: type[ErrgenError] = RemoteFailed) -> ErrgenError:
    """The error of a call, which has a hint, and no secret in anything that may ever be printed of it."""
    with pytest.raises(kind) as caught:
        call()
    texts = [str(caught.value), caught.value.hint or "", *traceback.format_exception(caught.value)]
    assert not [text for text in texts if CANARY in text]
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return caught.value


def spoiled(moto: Peer, proxy: Proxy, spoil: bytes) -> Host:
    """A host whose service gives this answer to everything."""
    proxy.spoil = lambda _: spoil
    return moto.host("b-1", prefix="errors", environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})


@pytest.mark.parametrize("method", METHODS)
def test_no_credentials_at_all(moto: Peer, method: str) -> None:
    host = moto.host("b-1", prefix="errors", environ={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    call, where = METHODS[method]
    error = failure(lambda: call(host))
    assert str(error) == f"{where}: unable to locate credentials"
    assert "AWS_ACCESS_KEY_ID" in (error.hint or "")


@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_secret(rclone: Peer, method: str) -> None:
    host = rclone.host("b-1", prefix="errors", environ={"AWS_SECRET_ACCESS_KEY": f"wrong{CANARY}"})
    call, where = METHODS[method]
    error = failure(lambda: call(host))
    assert str(error).startswith(f"{where}: answered 403")
    assert "AWS_ACCESS_KEY_ID" in (error.hint or "")


def test_half_of_the_credentials(moto: Peer) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        error = failure(moto.host("b-1", environ={name: ""}).check)
        assert str(error) == f"connecting to s3://b-1: partial credentials found in the environment, missing: {name}"


def test_a_profile_that_does_not_exist(moto: Peer) -> None:
    error = failure(moto.host("b-1", profile="nobody").check)
    assert str(error) == "connecting to s3://b-1: the config profile (nobody) could not be found"


@pytest.mark.parametrize("method", ["check", "list", "releases", "read", "write", "write_many", "current", "activate"])
def test_a_bucket_that_is_not_there(peer: Peer, method: str) -> None:
    host = peer.host("b-1", prefix="errors")
    call, where = METHODS[method]
    error = failure(lambda: call(host))
    if method == "activate":  # HEAD has no body to say more; the PUT after it has
        where = f"PUT s3://b-1/errors/releases/{RELEASE}.json"
    assert str(error).startswith(f"{where}: answered 404 NoSuchBucket")
    assert error.hint == "make it first (aws s3 mb s3://b-1), or correct bucket in the host's table"


@pytest.mark.parametrize("method", METHODS)
def test_nobody_answers(moto: Peer, method: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nothing else can answer there
        endpoint = f"http://127.0.0.1:{taken.getsockname()[1]}"
        call, where = METHODS[method]
        error = failure(lambda: call(moto.host("b-1", prefix="errors", environ={"AWS_ENDPOINT_URL_S3": endpoint})))
    assert str(error).startswith(f'{where}: could not connect to the endpoint URL: "{endpoint}/b-1')
    assert "check the network, endpoint_url and region" in (error.hint or "")


@pytest.mark.parametrize("method", METHODS)
def test_the_line_is_cut_before_an_answer(moto: Peer, proxy: Proxy, method: str) -> None:
    call, where = METHODS[method]
    error = failure(lambda: call(spoiled(moto, proxy, b"")))
    assert str(error).startswith(f"{where}: connection was closed before we received a valid response")


@pytest.mark.parametrize("method", METHODS)
def test_a_gateway_fails_with_a_page_of_its_own(moto: Peer, proxy: Proxy, method: str) -> None:
    call, where = METHODS[method]
    for body in (HTML_ANSWER, b"", b"\x00\xff garbage"):
        host = spoiled(moto, proxy, answer("502 Bad Gateway", body, "Content-Type: text/html"))
        error = failure(partial(call, host))
        assert str(error) == f"{where}: answered 502: Bad Gateway"
        assert "run the same command again later" in (error.hint or "")


@pytest.mark.parametrize("method", ["check", "list", "releases", "write", "write_many", "delete"])
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (HTML_ANSWER, "the answer is not one of S3's"),
        (SOME_XML, "the answer is not one of S3's"),
        (b"", "the answer is not one of S3's"),
        (b"\x00\xff garbage", "answered 500: Internal Server Error"),  # what botocore makes of a body it cannot read
        (b"<ListBucketResult><Contents>", "answered 500: Internal Server Error"),
    ],
    ids=["a page", "XML", "nothing", "garbage", "half"],
)
def test_success_without_an_answer_of_s3_is_a_failure(
    moto: Peer, proxy: Proxy, method: str, body: bytes, message: str
) -> None:
    call, where = METHODS[method]
    error = failure(lambda: call(spoiled(moto, proxy, answer("200 OK", body))))
    assert str(error) == f"{where}: {message}"
    assert "endpoint_url" in (error.hint or "")


@pytest.mark.parametrize("method", METHODS)
def test_everything_is_redirected(moto: Peer, proxy: Proxy, method: str) -> None:
    call, where = METHODS[method]
    body = b"<Error><Code>PermanentRedirect</Code><Message>Elsewhere</Message></Error>"
    for content in (body, HTML_ANSWER):
        host = spoiled(moto, proxy, answer("301 Moved Permanently", content, "Location: https://login.example.com/"))
        error = failure(partial(call, host))
        assert str(error).startswith(f"{where}: ")
        assert 'region = "…"' in (error.hint or "")


@pytest.mark.parametrize("method", METHODS)
def test_an_answer_that_is_not_http(moto: Peer, proxy: Proxy, method: str) -> None:
    call, where = METHODS[method]
    error = failure(lambda: call(spoiled(moto, proxy, b"SSH-2.0-OpenSSH_9.2\r\n")))
    assert str(error).startswith(f"{where}: ")


@pytest.mark.parametrize("method", ["check", "list", "releases", "read", "current"])
def test_an_answer_is_cut_off(moto: Peer, proxy: Proxy, method: str) -> None:
    call, where = METHODS[method]
    error = failure(lambda: call(spoiled(moto, proxy, answer("200 OK", b"<ListBucketResult><Na", length=500))))
    assert str(error).startswith(f"{where}: ")


def test_a_page_that_arrives_cut_off_is_never_taken_for_whole(moto: Peer, proxy: Proxy) -> None:
    error = failure(lambda: spoiled(moto, proxy, answer("200 OK", b"<p>half of", length=500)).read(KEY))
    assert str(error) == f"GET s3://b-1/{KEY}: the answer was cut off before its end"


S3_ERRORS = {
    "InvalidAccessKeyId": ("403 Forbidden", "AWS_ACCESS_KEY_ID"),
    "SignatureDoesNotMatch": ("403 Forbidden", "AWS_ACCESS_KEY_ID"),
    "ExpiredToken": ("400 Bad Request", "aws sso login"),
    "AccessDenied": ("403 Forbidden", "s3:PutObject"),
    "AuthorizationHeaderMalformed": ("400 Bad Request", 'region = "…"'),
    "IllegalLocationConstraintException": ("400 Bad Request", 'region = "…"'),
    "RequestTimeTooSkewed": ("403 Forbidden", "clock"),
    "NotImplemented": ("501 Not Implemented", 'checksums = "off"'),
    "BadDigest": ("400 Bad Request", "run the same command again"),
    "SlowDown": ("503 Slow Down", "later"),
    "InternalError": ("500 Internal Server Error", "later"),
}


@pytest.mark.parametrize("code", S3_ERRORS)
def test_each_refusal_says_what_to_do(moto: Peer, proxy: Proxy, code: str) -> None:
    status, hint = S3_ERRORS[code]
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>Some words.</Message></Error>".encode()
    error = failure(lambda: spoiled(moto, proxy, answer(status, body)).check())
    assert str(error) == f"LIST s3://b-1/errors/: answered {status[:3]} {code}: Some words"
    assert hint in (error.hint or "")


def test_a_bucket_in_another_region_is_found_there(moto: Peer, proxy: Proxy) -> None:
    body = b"<Error><Code>PermanentRedirect</Code><Message>Use another endpoint</Message></Error>"
    redirect = answer("301 Moved Permanently", body, "x-amz-bucket-region: eu-central-1")
    proxy.spoil = lambda request: None if "eu-central-1" in request.headers["authorization"] else redirect
    moto.host(moto.bucket(), environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint}).check()


@pytest.mark.parametrize("method", METHODS)
def test_a_service_that_repeats_what_it_was_sent_is_not_quoted(moto: Peer, proxy: Proxy, method: str) -> None:
    body = f"<Error><Code>{CANARY}</Code><Message>\n{CANARY}\x7f token-{CANARY}</Message></Error>".encode()
    proxy.spoil = lambda _: answer(f"400 {CANARY}", body)
    environ = {"AWS_ENDPOINT_URL_S3": proxy.endpoint, "AWS_SESSION_TOKEN": f"token-{CANARY}"}
    call, where = METHODS[method]
    error = failure(lambda: call(moto.host("b-1", prefix="errors", environ=environ)))
    assert str(error).startswith(f"{where}: answered 400")


def test_writing_is_refused_where_reading_is_not(moto: Peer, proxy: Proxy) -> None:
    bucket = moto.bucket()
    body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    host = moto.host(bucket, environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})
    for method, left in (("PUT", set()), ("DELETE", {"errgen-write-check"})):
        proxy.spoil = lambda request, refused=method: (  # type: ignore[misc]
            answer("403 Forbidden", body) if request.method == refused else None
        )
        error = failure(host.check)
        assert str(error) == f"{method} s3://{bucket}/errgen-write-check: answered 403 AccessDenied: Access Denied"
        assert moto.keys(bucket) == left


@pytest.mark.parametrize("cut", [KeyboardInterrupt(), RemoteFailed("no right to read", hint="ask for it")])
def test_a_check_that_is_cut_off_leaves_nothing_behind(
    moto: Peer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, cut: BaseException
) -> None:
    bucket = moto.bucket()
    host = moto.host(bucket, environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})

    def interrupted(*_: Any) -> bytes:
        raise cut

    monkeypatch.setattr(host, "read", interrupted)
    with pytest.raises(type(cut)):
        host.check()
    assert [request.method for request in proxy.requests] == ["GET", "PUT", "DELETE"]
    assert moto.keys(bucket) == set()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("AWS_ENDPOINT_URL_S3", "s3.example.com", "is not an address like https://errors.example.com/errors"),
        ("AWS_ENDPOINT_URL_S3", f"https://u:{CANARY}@s3.example.com", "has a user or password in it; "),
        ("AWS_MAX_ATTEMPTS", "many", "is not a number from 1 to 99"),
    ],
)
def test_the_environment_is_checked_too(moto: Peer, name: str, value: str, message: str) -> None:
    error = failure(moto.host("b-1", environ={name: value}).check, UsageError)
    assert str(error).startswith(f"{name}: {message}")


def test_what_botocore_refuses_itself_is_told_without_a_request(moto: Peer, proxy: Proxy) -> None:
    environ = {"AWS_REGION": "not a region", "AWS_ENDPOINT_URL_S3": proxy.endpoint}
    error = failure(moto.host("b-1", environ=environ).check)
    assert str(error) == "connecting to s3://b-1: provided region_name 'not a region' doesn't match a supported format"
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("endpoint", "foreign"),
    [
        (None, False),
        ("https://s3.eu-central-1.amazonaws.com", False),
        ("https://s3.cn-north-1.amazonaws.com.cn", False),
        ("https://vpce-1.s3.us-east-1.vpce.amazonaws.com:443", False),
        ("https://0123.r2.cloudflarestorage.com", True),
        ("http://127.0.0.1:9000", True),
        ("https://amazonaws.com.example.org", True),
        ("https://notamazonaws.com", True),
    ],
)
def test_whose_service_it_is(endpoint: str | None, foreign: bool) -> None:
    assert is_foreign(endpoint) is foreign
