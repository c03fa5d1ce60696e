"""Rehearse: publish to a Cloudflare on this machine and ask it as browsers, API clients and agents would.

Nothing leaves the machine: the host is a temporary folder, the token is the emulator's, and credentials in the
environment are not looked at.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import settings as settings_file
from ..errors import UsageError
from ..model import Finding
from ..preview.server import create_app as create_file_app
from ..serving import running
from .build import Report, outputs, silent
from .emulate import ACCOUNT, API, facts_of

if TYPE_CHECKING:
    from ..emulator.state import Plan
    from ..publishing import Target
    from ..publishing.verify import Row
    from .site import EdgeOutput, SiteOutput

ZONE = "0123456789abcdef0123456789abcdef"
"""The zone that visitors of an account's rules come to."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What became of one edge of one site. ``second`` are the changes that publishing again would have made."""

    site: str
    edge: str
    rules: int
    assets: int
    second: int
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = ()
    """What the edge's compiler has to say, above all where the plan leaves codes unserved."""

    @property
    def problems(self) -> tuple[str, ...]:
        """Every answer that is not the reference answer, and what should not have been left to do."""
        left = (f"publishing again would change {self.second} things",) if self.second else ()
        unserved = tuple(finding.message for finding in self.findings if finding.severity == "error")
        return left + unserved + tuple(str(row) for row in self.rows if row.problem)


def rehearse(project: Path, *, sites: Sequence[str] = (), report: Report = silent) -> Iterator[Rehearsal]:
    """Rehearse each Cloudflare edge of the named sites, or all. Writes nothing into the project."""
    found = False
    for output in outputs(project, sites, report):
        for edge in output.edges:
            if edge.edge.kind == "cloudflare":
                found = True
                yield _rehearse(output, edge, report)
    if not found:
        raise UsageError(
            "no site has a cloudflare edge, and that is what can be rehearsed",
            hint='add [[site.NAME.edge]] with kind = "cloudflare" and zone = "…" to errgen.toml',
        )


def _rehearse(output: SiteOutput, edge: EdgeOutput, report: Report) -> Rehearsal:
    from ..emulator import Emulator, Zone, create_app
    from ..publishing import Journal, apply, open_target, survey
    from ..publishing.expected import Expectations, probes
    from ..publishing.verify import emulated, verify

    options = edge.edge.options
    plan: Plan = options.plan or "pro" if options.limits is None else "enterprise"
    state = Emulator(zones=[Zone(options.zone or ZONE, "example.com", options.account or ACCOUNT, plan)])
    compiled = json.loads(edge.compiled.files["report.json"])
    with (
        tempfile.TemporaryDirectory(prefix="errgen-rehearsal-") as name,
        _served(state, create_app, Path(name)) as urls,
    ):
        host_folder, journal = Path(name) / "host", Path(name) / "journal"
        environ = {"CLOUDFLARE_API_TOKEN": state.token, "CLOUDFLARE_BASE_URL": urls.edge + API}

        def look() -> Target:
            return open_target(
                output.manifest,
                output.files["manifest.json"],
                output.read,
                {"kind": "directory", "path": str(host_folder), "public_url": urls.host},
                [edge.edge],
                environ,
                where=output.settings.where,
                project=Path(name),
                report=report,
            )

        with closing(look()) as target:
            found = survey(target, report=report)
            apply(target, found, journal=Journal(journal, {}, lambda: datetime.now(UTC)), report=report)
        with closing(look()) as target:
            second = survey(target, report=report)
        expected = Expectations(output.manifest, compiled, output.read, edge.edge.profile)
        rows = verify(urls.edge, probes(output.manifest), expected, emulated, report=report)
        scope = state.scopes["zone" if options.zone else "account", options.zone or options.account]
        return Rehearsal(
            output.manifest.site,
            edge.folder,
            len(scope.custom_error_rules),
            len(scope.assets),
            len(second.plan.changes),
            rows,
            tuple(finding for finding in edge.compiled.findings if finding.severity != "info"),
        )


@dataclass(frozen=True, slots=True)
class _Urls:
    host: str
    edge: str


@contextmanager
def _served(state: Any, create_app: Any, folder: Path) -> Iterator[_Urls]:
    """The folder's host and the emulator, each on a port of its own."""
    host = folder / "host"
    host.mkdir()
    facts = facts_of(settings_file.shipped())
    files = create_file_app(lambda: {"errors": host}, lambda: "")
    with running(files) as host_url, running(create_app(state, facts=facts)) as edge_url:
        yield _Urls(f"{host_url}/errors", edge_url)
