"""A backup put back: our rules as they were, foreign ones as they are, and assets that are gone fetched again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from starlette.responses import Response

from site_builder.errors import InvalidInput, PlanRefused, RemoteFailed

from .commands import backups, restore, switch
from .world import FOREIGN_FIRST, FOREIGN_LAST, JSON, WITH_MAINTENANCE, ZONE, Snapshot, World, build

ONE, TWO = build("1", WITH_MAINTENANCE), build("2", WITH_MAINTENANCE)


@pytest.fixture(scope="module")
def start(make_worlds: Callable[[], World]) -> tuple[World, Snapshot, JSON]:
    """Version 2 is live among foreign rules; a backup has version 1, whose assets are gone."""
    world = make_worlds()
    world.publish(ONE)
    world.put([*world.rules(), FOREIGN_LAST])
    world.publish(TWO)
    backup = json.loads(backups(world)[-1].read_bytes())
    world.put([FOREIGN_FIRST, *world.rules()])
    return world, world.snapshot(), backup


def test_ours_come_back_and_others_stay_as_they_are(start: tuple[World, Snapshot, JSON]) -> None:
    world, snapshot, backup = start
    world.go_back(snapshot)
    foreign = world.foreign()
    outcome = restore(world, backup)
    writes = [method for method, _ in world.network.writes()]
    assert writes == ["POST"] * 4 + ["PUT"] + ["DELETE"] * 4
    assert outcome.switched == (f"cloudflare zone {ZONE}",)
    assert world.problems(ONE) == []
    assert world.foreign() == foreign
    world.refresh()
    assert restore(world, backup).plan.is_empty
    assert world.network.writes() == []
    assert world.publish(ONE).plan.of(f"cloudflare zone {ZONE}") == ()
    world.publish(TWO)
    assert world.problems(TWO) == []


def test_a_bad_edit_by_hand_is_undone(start: tuple[World, Snapshot, JSON]) -> None:
    world, snapshot, _ = start
    world.go_back(snapshot)
    world.publish(ONE)
    world.publish(TWO)
    bad = [
        {**rule, "expression": "true"} if rule["ref"] == "errgen_default_html_404" else rule for rule in world.rules()
    ]
    world.put(bad)
    foreign = world.foreign()
    switch(world, enabled=False)
    *_, good, disabled = backups(world)
    restore(world, json.loads(disabled.read_bytes()))  # with the bad edit, and on again
    assert [(rule["ref"], rule["expression"], rule["enabled"]) for rule in world.rules()] == [
        (rule["ref"], rule["expression"], rule["enabled"]) for rule in bad
    ]
    assert restore(world, json.loads(disabled.read_bytes())).plan.is_empty
    restore(world, json.loads(good.read_bytes()))
    assert world.problems(ONE) == []
    assert world.foreign() == foreign


def test_a_page_that_is_no_longer_there_is_not_registered(start: tuple[World, Snapshot, JSON]) -> None:
    world, snapshot, backup = start
    for answer, message in ((Response("gone", 404), "answered 404"), (Response("else"), "answered other bytes")):
        world.go_back(snapshot)
        world.pages.instead = lambda path, answer=answer: answer if path.endswith("/4xx.html") else None  # type: ignore[misc]
        with pytest.raises(RemoteFailed, match=message) as caught:
            restore(world, backup)
        world.pages.instead = lambda _: None
        assert caught.value.hint == (
            "the page of that time is not there any more; go back to a kept release instead: errgen rollback"
        )
        assert world.network.writes() == []
        assert world.problems(TWO) == []


def test_assets_that_the_backup_does_not_know(start: tuple[World, Snapshot, JSON]) -> None:
    world, snapshot, backup = start
    world.go_back(snapshot)
    (name, *_) = sorted(name for name in backup["assets"] if name.startswith("errgen_default"))
    for assets in (
        {key: value for key, value in backup["assets"].items() if key != name},
        {**backup["assets"], name: {**backup["assets"][name], "description": "by hand"}},
    ):
        with pytest.raises(PlanRefused) as caught:
            restore(world, {**backup, "assets": assets})
        assert caught.value.message == (
            "1 assets that the backup's rules name are gone, and it does not say which pages they were, the first: "
            f"{name}"
        )
    assert world.network.writes() == []


@pytest.mark.parametrize(
    "broken", [{}, {"rules": 3, "assets": {}}, {"rules": [], "assets": []}, {"rules": [3], "assets": {}}]
)
def test_what_is_no_backup(start: tuple[World, Snapshot, JSON], broken: JSON) -> None:
    world, _, _ = start
    with pytest.raises(InvalidInput, match="the file: is not a backup of Cloudflare's rules that errgen wrote"):
        restore(world, broken)
