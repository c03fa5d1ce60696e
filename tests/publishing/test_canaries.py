"""Canaries go first, and what is wrong with them stops everything that would have followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx
import pytest

from site_builder.edges import open_edge
from site_builder.emulator import Zone
from site_builder.errors import ErrgenError, LiveAnswersDiffer, PartlyApplied, RemoteFailed
from site_builder.publishing import Outcome, survey
from site_builder.publishing.canaries import unverified

from .commands import away, back
from .faults import FAULTS, Fault, cloudflare_words
from .world import ACCOUNT, JSON, Send, Snapshot, World, an_entry, build

CANARY, SECOND, THIRD = "a" * 32, "b" * 32, "d" * 32
ZONES = {SECOND: "second.example", CANARY: "canary.example", THIRD: "third.example"}
NAMES = {zone: f"cloudflare zone {zone}" for zone in ZONES}
FAMILY = (an_entry("4xx", (400, 499)),)
OLD, NEW = build("1", FAMILY), build("2", FAMILY)
TABLE: JSON = {"kind": "cloudflare", "zones": list(ZONES), "canary": [CANARY], "plan": "pro"}


@dataclass
class Visitors:
    """Asks zones as ``verify`` does; ``unhappy`` ones answer something else. ``asked`` is in order."""

    unhappy: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        return ["404 of the website: marker (none)"] if name in {NAMES[zone] for zone in self.unhappy} else []


@pytest.fixture(scope="module")
def start(make_worlds: Callable[..., World]) -> tuple[World, Snapshot]:
    """The old version is live in three zones, among foreign rules."""
    world = make_worlds(zones=[Zone(zone, domain, ACCOUNT, "pro") for zone, domain in ZONES.items()])
    world.edges = [TABLE]
    world.publish(OLD)
    for zone in ZONES:
        world.put_around(zone)
    return world, world.snapshot()


@pytest.fixture
def world(start: tuple[World, Snapshot]) -> World:
    world, snapshot = start
    world.edges = [TABLE]
    world.go_back(snapshot)
    return world


def live(world: World) -> dict[str, str]:
    """What each zone's clients get: ``old`` or ``new``; anything else where they get neither, or a mixture."""
    return {zone: _live(world, domain) for zone, domain in ZONES.items()}


def _live(world: World, domain: str) -> str:
    found = [name for name, built in (("old", OLD), ("new", NEW)) if not world.problems(built, domain)]
    return " and ".join(found) or "neither"


def writes(world: World) -> list[tuple[str, str]]:
    """What was written where: method and zone, each only once where it is repeated."""
    found = [(method, path.split("/")[2]) for method, path in world.network.writes() if path.startswith("/zones/")]
    return [one for place, one in enumerate(found) if place == 0 or found[place - 1] != one]


def test_canaries_are_prepared_switched_and_asked_before_the_others(world: World) -> None:
    visitors = Visitors()
    outcome = world.publish(NEW, verify=visitors)
    assert writes(world) == [
        ("POST", CANARY), ("PUT", CANARY),
        ("POST", SECOND), ("POST", THIRD), ("PUT", SECOND), ("PUT", THIRD),
        ("DELETE", CANARY), ("DELETE", SECOND), ("DELETE", THIRD),
    ]  # fmt: skip
    assert visitors.asked == [NAMES[CANARY], NAMES[SECOND], NAMES[THIRD]]
    assert outcome.switched[:3] == (NAMES[CANARY], NAMES[SECOND], NAMES[THIRD])
    assert live(world) == dict.fromkeys(ZONES, "new")
    assert f"2 of 3: {NAMES[SECOND]}: switching 5 rules" in world.said


def test_people_are_told_which_are_canaries(world: World) -> None:
    target = world.target(NEW)
    assert target.notes == (f"canaries, switched and verified before the other edges: {NAMES[CANARY]}",)
    assert [remote.name for remote in target.remotes] == [NAMES[CANARY], NAMES[SECOND], NAMES[THIRD]]
    world.edges = [{**TABLE, "canary": True}]
    assert world.target(NEW).notes == ()


