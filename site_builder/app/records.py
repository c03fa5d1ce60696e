"""Where the records of changes go that are made at edges alone: backups, and lines of the audit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..publishing.no_host import NoHost, RecordsOnly
from ..publishing.target import site_host
from .build import Report

if TYPE_CHECKING:
    from ..hosts import Host
    from ..settings import SiteSettings


def records_host(site: SiteSettings, environ: Mapping[str, str], project: Path, report: Report) -> Host:
    """The site's host as one that gets records and nothing else. It is opened once there is something to bring."""
    if site.host is None:
        return NoHost()
    return RecordsOnly(partial(site_host, site.host, environ, where=site.where, project=project), report)
