"""A plan applied: everything new is brought and proved first, then one switch per edge, checked as a client would.

Until an edge's switch its clients get the old answers, after it the new ones, and never a mixture: assets and pages
carry the digest of their content, so that nothing which is live is changed in place. Edges that are canaries go through
all of this before the others begin. What was cut off is carried on by the next run, which plans from what it finds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..edges._remote import Report
from ..errors import LocalFilesFailed, RemoteFailed
from .activation import make_current
from .bringing import Bringing
from .done import RULES, Done, Verify
from .journal import Journal
from .meanwhile import require_unmoved
from .plan import Plan
from .proof import Prove, prover
from .prune import references, sweep
from .survey import Survey
from .switching import At, Switching
from .target import Target

__all__ = ["Outcome", "Verify", "apply"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done. ``switched`` names the edges whose rules changed; ``differences`` were found and kept.

    ``confirmed`` names the edges that were switched before this run, and asked by it.
    ``unpruned`` is why stale pages are still at the host, where they are: the next publish removes them. ``uncopied``
    is why records are in ``.errgen`` only, and not at the host too. ``refetched`` names the edges that fetched an asset
    again afterwards.
    """

    plan: Plan
    switched: tuple[str, ...]
    confirmed: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    unpruned: str | None = None
    uncopied: tuple[str, ...] = ()
    refetched: tuple[str, ...] = ()


def apply(
    target: Target,
    found: Survey,
    *,
    journal: Journal,
    verify: Verify | None = None,
    keep: bool = False,
    report: Report = lambda _: None,
    prove: Prove | None = None,
    sleep: Callable[[float], None] = time.sleep,
    command: str | None = None,
) -> Outcome:
    """Do what ``found.plan`` says. With nothing in it, and no edge left unverified by an earlier run, nothing is sent.

    ``verify`` is asked after each edge's switch; where it finds differences the previous rules are put back, unless
    ``keep``. Edges that an earlier run has switched and may not have asked are asked before anything follows them.
    ``command`` is what to run to carry on, where that is not publish; it is noted in the audit. Raises
    RemoteFailed or LocalFilesFailed while the old state serves, Interrupted where Ctrl-C came in time,
    LiveAnswersDiffer, and PartlyApplied once something is live and something is left.
    """
    unverified = journal.unverified(found.plan.site) if verify else frozenset()
    if found.plan.is_empty and unverified.isdisjoint(remote.name for remote in target.remotes):
        return Outcome(found.plan, ())
    journal.copied_to(target.host)
    done = Done(target, found.plan, journal, report, command)
    bringing = Bringing(done, prove or prover(sleep=sleep, report=report))
    work = _Work(done, found, bringing, Switching(done, verify, keep), unverified)
    unpruned = None
    with journal.closing():  # what was done is written down, whatever came after it
        try:
            if found.plan.is_empty:
                work.confirm(work.edges, ())
            else:
                work.replace()
                unpruned = work.tidy()
        except KeyboardInterrupt:
            done.interrupted()
        except (RemoteFailed, LocalFilesFailed) as failure:
            done.failed(failure)
    return Outcome(
        found.plan,
        tuple(done.switched),
        tuple(done.confirmed),
        tuple(done.differences),
        unpruned,
        tuple(journal.uncopied),
    )


@dataclass
class _Work:
    done: Done
    found: Survey
    bringing: Bringing
    switching: Switching
    unverified: frozenset[str]
    before: str | None = None

    @property
    def target(self) -> Target:
        return self.done.target

    @property
    def edges(self) -> list[At]:
        """Every edge with the state that the plan was made from."""
        return list(zip(self.target.remotes, self.found.states, strict=True))

    @property
    def doomed(self) -> set[str]:
        """The pages and releases that the plan removes from the host."""
        plan = self.found.plan
        deleted = {change.name for change in plan.of(self.target.host.name) if change.action == "delete"}
        return deleted - {plan.site}  # under this name stands which release is current

    def changing(self, edges: Iterable[At], *kinds: str) -> list[At]:
        """Those of ``edges`` with changes of these kinds."""
        return [(remote, state) for remote, state in edges if self.found.plan.of(remote.name, *kinds)]

    def replace(self) -> None:
        """Bring everything, switch the edges, canaries first, and make the release the host's current one."""
        edges = self.edges
        self.bringing.check(self.changing(edges))
        self.bringing.upload(self.changing(edges, "asset", *RULES))
        canaries = [one for one in edges if one[0].name in self.target.canaries]
        others = [one for one in edges if one[0].name not in self.target.canaries]
        for stage, later in ((canaries, others), (others, ())):
            self.bringing.prepare(self.changing(stage, "asset", *RULES))
            self.confirm(stage, later)
            self.switching.switch(self.changing(stage, *RULES))
        if self.doomed:
            self.before = self.target.host.current()
        if not self.target.removal:
            self._make_current()
        self._prune(self.changing(edges, "asset", *RULES))
        if self.target.removal:
            self._make_current()

    def confirm(self, stage: Sequence[At], later: Sequence[At]) -> None:
        """Ask those edges of ``stage`` that have their rules already, where nobody may have asked them with these.

        That is where a run before this one did not come to its end: the audit says so, or the release is not current
        yet. A canary is asked whenever edges of ``later`` follow it.
        """
        plan, follow = self.found.plan, self.changing(later, *RULES)
        is_new = any(change.name == plan.site for change in plan.of(self.target.host.name, "release"))
        standing = [one for one in stage if not plan.of(one[0].name, *RULES)]
        asked = [one for one in standing if is_new or follow or one[0].name in self.unverified]
        self.switching.confirm(asked, len(self.changing(stage, *RULES)) + len(follow))

    def _make_current(self) -> None:
        host, plan = self.target.host, self.found.plan
        for change in plan.of(host.name, "release"):
            if change.name == plan.site:
                require_unmoved(host, plan, RemoteFailed)
                make_current(self.done, change)

    def _prune(self, edges: Sequence[At]) -> None:
        """Remove what no rule needs any more."""
        for remote, _ in edges:
            if remote.name not in self.done.switched:
                self.done.switched.append(remote.name)  # by an earlier run; this one carries on with what was left
            remote.prune()
            self.done.note("prune", remote.name)

    def tidy(self) -> str | None:
        """Remove from the host what the plan calls stale. Gives the reason of a failure, for all that matters is done.

        Raises it where nothing of ours is to be left, for then this is what matters.
        """
        host = self.target.host
        if not self.doomed:
            return None
        self.done.report(f"removing {len(self.doomed)} stale pages and releases from {host.name}")
        try:
            sweep(self.target, self.doomed, self.before, references(self.target, self.found.states))
            self.done.note("prune", host.name)
        except (RemoteFailed, LocalFilesFailed) as failure:
            if self.target.removal:
                raise
            return str(failure)
        return None
