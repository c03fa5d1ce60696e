"""What publishing to a distribution would change, from what is there and what is wanted. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...errors import PlanRefused
from ...model import MAINTENANCE, Finding, Manifest, Severity
from .._edge import pages_of
from .._remote import EdgePlan, Limit, Live
from .configuration import Configuration, ErrorResponse, error_response
from .findings import audience, setup
from .merging import is_ours, merge, pages_prefix, put_back, response_changes
from .options import BINDABLE, Options
from .responses import PROFILE, announced_responses, responses_of

ENDING = "end it with: errgen publish --no-maintenance"


@dataclass(frozen=True, slots=True)
class State:
    """What a distribution has."""

    configuration: Configuration

    @property
    def version(self) -> str:
        """The ETag of its configuration."""
        return self.configuration.etag

    @property
    def responses(self) -> tuple[ErrorResponse, ...]:
        """The live custom error responses, ours and others'."""
        return self.configuration.responses


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one site is to have at one distribution, which ``target`` names for people.

    ``announced`` are its error responses while planned work is announced, empty where it has no page for that;
    ``maintenance`` says whether it is to be announced, and None leaves that as it is found among the live responses.
    ``sums`` has the SHA-256 of each page by its address at the distribution.
    """

    site: str
    target: str
    options: Options
    usual: Sequence[ErrorResponse]
    announced: Sequence[ErrorResponse]
    sums: Mapping[str, str]
    maintenance: bool | None = None

    @property
    def prefix(self) -> str:
        """What the address of every page of ours starts with."""
        return pages_prefix(self.options)

    def is_announced(self, live: Sequence[ErrorResponse]) -> bool:
        """Whether planned work is announced where ``live`` are the responses."""
        page = re.compile(rf"{re.escape(self.prefix)}{PROFILE}-[A-Za-z0-9-]+-{MAINTENANCE}-[0-9a-f]{{8}}\.html")
        return any(page.fullmatch(one.path) for one in live)

    def announces(self, live: Sequence[ErrorResponse]) -> bool:
        """Whether planned work is to be announced where ``live`` are the responses."""
        wished = self.is_announced(live) if self.maintenance is None else self.maintenance
        return wished and bool(self.announced)

    def responses(self, live: Sequence[ErrorResponse]) -> Sequence[ErrorResponse]:
        """Our responses where ``live`` are those that are there."""
        return self.announced if self.announces(live) else self.usual

    def merged(self, live: Sequence[ErrorResponse]) -> list[ErrorResponse]:
        """What the list of custom error responses becomes."""
        return merge(live, self.responses(live), self.prefix, self.options.replaces)

    def before(self, live: Sequence[ErrorResponse], state: State) -> list[ErrorResponse]:
        """What it becomes to be as it was in ``state``, as far as it was or is ours."""
        return put_back(live, state.responses, self.prefix)

    def pages(self, state: State) -> dict[str, str]:
        """The pages that no response names yet: address at the distribution -> SHA-256.

        Those for codes that somebody else has are among them, and that for planned work: what is live may have changed
        by the time of the switch.
        """
        there = {one.path for one in state.responses}
        return {path: self.sums[path] for path in sorted({*self.sums} - there)}

    def plan(self, state: State) -> EdgePlan:
        """What would change, what is left alone, and what keeps the pages from being what clients get.

        Raises PlanRefused for the template of a multi-tenant distribution.
        """
        if state.configuration.is_for_tenants:
            raise PlanRefused(
                "is a multi-tenant distribution: its error responses are for all of its tenants, and its pages have no "
                "address of their own to be proved at",
                where=self.target,
                hint="name a standard distribution, or put edges/cloudfront/custom_error_responses.json in by hand",
            )
        live, merged = state.responses, self.merged(state.responses)
        left_alone = [one for one in merged if not is_ours(one, self.prefix)]
        return EdgePlan(
            self.target,
            state.version,
            tuple(response_changes(live, merged, self.target)),
            (Limit(self.target, "error responses", len(merged), len(merged), len(BINDABLE)),),
            tuple(f"error response {one.code}: {one.text}" for one in left_alone),
            tuple(self._findings(state, merged)),
            self.announces(live),
            live=Live(sum(is_ours(one, self.prefix) for one in live), len(BINDABLE) - len(left_alone)),
        )

    def _findings(self, state: State, merged: Sequence[ErrorResponse]) -> Iterator[Finding]:
        """What is wrong with the surroundings, whose responses stay, and what clients get a while longer."""
        for name, message, hint in setup(self.site, self.options, state.configuration):
            yield self._finding(name, "warning", message, hint)
        wanted = {one.code for one in self.responses(state.responses)}
        for one in merged:
            if one.code in wanted and not is_ours(one, self.prefix):
                message = f"{one.code} keeps the error response that somebody else made: {one.text}"
                hint = f"add {one.code} to replaces in this edge's table to have errgen's page for it"
                yield self._finding("cloudfront-taken", "warning", message, hint)
        for name, message, hint in audience(self.options, state.configuration, merged):
            yield self._finding(name, "warning", message, hint)
        yield from self._planned_work(state.responses)
        changed = [one for one in state.responses if one not in merged]
        if changed or len(merged) != len(state.responses):
            message = "CloudFront takes some minutes to bring a change to all places; until then some answer as before"
            yield self._finding("cloudfront-eventual", "info", message)
        longest = max((one.seconds or 0 for one in changed), default=0)
        if longest > self.options.caching_seconds:
            message = f"an error that is cached by now is answered as before for up to {longest} s"
            hint = 'invalidate = ["/*"] in this edge\'s table drops what is cached, pages that are no errors included'
            yield self._finding("cloudfront-cached", "info", message, hint)

    def _planned_work(self, live: Sequence[ErrorResponse]) -> Iterator[Finding]:
        announced = self.is_announced(live)
        if not self.announces(live):
            message = "planned work is no longer announced: every 5xx of the website gets its usual page again"
            if announced:
                yield self._finding("cloudfront-maintenance", "info", message)
        elif announced:
            yield self._finding("cloudfront-maintenance", "warning", "planned work is announced; it stays so", ENDING)
        else:
            codes = ", ".join(str(one.code) for one in self.announced if one not in self.usual)
            message = (
                f"planned work will be announced: {codes} are answered with the page for it and status 503; whatever "
                "the website still answers below 400 stays open"
            )
            yield self._finding("cloudfront-maintenance", "info", message, ENDING)

    def _finding(self, name: str, severity: Severity, message: str, hint: str | None = None) -> Finding:
        return Finding(name, severity, message, where=self.target, hint=hint)


def wanted(manifest: Manifest, options: Options, maintenance: bool | None) -> Wanted:
    """What ``manifest`` is at the distribution of ``options``."""
    usual, announced = responses_of(manifest, options), announced_responses(manifest, options)
    pages = pages_of(manifest, PROFILE)
    return Wanted(
        manifest.site,
        f"cloudfront distribution {options.distribution}",
        options,
        tuple(map(error_response, usual)),
        tuple(map(error_response, announced)),
        {one.path: pages[one.rule.page].sha256 for one in (*usual, *announced)},
        maintenance,
    )
