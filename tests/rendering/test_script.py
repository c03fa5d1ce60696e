"""Scripts in pages: small, harmless to HTML, only where they are asked for."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from site_builder.model import PROFILES, Entry, Language, Site
from site_builder.rendering import Renderer, csp_of
from site_builder.rendering.script import minified


@pytest.mark.parametrize(
    ("script", "small"),
    [
        ("", ""),
        ("// a\n  let a = 1\n\n\n  // b\n  f( a, 'x = 1' )\n", "let a=1\nf(a,'x = 1')"),
        ("/* a\n b */\nlet a = '//' // stays\n", "let a = '//' // stays"),
        ('a = "</script><!-- <SCRIPT"', r'a = "\x3c/script>\x3c!-- \x3cSCRIPT"'),
        ("let a = ` x\n  y`", "let a = ` x\n  y`"),
        ("a = /x = [ ]/", "a = /x = [ ]/"),
        ("a = b - -c + +d", "a=b - -c + +d"),
    ],
)
def test_minified(script: str, small: str) -> None:
    assert minified(script) == small
    assert minified(small) == small


def test_the_script_that_ships_is_small(templates: Path) -> None:
    small = minified((templates / "_shared/script.js").read_text("utf-8"))
    assert len(small) < 1_600
    assert "<" not in small.replace("<6e5", "")


def test_it_is_in_pages_that_have_something_for_it(
    renderer: Renderer, english: Language, site: Site, not_found: Entry, timed_out: Entry
) -> None:
    asked = dataclasses.replace(site, script=True)
    found = {
        (entry.key, name): "script-src" in csp_of(renderer.render(entry, english, profile, asked)["html"])
        for entry in (not_found, timed_out)
        for name, profile in PROFILES.items()
    }
    assert found == {
        ("404", "cloudflare"): True,
        ("404", "static"): False,
        ("522", "cloudflare"): True,
        ("522", "static"): True,
    }
    assert b"<script" not in renderer.render(timed_out, english, PROFILES["cloudflare"], site)["html"]


def test_what_it_says_is_in_the_page(renderer: Renderer, english: Language, site: Site, timed_out: Entry) -> None:
    asked = dataclasses.replace(site, script=True)
    page = renderer.render(timed_out, english, PROFILES["cloudflare"], asked)["html"].decode()
    assert '<code data-copy="Copy" data-copied="Copied"><bdi dir="ltr">::RAY_ID::</bdi></code>' in page
    assert (
        '<p class="retry" data-retry="120" data-going="This page is trying again by itself." data-stop="Stop trying" '
        'data-stopped="This page no longer tries again by itself.">You can try again in 2 minutes.</p>'
    ) in page
