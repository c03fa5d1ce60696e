"""Which release of a bucket is current: of two publishers one is told of the other, at any service."""

from __future__ import annotations

import pytest

from site_builder.errors import RemoteFailed
from site_builder.hosts import Host
from tests.s3_peers import Peer

from .conftest import Proxy, Request, _forwarded
from .test_s3 import raw

ONE, TWO, THREE = "0a" * 32, "1b" * 32, "2c" * 32
ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>no</Message></Error>"


def two_hosts(moto: Peer) -> tuple[Host, Host, str]:
    bucket = moto.bucket()
    return moto.host(bucket, prefix="errors"), moto.host(bucket, prefix="errors"), bucket


@pytest.mark.parametrize("before", [None, ONE])
def test_who_was_slower_is_told_and_replaces_nothing(moto: Peer, before: str | None) -> None:
    ours, theirs, bucket = two_hosts(moto)
    if before:
        theirs.activate(before, b"{}")
    assert ours.current() == before
    theirs.activate(TWO, b"{}")
    with pytest.raises(RemoteFailed) as caught:
        ours.activate(THREE, b"{}")
    assert (str(caught.value), caught.value.hint) == (
        f"PUT s3://{bucket}/errors/current: somebody else is publishing here: {TWO[:12]} became current meanwhile",
        "see what errgen plan says now, then run the same command again",
    )
    assert theirs.current() == TWO
    ours.current()
    ours.activate(THREE, b"{}")
    assert theirs.current() == THREE


def test_somebody_who_removed_it_or_published_the_same(moto: Peer) -> None:
    ours, theirs, _ = two_hosts(moto)
    theirs.activate(ONE, b"{}")
    ours.current()
    theirs.activate(TWO, b"{}")
    ours.activate(TWO, b"{}")
    ours.current()
    theirs.deactivate()
    with pytest.raises(RemoteFailed, match="no release became current meanwhile"):
        ours.activate(THREE, b"{}")
    ours.activate(THREE, b"{}")  # it has just been looked at
    assert theirs.current() == THREE


def conditions(proxy: Proxy) -> list[tuple[str | None, str | None]]:
    """What each PUT of ``current`` asks for."""
    puts = [one for one in proxy.requests if one.method == "PUT" and one.path.endswith("/current")]
    return [(one.headers.get("if-match"), one.headers.get("if-none-match")) for one in puts]


@pytest.mark.parametrize(
    ("status", "code"), [("501 Not Implemented", "NotImplemented"), ("412 Precondition Failed", "PreconditionFailed")]
)
def test_a_service_without_conditions_or_with_its_own_quotes(moto: Peer, proxy: Proxy, status: str, code: str) -> None:
    host = moto.host(moto.bucket(), environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint})
    proxy.spoil = lambda one: (
        raw(status, ERROR.format(code)) if {"if-match", "if-none-match"} & one.headers.keys() else None
    )
    for release in (ONE, TWO):
        host.current()
        host.activate(release, b"{}")
        assert host.current() == release
    (first, _), (second, _), (third, _), (fourth, _) = conditions(proxy)
    assert (first, second, fourth) == (None, None, None)
    assert third


def test_our_own_write_that_was_sent_twice(moto: Peer, proxy: Proxy) -> None:
    host = moto.host(moto.bucket(), environ={"AWS_ENDPOINT_URL_S3": proxy.endpoint, "AWS_MAX_ATTEMPTS": "2"})
    lost: list[str] = []

    def lose(request: Request) -> bytes | None:
        if request.method == "PUT" and request.path.endswith("/current") and not lost:
            lost.append(request.path)
            _forwarded(moto.endpoint.partition("//")[2], request)
            return raw("503 Slow Down", ERROR.format("SlowDown"))
        return None

    proxy.spoil = lose
    host.current()
    host.activate(ONE, b"{}")
    assert (host.current(), len(conditions(proxy))) == (ONE, 2)
