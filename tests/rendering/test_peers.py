"""Every page of every theme in every language, read by the Nu HTML checker; every Markdown page by markdownlint."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from site_builder import catalog, settings
from tests.browser.conftest import NODE
from tests.browser.samples import THEMES, site

TAGS = tuple(sorted(catalog.load([settings.shipped() / "catalog"]).languages, key=lambda tag: (tag != "en", tag)))
MOST = {"minimal": 3_000}
"""Bytes of an HTML page by theme; 10,000, which is what Cloudflare takes inline, for the others."""


def program(name: str, package: str) -> str:
    """The path of a program that make test installs."""
    path = shutil.which(name)
    assert path, f"there is no {name}; make test installs it, or: sudo apt-get install -y {package}"
    return path


@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
@pytest.mark.parametrize("theme", THEMES)
def test_the_nu_html_checker_finds_nothing(tmp_path: Path, theme: str, script: bool) -> None:
    files = site(theme, TAGS if not script else ("en", "ar"), script=script).files
    pages = {path: content for path, content in files.items() if path.startswith("pages/") and path.endswith(".html")}
    assert len(pages) > (1_400 if not script else 200)
    for path, content in pages.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "index.html").write_bytes(files["index.html"])
    jar = NODE / "vnu-jar/build/dist/vnu.jar"
    command = [
        program("java", "default-jre-headless"),
        "-jar",
        str(jar),
        "--skip-non-html",
        "--format",
        "gnu",
        str(tmp_path),
    ]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_is_small(theme: str) -> None:
    files = site(theme, TAGS).files
    pages = {
        path: len(content) for path, content in files.items() if path.startswith("pages/") and path.endswith(".html")
    }
    most = MOST.get(theme, 10_000)
    assert {path: size for path, size in pages.items() if size >= most} == {}


def test_markdownlint_finds_nothing(tmp_path: Path) -> None:
    for path, content in site("plain", TAGS).files.items():
        if path.startswith("pages/") and path.endswith(".md"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
    # Lines are paragraphs, however long, and the front matter holds no title beside the heading.
    config = {"config": {"MD013": False, "MD025": {"front_matter_title": ""}}}
    (tmp_path / ".markdownlint-cli2.jsonc").write_text(json.dumps(config), "utf-8")
    command = [program("node", "nodejs"), str(NODE / "markdownlint-cli2/markdownlint-cli2-bin.mjs"), "**/*.md"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
