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
from ..preview.files import create_app as create_file_app
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
    """What became of one edge of one site. ``second`` are the changes that publishing again would have made.

    ``announced`` are the answers while planned work was announced, where that was rehearsed; ``rows`` those after it.
    """

    site: str
    edge: str
    rules: int
    assets: int
    second: int
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = ()
    """What the edge's compiler has to say, above all where the plan leaves codes unserved."""
    announced: tuple[Row, ...] = ()
    header_rules: int = 0

    @property
    def problems(self) -> tuple[str, ...]:
        """Every answer that is not the reference answer, and what should not have been left to do."""
        left = (f"publishing again would change {self.second} things",) if self.second else ()
        unserved = tuple(finding.message for finding in self.findings if finding.severity == "error")
        planned = tuple(f"while planned work was announced: {row}" for row in self.announced if row.problem)
        return left + unserved + planned + tuple(str(row) for row in self.rows if row.problem)


def rehearse(
    project: Path,
    *,
    sites: Sequence[str] = (),
    maintenance: bool = False,
    traffic: Path | None = None,
    report: Report = silent,
) -> Iterator[Rehearsal]:
    """Rehearse each Cloudflare edge of the named sites, or all. Writes nothing into the project.

    With ``maintenance`` planned work is announced after publishing, the edge asked, planned work ended, and the edge
    asked again. Raises UsageError, and PlanRefused where planned work cannot be announced.
    """
    found = False
    for output in outputs(project, sites, report, traffic):
        for edge in output.edges:
            if edge.edge.kind == "cloudflare":
                found = True
                yield _rehearse(output, edge, maintenance, report)
    if not found:
        raise UsageError(
            "no site has a cloudflare edge, and that is what can be rehearsed",
            hint='add [[site.NAME.edge]] with kind = "cloudflare" and zone = "…" to errgen.toml',
        )


def _rehearse(output: SiteOutput, edge: EdgeOutput, maintenance: bool, report: Report) -> Rehearsal:
    from ..emulator import Emulator, Zone, create_app
    from ..publishing import Journal, apply, open_target, survey
    from ..publishing.expected import Expectations, probes
    from ..publishing.verify import emulated, verify

    place = edge.edge.places()[0]  # many zones of one table have the same rules
    options = place.options
    plan: Plan = options.plan or "pro" if options.limits is None else "enterprise"
    state = Emulator(zones=[Zone(options.zone or ZONE, "example.com", options.account or ACCOUNT, plan)])
    compiled = json.loads(edge.compiled.files["report.json"])
    with (
        tempfile.TemporaryDirectory(prefix="errgen-rehearsal-") as name,
        _served(state, create_app, Path(name)) as urls,
    ):
        host_folder, journal = Path(name) / "host", Path(name) / "journal"
        environ = {"CLOUDFLARE_API_TOKEN": state.token, "CLOUDFLARE_BASE_URL": urls.edge + API}

        def look(announce: bool | None) -> Target:
            return open_target(
                output.manifest,
                output.files["manifest.json"],
                output.read,
                {"kind": "directory", "path": str(host_folder), "public_url": urls.host},
                [place],
                environ,
                where=output.settings.where,
                project=Path(name),
                maintenance=announce,
                report=report,
            )

        def publish(announce: bool | None = None) -> int:
            """Publish, and look what an ordinary publish would change then."""
            with closing(look(announce)) as target:
                found = survey(target, report=report)
                apply(target, found, journal=Journal(journal, {}, lambda: datetime.now(UTC)), report=report)
            with closing(look(None)) as target:
                return len(survey(target, report=report).plan.changes)

        def ask(announced: bool) -> tuple[Row, ...]:
            expected = Expectations(output.manifest, compiled, output.read, edge.edge.profile, announced)
            return verify(urls.edge, probes(output.manifest, compiled), expected, emulated, report=report)

        second = publish()
        planned: tuple[Row, ...] = ()
        if maintenance:
            second += publish(True)
            planned = ask(announced=True)
            second += publish(False)
        rows = ask(announced=False)
        scope = state.scopes["zone" if options.zone else "account", options.zone or options.account]
        return Rehearsal(
            output.manifest.site,
            edge.folder,
            len(scope.custom_error_rules),
            len(scope.assets),
            second,
            rows,
            tuple(finding for finding in edge.compiled.findings if finding.severity != "info"),
            planned,
            len(scope.header_rules),
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
    files = create_file_app(lambda: {"errors": host})
    with running(files) as host_url, running(create_app(state, facts=facts)) as edge_url:
        yield _Urls(f"{host_url}/errors", edge_url)
