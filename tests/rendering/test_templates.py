"""Themes and templates: which file is used, and what is said when one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder.errors import InvalidInput, LocalFilesFailed
from site_builder.model import PROFILES, Entry, Language, Site
from site_builder.rendering import Renderer, Theme, themes

HINT = 'what a template sees is listed in the README, under "A theme of your own"'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The templates of a project, which has a part of the theme plain of its own."""
    folder = tmp_path / "templates"
    (folder / "plain").mkdir(parents=True)
    return folder


def page(own: Path, templates: Path, entry: Entry, language: Language, site: Site) -> str:
    return Renderer([own, templates], "plain").render(entry, language, PROFILES["static"], site)["html"].decode()


@pytest.mark.parametrize(
    ("template", "message", "hint"),
    [
        (
            "<p>\n{% if %}\n",
            ":2: Expected an expression, got 'end of statement block'",
            "correct the template on that line",
        ),
        ("\n\n{{ page.headlin }}", ":3: page has no 'headlin'; did you mean headline?", HINT),
        ("{{ headline }}", ":1: there is no variable 'headline'; did you mean page.headline?", HINT),
        ("{{ pge.headline }}", ":1: there is no variable 'pge'; did you mean page?", HINT),
        ("{{ zzz }}", ":1: there is no variable 'zzz'", HINT),
        ("{{ page.home.url }}", ":1: a Link has no 'url'; there are: label, href", HINT),
        ("{{ page.home.lable }}", ":1: a Link has no 'lable'; did you mean label?", HINT),
        ("{{ page.strings.contct }}", ":1: page.strings has no 'contct'; did you mean contact?", HINT),
        ("{{ page.ray_id.x }}", ":1: nothing has no 'x'", HINT),
        ("a\n{% for a in page.code %}{% endfor %}", ":2: TypeError: 'int' object is not iterable", HINT),
        (
            "{% if page.key %}\n{{ page.maintenance.when }}{% endif %}",
            ":2: page.maintenance is None on every page but maintenance, so that it has no 'when' there",
            HINT,
        ),
        (
            "\n{{ page.sign_in.href }}",
            ":2: a Link that the site does not have is None and has no 'href'",
            HINT,
        ),
        (
            "\n{% include 'page.html.j2' %}",
            ":2: the template includes itself, or another that includes it",
            HINT,
        ),
        (
            "\n{% extends 'plian/page.html.j2' %}",
            ":2: there is no template 'plian/page.html.j2'; did you mean plain/page.html.j2?",
            "templates are looked for in templates/plain, templates/_shared",
        ),
        (
            "\n{% include 'stile.css' %}",
            ":2: there is no template 'stile.css'; did you mean style.css?",
            "templates are looked for in templates/plain, templates/_shared",
        ),
        (
            "{{ styles('nothing.at.all') }}",
            ":1: there is no template 'nothing.at.all'",
            "templates are looked for in templates/plain, templates/_shared",
        ),
        (
            "<p>x</p>",
            ': writes <meta name="errgen" content=""> 0 times',
            "write it once, in <head>: publishing recognises a page of ours by it (document.html.j2 has it)",
        ),
        (
            '<meta name="errgen" content="">::RAY_ID::',
            ": ::RAY_ID:: would stay in pages of the profile static, which cannot fill it in",
            "use page.ray_id, page.client_ip or page.region, which are None where an edge cannot fill them in",
        ),
    ],
)
def test_a_wrong_template_is_named_with_its_line(
    own: Path,
    templates: Path,
    not_found: Entry,
    english: Language,
    site: Site,
    template: str,
    message: str,
    hint: str,
) -> None:
    (own / "plain/page.html.j2").write_text(template)
    with pytest.raises(InvalidInput) as caught:
        page(own, templates, not_found, english, site)
    assert str(caught.value) == f"templates/plain/page.html.j2{message}"
    assert caught.value.hint == hint


def test_a_fault_in_a_shared_part_is_named_there(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site
) -> None:
    (own / "_shared").mkdir()
    (own / "_shared/document.html.j2").write_text("<p>\n{{ page.tittle }}{% block body %}{% endblock %}")
    with pytest.raises(InvalidInput) as caught:
        page(own, templates, not_found, english, site)
    assert str(caught.value) == "templates/_shared/document.html.j2:2: page has no 'tittle'; did you mean title?"


