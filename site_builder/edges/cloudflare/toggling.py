"""Our rules switched on or off as they are live, by whatever release they came: a PUT, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...model import Finding
from .client import RemoteAsset
from .merging import Rule, is_ours
from .planning import State, Wanted
from .rules import Asset, toggled


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggled(Wanted):
    """What a zone or account is to have where our live rules are ``enabled``, or not, and otherwise stay the same."""

    enabled: bool

    def rules(self, live: Sequence[Rule]) -> Sequence[Rule]:
        """Our live rules, on or off."""
        return [toggled(rule, enabled=self.enabled) for rule in live if is_ours(rule, self.site)]

    def may_have_headers(self, live: Sequence[Rule]) -> bool:  # noqa: ARG002  # as Wanted has it
        """Yes: rules that were switched before say nothing of those for headers."""
        return True

    def header_rules(self, live: Sequence[Rule], there: Sequence[Rule]) -> Sequence[Rule]:  # noqa: ARG002
        """Our live rules for response headers, on or off."""
        return self.rules(there)

    def assets(self, live: Sequence[Rule]) -> Sequence[Asset]:  # noqa: ARG002  # as Wanted has it
        """None is asked for: those that are there stay."""
        return ()

    def unused(self, assets: Sequence[RemoteAsset], rules: Sequence[Rule]) -> list[RemoteAsset]:  # noqa: ARG002
        """None is removed."""
        return []

    def _switched_off(self, state: State) -> list[Finding]:  # noqa: ARG002  # the plan itself says so
        return []

    def _planned_work(self, state: State) -> list[Finding]:  # noqa: ARG002  # it stays as it is
        return []
