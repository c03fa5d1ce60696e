"""Back to a kept release, and away with everything of ours. What may fail on the way is in test_faults."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import httpx
import pytest

from site_builder import manifest as manifests
from site_builder.errors import PartlyApplied, PlanRefused, RemoteFailed, UsageError
from site_builder.publishing.releases import Kept, KeptPages, choose, kept, require_whole

from .commands import away, back, host_of, ours
from .memory_host import START, MemoryHost
from .world import Send, Snapshot, World, build

OLD, NEW = build("1"), build("2")


@pytest.fixture(scope="module")
def start(make_worlds: Callable[[], World]) -> tuple[World, Snapshot, list[str]]:
    """Version 2 is live among foreign rules, and version 1 was before it, with these rules."""
    world = make_worlds()
    world.publish(OLD)
    before = ours(world)
    world.publish(NEW)
    world.put_around()
    return world, world.snapshot(), before


def test_it_goes_back_by_one_switch_without_an_upload(start: tuple[World, Snapshot, list[str]]) -> None:
    world, snapshot, before = start
    world.go_back(snapshot)
    outcome = back(world)
    assert ours(world) == before
    assert world.problems(OLD) == []
    kinds = [method for method, path in world.network.writes()]
    assert kinds == ["POST"] * 4 + ["PUT"] + ["DELETE"] * 4
    assert {change.kind for change in outcome.plan.changes} == {"asset", "rule", "release"}
    assert outcome.plan.release == OLD.manifest.release
    with pytest.raises(UsageError, match="no release is kept from before the current one"):
        back(world)


def test_what_is_left_after_the_switch_is_carried_on_by_the_same_command(
    start: tuple[World, Snapshot, list[str]],
) -> None:
    world, snapshot, _ = start
    world.go_back(snapshot)

    def spoil(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        if request.method == "DELETE" and "rights_check" not in request.url.path:
            raise httpx.ConnectError("connection refused", request=request)
        return send()

    world.network.spoil = spoil
    with pytest.raises(PartlyApplied) as caught:
        back(world, OLD.manifest.release)
    assert "run: errgen rollback --to it  (it carries on from here)" in str(caught.value.hint)
    world.refresh()
    back(world, OLD.manifest.release)
    assert len(world.assets()) == 4


def test_after_everything_of_ours_has_gone_the_releases_are_still_kept(
    start: tuple[World, Snapshot, list[str]],
) -> None:
    world, snapshot, _ = start
    world.go_back(snapshot)
    foreign = world.foreign()
    away(world)
    assert (ours(world), world.assets(), host_of(world).current()) == ([], [], None)
    assert [one.digest for one in kept(host_of(world), "default")] == [OLD.manifest.release, NEW.manifest.release]
    world.publish(NEW)
    assert world.problems(NEW) == []
    assert world.foreign() == foreign


def test_pages_go_last_and_only_those_that_nothing_live_is_made_from(start: tuple[World, Snapshot, list[str]]) -> None:
    world, snapshot, _ = start
    world.go_back(snapshot)
    shop = build("1", site="shop")
    host = host_of(world)
    for path, content in shop.pages.items():
        file = next(one for one in shop.manifest.files if one.path == path)
        host.write(host.place(path, file.sha256, shop.manifest.release), content, file.media_type, None)
    current = host.current()
    host.activate(shop.manifest.release, manifests.dumps(shop.manifest))
    host.activate(NEW.manifest.release, manifests.dumps(NEW.manifest))
    assert host.current() == current
    away(world, "pages")
    left = {key for key in host.list() if shop.manifest.release[:12] not in key}
    assert left == {
        host.place(f"pages/cloudflare/en/{key}.html", "", NEW.manifest.release) for key in ("404", "1015", "4xx", "5xx")
    }
    assert [one.digest for one in host.releases()] == [shop.manifest.release]
    assert away(world, "pages").plan.is_empty


def test_a_zone_alone_leaves_the_host_as_it_is(start: tuple[World, Snapshot, list[str]]) -> None:
    world, snapshot, _ = start
    world.go_back(snapshot)
    foreign = world.foreign()
    away(world, "rules")
    assert (world.foreign(), world.assets()) == (foreign, [])
    assert host_of(world).current() == NEW.manifest.release


THREE = [Kept(digest * 32, START, b"{}") for digest in ("ab", "ac", "cd")]
LISTED = ", ".join(f"{digest * 6} of 2026-11-21 00:00 UTC" for digest in ("cd", "ac", "ab"))


@pytest.mark.parametrize(
    ("current", "to", "chosen"), [(2, None, 1), (1, None, 0), (0, "c", 2), (0, "AC", 1), (None, "ab", 0), (1, "ac", 1)]
)
def test_which_release_is_meant(current: int | None, to: str | None, chosen: int) -> None:
    digest = None if current is None else THREE[current].digest
    assert choose(THREE, digest, to, "there") is THREE[chosen]


@pytest.mark.parametrize(
    ("there", "current", "to", "message", "hint"),
    [
        (THREE, "ab" * 32, None, "no release is kept from before the current one, abababababab",
         f"name one with --to; there are: {LISTED} (current)"),
        (THREE, None, None, "no release is current, so that none is before it",
         f"name one with --to; there are: {LISTED}"),
        (THREE, None, "a", "more than one kept release begins with 'a'", f"there are: {LISTED}"),
        (THREE, None, "ff", "no kept release begins with 'ff'", f"there are: {LISTED}"),
        (THREE, None, "", "no kept release begins with ''", f"there are: {LISTED}"),
        ([], None, "ff", "keeps no release of this site", "errgen publish makes the first"),
    ],
)  # fmt: skip
def test_which_release_is_not_there(
    there: Sequence[Kept], current: str | None, to: str | None, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        choose(there, current, to, "there")
    assert (caught.value.message, caught.value.where, caught.value.hint) == (message, "there", hint)


@pytest.mark.parametrize("by_content", [True, False])
def test_pages_are_proved_when_they_are_read(by_content: bool) -> None:
    host = MemoryHost(by_content)
    keys = {one.path: host.place(one.path, one.sha256, OLD.manifest.release) for one in OLD.manifest.files}
    for path, key in keys.items():
        host.write(key, OLD.pages[path], "text/html", None)
    host.activate(OLD.manifest.release, manifests.dumps(OLD.manifest))
    pages = KeptPages(host, OLD.manifest)
    assert dict(pages) == dict(OLD.pages)
    require_whole(host, OLD.manifest)
    (one,) = kept(host, "default")
    assert one.manifest(host.name) == OLD.manifest
    assert kept(host, "other") == []
    path = "pages/cloudflare/en/404.html"
    host.write(keys[path], OLD.pages[path].replace(b"version 1", b"version 9"), "text/html", None)
    require_whole(host, OLD.manifest)  # this host tells sizes alone
    with pytest.raises(RemoteFailed, match="is not what was published"):
        KeptPages(host, OLD.manifest)[path]
    assert pages[path] == OLD.pages[path]
    host.delete([keys[path]])
    with pytest.raises(PlanRefused, match="1 of its 16 pages are missing or altered, the first: " + path):
        require_whole(host, OLD.manifest)
