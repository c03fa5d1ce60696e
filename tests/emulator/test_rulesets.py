from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.emulator.conftest import ENTRY, FREE, JSON, OWNER, PRO, Cloud, rule


def codes(ruleset: JSON) -> list[str]:
    """The refs of the rules, in order."""
    return [found["ref"] for found in ruleset["rules"]]


def three(cloud: Cloud) -> JSON:
    return cloud.put_rules(*(rule(ref=ref) for ref in ("a", "b", "c")))


@pytest.mark.parametrize(("scope", "kind"), [(f"zones/{PRO}", "zone"), (f"accounts/{OWNER}", "root")])
def test_the_entry_point_is_created_by_its_first_put(cloud: Cloud, scope: str, kind: str) -> None:
    assert cloud.call("GET", ENTRY, scope=scope).status_code == 404
    assert cloud.call("GET", f"{ENTRY}/versions/1", scope=scope).status_code == 404
    assert cloud.ok("GET", f"{ENTRY}/versions", scope=scope) == []
    assert cloud.ok("GET", "/rulesets", scope=scope) == []

    sent = rule("http.response.code eq 500", "first", status_code=503) | {"description": "five hundred"}
    created = cloud.put_rules(sent, scope=scope)
    (stored,) = created["rules"]
    assert created == {
        "id": created["id"],
        "name": "default",
        "description": "",
        "kind": kind,
        "version": "1",
        "rules": [stored],
        "last_updated": "2026-04-24T09:22:47.123456Z",
        "phase": "http_custom_errors",
    }
    assert stored == {
        **sent,
        "id": stored["id"],
        "enabled": True,
        "version": "1",
        "last_updated": "2026-04-24T09:22:47.123456Z",
    }
    assert {len(created["id"]), len(stored["id"])} == {32}
    assert cloud.ok("GET", ENTRY, scope=scope) == created
    assert cloud.ok("GET", f"/rulesets/{created['id']}", scope=scope) == created
    listed = cloud.ok("GET", "/rulesets", scope=scope)
    assert listed == [{name: value for name, value in created.items() if name != "rules"}]


def test_a_put_replaces_all_rules_and_keeps_identities(cloud: Cloud) -> None:
    before = three(cloud)
    a, b, c = before["rules"]
    after = cloud.put_rules(
        rule(ref="c"),  # same ref, same definition
        {"id": a["id"], **rule("http.response.code eq 404")},  # same id, new expression
        rule(ref="new"),
    )
    assert after["version"] == "2"
    assert after["id"] == before["id"]
    assert after["rules"][0] == c
    assert after["rules"][1]["id"] == a["id"]
    assert (after["rules"][1]["ref"], after["rules"][1]["version"]) == ("a", "2")
    assert after["rules"][1]["last_updated"] > a["last_updated"]
    assert after["rules"][2]["id"] not in {a["id"], b["id"], c["id"]}


def test_a_rule_without_ref_is_called_by_its_id(cloud: Cloud) -> None:
    (first,) = cloud.put_rules(rule())["rules"]
    assert first["ref"] == first["id"]
    (second,) = cloud.put_rules(rule())["rules"]
    assert second["id"] != first["id"]


def test_name_and_description_stay_unless_given(cloud: Cloud) -> None:
    cloud.ok("PUT", ENTRY, {"name": "mine", "description": "words", "rules": []})
    kept = cloud.put_rules(rule())
    assert (kept["name"], kept["description"]) == ("mine", "words")
    assert cloud.put_rules()["rules"] == []


def test_what_a_client_sends_is_given_back_unchanged(cloud: Cloud) -> None:
    sent = rule('http.host eq "ünïcode"', "x", content="<p>“quoted” \U0001f600</p>\n") | {
        "description": "ends in [1a2b3c4d]",
        "enabled": False,
        "logging": {"enabled": True},
    }
    (stored,) = cloud.put_rules(sent)["rules"]
    assert {name: stored[name] for name in sent} == sent


