"""Waiting for a change to be everywhere: time is given, and the double says when it is over."""

from __future__ import annotations

import httpx
import pytest

from site_builder.edges.cloudfront.options import Options
from site_builder.edges.cloudfront.propagation import LONGEST, wait_until_deployed
from site_builder.errors import RemoteFailed
from tests.cloudfront_double import ENVIRON, ID, Double, Send

OPTIONS = Options.model_validate(
    {"kind": "cloudfront", "distribution": ID, "bucket": "example-errors", "path": "/errors/"}
)
NAME = f"cloudfront distribution {ID}"


def wait(double: Double, options: Options = OPTIONS) -> tuple[list[float], list[str]]:
    slept: list[float] = []
    said: list[str] = []
    wait_until_deployed(options, ENVIRON, report=said.append, transport=double, sleep=slept.append)
    return slept, said


def test_it_is_asked_every_ten_seconds_until_it_is_everywhere() -> None:
    double = Double(status="InProgress")

    def deployed(number: int, _: httpx.Request, send: Send) -> httpx.Response:
        double.status = "Deployed" if number == 2 else "InProgress"
        return send()

    double.spoil = deployed
    said = [f"{NAME}: its last change is on the way to all places, for {seconds} s so far" for seconds in (0, 10)]
    assert wait(double) == ([10.0, 10.0], said)
    assert double.asked == [f"GET /2020-05-31/distribution/{ID}"] * 3


def test_what_is_everywhere_or_nowhere_is_not_waited_for() -> None:
    assert wait(Double()) == ([], [])
    double = Double()
    assert wait(double, Options.model_validate({"kind": "cloudfront", "bucket": "example-errors", "path": "/e/"})) == (
        [],
        [],
    )
    assert double.asked == []


def test_after_half_an_hour_something_is_wrong() -> None:
    double = Double(status="InProgress")
    with pytest.raises(RemoteFailed) as caught:
        wait(double)
    assert str(caught.value) == f"{NAME}: its last change is not everywhere after 30 minutes"
    assert len(double.asked) == LONGEST / 10 + 1
