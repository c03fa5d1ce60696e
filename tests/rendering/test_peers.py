"""Every page of every theme in every language, read by the Nu HTML checker; every Markdown page by markdownlint."""

from __future__ import annotations

import itertools
import json
import re
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


def test_the_nu_html_checker_finds_nothing(tmp_path: Path) -> None:
    """In one run: most of a short one is Java becoming fast. A stylesheet is read in the first page that has it."""
    seen: set[bytes] = set()

    def once(style: re.Match[bytes]) -> bytes:
        new = style[0] not in seen
        seen.add(style[0])
        return style[0] if new else b"<style></style>"

    for theme, script in itertools.product(THEMES, (False, True)):
        files = site(theme, ("en", "ar") if script else TAGS, script=script).files
        pages = [path for path in files if path.startswith("pages/") and path.endswith(".html")]
        assert len(pages) > (200 if script else 1_400)
        for path in ("index.html", *pages):
            # The checker takes no hash of a policy for what it is.
            content = re.sub(rb'<meta http-equiv="Content-Security-Policy"[^>]*>', b"", files[path])
            file = tmp_path / theme / ("with script" if script else "without script") / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(re.sub(rb"<style>.*?</style>", once, content, flags=re.DOTALL))
    assert len(seen) > len(THEMES)
    jar = NODE / "vnu-jar/build/dist/vnu.jar"
    # Java's second compiler costs more than it gains in half a minute; code of the first one needs a larger stack.
    java = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss4m"]
    options = [*java, "-jar", str(jar), "--skip-non-html", "--format", "gnu"]
    command = [program("java", "default-jre-headless"), *options, str(tmp_path)]
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
