"""A zone or account of Cloudflare, seen from outside: the steps of publishing to it, as ``Remote`` describes them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...errors import PlanRefused, RemoteFailed
from .._remote import EdgePlan, Report, Served, Standing
from .._session import Session
from .client import CloudflareClient, token_of
from .merging import prefix
from .pacing import Pace
from .planning import State, Wanted
from .registering import register
from .rule_lists import RuleLists

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
        self._lists = RuleLists(client, wanted, report)

    @property
    def name(self) -> str:
        """``cloudflare zone 023e105f4ecef8ad9ca31a8372d0c353``."""
        return self._wanted.target

    @property
    def stored(self) -> str | None:
        """``5``, ``5 and 2 of headers``, ``2 of headers``."""
        return self._lists.stored

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
        return dataclasses.replace(state, headers=self._lists.headers_there())

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
        self._lists.check(state)
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
        self._lists.rehearse(state)

    def switch(self, state: State) -> State:
        """One PUT of each list that changes; where the second is refused the first is put back."""
        return self._lists.switch(state)

    def standing(self, state: State) -> Standing:
        """Whether our live rules are the wanted ones, or those of ``state``."""
        return self._lists.standing(state)

    def restore(self, state: State) -> None:
        """Put our rules of ``state`` back; foreign rules stay as they are by now."""
        self._lists.restore(state)

    def prune(self) -> None:
        """Delete our assets that are neither wanted nor named by any rule that is live now.

        The rules are read after the assets: what another publisher has registered since is not in the list, and what it
        has switched to is in the rules.
        """
        assets = self._client.list_assets()
        live = self._client.errors.read()
        for asset in self._wanted.unused(assets, live.rules if live else ()):
            self._report(f"{self.name}: removing the unused asset {asset.name}")
            self._client.delete_asset(asset.name)
