"""A page needs nothing but itself: no request, no script, and no more of a Content Security Policy than its hashes."""

from __future__ import annotations

import pytest

from site_builder.model import File

from .conftest import Open
from .samples import LANGUAGES, THEMES, sample, site


def policy(file: File) -> str:
    """The strictest policy under which the page is what it is, by the hashes of its manifest."""
    sources = {name: " ".join(f"'{source}'" for source in hashes) for name, hashes in file.csp.items()}
    return "; ".join(["default-src 'none'", "img-src data:", *(f"{name} {value}" for name, value in sources.items())])


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
@pytest.mark.parametrize("theme", THEMES)
def test_asks_for_nothing_and_keeps_to_its_policy(tab: Open, theme: str, script: bool) -> None:
    made = site(theme, script=script)
    files = {file.path: file for file in made.manifest.files}
    plain = "rgba(0, 0, 0, 0)"
    for language in LANGUAGES:
        for key, html in sample(theme, language, script=script).items():
            csp = policy(files[f"pages/cloudflare/{language}/{key}.html"])
            with tab() as shown:
                shown.load(html, {"content-security-policy": csp})
                assert ("script-src" in csp) == script
                assert (shown.requests, shown.complaints) == ([], [])
                assert shown.run("() => getComputedStyle(document.body).backgroundColor") != plain
                shown.load(html, {"content-security-policy": "default-src 'none'"})
                assert len(shown.complaints) >= 1


@pytest.mark.parametrize("theme", THEMES)
def test_works_with_scripts_off(tab: Open, theme: str) -> None:
    with_script = sample(theme, "en", script=True)
    for key, html in sample(theme, "en").items():
        texts = []
        for content in (html, with_script[key]):
            with tab(java_script_enabled=False) as shown:
                shown.load(content)
                texts.append(shown.page.locator("body").inner_text())
                assert shown.page.get_by_role("heading", level=1).count() == 1
                assert shown.page.locator("main a[href]").first.is_visible()
                assert shown.page.get_by_role("button").count() == 0
        assert texts[0] == texts[1], key
