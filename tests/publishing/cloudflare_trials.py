"""Commands at an emulated Cloudflare with a folder as host, each from a start of its own, to be spoilt."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from site_builder.publishing.releases import require_whole

from .commands import away, back, backups, host_of, ours, restore, states, switch
from .faults import Fault, Trial, cloudflare_words
from .world import JSON, Built, Send, World, an_entry, build

SMALL = (an_entry("404"), an_entry("5xx", (500, 599)))
WITH_MAINTENANCE = (*SMALL, an_entry("maintenance", (500, 599)))
OLD, NEW = build("1", SMALL), build("2", SMALL)
PLANNED = build("1", WITH_MAINTENANCE)
COUNTED = ("id", "version", "last_updated")
"""What the emulator counts, and a second run counts differently."""


@dataclass(frozen=True)
class Command:
    """A command: what is there before, what it does, and by what its old and its new answers are known.

    What ``start`` gives is handed to ``run``.
    """

    start: Callable[[World], Any]
    run: Callable[[World, Any], object]
    is_old: Callable[[World], bool]
    is_new: Callable[[World], bool]


def serves(built: Built, *, announced: bool = False) -> Callable[[World], bool]:
    """Whether every client gets the complete answers of ``built``."""
    return lambda world: not world.problems(built, announced=announced)


def publish_both(world: World) -> None:
    world.publish(OLD)
    world.publish(NEW)


def off(world: World) -> bool:
    return states(world) == {False}


def publish_off(world: World) -> None:
    world.publish(NEW)
    switch(world, enabled=False)


def back_up(world: World) -> JSON:
    """Version 2 is live; gives a backup with version 1, whose assets are gone."""
    publish_both(world)
    backup: JSON = json.loads(backups(world)[-1].read_bytes())
    return backup


def planned(wanted: bool) -> Command:
    """Into planned work, or out of it."""
    return Command(
        lambda world: world.publish(PLANNED, maintenance=not wanted),
        lambda world, _: world.publish(PLANNED, maintenance=wanted),
        serves(PLANNED, announced=not wanted),
        serves(PLANNED, announced=wanted),
    )


COMMANDS = {
    "publish": Command(
        lambda world: world.publish(OLD), lambda world, _: world.publish(NEW), serves(OLD), serves(NEW)
    ),
    "rollback": Command(
        publish_both, lambda world, _: back(world, OLD.manifest.release), serves(NEW), serves(OLD)
    ),
    "removal": Command(publish_both, lambda world, _: away(world), serves(NEW), lambda world: not ours(world)),
    "disable": Command(
        lambda world: world.publish(NEW), lambda world, _: switch(world, enabled=False), serves(NEW), off
    ),
    "enable": Command(publish_off, lambda world, _: switch(world, enabled=True), off, serves(NEW)),
    "restore": Command(back_up, restore, serves(NEW), serves(OLD)),
    "maintenance": planned(wanted=True),
    "end of maintenance": planned(wanted=False),
}  # fmt: skip


class AtCloudflare(Trial):
    """A command in a world, among foreign rules and assets."""

    def __init__(self, world: World, name: str) -> None:
        self.name, self.world, self._command = name, world, COMMANDS[name]
        self._given = self._command.start(world)
        world.put_around()
        world.add_assets("errgen_default2_en_404_0badcafe", "logo")
        self._start = world.snapshot()
        super().__init__()

    def go_back(self) -> None:
        self.world.go_back(self._start)

    def command(self, fault_at: Callable[[int], Fault | None]) -> None:
        def spoil(number: int, request: httpx.Request, send: Send) -> httpx.Response:
            fault = fault_at(number)
            return fault.over_httpx(request, send, cloudflare_words) if fault else send()

        self.world.refresh()
        self.world.network.spoil = spoil
        try:
            self._command.run(self.world, self._given)
        finally:
            self.world.network.spoil = None

    def asked(self) -> Iterable[bool]:
        return [method != "GET" for method, _ in self.world.network.asked]

    def live(self) -> Iterable[str]:
        host = host_of(self.world)
        for release in host.releases():
            built = next(one for one in (OLD, NEW, PLANNED) if one.manifest.release == release.digest)
            require_whole(host, built.manifest)
        ours(self.world)
        if self._command.is_old(self.world):
            yield "old"
        if self._command.is_new(self.world):
            yield "new"

    def around(self) -> bytes:
        return self.world.foreign() + json.dumps([name for name in self.world.assets() if not is_ours(name)]).encode()

    def stored(self) -> Hashable:
        return rules_and_assets(self.world), folder(self.world)

    def said(self) -> str:
        return f"{self.world.said}"


def is_ours(name: str) -> bool:
    return name.startswith("errgen_default_")


def rules_and_assets(world: World) -> str:
    """All that Cloudflare has of ours."""
    zones: dict[str, JSON] = {}
    for (kind, name), scope in world.emulator.scopes.items():
        rules = [*scope.custom_error_rules, *scope.header_rules]
        zones[f"{kind} {name}"] = {
            "rules": [{k: v for k, v in one.items() if k not in COUNTED} for one in rules if is_ours(one["ref"])],
            "assets": {
                name: (one.url, one.description, hashlib.sha256(one.content).hexdigest())
                for name, one in scope.assets.items()
                if is_ours(name)
            },
        }
    return json.dumps(zones, sort_keys=True)


def folder(world: World) -> tuple[tuple[str, str], ...]:
    """All that the folder holds but records, whose names tell the time, and what a killed run was just writing."""
    root = world.pages.root
    return tuple(
        (path.relative_to(root).as_posix(), str(path.readlink()) if path.is_symlink() else _digest(path.read_bytes()))
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
        if root / "records" not in path.parents and not path.name.startswith(".errgen-tmp-")
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
