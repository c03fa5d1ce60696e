"""``custom_pages/assets``: create, list, get, update and delete the pages that rules serve."""

from __future__ import annotations

import re

from starlette.responses import Response

from .envelope import CONFLICT, OVER_QUOTA, Incoming, invalid, no_content, not_found, success, text_field
from .fetching import fetch_page
from .state import Asset, Emulator, Scope

NAME = re.compile(r"[A-Za-z0-9_]{1,200}")
PER_PAGE = 20


def list_assets(_state: Emulator, scope: Scope, call: Incoming) -> Response:
    """One page of the assets, in order of creation; 20 a page unless ``per_page`` says otherwise."""
    per_page = call.number("per_page", PER_PAGE, 100)
    page = call.number("page", 1, 1_000_000)
    every = list(scope.assets.values())
    shown = [asset.as_json() for asset in every[(page - 1) * per_page : page * per_page]]
    information = {
        "count": len(shown),
        "page": page,
        "per_page": per_page,
        "total_count": len(every),
        "total_pages": -(-len(every) // per_page),
    }
    return success(shown, information)


def create_asset(state: Emulator, scope: Scope, call: Incoming) -> Response:
    """Fetch a page and store it under a new name. Refused: a name in use, a bad name, one asset too many."""
    body = call.json_object(("name", "description", "url"))
    name, description, url = (
        text_field(body, "name"),
        text_field(body, "description", empty=True),
        text_field(body, "url"),
    )
    if not NAME.fullmatch(name):
        raise invalid("name must be 1 to 200 characters long and have only A-Z, a-z, 0-9 and underscores", "/name")
    _check_room(scope, name)
    content = fetch_page(url, minify=state.minify)  # outside the lock: the page may come from this very server
    with state.lock:
        _check_room(scope, name)
        scope.assets[name] = Asset(name, description, url, state.now(), content)
        return success(scope.assets[name].as_json())


def _check_room(scope: Scope, name: str) -> None:
    if name in scope.assets:
        raise invalid(f"an asset with the name {name} already exists", "/name", CONFLICT)
    if len(scope.assets) >= scope.quota:
        raise invalid(
            f"the {scope.plan} plan allows {scope.quota} custom error assets and {len(scope.assets)} exist",
            code=OVER_QUOTA,
        )


def get_asset(_state: Emulator, scope: Scope, _call: Incoming, name: str) -> Response:
    """One asset."""
    return success(_existing(scope, name).as_json())


def update_asset(state: Emulator, scope: Scope, call: Incoming, name: str) -> Response:
    """Fetch again, from the same or another URL. The name stays."""
    _existing(scope, name)
    body = call.json_object(("description", "url"))
    description, url = text_field(body, "description", empty=True), text_field(body, "url")
    content = fetch_page(url, minify=state.minify)
    with state.lock:
        asset = _existing(scope, name)
        scope.assets[name] = Asset(asset.name, description, url, state.now(), content)
        return success(scope.assets[name].as_json())


def delete_asset(state: Emulator, scope: Scope, _call: Incoming, name: str) -> Response:
    """Forget an asset, also one that a rule names: what Cloudflare does then is unpublished."""
    with state.lock:
        _existing(scope, name)
        del scope.assets[name]
    return no_content()


def _existing(scope: Scope, name: str) -> Asset:
    if name not in scope.assets:
        raise not_found(f"custom error asset {name}")
    return scope.assets[name]