def test_a_fault_in_the_markdown_template(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site
) -> None:
    (own / "plain/page.md.j2").write_text("# {{ title }}\n{{ detial }}")
    with pytest.raises(InvalidInput) as caught:
        page(own, templates, not_found, english, site)
    assert str(caught.value).startswith("templates/plain/page.md.j2:2: there is no variable 'detial'")


@pytest.mark.parametrize("name", ["page.html.j2", "page.md.j2", "style.css"])
def test_a_file_that_is_not_utf8(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site, name: str
) -> None:
    (own / "plain" / name).write_bytes(b"one\ncaf\xe9\n")
    with pytest.raises(InvalidInput) as caught:
        page(own, templates, not_found, english, site)
    assert str(caught.value) == f"templates/plain/{name}:2: is not UTF-8: byte 7 cannot be decoded"


def test_a_file_that_cannot_be_read(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site
) -> None:
    (own / "plain/style.css").symlink_to("/proc/self/mem")  # a file whose first byte cannot be read, even by root
    with pytest.raises(LocalFilesFailed) as caught:
        page(own, templates, not_found, english, site)
    assert str(caught.value) == "templates/plain/style.css: cannot read the template: Input/output error"


def test_a_projects_file_is_used_before_what_ships(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site
) -> None:
    (own / "plain/style.css").write_text("/* ours */ main { color: red; }")
    assert "<style>main{color:red}</style>" in page(own, templates, not_found, english, site)


def test_plain_strings_of_a_template_are_escaped(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site
) -> None:
    (own / "plain/page.html.j2").write_text(
        "{% extends 'document.html.j2' %}{% block body %}{{ '<b>' }}{{ page.key }}{% endblock %}"
    )
    assert "<body>\n&lt;b&gt;404</body>" in page(own, templates, not_found, english, site)


def test_a_theme_of_a_project(own: Path, templates: Path, not_found: Entry, english: Language, site: Site) -> None:
    (own / "mine").mkdir()
    (own / "mine/theme.yaml").write_text("name: Mine\ndescription: Ours alone.\n")
    (own / "mine/page.html.j2").write_text("{% extends 'document.html.j2' %}{% block body %}Mine{% endblock %}")
    (own / "mine/page.md.j2").write_text("# {{ title }}\n")
    (own / "mine/style.css").write_text("")
    formats = Renderer([own, templates], "mine").render(not_found, english, PROFILES["static"], site)
    assert b"<body>\nMine</body>" in formats["html"]
    assert formats["markdown"].endswith(b"---\n\n# Error 404: Not Found\n")
    assert next(theme for theme in themes([own, templates]) if theme.key == "mine") == Theme(
        "mine", "Mine", "Ours alone."
    )


def test_a_theme_without_a_page_that_inherits_from_none(
    own: Path, templates: Path, not_found: Entry, english: Language, site: Site
) -> None:
    (own / "mine").mkdir()
    (own / "mine/theme.yaml").write_text("name: Mine\ndescription: Ours alone.\n")
    with pytest.raises(InvalidInput) as caught:
        Renderer([own, templates], "mine").render(not_found, english, PROFILES["static"], site)
    assert (
        str(caught.value) == "templates/mine/theme.yaml: the theme has no page.html.j2 and inherits from no other theme"
    )
    assert caught.value.hint == 'write "inherits: plain" into theme.yaml, or make templates/mine/page.html.j2'


def test_an_unknown_theme_lists_those_there_are(own: Path, templates: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        Renderer([own, templates], "plian", where="errgen.toml: site.default.theme")
    assert str(caught.value).startswith("errgen.toml: site.default.theme: there is no theme 'plian'; there are: ")
    assert "plain" in str(caught.value)
    assert caught.value.hint == "did you mean plain?"


def test_the_themes_that_ship(templates: Path) -> None:
    assert "plain" in [theme.key for theme in themes([templates])]
    assert all(theme.name and theme.description for theme in themes([templates]))
