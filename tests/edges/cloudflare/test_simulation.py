"""The proof by simulation, and that it notices whatever is changed in the rules."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from site_builder.edges import open_edge
from site_builder.edges._explaining import Question, Reference
from site_builder.edges.cloudflare.cases import clients_of, failures_of
from site_builder.edges.cloudflare.compile import CloudflareRules, compile_rules
from site_builder.edges.cloudflare.exactness import Difference, Exactness
from site_builder.edges.cloudflare.proof import findings_of
from site_builder.edges.cloudflare.simulation import Simulation
from site_builder.model import Codes, Entry, Finding, Proof, Scope
from site_builder.rules_language import compile_expression, parse

MakeSite = Callable[..., Any]
MakeEntry = Callable[..., Entry]
Rules = list[dict[str, Any]]


def set_up(built: Any, **table: object) -> tuple[Simulation, CloudflareRules]:
    edge = open_edge({"kind": "cloudflare", "zone": "z1", **table}, "errgen.toml: site.default.edge[0]")
    options = edge.options
    return Simulation(built.manifest, built.read, options), compile_rules(built.manifest, built.read, options)


@pytest.fixture
def small(site: MakeSite, entry: MakeEntry) -> Any:
    return site(
        [
            entry("404", weight=40.0),
            entry("522", weight=20.0, serve_status=503),
            entry("1015", weight=10.0),
            entry("4xx", (400, 499)),
            entry("5xx", (500, 599)),
            entry("1xxx", (1000, 1999)),
        ]
    )


def test_a_site_with_room_for_everything_is_exact(small: Any) -> None:
    simulation, compiled = set_up(small, plan="pro", machine_clients="errgen")
    # Of the origin 400, 404, 499, 500 and 599; of the edge these, 522 by both readings, 1000 with each of the six
    # statuses, 1015 and 1999 with two: 22 failures, 11 clients. Problem documents and Markdown go by other names.
    assert simulation.run(compiled.rules, compiled.assets) == Exactness(
        plan="pro",
        answers=242,
        exact=242,
        default_answers=242,
        default_exact=242,
        other_media_type=110,
        codes=9,
        clients=11,
        languages=1,
        hosts=1,
        differences=(),
    )


def test_what_is_cloudflares_by_choice_is_counted(small: Any) -> None:
    simulation, compiled = set_up(small, plan="pro")
    found = simulation.run(compiled.rules, compiled.assets)
    machines = (
        "API client",
        "API client that knows RFC 9457",
        "agent",
        "agent that also takes HTML",
        "Accept: application/json, text/markdown;q=0.9",
        "Accept: text/markdown, application/json",
        "Accept: text/*",
    )
    says = "Cloudflare answers clients for JSON and Markdown with a live document of its own"
    codes = ((522, 522), (1000, 1000), (1015, 1015), (1999, 1999))
    assert found.differences == (Difference("left", says, 84, codes, machines),)
    assert (found.answers, found.exact) == (242, 158)
    assert list(findings_of(found)) == [
        Finding(
            "cloudflare-exactness",
            "info",
            "158 of 242 simulated answers (9 codes, 11 kinds of clients) are the reference answer; 84 are left to "
            "Cloudflare's own live documents",
            hint="see who gets what: errgen explain --table",
        )
    ]


def test_a_build_says_how_exact_its_rules_are(small: Any) -> None:
    simulation, rules = set_up(small, plan="pro")
    found = simulation.run(rules.rules, rules.assets)
    where = "errgen.toml: site.default.edge[0]"
    compiled = open_edge({"kind": "cloudflare", "zone": "z1", "plan": "pro"}, where).compile(small.manifest, small.read)
    assert json.loads(compiled.files["report.json"])["exactness"] == found.as_json()
    [said] = findings_of(found)
    assert compiled.proof == Proof(found.as_json(), (dataclasses.replace(said, where=where),))
    assert found.as_json() == {
        "plan": "pro",
        "asked": {"codes": 9, "clients": 11, "languages": 1, "hosts": 1},
        "answers": 242,
        "exact": 158,
        "other_media_type": 50,
        "differing": 84,
        "differences": [
            {
                "kind": "left",
                "says": "Cloudflare answers clients for JSON and Markdown with a live document of its own",
                "answers": 84,
                "codes": "522 1000 1015 1999",
                "clients": list(found.differences[0].clients),
            }
        ],
    }


def test_every_way_to_differ_is_told(small: Any) -> None:
    simulation, compiled = set_up(small, plan="pro", machine_clients="errgen")

    def kinds(change: Callable[[Rules], object]) -> dict[str, str]:
        rules = copy.deepcopy(list(compiled.rules))
        change(rules)
        return {one.kind: one.says for one in simulation.run(rules, compiled.assets).differences}

    def at(rules: Rules, ref: str) -> dict[str, Any]:
        return next(rule for rule in rules if rule["ref"].endswith(ref))

    assert kinds(lambda rules: rules.remove(at(rules, "html_404"))) == {
        "wider": "a wider html page is served than the one made for the code"
    }
    assert kinds(lambda rules: rules.remove(at(rules, "html_4xx"))) == {"unserved": "no html page is served"}
    assert kinds(lambda rules: at(rules, "html_404")["action_parameters"].update(status_code=410)) == {
        "status": "the status is 410 instead of that"
    }
    assert kinds(lambda rules: at(rules, "html_522")["action_parameters"].pop("status_code")) == {
        "status": "the status is as it failed instead of 503"
    }
    assert kinds(lambda rules: at(rules, "json_404").update(expression="http.response.code eq 404")) == {
        "format": "json is served to clients that should get html",
        "wrong": "en/404.json is served, and it is for other codes",  # a 1015 that came with the status 404
    }
    assert kinds(lambda rules: at(rules, "html_404").update(expression="http.response.code in {404 500}")) == {
        "wrong": "en/404.html is served, and it is for other codes"
    }
    assert kinds(lambda rules: at(rules, "json_404")["action_parameters"].update(content="{}")) == {
        "wrong": "what is served is no page of the site"
    }


def test_languages_that_are_not_served_are_told(site: MakeSite, entry: MakeEntry) -> None:
    built = site([entry("4xx", (400, 499)), entry("5xx", (500, 599))], languages=("en", "de"))
    simulation, compiled = set_up(built, plan="free")
    assert compiled.rules == ()
    found = simulation.run(compiled.rules, compiled.assets)
    assert (found.exact, found.languages) == (0, 2)
    assert list(findings_of(found)) == []
    simulation, compiled = set_up(built, plan="pro", machine_clients="errgen")
    german = [rule for rule in compiled.rules if "de/" in rule["description"]]
    found = simulation.run([rule for rule in compiled.rules if rule not in german], compiled.assets)
    # 400, 499, 500 and 599 of the edge and of the origin, for clients that want German.
    assert list(findings_of(found)) == [
        Finding(
            "cloudflare-exactness",
            "info",
            "176 of 176 simulated answers in the default language (4 codes, 11 kinds of clients) are the reference "
            "answer; of all 264 answers 88 get the default language though they ask for another",
            hint="see who gets what: errgen explain --table",
        ),
    ]


def test_hosts_and_paths_that_scopes_name_are_asked_for(small: Any) -> None:
    scope = Scope(("*.example.org",), ("/api/*",), "json")
    built = SimpleNamespace(manifest=dataclasses.replace(small.manifest, scopes=(scope,)), read=small.read)
    simulation, compiled = set_up(built, plan="pro", machine_clients="errgen")
    found = simulation.run(compiled.rules, compiled.assets)
    # Four times the 242 answers: in the scope or outside by its host, by its path, by both.
    assert (found.answers, found.hosts) == (968, 2)


def test_very_many_hosts_and_paths_are_asked_with_every_language_in_turn(small: Any) -> None:
    scopes = tuple(Scope((f"host{number}.example.com",), (f"/{number}/*",), "json") for number in range(20))
    manifest = dataclasses.replace(small.manifest, languages=("en", "de", "fr"), scopes=scopes)
    clients = list(clients_of(manifest, Reference(manifest), ["host7.example.com"]))
    browsers = [client for client in clients if client.name == "browser"]
    asked: dict[tuple[str, str], list[str]] = {}
    for client in browsers:
        place = (client.host, client.values["http.request.uri.path"])
        asked.setdefault(place, []).append("".join(client.values["http.request.headers"].get("accept-language", ())))
    places = list(asked)
    assert len(places) == 21 * 21  # a host and a path of no scope among them
    assert places[0] == ("host7.example.com", "/")
    assert asked[places[0]] == ["", "en", "de", "fr"]
    assert [asked[place] for place in places[1:4]] == [["", "de"], ["", "fr"], ["", "en"]]
    assert {client.host for client in browsers if client.ours} == {"host7.example.com"}


def one_by_one(
    built: Any, options: Any, rules: Rules, assets: Mapping[str, bytes]
) -> tuple[int, int, dict[tuple[int, str], int]]:
    """How many answers there are and how many are exact, and of the others how many by code and client."""
    reference = Reference(built.manifest)
    pages = {file.path: file.sha256 for file in built.manifest.files}
    tests = [compile_expression(parse(rule["expression"])) for rule in rules]
    asked = exact = 0
    others: dict[tuple[int, str], int] = {}
    for failing in failures_of(built.manifest):
        for client in clients_of(built.manifest, reference, options.hosts):
            values = {**client.values, **failing.values}
            matching = (rule for rule, test in zip(rules, tests, strict=True) if test(values))
            got = next((rule["action_parameters"] for rule in matching), None)
            question = Question(failing.code, failing.made_by)
            wanted = reference.page_for(question, client.format, client.language).rule if client.ours else None
            answer = right = None
            if got:
                content = got["content"].encode() if "content" in got else assets[got["asset_name"]]
                answer = (hashlib.sha256(content).hexdigest(), got.get("status_code"))
            if wanted:
                right = (pages[f"pages/cloudflare/{wanted.page}"], wanted.status)
            asked += 1
            exact += answer == right
            if answer != right:
                others[failing.code, client.name] = others.get((failing.code, client.name), 0) + 1
    return asked, exact, others


@pytest.mark.parametrize("step", [1, -2])  # all rules, and every other one in reversed order
def test_together_answers_are_what_they_are_one_by_one(site: MakeSite, entry: MakeEntry, step: int) -> None:
    entries = [entry("404"), entry("522", serve_status=503), entry("4xx", (400, 499)), entry("1xxx", (1000, 1999))]
    made = site(entries, languages=("en", "de"))
    scopes = (Scope(("*.example.org",), (), "json"),)
    built = SimpleNamespace(manifest=dataclasses.replace(made.manifest, scopes=scopes), read=made.read)
    table: dict[str, Any] = {"plan": "business", "hosts": ["*.example.org", "www.example.com"]}
    simulation, compiled = set_up(built, **table)
    rules = [dict(rule) for rule in compiled.rules][::step]
    options = open_edge({"kind": "cloudflare", "zone": "z1", **table}, "errgen.toml: site.default.edge[0]").options
    contents = {one.name: built.read(one.page_path) for one in compiled.assets}
    asked, exact, others = one_by_one(built, options, rules, contents)
    found = simulation.run(rules, compiled.assets)
    assert (found.answers, found.exact) == (asked, exact)
    assert sum(one.answers for one in found.differences) == sum(others.values())
    differing = {(code, name) for one in found.differences for code in codes_in(one.codes) for name in one.clients}
    assert others.keys() <= differing
    assert {code for code, _ in others} == {code for code, _ in differing}
    assert {name for _, name in others} == {name for _, name in differing}


def codes_in(codes: Codes) -> list[int]:
    return [code for low, high in codes for code in range(low, high + 1)]


def mutations(rules: tuple[Mapping[str, Any], ...]) -> Iterator[tuple[str, Rules]]:
    """Every rule dropped, switched off, negated, and with each of its operators changed."""

    def changed(index: int, **fields: object) -> Rules:
        return [{**rule, **fields} if at == index else dict(rule) for at, rule in enumerate(rules)]

    for index, rule in enumerate(rules):
        text = rule["expression"]
        yield f"{rule['ref']} dropped", [dict(one) for at, one in enumerate(rules) if at != index]
        yield f"{rule['ref']} switched off", changed(index, enabled=False)
        yield f"{rule['ref']} negated", changed(index, expression=f"not ({text})")
        for pattern, replacement in OPERATORS.items():
            found = re.search(pattern, text)
            if found:
                other = f"{text[: found.start()]}{replacement}{text[found.end() :]}"
                yield f"{rule['ref']}: {pattern} -> {replacement}", changed(index, expression=other)


OPERATORS = {
    r"http\.response\.code eq": "http.response.code ne",
    r"1xxx_code ge": "1xxx_code lt",
    r"http\.response\.code in": "not http.response.code in",
    r"1xxx_code eq": "1xxx_code ne",
    r"and not": "and",
    r"\) and \(": ") or (",
    r"lower\(http\.host\) (?=eq|in)": "not lower(http.host) ",
    r"starts_with": "not starts_with",
    r"ends_with": "not ends_with",
    r'contains ",de,"': 'contains ",en,"',
    r'contains "text/markdown,"': 'contains "text/plain,"',
}


@pytest.mark.parametrize("machine_clients", ["cloudflare", "errgen"])
def test_no_mutation_of_a_rule_is_overlooked(large_site: Any, machine_clients: str) -> None:
    simulation, compiled = set_up(large_site, plan="pro", machine_clients=machine_clients)
    proved = simulation.run(compiled.rules, compiled.assets)
    mutated = list(mutations(compiled.rules))
    assert len(mutated) > 4 * len(compiled.rules)
    overlooked = [name for name, rules in mutated if simulation.run(rules, compiled.assets) == proved]
    assert overlooked == []


def test_no_mutation_is_overlooked_where_languages_scopes_and_hosts_have_rules(
    site: MakeSite, entry: MakeEntry
) -> None:
    made = site([entry("404"), entry("4xx", (400, 499)), entry("5xx", (500, 599))], languages=("en", "de"))
    scopes = (
        Scope(("api.example.com",), (), "json"),
        Scope((), ("/api/*", "/old"), "json"),
        Scope(("*.example.org",), ("/docs/*",), "markdown"),
    )
    built = SimpleNamespace(manifest=dataclasses.replace(made.manifest, scopes=scopes), read=made.read)
    simulation, compiled = set_up(built, plan="enterprise", machine_clients="errgen", hosts=["*.example.org", "*.com"])
    proved = simulation.run(compiled.rules, compiled.assets)
    assert proved.differences == ()
    mutated = list(mutations(compiled.rules))
    changes = {name.partition(": ")[2].partition(" ->")[0] for name, _ in mutated}
    assert {"lower\\(http\\.host\\) (?=eq|in)", "starts_with", "ends_with", 'contains ",de,"'} <= changes
    overlooked = [name for name, rules in mutated if simulation.run(rules, compiled.assets) == proved]
    assert overlooked == []


def test_swapping_rules_that_share_a_client_is_not_overlooked(large_site: Any) -> None:
    simulation, compiled = set_up(large_site, plan="pro", machine_clients="errgen")
    proved = simulation.run(compiled.rules, compiled.assets)
    wide = [index for index, rule in enumerate(compiled.rules) if rule["ref"].endswith(("4xx", "5xx"))]
    for index in wide:
        first = next(at for at, rule in enumerate(compiled.rules) if rule["action_parameters"]["content_type"] ==
                     compiled.rules[index]["action_parameters"]["content_type"])  # fmt: skip
        rules = list(compiled.rules)
        rules.insert(first, rules.pop(index))
        narrow = [rule["ref"] for rule in compiled.rules[first:index] if rule["ref"][-3:].isdecimal()]
        shadowed = [ref for ref in narrow if ref[-3] == compiled.rules[index]["ref"][-3]]
        assert (simulation.run(rules, compiled.assets) != proved) == bool(shadowed)
