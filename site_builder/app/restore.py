"""Restore: what it takes to have our rules at one edge as a backup has them; ``publish`` applies it."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import settings as settings_file
from ..errors import Fault, InvalidInput, UsageError
from ..publishing import Target, survey
from ..publishing.proof import prover
from ..publishing.releases import digests
from ..publishing.safety import lost_rules
from ..publishing.target import site_host
from .backups import read_backup
from .build import Report, silent
from .publish import Prepared
from .records import records_host
from .rollback import nothing, opened_sites, output_of

WITHOUT_LOSS = "errgen restore lists other backups; if this one is meant, insist with --force"


def prepare(
    project: Path,
    file: Path,
    *,
    sites: Sequence[str] = (),
    zones: Sequence[str] = (),
    environ: Mapping[str, str] = os.environ,
    report: Report = silent,
) -> Generator[Prepared]:
    """Make the plan to put the backup ``file`` back where it was taken.

    A bare name is looked for in .errgen/backups, and then at the hosts.

    Raises InvalidInput or LocalFilesFailed for the file, and UsageError where it is of a site or an edge that
    errgen.toml does not have, or that ``sites`` and ``zones`` leave out.
    """
    backup = _parsed(read_backup(project, file, sites, environ, report), file)
    settings = settings_file.load(project)
    chosen = opened_sites(settings, sites, zones)
    found = [
        (site, edge)
        for site, edges in chosen
        for edge in edges
        if (site.site.name, edge.name) == (backup["site"], backup["target"])
    ]
    if not found:
        known = ", ".join(f"{edge.name} of {site.site.name}" for site, edges in chosen for edge in edges if edge.id)
        raise UsageError(
            f"is a backup of {backup['target']} for the site {backup['site']}, which is not among what is meant",
            where=str(file),
            hint=f"it is put back where it was taken and nowhere else; there are: {known or 'none'}",
        )
    site, edge = found[0]
    module = f"site_builder.edges.{edge.kind}.restoring"
    if importlib.util.find_spec(module) is None:
        raise UsageError(
            f"backups of {edge.kind} are for people to read",
            where=str(file),
            hint="go back to a kept release instead: errgen rollback --to RELEASE",
        )
    manifest = nothing(site)
    output = output_of(settings, site, (), manifest, {})
    prove = prover(sleep=time.sleep, report=report)

    def known_pages() -> Mapping[str, str]:
        host = site_host(site.host, environ, where=site.where, project=project)
        report(f"reading the releases of {host.name}")
        return digests(host, site.site.name)

    remote = importlib.import_module(module).open_restore(
        backup, str(file), manifest, output.read, edge.options, environ, prove=prove, digests=known_pages, report=report
    )
    records = records_host(site, environ, project, report)
    target = Target(manifest, b"", output.read, records, (remote,), removal="rules")
    with closing(target):
        surveyed = survey(target, report=report)
        # The file says what goes, and not whoever names the file.
        lost = tuple(replace(one, hint=WITHOUT_LOSS) for one in lost_rules(remote.plan(surveyed.states[0])))
        yield Prepared(output, target, replace(surveyed, plan=replace(surveyed.plan, unsafe=lost)))


def _parsed(content: bytes, file: Path) -> Mapping[str, Any]:
    try:
        backup = json.loads(content)
    except ValueError:
        backup = None
    if not isinstance(backup, dict) or not all(isinstance(backup.get(key), str) for key in ("site", "target")):
        raise InvalidInput(
            [Fault(str(file), "is not a backup that errgen wrote")],
            hint="errgen restore lists the backups that there are, one for each switch",
        )
    return backup
