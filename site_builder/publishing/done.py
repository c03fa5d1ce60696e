"""What a publish has done by now: which targets are new, what the audit says of it, and how it ends before its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ..edges._remote import Remote, Report
from ..errors import ErrgenError, Interrupted, PartlyApplied
from .journal import Journal
from .plan import Plan
from .target import Target, numbered

Verify = Callable[[str], Sequence[str] | None]
"""Asks a target, by its name, as clients would; gives one line for each answer that is not what was published.

None where nobody can ask it.
"""

RULES = ("rule", "header rule")
"""The kinds of changes that an edge's switch makes."""

NAMED = 5
"""So many targets are named one by one in a failure."""

CARRIES_ON = "run the same command again; it carries on from here"
UNASKED = "nothing was changed, and the next publish asks again"
HARMLESS = "what was uploaded or registered changes no answer by itself, and the next run uses it"


@dataclass
class Done:
    """Grows while ``plan`` is applied to ``target``. ``command`` carries on, where that is not publish itself.

    ``switched`` names the targets that are new, ``confirmed`` those that were already and were asked all the same;
    ``differences`` are answers of theirs that were found and kept.
    """

    target: Target
    plan: Plan
    journal: Journal
    report: Report
    command: str | None = None
    switched: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    @property
    def carries_on(self) -> str:
        """What to do once something is live and something is left."""
        return f"run: errgen {self.command}  (it carries on from here)" if self.command else CARRIES_ON

    @property
    def names(self) -> str:
        """The targets that are new; of very many, the first."""
        return some(self.switched)

    @property
    def others(self) -> str:
        """The targets that are new already, to be said of the failure of another; empty where none is."""
        return f" (already new and verified: {self.names})" if self.switched else ""

    def say(self, remote: Remote[Any], text: str) -> None:
        """Report what is being done at one of several edges."""
        numbered(self.report, self.target.remotes.index(remote) + 1, len(self.target.remotes))(text)

    def back_up(self, remote: Remote[Any], state: Any) -> str:
        """Keep ``state``, which is about to be replaced, and write that down. Gives the name of the backup."""
        name = self.journal.back_up(remote.name, remote.backup(state)).name
        self.note("back up", remote.name, file=name)
        return name

    def note_switch(self, remote: Remote[Any], **facts: Any) -> None:
        """Write a switch down: ``before`` and ``after`` are digests of what was replaced, and of what replaced it."""
        changes = self.plan.of(remote.name, *RULES)
        exchanged = {
            "version_after": remote.stored,
            "before": _digest(change.before for change in changes),
            "after": _digest(change.after for change in changes),
        }
        self.note("switch", remote.name, **exchanged, **facts, **self._planned_work())

    def note(self, action: str, target: str, **facts: Any) -> None:
        """Write down that ``action`` was done at ``target``. Raises LocalFilesFailed."""
        versions = {one.target: one.version for one in self.plan.based_on}
        named = {"command": self.command} if self.command else {}
        counts = {"changes": len(self.plan.of(target)), "version_before": versions.get(target)}
        self.journal.note(action, self.plan.site, self.plan.release, target, **named, **counts, **facts)

    def _planned_work(self) -> dict[str, str]:
        """What the switch was asked for besides, for the audit line."""
        asked = self.plan.maintenance
        return {} if asked is None else {"planned_work": "announced" if asked else "ended"}

    def interrupted(self) -> NoReturn:
        """End for Ctrl-C: Interrupted where the old answers are live everywhere, or else PartlyApplied."""
        if self.plan.is_empty:
            raise Interrupted(
                "interrupted before all that an earlier run has switched was asked", hint=UNASKED
            ) from None
        if not self.switched:
            raise Interrupted("interrupted; the old answers are still live", hint=HARMLESS) from None
        raise PartlyApplied(
            f"interrupted after the new answers went live at {self.names}; what follows was not done",
            where=self.target.host.name,
            hint=f"answers are complete; {self.carries_on}",
        ) from None

    def failed(self, failure: ErrgenError) -> NoReturn:
        """End for ``failure``: itself where the old answers are live everywhere, or else PartlyApplied."""
        if not self.switched:
            raise failure
        raise PartlyApplied(
            f"the new answers are live at {self.names}, but then: {failure.message}",
            where=failure.where,
            hint=f"{failure.hint}; {self.carries_on}" if failure.hint else self.carries_on,
        ) from failure


def some(targets: Sequence[str]) -> str:
    """``targets``; of very many, the first."""
    if len(targets) <= NAMED:
        return ", ".join(targets)
    return f"{', '.join(targets[:NAMED])} and {len(targets) - NAMED} more that .errgen/audit.jsonl names"


def reason(cause: BaseException | None) -> str:
    """Why something was cut off, in words."""
    return "interrupted" if isinstance(cause, KeyboardInterrupt) else str(cause)


def _digest(texts: Iterable[str | None]) -> str | None:
    """SHA-256 of the texts that there are, a line each; None for none."""
    found = [text for text in texts if text is not None]
    return hashlib.sha256("\n".join(found).encode()).hexdigest() if found else None
