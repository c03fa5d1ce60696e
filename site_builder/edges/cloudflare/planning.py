"""What publishing to a zone or account would change, from what is there and what is wanted. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ...model import Finding, Severity
from ...object_keys import object_key
from .._remote import ALTERED, Change, EdgePlan, Limit, Live
from .client import ErrorPage, RemoteAsset
from .entry_point import Ruleset
from .merging import Rule, announcing, foreign, is_off, is_ours, merge, named_assets, prefix, rule_changes
from .rules import is_switched_off, toggled

if TYPE_CHECKING:
    from .compile import CloudflareRules
    from .options import Options
    from .rules import Asset

HEADER_RULE = "header rule"
"""The kind of changes to rules for response headers."""

ENDING = "end it with: errgen publish --no-maintenance"


@dataclass(frozen=True, slots=True)
class State:
    """What a zone or account has: the entry point (None before its first rule), every asset, the Error Pages.

    ``headers`` is the entry point of rules for response headers; None too where the token may not read it.
    """

    ruleset: Ruleset | None
    assets: tuple[RemoteAsset, ...]
    error_pages: tuple[ErrorPage, ...]
    headers: Ruleset | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The live rules, ours and others'."""
        return self.ruleset.rules if self.ruleset else ()

    @property
    def header_rules(self) -> tuple[Rule, ...]:
        """The live rules for response headers, ours and others'."""
        return self.headers.rules if self.headers else ()

    @property
    def version(self) -> str:
        """The version of the entry point; ``0`` where there is none."""
        return self.ruleset.version if self.ruleset else "0"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one site is to have at one zone or account, which ``target`` names for people.

    ``maintenance`` says whether planned work is to be announced; None leaves that as it is found among the live rules.
    """

    site: str
    target: str
    compiled: CloudflareRules
    options: Options
    maintenance: bool | None = None

    def announces(self, live: Sequence[Rule]) -> bool:
        """Whether planned work is to be announced where ``live`` are the rules."""
        wished = bool(announcing(live, self.site)) if self.maintenance is None else self.maintenance
        return wished and self.compiled.announced.obstacle is None

    def rules(self, live: Sequence[Rule]) -> Sequence[Rule]:
        """Our rules where ``live`` are those that are there. Those that are switched off stay so."""
        ours = self.compiled.announced.rules if self.announces(live) else self.compiled.rules
        return self._on_or_off(ours, live)

    def _on_or_off(self, ours: Sequence[Rule], live: Sequence[Rule]) -> Sequence[Rule]:
        return [toggled(rule, enabled=False) for rule in ours] if is_off(live, self.site) else ours

    def assets(self, live: Sequence[Rule]) -> Sequence[Asset]:
        """Our assets where ``live`` are the rules that are there."""
        return self.compiled.announced.assets if self.announces(live) else self.compiled.assets

    def asset(self, name: str) -> Asset | None:
        """One of our assets, whether it is for planned work or not."""
        return next((one for one in (*self.compiled.assets, *self.compiled.announced.assets) if one.name == name), None)

    def header_rules(self, live: Sequence[Rule], there: Sequence[Rule]) -> Sequence[Rule]:  # noqa: ARG002
        """Our rules for response headers where ``live`` are the error rules and ``there`` those for headers."""
        ours = self.compiled.announced_headers if self.announces(live) else self.compiled.headers
        return self._on_or_off(ours, live)

    def may_have_headers(self, live: Sequence[Rule]) -> bool:
        """Whether rules for response headers are asked for or may be ours, where ``live`` are the error rules.

        They go with error rules that say so: those that are as they should be, and do not, stand alone.
        """
        if self.options.retry_after or not any(is_ours(rule, self.site) for rule in live):
            return True
        return bool(rule_changes(live, self.rules(live), self.site, self.target))

    def sets_headers(self, state: State) -> bool:
        """Whether rules for response headers are asked for, or some of ours are there."""
        return self.options.retry_after or any(is_ours(rule, self.site) for rule in state.header_rules)

    def header_changes(self, state: State) -> list[Change]:
        """What would change among the rules for response headers."""
        wanted = self.header_rules(state.rules, state.header_rules)
        return rule_changes(state.header_rules, wanted, self.site, self.target, HEADER_RULE)

    def merged(self, live: Sequence[Rule]) -> list[Rule]:
        """The list of rules that a PUT has to send."""
        return merge(live, self.rules(live), self.site)

    def missing(self, state: State) -> list[Asset]:
        """The assets to create."""
        there = {asset.name for asset in state.assets}
        return [asset for asset in self.assets(state.rules) if asset.name not in there]

    def unused(self, assets: Sequence[RemoteAsset], rules: Sequence[Rule]) -> list[RemoteAsset]:
        """Our assets that are neither wanted nor named by any of ``rules``, whoever made it."""
        needed = {asset.name for asset in self.assets(rules)} | named_assets(rules)
        return [one for one in assets if one.name.startswith(prefix(self.site)) and one.name not in needed]

    def in_the_way(self, state: State) -> list[RemoteAsset]:
        """Leftovers that no live rule names, as many as must go before the missing assets fit."""
        counted, allowed = self._counted_assets(state)
        excess = len(counted) + len(self.missing(state)) - allowed
        return self.unused(state.assets, state.rules)[: max(0, excess)]

    def _counted_assets(self, state: State) -> tuple[list[RemoteAsset], int]:
        """The assets that count against a limit, and that limit: all there is room for, or else our own share."""
        if self.options.room:
            return list(state.assets), self.options.room.assets
        return [one for one in state.assets if one.name.startswith(prefix(self.site))], self.options.quota.assets

    def plan(self, state: State) -> EdgePlan:
        """Assets to create, rules to change, assets that are then unused; both limits; what is left alone."""
        new, merged, ours = self.missing(state), self.merged(state.rules), self.rules(state.rules)
        stale = self.unused(state.assets, merged)
        changes = [Change("create", "asset", self.target, one.name, "missing", after=one.page_path) for one in new]
        changes += rule_changes(state.rules, ours, self.site, self.target)
        changes += self.header_changes(state)
        changes += [Change("delete", "asset", self.target, one.name, "stale", before=one.url) for one in stale]
        counted, most_assets = self._counted_assets(state)
        together = len(counted) + len(new)
        # Where nothing is created nothing has to fit beside the old, so that a smaller plan can still be tidied up.
        peak = together - len(self.in_the_way(state)) if new else together - len(stale)
        room = self.options.room
        rules = len(merged) if room else len(ours)
        limits = (
            Limit(self.target, "rules", rules, rules, room.rules if room else self.options.quota.rules),
            *self._header_limit(state),
            Limit(self.target, "assets", together - len(stale), peak, most_assets),
        )
        findings = (
            *self._switched_off(state),
            *self._planned_work(state),
            *self._altered_assets(state),
            *self._error_pages(state),
        )
        left_alone, announced = tuple(self._foreign(state)), self.announces(state.rules)
        version = state.version
        if self.sets_headers(state):
            version += f" and {state.headers.version if state.headers else 0} of headers"
        return EdgePlan(
            self.target,
            version,
            tuple(changes),
            limits,
            left_alone,
            findings,
            announced,
            is_off(merged, self.site),
            self._live(state),
        )

    def _live(self, state: State) -> Live:
        """What is there of ours, and for how many rules of ours there is room beside the others."""
        others, room = len(foreign(state.rules, self.site)), self.options.room
        copies = tuple((one.url, one.name.rpartition("_")[2]) for one in state.assets
                       if one.name.startswith(prefix(self.site)))  # fmt: skip
        return Live(len(state.rules) - others, room.rules - others if room else self.options.quota.rules, copies)

    def _header_limit(self, state: State) -> list[Limit]:
        """The use of the limit of rules for response headers, where this is about any."""
        if not self.sets_headers(state):
            return []
        ours, room = self.header_rules(state.rules, state.header_rules), self.options.room
        used = len(merge(state.header_rules, ours, self.site)) if room else len(ours)
        most = room.header_rules or 0 if room else self.options.header_quota
        return [Limit(self.target, f"{HEADER_RULE}s", used, used, most)]

    def _foreign(self, state: State) -> list[str]:
        shown = [_shown("rule", rule) for rule in foreign(state.rules, self.site)]
        if self.sets_headers(state):
            shown += [_shown(HEADER_RULE, rule) for rule in foreign(state.header_rules, self.site)]
        return shown + [f"asset {one.name}" for one in state.assets if not one.name.startswith(prefix(self.site))]

    def _switched_off(self, state: State) -> list[Finding]:
        """That nothing of ours is served, and stays so."""
        if not is_off(state.rules, self.site):
            return []
        off = [rule for rule in state.rules if is_ours(rule, self.site) and is_switched_off(rule)]
        written = max((str(rule["last_updated"]) for rule in off if rule.get("last_updated")), default="")
        message = "our rules are switched off" + (f", last written at {written}" if written else "")
        hint = "switch them on with: errgen publish --enable"
        return [Finding("cloudflare-switched-off", "warning", f"{message}; they stay so", self.target, hint)]

    def _planned_work(self, state: State) -> list[Finding]:
        live, announced = announcing(state.rules, self.site), self.announces(state.rules)
        if not announced:
            message = "planned work is no longer announced: every 5xx of the website gets its usual page again"
            return [self._finding("info", message)] if live else []
        findings = []
        if live:
            written = max((str(rule["last_updated"]) for rule in live if rule.get("last_updated")), default="")
            message = "planned work is announced" + (f", by rules last written at {written}" if written else "")
            findings.append(self._finding("warning", f"{message}; it stays so", ENDING))
        else:
            message = (
                "planned work will be announced: every 5xx of the website is answered with the page for it and status "
                "503; whatever the website still answers below 400 stays open"
            )
            findings.append(self._finding("info", message, ENDING))
        if "json" not in self.compiled.announced.formats:
            message = (
                "only the HTML page for planned work is served, and clients that want JSON or Markdown do not get it"
            )
            findings.append(
                self._finding("warning", message, "report.json has who gets what; it needs room for 3 rules")
            )
        return findings

    def _finding(self, severity: Severity, message: str, hint: str | None = None) -> Finding:
        return Finding("cloudflare-maintenance", severity, message, where=self.target, hint=hint)

    def _altered_assets(self, state: State) -> list[Finding]:
        there = {asset.name: asset for asset in state.assets}
        return [
            Finding(
                f"cloudflare-asset{ALTERED}",
                "warning",
                f"the asset {one.name} was changed by hand: {_alteration(there[one.name], one)}",
                where=self.target,
                hint=f"publishing alone leaves it so; to have the page fetched again, run: errgen publish --site "
                f"{self.site} --refetch {one.name}",
            )
            for one in self.assets(state.rules)
            if one.name in there and _is_altered(there[one.name], one)
        ]

    def _error_pages(self, state: State) -> list[Finding]:
        if self.options.machine_clients != "cloudflare":
            return []
        return [
            Finding(
                "cloudflare-error-page",
                "warning",
                f"the Error Page {page.id} is customised: where no rule matches, all clients get its HTML, and API "
                "clients and agents no JSON or Markdown",
                where=self.target,
                hint='set it back to its default in the dashboard, or write machine_clients = "errgen"',
            )
            for page in state.error_pages
            if page.url and page.id in ("1000_errors", "500_errors")
        ]


def _is_altered(there: RemoteAsset, wanted: Asset) -> bool:
    """Whether somebody described it anew, or had it fetched from elsewhere."""
    return there.description != wanted.description or _is_elsewhere(there, wanted)


def _is_elsewhere(there: RemoteAsset, wanted: Asset) -> bool:
    """Whether it was fetched from where no host of ours keeps that page."""
    path = unquote(urlsplit(there.url).path)
    ours = (wanted.page_path, object_key(wanted.page_path, wanted.sha256))
    return not path.endswith(tuple(f"/{one}" for one in ours))


def _alteration(there: RemoteAsset, wanted: Asset) -> str:
    """What was altered, in words."""
    if _is_elsewhere(there, wanted):
        return f"clients get what was at {there.url}, and not {wanted.page_path}"
    return f"it is described as «{there.description}», and may not be {wanted.page_path} any more"


def _shown(kind: str, rule: Rule) -> str:
    return f"{kind} {rule.get('ref') or rule.get('id')}: {rule.get('description') or rule['expression']}"
