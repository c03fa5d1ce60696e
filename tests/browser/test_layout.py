"""Narrow screens, 400 % zoom and wider text: everything stays on the page, nothing lies over anything else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from playwright.sync_api import ViewportSize

from .conftest import Open
from .samples import LANGUAGES, THEMES, sample, site

WIDE_TEXT = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-block-end: 2em !important; }
"""
"""The text spacing that WCAG 2.2 asks a page to bear (1.4.12)."""

# What does not fit: a page wider than its window, text cut off by its box, text over other text.
MISFITS = """
() => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} px wide`);
  const boxes = [];
  const ancestors = one => (one ? [one, ...ancestors(one.parentElement)] : []);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const text = node.data.trim();
    const holder = node.parentElement;
    if (!text || !holder.checkVisibility() || holder.closest("svg, script, style")) continue;
    // What is a pixel large is for those who listen, not for those who look.
    if (ancestors(holder).some(one => one.offsetWidth <= 1 && one.offsetHeight <= 1)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.left < -1 || box.right > root.clientWidth + 1) found.push(`outside: ${text}`);
      for (const up of ancestors(holder)) {
        const style = getComputedStyle(up);
        if (style.overflowX === "visible" && style.overflowY === "visible") continue;
        const clip = up.getBoundingClientRect();
        if (up !== document.body && up !== root && (box.right > clip.right + 1 || box.bottom > clip.bottom + 1)) {
          found.push(`cut off: ${text}`);
        }
      }
      // The height of a line box says little about its letters: half of it around the middle does.
      const quarter = box.height / 4;
      boxes.push({ text, left: box.left, right: box.right, top: box.top + quarter, bottom: box.bottom - quarter });
    }
  }
  boxes.forEach((one, index) => {
    for (const other of boxes.slice(index + 1)) {
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
      const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
      if (across > 1 && down > 1) found.push(`one over the other: ${one.text} | ${other.text}`);
    }
  });
  return found;
}
"""

WINDOWS: Mapping[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "320 px": {"width": 320, "height": 568},
    "400 % of 1280 x 1024": {"width": 320, "height": 256},
    "desktop": {"width": 1280, "height": 800},
}


@pytest.mark.parametrize("spacing", ["", WIDE_TEXT], ids=["as it is", "wider text"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
def test_everything_fits(tab: Open, theme: str, language: str, spacing: str) -> None:
    found = {}
    with tab() as shown:
        for key, html in sample(theme, language).items():
            shown.show(html)
            if spacing:
                shown.page.add_style_tag(content=spacing)
            # Wider text matters where there is little room for it.
            for name, size in [*WINDOWS.items()][: 3 if spacing else None]:
                shown.page.set_viewport_size(size)
                found[f"{key}, {name}"] = shown.run(MISFITS)
    assert {name: misfits for name, misfits in found.items() if misfits} == {}
    assert len(found) >= 3 * 12


BROKEN_WORDS = """
() => [...document.querySelectorAll("time")].flatMap(time => {
  const found = [];
  const walker = document.createTreeWalker(time, NodeFilter.SHOW_TEXT);
  let before = null;
  for (let node; (node = walker.nextNode()); ) {
    for (let at = 0; at < node.data.length; at++) {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const box = range.getBoundingClientRect();
      const here = { text: node.data[at], top: box.top, bottom: box.bottom };
      if (before && before.text.trim() && here.text.trim() && here.top >= before.bottom - 2) {
        found.push(`${before.text}|${here.text}`);
      }
      before = here;
    }
  }
  return found;
})
"""
"""Where a time goes on in another line though it has no space there."""


@pytest.mark.parametrize("theme", THEMES)
def test_a_time_breaks_at_its_spaces_only(tab: Open, theme: str) -> None:
    files = site(theme, ("ja", "zh-Hans")).files
    found = {}
    with tab() as shown:
        for language in ("ja", "zh-Hans"):
            shown.show(files[f"pages/cloudflare/{language}/maintenance.html"])
            assert shown.run("() => document.querySelectorAll('time').length") == 2
            for name, size in WINDOWS.items():
                shown.page.set_viewport_size(size)
                found[f"{language}, {name}"] = [*shown.run(BROKEN_WORDS), *shown.run(MISFITS)]
    assert {name: broken for name, broken in found.items() if broken} == {}


EVERYTHING = """() => [document.compatMode, document.characterSet, document.documentElement.outerHTML,
  ...[...document.querySelectorAll("*")].map(one => JSON.stringify(one.getBoundingClientRect()) +
    getComputedStyle(one).cssText)]"""


@pytest.mark.parametrize("theme", THEMES)
def test_a_page_looks_the_same_however_it_came_there(tab: Open, theme: str) -> None:
    pages = sample(theme, "de")
    with tab() as shown:
        shown.load(pages["404"])
        for key in ("5xx", "maintenance"):
            shown.show(pages[key])
            written = shown.run(EVERYTHING)
            shown.load(pages[key])
            assert shown.run(EVERYTHING) == written


def test_misfits_are_found_out(tab: Open) -> None:
    page = b"""<!doctype html><meta name=viewport content="width=device-width"><body style="margin:0">
    <p style="width:500px;margin:0">wide</p><p style="margin:0 0 -20px">under</p><p style="margin:0">over</p>
    <div style="height:5px;overflow:hidden">a line<br>cut</div><p style="margin-left:-99px">left</p>"""
    with tab(viewport=WINDOWS["320 px"]) as shown:
        shown.load(page)
        kinds = {line.partition(":")[0] for line in shown.run(MISFITS)}
    assert kinds == {"the page is 500 px wide", "cut off", "one over the other", "outside"}


@pytest.mark.parametrize("theme", THEMES)
def test_a_line_is_easy_to_read(tab: Open, theme: str) -> None:
    """What a visitor reads is 18 to 20 px large on a desktop, in lines of at most 75 characters."""
    with tab() as shown:
        shown.load(sample(theme, "en")["5xx"])
        size, characters = shown.run(
            """() => {
              const length = one => one.innerText.length;
              const text = [...document.querySelectorAll("main p")].sort((a, b) => length(b) - length(a))[0];
              const range = document.createRange();
              range.selectNodeContents(text);
              const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top / 8)));
              return [parseFloat(getComputedStyle(text).fontSize), length(text) / lines.size];
            }"""
        )
    assert 18 <= size <= 20
    assert 30 <= characters <= 75
