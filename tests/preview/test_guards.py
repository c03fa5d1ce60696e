from __future__ import annotations

import pytest
from starlette.datastructures import Headers

from site_builder.preview.guards import refused

HERE = {"host": "127.0.0.1:8000"}
JSON = {"content-type": "application/json"}
OWN = {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", HERE),
        ("GET", {"host": "localhost:8000"}),
        ("GET", {"host": "[::1]:8000"}),
        ("GET", {"host": "localhost"}),
        ("GET", {**HERE, "sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}),
        ("GET", {**HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}),
        ("GET", {**HERE, "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}),
        ("POST", {**HERE, **JSON, **OWN}),
        ("POST", {**HERE, "content-type": "Application/JSON; charset=utf-8"}),
    ],
)
def test_its_own_pages_and_people_may_ask(method: str, headers: dict[str, str]) -> None:
    assert refused(method, Headers(headers)) is None


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {"host": "evil.example"}, 421),
        ("GET", {"host": "127.0.0.1.evil.example:8000"}, 421),
        ("GET", {}, 421),
        ("POST", {"host": "rebound.example:8000", **JSON, "origin": "http://rebound.example:8000"}, 421),
        ("GET", {**HERE, "origin": "https://evil.example"}, 403),
        ("GET", {**HERE, "origin": "null"}, 403),
        ("GET", {**HERE, "origin": "http://127.0.0.1:3000"}, 403),
        ("POST", {**HERE, **JSON, "origin": "http://localhost:8000"}, 403),
        ("GET", {**HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}, 403),
        ("GET", {**HERE, "sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}, 403),
        (
            "GET",
            {**HERE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
            403,
        ),
        ("POST", {**HERE, **JSON, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, 403),
        ("POST", {**HERE, **OWN, "content-type": "text/plain"}, 415),
        ("POST", {**HERE, **OWN}, 415),
    ],
)
def test_nobody_else_may(method: str, headers: dict[str, str], status: int) -> None:
    refusal = refused(method, Headers(headers))
    assert refusal is not None
    assert refusal[0] == status
