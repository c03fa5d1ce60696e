"""Our rules among everybody else's: which are ours, and what the list becomes. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ...model import MAINTENANCE
from .._remote import SWITCHED_OFF, SWITCHED_ON, Change
from .rules import CONTENT_TYPES, is_edited, is_switched_off, toggled

Rule = Mapping[str, Any]


def prefix(site: str) -> str:
    """What the refs of a site's rules and the names of its assets start with. Site names have no underscore."""
    return f"errgen_{site}_"


def is_ours(rule: Rule, site: str) -> bool:
    """Whether errgen made this rule for ``site``. Rules of other sites of errgen are foreign."""
    return str(rule.get("ref", "")).startswith(prefix(site))


def foreign(rules: Sequence[Rule], site: str) -> list[Rule]:
    """The rules that are not ours, as their authors wrote them: without what the server counts."""
    return [
        {key: value for key, value in rule.items() if key not in ("version", "last_updated")}
        for rule in rules
        if not is_ours(rule, site)
    ]


def announcing(rules: Sequence[Rule], site: str) -> list[Rule]:
    """Those of ``rules`` by which ``site`` announces planned work. One that was disabled by hand announces nothing.

    Where errgen has switched all of its rules off, it is announced once they are on again.
    """
    refs = {f"{prefix(site)}{wanted}_{MAINTENANCE}" for wanted in CONTENT_TYPES}
    return [rule for rule in rules if rule.get("ref") in refs and (rule.get("enabled", True) or is_switched_off(rule))]


def is_off(rules: Sequence[Rule], site: str) -> bool:
    """Whether errgen has switched the rules of ``site`` off."""
    return any(is_ours(rule, site) and is_switched_off(rule) for rule in rules)


def named_assets(rules: Sequence[Rule]) -> set[str]:
    """The names of the assets that ``rules`` serve, whoever made them."""
    parameters = [rule.get("action_parameters") for rule in rules]
    return {str(one["asset_name"]) for one in parameters if isinstance(one, Mapping) and one.get("asset_name")}


def merge(live: Sequence[Rule], ours: Sequence[Rule], site: str) -> list[Rule]:
    """``live`` with our rules replaced by ``ours``. Foreign rules stay as they are, in their order.

    The first match wins, so where ours stand among foreign rules matters. A rule of ours that is live already keeps its
    place; a new one stands directly before the next of ours, or after the last. Where ours must change their order
    among themselves they become one block, at the place of the first. On a first publish they follow all foreign rules,
    which so keep the precedence that their authors gave them.
    """
    refs = [str(rule["ref"]) for rule in ours]
    anchors = [str(rule.get("ref")) for rule in live if is_ours(rule, site) and rule.get("ref") in refs]
    if anchors and anchors == [ref for ref in refs if ref in anchors]:
        return _in_place(live, ours, site, anchors)
    foreign = [rule for rule in live if not is_ours(rule, site)]
    first = next((index for index, rule in enumerate(live) if is_ours(rule, site)), len(foreign))
    return [*foreign[:first], *ours, *foreign[first:]]


def _in_place(live: Sequence[Rule], ours: Sequence[Rule], site: str, anchors: Sequence[str]) -> list[Rule]:
    """``anchors`` are the refs that are live and stay, in an order that is theirs in ``live`` and in ``ours``."""
    pending = list(ours)
    merged: list[Rule] = []
    for rule in live:
        if not is_ours(rule, site):
            merged.append(rule)
        elif rule.get("ref") in anchors:
            last = rule["ref"] == anchors[-1]
            until = len(pending) if last else [one["ref"] for one in pending].index(rule["ref"]) + 1
            merged, pending = merged + pending[:until], pending[until:]
    return merged


def differs(wanted: Rule, live: Rule) -> bool:
    """Whether a live rule is not as it should be, or not as errgen left it."""
    return (is_edited(live) and not is_edited(wanted)) or any(
        live.get(key, True if key == "enabled" else None) != value for key, value in wanted.items()
    )


def rule_changes(
    live: Sequence[Rule], ours: Sequence[Rule], site: str, target: str, kind: str = "rule"
) -> list[Change]:
    """What ``merge`` would change, rule by rule, in the order of ``ours``; then what is removed."""
    there = {str(rule["ref"]): rule for rule in live if is_ours(rule, site)}
    changes = []
    for rule in ours:
        ref = str(rule["ref"])
        if ref not in there:
            changes.append(Change("create", kind, target, ref, "missing", after=_text(rule)))
        elif differs(rule, there[ref]):
            edited = is_edited(there[ref])
            reason = "edited by hand" if edited else _difference(rule, there[ref])
            changes.append(Change("update", kind, target, ref, reason, _text(there[ref]), _text(rule), edited))
    wanted = {str(rule["ref"]) for rule in ours}
    changes += [
        Change("delete", kind, target, ref, "stale", before=_text(rule))
        for ref, rule in there.items()
        if ref not in wanted
    ]
    before, after = _refs(live), _refs(merge(live, ours, site))
    if not changes and before != after:
        changes.append(Change("update", kind, target, "order", "order differs", " ".join(before), " ".join(after)))
    return changes


def _difference(wanted: Rule, live: Rule) -> str:
    """Why a live rule is not as it should be, where nobody edited it: it is switched, or differs otherwise."""
    enabled = bool(wanted.get("enabled", True))
    if differs(wanted, toggled(live, enabled=enabled)):
        return "differs"
    return SWITCHED_ON if enabled else SWITCHED_OFF


def _refs(rules: Sequence[Rule]) -> list[str]:
    return [str(rule.get("ref") or rule.get("id")) for rule in rules]


def _text(rule: Rule) -> str:
    """The rule as sorted JSON, without what the server counts."""
    shown = {key: value for key, value in rule.items() if key not in ("id", "version", "last_updated")}
    return json.dumps(shown, sort_keys=True, ensure_ascii=False)
