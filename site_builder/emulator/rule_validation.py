"""What Cloudflare refuses in the rules of a ruleset, as far as it is documented or has been seen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from ..rules_language import MOST_CHARACTERS, ExpressionError, normalised_length, parse
from ..rules_language.tree import Matches
from .envelope import EXPRESSION_TOO_LONG, INVALID, JSON, OVER_QUOTA, PARAMETER_NOT_ALLOWED, ApiError, Problem
from .state import CUSTOM_ERRORS, HEADER_TRANSFORMS, Scope

RULE_FIELDS = ("id", "action", "action_parameters", "description", "enabled", "expression", "logging", "ref")
NOT_IN_THIS_PHASE = ("exposed_credential_check", "ratelimit")
ACTIONS = {CUSTOM_ERRORS: "serve_error", HEADER_TRANSFORMS: "rewrite"}
PARAMETERS = ("content", "asset_name", "content_type", "status_code")
CONTENT_TYPES = ("text/html", "text/plain", "application/json", "text/xml")
CONTENT_BYTES = 10_240
STATUS_CODES = range(400, 1000)
OPERATIONS = ("set", "add", "remove")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
KEPT_HEADERS = ("cf-", "x-cf-")
PLANS_WITH_MATCHES = ("business", "enterprise")


def check_rules(rules: Any, phase: str, scope: Scope) -> list[JSON]:
    """``rules`` of a request, checked. Raises ApiError (400) with every problem found.

    Expressions are held to the fields and functions of the phase http_custom_errors in both phases: a transform rule
    may use a few more, which the emulator could not evaluate.
    """
    if not isinstance(rules, list):
        raise ApiError(400, Problem(INVALID, "rules must be an array", "/rules"))
    if len(rules) > (most := scope.most_rules(phase)):
        limit = f"exceeded the maximum number of rules in the phase {phase}: {len(rules)} out of {most}"
        raise ApiError(400, Problem(OVER_QUOTA, limit, "/rules"))
    problems = [
        problem for index, rule in enumerate(rules) for problem in rule_problems(rule, phase, scope, f"/rules/{index}")
    ]
    for key in ("ref", "id"):
        counts = Counter(rule.get(key) for rule in rules if isinstance(rule, dict) and isinstance(rule.get(key), str))
        problems += [
            Problem(INVALID, f"rules have the same {key} {value!r}; a {key} must be unique in a ruleset", "/rules")
            for value, count in counts.items()
            if count > 1
        ]
    if problems:
        raise ApiError(400, *problems)
    return list(rules)


def rule_problems(rule: Any, phase: str, scope: Scope, at: str) -> Iterator[Problem]:
    """What is wrong with one rule. ``at`` is the JSON pointer to it."""
    if not isinstance(rule, dict):
        yield Problem(INVALID, "a rule must be an object", at)
        return
    for name in rule:
        if name in NOT_IN_THIS_PHASE:
            yield Problem(PARAMETER_NOT_ALLOWED, f"{name} is not allowed in the phase {phase}", f"{at}/{name}")
        elif name not in RULE_FIELDS:
            yield Problem(INVALID, f"invalid JSON: unknown field {name}", f"{at}/{name}")
    for name, type_ in (("description", str), ("enabled", bool), ("ref", str), ("id", str), ("logging", dict)):
        if name in rule and not isinstance(rule[name], type_):
            yield Problem(INVALID, f"{name} must be of type {type_.__name__}", f"{at}/{name}")
    if rule.get("action") != ACTIONS[phase]:
        wrong = f"action {rule.get('action')!r} is not valid in the phase {phase}, only {ACTIONS[phase]!r}"
        yield Problem(INVALID, wrong, f"{at}/action")
    expression = rule.get("expression")
    if not isinstance(expression, str) or not expression:
        yield Problem(INVALID, "expression is required and must be a string that is not empty", f"{at}/expression")
    else:
        yield from _expression_problems(expression, scope, f"{at}/expression")
    parameters, at = rule.get("action_parameters"), f"{at}/action_parameters"
    if not isinstance(parameters, dict):
        yield Problem(INVALID, "action_parameters is required and must be an object", at)
    elif phase == CUSTOM_ERRORS:
        yield from _parameter_problems(parameters, scope, at)
    else:
        yield from _header_problems(parameters, at)


def _expression_problems(expression: str, scope: Scope, at: str) -> Iterator[Problem]:
    fault, uses_matches = _read(expression)
    if fault:
        yield Problem(*fault, at)
    elif scope.plan not in PLANS_WITH_MATCHES and uses_matches:
        wrong = f"the operator 'matches' needs a Business plan or above, this {scope.kind} is on the {scope.plan} plan"
        yield Problem(INVALID, wrong, at)


@lru_cache(maxsize=1024)  # the same rules are tried, written and written again
def _read(expression: str) -> tuple[tuple[int, str] | None, bool]:
    """The code and message of what is wrong with an expression on every plan, and whether it uses ``matches``."""
    if normalised_length(expression) > MOST_CHARACTERS:
        limit = f"expression is too long: {normalised_length(expression)} characters out of {MOST_CHARACTERS}"
        return (EXPRESSION_TOO_LONG, limit), False
    try:
        return None, _uses_matches(parse(expression))
    except ExpressionError as error:
        wrong = f"'{expression}' is not a valid value for expression because the expression is invalid: {error}"
        return (INVALID, wrong), False


def _uses_matches(node: Any) -> bool:
    if isinstance(node, Matches):
        return True
    if isinstance(node, tuple):
        return any(map(_uses_matches, node))
    return is_dataclass(node) and any(_uses_matches(getattr(node, field.name)) for field in fields(node))


def _parameter_problems(parameters: JSON, scope: Scope, at: str) -> Iterator[Problem]:
    for name in parameters:
        if name not in PARAMETERS:
            yield Problem(PARAMETER_NOT_ALLOWED, f"invalid JSON: unknown field {name}", f"{at}/{name}")
    if ("content" in parameters) == ("asset_name" in parameters):
        yield Problem(INVALID, "exactly one of content and asset_name is needed", at)
    elif "content" in parameters:
        yield from _content_problems(parameters, f"{at}/content")
    elif parameters["asset_name"] not in list(scope.assets):
        unknown = (
            f"asset_name {parameters['asset_name']!r} is not the name of a custom error asset of this {scope.kind}"
        )
        yield Problem(INVALID, unknown, f"{at}/asset_name")
    if parameters.get("content_type", "text/html") not in CONTENT_TYPES:
        allowed = f"content_type must be one of {', '.join(CONTENT_TYPES)}"
        yield Problem(INVALID, allowed, f"{at}/content_type")
    status = parameters.get("status_code", 500)
    if type(status) is not int or status not in STATUS_CODES:
        allowed = f"status_code must be an integer from {STATUS_CODES[0]} to {STATUS_CODES[-1]}"
        yield Problem(INVALID, allowed, f"{at}/status_code")


def _content_problems(parameters: JSON, at: str) -> Iterator[Problem]:
    content = parameters["content"]
    if not isinstance(content, str) or not content:
        yield Problem(INVALID, "content must be a string that is not empty", at)
        return
    size = len(content.encode())
    if size > CONTENT_BYTES:
        yield Problem(INVALID, f"content is too long: {size} bytes out of {CONTENT_BYTES}", at)
    if "content_type" not in parameters:
        yield Problem(INVALID, "content needs a content_type", at.removesuffix("content") + "content_type")


def _header_problems(parameters: JSON, at: str) -> Iterator[Problem]:
    """What is wrong with the parameters of a response header transform rule.

    Source: developers.cloudflare.com/rules/transform/response-header-modification/, and its reference of parameters.
    """
    for name in parameters:
        if name != "headers":
            yield Problem(PARAMETER_NOT_ALLOWED, f"invalid JSON: unknown field {name}", f"{at}/{name}")
    headers = parameters.get("headers")
    if not isinstance(headers, dict):
        yield Problem(INVALID, "headers is required and must be an object", f"{at}/headers")
        return
    for name, change in headers.items():
        here = f"{at}/headers/{name}"
        if not HEADER_NAME.fullmatch(name) or name.lower().startswith(KEPT_HEADERS):
            yield Problem(INVALID, f"the header {name!r} cannot be modified", here)
        operation = change.get("operation") if isinstance(change, dict) else None
        if operation not in OPERATIONS:
            yield Problem(INVALID, f"operation must be one of {', '.join(OPERATIONS)}", f"{here}/operation")
            continue
        given = [key for key in ("value", "expression") if key in change]
        if len(given) != (operation != "remove") or not all(isinstance(change[key], str) for key in given):
            yield Problem(INVALID, "set and add need a value or an expression, a string; remove has neither", here)


def in_order(rules: Sequence[JSON], rule: JSON, position: Any) -> list[JSON]:
    """``rules`` with ``rule`` put where ``position`` says: before or after an id, or at an index from 1.

    An empty ``before`` is the top, an empty ``after`` the bottom. Raises ApiError (400).
    """
    others = [other for other in rules if other["id"] != rule["id"]]
    ids = [other["id"] for other in others]
    match position if isinstance(position, dict) and len(position) == 1 else None:
        case {"before": ""}:
            at = 0
        case {"after": ""}:
            at = len(others)
        case {"before": str(id_)} if id_ in ids:
            at = ids.index(id_)
        case {"after": str(id_)} if id_ in ids:
            at = ids.index(id_) + 1
        case {"index": int(index)} if 1 <= index <= len(others) + 1:
            at = index - 1
        case _:
            wanted = "position must be one of {before: id}, {after: id} and {index: n}, of a rule in this ruleset"
            raise ApiError(400, Problem(INVALID, wanted, "/position"))
    return [*others[:at], rule, *others[at:]]
