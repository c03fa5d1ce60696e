"""WCAG 2.2 AA, as axe-core reads it: no violation, and nothing that it could not decide."""

from __future__ import annotations

import pytest

from .conftest import AXE_AGAIN, SCHEMES, Open
from .samples import LANGUAGES, THEMES, sample


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", THEMES)
def test_nobody_is_left_out(tab: Open, axe: str, theme: str, language: str) -> None:
    found: dict[tuple[str, str], list[str]] = {}
    with tab(viewport={"width": 390, "height": 844}) as shown:
        for key, html in sample(theme, language).items():
            shown.show(html)
            for scheme in SCHEMES:
                shown.page.emulate_media(color_scheme=scheme)
                found[key, scheme] = shown.run(AXE_AGAIN if found else axe)
    assert {place: problems for place, problems in found.items() if problems} == {}
    assert len(found) >= 2 * 12


@pytest.mark.parametrize("theme", THEMES)
def test_a_faulty_page_is_found_out(tab: Open, axe: str, theme: str) -> None:
    html = sample(theme, "en")["404"].decode()
    faulty = html.replace('<html lang="en"', "<html").replace(
        "</main>", '<p style="color:#ccc;background:#fff">x</p></main>'
    )
    with tab() as shown:
        shown.load(faulty.encode())
        ids = {line.partition(":")[0] for line in shown.run(axe)}
    assert {"html-has-lang", "color-contrast"} <= ids
