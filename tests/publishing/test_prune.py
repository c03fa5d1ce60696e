"""What goes and what stays at a host: after any sequence of publishes, and through whole publishes of a small site."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response

from site_builder import manifest as manifests
from site_builder.errors import PartlyApplied, RemoteFailed
from site_builder.hosts import Stored
from site_builder.hosts.directory import Directory
from site_builder.model import Finding
from site_builder.publishing import survey
from site_builder.publishing.prune import Stale, stale, sweep
from site_builder.publishing.target import Target

from .commands import NOTHING
from .memory_host import START, MemoryHost
from .world import ZONE, Built, World, build

SITES = {site: [build(f"{n} but 404", site=site) for n in range(5)] for site in ("default", "shop")}
STATIC = {"kind": "netlify"}
PUBLISH, BREAK_OFF, ROLL_BACK, FORGET = "publish", "break off", "roll back", "forget"
steps = st.lists(
    st.tuples(
        st.sampled_from([PUBLISH, PUBLISH, PUBLISH, BREAK_OFF, ROLL_BACK, FORGET]),
        st.sampled_from([*SITES]),
        st.integers(0, 4),
    ),
    max_size=14,
)


def target_of(built: Built, host: Any) -> Target:
    return Target(built.manifest, manifests.dumps(built.manifest), built.read, host, ())


def keys_of(built: Built, host: MemoryHost) -> set[str]:
    return {host.place(file.path, file.sha256, built.manifest.release) for file in built.manifest.files}


def upload(built: Built, host: MemoryHost) -> None:
    for file in built.manifest.files:
        if (key := host.place(file.path, file.sha256, built.manifest.release)) not in host.files:
            host.write(key, built.read(file.path), file.media_type, None)


def publish(built: Built, host: MemoryHost, live: set[str]) -> None:
    """As ``apply`` does with a host, in its order."""
    target, before = target_of(built, host), host.current()
    upload(built, host)
    planned = stale(target, host.list(), before, live)
    host.activate(built.manifest.release, target.manifest_bytes)
    sweep(target, {*planned.pages, *(release.digest for release in planned.releases)}, before, live)


@given(steps, st.booleans(), st.integers(1, 4))
def test_what_a_kept_release_or_a_live_answer_names_is_always_there(
    taken: list[tuple[str, str, int]], by_content: bool, keep: int
) -> None:
    host = MemoryHost(by_content, keep)
    releases = {built.manifest.release: built for versions in SITES.values() for built in versions}
    live: dict[str, set[str]] = {"default": set(), "shop": set()}  # an edge keeps fetching what it was given first
    before: dict[str, str] = {}
    for step, site, version in taken:
        if step == PUBLISH:
            built = SITES[site][version]
            host.active = before.get(site)
            publish(built, host, {host.url(key) for keys in live.values() for key in keys})
            before[site] = built.manifest.release
            live[site] |= {key for key in keys_of(built, host) if "404" in key}
        elif step == BREAK_OFF:
            upload(SITES[site][version], host)
        elif step == ROLL_BACK and (there := [r for r in host.releases() if releases[r.digest].manifest.site == site]):
            before[site] = there[version % len(there)].digest
        elif step == FORGET:
            live[site] = set()
        kept = [releases[release.digest] for release in host.releases()]
        needed = set().union(*(keys_of(built, host) for built in kept), *live.values())
        assert needed <= host.files.keys()
        assert {*before.values()} <= {built.manifest.release for built in kept}
        for name in live:
            assert len([built for built in kept if built.manifest.site == name]) <= keep


def test_the_release_before_is_kept_however_old_it_is() -> None:
    host, versions = MemoryHost(by_content=True, keep=2), SITES["default"]
    for built in versions[:3]:
        publish(built, host, set())
    assert [release.digest for release in host.releases()] == [built.manifest.release for built in versions[1:3]]
    host.activate(versions[1].manifest.release, b"")
    publish(versions[3], host, set())
    assert {release.digest for release in host.releases()} == {built.manifest.release for built in versions[1:4:2]}
    assert set(host.list()) == keys_of(versions[1], host) | keys_of(versions[3], host)


def test_what_no_release_names_goes_when_no_publish_can_be_at_it_any_more() -> None:
    host, (one, two, *_) = MemoryHost(by_content=True), SITES["default"]
    publish(one, host, set())
    newest = host.releases()[-1].published
    ages = {"o/old-11111111.html": newest - timedelta(hours=25), "o/new-22222222.html": newest - timedelta(hours=23)}
    listed = {key: Stored(key, 1, modified=moment) for key, moment in ages.items()} | {
        "o/x-33333333.html": Stored("x", 1)
    }
    assert stale(target_of(two, host), listed, None, ()) == Stale((), ("o/old-11111111.html",))
    live = ["https://errors.example.com/some/prefix/o/old-11111111.html?x=1"]
    assert stale(target_of(two, host), listed, None, live) == Stale()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"site": "default"}', b'{"site": "default", "files": [{}]}'])
def test_a_manifest_that_cannot_be_read_keeps_everything(content: bytes) -> None:
    host, versions = MemoryHost(by_content=True, keep=1), SITES["default"]
    publish(versions[0], host, set())
    key = f"{versions[0].manifest.release}.manifest"
    host.files[key] = (content, START)
    found = stale(target_of(versions[1], host), host.list(), None, ())
    assert (found, [finding.id for finding in found.findings("memory")]) == (
        Stale(unread=(key,)),
        ["release-unreadable"],
    )


def test_nothing_goes_where_some_edges_have_not_been_asked() -> None:
    host, versions = MemoryHost(by_content=True, keep=1), SITES["default"]
    publish(versions[0], host, set())
    target = target_of(versions[1], host)
    assert stale(target, host.list(), None, ()).releases
    assert stale(replace(target, partial=True), host.list(), None, ()) == Stale()


def test_manifests_of_other_versions_are_read_as_far_as_needed() -> None:
    host, versions = MemoryHost(by_content=True, keep=1), SITES["default"]
    publish(versions[0], host, set())
    key = f"{versions[0].manifest.release}.manifest"
    raw = json.loads(host.read(key))
    host.files[key] = (json.dumps({"site": raw["site"], "files": raw["files"], "new": 1}).encode(), START)
    found = stale(target_of(versions[1], host), host.list(), None, ())
    assert set(found.pages) == keys_of(versions[0], host) - keys_of(versions[1], host)


def folders(world: World) -> list[str]:
    return sorted(path.name for path in (world.pages.root / "releases").iterdir() if path.is_dir())


def test_three_releases_are_kept_and_the_plan_says_what_goes(world: World) -> None:
    versions = [build(str(n)) for n in range(4)]
    for built in versions[:3]:
        assert world.publish(built).unpruned is None
    first = versions[0].manifest
    plan = world.survey(versions[3])[1].plan
    deleted = [change for change in plan.changes if change.action == "delete" and change.kind in ("page", "release")]
    assert {(change.target, change.reason) for change in deleted} == {(f"directory {world.pages.root}", "stale")}
    assert [(change.kind, change.name) for change in deleted] == [
        ("release", first.release),
        *(("page", f"releases/{first.release[:12]}/{file.path}") for file in first.files),
    ]
    world.publish(versions[3])
    assert folders(world) == sorted(built.manifest.release[:12] for built in versions[1:])
    assert world.problems(versions[3]) == []
    assert world.survey(versions[3])[1].plan.is_empty


def test_a_page_that_an_asset_was_fetched_from_stays(world: World) -> None:
    versions = [build(f"{n} but 404") for n in range(1, 6)]
    for built in versions:
        world.publish(built)
    first = versions[0].manifest.release[:12]
    assert folders(world) == sorted([first, *(built.manifest.release[:12] for built in versions[2:])])
    left = [path for path in (world.pages.root / "releases" / first).rglob("*") if path.is_file()]
    assert sorted({path.name for path in left}) == ["404.html"]


def test_keeping_is_the_hosts_to_say(world: World) -> None:
    world.edges = [STATIC]
    for version in "123":
        world.publish(build(version), host={**world.host_table, "keep": 1})
    assert folders(world) == [build("3").manifest.release[:12]]


def test_a_publish_that_runs_elsewhere_keeps_its_pages(world: World) -> None:
    world.edges = [STATIC]
    world.publish(build("1"), host={**world.host_table, "keep": 1})
    page = world.pages.root / "releases/abcdefabcdef/pages/cloudflare/en/404.html"
    page.parent.mkdir(parents=True)
    page.write_text("being uploaded")
    world.publish(build("2"), host={**world.host_table, "keep": 1})
    assert page.read_text() == "being uploaded"


def test_a_host_that_does_not_delete_is_reported_and_swept_by_the_next_publish(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Iterator[None]:
        raise RemoteFailed("is busy", where="the host")

    world.edges = [STATIC]
    table = {**world.host_table, "keep": 1}
    world.publish(build("1"), host=table)
    with monkeypatch.context() as patch:
        patch.setattr(Directory, "delete", refuse)
        outcome = world.publish(build("2"), host=table)
    assert (outcome.unpruned, outcome.switched[-1]) == ("the host: is busy", f"directory {world.pages.root}")
    assert len(folders(world)) == 2
    world.publish(build("3"), host=table)
    assert folders(world) == [build("3").manifest.release[:12]]


def test_what_became_needed_after_the_plan_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.edges = [STATIC]
    table = {**world.host_table, "keep": 2}
    one, two, three = (build(version) for version in "123")
    world.publish(one, host=table)
    world.publish(two, host=table)
    target, found = world.survey(three, host=table)
    first = one.manifest.release[:12]
    assert any(first in change.name for change in found.plan.changes if change.action == "delete")
    activate = Directory.activate

    def and_another(host: Directory, release: str, manifest: bytes) -> None:
        monkeypatch.undo()
        activate(host, release, manifest)
        world.publish(one, host=table)  # somebody goes back to it meanwhile

    monkeypatch.setattr(Directory, "activate", and_another)
    with closing(target):
        world.apply(target, found)
    assert folders(world) == sorted(built.manifest.release[:12] for built in (one, three))
    assert (world.pages.root / "current").readlink().name == first


def bring_at_once(built: Built, host: MemoryHost) -> None:
    """Publish, and sweep nothing; then everything is of the same hour."""
    upload(built, host)
    host.activate(built.manifest.release, manifests.dumps(built.manifest))
    host.files = {key: (content, START) for key, (content, _) in host.files.items()}
    host.moment = START


def test_what_no_release_names_goes_with_all_that_is_ours_but_not_beside_another_site() -> None:
    host = MemoryHost(by_content=True)
    removed = replace(target_of(NOTHING, host), removal="pages")
    (one, two, *_), shop = SITES["default"], SITES["shop"][0]
    upload(two, host)
    everything = tuple(sorted(keys_of(two, host)))
    assert stale(removed, host.list(), None, ()) == Stale(pages=everything), "no publish ever came to its end"
    bring_at_once(one, host)
    everything = tuple(sorted(keys_of(one, host) | keys_of(two, host)))
    found = stale(removed, host.list(), None, ())
    assert found == Stale(host.releases(), everything)
    assert found.findings("memory") == []
    live = next(key for key in everything if "404" in key)
    found = stale(removed, host.list(), None, [host.url(live)])
    assert found == Stale(host.releases(), tuple(key for key in everything if key != live), live=(live,))
    assert found.findings("memory") == [
        Finding(
            "pages-live",
            "info",
            "1 page stays that live answers were made from until now",
            "memory",
            "later, to remove what stays: errgen rollback --to none --purge",
        )
    ]
    first = host.releases()
    bring_at_once(shop, host)
    unfinished = tuple(sorted(keys_of(two, host) - keys_of(one, host) - keys_of(shop, host)))
    found = stale(removed, host.list(), None, ())
    ours = tuple(sorted(keys_of(one, host) - keys_of(shop, host)))
    assert found == Stale(first, ours, unfinished=unfinished)
    assert found.findings("memory") == [
        Finding(
            "pages-unfinished",
            "info",
            f"{len(unfinished)} pages stay that no release names, for another site may be bringing them",
            "memory",
            "in a day, to remove what stays: errgen rollback --to none --purge",
        )
    ]
    host.moment += timedelta(days=2)
    host.write(young := "o/young-44444444.html", b"", "text/html", None)
    gone = tuple(sorted({*ours, *unfinished}))
    assert stale(removed, host.list(), None, ()) == Stale(first, gone, unfinished=(young,))


def test_a_host_to_which_no_publish_ever_came_to_its_end_is_swept_too() -> None:
    host, (one, two, *_) = MemoryHost(by_content=False), SITES["default"]
    upload(one, host)
    assert stale(target_of(two, host), host.list(), None, ()) == Stale()
    host.moment += timedelta(days=1)
    upload(two, host)
    assert stale(target_of(two, host), host.list(), None, ()) == Stale(pages=tuple(sorted(keys_of(one, host))))


def broken_off(world: World, built: Built) -> None:
    """Publish ``built`` where its pages are not at the address that the host is said to have."""
    world.pages.instead = lambda _: Response("no such page", 404)
    with pytest.raises(RemoteFailed):
        world.publish(built)
    world.pages.instead = lambda _: None


def test_what_a_failed_publish_left_goes_a_day_later_as_the_host_counts(world: World) -> None:
    one, failed, three = (build(version) for version in "123")
    world.publish(one)
    broken_off(world, failed)
    world.publish(three)
    assert folders(world) == sorted(built.manifest.release[:12] for built in (one, failed, three))
    manifest = world.pages.root / f"releases/{three.manifest.release}.json"
    moment = manifest.stat().st_mtime + timedelta(hours=25).total_seconds()
    os.utime(manifest, (moment, moment))
    plan = world.survey(build("4"))[1].plan
    left = f"releases/{failed.manifest.release[:12]}"
    deleted = [(change.kind, change.name, change.reason) for change in plan.changes if change.action == "delete"]
    assert [one for one in deleted if one[0] == "page"] == [
        ("page", f"{left}/{file.path}", "stale") for file in failed.manifest.files
    ]
    assert world.publish(build("4")).unpruned is None
    assert left.rpartition("/")[2] not in folders(world)


def test_removing_everything_takes_what_a_failed_publish_left(world: World) -> None:
    world.edges = [STATIC]
    world.publish(build("1"))
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "pro"}]
    broken_off(world, build("2"))
    assert len(folders(world)) == 2
    with closing(world.target(NOTHING, removal="pages")) as target:
        world.apply(target, survey(target))
        assert survey(target).plan.is_empty
    assert [path.name for path in (world.pages.root).rglob("*") if "records" not in path.parts] == []


def test_a_host_that_does_not_delete_fails_where_everything_is_to_be_removed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Iterator[None]:
        raise RemoteFailed("is busy", where="the host")

    world.edges = [STATIC]
    world.publish(build("1"))
    with monkeypatch.context() as patch, closing(world.target(NOTHING, removal="pages")) as target:
        patch.setattr(Directory, "delete", refuse)
        with pytest.raises(PartlyApplied, match="but then: is busy"):
            world.apply(target, survey(target))
    with closing(world.target(NOTHING, removal="pages")) as target:
        world.apply(target, survey(target))
    assert not (world.pages.root / "releases").exists()
