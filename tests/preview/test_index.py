from __future__ import annotations

import re

import html5lib

from tests.conftest import Project


def test_is_valid_and_every_link_leads_to_a_page(project: Project) -> None:
    project.run("build")
    page = project.read("output/default/index.html")
    html5lib.HTMLParser(strict=True).parse(page)
    links = re.findall(r'href="([^"]+)"', page)
    assert len(links) == 508
    files = project.files("output/default")
    assert {link for link in links if link not in files} == set()


def test_names_are_text(project: Project) -> None:
    settings = project.read("errgen.toml")
    project.write("errgen.toml", settings.replace('"Example"', "'<script>alert(1)</script> & \"Söhne\"'"))
    project.run("build")
    page = project.read("output/default/index.html")
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert tree.findtext(".//h1") == 'Error pages of <script>alert(1)</script> & "Söhne"'
    assert tree.find(".//script") is None
