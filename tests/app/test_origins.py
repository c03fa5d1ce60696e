from __future__ import annotations

from pathlib import Path

import pytest

from site_builder.app.build import outputs
from tests.app.small import SETTINGS, small_live

OWN = """
[site.default.overrides.404]
headline = "Not with us"

[site.default.overrides.404.de]
title = "Weg"
headline = "Nicht bei uns"
detail = "Es ist nicht da."
what_you_should_do = "**Gehen Sie zurück.**"

[site.default.overrides]
503 = { headline = "Soon again" }
"""


def test_texts_of_the_site_s_own_are_where_errgen_toml_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = small_live(tmp_path, monkeypatch)
    live.write("errgen.toml", SETTINGS + OWN)
    live.write("catalog/mine.yaml", "503:\n  title: Away for now\n")
    [output] = outputs(live.folder)
    first = SETTINGS.count("\n") + 3
    [english] = [one for one in output.entries if one.key == "404"]
    assert output.places == {
        "en": {
            "404": (f"errgen.toml:{first}", str(english.source)),
            "503": (f"errgen.toml:{first + 9}", "catalog/mine.yaml:1"),
        },
        "de": {"404": tuple(f"errgen.toml:{first + line}" for line in range(3, 7))},
    }


def test_without_any_nothing_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [output] = outputs(small_live(tmp_path, monkeypatch).folder)
    assert output.places == {}
