"""The lines of errgen.toml by key path."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.settings.lines import KeyLines, key_lines

TEXT = '''\
# [site.none]
[site.default]
name = "Ex # [x] = \\"1\\""  # tagline = "no"
languages = [
  "en",  # first
  "de",
]
colors = { accent = "#123456", dark = { accent = "#654321" } }
tagline = """
[site.none]
paper = 1
"""
check.off = { leak = "it's ours" }
check.words = ['recieve', """a
b"""]

[site.default.overrides.404]
headline = "Gone"
"de".headline = 'Weg'

[[site.default.edge]]
kind = "cloudflare"
since = 2026-01-02 03:04:05.6+01:00
[[site.default.edge]]
kind = "netlify"
[site.default.edge.limits]
rules = 1_000.5
[site."a.b"]
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("site", 2),
        ("site.default", 2),
        ("site.default.name", 3),
        ("site.default.languages", 4),
        ("site.default.languages[0]", 5),
        ("site.default.languages[1]", 6),
        ("site.default.colors.accent", 8),
        ("site.default.colors.dark.accent", 8),
        ("site.default.tagline", 9),
        ("site.default.check.off.leak", 13),
        ("site.default.check.words[1]", 14),
        ("site.default.overrides.404.headline", 18),
        ("site.default.overrides.404.de.headline", 19),
        ("site.default.edge", 21),
        ("site.default.edge[0]", 21),
        ("site.default.edge[0].since", 23),
        ("site.default.edge[1]", 24),
        ("site.default.edge[1].kind", 25),
        ("site.default.edge[1].limits.rules", 27),
        ("site.a.b", 28),
    ],
)
def test_keys_that_are_written(path: str, line: int) -> None:
    assert KeyLines(TEXT).line_of(path) == line


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("site.default.home", 2),
        ("site.default.colors.paper", 8),
        ("site.default.languages[7]", 4),
        ("site.default.check.off.leak.[key]", 13),
        ("site.default.colors./a[1]/b", 8),
        ("site.default.edge[1].limits.rows[2].x", 26),
        ("site.default.edge[5].plan", 21),
        ("site.none", 2),
        ("sites", None),
        ("", None),
    ],
)
def test_keys_that_are_not_written_are_at_the_nearest_above(path: str, line: int | None) -> None:
    assert KeyLines(TEXT).line_of(path) == line


@pytest.mark.parametrize(
    ("where", "placed"),
    [
        ("errgen.toml: site.default.tagline", "errgen.toml:9: site.default.tagline"),
        ("errgen.toml: site.default.home", "errgen.toml:2: site.default.home"),
        ("errgen.toml: sites", "errgen.toml: sites"),
        ("errgen.toml:7: site.default.name", "errgen.toml:7: site.default.name"),
        ("errgen.toml", "errgen.toml"),
        ("catalog/http.yaml:3", "catalog/http.yaml:3"),
        ("S3: site.default.name", "S3: site.default.name"),
    ],
)
def test_places_get_their_lines(where: str, placed: str) -> None:
    assert KeyLines(TEXT).placed(where) == placed


def test_only_a_file_that_can_be_read_has_lines(tmp_path: Path) -> None:
    assert key_lines(tmp_path) is None
    file = tmp_path / "errgen.toml"
    file.write_text("[site.default]\nname =\n")
    assert key_lines(tmp_path) is None
    file.write_bytes(b"[site.default]\nname = '\xff'\n")
    assert key_lines(tmp_path) is None
    file.write_text(TEXT)
    read = key_lines(tmp_path)
    assert read
    assert read.line_of("site.default.tagline") == 9


NAMES = st.sampled_from(["a", "b-c", "404", "d_e"])
SCALARS = st.sampled_from(['"x"', "'#'", '"""\n[q]\n"""', "'''\n'\n'''", "1.5", "true", "2026-01-02", '"\\""'])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda found: f"[\n{', '.join(found)} # ]\n]"),
        st.dictionaries(NAMES, inner, max_size=3).map(
            lambda found: "{" + ", ".join(f"{name} = {value}" for name, value in found.items()) + "}"
        ),
    ),
    max_leaves=6,
)


def paths(value: Any, path: str) -> list[str]:
    """The path of everything in a parsed text."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, one in below:
        found += paths(one, f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else str(key))
    return found


@given(st.lists(st.tuples(NAMES, VALUES), max_size=4, unique_by=lambda pair: pair[0]))
def test_exactly_what_tomllib_reads_has_a_line(pairs: list[tuple[str, str]]) -> None:
    text = "".join(f"[[t]]\n{name} = {value}\n[t.{name}2]\nx = {value}\n" for name, value in pairs)
    found = KeyLines(text)
    assert sorted(found._lines) == sorted(paths(tomllib.loads(text), ""))
