from __future__ import annotations

import pytest

from site_builder.preview.editors import is_of_editors

THEIRS = (
    *(".a.yaml.swp", ".a.yaml.swo", "a.yaml~", "4913", ".#a.yaml", "#a.yaml#", "a.yaml.tmp", "a.yaml.bak", ".git"),
    *("a.yaml___jb_tmp___", "a.yaml___jb_old___", "a.yaml.errgen-tmp"),
)


@pytest.mark.parametrize("name", THEIRS)
def test_what_editors_write(name: str) -> None:
    assert is_of_editors(name)
    assert is_of_editors(f"plain/{name}")


def test_what_git_keeps() -> None:
    assert is_of_editors(".git/index")
    assert is_of_editors("plain/.git/refs/heads/main")


@pytest.mark.parametrize(
    "name", ["a.yaml", "page.html.j2", ".hidden", "x4913", "a#b.css", "bak", "tmp", "git/a", "", "~/a"]
)
def test_what_people_write(name: str) -> None:
    assert not is_of_editors(name)
