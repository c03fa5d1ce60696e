"""Init: a new project, small and commented, that builds at once; and copies of themes for editing."""

from __future__ import annotations

import shutil
from pathlib import Path

from .. import settings as settings_file
from ..errors import UsageError, from_os_error

SETTINGS = """\
# The settings of your error pages. Every key is explained in the README of errgen.

[site.default]
name = "Example"                        # what your visitors call you
theme = "plain"                         # plain | path | minimal | brand
languages = ["en"]                      # the first one is the default; twelve more ship, see the README
home = "https://example.com/"           # where a visitor goes from an error page
# contact = "mailto:support@example.com"
# status_page = "https://status.example.com/"
# colors = { accent = "#7a1fa2" }       # in every theme; logo and tagline are for brand

# To say something in your own words, name the code and the texts that differ:
# [site.default.overrides.404]
# headline = "This page has moved out"

# Where the pages are stored, so that an edge can fetch them.
[site.default.host]
kind = "directory"                      # or: kind = "s3", bucket = "…", prefix = "errors"
path = "public"                         # a folder that your web server publishes
public_url = "https://errors.example.com"

# Who decides what a client gets. One table for each edge.
[[site.default.edge]]
kind = "cloudflare"
zone = "your-zone-id"                   # Cloudflare dashboard > your domain > Overview > Zone ID
plan = "pro"                            # free | pro | business | enterprise
"""

IGNORED = """\
output/
public/
.errgen/
"""


def init(folder: Path) -> list[Path]:
    """Write a new project into ``folder``; gives the files. Never overwrites: raises UsageError where there is one."""
    if (folder / settings_file.FILE_NAME).exists():
        raise UsageError(
            "there is a project already", where=str(folder / settings_file.FILE_NAME), hint="choose another folder"
        )
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in ((settings_file.FILE_NAME, SETTINGS), (".gitignore", IGNORED)):
            path = folder / name
            if not path.exists():
                path.write_text(text, "utf-8")
                written.append(path)
    except OSError as error:
        raise from_os_error(error, folder, "make the project") from error
    return written


def copy_theme(project: Path, name: str) -> Path:
    """Copy a theme that ships into the project's templates/ for editing; gives its folder. Never overwrites."""
    shipped = settings_file.shipped() / "templates"
    source = shipped / name
    if name.startswith("_") or not source.is_dir():
        themes = sorted(path.name for path in shipped.iterdir() if path.is_dir() and not path.name.startswith("_"))
        raise UsageError(f"there is no theme '{name}'", hint=f"the themes that ship are: {', '.join(themes)}")
    target = project / "templates" / name
    if target.exists():
        raise UsageError("is there already", where=str(target), hint="move it away to start again from the original")
    try:
        shutil.copytree(source, target)
    except OSError as error:
        raise from_os_error(error, target, "copy the theme") from error
    return target
