"""Templates that extend one another: no block is left out in silence, and no circle is followed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from site_builder.errors import InvalidInput
from site_builder.model import PROFILES, Entry, Language, Site
from site_builder.rendering import Renderer

PARTS = ("header", "main", "headline", "words", "next", "advice", "footer", "links")
"""The blocks that every theme has where it has such a part."""

HINT = "give it the name of a block that one of them has, or put it inside such a block"
CIRCLE = (
    "a template can extend only another file: document.html.j2, or THEME/page.html.j2 of a theme that it inherits from"
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A project's theme that inherits from plain."""
    folder = tmp_path / "templates"
    (folder / "mine").mkdir(parents=True)
    (folder / "mine/theme.yaml").write_text("name: Mine\ndescription: Ours.\ninherits: plain\n")
    return folder


def page(own: Path, templates: Path, text: str, entry: Entry, language: Language, site: Site) -> str:
    (own / "mine/page.html.j2").write_text(text)
    return Renderer([own, templates], "mine").render(entry, language, PROFILES["static"], site)["html"].decode()


@pytest.mark.parametrize(
    ("template", "message", "hint"),
    [
        (
            '{% extends "plain/page.html.j2" %}\n{% block foter %}x{% endblock %}\n{% block zzz %}{% endblock %}',
            "templates/mine/page.html.j2:2: block foter: no template that this one extends has it, so that it would be "
            "left out; did you mean footer?\n"
            "templates/mine/page.html.j2:3: block zzz: no template that this one extends has it, so that it would be "
            "left out; there are: advice, alternates, body, footer, header, headline, icon, links, main, next, "
            "styles, words",
            HINT,
        ),
        (
            '{% extends "document.html.j2" %}\n{% if true %}\n{% block header %}x{% endblock %}{% endif %}',
            "templates/mine/page.html.j2:3: block header: no template that this one extends has it, so that it would "
            "be left out; there are: alternates, body, icon, styles",
            HINT,
        ),
        ('\n{% extends "page.html.j2" %}', "templates/mine/page.html.j2:2: extends itself", CIRCLE),
        ('\n{% extends "mine/page.html.j2" %}', "templates/mine/page.html.j2:2: extends itself", CIRCLE),
        (
            '{% extends "other.html.j2" %}',
            "templates/mine/other.html.j2:2: extends go round in a circle: templates/mine/page.html.j2 → "
            "templates/mine/other.html.j2 → templates/mine/page.html.j2",
            CIRCLE,
        ),
    ],
)
def test_what_is_refused(
    own: Path,
    templates: Path,
    not_found: Entry,
    english: Language,
    site: Site,
    template: str,
    message: str,
    hint: str,
) -> None:
    (own / "mine/other.html.j2").write_text('\n{% extends "page.html.j2" %}')
    with pytest.raises(InvalidInput) as caught:
        page(own, templates, template, not_found, english, site)
    assert str(caught.value) == message
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    "template",
    [
        '{% extends "plain/page.html.j2" %}{% block words %}{% block mark %}MARK{% endblock %}{% endblock %}',
        '{% extends "plain/page.html.j2" %}{% block mark %}MARK{% endblock %}'
        "{% block links %}{{ self.mark() }}{% endblock %}",
        '{% extends "plain/" ~ "page.html.j2" %}{% block words %}MARK{% endblock %}{% block any %}{% endblock %}',
    ],
)
def test_what_is_not(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site, template: str
) -> None:
    assert "MARK" in page(own, templates, template, not_found, english, site)


@pytest.mark.parametrize("theme", ["plain", "path", "brand", "minimal"])
def test_a_theme_changes_one_part_of_any_that_ships(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site, theme: str
) -> None:
    (own / "mine/theme.yaml").write_text(f"name: Mine\ndescription: Ours.\ninherits: {theme}\n")
    base = Renderer([templates], theme)
    site = dataclasses.replace(site, theme=theme)
    whole = base.render(not_found, english, PROFILES["static"], site)["html"].decode()
    for part in PARTS[theme == "minimal" :]:
        start = f'{{% extends "{theme}/page.html.j2" %}}{{% block {part} %}}'
        changed = page(own, templates, start + "⟦{{ super() }}⟧{% endblock %}", not_found, english, site)
        inside = changed.partition("⟦")[2].rpartition("⟧")[0]
        assert inside in whole
        assert inside
        assert len(changed) == len(whole) + 2
