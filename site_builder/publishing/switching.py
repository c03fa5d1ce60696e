"""Edges switched in turn: each is backed up, switched, read back and asked as a client would before the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..edges._remote import CutOffError, Remote
from ..errors import ErrgenError, LiveAnswersDiffer, PartlyApplied, RemoteFailed
from ..interrupts import deferred
from .done import Done, Verify, reason

At = tuple[Remote[Any], Any]
"""An edge, and the state of it that the plan was made from."""


@dataclass
class Switching:
    """Switches edges and notes in ``done`` which. ``verify`` is asked after each.

    Where that finds differences the previous rules are put back, unless ``keep``.
    """

    done: Done
    verify: Verify | None
    keep: bool

    def switch(self, edges: Iterable[At]) -> None:
        """Switch ``edges``. Raises RemoteFailed, LiveAnswersDiffer, PartlyApplied and KeyboardInterrupt."""
        for remote, state in edges:
            backup = self.done.back_up(remote, state)
            with deferred(self.done.report):
                before = self._switched(remote, state, backup)
                self.done.switched.append(remote.name)
                if before is not state:  # somebody wrote meanwhile: this is what was replaced
                    backup = self.done.back_up(remote, before)
                self.done.note_switch(remote, backup=backup)
            if failure := self._differing(remote):
                self._put_back(remote, before, failure)

    def confirm(self, edges: Iterable[At], waiting: int) -> None:
        """Ask edges that are switched already, before the ``waiting`` others follow them and the release is done.

        Raises RemoteFailed and LiveAnswersDiffer.
        """
        follow = "its rules are as this run found them"
        if waiting:
            follow = (
                "the one that follows it is as it was" if waiting == 1 else f"the {waiting} after it are as they were"
            )
        for remote, _ in edges:
            if failure := self._differing(remote):
                failure.message += f"; {follow}{self.done.others}"
                failure.hint = "correct that and publish again, or go back with errgen rollback --to RELEASE"
                raise failure

    def _switched(self, remote: Remote[Any], state: Any, backup: str) -> Any:
        try:
            return remote.switch(state)
        except CutOffError as cut_off:
            return self._resolved(remote, state, backup, cut_off.__cause__)

    def _resolved(self, remote: Remote[Any], state: Any, backup: str, cause: BaseException | None) -> Any:
        """Find out what is live after a switch that was cut off, and report it as what it is."""
        carries_on = self.done.carries_on
        try:
            standing = remote.standing(state)
        except (RemoteFailed, KeyboardInterrupt):
            raise PartlyApplied(
                f"it is not known whether the new rules are live: {reason(cause)}",
                where=remote.name,
                hint=f"whichever are, they and their pages are complete; {carries_on}",
            ) from cause
        if standing == "neither":
            raise PartlyApplied(
                f"the rules are neither the old nor the new ones: {reason(cause)}",
                where=remote.name,
                hint=f"the old ones are in the newest file of .errgen/backups, for errgen restore; {carries_on}",
            ) from cause
        if standing == "new":
            self.done.switched.append(remote.name)
            self.done.note_switch(remote, backup=backup, cut_off=reason(cause))
        if isinstance(cause, KeyboardInterrupt | RemoteFailed):
            raise cause  # reported by what is switched by now
        raise AssertionError("a switch is cut off by Ctrl-C or a failure, and by nothing else")

    def _differing(self, remote: Remote[Any]) -> ErrgenError | None:
        """Why the answers of ``remote`` are not what was published; None where they are, or are to be kept."""
        if self.verify is None or remote.name in self.done.plan.switched_off:
            return None
        self.done.say(remote, f"asking {remote.name} as clients would")
        try:
            differences = self.verify(remote.name)
        except RemoteFailed as unasked:
            return unasked
        if differences is None:
            return None
        if not differences or self.keep:
            self.done.note("verify", remote.name, differences=[*differences])
            self.done.confirmed += [] if remote.name in self.done.switched else [remote.name]
            self.done.differences.extend(differences)
            return None
        # In the audit it stays an edge that nobody has found to be right, until it is put back or asked again.
        facts = {"site": self.done.plan.site, "release": self.done.plan.release, "target": remote.name}
        self.done.journal.tell("verify", {**facts, "differences": [*differences]})
        return LiveAnswersDiffer(
            f"{len(differences)} answers are not what was published, the first: {differences[0]}", where=remote.name
        )

    def _put_back(self, remote: Remote[Any], before: Any, failure: ErrgenError) -> None:
        """Restore the previous rules and raise ``failure``, or PartlyApplied where that does not work."""
        self.done.say(remote, f"putting the previous rules back at {remote.name}")
        with deferred(self.done.report):
            try:
                remote.restore(before)
            except (CutOffError, RemoteFailed) as second:
                cause = second.__cause__ if isinstance(second, CutOffError) else second
                raise PartlyApplied(
                    f"{failure}; and the previous rules could not be put back: {reason(cause)}",
                    where=remote.name,
                    hint=f"put the newest file of .errgen/backups back with errgen restore, or {self.done.carries_on}",
                ) from failure
            self.done.switched.remove(remote.name)
            self.done.note("put back", remote.name, because=failure.message, version_after=remote.stored)
            failure.message += "; the previous rules are back" + self.done.others
            raise failure  # here, so that it goes before Ctrl-C
