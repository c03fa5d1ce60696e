from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from site_builder.edges import kinds, open_edge
from site_builder.errors import InvalidInput

WHERE = "errgen.toml: site.default.edge[0]"
ONE_OF_THREE = 'needs a zone, zones or an account, and only one of these: write zone = "…" with the zone\'s id'
A_LIST = 'must be a list of zone ids, or a table with an address for each: { "ID" = "https://…" }'


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
        ({}, f": {ONE_OF_THREE}"),
        ({"zone": "z1", "account": "a1"}, f": {ONE_OF_THREE}"),
        ({"zone": "z1", "zones": ["z2"]}, f": {ONE_OF_THREE}"),
        ({"zones": []}, f".zones: {A_LIST}"),
        ({"zones": "z1"}, f".zones: {A_LIST}"),
        ({"zones": {"z1": 5}}, f".zones: {A_LIST}"),
        ({"zones": ["z1", "z2", "z1"]}, ".zones: names 'z1' twice"),
        (
            {"zones": ["z1", "example.com"]},
            ".zones: 'example.com' is not the id of a zone: the 32 hex digits in the overview of the dashboard",
        ),
        (
            {"zones": {"z1": "example.com"}},
            ".zones: is not an address like https://errors.example.com/errors",
        ),
        (
            {"zones": ["z1", "z2"], "verify_url": "https://a.example"},
            ": has many zones and one verify_url, which is in one of them: give each zone its own address, "
            'zones = { "ID" = "https://www.example.com" }',
        ),
        (
            {"zones": {"z1": "https://a.example", "z2": "https://b.example"}, "hosts": ["a.example"]},
            ": has a verify_url at b.example, which is none of its hosts: a.example",
        ),
        (
            {"zones": ["z1", "z2"], "probes": {"/x": 503}},
            ': has probes and no verify_url: add verify_url = "https://www.example.com"',
        ),
        (
            {"zones": ["zone1", "zone2"], "canary": ["zone3x", "zone1"]},
            ": has a canary 'zone3x' that is none of its zones; did you mean zone2?",
        ),
        ({"zone": "z1", "canary": ["z2"]}, ": has a canary 'z2' that is none of its zones"),
        (
            {"zone": "z1", "canary": "z1"},
            ".canary: must be true, false, or a list of ids among the zones of this table",
        ),
        ({"zone": "z1", "plan": "proo"}, ".plan: there is no 'proo'; did you mean pro?"),
        ({"zone": "z1", "plan": "gold"}, ".plan: there is no 'gold'; there are: business, enterprise, free, pro"),
        ({"zone": "z1", "plna": "pro"}, ".plna: unknown key; did you mean plan?"),
        (
            {"zone": "z1", "prefix": "x"},
            ".prefix: unknown key; there are: account, canary, delivery, hosts, kind, language_shares, languages, "
            "limits, machine_clients, plan, probes, retry_after, traffic, verify_url, zone, zones",
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
        (
            {"zone": "z1", "languages": [], "language_shares": {"en": 1}},
            ": has language_shares, and languages = [] says that only the default language is served: remove one of "
            "the two",
        ),
        (
            {"zone": "z1", "plan": [], "limits": {"rules": 2, "assets": 2}},
            ".plan: there is no []; there are: business, enterprise, free, pro",
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


def test_each_of_many_zones_is_an_edge_of_its_own() -> None:
    table = {
        "kind": "cloudflare",
        "plan": "business",
        "zones": {"z1": "https://a.example/", "z2": ""},
        "canary": ["z2"],
    }
    edge = open_edge(table, WHERE, {"kind": "s3", "public_url": "https://errors.example.com"})
    assert (edge.name, edge.id) == ("cloudflare", "")
    places = edge.places()
    assert [(one.name, one.options.verify_url, one.options.canary) for one in places] == [
        ("cloudflare zone z1", "https://a.example", False),
        ("cloudflare zone z2", None, True),
    ]
    assert {(one.where, one.options.quota.rules, one.options.pages) for one in places} == {
        (WHERE, 50, edge.options.pages)
    }
    assert [place.places() for place in places] == [(place,) for place in places]


@pytest.mark.parametrize(("canary", "those"), [(True, ["z1", "z2"]), (False, []), (["z1"], ["z1"])])
def test_canaries_are_all_zones_of_a_table_or_some(canary: object, those: list[str]) -> None:
    edge = open_edge({"kind": "cloudflare", "zones": ["z1", "z2"], "canary": canary}, WHERE)
    assert [place.id for place in edge.places() if place.options.canary] == those


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ({"kind": "cloudflare", "zone": "z1"}, "cloudflare zone z1"),
        ({"kind": "cloudflare", "account": "a1"}, "cloudflare account a1"),
        ({"kind": "cloudfront", "distribution": "EDFDVBD6EXAMPLE"}, "cloudfront distribution EDFDVBD6EXAMPLE"),
        ({"kind": "cloudfront"}, "cloudfront"),
        ({"kind": "nginx"}, "nginx"),
    ],
)
def test_what_publishing_calls_an_edge(table: dict[str, Any], name: str) -> None:
    edge = open_edge(table, WHERE)
    assert edge.name == name
    assert edge.places() == (edge,)


def test_a_canary_without_anything_to_switch() -> None:
    message = "is a canary and names no distribution, so that there is nothing to switch"
    assert refusal({"kind": "cloudfront", "canary": True}) == f"{WHERE}: {message}"


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
        ({"plan": "pro", "limits": {"rules": 7}}, 7, 25, "pro"),
        ({"plan": "business", "limits": {"header_rules": 7}}, 50, 50, "business"),
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


def test_every_place_of_every_table_has_a_key_of_its_own() -> None:
    first, second = WHERE, WHERE.replace("[0]", "[1]")
    zones = {"kind": "cloudflare", "zones": ["a" * 32, "b" * 32]}
    made = [
        *open_edge(zones, first).places(),
        *open_edge({"kind": "cloudflare", "zone": "a" * 32}, second).places(),
        *open_edge({"kind": "nginx"}, first).places(),
        *open_edge({"kind": "nginx", "root": "/srv/other"}, second).places(),
    ]
    assert len({edge.key for edge in made}) == len(made) == 5
    assert [edge.key for edge in open_edge(zones, first).places()] == [edge.key for edge in made[:2]]
