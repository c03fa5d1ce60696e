"""A distribution of CloudFront, seen from outside: the steps of publishing to it, as ``Remote`` describes them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from ...errors import PlanRefused, RemoteFailed
from ...model import MAINTENANCE
from .._remote import CutOffError, EdgePlan, Report, Served, Standing
from .._session import Session
from .calls import CallFailed
from .client import CloudFrontClient, Distribution
from .configuration import Configuration, ErrorResponse
from .merging import is_ours
from .planning import State, Wanted, wanted

if TYPE_CHECKING:
    import httpx

    from ...model import Manifest
    from .._edge import Read
    from .options import Options

ROUNDS = 3
"""How often our error responses are put again on top of what somebody else wrote at the same time."""

STALE = "PreconditionFailed"
Merge = Callable[[Sequence[ErrorResponse]], Sequence[ErrorResponse]]


def open_remote(
    manifest: Manifest,
    read: Read,  # noqa: ARG001  # the common interface: the pages are read where the host serves them
    options: Options,
    environ: Mapping[str, str],
    *,
    maintenance: bool | None = None,
    report: Report = lambda _: None,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: ARG001  # the common interface
    session: Session | None = None,  # noqa: ARG001  # the common interface: AWS's own client keeps the pace
) -> CloudFrontRemote:
    """The distribution of ``options``, which is to serve ``manifest``. Sends nothing yet.

    Credentials come from ``environ``, or from where AWS's own tools find them, when the first call is made.
    ``maintenance`` is whether planned work is to be announced; None leaves that as it is live. Raises RemoteFailed, and
    PlanRefused where planned work is to be announced and there is no page for it.
    """
    if options.distribution is None:
        raise ValueError("an edge without a distribution has nothing to publish to")
    ours = wanted(manifest, options, maintenance)
    if maintenance and not ours.announced:
        raise PlanRefused(
            f"cannot announce planned work: there is no HTML page {MAINTENANCE} in {manifest.languages[0]}",
            where=ours.target,
            hint="leave this edge out with --zone, or give the catalog that entry",
        )
    client = CloudFrontClient(
        options.distribution, environ, options.profile, transport=transport, sleep=sleep, report=report
    )
    return CloudFrontRemote(client, ours, report)


class CloudFrontRemote:
    """Reads and changes the error responses of one distribution through ``client``."""

    def __init__(self, client: CloudFrontClient, ours: Wanted, report: Report) -> None:
        self._client = client
        self._wanted = ours
        self._report = report
        self._stored: str | None = None

    @property
    def name(self) -> str:
        """``cloudfront distribution EDFDVBD632BHDS5``."""
        return self._wanted.target

    @property
    def stored(self) -> str | None:
        """The ETag that our last update has made."""
        return self._stored

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def read(self) -> State:
        """The configuration."""
        return State(self._client.configuration())

    @cached_property
    def _distribution(self) -> Distribution:
        """Where it answers; asked for once something is to be changed."""
        return self._client.distribution()

    def plan(self, state: State) -> EdgePlan:
        """What would change. Pure."""
        return self._wanted.plan(state)

    def fetches(self, state: State) -> Mapping[str, str]:  # noqa: ARG002  # the common interface
        """Nothing: the distribution reads pages when somebody needs one."""
        return {}

    def serves(self, state: State) -> Served:
        """The pages that error responses will name, at the distribution's own address.

        A page that cannot be read is answered with the status of the failure to read it, 403 or 404, in place of the
        error's own.
        """
        pages = self._wanted.pages(state)
        base = self._wanted.options.url or (f"https://{self._distribution.domain}" if pages else "")
        return Served(
            {f"{base}{path}": sha256 for path, sha256 in pages.items()},
            "no error response names a page that the distribution does not serve: check its origin, the behavior for "
            "these addresses and the bucket's policy (edges/cloudfront/report.json, merging, says how they go "
            "together); where it answers at another name, write that as url in this edge's table",
        )

    def references(self, state: State) -> list[str]:
        """The pages of the error responses, by their path at the distribution."""
        return [response.path for response in state.responses if response.path]

    def backup(self, state: State) -> bytes:
        """The error responses that were live. Nothing else: origins may have secrets among their headers."""
        content = {
            "target": self.name,
            "site": self._wanted.site,
            "version": state.version,
            "custom_error_responses": [
                {
                    "ErrorCode": one.code,
                    "ResponsePagePath": one.path,
                    "ResponseCode": one.status,
                    "ErrorCachingMinTTL": one.seconds,
                }
                for one in state.responses
            ],
        }
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

    def check(self, state: State) -> None:
        """Ask to update a version that there is not, and where it answers, which is the other right that is needed."""
        self._client.check_update(state.configuration)
        if not self._distribution.is_deployed:
            self._report(f"{self.name}: its last change is still on the way to all places that answer for it")

    def prepare(self, state: State, url_of: Callable[[str], str]) -> None:
        """Nothing: pages are read from where they are."""

    def page_of(self, name: str) -> tuple[str, str] | None:  # noqa: ARG002  # the common interface
        """None: the distribution keeps no page under a name of its own."""
        return None

    def refetch(self, state: State, name: str, url: str) -> None:  # noqa: ARG002  # the common interface
        """Raise RemoteFailed: there is no copy to fetch again."""
        raise RemoteFailed("keeps no copy of a page", where=f"{self.name}: {name}", hint="invalidate its address")

    def rehearse(self, state: State) -> None:
        """Nothing: UpdateDistribution has no dry run, and refuses a configuration as a whole."""

    def switch(self, state: State) -> State:
        """One UpdateDistribution. Who wrote in between keeps what they wrote: it is read and merged again.

        The new answers reach all places within minutes; until then clients get old ones, and each is complete.
        """
        before, version = self._put(state.configuration, self._wanted.merged)
        old = state if before is state.configuration else State(before)
        try:
            live = self._client.configuration(before.etag)
            alone = live.etag == version
            if self._same(live.responses, self._wanted.merged((before if alone else live).responses)):
                self._report(f"{self.name}: stored; it takes some minutes to reach all places")
                return old
            if alone:
                self._put(live, lambda now: old.responses if now is live.responses else self._wanted.before(now, old))
        except (KeyboardInterrupt, RemoteFailed) as cause:
            raise CutOffError from cause
        if not alone:
            raise CutOffError from RemoteFailed(
                "somebody else changed our error responses right after us",
                where=f"{self.name}: version {live.etag}",
                hint="find out who does",
            )
        raise RemoteFailed(
            "what CloudFront stored is not what was sent; the previous error responses are back",
            where=f"{self.name}: version {version}",
            hint="compare the backup in .errgen/backups with the error pages in the console",
        )

    def standing(self, state: State) -> Standing:
        """Whether our live error responses are the wanted ones, or those of ``state``."""
        live = self._client.configuration().responses
        if self._same(live, self._wanted.merged(live)):
            return "new"
        return "old" if self._same(live, self._wanted.before(live, state)) else "neither"

    def restore(self, state: State) -> None:
        """Put back what ``state`` had for the codes that are ours; others' responses stay as they are by now."""
        self._put(self._client.configuration(), lambda now: self._wanted.before(now, state))

    def prune(self) -> None:
        """Drop cached answers below the paths that the table names for that. There is nothing to remove.

        The reference is that of the configuration, so that the same change asks for it once, however often it is tried.
        """
        paths = sorted({*self._wanted.options.invalidate})
        if paths:
            self._report(f"{self.name}: dropping what is cached at {', '.join(paths)}")
            version = self._client.configuration().etag
            try:
                self._client.invalidate(paths, f"errgen-{self._wanted.site}-{version}")
            except CallFailed as failure:
                identifier = self._wanted.options.distribution
                failure.hint = (
                    f"{failure.hint}. The new pages are live; do this by hand: aws cloudfront create-invalidation "
                    f"--distribution-id {identifier} --paths {' '.join(repr(path) for path in paths)}"
                )
                raise

    def _same(self, one: Sequence[ErrorResponse], other: Sequence[ErrorResponse]) -> bool:
        return sorted(one, key=_code) == sorted(other, key=_code)

    def _put(self, live: Configuration, merge: Merge) -> tuple[Configuration, str]:
        """Put what ``merge`` makes of the live responses; gives what was replaced by it and the new version."""
        for attempt in range(ROUNDS):
            if attempt:
                live = self._client.configuration()
            responses = merge(live.responses)
            count = sum(is_ours(one, self._wanted.prefix) for one in responses)
            self._report(f"{self.name}: storing {len(responses)} error responses, {count} of them errgen's")
            try:
                self._stored = self._client.update(live.with_responses(responses), live.etag)
            except KeyboardInterrupt as interrupt:
                raise CutOffError from interrupt
            except CallFailed as failure:
                if failure.may_have_happened:
                    raise CutOffError from failure
                if failure.code != STALE:
                    raise
                self._report(
                    f"{self.name}: somebody changed the distribution meanwhile; their version is kept and merged"
                )
            else:
                return live, self._stored
        raise RemoteFailed(
            f"somebody else changes the distribution all the time; gave up after {ROUNDS} rounds",
            where=self.name,
            hint="find out who does and run the same command again; nothing of theirs was replaced",
        )


def _code(response: ErrorResponse) -> int:
    return response.code
