"""Back to a kept release, and away with everything of ours, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

import httpx
import pytest

from site_builder import manifest as manifests
from site_builder.errors import ErrgenError, PlanRefused, RemoteFailed, UsageError
from site_builder.hosts import Host
from site_builder.model import Manifest
from site_builder.publishing import Outcome, Target, survey
from site_builder.publishing.releases import Kept, KeptPages, choose, kept, require_whole
from site_builder.publishing.target import NO_RELEASE, Removal, site_host

from .memory_host import START, MemoryHost
from .test_faults import Fault, ctrl_c, ctrl_c_too_late, html_502_too_late, lost, not_a_success, refused
from .world import TOKEN, Built, Send, Snapshot, World, build

OLD, NEW = build("1"), build("2")
NOTHING = Built(Manifest("default", "plain", ("en",), (), (), NO_RELEASE), {})
FAULTS = [lost, not_a_success, ctrl_c_too_late, refused, html_502_too_late, ctrl_c]
"""Taken in turn from request to request: the steps are those of a publish, which meets all faults at each."""

LONGEST = 40
"""More than the requests of one rollback."""


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


def failure_of(world: World, fault: Fault, number: int, step: Callable[[], Outcome]) -> tuple[ErrgenError | None, bool]:
    """What ``step`` fails with where that request is spoilt, and whether it came to that request at all."""

    def spoil(at: int, request: httpx.Request, send: Send) -> httpx.Response:
        return fault(request, send) if at == number else send()

    world.network.spoil = spoil
    failure: ErrgenError | None = None
    try:
        step()
    except ErrgenError as error:
        failure = error
    except KeyboardInterrupt:  # while only reading
        failure = ErrgenError("interrupted")
    reached = len(world.network.asked) > number
    assert TOKEN not in f"{failure} {failure.hint if failure else ''} {world.said}"
    world.refresh()
    return failure, reached


@pytest.fixture(scope="module")
def start(make_worlds: Callable[[], World]) -> tuple[World, Snapshot, list[str]]:
    """Version 2 is live among foreign rules, and version 1 was before it, with these rules."""
    world = make_worlds()
    world.publish(OLD)
    before = ours(world)
    world.publish(NEW)
    world.put_around()
    return world, world.snapshot(), before


def test_any_one_request_of_a_rollback_may_fail(start: tuple[World, Snapshot, list[str]]) -> None:
    world, snapshot, old = start
    world.go_back(snapshot)
    new = ours(world)
    for number in range(LONGEST):
        world.go_back(snapshot)
        foreign = world.foreign()
        failure, reached = failure_of(
            world, FAULTS[number % len(FAULTS)], number, lambda: back(world, OLD.manifest.release)
        )
        assert ours(world) in (old, new)
        assert ours(world) == old or failure is not None
        if failure is not None and failure.exit_code == 7:
            assert "run: errgen rollback --to it  (it carries on from here)" in str(failure.hint)
        assert world.foreign() == foreign
        back(world, OLD.manifest.release)
        assert (ours(world), world.foreign(), len(world.assets())) == (old, foreign, 4)
        if not reached:
            break
    assert 15 < number < LONGEST
    assert world.problems(OLD) == []
    assert back(world, OLD.manifest.release).plan.is_empty


def test_any_one_request_of_a_removal_may_fail(start: tuple[World, Snapshot, list[str]]) -> None:
    world, snapshot, _ = start
    world.go_back(snapshot)
    new = ours(world)
    for number in range(LONGEST):
        world.go_back(snapshot)
        foreign = world.foreign()
        failure, reached = failure_of(world, FAULTS[number % len(FAULTS)], number, lambda: away(world))
        assert ours(world) in (new, [])
        assert failure is not None or ours(world) == []
        assert world.foreign() == foreign
        away(world)
        assert (world.foreign(), world.assets(), host_of(world).current()) == (foreign, [], None)
        if not reached:
            break
    assert 10 < number < LONGEST
    assert [one.digest for one in kept(host_of(world), "default")] == [OLD.manifest.release, NEW.manifest.release]
    world.publish(NEW)
    assert world.problems(NEW) == []
    assert world.foreign() == foreign


def test_it_goes_back_by_one_switch_without_an_upload(start: tuple[World, Snapshot, list[str]]) -> None:
    world, snapshot, _ = start
    world.go_back(snapshot)
    outcome = back(world)
    kinds = [method for method, path in world.network.writes()]
    assert kinds == ["POST"] * 4 + ["PUT"] + ["DELETE"] * 4
    assert {change.kind for change in outcome.plan.changes} == {"asset", "rule", "release"}
    assert outcome.plan.release == OLD.manifest.release
    with pytest.raises(UsageError, match="no release is kept from before the current one"):
        back(world)


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
        ([], None, "ff", "no kept release begins with 'ff'", "there are: none"),
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
