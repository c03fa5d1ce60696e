"""``rulesets``: the rulesets of a zone or an account, their rules, the entry points of phases, and all versions."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from .envelope import JSON, Incoming, invalid, no_content, not_found, success, text_field
from .rule_validation import ACTIONS, RULE_FIELDS, check_rules, in_order
from .state import Emulator, Ruleset, Scope

WRITABLE = ("name", "description", "rules")
PHASES_KEPT = frozenset(ACTIONS)
KINDS = {"zone": "zone", "account": "root"}


def list_rulesets(_state: Emulator, scope: Scope, call: Incoming) -> Response:
    """The rulesets without their rules, in order of creation, page by page with a cursor."""
    per_page = call.number("per_page", 50, 100)
    start = _offset(call.parameters.get("cursor", ""))
    every = list(scope.rulesets.values())
    shown = every[start : start + per_page]
    information: JSON = {"count": len(shown), "per_page": per_page}
    if start + per_page < len(every):
        cursor = base64.urlsafe_b64encode(str(start + per_page).encode()).decode()
        # The REST form is cursors.after; the SDK reads cursor.
        information |= {"cursor": cursor, "cursors": {"after": cursor}}
    return success([_without_rules(ruleset.live) for ruleset in shown], information)


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise invalid("cursor is not one that this API gave out") from None


def create_ruleset(state: Emulator, scope: Scope, call: Incoming) -> Response:
    """Make the entry point of a phase that has none yet."""
    body = call.json_object((*WRITABLE, "kind", "phase"))
    phase, kind = text_field(body, "phase"), text_field(body, "kind")
    text_field(body, "name")
    if kind != KINDS[scope.kind]:
        raise invalid(f"only rulesets of kind {KINDS[scope.kind]} are emulated in a {scope.kind}", "/kind")
    with state.lock:
        if scope.entry_point(phase):
            raise invalid(f"a ruleset with kind {kind} already exists in the phase {phase}", "/phase")
        return _write(state, scope, call, _new(state, phase), body)


def get_ruleset(_state: Emulator, scope: Scope, _call: Incoming, ruleset_id: str) -> Response:
    """One ruleset with its rules."""
    return success(_existing(scope, ruleset_id).live)


def replace_ruleset(state: Emulator, scope: Scope, call: Incoming, ruleset_id: str) -> Response:
    """Replace all rules, and name and description where they are given."""
    with state.lock:
        return _write(state, scope, call, _existing(scope, ruleset_id), call.json_object(WRITABLE))


def delete_ruleset(state: Emulator, scope: Scope, call: Incoming, ruleset_id: str) -> Response:
    """Delete a ruleset with all its versions."""
    with state.lock:
        _existing(scope, ruleset_id)
        if not call.dry_run:
            del scope.rulesets[ruleset_id]
    return no_content()


def get_entry_point(_state: Emulator, scope: Scope, _call: Incoming, phase: str) -> Response:
    """The phase's ruleset; 404 before it has been created."""
    return success(_entry_point(scope, phase).live)


def replace_entry_point(state: Emulator, scope: Scope, call: Incoming, phase: str) -> Response:
    """Replace all rules of the phase, creating its ruleset where there is none."""
    with state.lock:
        return _write(state, scope, call, scope.entry_point(phase) or _new(state, phase), call.json_object(WRITABLE))


def list_versions(_state: Emulator, scope: Scope, _call: Incoming, ruleset_id: str) -> Response:
    """All versions of a ruleset, the newest first, without rules."""
    return success([_without_rules(version) for version in reversed(_existing(scope, ruleset_id).versions)])


def list_entry_point_versions(_state: Emulator, scope: Scope, _call: Incoming, phase: str) -> Response:
    """All versions of the phase's ruleset; an empty list before it has been created."""
    ruleset = scope.entry_point(phase)
    return success([_without_rules(version) for version in reversed(ruleset.versions)] if ruleset else [])


def get_version(_state: Emulator, scope: Scope, _call: Incoming, ruleset_id: str, version: str) -> Response:
    """One version of a ruleset with its rules."""
    return success(_version(_existing(scope, ruleset_id), version))


def get_entry_point_version(_state: Emulator, scope: Scope, _call: Incoming, phase: str, version: str) -> Response:
    """One version of the phase's ruleset with its rules."""
    return success(_version(_entry_point(scope, phase), version))


def delete_version(state: Emulator, scope: Scope, call: Incoming, ruleset_id: str, version: str) -> Response:
    """Delete one version that is not the live one."""
    with state.lock:
        ruleset = _existing(scope, ruleset_id)
        found = _version(ruleset, version)
        if found is ruleset.live:
            raise invalid("the live version of a ruleset cannot be deleted")
        if not call.dry_run:
            ruleset.versions.remove(found)
    return no_content()


def add_rule(state: Emulator, scope: Scope, call: Incoming, ruleset_id: str) -> Response:
    """Add one rule, at the bottom unless ``position`` says otherwise."""
    rule = call.json_object((*RULE_FIELDS, "position"))
    position = rule.pop("position", {"after": ""})
    if "id" in rule:
        raise invalid("a new rule cannot bring an id", "/id")
    with state.lock:
        ruleset = _existing(scope, ruleset_id)
        rules = in_order([*_writable(ruleset)], {"id": "", **rule}, position)
        return _write(state, scope, call, ruleset, {"rules": [_without_empty_id(rule) for rule in rules]})


