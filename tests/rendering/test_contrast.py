"""Contrast: known values of WCAG, and what must hold of every colour."""

from __future__ import annotations

import colorsys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.rendering.contrast import luminance, nearest, passes, ratio, shown

colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
needs = st.sampled_from([3.0, 4.5])


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#000", "#fff", 21.0),
        ("#777777", "#ffffff", 4.478),
        ("#767676", "#ffffff", 4.542),
        ("#ff0000", "#ffffff", 3.998),
        ("#0000ff", "#ffffff", 8.592),
        ("#ffd400", "#faf9f6", 1.360),
        ("#123456", "#123456", 1.0),
    ],
)
def test_known_ratios(one: str, other: str, value: float) -> None:
    assert ratio(one, other) == pytest.approx(value, abs=0.001)


@given(one=colors, other=colors)
def test_a_ratio_is_symmetric_and_from_1_to_21(one: str, other: str) -> None:
    assert ratio(one, other) == ratio(other, one)
    assert 1 <= ratio(one, other) <= 21.0000001
    assert ratio(one, one) == 1


@given(color=colors, ground=colors, needed=needs)
def test_the_nearest_shade_passes_and_there_always_is_one(color: str, ground: str, needed: float) -> None:
    shade = nearest(color, ((ground, needed),))
    assert shade is not None
    assert ratio(shade, ground) >= needed


@given(color=colors, ground=colors, needed=needs)
def test_a_colour_that_passes_stays_and_a_shade_needs_no_other(color: str, ground: str, needed: float) -> None:
    others = ((ground, needed),)
    shade = nearest(color, others)
    assert shade is not None
    assert (shade == color) == passes(color, others)
    assert nearest(shade, others) == shade


@given(color=colors, grounds=st.lists(st.tuples(colors, needs), max_size=3).map(tuple))
def test_with_several_grounds_it_passes_or_none_does(color: str, grounds: tuple[tuple[str, float], ...]) -> None:
    shade = nearest(color, grounds)
    if shade is None:
        assert not any(passes(end, grounds) for end in ("#000000", "#ffffff", color))
    else:
        assert passes(shade, grounds)


@pytest.mark.parametrize("color", ["#ffd400", "#e4002b", "#00a3e0", "#78be20", "#c8c8c8"])
def test_a_shade_keeps_its_hue(color: str) -> None:
    shade = nearest(color, (("#faf9f6", 4.5),))
    assert shade is not None
    hue, other = (
        colorsys.rgb_to_hls(*(int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)))[0] for one in (color, shade)
    )
    assert abs((hue - other + 0.5) % 1 - 0.5) < 0.03


def test_a_shade_is_as_near_as_it_can_be() -> None:
    """One step of an 8-bit grey lighter than the answer no longer passes."""
    assert nearest("#999999", (("#ffffff", 4.5),)) == "#767676"
    assert luminance("#777777") > luminance("#767676")


def test_a_ratio_that_fails_never_looks_as_if_it_passed() -> None:
    assert shown(ratio("#777777", "#ffffff")) == "4.4:1"
    assert shown(21.000000000000004) == "21.0:1"
