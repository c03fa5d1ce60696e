"""Light and dark, forced colours, paper, and no motion for those who ask for none."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from PIL import Image

from .conftest import Open, Shown
from .samples import THEMES, sample


def screenshot(shown: Shown, selector: str | None = None) -> Image.Image:
    """The page, or one element of it, as it is seen."""
    what = shown.page.locator(selector).first if selector else shown.page
    return Image.open(io.BytesIO(what.screenshot(animations="disabled"))).convert("RGB")


def colours(image: Image.Image) -> Counter[tuple[int, ...]]:
    """How many pixels have which colour."""
    found = image.getcolors(image.width * image.height)
    assert found is not None
    return Counter({colour: count for count, colour in found if isinstance(colour, tuple)})


def brightness(colour: tuple[int, ...]) -> float:
    """From 0 for black to 255 for white."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


@pytest.mark.parametrize("theme", THEMES)
def test_light_is_light_and_dark_is_dark(tab: Open, theme: str) -> None:
    main = {}
    for scheme in ("light", "dark"):
        with tab(color_scheme=scheme) as shown:
            shown.load(sample(theme, "en")["404"])
            # Where most of the text stands: the paper is the commonest colour of the paragraph.
            main[scheme] = colours(screenshot(shown, "main p:last-of-type")).most_common(1)[0][0]
    assert brightness(main["light"]) > brightness(main["dark"]) + 60


SYSTEM_COLOURS = [
    "Canvas",
    "CanvasText",
    "LinkText",
    "VisitedText",
    "ButtonText",
    "ButtonFace",
    "GrayText",
    "Highlight",
]
COLOURS_OF = """names => names.map(name => {
  const probe = document.createElement("i");
  probe.style.color = name;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour.match(/\\d+/g).slice(0, 3).map(Number);
})"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", THEMES)
def test_forced_colours_are_the_visitors_own(tab: Open, theme: str, scheme: str) -> None:
    """Only system colours are left, text stands out from them, and the place that broke differs from what works."""
    paper = {"light": (255, 255, 255), "dark": (0, 0, 0)}[scheme]
    with tab(color_scheme=scheme, forced_colors="active") as shown:
        for key in ("401", "404", "5xx", "522", "maintenance"):
            shown.load(sample(theme, "en")[key])
            system = shown.run(COLOURS_OF, SYSTEM_COLOURS)
            image = screenshot(shown)
            counted = colours(image)
            assert counted.most_common(1)[0][0] == paper, key
            # Letters are smoothed: only what covers an area is a colour of the page.
            area = image.width * image.height / 500
            strangers = {
                colour: count for colour, count in counted.items() if count > area and list(colour) not in system
            }
            assert strangers == {}, key
            headline = colours(screenshot(shown, "h1"))
            assert max(abs(brightness(one) - brightness(paper)) for one in headline) > 200, key


@pytest.mark.parametrize("theme", THEMES)
def test_what_broke_shows_in_forced_colours(tab: Open, theme: str) -> None:
    with tab(forced_colors="active") as shown:
        shown.load(sample(theme, "en")["522"])
        steps = shown.page.locator("main ol > li")
        if not steps.count():
            pytest.fail("no picture") if theme == "path" else None
            return
        pictures = [screenshot(shown, f"main ol > li:nth-child({place})").tobytes() for place in (1, 2, 3)]
        states = [steps.nth(place).inner_text().split("\n")[-1] for place in range(3)]
    assert len(set(pictures)) == 3
    assert states[0] != states[2]


@pytest.mark.parametrize("theme", THEMES)
def test_paper_is_white_and_its_ink_dark(tab: Open, axe: str, theme: str) -> None:
    with tab(color_scheme="dark", viewport={"width": 800, "height": 1100}) as shown:
        for key in ("404", "522", "maintenance"):
            shown.load(sample(theme, "en")[key])
            shown.page.emulate_media(media="print", color_scheme="dark")
            counted = colours(screenshot(shown))
            assert counted.most_common(1)[0][0] == (255, 255, 255), key
            contrast = [line for line in shown.run(axe) if line.startswith("color-contrast")]
            assert contrast == [], key
            assert shown.page.pdf().startswith(b"%PDF-")


@pytest.mark.parametrize("theme", THEMES)
def test_nothing_moves_for_those_who_ask(tab: Open, theme: str) -> None:
    moving = """() => [...document.querySelectorAll("*")].filter(one => {
      const style = getComputedStyle(one);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
    }).length + document.getAnimations().length"""
    with tab(reduced_motion="reduce") as shown:
        for html in sample(theme, "en").values():
            shown.show(html)
            assert shown.run(moving) == 0
