"""The same rules and assets for Terraform: ``terraform.tf.json``, with the arguments of provider cloudflare 5.

The one resource of a phase's entry point is its whole list of rules. So this is for zones whose custom error rules, and
rules for response headers where there are any here, are all in Terraform; where others have rules too, ``errgen
publish`` keeps them and this would not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...object_keys import object_key
from .options import Options, Pages
from .rules import Asset

VERSION = ">= 5.19.0"
NOTE = (
    "All custom error rules of this zone or account, and where a second ruleset is here all rules for response "
    "headers: those that are made elsewhere are lost when this is applied. It stands instead of errgen publish; "
    "upload the pages first. Provider cloudflare before 5.19.0 has no cloudflare_custom_page_asset, and before 4.52.8 "
    "it drops asset_name without a word."
)


_EACH = "[each.key]"


def module(
    site: str,
    rules: Sequence[Mapping[str, Any]],
    headers: Sequence[Mapping[str, Any]],
    assets: Sequence[Asset],
    options: Options,
    pages: Pages | None,
) -> dict[str, Any]:
    """Ready to be applied, or to be called as a module. ``pages`` is where the site's host serves them, if known.

    ``headers`` are rules for response headers, a ruleset of their own.

    Many zones of one table each get these resources: ``locals.zones`` has their ids.

    Labels of assets are their names. The rules refer to them, so that an asset is there before its rule, and is
    destroyed after the rule has left it.
    """
    scope = _scope(options)
    names = {asset.name: f"cloudflare_custom_page_asset.{asset.name}" + _EACH * bool(options.zones) for asset in assets}
    kind = "root" if options.account else "zone"
    rulesets: dict[str, Any] = {
        f"errgen_{site}": {
            **scope,
            "name": f"errgen {site}",
            "description": f"Error pages of the site {site}, made by errgen.",
            "kind": kind,
            "phase": "http_custom_errors",
            "rules": [_rule(rule, names) for rule in rules],
        }
    }
    if headers:
        rulesets[f"errgen_{site}_headers"] = {
            **scope,
            "name": f"errgen {site}: headers",
            "description": f"Headers of the error pages of the site {site}, made by errgen.",
            "kind": kind,
            "phase": "http_response_headers_transform",
            "rules": [escaped(rule) for rule in headers],
        }
    made: dict[str, Any] = {
        "//": NOTE,
        "terraform": {"required_providers": {"cloudflare": {"source": "cloudflare/cloudflare", "version": VERSION}}},
    }
    if options.zones:
        made["locals"] = {"zones": list(options.zones)}
    if assets:
        made["variable"] = {"pages_url": _pages_url(pages)}
    made["resource"] = {"cloudflare_ruleset": rulesets}
    if assets:
        made["resource"]["cloudflare_custom_page_asset"] = {
            asset.name: {
                **scope,
                "name": asset.name,
                "description": escaped(asset.description),
                "url": "${var.pages_url}/" + escaped(_place(asset, pages)),
                "lifecycle": {"create_before_destroy": True},
            }
            for asset in assets
        }
    return made


def _scope(options: Options) -> dict[str, str | None]:
    """The arguments that say where a resource is."""
    if options.zones:
        return {"for_each": "${toset(local.zones)}", "zone_id": "${each.value}"}
    return {"zone_id": options.zone} if options.zone else {"account_id": options.account}


def escaped(value: Any) -> Any:
    """``value`` with all texts as Terraform's JSON takes them: ``${`` and ``%{`` would begin a template."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, Mapping):
        return {key: escaped(one) for key, one in value.items()}
    return [escaped(one) for one in value] if isinstance(value, list) else value


def _rule(rule: Mapping[str, Any], assets: Mapping[str, str]) -> dict[str, Any]:
    """A rule that refers to its asset, where that is one of ``assets``: name -> resource."""
    made: dict[str, Any] = escaped(rule)
    name = made["action_parameters"].get("asset_name")
    if name in assets:
        made["action_parameters"]["asset_name"] = f"${{{assets[name]}.name}}"
    return made


def _place(asset: Asset, pages: Pages | None) -> str:
    """Where the page is below ``pages_url``."""
    return object_key(asset.page_path, asset.sha256) if pages and pages.by_content else asset.page_path


def _pages_url(pages: Pages | None) -> dict[str, str]:
    below = "o/" if pages and pages.by_content else "pages/"
    variable = {
        "type": "string",
        "description": f"The address below which {below} can be fetched by Cloudflare, without a slash at its end.",
    }
    return {**variable, "default": escaped(pages.url)} if pages else variable
