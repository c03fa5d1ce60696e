"""The gallery in a tab, as its tests use it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FrameLocator, Locator, Page, expect

from .conftest import PATIENCE
from .samples import site

expect.set_options(timeout=PATIENCE)


def write_site(folder: Path) -> Path:
    """A site in English, German and Arabic, as a build leaves it; gives the gallery's file."""
    for path, content in site("plain").files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder / "index.html"


def tile(page: Page, key: str) -> Locator:
    """The thumbnail of one page with its caption."""
    return page.locator(f'.tile[data-key="{key}"]')


def keys(page: Page) -> list[str]:
    """The pages that are on the wall, in their order."""
    found = page.evaluate("[...document.querySelectorAll('.tile:not([hidden])')].map((one) => one.dataset.key)")
    return [str(key) for key in found]


def large(page: Page) -> FrameLocator:
    """What is in the large page."""
    return page.frame_locator("#stage iframe:not(.coming, .going)")


def expect_large(page: Page, headline: str) -> None:
    """Wait until the large page has been painted with this headline."""
    expect(page.locator("#stage iframe")).to_have_count(1)
    expect(large(page).locator("h1")).to_have_text(headline)


def style_of(locator: Locator, name: str) -> str:
    """A computed property of CSS."""
    return str(locator.evaluate("(element, name) => getComputedStyle(element).getPropertyValue(name)", name))
