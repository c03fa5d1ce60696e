"""One custom error rule and one asset as Cloudflare's API takes them, named so that ours are known again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...manifest import page_key
from ...model import File, Format, Rule

CONTENT_TYPES: Mapping[Format, str] = {"html": "text/html", "json": "application/json", "markdown": "text/plain"}
"""What a rule can serve each format as. It can neither say text/markdown nor application/problem+json."""

SERVED_BY: Mapping[Format, Format] = {"html": "html", "json": "json", "problem": "json", "markdown": "markdown"}
"""Whose rule answers each format: a rule cannot say application/problem+json, so that JSON stands in for it."""

MOST_CONTENT = 10_000
"""Bytes of inline content. Cloudflare says 10 KB; this is the lower of the two readings."""

MOST_ASSET = 1_500_000
"""Bytes of a page that is stored as an asset."""

_SERVER_FIELDS = ("id", "version", "last_updated")
_DIGEST = re.compile(r" ?\[([0-9a-f]{8})\]$")


@dataclass(frozen=True, slots=True)
class Asset:
    """A page to be stored at Cloudflare. ``page_path`` is in the manifest; the name carries the content's digest."""

    name: str
    page_path: str
    sha256: str
    description: str


def asset_of(site: str, page: str, file: File) -> Asset:
    """The asset for ``page``, ``en/404.html``."""
    language, key = page_key(page)
    name = f"errgen_{site}_{language.replace('-', '_')}_{key}_{file.sha256[:8]}"
    return Asset(name, file.path, file.sha256, f"errgen {site}: {page}, SHA-256 {file.sha256}")


def make_rule(
    site: str, rule: Rule, expression: str, body: Asset | bytes, language: str | None = None
) -> dict[str, Any]:
    """The rule that serves ``body`` where ``expression`` holds; the status is touched only where the entry asks.

    ``language`` is in the ref of a rule for one of the site's further languages.
    """
    parameters: dict[str, Any] = {"content_type": CONTENT_TYPES[rule.format]}
    if isinstance(body, Asset):
        parameters["asset_name"] = body.name
    else:
        parameters["content"] = body.decode()
    if rule.status is not None:
        parameters["status_code"] = rule.status
    named = [language.lower().replace("-", "_")] if language else []
    made = {
        "ref": "_".join(["errgen", site, *named, rule.format, page_key(rule.page)[1]]),
        "description": f"errgen {site}: {rule.page}",
        "expression": expression,
        "action": "serve_error",
        "action_parameters": parameters,
        "enabled": True,
    }
    return {**made, "description": f"{made['description']} [{rule_digest(made)}]"}


def noted(rule: Mapping[str, Any], note: str) -> dict[str, Any]:
    """``rule`` as errgen makes it with ``note`` at the end of what describes it."""
    described = {**rule, "description": f"{_DIGEST.sub('', rule['description'])}{note}"}
    return {**described, "description": f"{described['description']} [{rule_digest(described)}]"}


def rule_digest(rule: Mapping[str, Any]) -> str:
    """Eight hex digits of the rule's canonical form: without the digest itself and without what the server adds."""
    content = {key: value for key, value in rule.items() if key not in _SERVER_FIELDS and value is not None}
    content["description"] = _DIGEST.sub("", rule.get("description") or "")
    content["enabled"] = rule.get("enabled", True)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]


def is_edited(rule: Mapping[str, Any]) -> bool:
    """Whether somebody changed the rule since errgen made it: its description does not end in its digest."""
    found = _DIGEST.search(rule.get("description") or "")
    return found is None or found[1] != rule_digest(rule)


def toggled(rule: Mapping[str, Any], *, enabled: bool) -> dict[str, Any]:
    """``rule`` switched on or off by errgen: its digest says so, and that somebody changed it otherwise still shows."""
    switched = {**rule, "enabled": enabled}
    if all(is_edited({**rule, "enabled": state}) for state in (True, False)):
        return switched
    text = _DIGEST.sub("", rule.get("description") or "")
    return {**switched, "description": f"{text} [{rule_digest(switched)}]"}


def is_switched_off(rule: Mapping[str, Any]) -> bool:
    """Whether errgen switched the rule off. Where somebody did so by hand, its digest is that of a rule that is on."""
    return not rule.get("enabled", True) and not is_edited(rule)
