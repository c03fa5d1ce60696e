"""Commands that take a site back, away, off and on in a world; publishing is the world's own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from site_builder.edges import open_edge
from site_builder.edges.cloudflare.remote import open_toggle
from site_builder.edges.cloudflare.restoring import open_restore
from site_builder.hosts import Host
from site_builder.model import Manifest
from site_builder.publishing import Outcome, Target, survey
from site_builder.publishing.no_host import NoHost
from site_builder.publishing.proof import prover
from site_builder.publishing.releases import KeptPages, choose, kept, require_whole
from site_builder.publishing.target import NO_RELEASE, Removal, site_host

from .world import JSON, TOKEN, Built, World

NOTHING = Built(Manifest("default", "plain", ("en",), (), (), NO_RELEASE), {})


def host_of(world: World) -> Host:
    return site_host(world.host_table, {}, where="errgen.toml: site.default", project=world.folder)


def back(world: World, to: str | None = None) -> Outcome:
    host = host_of(world)
    release = choose(kept(host, "default"), host.current(), to, host.name)
    manifest = release.manifest(host.name)
    require_whole(host, manifest)
    return applied(world, world.target(Built(manifest, KeptPages(host, manifest))))


def away(world: World, removal: Removal = "release") -> Outcome:
    return applied(world, world.target(NOTHING, removal=removal))


def applied(world: World, target: Target) -> Outcome:
    with closing(target):
        return world.apply(target, survey(target), command="rollback --to it")


def ours(world: World) -> list[str]:
    """Our live rules by their descriptions, which end in their digests; the assets that they name are there."""
    live = [rule for rule in world.rules() if rule["ref"].startswith("errgen_default_")]
    assert {rule["action_parameters"].get("asset_name") for rule in live} <= {None, *world.assets()}
    return [rule["description"] for rule in live]


def no_page(path: str) -> bytes:
    raise KeyError(path)


def switch(world: World, *, enabled: bool) -> Outcome:
    manifest = Manifest("default", "plain", ("en",), (), (), NO_RELEASE)
    remotes = [
        open_toggle(
            manifest,
            no_page,
            open_edge(table, "x").options,
            {"CLOUDFLARE_API_TOKEN": TOKEN, "CLOUDFLARE_BASE_URL": f"{world.url}/client/v4"},
            enabled=enabled,
            report=world.said.append,
            transport=world.network,
            sleep=world.clock.sleep,
            now=world.clock,
        )
        for table in world.edges
    ]
    target = Target(manifest, b"", no_page, NoHost(), tuple(remotes), removal="rules")
    with closing(target):
        return world.apply(target, survey(target), command="publish --disable")


def states(world: World) -> set[bool]:
    return {rule["enabled"] for rule in world.rules() if rule["ref"].startswith("errgen_default_")}


def backups(world: World) -> list[Path]:
    return sorted((world.folder / ".errgen/backups").iterdir())


def restore(world: World, backup: JSON) -> Outcome:
    manifest = Manifest("default", "plain", ("en",), (), (), NO_RELEASE)
    remote = open_restore(
        backup,
        "the file",
        manifest,
        no_page,
        open_edge(world.edges[0], "x").options,
        {"CLOUDFLARE_API_TOKEN": TOKEN, "CLOUDFLARE_BASE_URL": f"{world.url}/client/v4"},
        prove=prover(sleep=world.clock.sleep, report=world.said.append, transport=world.network),
        digests=dict,
        report=world.said.append,
        transport=world.network,
        sleep=world.clock.sleep,
        now=world.clock,
    )
    with closing(Target(manifest, b"", no_page, NoHost(), (remote,), removal="rules")) as target:
        return world.apply(target, survey(target), command="restore the-file")