def test_versions_can_be_read_and_old_ones_deleted(cloud: Cloud) -> None:
    versions = [cloud.put_rules(*(rule(ref=f"r{n}") for n in range(count))) for count in (1, 2, 3)]
    id_ = versions[0]["id"]
    metadata = [{name: value for name, value in one.items() if name != "rules"} for one in reversed(versions)]
    for base in (ENTRY, f"/rulesets/{id_}"):
        assert cloud.ok("GET", f"{base}/versions") == metadata
        for version in versions:
            assert cloud.ok("GET", f"{base}/versions/{version['version']}") == version
        assert cloud.call("GET", f"{base}/versions/9").status_code == 404
    assert cloud.call("DELETE", f"/rulesets/{id_}/versions/1?dry_run=true").status_code == 204
    assert cloud.call("DELETE", f"/rulesets/{id_}/versions/1").status_code == 204
    assert [one["version"] for one in cloud.ok("GET", f"{ENTRY}/versions")] == ["3", "2"]
    assert cloud.refused("DELETE", f"/rulesets/{id_}/versions/3")
    assert cloud.put_rules()["version"] == "4"


def test_ruleset_by_id(cloud: Cloud) -> None:
    id_ = three(cloud)["id"]
    replaced = cloud.ok("PUT", f"/rulesets/{id_}", {"rules": [rule(ref="z")], "name": "n"})
    assert (replaced["version"], codes(replaced), replaced["name"]) == ("2", ["z"], "n")
    assert cloud.ok("GET", ENTRY) == replaced
    assert cloud.call("DELETE", f"/rulesets/{id_}").status_code == 204
    assert cloud.call("GET", ENTRY).status_code == 404
    for method in ("GET", "PUT", "DELETE"):
        assert cloud.call(method, f"/rulesets/{id_}", {"rules": []}).status_code == 404


def test_rulesets_can_be_created_by_phase(cloud: Cloud) -> None:
    body = {"name": "n", "kind": "zone", "phase": "http_custom_errors", "rules": [rule(ref="a")]}
    created = cloud.ok("POST", "/rulesets", body)
    assert cloud.ok("GET", ENTRY) == created
    assert cloud.refused("POST", "/rulesets", body)[0]["source"] == {"pointer": "/phase"}
    assert cloud.refused("POST", "/rulesets", {**body, "kind": "custom"})[0]["source"] == {"pointer": "/kind"}


def test_rules_are_added_where_position_says(cloud: Cloud) -> None:
    ruleset = three(cloud)
    path = f"/rulesets/{ruleset['id']}/rules"
    ids = {found["ref"]: found["id"] for found in ruleset["rules"]}
    added = cloud.ok("POST", path, rule(ref="end"))
    assert codes(added) == ["a", "b", "c", "end"]
    assert added["version"] == "2"
    assert added["rules"][:3] == ruleset["rules"]
    cloud.ok("POST", path, rule(ref="top") | {"position": {"before": ""}})
    cloud.ok("POST", path, rule(ref="last") | {"position": {"after": ""}})
    cloud.ok("POST", path, rule(ref="pre_b") | {"position": {"before": ids["b"]}})
    cloud.ok("POST", path, rule(ref="post_b") | {"position": {"after": ids["b"]}})
    final = cloud.ok("POST", path, rule(ref="second") | {"position": {"index": 2}})
    assert codes(final) == ["top", "second", "a", "pre_b", "b", "post_b", "c", "end", "last"]


@pytest.mark.parametrize(
    "position", [{}, {"index": 0}, {"index": 5}, {"before": "x"}, {"before": "", "after": ""}, "top", {"index": "1"}]
)
def test_positions_that_are_none(cloud: Cloud, position: object) -> None:
    ruleset = three(cloud)
    (error,) = cloud.refused("POST", f"/rulesets/{ruleset['id']}/rules", rule(ref="d") | {"position": position})
    assert error["source"] == {"pointer": "/position"}
    assert cloud.ok("GET", ENTRY) == ruleset


