"""Worlds to publish in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from site_builder.emulator import Emulator, Zone, create_app
from site_builder.serving import running

from .world import ACCOUNT, FACTS, OTHER_ZONE, TOKEN, ZONE, Changeable, Folder, World


@pytest.fixture(scope="session")
def cloudflare_server() -> Iterator[Changeable]:
    changeable = Changeable()
    with running(changeable) as url:
        changeable.url = url
        yield changeable


@pytest.fixture(scope="session")
def page_server() -> Iterator[Changeable]:
    changeable = Changeable()
    with running(changeable) as url:
        changeable.url = url
        yield changeable


@pytest.fixture(scope="module")
def make_worlds(
    tmp_path_factory: pytest.TempPathFactory, cloudflare_server: Changeable, page_server: Changeable
) -> Iterator[Callable[..., World]]:
    """Makes worlds, one after the other: a new one replaces the one before."""
    made: list[World] = []

    def make(**options: Any) -> World:
        folder = tmp_path_factory.mktemp("project")
        pages = Folder(folder / "public")
        pages.root.mkdir()
        zones = [Zone(ZONE, "example.com", ACCOUNT, "pro"), Zone(OTHER_ZONE, "other.example", ACCOUNT, "pro")]
        emulator = Emulator(options.pop("zones", zones), token=TOKEN, **options)
        cloudflare_server.app = create_app(emulator, facts=FACTS)
        page_server.app = pages
        world = World(folder, emulator, cloudflare_server.url, pages, page_server.url)
        emulator.log = world.logged.append
        made.append(world)
        return world

    yield make
    for world in made:
        world.network.hang_up()


@pytest.fixture
def world(make_worlds: Callable[..., World]) -> World:
    return make_worlds()
