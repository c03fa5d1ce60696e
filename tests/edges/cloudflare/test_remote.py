"""The steps of publishing to one zone or account. How they play together is tested with publishing itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from site_builder.errors import RemoteFailed
from tests.publishing.conftest import cloudflare_server, make_worlds, page_server, world
from tests.publishing.world import ACCOUNT, FOREIGN_FIRST, ZONE, Built, World, build

__all__ = ["cloudflare_server", "make_worlds", "page_server", "world"]  # fixtures

ONE, TWO = build("1"), build("2")


def remote(world: World, built: Built) -> Any:
    return world.target(built).remotes[0]


def test_is_named_by_its_scope(world: World) -> None:
    world.edges.append({"kind": "cloudflare", "account": ACCOUNT})
    with closing(world.target(ONE)) as target:
        assert [one.name for one in target.remotes] == [f"cloudflare zone {ZONE}", f"cloudflare account {ACCOUNT}"]


def test_needs_a_token(world: World) -> None:
    world.environ["CLOUDFLARE_API_TOKEN"] = ""
    with pytest.raises(RemoteFailed, match="CLOUDFLARE_API_TOKEN is not set"):
        world.target(ONE)


def test_a_backup_has_all_that_was_live(world: World) -> None:
    world.put([FOREIGN_FIRST])
    world.publish(ONE)
    one = remote(world, TWO)
    backup = json.loads(one.backup(one.read()))
    assert {key: backup[key] for key in ("target", "site", "version", "error_pages")} == {
        "target": f"cloudflare zone {ZONE}", "site": "default", "version": "2", "error_pages": {},
    }  # fmt: skip
    assert backup["rules"] == world.rules()
    assert sorted(backup["assets"]) == world.assets()
    assert all(asset["url"].startswith(world.pages_url) for asset in backup["assets"].values())


def test_fetches_only_what_is_missing(world: World) -> None:
    one = remote(world, ONE)
    assert set(one.fetches(one.read())) == {f"pages/cloudflare/en/{key}.html" for key in ("404", "1015", "4xx", "5xx")}
    world.publish(ONE)
    partly = remote(world, build("2 but 404"))
    assert "pages/cloudflare/en/404.html" not in partly.fetches(partly.read())


def test_where_it_stands(world: World) -> None:
    world.publish(ONE)
    two = remote(world, TWO)
    state = two.read()
    assert two.standing(state) == "old"
    world.publish(TWO)
    assert two.standing(state) == "new"
    world.put(world.rules()[1:])
    assert two.standing(state) == "neither"


@pytest.mark.parametrize("around", [World.put_around, lambda world: world.put([FOREIGN_FIRST, *world.rules()])])
def test_going_back_keeps_what_others_wrote_since(world: World, around: Callable[[World], None]) -> None:
    world.publish(ONE)
    two = remote(world, TWO)
    before = two.read()
    world.publish(TWO)
    around(world)
    foreign = world.foreign()
    assert json.loads(foreign)
    for asset in before.assets:
        world.add_assets(asset.name)
    two.restore(before)
    assert world.foreign() == foreign
    ours = [rule for rule in world.rules() if rule["ref"].startswith("errgen_default_")]
    assert [rule["description"] for rule in ours] == [rule["description"] for rule in before.rules]


def test_going_back_to_nothing(world: World) -> None:
    one = remote(world, ONE)
    before = one.read()
    world.publish(ONE)
    one.restore(before)
    assert world.rules() == []


def test_knows_its_pages_by_their_assets(world: World) -> None:
    one = remote(world, ONE)
    file = next(file for file in ONE.manifest.files if file.path == "pages/cloudflare/en/404.html")
    assert one.page_of(f"errgen_default_en_404_{file.sha256[:8]}") == (file.path, file.sha256)
    assert one.page_of("logo") is None
