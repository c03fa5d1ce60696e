from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.edges import open_edge
from site_builder.edges.cloudflare.terraform import NOTE, escaped
from site_builder.model import Entry

WHERE = "errgen.toml: site.default.edge[0]"
S3 = {"kind": "s3", "bucket": "b", "prefix": "p", "public_url": "https://errors.example.com/p/"}
DIRECTORY = {"kind": "directory", "path": "public", "public_url": "https://errors.example.com"}
REFERENCE = re.compile(r"\$\{cloudflare_custom_page_asset\.([A-Za-z_][A-Za-z0-9_]*)\.name\}")
MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]


def small(site: MakeSite, entry: MakeEntry) -> Any:
    """A site whose stylesheets and texts would be templates of Terraform's."""
    css = b"<style>@keyframes a{0%{top:0}100%{top:9px}}</style><p>${name} $${name}"
    contents = {"en/4xx.html": css, "en/4xx.md": b"Costs $5 or 5%${x}"}
    return site([entry("4xx", (400, 499), serve_status=410)], contents=contents)


def written(built: Any, host: dict[str, str] | None = None, **table: object) -> dict[str, Any]:
    given = {"kind": "cloudflare", "zone": "z1", **table}
    edge = open_edge({key: value for key, value in given.items() if value is not None}, WHERE, host)
    return {name: json.loads(content) for name, content in edge.compile(built.manifest, built.read).files.items()}


def unescaped(value: Any) -> Any:
    """What Terraform makes of a text, with references as what they refer to."""
    if isinstance(value, str):
        assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", REFERENCE.sub("", value)), value
        return REFERENCE.sub(r"\1", value).replace("$${", "${").replace("%%{", "%{")
    if isinstance(value, dict):
        return {key: unescaped(one) for key, one in value.items()}
    return [unescaped(one) for one in value] if isinstance(value, list) else value


def test_many_zones_get_the_same_resources(site: MakeSite, entry: MakeEntry) -> None:
    one, many = (
        written(site([entry("4xx", (400, 499))]), S3, retry_after=True, **table)["terraform.tf.json"]
        for table in ({"zone": "z1"}, {"zone": None, "zones": ["z1", "z2"]})
    )
    assert many.pop("locals") == {"zones": ["z1", "z2"]}
    each = '"for_each": "${toset(local.zones)}", "zone_id": "${each.value}"'
    text = json.dumps(one).replace('"zone_id": "z1"', each)
    assert json.loads(REFERENCE.sub(r"${cloudflare_custom_page_asset.\1[each.key].name}", text)) == many
    assert "[each.key].name}" in json.dumps(many)


def test_a_small_site(site: MakeSite, entry: MakeEntry) -> None:
    built = site([entry("4xx", (400, 499))])
    files = written(built, S3)
    (asset,) = files["assets.json"]
    markdown, as_json, html = files["ruleset.json"]["rules"]
    reference = {"content_type": "text/html", "asset_name": f"${{cloudflare_custom_page_asset.{asset['name']}.name}}"}

    assert files["terraform.tf.json"] == {
        "//": NOTE,
        "terraform": {
            "required_providers": {"cloudflare": {"source": "cloudflare/cloudflare", "version": ">= 5.19.0"}}
        },
        "variable": {
            "pages_url": {
                "type": "string",
                "description": "The address below which o/ can be fetched by Cloudflare, without a slash at its end.",
                "default": "https://errors.example.com/p",
            }
        },
        "resource": {
            "cloudflare_ruleset": {
                "errgen_default": {
                    "zone_id": "z1",
                    "name": "errgen default",
                    "description": "Error pages of the site default, made by errgen.",
                    "kind": "zone",
                    "phase": "http_custom_errors",
                    "rules": [markdown, as_json, {**html, "action_parameters": reference}],
                }
            },
            "cloudflare_custom_page_asset": {
                asset["name"]: {
                    "zone_id": "z1",
                    "name": asset["name"],
                    "description": f"errgen default: en/4xx.html, SHA-256 {asset['sha256']}",
                    "url": f"${{var.pages_url}}/o/cloudflare-en-4xx-{asset['sha256'][:8]}.html",
                    "lifecycle": {"create_before_destroy": True},
                }
            },
        },
    }


def test_what_terraform_reads_are_the_very_rules(site: MakeSite, entry: MakeEntry) -> None:
    for delivery in ("assets", "inline"):
        files = written(small(site, entry), S3, delivery=delivery)
        resource = files["terraform.tf.json"]["resource"]["cloudflare_ruleset"]["errgen_default"]

        assert unescaped(resource["rules"]) == files["ruleset.json"]["rules"]
        assert resource["rules"][0]["action_parameters"]["content"] == "Costs $5 or 5%$${x}"


def test_a_folder_is_fetched_from_where_servers_serve_it(site: MakeSite, entry: MakeEntry) -> None:
    built = small(site, entry)
    made = written(built, DIRECTORY)["terraform.tf.json"]
    (asset,) = made["resource"]["cloudflare_custom_page_asset"].values()

    assert made["variable"]["pages_url"]["default"] == "https://errors.example.com/current"
    assert asset["url"] == "${var.pages_url}/pages/cloudflare/en/4xx.html"


def test_where_no_host_serves_the_pages_their_address_has_to_be_given(site: MakeSite, entry: MakeEntry) -> None:
    for host in (None, {"kind": "directory", "path": "public"}, {**S3, "public_url": "no address"}):
        variable = written(small(site, entry), host)["terraform.tf.json"]["variable"]["pages_url"]
        assert variable == {
            "type": "string",
            "description": "The address below which pages/ can be fetched by Cloudflare, without a slash at its end.",
        }


def test_an_account_without_assets(site: MakeSite, entry: MakeEntry) -> None:
    made = written(small(site, entry), S3, zone=None, account="a1", delivery="inline")["terraform.tf.json"]

    assert list(made) == ["//", "terraform", "resource"]
    assert list(made["resource"]) == ["cloudflare_ruleset"]
    ruleset = made["resource"]["cloudflare_ruleset"]["errgen_default"]
    assert (ruleset["account_id"], ruleset["kind"], "zone_id" in ruleset) == ("a1", "root", False)


def test_without_rules_there_is_nothing_to_apply(site: MakeSite, entry: MakeEntry) -> None:
    assert "terraform.tf.json" not in written(small(site, entry), S3, plan="free")


@settings(deadline=None)
@given(st.text(alphabet='${}%a \\"') | st.text())
def test_escaped_texts_are_read_as_they_were(text: str) -> None:
    assert escaped(text).replace("$${", "${").replace("%%{", "%{") == text
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", escaped(text))
