"""What errgen sends to S3, and what it makes of the answers: over HTTP, to moto and to rclone."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
import zlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from site_builder.errors import RemoteFailed
from site_builder.hosts import Stored, Upload

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.conftest import Proxy, Request
    from tests.s3_peers import Peer

RELEASE = "d4" * 32
HTML = "text/html; charset=utf-8"
CONTENT = "<p>404 “nicht gefunden”</p>".encode()
DIGEST = hashlib.sha256(CONTENT).hexdigest()
KEY = f"errors/o/static-en-404-{DIGEST[:8]}.html"
IMMUTABLE = "public, max-age=31536000, immutable"
S3_ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>{}</Message></Error>"


def raw(status: str, body: str = "", *headers: str) -> bytes:
    content = body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


def only(method: str, answer: bytes) -> Callable[[Request], bytes | None]:
    return lambda request: answer if request.method == method else None


def test_a_page_is_sent_with_exactly_these_headers(moto: Peer, proxy: Proxy) -> None:
    host = moto.host(moto.bucket(), prefix="errors", environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})
    assert host.place("pages/static/en/404.html", DIGEST, RELEASE) == KEY
    host.write(KEY, CONTENT, HTML, host.cache_control(KEY))
    (request,) = proxy.requests
    assert (request.method, request.path.partition("?")[0].split("/", 2)[2], request.body) == ("PUT", KEY, CONTENT)
    signature = ("host", "user-agent", "authorization", "x-amz-date", "amz-sdk-invocation-id", "amz-sdk-request")
    assert {name: value for name, value in request.headers.items() if name not in signature} == {
        "accept-encoding": "identity",
        "cache-control": IMMUTABLE,
        "content-length": str(len(CONTENT)),
        "content-type": HTML,
        "x-amz-content-sha256": DIGEST,
        "x-amz-meta-errgen-sha256": DIGEST,
    }
    assert "expect" not in request.headers


def test_a_release_is_sent_manifest_first_and_never_cached(moto: Peer, proxy: Proxy) -> None:
    host = moto.host(moto.bucket(), prefix="errors", environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})
    host.activate(RELEASE, b"{}")
    puts = [
        (request.path.split("/", 2)[2], request.headers["cache-control"], request.headers["content-type"], request.body)
        for request in proxy.requests
        if request.method == "PUT"
    ]
    assert puts == [
        (f"errors/releases/{RELEASE}.json", "no-cache", "application/json", b"{}"),
        ("errors/current", "no-cache", "text/plain; charset=utf-8", f"{RELEASE}\n".encode()),
    ]


OTHERS = [f"errors/images/{number}.png" for number in range(4)]


@pytest.mark.parametrize(
    ("likely", "around", "asked"),
    [
        (RELEASE, ["errors/a.css", "errors/images/b.png", "errors/z.css", "errors/records/1"], ["errors/"]),
        ("e5" * 32, [], ["errors/", "errors/current"]),
        (RELEASE, OTHERS, ["errors/", "errors/o/", "errors/current"]),
    ],
    ids=["current", "not current", "much of others"],
)
def test_one_request_tells_the_pages_and_that_a_release_is_current(
    rclone: Peer, signed_proxy: Proxy, monkeypatch: pytest.MonkeyPatch, likely: str, around: list[str], asked: list[str]
) -> None:
    bucket = rclone.bucket()
    host = rclone.host(bucket, prefix="errors", environ={"AWS_ENDPOINT_URL_S3": signed_proxy.endpoint})
    host.write(KEY, CONTENT, HTML, host.cache_control(KEY))
    host.activate(RELEASE, b"{}")
    rclone.store(bucket, *around)
    monkeypatch.setattr("site_builder.hosts._s3_listing._ASKED", 4)
    signed_proxy.requests.clear()
    assert host.look(likely) == (host.list(), RELEASE)
    requests = [(request.method, wanted(request)) for request in signed_proxy.requests[:-1]]
    assert requests == [("GET", path) for path in asked]


def wanted(request: Request) -> str:
    """The key that is asked for, or the start of those that are to be listed."""
    address = urlsplit(request.path)
    return parse_qs(address.query).get("prefix", [address.path.split("/", 2)[-1]])[0]


def test_where_etags_are_no_digests_the_release_is_asked_for(moto: Peer, proxy: Proxy) -> None:
    host = moto.host(moto.bucket(), environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})
    listing = "<Contents><Key>current</Key><Size>65</Size><ETag>&quot;0a1b&quot;</ETag>{}</Contents>"
    moment = "<LastModified>2026-11-21T09:00:00.000Z</LastModified>"
    answer = f"<ListBucketResult><IsTruncated>false</IsTruncated>{listing.format(moment)}</ListBucketResult>"
    stored = raw("200 OK", f"{RELEASE}\n", 'ETag: "0a1b"')
    proxy.spoil = lambda request: raw("200 OK", answer) if "list-type" in request.path else stored
    assert host.look(RELEASE) == ({}, RELEASE)
    assert len(proxy.requests) == 2


def test_cut_off_before_the_manifest_is_stored_the_release_before_is_current(moto: Peer, proxy: Proxy) -> None:
    host = moto.host(moto.bucket(), prefix="errors", environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})
    host.activate(RELEASE, b"{}")
    for failing in ("/releases/", "/current"):
        proxy.spoil = lambda request, part=failing: (  # type: ignore[misc]
            raw("503 Slow Down", S3_ERROR.format("SlowDown", "Reduce your rate."))
            if request.method == "PUT" and part in request.path
            else None
        )
        with pytest.raises(RemoteFailed, match=r"answered 503 SlowDown: Reduce your rate$"):
            host.activate("e5" * 32, b"{}")
        assert host.current() == RELEASE


def test_stored_headers_are_told_by_both_services(peer: Peer) -> None:
    bucket = peer.bucket()
    host = peer.host(bucket, prefix="errors", cache_seconds=300)
    etag = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    host.write(KEY, CONTENT, HTML, host.cache_control(KEY))
    listed = host.list()
    assert listed == {KEY: Stored(KEY, len(CONTENT), etag=etag, modified=listed[KEY].modified)}
    expected = Stored(KEY, len(CONTENT), DIGEST, etag, HTML, "public, max-age=300, immutable")
    assert host.inspect([KEY, "errors/o/missing-12345678.html"]) == {KEY: expected}
    metadata = peer.client.head_object(Bucket=bucket, Key=KEY)["Metadata"]
    assert {name.lower(): value for name, value in metadata.items() if name.lower().startswith("errgen")} == {
        "errgen-sha256": DIGEST
    }


def test_caching_can_be_turned_off(moto: Peer) -> None:
    assert moto.host("any", prefix="errors", cache_seconds=0).cache_control(KEY) == "no-cache"


def test_all_pages_of_a_listing_are_read(moto: Peer, proxy: Proxy) -> None:
    bucket = moto.bucket()
    host = moto.host(bucket, prefix="errors", environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})
    keys = {f"errors/o/static-en-{number}-12345678.html" for number in range(1003)}
    for key in keys:
        moto.client.put_object(Bucket=bucket, Key=key, Body=b"")
    assert set(host.list()) == keys
    assert len([request for request in proxy.requests if request.method == "GET"]) == 2
    proxy.requests.clear()
    host.delete(keys)
    assert [request.method for request in proxy.requests] == ["POST", "POST"]
    assert moto.keys(bucket) == set()


def test_what_a_server_signs_off_passes_a_proxy_unchanged(rclone: Peer, signed_proxy: Proxy) -> None:
    host = rclone.host(rclone.bucket(), prefix="errors", environ={"AWS_ENDPOINT_URL_S3": signed_proxy.endpoint})
    host.check()
    assert [request.method for request in signed_proxy.requests] == ["GET", "PUT", "GET", "DELETE"]


@pytest.mark.parametrize(
    ("options", "checksum"),
    [
        ({}, None),
        ({"checksums": "off"}, None),
        ({"checksums": "on"}, base64.b64encode(zlib.crc32(CONTENT).to_bytes(4, "big")).decode()),
    ],
)
def test_checksums_go_to_foreign_services_only_when_asked_for(
    moto: Peer, proxy: Proxy, options: dict[str, str], checksum: str | None
) -> None:
    host = moto.host(moto.bucket(), environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint}, **options)
    host.write("o/x-12345678.html", CONTENT, HTML, None)
    assert proxy.requests[0].headers.get("x-amz-checksum-crc32") == checksum
    assert "cache-control" not in proxy.requests[0].headers


def test_the_endpoint_may_stand_in_settings_environment_or_configuration(
    moto: Peer, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = moto.bucket()
    nowhere = "http://127.0.0.1:9"
    moto.host(bucket, endpoint_url=proxy.endpoint, environ={"AWS_ENDPOINT_URL_S3": nowhere}).list()
    general = {"AWS_ENDPOINT_URL_S3": "", "AWS_ENDPOINT_URL": proxy.endpoint}
    moto.host(bucket, environ=general).list()
    (tmp_path / "config").write_text(f"[default]\nendpoint_url = {proxy.endpoint}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    host = moto.host(bucket, environ={"AWS_ENDPOINT_URL_S3": ""})
    host.write("o/x-12345678.html", CONTENT, HTML, None)
    assert [request.path.partition("?")[0].rstrip("/") for request in proxy.requests] == [
        f"/{bucket}",
        f"/{bucket}",
        f"/{bucket}/o/x-12345678.html",
    ]
    assert "x-amz-checksum-crc32" not in proxy.requests[-1].headers


def test_a_profile_of_the_settings_beats_keys_of_the_environment(
    rclone: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = f"[pages]\naws_access_key_id = {rclone.access}\naws_secret_access_key = {rclone.secret}\n"
    (tmp_path / "credentials").write_text(credentials)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    wrong = {"AWS_ACCESS_KEY_ID": rclone.access, "AWS_SECRET_ACCESS_KEY": "somethingElse0123456789"}
    bucket = rclone.bucket()
    rclone.host(bucket, profile="pages", environ=wrong).check()
    with pytest.raises(RemoteFailed, match="answered 403 SignatureDoesNotMatch"):
        rclone.host(bucket, environ=wrong).check()


@pytest.mark.parametrize(
    "refusal",
    [
        raw(
            "400 Bad Request",
            S3_ERROR.format("InvalidRequest", "Missing required header for this request: Content-MD5"),
        ),
        raw("400 Bad Request", S3_ERROR.format("MissingContentMD5", "no")),
        raw("501 Not Implemented", S3_ERROR.format("NotImplemented", "A header you provided")),
    ],
)
def test_where_many_cannot_be_deleted_at_once_they_are_deleted_singly(moto: Peer, proxy: Proxy, refusal: bytes) -> None:
    bucket = moto.bucket()
    host = moto.host(bucket, environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint}, concurrency=4)
    keys = [f"o/x{number}-12345678.html" for number in range(9)]
    host.write_many([Upload(key, b"x", HTML) for key in keys], lambda _: None)
    proxy.spoil = only("POST", refusal)
    host.delete(keys[1:])
    assert [request.method for request in proxy.requests].count("DELETE") == 8
    assert moto.keys(bucket) == {keys[0]}


def test_a_single_key_that_is_not_deleted_is_a_failure(moto: Peer, proxy: Proxy) -> None:
    host = moto.host(moto.bucket(), environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})
    faults = "".join(
        f"<Error><Key>o/x{number}-12345678.html</Key><Code>{code}</Code><Message>no</Message></Error>"
        for number, code in enumerate(["NoSuchKey", "AccessDenied", "InternalError"])
    )
    proxy.spoil = only("POST", raw("200 OK", f"<DeleteResult>{faults}</DeleteResult>"))
    with pytest.raises(RemoteFailed) as caught:
        host.delete(["o/x0-12345678.html", "o/x1-12345678.html", "o/x2-12345678.html"])
    assert re.fullmatch(
        r"DELETE s3://bucket-\d+/o/x1-12345678\.html: not deleted: AccessDenied, and 1 more", str(caught.value)
    )
    assert "s3:DeleteObject" in (caught.value.hint or "")


def test_a_failure_among_many_starts_no_more_and_what_runs_ends(moto: Peer, proxy: Proxy) -> None:
    bucket = moto.bucket()
    host = moto.host(bucket, environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint}, concurrency=4)
    refused = threading.Event()

    def spoil(request: Request) -> bytes | None:
        if "/o/x5-" in request.path:
            refused.set()
            return raw("403 Forbidden", S3_ERROR.format("AccessDenied", "Access Denied"))
        if request.path.rpartition("/o/x")[2][0] in "678":  # beside the refused one: they end after it
            assert refused.wait(10)
        return None

    proxy.spoil = spoil
    uploads = [Upload(f"o/x{number}-12345678.html", b"x", HTML) for number in range(100)]
    reported: list[Upload] = []
    with pytest.raises(RemoteFailed, match=r"PUT s3://bucket-\d+/o/x5-12345678\.html: answered 403 AccessDenied"):
        host.write_many(uploads, reported.append)
    stored = moto.keys(bucket)
    assert {upload.key for upload in reported} <= stored
    assert len(stored) == len(proxy.requests) - 1 < len(uploads) - 1


def test_bytes_that_are_not_what_was_stored_are_refused(peer: Peer) -> None:
    bucket = peer.bucket()
    peer.client.put_object(
        Bucket=bucket, Key="o/x-12345678.html", Body=b"someone's", Metadata={"Errgen-SHA256": DIGEST}
    )
    peer.client.put_object(Bucket=bucket, Key="o/y-12345678.html", Body=b"by hand")
    host = peer.host(bucket)
    with pytest.raises(RemoteFailed, match=r"GET s3://bucket-\d+/o/x-12345678\.html: the bytes are not those"):
        host.read("o/x-12345678.html")
    assert host.read("o/y-12345678.html") == b"by hand"


def test_a_pointer_that_is_no_digest_points_to_nothing(moto: Peer) -> None:
    bucket = moto.bucket()
    moto.client.put_object(Bucket=bucket, Key="current", Body=b"\xff../../x")
    assert moto.host(bucket).current() is None


def test_a_failing_request_is_tried_again(moto: Peer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    import botocore.endpoint

    pauses: list[float] = []
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=pauses.append))
    host = moto.host(moto.bucket(), environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint, "AWS_MAX_ATTEMPTS": ""})
    busy = raw("503 Slow Down", S3_ERROR.format("SlowDown", ""))
    proxy.spoil = lambda _: busy if len(proxy.requests) < 4 else None
    host.write("o/x-12345678.html", CONTENT, HTML, None)
    assert (len(proxy.requests), len(pauses)) == (4, 3)
    proxy.requests.clear()
    proxy.spoil = lambda _: busy
    with pytest.raises(RemoteFailed, match="answered 503 SlowDown"):
        host.write("o/x-12345678.html", CONTENT, HTML, None)
    assert len(proxy.requests) == 4


@pytest.mark.parametrize(
    ("options", "address"),
    [
        ({}, "http://s3.example.test/b-1/o/x-12345678.html"),
        ({"addressing": "path"}, "http://s3.example.test/b-1/o/x-12345678.html"),
        ({"addressing": "virtual"}, "http://b-1.s3.example.test/o/x-12345678.html"),
    ],
)
def test_the_bucket_stands_in_the_path_unless_it_is_asked_to_be_a_host(
    moto: Peer, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], address: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.endpoint)  # so that whole addresses are seen, and no name is looked up
    monkeypatch.setenv("http_proxy", proxy.endpoint)
    proxy.spoil = lambda _: raw("200 OK", "", 'ETag: "1"')
    host = moto.host("b-1", endpoint_url="http://s3.example.test", **options)
    host.write("o/x-12345678.html", CONTENT, HTML, None)
    assert [request.path for request in proxy.requests] == [address]
