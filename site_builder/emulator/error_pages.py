"""``custom_pages``: the older Error Pages, one for each class of error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from .envelope import JSON, Incoming, invalid, not_found, success, text_field
from .fetching import fetch_page
from .state import Emulator, ErrorPage, Plan, Scope

_WIDGET = ("::CF_WIDGET_BOX::", "::CAPTCHA_BOX::")


@dataclass(frozen=True, slots=True)
class _Type:
    """A page has to carry one of ``tokens``, where there are any."""

    description: str
    target: str
    tokens: tuple[str, ...] = ()


TYPES: Mapping[str, _Type] = {
    "1000_errors": _Type("1000 class errors", "error:1000s", ("::CLOUDFLARE_ERROR_1000S_BOX::",)),
    "500_errors": _Type("500 class errors", "error:500s", ("::CLOUDFLARE_ERROR_500S_BOX::",)),
    "basic_challenge": _Type("Interactive challenge", "challenge:interactive", _WIDGET),
    "country_challenge": _Type("Country challenge", "challenge:country", _WIDGET),
    "ip_block": _Type("IP or country block", "block:ip"),
    "managed_challenge": _Type("Managed challenge", "challenge:managed", _WIDGET),
    "ratelimit_block": _Type("Rate limit block", "block:rate-limit"),
    "under_attack": _Type("I'm Under Attack mode", "challenge:under-attack", ("::IM_UNDER_ATTACK_BOX::",)),
    "waf_block": _Type("WAF block", "block:waf"),
    "waf_challenge": _Type("WAF challenge", "challenge:waf", _WIDGET),
}


def types_of(plan: Plan) -> frozenset[str]:
    """The types a plan can customise: none on Free, all on Enterprise, and no WAF challenge between."""
    if plan == "free":
        return frozenset()
    return frozenset(TYPES) - (frozenset() if plan == "enterprise" else {"waf_challenge"})


def _shown(state: Emulator, scope: Scope, identifier: str) -> JSON:
    page, type_ = scope.error_pages.get(identifier), TYPES[identifier]
    return {
        "id": identifier,
        "description": type_.description,
        "required_tokens": list(type_.tokens[:1]),
        "preview_target": type_.target,
        "created_on": page.created_on if page else state.started,
        "modified_on": page.modified_on if page else state.started,
        "url": page.url if page else None,
        "state": "customized" if page else "default",
    }


def list_error_pages(state: Emulator, scope: Scope, _call: Incoming) -> Response:
    """All types, customised or not."""
    shown = [_shown(state, scope, identifier) for identifier in TYPES]
    count = len(shown)
    return success(shown, {"count": count, "page": 1, "per_page": count, "total_count": count, "total_pages": 1})


def get_error_page(state: Emulator, scope: Scope, _call: Incoming, identifier: str) -> Response:
    """One type."""
    _check(identifier)
    return success(_shown(state, scope, identifier))


def update_error_page(state: Emulator, scope: Scope, call: Incoming, identifier: str) -> Response:
    """Customise a type from a URL, or reset it with state ``default``.

    For a type that the plan lacks this succeeds and changes nothing, as has been seen of the real API: read it back.
    """
    _check(identifier)
    body = call.json_object(("state", "url"))
    wanted = body.get("state")
    if wanted not in ("default", "customized"):
        raise invalid('state must be "default" or "customized"', "/state")
    if wanted == "default":
        if body.get("url"):
            raise invalid("url must be empty or null where state is default", "/url")
        with state.lock:
            scope.error_pages.pop(identifier, None)
        return success(_shown(state, scope, identifier))
    url = text_field(body, "url")
    if identifier not in types_of(scope.plan):
        return success(_shown(state, scope, identifier))
    content = fetch_page(url, minify=state.minify)
    _check_content(identifier, content)
    with state.lock:
        before = scope.error_pages.get(identifier)
        now = state.now()
        scope.error_pages[identifier] = ErrorPage(url, before.created_on if before else now, now, content)
        return success(_shown(state, scope, identifier))


def _check(identifier: str) -> None:
    if identifier not in TYPES:
        raise not_found(f"custom page {identifier}")


def _check_content(identifier: str, content: bytes) -> None:
    tokens = TYPES[identifier].tokens
    if tokens and not any(token.encode() in content for token in tokens):
        raise invalid(f"Your custom page must contain {' or '.join(tokens)}", "/url")
    if b"<head" not in content.lower() or b"</head>" not in content.lower():
        raise invalid("Your custom page must contain <head> and </head>", "/url")
