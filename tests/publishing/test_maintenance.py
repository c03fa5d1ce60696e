"""Planned work: announced and ended by one switch of the rules, and kept by whatever is published in between."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from site_builder.errors import PlanRefused
from site_builder.publishing.plan import Plan

from .world import FOREIGN_FIRST, FOREIGN_LAST, OTHER_ZONE, WITH_MAINTENANCE, ZONE, Built, World, build

ONE, TWO = build("1", WITH_MAINTENANCE), build("2", WITH_MAINTENANCE)
SWITCH = ("PUT", f"/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint")


def is_announced(world: World, built: Built, domain: str = "example.com") -> bool:
    """Whether every answer is as it should be in the one state and not in the other."""
    usual, announced = world.problems(built, domain), world.problems(built, domain, announced=True)
    assert bool(usual) != bool(announced), (usual[:3], announced[:3])
    return not announced


def plan_of(world: World, built: Built, *, maintenance: bool | None = None) -> Plan:
    target, found = world.survey(built, maintenance=maintenance)
    target.close()
    return found.plan


def said_of(plan: Plan) -> list[str]:
    return [finding.message for finding in plan.findings if finding.id == "cloudflare-maintenance"]


def test_it_is_one_request_each_way(world: World) -> None:
    world.publish(ONE)
    world.put_around()
    foreign, assets, before = world.foreign(), world.assets(), [rule["ref"] for rule in world.rules()]
    assert not is_announced(world, ONE)
    world.refresh()
    outcome = world.publish(ONE, maintenance=True)
    assert world.network.writes() == [SWITCH]
    assert outcome.plan.announced == (f"cloudflare zone {ZONE}",)
    assert is_announced(world, ONE)
    world.refresh()
    world.publish(ONE, maintenance=False)
    assert world.network.writes() == [SWITCH]
    assert not is_announced(world, ONE)
    assert (world.foreign(), world.assets()) == (foreign, assets)
    assert [rule["ref"] for rule in world.rules()] == before


def test_a_second_time_changes_nothing(world: World) -> None:
    for maintenance in (True, False):
        world.publish(ONE, maintenance=maintenance)
        world.refresh()
        assert world.publish(ONE, maintenance=maintenance).plan.is_empty
        assert world.publish(ONE).plan.is_empty
        assert world.network.writes() == []


def test_the_audit_says_who_announced_it_and_who_ended_it(world: World) -> None:
    for maintenance in (None, True, False):
        world.publish(ONE, maintenance=maintenance)
    lines = [json.loads(line) for line in (world.folder / ".errgen/audit.jsonl").read_text("utf-8").splitlines()]
    switches = [(line["who"], line.get("planned_work")) for line in lines if line["action"] == "switch"]
    assert switches == [("ada", None), ("ada", "announced"), ("ada", "ended")]


def test_the_first_publish_may_announce_it(world: World) -> None:
    world.put([FOREIGN_FIRST, FOREIGN_LAST])
    foreign = world.foreign()
    world.publish(ONE, maintenance=True)
    assert is_announced(world, ONE)
    assert world.foreign() == foreign


def test_what_is_published_meanwhile_keeps_it_and_says_so(world: World) -> None:
    world.publish(ONE, maintenance=True)
    plan = plan_of(world, TWO)
    (message,) = said_of(plan)
    assert message.startswith("planned work is announced, by rules last written at 20")
    assert message.endswith("; it stays so")
    assert [finding.hint for finding in plan.findings] == ["end it with: errgen publish --no-maintenance"]
    world.publish(TWO)
    assert is_announced(world, TWO)
    assert len(world.assets()) == 4
    world.publish(TWO, maintenance=False)
    assert not is_announced(world, TWO)


def test_the_plan_says_what_will_be(world: World) -> None:
    world.publish(ONE)
    on = plan_of(world, ONE, maintenance=True)
    assert (on.maintenance, on.announced) == (True, (f"cloudflare zone {ZONE}",))
    assert said_of(on) == [
        "planned work will be announced: every 5xx of the website is answered with the page for it and status 503; "
        "whatever the website still answers below 400 stays open"
    ]
    assert {change.kind for change in on.changes} == {"rule"}
    world.publish(ONE, maintenance=True)
    off = plan_of(world, ONE, maintenance=False)
    assert (off.maintenance, off.announced) == (False, ())
    assert said_of(off) == ["planned work is no longer announced: every 5xx of the website gets its usual page again"]
    world.publish(ONE, maintenance=False)
    assert said_of(plan_of(world, ONE)) == []


def test_zones_may_differ(world: World) -> None:
    world.edges.append({"kind": "cloudflare", "zone": OTHER_ZONE, "plan": "pro"})
    world.publish(ONE)
    both = world.edges
    world.edges = both[:1]
    world.publish(ONE, maintenance=True)
    world.edges = both
    assert world.publish(ONE).plan.is_empty
    assert world.publish(TWO).plan.announced == (f"cloudflare zone {ZONE}",)
    assert is_announced(world, TWO)
    assert not is_announced(world, TWO, "other.example")


def test_rules_that_somebody_disabled_announce_nothing(world: World) -> None:
    world.publish(ONE, maintenance=True)
    world.put([{**rule, "enabled": "_maintenance" not in rule["ref"]} for rule in world.rules()])
    world.publish(ONE)
    assert not is_announced(world, ONE)
    assert not [rule for rule in world.rules() if "_maintenance" in rule["ref"]]


def test_somebody_who_announces_it_while_we_publish_is_heard(world: World) -> None:
    world.publish(ONE)
    with closing(world.target(TWO)) as target:
        found = world.survey(TWO)[1]
        world.publish(ONE, maintenance=True)
        world.apply(target, found)
    assert is_announced(world, TWO)


def test_answers_that_differ_bring_the_previous_rules_back(world: World) -> None:
    world.publish(ONE)
    with pytest.raises(Exception, match="the previous rules are back"):
        world.publish(ONE, maintenance=True, verify=lambda _: ["503 for browser: status 200"])
    assert not is_announced(world, ONE)


def test_where_it_cannot_be_announced_nothing_is_written(world: World) -> None:
    without = build("1")
    with pytest.raises(PlanRefused) as caught:
        world.target(without, maintenance=True)
    assert caught.value.where == f"cloudflare zone {ZONE}"
    assert (
        caught.value.message == "cannot announce planned work: the site has no page maintenance in its default language"
    )
    world.publish(without, maintenance=False)
    assert world.problems(without) == []


def test_a_large_page_is_registered_for_as_long_as_it_is_needed(world: World) -> None:
    path = "pages/cloudflare/en/maintenance.html"
    large = build("1" + " and long" * 2000, WITH_MAINTENANCE)
    assert len(large.pages[path]) > 10_000 > len(ONE.pages[path])
    world.publish(large)
    assert len(world.assets()) == 4
    world.publish(large, maintenance=True)
    assert is_announced(world, large)
    assert [name.split("_")[3] for name in world.assets()] == ["1015", "404", "4xx", "maintenance"]
    assert world.publish(large).plan.is_empty
    world.publish(large, maintenance=False)
    assert not is_announced(world, large)
    assert [name.split("_")[3] for name in world.assets()] == ["1015", "404", "4xx", "5xx"]