def update_rule(state: Emulator, scope: Scope, call: Incoming, ruleset_id: str, rule_id: str) -> Response:
    """Redefine one rule, move it, or both. Fields that are left out are lost, unless there is ``position`` alone."""
    changes = call.json_object((*RULE_FIELDS, "position"))
    if changes.get("id", rule_id) != rule_id:
        raise invalid("the id of a rule cannot be changed", "/id")
    with state.lock:
        ruleset = _existing(scope, ruleset_id)
        rules = _writable(ruleset)
        old = next((rule for rule in rules if rule["id"] == rule_id), None)
        if old is None:
            raise not_found(f"rule {rule_id} in ruleset {ruleset_id}")
        definition = {name: value for name, value in changes.items() if name != "position"}
        new = {"ref": old["ref"], **definition, "id": rule_id} if definition else old
        rules = [new if rule is old else rule for rule in rules]
        if "position" in changes:
            rules = in_order(rules, new, changes["position"])
        return _write(state, scope, call, ruleset, {"rules": rules})


def delete_rule(state: Emulator, scope: Scope, call: Incoming, ruleset_id: str, rule_id: str) -> Response:
    """Delete one rule; the answer is the ruleset without it."""
    with state.lock:
        ruleset = _existing(scope, ruleset_id)
        rules = _writable(ruleset)
        kept = [rule for rule in rules if rule["id"] != rule_id]
        if len(kept) == len(rules):
            raise not_found(f"rule {rule_id} in ruleset {ruleset_id}")
        return _write(state, scope, call, ruleset, {"rules": kept})


def _write(state: Emulator, scope: Scope, call: Incoming, ruleset: Ruleset, body: JSON) -> Response:
    """Check ``body`` and make it the next version of ``ruleset``, or only check it on a dry run."""
    if ruleset.phase not in PHASES_KEPT:
        raise invalid(f"the phase {ruleset.phase} is not emulated, only {' and '.join(sorted(PHASES_KEPT))}")
    for name in ("name", "description"):
        if not isinstance(body.get(name, ""), str):
            raise invalid(f"{name} must be a string", f"/{name}")
    rules = check_rules(body.get("rules", []), ruleset.phase, scope)
    if call.dry_run:
        return success(None)
    before = ruleset.live if ruleset.versions else {}
    now = state.now()
    version: JSON = {
        "id": ruleset.id,
        "name": body.get("name", before.get("name", "default")),
        "description": body.get("description", before.get("description", "")),
        "kind": KINDS[scope.kind],
        "version": str(int(before.get("version", "0")) + 1),
        "rules": _stored(state, rules, before.get("rules", []), now),
        "last_updated": now,
        "phase": ruleset.phase,
    }
    ruleset.versions.append(version)
    scope.rulesets[ruleset.id] = ruleset
    return success(version)


def _stored(state: Emulator, rules: list[JSON], before: list[JSON], now: str) -> list[JSON]:
    """``rules`` as they are kept: the same id, and where nothing changed the same version, for a known id or ref."""
    by_id: Mapping[str, JSON] = {rule["id"]: rule for rule in before}
    by_ref: Mapping[str, JSON] = {rule["ref"]: rule for rule in before}
    stored: list[JSON] = []
    for rule in rules:
        old = by_id.get(rule.get("id", "")) or by_ref.get(rule.get("ref", ""))
        if old and any(old["id"] == other["id"] for other in stored):
            old = None
        id_ = old["id"] if old else state.new_id("rule")
        definition: dict[str, Any] = {"enabled": True, **copy.deepcopy(rule), "id": id_}
        definition.setdefault("ref", old["ref"] if old else id_)
        if old and definition == _definition(old):
            stored.append(old)
        else:
            version = str(int(old["version"]) + 1) if old else "1"
            stored.append({**definition, "version": version, "last_updated": now})
    return stored


def _definition(rule: JSON) -> JSON:
    return {name: value for name, value in rule.items() if name not in ("version", "last_updated")}


def _writable(ruleset: Ruleset) -> list[JSON]:
    return [_definition(rule) for rule in ruleset.live["rules"]]


def _without_empty_id(rule: JSON) -> JSON:
    return rule if rule["id"] else {name: value for name, value in rule.items() if name != "id"}


def _without_rules(version: JSON) -> JSON:
    return {name: value for name, value in version.items() if name != "rules"}


def _new(state: Emulator, phase: str) -> Ruleset:
    return Ruleset(state.new_id("ruleset"), phase)


def _existing(scope: Scope, ruleset_id: str) -> Ruleset:
    if ruleset_id not in scope.rulesets:
        raise not_found(f"ruleset {ruleset_id}")
    return scope.rulesets[ruleset_id]


def _entry_point(scope: Scope, phase: str) -> Ruleset:
    ruleset = scope.entry_point(phase)
    if ruleset is None:
        raise not_found(f"entrypoint ruleset in the {phase} phase")
    return ruleset


def _version(ruleset: Ruleset, version: str) -> JSON:
    for found in ruleset.versions:
        if found["version"] == version:
            return found
    raise not_found(f"version {version} of ruleset {ruleset.id}")
