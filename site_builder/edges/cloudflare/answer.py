"""What a client gets from Cloudflare when something fails: a pure function of request, failure and deployment.

The order of priority is that of Cloudflare's reference pages: zone rules, account rules, Error Pages (zone, then
account), then Cloudflare's own structured answer, or the origin's answer passed through. Custom responses of security
products, which go before all of these, are not part of it. What is chosen then passes the rules for response headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from ...rules_language import compile_expression, parse
from .exchange import (
    Answer,
    Deployment,
    Facts,
    Failure,
    Request,
    Rules,
    Visit,
    expression_values,
    without,
)
from .response_headers import transformed
from .structured import cloudflare_answer, edge_failure

__all__ = ["Answer", "Deployment", "Failure", "Request", "Visit", "answer", "edge_failure", "first_match"]

NO_ERROR_PAGE = frozenset({500, 501, 503, 505, 1001, 1003, 1018, 1023})
"""Codes to which Cloudflare applies no Error Page (its troubleshooting page for custom errors)."""

OWN_ERROR_PAGE = {1005: "ip_block", 1015: "ratelimit_block"}
"""Codes of the 1000 class that have an Error Page type of their own, which goes before ``1000_errors``."""

DETAIL_BOXES = (b"::CLOUDFLARE_ERROR_500S_BOX::", b"::CLOUDFLARE_ERROR_1000S_BOX::")


def answer(
    request: Request,
    failure: Failure,
    deployment: Deployment,
    visit: Visit,
    facts: Facts,
    *,
    code_1xxx_covers_52x: bool = False,
) -> Answer:
    """The answer to ``request`` when ``failure`` happens and ``deployment`` is live.

    Error rules and Error Pages apply from status 400 on. Raises ExpressionError for a rule that does not parse. Where
    the asset of the matching rule is gone, the uncustomised answer is served, since a later rule is not looked at; what
    Cloudflare does then is unpublished. Header rules see the status and the headers that error rules have left, and
    those of the account go first (developers.cloudflare.com/ruleset-engine/about/phases/).
    """
    existing = _existing(request, failure, visit, facts)
    values = expression_values(request, failure, existing, deployment, visit, code_1xxx_covers_52x=code_1xxx_covers_52x)
    made = existing if failure.status < 400 else _customised(request, failure, deployment, visit, existing, values)
    phases = (deployment.account_header_rules, deployment.zone_header_rules)
    if not any(phases):
        return made
    values = expression_values(request, failure, made, deployment, visit, code_1xxx_covers_52x=code_1xxx_covers_52x)
    values["http.response.code"] = made.status
    return transformed(made, phases, lambda rule: _applies(rule, values))


def _customised(
    request: Request,
    failure: Failure,
    deployment: Deployment,
    visit: Visit,
    existing: Answer,
    values: Mapping[str, Any],
) -> Answer:
    """``existing``, or what a rule or an Error Page serves instead of it."""
    for scope, rules, assets in (
        ("zone", deployment.zone_rules, deployment.zone_assets),
        ("account", deployment.account_rules, deployment.account_assets),
    ):
        rule = first_match(rules, values)
        if rule is not None:
            return _by_rule(rule, scope, assets, existing, visit)
    return _by_error_page(request, failure, deployment, existing, visit) or existing


def first_match(rules: Rules, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The first enabled rule whose expression is true, None where there is none."""
    return next((rule for rule in rules if _applies(rule, values)), None)


def _applies(rule: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return rule.get("enabled", True) and _predicate(rule["expression"])(values)


@lru_cache(maxsize=4096)
def _predicate(expression: str) -> Callable[[Mapping[str, Any]], bool]:
    return compile_expression(parse(expression))


def _existing(request: Request, failure: Failure, visit: Visit, facts: Facts) -> Answer:
    """The answer before any customisation: the origin's as it came, or Cloudflare's own; both with the Ray ID."""
    if failure.made_by == "origin":
        passed = Answer(failure.status, without(failure.headers, "content-length"), failure.body, "origin")
    else:
        passed = cloudflare_answer(request, failure, visit, facts)
    headers = (*without(passed.headers, "cf-ray"), ("cf-ray", visit.ray_id))
    return Answer(passed.status, headers, passed.body, passed.served_by)


def _by_rule(
    rule: Mapping[str, Any], scope: str, assets: Mapping[str, bytes], existing: Answer, visit: Visit
) -> Answer:
    parameters = rule["action_parameters"]
    name = f"{scope} rule {rule.get('ref') or rule.get('id') or rule.get('description') or 'without a name'}"
    content = parameters.get("content")
    stored = assets.get(parameters.get("asset_name", "")) if content is None else content.encode()
    if stored is None:
        return Answer(existing.status, existing.headers, existing.body, f"{existing.served_by}, {name} lacks its asset")
    return _replaced(
        existing,
        visit.fill_in(stored),
        parameters.get("content_type", "text/html"),
        status=parameters.get("status_code", existing.status),
        served_by=name,
    )


def _by_error_page(
    request: Request, failure: Failure, deployment: Deployment, existing: Answer, visit: Visit
) -> Answer | None:
    """The Error Page for this failure, as HTML whatever the client accepts.

    Only Cloudflare's own errors have one, and a request without Accept-Encoding gets none.
    """
    if failure.made_by != "edge" or not request.headers.get("accept-encoding"):
        return None
    for scope, pages in (("zone", deployment.zone_error_pages), ("account", deployment.account_error_pages)):
        for identifier in _error_page_types(failure):
            if identifier in pages:
                body = visit.fill_in(pages[identifier])
                box = f'<div class="cf-error-details">Error {failure.code}<br>Ray ID: {visit.ray_id}</div>'
                for token in DETAIL_BOXES:
                    body = body.replace(token, box.encode())
                served_by = f"{scope} Error Page {identifier}"
                return _replaced(existing, body, "text/html; charset=utf-8", existing.status, served_by)
    return None


def _error_page_types(failure: Failure) -> Iterator[str]:
    if failure.code in NO_ERROR_PAGE:
        return
    if failure.code_1xxx:
        if failure.code_1xxx in OWN_ERROR_PAGE:
            yield OWN_ERROR_PAGE[failure.code_1xxx]
        yield "1000_errors"
    elif failure.status >= 500:
        yield "500_errors"


def _replaced(existing: Answer, body: bytes, content_type: str, status: int, served_by: str) -> Answer:
    """``existing`` with another body. All its headers stay but those that describe the old bytes.

    Content-Encoding goes with Content-Type and Content-Length, because the new body is not coded that way.
    """
    kept = without(existing.headers, "content-type", "content-length", "content-encoding")
    return Answer(status, (("content-type", content_type), *kept), body, served_by)
