"""The two lists of our rules in one zone or account: error rules, and rules for response headers that go with them.

Rules for headers are only ever there beside error rules that tell of them: so nobody has to look for them elsewhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from ...errors import RemoteFailed
from .._remote import CutOffError, Report, Standing
from .client import CloudflareClient
from .entry_point import Ruleset
from .merging import Rule, is_ours
from .planning import State, Wanted
from .replies import CallFailed
from .switching import Switch, cut_off


class RuleLists:
    """Puts what ``wanted`` says into both lists, in the order that never leaves headers alone.

    Every method may raise RemoteFailed.
    """

    def __init__(self, client: CloudflareClient, wanted: Wanted, report: Report) -> None:
        self._client = client
        self._wanted = wanted
        self._report = report
        self._errors = Switch(client.errors, wanted.site, wanted.target, wanted.rules, report)

    @property
    def stored(self) -> str | None:
        """``5``, ``5 and 2 of headers``, ``2 of headers``: the versions that our last PUTs have made."""
        errors, headers = self._client.errors.stored, self._client.headers.stored
        parts = ([errors] if errors else []) + ([f"{headers} of headers"] if headers else [])
        return " and ".join(parts) or None

    def headers_there(self) -> Ruleset | None:
        """The rules for response headers. Who does not ask for any may have a token or a plan without the right to."""
        try:
            return self._client.headers.read()
        except CallFailed as failure:
            if self._wanted.options.retry_after or not failure.in_envelope or failure.status not in (400, 401, 403):
                raise
            return None

    def _headers(self, state: State) -> Switch:
        """Rules for response headers, which go with the error rules of ``state``."""

        def wanted(there: Sequence[Rule]) -> Sequence[Rule]:
            return self._wanted.header_rules(state.rules, there)

        return Switch(self._client.headers, self._wanted.site, self._wanted.target, wanted, self._report)

    def check(self, state: State) -> None:
        """Put today's rules on a dry run."""
        self._errors.check(state.rules)
        if self._wanted.header_changes(state):
            self._headers(state).check(state.header_rules)

    def rehearse(self, state: State) -> None:
        """Put the new rules on a dry run."""
        self._errors.rehearse(state.rules)
        if self._wanted.header_changes(state):
            self._headers(state).rehearse(state.header_rules)

    def switch(self, state: State) -> State:
        """One PUT of each list that changes: the error rules, then the rules for headers of what they serve.

        Where none of the latter are to be left they go first, so that error rules that do not tell of any never stand
        beside some. Where the second is refused the first is put back, so that either all of the new answers are live
        or none.
        """
        if not self._wanted.header_changes(state):
            return self._switch_errors(state)
        if self._wanted.header_rules(state.rules, state.header_rules):
            before = self._switch_errors(state)
            return self._or_undo(self._switch_headers, before, lambda: self._errors.restore(before.ruleset))
        before = self._switch_headers(state)
        return self._or_undo(self._switch_errors, before, lambda: self._headers(before).restore(before.headers))

    def _switch_errors(self, state: State) -> State:
        return _with(state, self._errors.switch(state.ruleset), state.headers)

    def _switch_headers(self, state: State) -> State:
        if not self._wanted.header_changes(state):
            return state
        return _with(state, state.ruleset, self._headers(state).switch(state.headers))

    def _or_undo(self, switch: Callable[[State], State], state: State, undo: Callable[[], None]) -> State:
        """The second of two switches; where it fails the first is undone."""
        try:
            return switch(state)
        except KeyboardInterrupt as interrupt:
            raise CutOffError from interrupt
        except RemoteFailed:
            with cut_off():
                undo()
            raise

    def standing(self, state: State) -> Standing:
        """Whether our live rules are the wanted ones, or those of ``state``."""
        old, new = self._errors.standing(state.ruleset)
        if self._wanted.sets_headers(state):
            old_headers, new_headers = self._headers(state).standing(state.headers)
            old, new = old and old_headers, new and new_headers
        return "new" if new else "old" if old else "neither"

    def restore(self, state: State) -> None:
        """Put our rules of ``state`` back; foreign rules stay as they are by now."""
        if not self._wanted.sets_headers(state):
            self._errors.restore(state.ruleset)
            return
        steps = [
            lambda: self._errors.restore(state.ruleset),
            lambda: self._headers(state).restore(state.headers),
        ]
        if not any(is_ours(rule, self._wanted.site) for rule in state.header_rules):
            steps.reverse()
        steps[0]()
        with cut_off():
            steps[1]()


def _with(state: State, ruleset: Ruleset | None, headers: Ruleset | None) -> State:
    """``state`` with entry points that may have been read anew; itself where they were not."""
    if ruleset is state.ruleset and headers is state.headers:
        return state
    return dataclasses.replace(state, ruleset=ruleset, headers=headers)
