from __future__ import annotations

import gzip
import json
import statistics

from tests.conftest import Outcome, Project


def test_says_what_each_format_weighs(project: Project) -> None:
    assert project.run("build").code == 0
    outcome = project.run("build", "--stats", "--json")
    assert outcome.code == 0
    stats = {row["format"]: row for row in json.loads(outcome.out)[0]["stats"]}
    assert list(stats) == ["html", "json", "problem", "markdown"]
    pages = {path: page for path, page in project.files("output/default/pages").items() if path.endswith(".md")}
    sizes = [len(page) for page in pages.values()]
    assert stats["markdown"] == {
        "format": "markdown",
        "pages": len(pages),
        "bytes": round(statistics.median(sizes)),
        "gzip_bytes": round(statistics.median(len(gzip.compress(page, 6)) for page in pages.values())),
        "tokens": -(-round(statistics.median(sizes)) // 4),
        "largest": max(sizes),
    }


def test_prints_a_table_under_each_site(project: Project) -> None:
    lines = project.run("build", "--stats").out.splitlines()
    assert lines[1].split() == ["median", "of", "a", "page", "pages", "bytes", "gzip", "tokens", "largest"]
    assert [line.split()[0] for line in lines[2:6]] == ["html", "json", "problem", "markdown"]
    assert lines[6:] == ["  tokens are an estimate: bytes / 4"]


def test_a_page_that_is_gone_is_told(project: Project) -> None:
    """Between the build and the look at its pages somebody else may have deleted one."""
    from site_builder.app.stats import weigh
    from site_builder.errors import LocalFilesFailed

    assert project.run("build").code == 0
    page = project.folder / "output/default/pages/cloudflare/en/404.md"
    page.unlink()
    try:
        weigh(project.folder / "output/default")
    except LocalFilesFailed as error:
        outcome = Outcome(error.exit_code, "", str(error))
    assert outcome == Outcome(9, "", f"{page}: cannot read the page: No such file or directory")