def test_others_are_not_touched_where_a_canary_is_not_as_published(world: World) -> None:
    before = {zone: (world.rules(zone), world.assets(zone)) for zone in (SECOND, THIRD)}
    with pytest.raises(
        LiveAnswersDiffer, match=f"^{NAMES[CANARY]}: 1 answers .* the previous rules are back$"
    ) as caught:
        world.publish(NEW, verify=Visitors({CANARY}))
    assert caught.value.exit_code == 8
    assert live(world) == dict.fromkeys(ZONES, "old")
    assert {zone: (world.rules(zone), world.assets(zone)) for zone in before} == before


def test_what_fails_later_is_put_back_and_new_canaries_stay(world: World) -> None:
    with pytest.raises(LiveAnswersDiffer) as caught:
        world.publish(NEW, verify=Visitors({SECOND}))
    assert str(caught.value).endswith(f"; the previous rules are back (already new and verified: {NAMES[CANARY]})")
    assert live(world) == {CANARY: "new", SECOND: "old", THIRD: "old"}
    world.refresh()
    visitors = Visitors()
    world.publish(NEW, verify=visitors)
    assert live(world) == dict.fromkeys(ZONES, "new")
    assert visitors.asked == [NAMES[CANARY], NAMES[SECOND], NAMES[THIRD]], "the canary is asked again"
    assert writes(world) == [
        ("PUT", SECOND), ("PUT", THIRD), ("DELETE", CANARY), ("DELETE", SECOND), ("DELETE", THIRD),
    ], "what was prepared already is used"  # fmt: skip


def test_a_failure_while_others_are_prepared_names_what_is_new(world: World) -> None:
    def refuse(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        if request.method == "POST" and SECOND in request.url.path:
            return httpx.Response(403, content=cloudflare_words(403))
        return send()

    world.network.spoil = refuse
    with pytest.raises(PartlyApplied) as caught:
        world.publish(NEW, verify=Visitors())
    assert str(caught.value).startswith(f"POST /zones/{SECOND}/custom_pages/assets: the new answers are live at ")
    assert live(world) == {CANARY: "new", SECOND: "old", THIRD: "old"}


def test_canaries_alone(world: World) -> None:
    current = (world.pages.root / "current").readlink()
    world.edges = [{**TABLE, "zones": [CANARY], "canary": True}]
    target = world.target(NEW, canaries_only=True)
    world.apply(target, survey(target), verify=Visitors())
    assert live(world) == {CANARY: "new", SECOND: "old", THIRD: "old"}
    assert (world.pages.root / "current").readlink() == current, "others' servers may read it"
    world.edges = [TABLE]
    world.refresh()
    visitors = Visitors()
    world.publish(NEW, verify=visitors)
    assert visitors.asked == [NAMES[CANARY], NAMES[SECOND], NAMES[THIRD]]
    assert {zone for _, zone in writes(world)} == {SECOND, THIRD}
    assert (world.pages.root / "current").readlink() != current
    assert world.survey(NEW)[1].plan.is_empty


@pytest.mark.parametrize("unreachable", [True, False])
def test_a_canary_that_has_turned_out_bad_keeps_the_others_from_following(world: World, unreachable: bool) -> None:
    world.edges = [{**TABLE, "zones": [CANARY], "canary": True}]
    world.publish(NEW)
    world.edges = [TABLE]
    world.refresh()

    def ask(name: str) -> Sequence[str]:
        if unreachable:
            raise RemoteFailed("cannot be asked: no route", where=name)
        return Visitors({CANARY})(name)

    with pytest.raises(ErrgenError, match=r"; the 2 after it are as they were$") as caught:
        world.publish(NEW, verify=ask)
    assert caught.value.exit_code == (6 if unreachable else 8)
    assert "errgen rollback --to RELEASE" in str(caught.value.hint)
    assert live(world) == {CANARY: "new", SECOND: "old", THIRD: "old"}
    assert writes(world) == []
    world.publish(NEW, verify=Visitors({CANARY}), keep=True)
    assert live(world) == dict.fromkeys(ZONES, "new")


@pytest.mark.parametrize("go", [lambda world: back(world, OLD.manifest.release), away], ids=["back", "away"])
def test_going_back_and_away_have_the_same_order(world: World, go: Callable[[World], Outcome]) -> None:
    foreign = {zone: world.foreign(zone) for zone in ZONES}
    world.publish(NEW)
    world.refresh()
    outcome = go(world)
    assert outcome.switched[:3] == (NAMES[CANARY], NAMES[SECOND], NAMES[THIRD])
    switched = [place for place in writes(world) if place[0] == "PUT"]
    assert switched == [("PUT", CANARY), ("PUT", SECOND), ("PUT", THIRD)]
    assert writes(world).index(("PUT", CANARY)) < min(
        place for place, (_, zone) in enumerate(writes(world)) if zone != CANARY
    )
    assert {zone: world.foreign(zone) for zone in ZONES} == foreign
    if go is away:
        assert not any(map(world.assets, ZONES))
    else:
        assert live(world) == dict.fromkeys(ZONES, "old")


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([TABLE], [(NAMES[CANARY], "nobody looks at")]),
        ([{**TABLE, "zones": dict.fromkeys(ZONES, "https://www.example.com")}], []),
        ([{**TABLE, "canary": True}], []),
        ([{**TABLE, "canary": False}], []),
        (
            [TABLE, {"kind": "cloudfront", "distribution": "EDFDVBD6EXAMPLE", "canary": True}],
            [
                (NAMES[CANARY], "nobody looks at"),
                ("cloudfront distribution EDFDVBD6EXAMPLE", "need minutes to be everywhere"),
            ],
        ),
    ],
)
def test_canaries_that_nobody_verifies_are_findings(tables: list[JSON], said: list[tuple[str, str]]) -> None:
    edges = [place for table in tables for place in open_edge(table, "x").places()]
    found = unverified(edges)
    assert [(one.id, one.severity, one.where) for one in found] == [
        ("canary-unverified", "warning", name) for name, _ in said
    ]
    assert all(part in one.message for one, (_, part) in zip(found, said, strict=True))


