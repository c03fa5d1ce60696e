"""Rules for response headers beside error rules: planned, published, put back, and others' left as they are."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable

import httpx
import pytest

from site_builder.emulator import Incoming
from site_builder.emulator.visitors import handle_visit
from site_builder.errors import ErrgenError, LiveAnswersDiffer, PlanRefused, RemoteFailed
from site_builder.publishing.plan_text import plan_lines

from .faults import Fault, cloudflare_words
from .test_races import at_the_switch
from .world import (
    ACCOUNT,
    ENTRIES,
    FACTS,
    JSON,
    TOKEN,
    WITH_MAINTENANCE,
    ZONE,
    Built,
    Send,
    Snapshot,
    World,
    build,
)

NAME = f"cloudflare zone {ZONE}"
Spoilt = tuple[ErrgenError | None, bool]
PHASES = f"/zones/{ZONE}/rulesets/phases"
ERRORS, HEADERS = f"{PHASES}/http_custom_errors/entrypoint", f"{PHASES}/http_response_headers_transform/entrypoint"
THEIRS: list[JSON] = [
    {
        "ref": name,
        "description": "by hand",
        "expression": "http.response.code eq 200",
        "action": "rewrite",
        "action_parameters": {"headers": {"X-Frame-Options": {"operation": "set", "value": "DENY"}}},
        "enabled": True,
    }
    for name in ("frames", "errgen_other_retry_after_60")
]


def waiting(version: str, seconds: int, *, planned: int | None = None) -> Built:
    """A site whose page for 5xx says ``seconds``, and the page for planned work ``planned``."""
    entries = WITH_MAINTENANCE if planned else ENTRIES
    said = {"5xx": seconds, "maintenance": planned}
    return build(version, tuple(dataclasses.replace(one, retry_after=said.get(one.key)) for one in entries))


OLD, NEW = waiting("1", 60), waiting("2", 90)


@pytest.fixture
def world(make_worlds: Callable[..., World]) -> World:
    world = make_worlds()
    ask(world)
    return world


def ask(world: World, *, of: bool = True) -> None:
    """Ask for Retry-After in errgen.toml, or no longer."""
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "pro", "retry_after": of}]


def header_rules(world: World) -> list[JSON]:
    return list(world.emulator.scopes["zone", ZONE].header_rules)


def put_headers(world: World, *rules: JSON) -> None:
    """Write rules for response headers as somebody else would."""
    body = {"rules": [{k: v for k, v in rule.items() if k not in ("version", "last_updated")} for rule in rules]}
    url, token = f"{world.url}/client/v4{HEADERS}", {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.put(url, json=body, headers=token, trust_env=False).status_code == 200


def put_around(world: World) -> None:
    put_headers(world, THEIRS[0], *header_rules(world), THEIRS[1])


def foreign(world: World) -> bytes:
    return json.dumps([one for one in header_rules(world) if not one["ref"].startswith("errgen_default_")]).encode()


def waits(world: World, path: str = "/origin/503", accept: str = "text/html") -> str | None:
    """Retry-After of the answer to a visitor."""
    incoming = Incoming("GET", path, "", {}, (("host", "example.com"), ("accept", accept)), b"")
    return handle_visit(world.emulator, incoming, FACTS).headers.get("retry-after")


def serves(world: World, built: Built) -> bool:
    """Whether all pages are those of ``built``, whatever the headers are."""
    ask(world, of=False)
    found = world.problems(built)
    ask(world)
    return not found


def test_a_first_publish_switches_the_error_rules_and_then_the_headers(world: World) -> None:
    world.publish(OLD)
    switching = [one for one in world.network.asked if one[0] == "PUT" or (one[0] == "GET" and "/phases/" in one[1])]
    assert switching == [
        *(("GET", ERRORS), ("GET", HEADERS), ("PUT", f"{ERRORS}?dry_run=true"), ("PUT", f"{HEADERS}?dry_run=true")),
        *(("PUT", f"{ERRORS}?dry_run=true"), ("PUT", f"{HEADERS}?dry_run=true")),
        *(("GET", ERRORS), ("PUT", ERRORS), ("GET", ERRORS)),
        *(("GET", HEADERS), ("PUT", HEADERS), ("GET", HEADERS)),
        ("GET", ERRORS),
    ]
    assert world.problems(OLD) == []
    assert [rule["ref"] for rule in header_rules(world)] == ["errgen_default_retry_after_60"]
    assert [waits(world), waits(world, accept="application/json"), waits(world, "/origin/404")] == ["60", "60", None]
    backup = json.loads(next((world.folder / ".errgen/backups").iterdir()).read_text())
    assert backup["header_rules"] == []
    world.refresh()
    plan = world.publish(OLD).plan
    assert plan.is_empty
    assert world.network.writes() == []


def test_an_origin_that_says_when_to_come_back_is_believed(world: World) -> None:
    """Over HTTP, for every status whose page says something else."""
    world.publish(OLD)

    statuses = [500, 501, 502, 503, 504, 505, 520, 530, 599]
    plain_http = httpx.HTTPTransport(verify=False)  # loading certificates takes long
    with httpx.Client(base_url=world.url, transport=plain_http, headers={"host": "example.com"}) as client:

        def said(path: str) -> str | None:
            answer = client.get(path, headers={"accept": "text/html"})
            return answer.headers.get("retry-after", "") or None

        wanted = {404: None, **dict.fromkeys(statuses, "60")}
        assert {status: said(f"/origin/{status}") for status in (404, *statuses)} == wanted
        assert said("/cdn-cgi/error/500") == "30"  # Cloudflare's own
        world.emulator.origin_headers = (*world.emulator.origin_headers, ("Retry-After", "7"))
        assert {said(f"/origin/{status}") for status in (404, *statuses)} == {"7"}


def test_the_plan_says_all_of_it(world: World) -> None:
    world.publish(OLD)
    put_around(world)
    plan = world.survey(NEW)[1].plan
    changes = [(one.action, one.name, one.reason) for one in plan.changes if one.kind == "header rule"]
    assert changes == [
        ("create", "errgen_default_retry_after_90", "missing"),
        ("delete", "errgen_default_retry_after_60", "stale"),
    ]
    lines = list(plan_lines(plan))
    assert f"left alone at {NAME}: header rule frames: by hand" in lines
    assert f"left alone at {NAME}: header rule errgen_other_retry_after_60: by hand" in lines
    assert f"{NAME}: 3 of 25 header rules" in lines
    assert "  + header rule errgen_default_retry_after_90 (missing)" in lines
    assert plan.based_on[0].version == "1 and 2 of headers"


def test_rules_of_others_stay_byte_for_byte(world: World) -> None:
    world.publish(OLD)
    put_around(world)
    theirs = foreign(world)
    world.publish(NEW)
    assert foreign(world) == theirs
    assert [rule["ref"] for rule in header_rules(world)] == ["frames", "errgen_default_retry_after_90",
                                                             "errgen_other_retry_after_60"]  # fmt: skip
    assert waits(world) == "90"


def test_only_the_list_that_changes_is_put(world: World) -> None:
    ask(world, of=False)
    world.publish(OLD)
    assert waits(world) is None
    ask(world)
    world.refresh()
    world.publish(OLD)  # the first error rule says that rules for headers go with it
    assert [one for one in world.network.writes() if one[0] == "PUT"] == [("PUT", ERRORS), ("PUT", HEADERS)]
    assert [rule["description"].partition(" [")[0] for rule in world.rules()][:2] == [
        "errgen default: en/404.md (with rules for Retry-After)",
        "errgen default: en/4xx.md",
    ]
    assert waits(world) == "60"
    world.refresh()
    world.publish(waiting("2", 60))
    assert [one for one in world.network.writes() if one[0] == "PUT"] == [("PUT", ERRORS)]


@pytest.mark.parametrize("asked", [True, False], ids=["who asks for it", "who does not"])
def test_without_a_change_nothing_is_asked_that_can_be_known_already(world: World, asked: bool) -> None:
    ask(world, of=asked)
    world.publish(OLD)
    world.refresh()
    assert world.publish(OLD).plan.is_empty
    assert world.network.asked == [
        ("GET", ERRORS),
        ("GET", f"/zones/{ZONE}/custom_pages/assets?page=1"),
        ("GET", f"/zones/{ZONE}/custom_pages"),
        *([("GET", HEADERS)] if asked else []),
    ]


def test_an_edit_by_hand_is_found_and_undone(world: World) -> None:
    world.publish(OLD)
    (rule,) = header_rules(world)
    put_headers(world, rule | {"expression": "true"})
    (change,) = world.survey(OLD)[1].plan.changes
    assert (change.action, change.kind, change.reason) == ("update", "header rule", "edited by hand")
    world.publish(OLD)
    assert waits(world, "/origin/404") is None


def test_who_no_longer_asks_for_it_has_it_removed(world: World) -> None:
    world.publish(OLD)
    put_around(world)
    theirs = foreign(world)
    ask(world, of=False)
    changes = [(one.action, one.kind, one.name) for one in world.survey(OLD)[1].plan.changes]
    assert changes == [
        ("update", "rule", "errgen_default_markdown_404"),  # which said that rules for headers go with it
        ("delete", "header rule", "errgen_default_retry_after_60"),
    ]
    world.publish(OLD)
    assert (json.dumps(header_rules(world)).encode(), waits(world)) == (theirs, None)
    world.refresh()
    assert world.survey(OLD)[1].plan.is_empty


@pytest.mark.parametrize("right", ["Read", "Edit"])
def test_a_token_without_the_right_is_refused_before_anything_is_written(world: World, right: str) -> None:
    world.emulator.withheld = {f"Transform Rules:{right}"}
    with pytest.raises(RemoteFailed) as caught:
        world.publish(OLD)
    assert caught.value.where is not None
    assert caught.value.where.endswith(HEADERS if right == "Read" else f"{HEADERS}?dry_run=true")
    assert "«Transform Rules: Edit» and «Account Rulesets: Read»" in str(caught.value.hint)
    assert world.network.writes() == []
    assert not list(world.pages.root.iterdir())
    ask(world, of=False)
    world.refresh()
    world.publish(OLD)
    assert world.problems(OLD) == []


def test_others_may_leave_no_room(world: World) -> None:
    put_headers(world, *({**THEIRS[0], "ref": f"theirs_{number}"} for number in range(25)))
    with pytest.raises(PlanRefused) as caught:
        world.survey(OLD)
    assert "needs 26 header rules, 25 of them not errgen's, and 25 are allowed" in str(caught.value)
    assert "limits with header_rules = 0" in str(caught.value.hint)


def test_where_the_headers_are_refused_the_error_rules_are_put_back(world: World) -> None:
    world.publish(OLD)
    put_around(world)
    before = foreign(world)
    refusal = httpx.Response(400, json={"success": False, "errors": [{"code": 9, "message": "not now"}]})

    def only_errors(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        return refusal if request.url.path.endswith(HEADERS) else send()

    at_the_switch(world, only_errors)
    with pytest.raises(RemoteFailed, match="9 not now"):
        world.publish(NEW)
    assert world.problems(OLD) == []
    assert (waits(world), foreign(world)) == ("60", before)


def test_answers_that_differ_put_both_back(world: World) -> None:
    world.publish(OLD)
    put_around(world)
    before = foreign(world)
    with pytest.raises(LiveAnswersDiffer):
        world.publish(NEW, verify=lambda _: ["404 is wrong"])
    assert world.problems(OLD) == []
    assert (waits(world), foreign(world)) == ("60", before)


@pytest.mark.parametrize("after", [False, True], ids=["before our put", "after our put"])
def test_who_writes_headers_at_the_same_moment_keeps_them(world: World, after: bool) -> None:
    world.publish(OLD)
    written: list[httpx.Request] = []

    def meanwhile(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        first = request.url.path.endswith(HEADERS) and not written
        if first and not after:
            put_around(world)
        response = send()
        if first and after:
            put_headers(world, *THEIRS, *header_rules(world)[:0])
        if first:
            written.append(request)
        return response

    at_the_switch(world, meanwhile)
    world.publish(NEW)
    assert sorted(one["ref"] for one in json.loads(foreign(world))) == sorted(one["ref"] for one in THEIRS)
    assert waits(world) == "90"
    assert "their version is kept and merged" in " ".join(world.said)
    world.refresh()
    assert world.survey(NEW)[1].plan.is_empty


def test_an_account_has_both_rulesets_too(world: World) -> None:
    world.edges = [{"kind": "cloudflare", "account": ACCOUNT, "plan": "pro", "retry_after": True}]
    world.publish(OLD)
    assert world.problems(OLD) == []
    assert (header_rules(world), waits(world)) == ([], "60")


def test_planned_work_has_its_own_seconds(world: World) -> None:
    site = waiting("1", 60, planned=3600)
    world.publish(site)
    assert waits(world) == "60"
    world.publish(site, maintenance=True)
    assert world.problems(site, announced=True) == []
    assert [waits(world), waits(world, "/origin/521"), waits(world, "/origin/404")] == ["3600", "3600", None]
    assert world.survey(site)[1].plan.is_empty
    world.publish(site, maintenance=False)
    assert waits(world) == "60"


@pytest.fixture(scope="module")
def start(make_worlds: Callable[[], World]) -> tuple[World, Snapshot]:
    """Version 1 is live, among foreign rules of both kinds."""
    world = make_worlds()
    ask(world)
    world.publish(OLD)
    world.put_around()
    put_around(world)
    return world, world.snapshot()


@pytest.mark.parametrize("fault", [Fault("reset", late=True), Fault("no"), Fault("ctrl_c", late=True)], ids=str)
def test_any_one_request_of_the_second_switch_may_fail(start: tuple[World, Snapshot], fault: Fault) -> None:
    world, snapshot = start
    reading, trying = 1, 2  # what comes before it is as with error rules
    for number in range(reading + trying, reading + trying + 3):
        world.go_back(snapshot)
        theirs = (world.foreign(), foreign(world))
        failure, reached = publish_spoilt(world, fault, number)
        is_old, is_new = serves(world, OLD), serves(world, NEW)
        assert is_old != is_new
        assert waits(world) in (["60"] if is_old else ["90"] if failure is None else ["60", "90"])
        assert is_new or failure is not None
        assert is_old or failure is None or failure.exit_code == 7
        assert (world.foreign(), foreign(world)) == theirs
        world.refresh()
        world.publish(NEW)
        assert (world.problems(NEW), waits(world)) == ([], "90")
        assert (world.foreign(), foreign(world)) == theirs
        assert reached


def publish_spoilt(world: World, fault: Fault, number: int) -> Spoilt:
    """Publish version 2 with one request about headers spoilt; gives the failure, and whether it was reached."""
    asked = 0

    def spoil(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        nonlocal asked
        if HEADERS not in request.url.path:
            return send()
        asked += 1
        return fault.over_httpx(request, send, cloudflare_words) if asked == number + 1 else send()

    world.network.spoil = spoil
    try:
        world.publish(NEW)
    except ErrgenError as failure:
        return failure, asked > number
    except KeyboardInterrupt:  # while only reading
        return ErrgenError("interrupted"), asked > number
    return None, asked > number


class Killed(BaseException):
    """The end of the process: nothing that errgen does can follow."""


@pytest.mark.parametrize("on", [False, True], ids=["switched off", "switched on"])
@pytest.mark.parametrize("fault", [None, Fault("reset", late=True), Fault("no")], ids=str)
def test_rules_for_headers_are_found_again_whatever_fails_when_they_come_or_go(
    start: tuple[World, Snapshot], fault: Fault | None, on: bool
) -> None:
    """At each write in turn; None stands for the end of errgen after it.

    They are looked for only where the error rules tell of them, and so must never be there without those.
    """
    world, snapshot = start
    number, reached = 0, True
    while reached:
        world.go_back(snapshot)
        ask(world, of=False)
        if on:
            world.publish(OLD)
            world.refresh()
            ask(world)
        theirs = (world.foreign(), foreign(world))

        def spoil(_: int, request: httpx.Request, send: Send, number: int = number) -> httpx.Response:
            if world.network.writes()[number:] != [world.network.asked[-1]]:
                return send()
            if fault:
                return fault.over_httpx(request, send, cloudflare_words)
            send()
            raise Killed

        world.network.spoil = spoil
        with contextlib.suppress(ErrgenError, Killed):
            world.publish(OLD)
        reached = len(world.network.writes()) > number
        ask(world, of=False)
        world.refresh()
        world.publish(OLD)
        assert (waits(world), header_rules(world)) == (None, json.loads(foreign(world)))
        assert (world.foreign(), foreign(world)) == theirs
        assert world.survey(OLD)[1].plan.is_empty
        number += 1
    assert number == 3  # the two switches, and once with nothing spoilt
