"""A page needs nothing but itself: no request, no script, and no more of a Content Security Policy than its hashes."""

from __future__ import annotations

import pytest

from site_builder.model import File

from .conftest import Open
from .samples import LANGUAGES, THEMES, sample, site

PAPER = """() => [document.documentElement, document.body].map(one => getComputedStyle(one).backgroundColor)
  .find(colour => colour !== "rgba(0, 0, 0, 0)")"""
"""The colour behind a page, which only its stylesheet gives it."""


def policy(file: File) -> str:
    """The strictest policy under which the page is what it is, by the hashes of its manifest."""
    sources = {name: " ".join(f"'{source}'" for source in hashes) for name, hashes in file.csp.items()}
    return "; ".join(["default-src 'none'", "img-src data:", *(f"{name} {value}" for name, value in sources.items())])


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
@pytest.mark.parametrize("theme", THEMES)
def test_asks_for_nothing_and_keeps_to_its_policy(tab: Open, theme: str, script: bool) -> None:
    made = site(theme, script=script)
    files = {file.path: file for file in made.manifest.files}
    with tab() as shown:
        for language in LANGUAGES:
            for key, html in sample(theme, language, script=script).items():
                csp = policy(files[f"pages/cloudflare/{language}/{key}.html"])
                shown.load(html, {"content-security-policy": csp})
                assert ("script-src" in csp) == script
                assert (shown.requests, shown.complaints) == ([], [])
                assert shown.run(PAPER)


@pytest.mark.parametrize("theme", THEMES)
def test_a_policy_without_the_hashes_blocks_the_page(tab: Open, theme: str) -> None:
    with tab() as shown:
        shown.load(sample(theme, "en")["404"], {"content-security-policy": "default-src 'none'"})
        assert "Content Security Policy" in "".join(shown.complaints)
        assert not shown.run(PAPER)


@pytest.mark.parametrize("theme", THEMES)
def test_works_with_scripts_off(tab: Open, theme: str) -> None:
    with_script = sample(theme, "en", script=True)
    with tab(java_script_enabled=False) as shown:
        for key, html in sample(theme, "en").items():
            shown.load(with_script[key])
            words = shown.page.locator("body").inner_text()
            shown.load(html)
            assert shown.page.locator("body").inner_text() == words
            assert shown.page.get_by_role("heading", level=1).count() == 1
            assert shown.page.locator("main a[href]").first.is_visible()
            assert shown.page.get_by_role("button").count() == 0
