"""A project over a catalog of few entries, in which a build takes no time, and the studio over it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from site_builder import settings
from site_builder.app.build import outputs
from site_builder.app.rebuild import Rebuilder, Round
from site_builder.app.studio import Studio
from site_builder.preview.events import Events

KEPT = ("404", "503", "522", "interface")
SETTINGS = """\
[site.default]
name = "Example"
languages = ["en", "de"]
home = "https://example.com/"

[[site.default.edge]]
kind = "cloudflare"
zone = "023e105f4ecef8ad9ca31a8372d0c353"

[[site.default.edge]]
kind = "nginx"
"""
TEAPOT = """\
418:
  error_name: im_a_teapot
  title: Unused
  headline: The server would rather not
  category: client
  detail: This number is kept free because of a joke.
  what_you_should_do: "**Ask somebody else.** This one will not help."
  retryable: false
  owner_action_required: false
  who_acts: visitor
  weight: 0.05
"""
"""An entry that does not ship."""


@dataclass
class Told(Events):
    """Events that nobody listens to, noted."""

    told: list[tuple[str | None, str, Mapping[str, Any]]] = field(default_factory=list)

    def tell(self, site: str | None, name: str, data: Mapping[str, Any]) -> None:
        """Note it."""
        self.told.append((site, name, data))

    def since(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Name and data of what the site ``default``, or all, were told since the last call."""
        found = [(name, data) for site, name, data in self.told if site in (None, "default")]
        self.told.clear()
        return found


class Live:
    """The project ``folder``, rebuilt on demand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events = Told()
        self.studio = Studio(folder / "output", self.events)
        self.rebuilder = Rebuilder(folder, folder / "output", (), self.studio)

    def write(self, path: str, text: str) -> Path:
        """Write one file of the project."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    def turn(self) -> Round | None:
        """One round, as after a save."""
        return self.rebuilder.turn()

    def on_disk(self) -> dict[str, bytes]:
        """The output of the site ``default``."""
        root = self.folder / "output" / "default"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    def from_nothing(self) -> dict[str, bytes]:
        """What ``errgen build`` makes of the project where there is nothing yet. Raises what it raises."""
        return dict(outputs(self.folder, ["default"])[0].files)


def small_live(folder: Path, patch: pytest.MonkeyPatch) -> Live:
    """A new project in ``folder``; what ships is for the time of ``patch`` a small part of it."""
    shipped = folder / "shipped"
    whole = settings.shipped()
    (shipped / "catalog" / "languages").mkdir(parents=True)
    shutil.copytree(whole / "templates", shipped / "templates")
    shutil.copy(whole / "catalog/families.yaml", shipped / "catalog")
    shutil.copytree(whole / "catalog/languages/states", shipped / "catalog/languages/states")
    families = re.findall(r"(?m)^(\w+):$", (whole / "catalog/families.yaml").read_text("utf-8"))
    for name in ("http.yaml", "cloudflare_5xx.yaml", *(f"languages/{tag}.yaml" for tag in ("en", "de", "ar"))):
        text = (whole / "catalog" / name).read_text("utf-8")
        blocks = re.split(r"(?m)^(?=\w+:$)", text)
        kept = [block for block in blocks if block.partition(":")[0] in (*KEPT, *families)]
        (shipped / "catalog" / name).write_text("".join(kept), "utf-8")
    patch.setattr(settings, "shipped", lambda: shipped)
    project = folder / "project"
    project.mkdir()
    live = Live(project)
    live.write("errgen.toml", SETTINGS)
    return live
