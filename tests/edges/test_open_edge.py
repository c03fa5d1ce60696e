from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from site_builder.edges import kinds, open_edge
from site_builder.errors import InvalidInput

WHERE = "errgen.toml: site.default.edge[0]"


def refusal(table: dict[str, Any]) -> str:
    with pytest.raises(InvalidInput) as caught:
        open_edge(table, WHERE)
    return str(caught.value)


@pytest.mark.parametrize(("kind", "profile"), [("cloudflare", "cloudflare"), ("netlify", "static")])
def test_an_edge_is_found_by_the_name_of_its_file(kind: str, profile: str) -> None:
    table = {"kind": kind, **({"zone": "z1"} if kind == "cloudflare" else {})}
    edge = open_edge(table, WHERE)

    assert kind in kinds()
    assert (edge.kind, edge.profile) == (kind, profile)


def test_an_unknown_kind_is_refused_with_what_was_probably_meant() -> None:
    assert (
        refusal({"kind": "cloudflar"}) == f"{WHERE}.kind: there is no edge called 'cloudflar'; did you mean cloudflare?"
    )


def test_an_unknown_kind_is_refused_with_what_there_is() -> None:
    assert refusal({"kind": "varnish-cache"}) == (
        f"{WHERE}.kind: there is no edge called 'varnish-cache'; there are: {', '.join(kinds())}"
    )


@pytest.mark.parametrize("kind", ["_edge", "__init__", "", 7])
def test_shared_parts_are_no_edges(kind: object) -> None:
    assert refusal({"kind": kind}).startswith(f"{WHERE}.kind: there is no edge called {kind!r}; ")


def test_a_missing_kind_is_refused() -> None:
    assert refusal({"zone": "z1"}) == f"{WHERE}.kind: is required; there are: {', '.join(kinds())}"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, ': needs a zone or an account, and not both: write zone = "…" with the zone\'s id'),
        (
            {"zone": "z1", "account": "a1"},
            ': needs a zone or an account, and not both: write zone = "…" with the zone\'s id',
        ),
        ({"zone": "z1", "plan": "proo"}, ".plan: there is no 'proo'; did you mean pro?"),
        ({"zone": "z1", "plan": "gold"}, ".plan: there is no 'gold'; there are: business, enterprise, free, pro"),
        ({"zone": "z1", "plna": "pro"}, ".plna: unknown key; did you mean plan?"),
        (
            {"zone": "z1", "prefix": "x"},
            ".prefix: unknown key; there are: account, canary, delivery, hosts, kind, language_shares, languages, "
            "limits, machine_clients, plan, probes, retry_after, traffic, verify_url, zone",
        ),
        (
            {"zone": "z1", "api_token": "x"},
            ".api_token: unknown key; secrets do not belong in errgen.toml: they come from the environment or your AWS "
            "profile",
        ),
        (
            {"zone": "z1", "limits": {"ruels": 3, "assets": 2}},
            f".limits.rules: is required\n{WHERE}.limits.ruels: unknown key; did you mean rules?",
        ),
        (
            {"zone": "z1", "limits": {"rules": -1, "assets": "2"}},
            f".limits.rules: must be 0 or more\n{WHERE}.limits.assets: must be a whole number, without quotation marks",
        ),
        (
            {"zone": "z1", "plan": "pro", "limits": {"rules": 26, "assets": 1}},
            ": has limits above the pro plan's 25 rules and 25 assets; lower them, or remove the plan",
        ),
        (
            {"zone": "z1", "plan": "pro", "limits": {"rules": 25, "assets": 25, "header_rules": 26}},
            ": has limits above the pro plan's 25 rules for response headers; lower header_rules, or remove the plan",
        ),
        ({"zone": "z1", "retry_after": "yes"}, ".retry_after: must be true or false, without quotation marks"),
        ({"zone": "z1", "delivery": "inlien"}, ".delivery: there is no 'inlien'; did you mean inline?"),
        (
            {"zone": "z1", "machine_clients": "errgn"},
            ".machine_clients: there is no 'errgn'; did you mean errgen?",
        ),
        ({"zone": "../z1"}, '.zone: must match ^[A-Za-z0-9_-]+$; for example "023e105f4ecef8ad9ca31a8372d0c353"'),
        ({"zone": 5}, '.zone: must be a text in quotation marks; for example "023e105f4ecef8ad9ca31a8372d0c353"'),
    ],
)
def test_cloudflare_options_are_refused_with_the_key(table: dict[str, Any], message: str) -> None:
    assert refusal({"kind": "cloudflare", **table}) == WHERE + message


def test_every_fault_of_a_table_is_reported_at_once() -> None:
    assert refusal({"kind": "cloudflare", "zone": "z1", "plan": "x", "delivery": "y", "z": 1}).count(WHERE) == 3


@pytest.mark.parametrize(
    ("table", "rules", "assets", "name"),
    [
        ({}, 25, 25, "pro"),
        ({"plan": "free"}, 0, 0, "free"),
        ({"plan": "pro"}, 25, 25, "pro"),
        ({"plan": "business"}, 50, 50, "business"),
        ({"plan": "enterprise"}, 300, 300, "enterprise"),
        ({"limits": {"rules": 7, "assets": 4}}, 7, 4, "own limits"),
        ({"plan": "pro", "limits": {"rules": 7, "assets": 4}}, 7, 4, "pro"),
    ],
)
def test_the_plan_or_the_table_sets_the_limits(table: dict[str, Any], rules: int, assets: int, name: str) -> None:
    options = open_edge({"kind": "cloudflare", "account": "a1", **table}, WHERE).options

    assert (options.quota.rules, options.quota.assets, options.plan_name) == (rules, assets, name)


def test_netlify_has_no_options() -> None:
    assert refusal({"kind": "netlify", "publish": "x"}) == f"{WHERE}.publish: unknown key; there are: kind"


def test_looking_for_edges_loads_no_validator() -> None:
    program = (
        "import sys; from site_builder import edges; from site_builder.edges import cloudflare; edges.kinds();"
        "print(sorted(set(sys.modules) & {'pydantic', 'cloudflare', 'jinja2', 'boto3'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
