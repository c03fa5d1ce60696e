"""Cloudflare's API below ``/client/v4``: who may call what, and which handler answers it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.responses import Response

from . import assets, error_pages, rulesets
from .envelope import (
    AUTHENTICATION,
    NO_METHOD,
    NO_OBJECT,
    NO_ROUTE,
    TOO_MANY,
    UNAUTHORIZED,
    ApiError,
    Incoming,
    Problem,
    json_response,
    success,
)
from .state import CUSTOM_ERRORS, GROUPS, Emulator, Scope, Zone

PREFIX = "/client/v4"
Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A path below the zone or account, with ``*`` for a variable part, and the handlers of its methods.

    ``group`` is the permission group that it needs: Read for GET, Edit for the rest; None where that is the group of
    the phase that the first variable part, or the ruleset of that id, is of. Cloudflare's documentation asks for Custom
    Error Rules alone; users have needed Custom Pages for assets. The emulator asks for both, so that a token that is
    enough here is enough in either case.
    """

    path: str
    group: str | None
    handlers: dict[str, Handler]

    def match(self, path: str) -> tuple[str, ...] | None:
        """The variable parts of ``path``, None where it is another route's."""
        found = re.fullmatch(re.escape(self.path).replace(r"\*", "([^/]+)"), path)
        return tuple(unquote(part) for part in found.groups()) if found else None


_ENTRY_POINT = "rulesets/phases/*/entrypoint"
ROUTES = (
    Route("custom_pages/assets", "Custom Pages", {"GET": assets.list_assets, "POST": assets.create_asset}),
    Route(
        "custom_pages/assets/*",
        "Custom Pages",
        {"GET": assets.get_asset, "PUT": assets.update_asset, "DELETE": assets.delete_asset},
    ),
    Route("custom_pages", "Custom Pages", {"GET": error_pages.list_error_pages}),
    Route("custom_pages/*", "Custom Pages", {"GET": error_pages.get_error_page, "PUT": error_pages.update_error_page}),
    Route("rulesets", "Custom Error Rules", {"GET": rulesets.list_rulesets, "POST": rulesets.create_ruleset}),
    Route(_ENTRY_POINT, None, {"GET": rulesets.get_entry_point, "PUT": rulesets.replace_entry_point}),
    Route(f"{_ENTRY_POINT}/versions", None, {"GET": rulesets.list_entry_point_versions}),
    Route(f"{_ENTRY_POINT}/versions/*", None, {"GET": rulesets.get_entry_point_version}),
    Route(
        "rulesets/*",
        None,
        {"GET": rulesets.get_ruleset, "PUT": rulesets.replace_ruleset, "DELETE": rulesets.delete_ruleset},
    ),
    Route("rulesets/*/versions", None, {"GET": rulesets.list_versions}),
    Route("rulesets/*/versions/*", None, {"GET": rulesets.get_version, "DELETE": rulesets.delete_version}),
    Route("rulesets/*/rules", None, {"POST": rulesets.add_rule}),
    Route("rulesets/*/rules/*", None, {"PATCH": rulesets.update_rule, "DELETE": rulesets.delete_rule}),
)


def handle_api(state: Emulator, call: Incoming) -> Response:
    """Answer one API call, refusals included."""
    counted = state.rate_limit.count(state.clock())
    try:
        if counted.refused:
            raise ApiError(429, Problem(TOO_MANY, "Rate limited. Please wait and consider throttling your requests"))
        response = _handle(state, call)
    except ApiError as error:
        response = error.response()
    response.headers.update(counted.headers)
    return response


