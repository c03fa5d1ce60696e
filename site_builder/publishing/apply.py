"""A plan applied: everything new is brought and proved first, then one switch per edge, checked as a client would.

Until an edge's switch its clients get the old answers, after it the new ones, and never a mixture: assets and pages
carry the digest of their content, so that nothing which is live is changed in place. What was cut off is carried on by
the next run, which plans from what it finds.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..edges._remote import CutOffError, Remote, Report
from ..errors import ErrgenError, Interrupted, LiveAnswersDiffer, LocalFilesFailed, PartlyApplied, RemoteFailed
from ..hosts import Upload
from .interrupts import deferred
from .journal import Journal
from .plan import Plan
from .proof import Prove, prover
from .prune import references, sweep
from .survey import Survey
from .target import Target

Verify = Callable[[str], Sequence[str]]
"""Asks a target, by its name, as clients would; gives one line for each answer that is not what was published."""

RULES = ("rule", "header rule")
"""The kinds of changes that an edge's switch makes."""

CARRIES_ON = "run the same command again; it carries on from here"
HARMLESS = "what was uploaded or registered changes no answer by itself, and the next run uses it"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done. ``switched`` names the edges whose rules changed; ``differences`` were found and kept.

    ``unpruned`` is why stale pages are still at the host, where they are: the next publish removes them. ``uncopied``
    is why records are in ``.errgen`` only, and not at the host too.
    """

    plan: Plan
    switched: tuple[str, ...]
    differences: tuple[str, ...] = ()
    unpruned: str | None = None
    uncopied: tuple[str, ...] = ()


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
    """Do what ``found.plan`` says. With nothing in it, nothing is sent.

    ``verify`` is asked after each edge's switch; where it finds differences the previous rules are put back, unless
    ``keep``. ``command`` is what to run to carry on, where that is not publish; it is noted in the audit. Raises
    RemoteFailed or LocalFilesFailed while the old state serves, Interrupted where Ctrl-C came in time,
    LiveAnswersDiffer, and PartlyApplied once something is live and something is left.
    """
    if found.plan.is_empty:
        return Outcome(found.plan, ())
    journal.copied_to(target.host)
    work = _Work(target, found, journal, verify, keep, report, prove or prover(sleep=sleep, report=report), command)
    try:
        work.check()
        work.bring()
    except KeyboardInterrupt:
        raise Interrupted("interrupted; the old answers are still live", hint=HARMLESS) from None
    try:
        work.switch()
        work.finish()
        unpruned = work.prune()
    finally:  # what was done is written down, whatever came after it
        journal.close()
    return Outcome(found.plan, tuple(work.switched), tuple(work.differences), unpruned, tuple(journal.uncopied))


@dataclass
class _Work:
    target: Target
    found: Survey
    journal: Journal
    verify: Verify | None
    keep: bool
    report: Report
    prove: Prove
    command: str | None = None
    switched: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    before: str | None = None

    @property
    def doomed(self) -> set[str]:
        """The pages and releases that the plan removes from the host."""
        deleted = {change.name for change in self.plan.of(self.target.host.name) if change.action == "delete"}
        return deleted - {self.plan.site}  # under this name stands which release is current

    @property
    def carries_on(self) -> str:
        """What to do once something is live and something is left."""
        return f"run: errgen {self.command}  (it carries on from here)" if self.command else CARRIES_ON

    @property
    def plan(self) -> Plan:
        return self.found.plan

    def changing(self, *kinds: str) -> list[tuple[Remote[Any], Any]]:
        """The edges with changes of these kinds, and their states."""
        pairs = zip(self.target.remotes, self.found.states, strict=True)
        return [(remote, state) for remote, state in pairs if self.plan.of(remote.name, *kinds)]

    def check(self) -> None:
        """That everything that follows is allowed, before the first write."""
        self.report(f"checking the rights at {self.target.host.name}")
        self.target.host.check()
        for remote, state in self.changing():
            self.report(f"checking the rights at {remote.name}")
            remote.check(state)

    def bring(self) -> None:
        """Upload, prove, register; then ask each edge whether it would take the switch."""
        self._upload()
        host, places = self.target.host, self.target.places()
        changing = self.changing("asset", *RULES)
        fetched = {path: sha256 for remote, state in changing for path, sha256 in remote.fetches(state).items()}
        self.prove((host.url(places[path]), sha256) for path, sha256 in sorted(fetched.items()))
        for remote, state in changing:
            remote.prepare(state, lambda path: host.url(places[path]))
            self._prove_at(remote, state)
        for remote, state in self.changing(*RULES):
            self.report(f"trying the new rules at {remote.name}")
            remote.rehearse(state)

    def _prove_at(self, remote: Remote[Any], state: Any) -> None:
        served = remote.serves(state)
        try:
            self.prove(served.pages.items())
        except RemoteFailed as failure:
            failure.hint = served.hint
            raise

    def _upload(self) -> None:
        host, places = self.target.host, self.target.places()
        wanted = {change.name for change in self.plan.of(host.name, "page")}
        items = [item for item in self.target.items() if places[item.path] in wanted]
        uploads = (
            Upload(key, self.target.content(item.path), item.media_type, host.cache_control(key))
            for item in items
            for key in (places[item.path],)
        )
        stored = 0

        def progress(upload: Upload) -> None:
            nonlocal stored
            stored += 1
            self.report(f"uploaded {stored} of {len(items)}: {upload.key}")

        host.write_many(uploads, progress)

    def switch(self) -> None:
        """Switch the edges in turn; each is read back and verified before the next."""
        for remote, state in self.changing(*RULES):
            try:
                backup = self.journal.back_up(remote.name, remote.backup(state))
                with deferred(self.report):
                    before = self._switched(remote, state)
                    self.switched.append(remote.name)
                if before is not state:  # somebody wrote meanwhile: this is what was replaced
                    backup = self.journal.back_up(remote.name, remote.backup(before))
                self._note_switch(remote, backup=backup.name)
                self._verify(remote, before)
            except KeyboardInterrupt:
                self._interrupted()
            except (RemoteFailed, LocalFilesFailed) as failure:
                self._failed(failure)

    def _switched(self, remote: Remote[Any], state: Any) -> Any:
        try:
            return remote.switch(state)
        except CutOffError as cut_off:
            return self._resolved(remote, state, cut_off.__cause__)

    def _resolved(self, remote: Remote[Any], state: Any, cause: BaseException | None) -> Any:
        """Find out what is live after a switch that was cut off, and report it as what it is."""
        try:
            standing = remote.standing(state)
        except (RemoteFailed, KeyboardInterrupt):
            raise PartlyApplied(
                f"it is not known whether the new rules are live: {_reason(cause)}",
                where=remote.name,
                hint=f"whichever are, they and their pages are complete; {self.carries_on}",
            ) from cause
        if standing == "neither":
            raise PartlyApplied(
                f"the rules are neither the old nor the new ones: {_reason(cause)}",
                where=remote.name,
                hint=f"the old ones are in the newest file of .errgen/backups, for errgen restore; {self.carries_on}",
            ) from cause
        if standing == "new":
            self.switched.append(remote.name)
            self._note_switch(remote, cut_off=_reason(cause))
        if isinstance(cause, KeyboardInterrupt | RemoteFailed):
            raise cause  # reported by what is switched by now
        raise AssertionError("a switch is cut off by Ctrl-C or a failure, and by nothing else")

    def _verify(self, remote: Remote[Any], before: Any) -> None:
        if self.verify is None or remote.name in self.plan.switched_off:
            return
        self.report(f"asking {remote.name} as clients would")
        failure: ErrgenError
        try:
            differences = self.verify(remote.name)
        except RemoteFailed as unasked:
            failure = unasked
        else:
            if not differences or self.keep:
                self.differences.extend(differences)
                return
            failure = LiveAnswersDiffer(
                f"{len(differences)} answers are not what was published, the first: {differences[0]}", where=remote.name
            )
        self._put_back(remote, before, failure)

    def _put_back(self, remote: Remote[Any], before: Any, failure: ErrgenError) -> None:
        """Restore the previous rules and raise ``failure``, or PartlyApplied where that does not work."""
        self.report(f"putting the previous rules back at {remote.name}")
        try:
            with deferred(self.report):
                remote.restore(before)
        except (CutOffError, RemoteFailed) as second:
            cause = second.__cause__ if isinstance(second, CutOffError) else second
            raise PartlyApplied(
                f"{failure}; and the previous rules could not be put back: {_reason(cause)}",
                where=remote.name,
                hint=f"put the newest file of .errgen/backups back with errgen restore, or {self.carries_on}",
            ) from failure
        self.switched.remove(remote.name)
        self._note("put back", remote.name, because=failure.message, version_after=remote.stored)
        failure.message += "; the previous rules are back" + self._others()
        raise failure

    def finish(self) -> None:
        """Make the release the host's current one, remove what no rule needs any more, write it down."""
        try:
            if self.doomed:
                self.before = self.target.host.current()
            if self.target.removal:
                self._prune_edges()
                self._make_current()
            else:
                self._make_current()
                self._prune_edges()
        except KeyboardInterrupt:
            self._interrupted()
        except (RemoteFailed, LocalFilesFailed) as failure:
            self._failed(failure)

    def _make_current(self) -> None:
        manifest, host = self.target.manifest, self.target.host
        changes = [change for change in self.plan.of(host.name, "release") if change.name == manifest.site]
        if not changes:
            return
        if changes[0].action == "delete":
            self.report(f"leaving {host.name} without a current release")
            host.deactivate()
        else:
            self.report(f"making {manifest.release[:12]} the current release of {host.name}")
            host.activate(manifest.release, self.target.manifest_bytes)
        self.switched.append(host.name)
        (change,) = changes
        action = "deactivate" if change.action == "delete" else "activate"
        self._note(action, host.name, before=change.before, after=change.after)

    def _prune_edges(self) -> None:
        for remote, _ in self.changing("asset", *RULES):
            if remote.name not in self.switched:
                self.switched.append(remote.name)  # by an earlier run; this one carries on with what was left
            remote.prune()
            self._note("prune", remote.name)

    def prune(self) -> str | None:
        """Remove from the host what the plan calls stale. All that matters is done: gives the reason of a failure."""
        host = self.target.host
        if not self.doomed:
            return None
        self.report(f"removing {len(self.doomed)} stale pages and releases from {host.name}")
        try:
            sweep(self.target, self.doomed, self.before, references(self.target, self.found.states))
            self._note("prune", host.name)
        except KeyboardInterrupt:
            self._interrupted()
        except (RemoteFailed, LocalFilesFailed) as failure:
            return str(failure)
        return None

    def _note_switch(self, remote: Remote[Any], **facts: Any) -> None:
        """``before`` and ``after`` are digests of what was replaced, and of what has taken its place."""
        changes = self.plan.of(remote.name, *RULES)
        exchanged = {
            "version_after": remote.stored,
            "before": _digest(change.before for change in changes),
            "after": _digest(change.after for change in changes),
        }
        self._note("switch", remote.name, **exchanged, **facts, **self._planned_work())

    def _note(self, action: str, target: str, **facts: Any) -> None:
        versions = {one.target: one.version for one in self.plan.based_on}
        named = {"command": self.command} if self.command else {}
        counts = {"changes": len(self.plan.of(target)), "version_before": versions.get(target)}
        self.journal.note(action, self.plan.site, self.plan.release, target, **named, **counts, **facts)

    def _planned_work(self) -> dict[str, str]:
        """What the switch was asked for besides, for the audit line."""
        asked = self.plan.maintenance
        return {} if asked is None else {"planned_work": "announced" if asked else "ended"}

    def _others(self) -> str:
        return f" (already new and verified: {', '.join(self.switched)})" if self.switched else ""

    def _interrupted(self) -> None:
        if not self.switched:
            raise Interrupted("interrupted; the old answers are still live", hint=HARMLESS) from None
        raise PartlyApplied(
            f"interrupted after the new answers went live at {', '.join(self.switched)}; what follows was not done",
            where=self.target.host.name,
            hint=f"answers are complete; {self.carries_on}",
        ) from None

    def _failed(self, failure: ErrgenError) -> None:
        if not self.switched:
            raise failure
        raise PartlyApplied(
            f"the new answers are live at {', '.join(self.switched)}, but then: {failure.message}",
            where=failure.where,
            hint=f"{failure.hint}; {self.carries_on}" if failure.hint else self.carries_on,
        ) from failure


def _digest(texts: Iterable[str | None]) -> str | None:
    """SHA-256 of the texts that there are, a line each; None for none."""
    found = [text for text in texts if text is not None]
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else None


def _reason(cause: BaseException | None) -> str:
    return "interrupted" if isinstance(cause, KeyboardInterrupt) else str(cause)
