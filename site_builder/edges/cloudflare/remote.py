"""A zone or account of Cloudflare, seen from outside: the steps of publishing to it, as ``Remote`` describes them."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...errors import PlanRefused, RemoteFailed
from .._remote import CutOffError, EdgePlan, Report, Served, Standing
from .calls import CallFailed
from .client import CloudflareClient, Ruleset, same_rules, token_of
from .merging import Rule, is_ours, merge, prefix
from .planning import State, Wanted, foreign

if TYPE_CHECKING:
    import httpx

    from ...model import Manifest
    from .._edge import Read
    from .options import Options

ROUNDS = 3
"""How often our rules are put again on top of what somebody else wrote at the same time."""

FETCH_FAILED = 1202

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
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> CloudflareRemote:
    """The zone or account of ``options``, which is to serve ``manifest``. Sends nothing yet.

    ``environ`` has CLOUDFLARE_API_TOKEN, and CLOUDFLARE_BASE_URL where the API is elsewhere. ``maintenance`` is whether
    planned work is to be announced; None leaves that as it is live. Raises RemoteFailed, and PlanRefused where planned
    work is to be announced and cannot be.
    """
    from .compile import compile_rules

    compiled = compile_rules(manifest, read, options)
    client = CloudflareClient(
        token_of(environ),
        "zone" if options.zone else "account",
        options.zone or options.account or "",
        base_url=environ.get("CLOUDFLARE_BASE_URL"),
        transport=transport,
        sleep=sleep,
        now=now,
        report=report,
    )
    wanted = Wanted(manifest.site, f"cloudflare {client.name}", compiled, options, maintenance)
    if maintenance and compiled.announced.obstacle:
        client.close()
        raise PlanRefused(
            f"cannot announce planned work: {compiled.announced.obstacle}",
            where=wanted.target,
            hint="leave this edge out with --zone, or give it what it lacks in errgen.toml and the catalog",
        )
    return CloudflareRemote(client, wanted, report)


class CloudflareRemote:
    """Reads and changes one zone or account through ``client``."""

    def __init__(self, client: CloudflareClient, wanted: Wanted, report: Report) -> None:
        self._client = client
        self._wanted = wanted
        self._report = report

    @property
    def name(self) -> str:
        """``cloudflare zone 023e105f4ecef8ad9ca31a8372d0c353``."""
        return self._wanted.target

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def read(self) -> State:
        """The entry point, every page of assets, the Error Pages."""
        return State(self._client.entry_point(), self._client.list_assets(), self._client.error_pages())

    def plan(self, state: State) -> EdgePlan:
        """What would change. Pure."""
        return self._wanted.plan(state)

    def fetches(self, state: State) -> Mapping[str, str]:
        """The pages of the assets that are missing."""
        return {asset.page_path: asset.sha256 for asset in self._wanted.missing(state)}

    def backup(self, state: State) -> bytes:
        """The rules, the assets' addresses and the Error Pages that were live."""
        content = {
            "target": self.name,
            "site": self._wanted.site,
            "version": state.version,
            "rules": state.rules,
            "assets": {one.name: {"url": one.url, "description": one.description} for one in state.assets},
            "error_pages": {page.id: page.url for page in state.error_pages if page.url},
        }
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

    def check(self, state: State) -> None:
        """Put today's rules on a dry run, and ask for an asset that is not there to be deleted.

        Reading has proved the right to read. That today's rules would be refused themselves says nothing about rights:
        an asset they name may have been deleted.
        """
        try:
            self._client.check_entry_point(state.rules)
        except CallFailed as failure:
            if failure.status != 400 or not failure.in_envelope:
                raise
        if self._wanted.missing(state):
            self._client.check_assets(prefix(self._wanted.site) + RIGHTS_CHECK)

    def prepare(self, state: State, url_of: Callable[[str], str]) -> None:
        """Create the assets that are missing. Where there is no room, what no rule uses is removed first."""
        for leftover in self._wanted.in_the_way(state):
            self._report(f"{self.name}: removing the unused asset {leftover.name} to make room")
            self._client.delete_asset(leftover.name)
        for asset in self._wanted.missing(state):
            self._report(f"{self.name}: registering {asset.page_path} as {asset.name}")
            url = url_of(asset.page_path)
            try:
                self._client.create_asset(asset.name, url, asset.description)
            except CallFailed as failure:
                if FETCH_FAILED in failure.codes:
                    failure.hint = (
                        "Cloudflare fetches pages from the United States and through your own firewall rules; "
                        f"let it read {url} without a challenge"
                    )
                raise

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
        self._client.check_entry_point(self._wanted.merged(state.rules))

    def switch(self, state: State) -> State:
        """One PUT of the whole list. Who wrote in between keeps what they wrote, with our rules put on top of it."""
        live = self._client.entry_point()
        if _version(live) != state.version:
            self._report(f"{self.name}: somebody changed the rules meanwhile; their version is kept and merged")
            state = dataclasses.replace(state, ruleset=live)
            self.rehearse(state)
        stored = self._put(self._wanted.merged(state.rules))
        with _cut_off():
            refused = self._settle(state, stored)
            if refused is None:
                return state
            self._put_back(state, refused)
        raise RemoteFailed(
            "what Cloudflare stored is not what was sent; the previous rules are back",
            where=f"{self.name}: rules of http_custom_errors, version {stored.version}",
            hint="compare the backup in .errgen/backups with the rules in the dashboard",
        )

    def standing(self, state: State) -> Standing:
        """Whether our live rules are the wanted ones, or those of ``state``."""
        entry_point = self._client.entry_point()
        live = entry_point.rules if entry_point else ()
        ours = self._ours(live)
        if same_rules(self._wanted.rules(live), ours):
            return "new"
        return "old" if same_rules(self._ours(state.rules), ours) else "neither"

    def restore(self, state: State) -> None:
        """Put our rules of ``state`` back; foreign rules stay as they are by now."""
        live = self._client.entry_point()
        self._put_back(state, live.rules if live else ())

    def prune(self) -> None:
        """Delete our assets that are neither wanted nor named by any rule that is live now."""
        live = self._client.entry_point()
        for asset in self._wanted.unused(self._client.list_assets(), live.rules if live else ()):
            self._report(f"{self.name}: removing the unused asset {asset.name}")
            self._client.delete_asset(asset.name)

    def _ours(self, rules: Sequence[Rule]) -> list[Rule]:
        return [rule for rule in rules if is_ours(rule, self._wanted.site)]

    def _put(self, rules: Sequence[Rule]) -> Ruleset:
        self._report(f"{self.name}: switching {len(rules)} rules")
        try:
            return self._client.put_entry_point(rules)
        except KeyboardInterrupt as interrupt:
            raise CutOffError from interrupt
        except CallFailed as failure:
            if failure.may_have_happened:
                raise CutOffError from failure
            raise

    def _put_back(self, state: State, around: Sequence[Rule]) -> None:
        """Put our rules of ``state`` among the foreign ones of ``around``."""
        site = self._wanted.site
        unchanged = foreign(state.rules, site) == foreign(around, site)
        back = list(state.rules) if unchanged else merge(around, self._ours(state.rules), site)
        stored = self._put(back)
        if not same_rules(back, stored.rules):
            raise CutOffError from RemoteFailed("the previous rules were not stored as they were sent", where=self.name)

    def _settle(self, before: State, stored: Ruleset) -> Sequence[Rule] | None:
        """Read back what our PUT did, and merge what others wrote at the same time.

        There is no lock in this API: that the version rose by more than one is the only sign of somebody's write
        between our last look and our PUT, which has replaced it. Gives None once all is as it should be, and what was
        sent where Cloudflare has stored something else.
        """
        known, seen = before.rules, _number(before.version)
        sent = self._wanted.merged(known)
        for _ in range(ROUNDS):
            theirs, now = self._replaced(known, seen, stored), stored
            if theirs is None:
                now = self._client.entry_point() or Ruleset("0", ())
                if now.version == stored.version:
                    return None if same_rules(sent, now.rules) else sent
                if same_rules(self._wanted.merged(now.rules), now.rules):
                    return None
                theirs = now.rules
            self._report(
                f"{self.name}: somebody changed the rules at the same moment; their version is kept and merged"
            )
            unseen = _without(foreign(sent, self._wanted.site), (*known, *theirs))
            known, seen = now.rules, _number(now.version)
            sent = self._wanted.merged([*theirs, *unseen])
            stored = self._put(sent)
        raise RemoteFailed(
            f"somebody else writes the same rules at the same time; gave up after {ROUNDS} rounds",
            where=self.name,
            hint="find out who does and run the same command again; their last rules are in the ruleset's versions",
        )

    def _replaced(self, known: Sequence[Rule], seen: int, stored: Ruleset) -> Sequence[Rule] | None:
        """What somebody wrote after version ``seen`` and our PUT replaced; None where nothing is lost."""
        between = _number(stored.version) - 1
        if between <= seen:
            return None
        theirs, site = self._client.version(str(between)), self._wanted.site
        if theirs is None or foreign(theirs.rules, site) == foreign(known, site):
            return None
        return theirs.rules


@contextlib.contextmanager
def _cut_off() -> Iterator[None]:
    """Whatever fails in this block fails after new rules were put."""
    try:
        yield
    except (KeyboardInterrupt, RemoteFailed) as cause:
        raise CutOffError from cause


def _without(rules: Sequence[Rule], others: Sequence[Rule]) -> list[Rule]:
    """Those of ``rules`` that are not among ``others``, by ref: an id is new each time a rule is put anew."""
    refs = {rule.get("ref") for rule in others}
    return [rule for rule in rules if rule.get("ref") not in refs]


def _version(ruleset: Ruleset | None) -> str:
    return ruleset.version if ruleset else "0"


def _number(version: str) -> int:
    return int(version) if version.isascii() and version.isdigit() else 0