def test_a_rule_is_redefined_moved_and_deleted(cloud: Cloud) -> None:
    ruleset = three(cloud)
    a, b, c = ruleset["rules"]
    path = f"/rulesets/{ruleset['id']}/rules"
    moved = cloud.ok("PATCH", f"{path}/{a['id']}", {"position": {"after": ""}})
    assert moved["rules"] == [b, c, a]

    redefined = cloud.ok("PATCH", f"{path}/{b['id']}", rule("http.response.code eq 404") | {"position": {"index": 3}})
    assert codes(redefined) == ["c", "a", "b"]
    changed = redefined["rules"][2]
    assert (changed["id"], changed["version"], changed["expression"]) == (b["id"], "2", "http.response.code eq 404")

    left = cloud.ok("DELETE", f"{path}/{c['id']}")
    assert codes(left) == ["a", "b"]
    assert left["version"] == "4"
    for method in ("PATCH", "DELETE"):
        assert cloud.call(method, f"{path}/{c['id']}", rule()).status_code == 404
    assert cloud.refused("PATCH", f"{path}/{a['id']}", rule() | {"id": b["id"]})
    assert cloud.refused("POST", path, rule() | {"id": b["id"]})


def test_dry_runs_check_and_change_nothing(cloud: Cloud) -> None:
    assert cloud.ok("PUT", f"{ENTRY}?dry_run=true", {"rules": [rule()]}) is None
    assert cloud.call("GET", ENTRY).status_code == 404
    ruleset = three(cloud)
    path = f"/rulesets/{ruleset['id']}"
    first = ruleset["rules"][0]["id"]
    for method, below, body in (
        ("PUT", "", {"rules": []}),
        ("POST", "/rules", rule(ref="d")),
        ("PATCH", f"/rules/{first}", rule("http.response.code eq 404")),
        ("DELETE", f"/rules/{first}", None),
    ):
        assert cloud.ok(method, f"{path}{below}?dry_run=true", body) is None
    assert cloud.call("DELETE", f"{path}?dry_run=true").status_code == 204
    assert cloud.refused("PUT", f"{ENTRY}?dry_run=true", {"rules": [rule("no such field")]})
    assert cloud.ok("GET", ENTRY) == ruleset
    assert cloud.ok("PUT", f"{ENTRY}?dry_run=false", {"rules": []})["version"] == "2"


def test_lists_of_rulesets_have_a_cursor(cloud: Cloud) -> None:
    header = {"action": "rewrite", "expression": "true", "action_parameters": {"headers": {}}}
    other = "/rulesets/phases/http_response_headers_transform/entrypoint"
    stored = cloud.ok("PUT", other, {"rules": [header | {"ref": "h"}]})
    assert stored["rules"][0]["action_parameters"] == {"headers": {}}
    three(cloud)
    first = cloud.call("GET", "/rulesets?per_page=1").json()
    assert [one["phase"] for one in first["result"]] == ["http_response_headers_transform"]
    cursor = first["result_info"]["cursors"]["after"]
    second = cloud.call("GET", f"/rulesets?per_page=1&cursor={cursor}").json()
    assert [one["phase"] for one in second["result"]] == ["http_custom_errors"]
    assert second["result_info"] == {"count": 1, "per_page": 1}
    assert cloud.refused("GET", "/rulesets?cursor=x")


def test_other_phases_are_empty_and_cannot_be_written(cloud: Cloud) -> None:
    path = "/rulesets/phases/http_request_firewall_custom/entrypoint"
    assert cloud.call("GET", path).status_code == 404
    assert "not emulated" in cloud.refused("PUT", path, {"rules": []})[0]["message"]


def test_free_has_an_empty_ruleset_at_most(cloud: Cloud) -> None:
    scope = f"zones/{FREE}"
    (error,) = cloud.refused("PUT", ENTRY, {"rules": [rule()]}, scope=scope)
    assert error["message"].endswith("1 out of 0")
    assert cloud.put_rules(scope=scope)["rules"] == []


def test_concurrent_writers_get_every_version_once(cloud: Cloud) -> None:
    three(cloud)
    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(lambda n: cloud.put_rules(rule(ref=f"r{n}"))["version"], range(40)))
    assert sorted(map(int, versions)) == list(range(2, 42))
    assert cloud.ok("GET", ENTRY)["version"] == "41"