def meets(world: World, snapshot: Snapshot, fault: Fault, number: int) -> bool:
    """Publish with this request meeting ``fault``, and then once more; gives whether there was such a request."""
    world.go_back(snapshot)
    foreign = {zone: world.foreign(zone) for zone in ZONES}
    reached = False

    def spoil(at: int, request: httpx.Request, send: Send) -> httpx.Response:
        nonlocal reached
        if at != number:
            return send()
        reached = True
        return fault.over_httpx(request, send, cloudflare_words)

    world.network.spoil = spoil
    failure: BaseException | None = None
    try:
        world.publish(NEW, verify=Visitors())
    except (ErrgenError, KeyboardInterrupt) as caught:
        failure = caught
    stands = live(world)
    what = f"{fault} at {number}: {failure}"
    assert set(stands.values()) <= {"old", "new"}, what
    assert "new" not in (stands[SECOND], stands[THIRD]) or stands[CANARY] == "new", what
    assert "new" not in stands.values() or failure is None or getattr(failure, "exit_code", 7) == 7, what
    assert {zone: world.foreign(zone) for zone in ZONES} == foreign, what
    if failure is not None:
        world.refresh()
        world.publish(NEW, verify=Visitors())
    assert live(world) == dict.fromkeys(ZONES, "new"), what
    assert {zone: world.foreign(zone) for zone in ZONES} == foreign, what
    assert [len(world.assets(zone)) for zone in ZONES] == [1, 1, 1], what
    return reached


def test_any_one_request_may_fail(start: tuple[World, Snapshot], world: World) -> None:
    """Ten of them from the first registration on, each in another way."""
    world.publish(NEW)
    methods = [method for method, _ in world.network.asked]
    first, requests = methods.index("POST"), len(methods)
    for tenth, fault in enumerate(FAULTS[:10]):
        assert meets(world, start[1], fault, first + tenth * (requests - first) // 10)


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_every_request_may_fail_in_any_way(start: tuple[World, Snapshot], world: World, fault: Fault) -> None:
    number = 0
    while meets(world, start[1], fault, number):
        number += 1
    assert number > 40
