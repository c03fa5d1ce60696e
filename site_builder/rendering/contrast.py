"""Contrast of colours, as WCAG 2.2 measures it, and the nearest shade of a colour that has enough of it.

Colours are text: ``#rrggbb`` or ``#rgb``. Shades are moved in Oklab, in which equal steps look equally large
(bottosson.github.io/posts/oklab), so that a colour keeps its hue and changes no more than it has to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache

Triple = tuple[float, float, float]

STEP = 0.002
"""How finely shades are tried: lightness of Oklab runs from 0 to 1, and a step of this size cannot be seen."""


@lru_cache(maxsize=1024)
def luminance(color: str) -> float:
    """Relative luminance, 0 for black to 1 for white (WCAG 2.2, relative luminance)."""
    red, green, blue = _linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21, in either order (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def passes(color: str, others: Sequence[tuple[str, float]]) -> bool:
    """Whether ``color`` has, with each of the ``others``, the contrast that stands beside it."""
    return all(ratio(color, other) >= needed for other, needed in others)


@lru_cache(maxsize=256)
def nearest(color: str, others: tuple[tuple[str, float], ...]) -> str | None:
    """The shade of ``color`` nearest to it that passes, as ``#rrggbb``; itself where it does, None where none does.

    Black and white are the last of the shades, so there always is one where there is a single other colour and no more
    than 4.5:1 is needed: one of the two has 4.58:1 or more with any colour.
    """
    if passes(color, others):
        return _hex(_channels(color))
    return next((shade for shade in _shades(color) if passes(shade, others)), None)


def shown(value: float) -> str:
    """A ratio for people, rounded down so that one that fails never looks as if it passed: ``4.4:1``."""
    return f"{math.floor(value * 10) / 10:.1f}:1"


def _shades(color: str) -> Iterator[str]:
    """Every shade of ``color``, the nearest first: lighter and darker by one step, by two, …, black and white last."""
    lightness, a, b = _to_oklab(_linear(color))
    for count in range(1, math.ceil(1 / STEP) + 1):
        for moved in (lightness - count * STEP, lightness + count * STEP):
            if 0 < moved < 1:
                yield _hex(_in_gamut(moved, a, b))
    yield "#000000"
    yield "#ffffff"


def _in_gamut(lightness: float, a: float, b: float) -> tuple[int, int, int]:
    """The colour of this lightness and hue with as much of its chroma as a screen can show."""
    low, high = 0.0, 1.0
    if not _showable(_from_oklab((lightness, a, b))):
        for _ in range(20):
            middle = (low + high) / 2
            low, high = (middle, high) if _showable(_from_oklab((lightness, a * middle, b * middle))) else (low, middle)
    else:
        low = 1.0
    red, green, blue = _from_oklab((lightness, a * low, b * low))
    return _encoded(red), _encoded(green), _encoded(blue)


def _showable(linear: Triple) -> bool:
    return all(-1e-6 <= channel <= 1 + 1e-6 for channel in linear)


def _channels(color: str) -> tuple[int, int, int]:
    digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _hex(channels: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*channels)


def _linear(color: str) -> Triple:
    red, green, blue = (_decoded(channel / 255) for channel in _channels(color))
    return red, green, blue


def _decoded(channel: float) -> float:
    """sRGB to linear light (IEC 61966-2-1; WCAG writes 0.03928 for 0.04045, which no 8-bit colour tells apart)."""
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(linear: float) -> int:
    light = min(max(linear, 0.0), 1.0)
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))


def _to_oklab(linear: Triple) -> Triple:
    red, green, blue = linear
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lab: Triple) -> Triple:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
