"""Traffic that is given for one run: ``--traffic FILE`` in place of what the Cloudflare tables of errgen.toml name."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from ..settings import SiteSettings

KIND = "cloudflare"
"""The edge whose pages are chosen by their weights."""


def named(traffic: Path, project: Path) -> str:
    """``traffic``, which begins at the current folder, as a table of ``project`` would name it. Absolute ones stay."""
    return str(traffic) if traffic.is_absolute() else os.path.relpath(traffic, project.resolve())


def weighed(sites: Sequence[SiteSettings], traffic: Path, project: Path) -> list[SiteSettings]:
    """``sites`` with ``traffic`` in each of their Cloudflare tables.

    Raises UsageError where there is none, and where a pipe would have to be read for several.
    """
    count = sum(_is_weighed(table) for one in sites for table in one.edges)
    if not count:
        raise UsageError(
            f"no site here has a {KIND} edge, and only its pages are chosen by traffic",
            hint='leave out --traffic, or add [[site.NAME.edge]] with kind = "cloudflare" and a zone to errgen.toml',
        )
    if count > 1 and not traffic.is_file():
        raise UsageError(
            f"{traffic} can be read only once, and there are {count} {KIND} edges",
            hint="save what it says to a file, or choose a site with --site NAME",
        )
    file = named(traffic, project)
    return [
        replace(one, edges=tuple({**table, "traffic": file} if _is_weighed(table) else table for table in one.edges))
        for one in sites
    ]


def _is_weighed(table: object) -> bool:
    return isinstance(table, dict) and table.get("kind") == KIND
