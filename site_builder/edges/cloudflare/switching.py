"""Our rules in one phase put in place of those before, while others may write the same list at the same time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from ...errors import RemoteFailed
from .._remote import CutOffError, Report
from .entry_point import EntryPoint, Ruleset, same_rules
from .merging import Rule, foreign, is_ours, merge, rule_changes
from .pacing import WaitInterrupted
from .replies import CallFailed

ROUNDS = 3
"""How often our rules are put again on top of what somebody else wrote at the same time."""

Ours = Callable[[Sequence[Rule]], Sequence[Rule]]
"""The rules that a site is to have where so many rules are live."""


class Switch:
    """Replaces the rules of ``site`` in the list behind ``entry`` by those that ``ours`` gives.

    ``target`` names the zone or account for people. Every method may raise RemoteFailed.
    """

    def __init__(self, entry: EntryPoint, site: str, target: str, ours: Ours, report: Report) -> None:
        self._entry = entry
        self._site = site
        self._target = target
        self._wanted = ours
        self._report = report

    def check(self, live: Sequence[Rule]) -> None:
        """Put today's rules on a dry run.

        That they would be refused themselves says nothing about rights: an asset they name may have been deleted.
        """
        try:
            self._entry.check(live)
        except CallFailed as failure:
            if failure.status != 400 or not failure.in_envelope:
                raise

    def rehearse(self, live: Sequence[Rule]) -> None:
        """Put the new rules on a dry run."""
        self._entry.check(self._merged(live))

    def switch(self, before: Ruleset | None) -> Ruleset | None:
        """One PUT of the whole list, read back. Who wrote in between keeps what they wrote, with our rules on top.

        Gives the list that was live until then. Where all is as it should be, nothing is put. Raises RemoteFailed where
        the old list is still (or again) live, and CutOffError where the new one is or may be.
        """
        live = self._entry.read()
        if _version(live) != _version(before):
            self._report(f"{self._target}: somebody changed the rules meanwhile; their version is kept and merged")
            before = live
            self.rehearse(_rules(before))
        if not rule_changes(_rules(before), self._wanted(_rules(before)), self._site, self._target):
            return before
        stored = self._put(self._merged(_rules(before)))
        with cut_off():
            refused = self._settle(before, stored)
            if refused is None:
                return before
            self._put_back(before, refused)
        raise RemoteFailed(
            "what Cloudflare stored is not what was sent; the previous rules are back",
            where=f"{self._target}: rules of {self._entry.phase}, version {stored.version}",
            hint="compare the backup in .errgen/backups with the rules in the dashboard",
        )

    def standing(self, before: Ruleset | None) -> tuple[bool, bool]:
        """Whether our live rules are those of ``before``, and whether they are the wanted ones."""
        live = _rules(self._entry.read())
        ours = self._ours(live)
        return same_rules(self._ours(_rules(before)), ours), same_rules(self._wanted(live), ours)

    def restore(self, before: Ruleset | None) -> None:
        """Put our rules of ``before`` back, where they are not there; foreign rules stay as they are by now."""
        live = _rules(self._entry.read())
        if not same_rules(self._ours(_rules(before)), self._ours(live)):
            self._put_back(before, live)

    def _ours(self, rules: Sequence[Rule]) -> list[Rule]:
        return [rule for rule in rules if is_ours(rule, self._site)]

    def _merged(self, live: Sequence[Rule]) -> list[Rule]:
        return merge(live, self._wanted(live), self._site)

    def _put(self, rules: Sequence[Rule]) -> Ruleset:
        self._report(f"{self._target}: switching {len(rules)} rules")
        try:
            return self._entry.put(rules)
        except WaitInterrupted:
            raise
        except KeyboardInterrupt as interrupt:
            raise CutOffError from interrupt
        except CallFailed as failure:
            if failure.may_have_happened:
                raise CutOffError from failure
            raise

    def _put_back(self, before: Ruleset | None, around: Sequence[Rule]) -> None:
        """Put our rules of ``before`` among the foreign ones of ``around``."""
        rules = _rules(before)
        unchanged = foreign(rules, self._site) == foreign(around, self._site)
        back = list(rules) if unchanged else merge(around, self._ours(rules), self._site)
        stored = self._put(back)
        if not same_rules(back, stored.rules):
            raise CutOffError from RemoteFailed(
                "the previous rules were not stored as they were sent", where=self._target
            )

    def _settle(self, before: Ruleset | None, stored: Ruleset) -> Sequence[Rule] | None:
        """Read back what our PUT did, and merge what others wrote at the same time.

        There is no lock in this API: that the version rose by more than one is the only sign of somebody's write
        between our last look and our PUT, which has replaced it. Gives None once all is as it should be, and what was
        sent where Cloudflare has stored something else.
        """
        known, seen = _rules(before), _number(_version(before))
        sent = self._merged(known)
        for _ in range(ROUNDS):
            theirs, now = self._replaced(known, seen, stored), stored
            if theirs is None:
                now = self._entry.read() or Ruleset("0", ())
                if now.version == stored.version:
                    return None if same_rules(sent, now.rules) else sent
                if same_rules(self._merged(now.rules), now.rules):
                    return None
                theirs = now.rules
            self._report(
                f"{self._target}: somebody changed the rules at the same moment; their version is kept and merged"
            )
            unseen = _without(foreign(sent, self._site), (*known, *theirs))
            known, seen = now.rules, _number(now.version)
            sent = self._merged([*theirs, *unseen])
            stored = self._put(sent)
        raise RemoteFailed(
            f"somebody else writes the same rules at the same time; gave up after {ROUNDS} rounds",
            where=self._target,
            hint="find out who does and run the same command again; their last rules are in the ruleset's versions",
        )

    def _replaced(self, known: Sequence[Rule], seen: int, stored: Ruleset) -> Sequence[Rule] | None:
        """What somebody wrote after version ``seen`` and our PUT replaced; None where nothing is lost."""
        between = _number(stored.version) - 1
        if between <= seen:
            return None
        theirs = self._entry.version(str(between))
        if theirs is None or foreign(theirs.rules, self._site) == foreign(known, self._site):
            return None
        return theirs.rules


@contextlib.contextmanager
def cut_off() -> Iterator[None]:
    """Whatever fails in this block fails after new rules were put."""
    try:
        yield
    except (KeyboardInterrupt, RemoteFailed) as cause:
        raise CutOffError from cause


def _without(rules: Sequence[Rule], others: Sequence[Rule]) -> list[Rule]:
    """Those of ``rules`` that are not among ``others``, by ref: an id is new each time a rule is put anew."""
    refs = {rule.get("ref") for rule in others}
    return [rule for rule in rules if rule.get("ref") not in refs]


def _rules(ruleset: Ruleset | None) -> tuple[Rule, ...]:
    return ruleset.rules if ruleset else ()


def _version(ruleset: Ruleset | None) -> str:
    return ruleset.version if ruleset else "0"


def _number(version: str) -> int:
    return int(version) if version.isascii() and version.isdigit() else 0
