"""What the phase http_response_headers_transform makes of an answer: the one after custom errors.

The order of phases is that of developers.cloudflare.com/ruleset-engine/reference/phases-list/. That these rules also
act on error pages, that every rule that matches applies, and that all of them see the fields as they were when the
phase began, is in developers.cloudflare.com/rules/transform/response-header-modification/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .exchange import Answer, Rules, without

Matches = Callable[[Mapping[str, Any]], bool]
"""Whether a rule is enabled and its expression true."""


def transformed(answer: Answer, phases: Iterable[Rules], matches: Matches) -> Answer:
    """``answer`` with its headers changed by every rule of ``phases`` that ``matches``, in their order.

    A value that a rule computes by an expression is not evaluated: such a rule leaves its header as it is.
    """
    headers = answer.headers
    for rule in (rule for rules in phases for rule in rules if matches(rule)):
        for name, change in rule["action_parameters"]["headers"].items():
            if change["operation"] != "add" and "expression" not in change:
                headers = without(headers, name.lower())
            if "value" in change:
                headers = (*headers, (name.lower(), change["value"]))
    return Answer(answer.status, headers, answer.body, answer.served_by)
