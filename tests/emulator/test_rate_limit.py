"""What answers say of how many calls are left, and who is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from site_builder.emulator import Emulator, Incoming, Zone
from site_builder.emulator.api import handle_api
from site_builder.emulator.rate_limit import RateLimit

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def call(emulator: Emulator) -> tuple[int, str, str, str | None]:
    incoming = Incoming("GET", "/client/v4/zones", "", {}, (("authorization", f"Bearer {emulator.token}"),), b"")
    response = handle_api(emulator, incoming)
    headers = response.headers
    return response.status_code, headers["ratelimit"], headers["ratelimit-policy"], headers.get("retry-after")


def test_by_default_nothing_is_counted_and_all_is_said() -> None:
    emulator = Emulator([Zone("a" * 32, "example.com", "c" * 32)], clock=lambda: START)
    assert [call(emulator) for _ in range(3)] == [
        (200, '"default";r=1199;t=300', '"default";q=1200;w=300', None)
    ] * 3  # fmt: skip


def test_a_strict_one_blocks_for_a_whole_window() -> None:
    time = [START]
    emulator = Emulator(
        [Zone("a" * 32, "example.com", "c" * 32)], clock=lambda: time[0], rate_limit=RateLimit(2, 60, is_strict=True)
    )
    policy = '"default";q=2;w=60'
    assert call(emulator) == (200, '"default";r=1;t=60', policy, None)
    time[0] += timedelta(seconds=29.5)
    assert call(emulator) == (200, '"default";r=0;t=31', policy, None)
    assert call(emulator) == (429, '"default";r=0;t=60', policy, "60")
    time[0] += timedelta(seconds=59)
    assert call(emulator) == (429, '"default";r=0;t=1', policy, "1")
    time[0] += timedelta(seconds=1)
    assert call(emulator) == (200, '"default";r=1;t=60', policy, None)
