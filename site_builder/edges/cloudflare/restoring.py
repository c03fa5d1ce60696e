"""Our rules put back as a backup has them, with the assets that they name; foreign rules stay as they are by now."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...errors import Fault, InvalidInput, PlanRefused, RemoteFailed
from ...model import Finding
from .._remote import EdgePlan, Report
from .._session import Session
from .client import CloudflareClient
from .compile import CloudflareRules, compile_rules
from .entry_point import SERVER_FIELDS
from .merging import Rule, is_ours, named_assets
from .planning import State, Wanted
from .remote import CloudflareRemote, client_of
from .rules import Asset

if TYPE_CHECKING:
    import httpx

    from ...model import Manifest
    from .._edge import Read
    from .options import Options

Prove = Callable[[Sequence[tuple[str, str]]], None]
_SHA256 = re.compile(r"SHA-256 ([0-9a-f]{64})")


def open_restore(
    backup: Mapping[str, Any],
    where: str,
    manifest: Manifest,
    read: Read,
    options: Options,
    environ: Mapping[str, str],
    *,
    prove: Prove,
    digests: Callable[[], Mapping[str, str]],  # noqa: ARG001  # the common interface: the backup has them itself
    report: Report = lambda _: None,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], object] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    session: Session | None = None,
) -> RestoringRemote:
    """The zone or account of ``options``, whose rules of ours are to be those of ``backup`` from the file ``where``.

    ``manifest`` says whose they are, and no more; ``prove`` that pages are at their addresses. The other arguments are
    those of ``open_remote``. Raises InvalidInput where it is no backup of Cloudflare's rules.
    """
    compiled = restored(backup, manifest.site, compile_rules(manifest, read, options), where)
    client = client_of(options, environ, report, transport, sleep, now, session or Session())
    wanted = Restored(manifest.site, f"cloudflare {client.name}", compiled, options)
    return RestoringRemote(client, wanted, report, prove)


def restored(backup: Mapping[str, Any], site: str, compiled: CloudflareRules, where: str) -> CloudflareRules:
    """What ``backup`` says was live of ``site``; all else is taken from ``compiled``.

    An asset's page is the address that Cloudflare fetched it from. ``where`` is the backup's file. Raises InvalidInput
    where it is not a backup of Cloudflare's rules.
    """
    try:
        rules, headers = (_ours(backup.get(key, []), site) for key in ("rules", "header_rules"))
        kept = {str(name): (str(one["url"]), str(one["description"])) for name, one in backup["assets"].items()}
    except (AttributeError, KeyError, TypeError):
        raise InvalidInput(
            [Fault(where, "is not a backup of Cloudflare's rules that errgen wrote")],
            hint="backups are in .errgen/backups, one for each switch",
        ) from None
    named = sorted(named_assets(rules) & kept.keys())
    assets = tuple(Asset(name, kept[name][0], _digest(kept[name][1]), kept[name][1]) for name in named)
    return dataclasses.replace(compiled, rules=rules, headers=headers, assets=assets)


def _ours(rules: Sequence[Rule], site: str) -> tuple[dict[str, Any], ...]:
    ours = [rule for rule in rules if is_ours(rule, site)]
    return tuple({key: value for key, value in rule.items() if key not in SERVER_FIELDS} for rule in ours)


def _digest(description: str) -> str:
    """The page's SHA-256 as errgen wrote it; empty where somebody wrote something else."""
    found = _SHA256.search(description)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Restored(Wanted):
    """What a zone or account is to have where our rules are to be those of a backup, on or off as they were."""

    def announces(self, live: Sequence[Rule]) -> bool:  # noqa: ARG002  # as Wanted has it
        """No: what the backup has is not told apart."""
        return False

    def rules(self, live: Sequence[Rule]) -> Sequence[Rule]:  # noqa: ARG002
        """The backup's."""
        return self.compiled.rules

    def may_have_headers(self, live: Sequence[Rule]) -> bool:  # noqa: ARG002  # as Wanted has it
        """Yes: a backup has its own of both."""
        return True

    def header_rules(self, live: Sequence[Rule], there: Sequence[Rule]) -> Sequence[Rule]:  # noqa: ARG002
        """The backup's."""
        return self.compiled.headers

    def plan(self, state: State) -> EdgePlan:
        """What would change. Raises PlanRefused where an asset is gone and the backup does not say enough of it."""
        there = {asset.name for asset in state.assets}
        known = {asset.name for asset in self.compiled.assets if asset.sha256}
        if lost := sorted(named_assets(self.compiled.rules) - there - known):
            raise PlanRefused(
                f"{len(lost)} assets that the backup's rules name are gone, and it does not say which pages they were, "
                f"the first: {lost[0]}",
                where=self.target,
                hint="go back to a kept release instead: errgen rollback --to RELEASE",
            )
        return Wanted.plan(self, state)

    def _switched_off(self, state: State) -> list[Finding]:  # noqa: ARG002
        return []

    def _planned_work(self, state: State) -> list[Finding]:  # noqa: ARG002
        return []

    def _altered_assets(self, state: State) -> list[Finding]:  # noqa: ARG002
        return []


class RestoringRemote(CloudflareRemote):
    """Lets assets that are gone be fetched again from where they were, once ``prove`` has found their bytes there."""

    def __init__(self, client: CloudflareClient, wanted: Restored, report: Report, prove: Prove) -> None:
        super().__init__(client, wanted, report)
        self._missing = wanted.missing
        self._prove = prove

    def fetches(self, state: State) -> Mapping[str, str]:  # noqa: ARG002  # the common interface
        """Nothing that the plan's own host would have to serve."""
        return {}

    def prepare(self, state: State, url_of: Callable[[str], str]) -> None:  # noqa: ARG002
        """Prove the missing assets' pages at their old addresses, and create them."""
        try:
            self._prove([(asset.page_path, asset.sha256) for asset in self._missing(state)])
        except RemoteFailed as failure:
            failure.hint = (
                "the page of that time is not there any more; go back to a kept release instead: errgen rollback"
            )
            raise
        super().prepare(state, str)