def _handle(state: Emulator, call: Incoming) -> Response:
    if call.header("authorization") != f"Bearer {state.token}":
        raise ApiError(401, Problem(AUTHENTICATION, "Authentication error"))
    path = call.path.removeprefix(PREFIX).strip("/")
    kind, _, rest = path.partition("/")
    if path == "user/tokens/verify":
        _only_get(call)
        return json_response(
            {
                "result": {"id": hashlib.sha256(state.seed.encode()).hexdigest()[:32], "status": "active"},
                "success": True,
                "errors": [],
                "messages": [{"code": 10000, "message": "This API Token is valid and active"}],
            }
        )
    if kind not in ("zones", "accounts"):
        raise ApiError(404, Problem(NO_ROUTE, "No route for that URI"))
    if not rest:
        return _list_scopes(state, call, kind)
    id_, _, rest = rest.partition("/")
    scope = _scope(state, kind.removesuffix("s"), id_, path)
    if not rest:
        _only_get(call)
        _permit(state, "Zone", "Read")
        return success(_shown(state, scope))
    for route in ROUTES:
        variables = route.match(rest)
        if variables is not None:
            handler = route.handlers.get(call.method)
            if handler is None:
                break
            group = route.group or _group_of(scope, variables[0])
            _permit(state, group, "Read" if call.method == "GET" else "Edit")
            if call.method != "GET":
                return handler(state, scope, call, *variables)
            with state.lock:
                return handler(state, scope, call, *variables)
    else:
        raise ApiError(404, Problem(NO_ROUTE, "No route for that URI"))
    raise ApiError(405, Problem(NO_METHOD, f"Method {call.method} not available for that URI."))


def _only_get(call: Incoming) -> None:
    if call.method != "GET":
        raise ApiError(405, Problem(NO_METHOD, f"Method {call.method} not available for that URI."))


def _group_of(scope: Scope, phase_or_id: str) -> str:
    """The permission group of a phase, or of the phase that a ruleset is in; Custom Error Rules for all others."""
    ruleset = scope.rulesets.get(phase_or_id)
    return GROUPS.get(ruleset.phase if ruleset else phase_or_id, GROUPS[CUSTOM_ERRORS])


def _permit(state: Emulator, group: str, right: str) -> None:
    needed = {f"{group}:Read", f"{group}:{right}"}  # who may edit may read
    if needed & state.withheld:
        raise ApiError(403, Problem(AUTHENTICATION, "Authentication error"))


def _scope(state: Emulator, kind: str, id_: str, path: str) -> Scope:
    scope = state.scopes.get((kind, id_))
    if scope is not None:
        return scope
    if not re.fullmatch("[0-9a-f]{32}", id_):
        raise ApiError(
            404, Problem(NO_OBJECT, f"Could not route to /{path}, perhaps your object identifier is invalid?")
        )
    raise ApiError(403, Problem(UNAUTHORIZED, "Unauthorized to access requested resource"))


def _list_scopes(state: Emulator, call: Incoming, kind: str) -> Response:
    """``/zones`` and ``/accounts``, ``?name=`` for one of them."""
    _only_get(call)
    _permit(state, "Zone", "Read")
    name = call.parameters.get("name")
    shown = [
        _shown(state, scope)
        for (scope_kind, _), scope in state.scopes.items()
        if f"{scope_kind}s" == kind and name in (None, scope.name)
    ]
    per_page, page = call.number("per_page", 20, 50), call.number("page", 1, 1_000_000)
    part = shown[(page - 1) * per_page : page * per_page]
    total = len(shown)
    information = {"count": len(part), "page": page, "per_page": per_page, "total_count": total}
    return success(part, {**information, "total_pages": -(-total // per_page)})


def _shown(state: Emulator, scope: Scope) -> dict[str, object]:
    if scope.kind == "account":
        return {"id": scope.id, "name": scope.name, "type": "enterprise" if scope.plan == "enterprise" else "standard"}
    zone: Zone = next(zone for zone in state.zones if zone.id == scope.id)
    account = state.scopes["account", zone.account_id]
    return {
        "id": scope.id,
        "name": scope.name,
        "status": "active",
        "paused": False,
        "type": "full",
        "account": {"id": account.id, "name": account.name},
        "plan": {"id": scope.plan, "legacy_id": scope.plan, "name": f"{scope.plan.title()} Website"},
    }
