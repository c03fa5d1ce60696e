"""No window of five minutes holds more calls than it may, and few calls that are left are made to last."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.edges.cloudflare.pacing import Pace, Quota, quotas


class Clock:
    """Stands still but for ``pass_``."""

    def __init__(self) -> None:
        self.moment = self.start = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)

    @property
    def seconds(self) -> float:
        return (self.moment - self.start).total_seconds()


def headers(limit: str, policy: str = "") -> httpx.Headers:
    return httpx.Headers({"Ratelimit": limit, "Ratelimit-Policy": policy})


@pytest.mark.parametrize(
    ("limit", "policy", "found"),
    [
        ('"default";r=50;t=30', '"burst";q=100;w=60', [Quota(50, 30.0, None)]),
        (
            '"default";r=50;t=30, "burst";r=3;t=5',
            '"default";q=1200;w=300,"burst";q=100;w=60',
            [Quota(50, 30.0, 1200), Quota(3, 5.0, 100)],
        ),
        ('"a" ; t=9 ; r=0;pk=:cGs=:', '"a";q=10', [Quota(0, 9.0, 10)]),
        ('"far";r=1;t=999999999', "", [Quota(1, 300.0, None)]),
        ('"a";r=1', "", []),
        ('"a";r=-1;t=5', "", []),
        ('"a";r=1.5;t=5', "", []),
        ('"a";r=many;t=5', "", []),
        ('"a";r=99999999999999999999;t=5', "", []),
        ("limit=100, remaining=50, reset=50", "", []),
        ("", "", []),
    ],
)
def test_what_headers_say_is_left(limit: str, policy: str, found: list[Quota]) -> None:
    assert list(quotas(headers(limit, policy))) == found


@given(st.text(), st.text())
def test_whatever_headers_say_is_read_or_left(limit: str, policy: str) -> None:
    for quota in quotas({"ratelimit": limit, "ratelimit-policy": policy}):
        assert quota.calls >= 0
        assert 0 <= quota.seconds <= 300


SAID = st.one_of(
    st.builds(
        lambda r, t, q: headers(f'"default";r={r};t={t}', f'"default";q={q};w=300'),
        st.integers(-5, 2000), st.integers(-5, 400), st.integers(0, 1300),
    ),
    st.builds(headers, st.text("\"az;=,rt019 -")),
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.integers(1, 12)),
        st.tuples(st.just("pass"), st.floats(-400, 400)),
        st.tuples(st.just("hold"), st.floats(0, 400)),
        st.tuples(st.just("heed"), SAID),
    ),
    max_size=30,
)  # fmt: skip


@given(STEPS)
def test_no_window_holds_more_than_it_may(steps: list[tuple[str, object]]) -> None:
    """Even where the clock is set back: ``passed`` is the time that has really gone by."""
    clock, sent, passed, holds = Clock(), [], 0.0, 0.0
    pace = Pace(clock, most=10)
    for what, how in steps:
        if what == "call":
            assert isinstance(how, int)
            for _ in range(how):
                wait = pace.reserve()
                clock.pass_(wait)
                passed += wait
                assert passed >= holds - 0.001
                sent.append(passed)
        elif what == "pass":
            assert isinstance(how, float)
            clock.pass_(how)
            passed += max(how, 0.0)
        elif what == "hold":
            assert isinstance(how, float)
            pace.hold(how)
            holds = passed + how
        else:
            assert isinstance(how, httpx.Headers)
            pace.heed(how)
    assert all(later - earlier >= 299.999 for earlier, later in zip(sent, sent[10:], strict=False))


def test_calls_follow_at_once_until_the_window_is_full() -> None:
    clock = Clock()
    pace = Pace(clock)
    waits = [pace.reserve() for _ in range(1000)]
    assert set(waits) == {0.0}
    clock.pass_(100)
    assert pace.reserve() == 200.0


def test_what_is_left_lasts_until_the_window_ends() -> None:
    """Another process has used nearly all of it."""
    clock = Clock()
    pace = Pace(clock)
    pace.heed(headers('"default";r=121;t=300', '"default";q=1200;w=300'))
    assert pace.reserve() == 0.0
    sent = []
    for left in range(60, 0, -1):
        pace.heed(headers(f'"default";r={left};t={300 - clock.seconds:.0f}', '"default";q=1200;w=300'))
        clock.pass_(pace.reserve())
        sent.append(clock.seconds)
    assert sent[0] == 5.0
    assert sent[-1] == pytest.approx(300, abs=10)
    pace.heed(headers('"default";r=1199;t=300', '"default";q=1200;w=300'))
    assert [pace.reserve() for _ in range(100)] == [0.0] * 100


def test_nobody_calls_where_nothing_is_left() -> None:
    pace = Pace(Clock())
    pace.heed(headers('"default";r=0;t=42'))
    assert pace.reserve() == 42.0


def test_the_scarcest_of_several_quotas_counts() -> None:
    pace = Pace(Clock())
    pace.heed(headers('"default";r=60;t=60, "burst";r=2;t=10', '"default";q=1200;w=300, "burst";q=100;w=60'))
    assert [pace.reserve() for _ in range(3)] == [5.0, 10.0, 15.0]


def test_threads_share_one_pace() -> None:
    clock = Clock()
    pace = Pace(clock, most=50)
    start = threading.Barrier(4)

    def reserve(_: int) -> list[float]:
        start.wait()
        return [pace.reserve() for _ in range(25)]

    with ThreadPoolExecutor(4) as pool:
        waits = sorted(wait for part in pool.map(reserve, range(4)) for wait in part)
    assert waits == [0.0] * 50 + [300.0] * 50
