"""A zone or account of Cloudflare, seen from outside: the steps of publishing to it, as ``Remote`` describes them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...errors import PlanRefused, RemoteFailed
from .._remote import CutOffError, EdgePlan, Report, Served, Standing
from .._session import Session
from .client import CloudflareClient, token_of
from .entry_point import Ruleset
from .merging import Rule, is_ours, prefix
from .pacing import Pace
from .planning import State, Wanted
from .registering import register
from .replies import CallFailed
from .switching import Switch, cut_off

if TYPE_CHECKING:
    import httpx

    from ...model import Manifest
    from .._edge import Read
    from .compile import CloudflareRules
    from .options import Options
    from .rules import Asset

RIGHTS_CHECK = "rights_check"
"""Ends the name of an asset that never is: the names of real ones end in a digest."""


def open_remote(
    manifest: Manifest,
    read: Read,
    options: Options,
    environ: Mapping[str, str],
    *,
    maintenance: bool | None = None,
    report: Report = lambda _: None,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], object] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    session: Session | None = None,
) -> CloudflareRemote:
    """The zone or account of ``options``, which is to serve ``manifest``. Sends nothing yet.

    ``environ`` has CLOUDFLARE_API_TOKEN, and CLOUDFLARE_BASE_URL where the API is elsewhere. ``maintenance`` is whether
    planned work is to be announced; None leaves that as it is live. ``session`` is that of the run, by which all
    clients of a token keep one pace. Raises RemoteFailed, and PlanRefused where planned work is to be announced and
    cannot be.
    """
    session = session or Session()
    compiled = compiled_once(manifest, read, options, session)
    client = client_of(options, environ, report, transport, sleep, now, session)
    wanted = Wanted(manifest.site, f"cloudflare {client.name}", compiled, options, maintenance)
    if maintenance and compiled.announced.obstacle:
        client.close()
        raise PlanRefused(
            f"cannot announce planned work: {compiled.announced.obstacle}",
            where=wanted.target,
            hint="leave this edge out with --zone, or give it what it lacks in errgen.toml and the catalog",
        )
    return CloudflareRemote(client, wanted, report)


def open_toggle(
    manifest: Manifest,
    read: Read,
    options: Options,
    environ: Mapping[str, str],
    *,
    enabled: bool,
    report: Report = lambda _: None,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], object] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    session: Session | None = None,
) -> CloudflareRemote:
    """The zone or account of ``options``, whose rules of ours are to be switched on or off and nothing else changed.

    ``manifest`` says whose they are, and no more. The other arguments are those of ``open_remote``.
    """
    from .toggling import Toggled

    session = session or Session()
    client = client_of(options, environ, report, transport, sleep, now, session)
    compiled = compiled_once(manifest, read, options, session)
    target = f"cloudflare {client.name}"
    return CloudflareRemote(client, Toggled(manifest.site, target, compiled, options, enabled=enabled), report)


def compiled_once(manifest: Manifest, read: Read, options: Options, session: Session) -> CloudflareRules:
    """The rules of ``manifest``, which are the same for all zones whose tables say the same."""
    from .compile import compile_rules

    table = options.model_dump_json(exclude={"zone", "zones", "account", "verify_url", "canary"})
    key = (manifest.site, manifest.release, table, options.pages)
    return session.once(key, lambda: compile_rules(manifest, read, options))


def client_of(
    options: Options,
    environ: Mapping[str, str],
    report: Report,
    transport: httpx.BaseTransport | None,
    sleep: Callable[[float], object] | None,
    now: Callable[[], datetime],
    session: Session,
) -> CloudflareClient:
    """The client of one zone or account, at one pace with those of its token. Raises RemoteFailed without a token."""
    token = token_of(environ)
    return CloudflareClient(
        token,
        "zone" if options.zone else "account",
        options.zone or options.account or "",
        base_url=environ.get("CLOUDFLARE_BASE_URL"),
        transport=transport,
        sleep=sleep,
        now=now,
        report=report,
        pace=session.once((Pace, token), lambda: Pace(now)),
    )


class CloudflareRemote:
    """Reads and changes one zone or account through ``client``."""

    def __init__(self, client: CloudflareClient, wanted: Wanted, report: Report) -> None:
        self._client = client
        self._wanted = wanted
        self._report = report
        self._errors = Switch(client.errors, wanted.site, wanted.target, wanted.rules, report)

    @property
    def name(self) -> str:
        """``cloudflare zone 023e105f4ecef8ad9ca31a8372d0c353``."""
        return self._wanted.target

    @property
    def stored(self) -> str | None:
        """``5``, ``5 and 2 of headers``, ``2 of headers``."""
        errors, headers = self._client.errors.stored, self._client.headers.stored
        parts = ([errors] if errors else []) + ([f"{headers} of headers"] if headers else [])
        return " and ".join(parts) or None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def read(self) -> State:
        """The entry points, every page of assets, the Error Pages.

        That of rules for response headers is left out where the error rules tell that none of ours are there.
        """
        errors = self._client.errors.read()
        state = State(errors, self._client.list_assets(), self._client.error_pages())
        if not self._wanted.may_have_headers(state.rules):
            return state
        return dataclasses.replace(state, headers=self._headers_there())

    def _headers_there(self) -> Ruleset | None:
        """The rules for response headers. Who does not ask for any may have a token or a plan without the right to."""
        try:
            return self._client.headers.read()
        except CallFailed as failure:
            if self._wanted.options.retry_after or not failure.in_envelope or failure.status not in (400, 401, 403):
                raise
            return None

    def _headers(self, state: State) -> Switch:
        """Rules for response headers, which go with the error rules of ``state``."""

        def wanted(there: Sequence[Rule]) -> Sequence[Rule]:
            return self._wanted.header_rules(state.rules, there)

        return Switch(self._client.headers, self._wanted.site, self.name, wanted, self._report)

    def plan(self, state: State) -> EdgePlan:
        """What would change. Pure."""
        return self._wanted.plan(state)

    def fetches(self, state: State) -> Mapping[str, str]:
        """The pages of the assets that are missing."""
        return {asset.page_path: asset.sha256 for asset in self._wanted.missing(state)}

    def references(self, state: State) -> list[str]:
        """Where the assets were fetched from."""
        return [asset.url for asset in state.assets]

    def backup(self, state: State) -> bytes:
        """The rules, the assets' addresses and the Error Pages that were live."""
        content = {
            "target": self.name,
            "site": self._wanted.site,
            "version": state.version,
            "rules": state.rules,
            **({"header_rules": state.header_rules} if self._wanted.sets_headers(state) else {}),
            "assets": {one.name: {"url": one.url, "description": one.description} for one in state.assets},
            "error_pages": {page.id: page.url for page in state.error_pages if page.url},
        }
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

    def check(self, state: State) -> None:
        """Put today's rules on a dry run, and ask for an asset that is not there to be deleted.

        Reading has proved the right to read.
        """
        self._errors.check(state.rules)
        if self._wanted.header_changes(state):
            self._headers(state).check(state.header_rules)
        if self._wanted.missing(state):
            self._client.check_assets(prefix(self._wanted.site) + RIGHTS_CHECK)

    def prepare(self, state: State, url_of: Callable[[str], str]) -> None:
        """Create the assets that are missing. Where there is no room, what no rule uses is removed first."""
        for leftover in self._wanted.in_the_way(state):
            self._report(f"{self.name}: removing the unused asset {leftover.name} to make room")
            self._client.delete_asset(leftover.name)

        def told(asset: Asset) -> None:
            self._report(f"{self.name}: registering {asset.page_path} as {asset.name}")

        register(self._client, self._wanted.missing(state), url_of, told)

    def serves(self, state: State) -> Served:  # noqa: ARG002  # the common interface
        """None: pages are served as copies, at no address of their own."""
        return Served({}, "")

    def page_of(self, name: str) -> tuple[str, str] | None:
        """The page of one of our assets."""
        asset = self._wanted.asset(name)
        return (asset.page_path, asset.sha256) if asset else None

    def refetch(self, state: State, name: str, url: str) -> None:
        """Let Cloudflare fetch one of our assets again, under its own description."""
        there = next((one for one in state.assets if one.name == name), None)
        if there is None:
            raise RemoteFailed("is not registered", where=f"{self.name}: {name}", hint="run: errgen publish")
        asset = self._wanted.asset(name)
        description = asset.description if asset else there.description
        self._client.refetch_asset(dataclasses.replace(there, url=url, description=description))

    def rehearse(self, state: State) -> None:
        """Put the new rules on a dry run."""
        self._errors.rehearse(state.rules)
        if self._wanted.header_changes(state):
            self._headers(state).rehearse(state.header_rules)

    def switch(self, state: State) -> State:
        """One PUT of each list that changes: the error rules, then the rules for headers of what they serve.

        Where none of the latter are to be left they go first, so that error rules that do not tell of any never stand
        beside some. Where the second is refused the first is put back, so that either all of the new answers are live
        or none.
        """
        if not self._wanted.header_changes(state):
            return self._switch_errors(state)
        if self._wanted.header_rules(state.rules, state.header_rules):
            before = self._switch_errors(state)
            return self._or_undo(self._switch_headers, before, lambda: self._errors.restore(before.ruleset))
        before = self._switch_headers(state)
        return self._or_undo(self._switch_errors, before, lambda: self._headers(before).restore(before.headers))

    def _switch_errors(self, state: State) -> State:
        return _with(state, self._errors.switch(state.ruleset), state.headers)

    def _switch_headers(self, state: State) -> State:
        if not self._wanted.header_changes(state):
            return state
        return _with(state, state.ruleset, self._headers(state).switch(state.headers))

    def _or_undo(self, switch: Callable[[State], State], state: State, undo: Callable[[], None]) -> State:
        """The second of two switches; where it fails the first is undone."""
        try:
            return switch(state)
        except KeyboardInterrupt as interrupt:
            raise CutOffError from interrupt
        except RemoteFailed:
            with cut_off():
                undo()
            raise

    def standing(self, state: State) -> Standing:
        """Whether our live rules are the wanted ones, or those of ``state``."""
        old, new = self._errors.standing(state.ruleset)
        if self._wanted.sets_headers(state):
            old_headers, new_headers = self._headers(state).standing(state.headers)
            old, new = old and old_headers, new and new_headers
        return "new" if new else "old" if old else "neither"

    def restore(self, state: State) -> None:
        """Put our rules of ``state`` back; foreign rules stay as they are by now."""
        if not self._wanted.sets_headers(state):
            self._errors.restore(state.ruleset)
            return
        steps = [
            lambda: self._errors.restore(state.ruleset),
            lambda: self._headers(state).restore(state.headers),
        ]
        if not any(is_ours(rule, self._wanted.site) for rule in state.header_rules):
            steps.reverse()
        steps[0]()
        with cut_off():
            steps[1]()

    def prune(self) -> None:
        """Delete our assets that are neither wanted nor named by any rule that is live now."""
        live = self._client.errors.read()
        for asset in self._wanted.unused(self._client.list_assets(), live.rules if live else ()):
            self._report(f"{self.name}: removing the unused asset {asset.name}")
            self._client.delete_asset(asset.name)


def _with(state: State, ruleset: Ruleset | None, headers: Ruleset | None) -> State:
    """``state`` with entry points that may have been read anew; itself where they were not."""
    if ruleset is state.ruleset and headers is state.headers:
        return state
    return dataclasses.replace(state, ruleset=ruleset, headers=headers)
