"""Publishing against the emulator, from the first time on."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response

from site_builder.certificates import trusted
from site_builder.errors import (
    InvalidInput,
    LiveAnswersDiffer,
    LocalFilesFailed,
    PartlyApplied,
    PlanRefused,
    RemoteFailed,
)
from site_builder.publishing import open_target
from site_builder.publishing.expected import probes
from site_builder.publishing.journal import ONLY_HERE
from site_builder.publishing.plan_text import plan_lines
from site_builder.publishing.verify import emulated, verify

from .world import ACCOUNT, FOREIGN_FIRST, OTHER_ZONE, TOKEN, ZONE, Send, World, an_entry, build

ONE, TWO = build("1"), build("2")
NAME = f"cloudflare zone {ZONE}"
PHASE = f"/zones/{ZONE}/rulesets/phases/http_custom_errors/entrypoint"
ASSETS = f"/zones/{ZONE}/custom_pages/assets"
READING = [
    ("GET", PHASE),
    ("GET", f"{ASSETS}?page=1"),
    ("GET", f"/zones/{ZONE}/custom_pages"),
]
READING_HEADERS = ("GET", f"/zones/{ZONE}/rulesets/phases/http_response_headers_transform/entrypoint")


def test_first_publish_goes_in_the_safe_order(world: World) -> None:
    outcome = world.publish(ONE)
    page = f"/releases/{ONE.manifest.release[:12]}/pages/cloudflare/en"
    assert world.network.asked == [
        *READING,
        READING_HEADERS,
        ("PUT", f"{PHASE}?dry_run=true"),
        ("DELETE", f"{ASSETS}/errgen_default_rights_check"),
        *(("GET", f"{page}/{key}.html") for key in ("1015", "404", "4xx", "5xx")),
        *[("POST", ASSETS)] * 4,
        ("PUT", f"{PHASE}?dry_run=true"),
        ("GET", PHASE),
        ("PUT", PHASE),
        ("GET", PHASE),
        ("GET", f"{ASSETS}?page=1"),
        ("GET", PHASE),
    ]
    assert outcome.switched == (NAME, f"directory {world.pages.root}")
    assert world.problems(ONE) == []
    assert (world.pages.root / "current" / "pages/cloudflare/en/404.html").read_bytes() == ONE.read(
        "pages/cloudflare/en/404.html"
    )


def test_what_visitors_get_is_asked_over_http(world: World) -> None:
    world.publish(ONE)
    expectations = world.expectations(ONE)
    rows = verify(world.url, probes(ONE.manifest, expectations.report), expectations, emulated)
    assert [str(row) for row in rows if row.problem] == []
    assert {row.expected.kind for row in rows} == {"page", "cloudflare"}
    assert {row.expected.format for row in rows if row.expected.kind == "page"} == {
        "html", "json", "problem", "markdown",
    }  # fmt: skip


def test_a_second_publish_reads_and_writes_nothing(world: World) -> None:
    world.publish(ONE)
    world.refresh()
    plan = world.publish(ONE).plan
    assert plan.is_empty
    assert world.network.asked == READING


def test_a_changed_page_replaces_its_asset_and_its_rules_alone(world: World) -> None:
    world.publish(build("1"))
    before = set(world.assets())
    world.refresh()
    plan = world.publish(build("2 but 404")).plan
    assert world.problems(build("2 but 404")) == []
    gone, new = before - set(world.assets()), set(world.assets()) - before
    assert {name.rpartition("_")[0] for name in gone} == {name.rpartition("_")[0] for name in new} == {
        "errgen_default_en_1015", "errgen_default_en_4xx", "errgen_default_en_5xx",
    }  # fmt: skip
    assert {change.name for change in plan.of(NAME, "rule")} == {
        "errgen_default_html_1015",
        *(f"errgen_default_{form}_{family}" for form in ("html", "json", "markdown") for family in ("4xx", "5xx")),
    }
    assert world.network.writes() == [
        *[("POST", ASSETS)] * 3,
        ("PUT", PHASE),
        *[("DELETE", one) for one in _paths(gone)],
    ]


def _paths(names: set[str]) -> list[str]:
    return [f"{ASSETS}/{name}" for name in sorted(names)]


def test_foreign_rules_keep_their_places_and_their_bytes(world: World) -> None:
    world.publish(ONE)
    world.put_around()
    foreign, refs = world.foreign(), [rule["ref"] for rule in world.rules()]
    plan = world.publish(TWO).plan
    assert world.foreign() == foreign
    assert [rule["ref"] for rule in world.rules()] == refs
    assert [one.name for one in plan.foreign] == [
        "rule shop_maintenance: by hand, with fields errgen does not know",
        "rule errgen_default2_html_404: of another site of errgen",
    ]


def test_on_a_first_publish_foreign_rules_go_before_ours(world: World) -> None:
    world.put([FOREIGN_FIRST])
    world.publish(ONE)
    assert world.rules()[0]["ref"] == "shop_maintenance"
    assert len(world.rules()) > 1


def test_a_foreign_asset_is_kept_and_so_is_ours_that_a_foreign_rule_names(world: World) -> None:
    world.publish(ONE)
    named = next(name for name in world.assets() if "_404_" in name)
    world.add_assets("logo")
    rule = {**FOREIGN_FIRST, "action_parameters": {"asset_name": named, "content_type": "text/html"}}
    world.put([*world.rules(), rule])
    world.publish(TWO)
    assert {"logo", named} < set(world.assets())
    assert len(world.assets()) == 6


def test_a_rule_edited_by_hand_is_shown_as_such_and_mended(world: World) -> None:
    world.publish(ONE)
    rules = world.rules()
    rules[0] = {**rules[0], "enabled": False}
    world.put(rules)
    _, found = world.survey(ONE)
    (change,) = found.plan.changes
    assert (change.action, change.name, change.reason) == ("update", rules[0]["ref"], "edited by hand")
    assert change.drift
    assert list(plan_lines(found.plan))[:6] == [
        f"site default, release {ONE.manifest.release[:12]}",
        "changed by hand since errgen wrote it:",
        f"{NAME}:",
        f"  ~ rule {rules[0]['ref']} (edited by hand)",
        "      enabled: false",
        "             → true",
    ]
    world.publish(ONE)
    assert world.problems(ONE) == []


def test_an_asset_deleted_behind_our_back_comes_back_without_a_switch(world: World) -> None:
    world.publish(ONE)
    del world.emulator.scopes["zone", ZONE].assets[world.assets()[0]]
    world.refresh()
    world.publish(ONE)
    assert world.problems(ONE) == []
    assert world.network.writes() == [("POST", ASSETS)]


def page_of(world: World, name: str) -> str:
    """The page that Cloudflare is to keep as ``name``."""
    (found,) = filter(None, (remote.page_of(name) for remote in world.target(ONE).remotes))
    return found[0]


def test_an_asset_altered_by_hand_is_a_finding(world: World) -> None:
    world.publish(ONE)
    assets = world.emulator.scopes["zone", ZONE].assets
    name = world.assets()[0]
    assets[name].description = "improved"
    _, found = world.survey(ONE)
    (altered,) = found.plan.findings
    assert (altered.id, altered.severity) == ("cloudflare-asset-altered", "warning")
    assert altered.message == (
        f"the asset {name} was changed by hand: it is described as «improved», and may not be "
        f"{page_of(world, name)} any more"
    )
    _, later = world.survey(TWO)
    assert later.plan.altered == (), "the next release has assets of its own"


def test_an_asset_fetched_from_elsewhere_is_a_finding_under_the_heading_of_its_own(world: World) -> None:
    world.publish(ONE)
    name = world.assets()[0]
    world.emulator.scopes["zone", ZONE].assets[name].url = "https://example.com/errors/404.html"
    _, found = world.survey(ONE)
    assert list(plan_lines(found.plan))[1:4] == [
        "changed by hand since errgen wrote it:",
        f"warning: {NAME}: the asset {name} was changed by hand: clients get what was at "
        f"https://example.com/errors/404.html, and not {page_of(world, name)}",
        "hint: publishing alone leaves it so; to have the page fetched again, run: errgen publish --site default "
        f"--refetch {name}",
    ]
    assert found.plan.is_empty


def test_the_audit_and_the_backup_are_at_the_host_too(world: World) -> None:
    world.publish(ONE)
    rules = world.rules()
    world.publish(TWO)
    errgen, records = world.folder / ".errgen", world.pages.root / "records"
    lines = [json.loads(line) for line in (errgen / "audit.jsonl").read_text().splitlines()]
    backed_up, switch, activate, prune = lines[4:]
    before, after = ONE.manifest.release, TWO.manifest.release
    assert [line["action"] for line in lines] == ["back up", "switch", "activate", "prune"] * 2
    assert backed_up["file"] == switch["backup"]
    assert (switch["version_before"], switch["version_after"], switch["who"]) == ("1", "2", "ada")
    assert (activate["before"], activate["after"], prune["changes"]) == (before, after, switch["changes"])
    assert lines[1]["before"] is None, "there was nothing before the first"
    assert lines[1]["after"] == switch["before"] != switch["after"], "the rules of the first release"
    copies = {path.name: path.read_bytes() for path in records.iterdir()}
    backups = {path.name: path.read_bytes() for path in (errgen / "backups").iterdir()}
    assert {name: content for name, content in copies.items() if "-audit-" not in name} == backups
    kept = [content.decode() for name, content in sorted(copies.items()) if "-audit-default-" in name]
    assert "".join(kept) == (errgen / "audit.jsonl").read_text()
    assert json.loads(backups[switch["backup"]])["rules"] == rules
    stored = sorted(records.iterdir())
    world.publish(TWO)
    assert sorted(records.iterdir()) == stored, "nothing was done, and nothing written down"


def test_records_that_the_host_does_not_take_are_told_after_the_switch(world: World) -> None:
    (world.pages.root / "records").write_text("in the way")
    outcome = world.publish(ONE)
    assert world.problems(ONE) == []
    assert [reason.partition(": cannot")[0].rpartition("/")[0] for reason in outcome.uncopied] == [
        str(world.pages.root / "records")
    ] * 2


def test_what_failed_half_way_is_written_down_at_the_host(world: World) -> None:
    world.publish(ONE)
    with pytest.raises(LiveAnswersDiffer):
        world.publish(TWO, verify=lambda _: ["one"])
    newest = sorted(path for path in (world.pages.root / "records").iterdir() if "-audit-" in path.name)[-1]
    actions = [json.loads(line)["action"] for line in newest.read_text().splitlines()]
    assert actions == ["back up", "switch", "put back"]


def test_what_was_changed_at_the_host_is_told_apart_from_what_is_new(world: World) -> None:
    world.publish(ONE)
    folder = world.pages.root / "releases" / ONE.manifest.release[:12] / "pages/cloudflare/en"
    (folder / "404.html").write_text("by hand")
    (folder / "5xx.md").unlink()
    _, found = world.survey(ONE)
    assert [(one.name.rpartition("/")[2], one.reason, one.drift) for one in found.plan.changes] == [
        ("404.html", "bytes differ", True),
        ("5xx.md", "missing", True),
    ]
    _, other = world.survey(TWO)
    assert {(one.kind, one.drift) for one in other.plan.changes} == {
        ("page", False), ("asset", False), ("rule", False), ("release", False),
    }  # fmt: skip


def test_an_error_page_in_the_way_is_a_finding(world: World) -> None:
    url = f"{world.url}/client/v4/zones/{ZONE}/custom_pages/500_errors"
    body = {"state": "customized", "url": f"{world.pages_url}/500.html"}
    page = "<html><head></head>::CLOUDFLARE_ERROR_500S_BOX::</html>"
    (world.pages.root / "500.html").write_text(page)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.put(url, json=body, headers=headers, trust_env=False, verify=trusted()).status_code == 200
    _, found = world.survey(ONE)
    assert [(one.id, one.where) for one in found.plan.findings] == [("cloudflare-error-page", NAME)]


def test_more_assets_than_one_page_of_the_api_are_all_seen(world: World) -> None:
    world.emulator.scopes["zone", ZONE].plan = "enterprise"
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "enterprise"}]
    families = (an_entry("4xx", (400, 499)), an_entry("5xx", (500, 599)))
    entries = (*families, *(an_entry(str(code)) for code in range(400, 445)))
    many = build("1", entries)
    world.publish(many)
    assert len(world.assets()) == 47
    world.refresh()
    assert world.publish(many).plan.is_empty
    assert [path for _, path in world.network.asked if "assets" in path] == [f"{ASSETS}?page={n}" for n in (1, 2, 3)]
    world.publish(build("2", families))
    assert len(world.assets()) == 2


def test_a_zone_and_an_account_are_switched_in_turn(world: World) -> None:
    world.edges = [
        {"kind": "cloudflare", "zone": OTHER_ZONE, "plan": "pro"},
        {"kind": "netlify"},
        {"kind": "cloudflare", "account": ACCOUNT, "plan": "pro"},
    ]
    target, found = world.survey(ONE)
    assert target.notes == ("netlify: nothing to switch over the network; its files are in edges/netlify",)
    outcome = world.apply(target, found)
    assert outcome.switched[:2] == (f"cloudflare zone {OTHER_ZONE}", f"cloudflare account {ACCOUNT}")
    assert world.problems(ONE) == []  # example.com gets them from its account
    assert len(world.emulator.scopes["account", ACCOUNT].assets) == len(world.assets(OTHER_ZONE)) == 4


def test_sites_of_one_zone_leave_each_other_alone(world: World) -> None:
    other = build("1", site="shop")
    world.publish(ONE)
    world.publish(other)
    world.refresh()
    assert world.survey(ONE)[1].plan.changes == tuple(
        change for change in world.survey(ONE)[1].plan.changes if change.kind == "release"
    )
    assert len(world.assets()) == 8


def test_too_many_assets_are_refused_with_numbers_and_nothing_is_written(world: World) -> None:
    world.publish(ONE)
    world.add_assets(*(f"theirs_{number}" for number in range(18)))
    files = sorted(world.pages.root.rglob("*"))
    world.refresh()
    with pytest.raises(PlanRefused) as caught:
        world.publish(TWO)
    assert str(caught.value) == (
        f"{NAME}: needs room for 26 assets, 18 of them not errgen's while old and new are there together, and 25 are "
        "allowed"
    )
    assert (world.network.writes(), sorted(world.pages.root.rglob("*"))) == ([], files)


def test_too_many_rules_are_refused_with_numbers(world: World) -> None:
    foreign = [{**FOREIGN_FIRST, "ref": f"theirs_{number}"} for number in range(20)]
    world.put(foreign)
    with pytest.raises(PlanRefused, match="needs 30 rules, 20 of them not errgen's, and 25 are allowed"):
        world.publish(ONE)


def test_leftovers_make_room_for_new_assets(world: World) -> None:
    world.publish(ONE)
    world.add_assets(*(f"theirs_{number}" for number in range(17)))
    world.add_assets(*(f"errgen_default_leftover_{number}" for number in range(4)))
    world.publish(TWO)
    assert world.problems(TWO) == []
    assert [name for name in world.assets() if "leftover" in name] == []


@pytest.mark.parametrize("group", ["Custom Error Rules", "Custom Pages"])
@pytest.mark.parametrize("right", ["Read", "Edit"])
def test_missing_rights_are_named(world: World, group: str, right: str) -> None:
    world.emulator.withheld = {f"{group}:{right}"}
    with pytest.raises(RemoteFailed) as caught:
        world.publish(ONE)
    assert "answered 403: 10000 Authentication error" in caught.value.message
    assert "«Custom Error Rules: Edit» and «Custom Pages: Edit»" in str(caught.value.hint)
    assert list((world.pages.root / "releases").rglob("*.html")) == []
    assert world.rules() == []


def test_a_wrong_token_is_refused_before_anything_is_written(world: World) -> None:
    world.environ["CLOUDFLARE_API_TOKEN"] = "wrong"
    with pytest.raises(RemoteFailed, match=f"^GET {PHASE}: answered 401: 10000 Authentication error$"):
        world.publish(ONE)
    assert list(world.pages.root.iterdir()) == []


PAGE = f"/releases/{ONE.manifest.release[:12]}/pages/cloudflare/en/1015.html"


@pytest.mark.parametrize(
    ("response", "message", "hint"),
    [
        (Response("denied", 403), "answered 403", "allow anonymous reading"),
        (Response("no such key", 404), "answered 404", "check public_url"),
        (Response("a parking page", 200), "answered other bytes than were uploaded: 14 bytes", "this very host"),
        (
            Response("", 301, {"location": "https://elsewhere.example/"}),
            "answered 301, to https://else",
            "final address",
        ),
        (Response("busy", 503), "answered 503", "check the server"),
    ],
)
def test_a_page_that_cannot_be_fetched_stops_everything(
    world: World, response: Response, message: str, hint: str
) -> None:
    world.publish(TWO)
    world.pages.instead = lambda path: response if path == PAGE else None
    world.refresh()
    with pytest.raises(RemoteFailed) as caught:
        world.publish(ONE)
    assert str(caught.value).startswith(f"GET {world.pages_url}{PAGE}: {message}")
    assert hint in str(caught.value.hint)
    assert world.network.writes() == []
    assert world.problems(TWO) == []
    world.pages.instead = lambda _: None
    world.publish(ONE)
    assert world.problems(ONE) == []


def test_a_page_that_only_cloudflare_cannot_fetch(world: World) -> None:
    """The WAF may let us in and keep Cloudflare's fetcher out."""
    asked: list[str] = []

    def second_time(path: str) -> Response | None:
        asked.append(path)
        return Response("blocked", 403) if asked.count(path) == 2 else None

    world.pages.instead = second_time
    with pytest.raises(RemoteFailed) as caught:
        world.publish(ONE)
    assert str(caught.value).startswith(f"POST {ASSETS}: answered 400: 1202 Error fetching page")
    assert "from the United States" in str(caught.value.hint)
    assert world.rules() == []


def test_rules_that_would_be_refused_are_never_switched_to(world: World) -> None:
    world.publish(ONE)

    def refuse(_: int, request: httpx.Request, send: Send) -> httpx.Response:
        if b'"version"' not in request.content and request.url.query and b"in version 2" in request.content:
            errors = [{"code": 20127, "message": "expression too long", "source": {"pointer": "/rules/3/expression"}}]
            return httpx.Response(400, json={"success": False, "errors": errors, "result": None})
        return send()

    world.refresh()
    world.network.spoil = refuse
    with pytest.raises(RemoteFailed) as caught:
        world.publish(TWO)
    assert str(caught.value) == (
        f"PUT {PHASE}?dry_run=true: answered 400: 20127 expression too long (at /rules/3/expression)"
    )
    assert ("PUT", PHASE) not in world.network.asked
    assert world.problems(ONE) == []


def test_previous_rules_are_put_back_where_live_answers_differ(world: World) -> None:
    world.publish(ONE)
    world.put_around()
    before, foreign = world.rules(), world.foreign()
    asked: list[str] = []

    def differences(name: str) -> list[str]:
        asked.append(name)
        return ["404 of the edge: marker (none)", "another"]

    with pytest.raises(LiveAnswersDiffer) as caught:
        world.publish(TWO, verify=differences)
    assert str(caught.value) == (
        f"{NAME}: 2 answers are not what was published, the first: 404 of the edge: marker (none); "
        "the previous rules are back"
    )
    assert asked == [NAME]
    assert world.problems(ONE) == []
    assert world.foreign() == foreign
    assert [rule["ref"] for rule in world.rules()] == [rule["ref"] for rule in before]


def test_differences_can_be_kept(world: World) -> None:
    world.publish(ONE)
    outcome = world.publish(TWO, verify=lambda _: ["one"], keep=True)
    assert outcome.differences == ("one",)
    assert world.problems(TWO) == []


def test_a_site_that_cannot_be_asked_gets_its_rules_back(world: World) -> None:
    world.publish(ONE)

    def unreachable(_: str) -> list[str]:
        raise RemoteFailed("cannot be asked: no route", where="GET https://example.com/cdn-cgi/error/404")

    with pytest.raises(RemoteFailed, match="cannot be asked: no route; the previous rules are back"):
        world.publish(TWO, verify=unreachable)
    assert world.problems(ONE) == []


def test_what_was_done_is_written_down_and_what_was_live_is_kept(world: World) -> None:
    world.put([FOREIGN_FIRST])
    world.publish(ONE)
    lines = [json.loads(line) for line in (world.folder / ".errgen/audit.jsonl").read_text().splitlines()]
    assert [(line["action"], line["target"], line["who"], line["release"]) for line in lines] == [
        ("back up", NAME, "ada", ONE.manifest.release),
        ("switch", NAME, "ada", ONE.manifest.release),
        ("activate", f"directory {world.pages.root}", "ada", ONE.manifest.release),
        ("prune", NAME, "ada", ONE.manifest.release),
    ]
    (backup,) = (world.folder / ".errgen/backups").iterdir()
    assert lines[0]["file"] == lines[1]["backup"] == backup.name
    kept = json.loads(backup.read_text())
    assert (kept["version"], [rule["ref"] for rule in kept["rules"]]) == ("1", ["shop_maintenance"])


def test_a_backup_that_cannot_be_written_stops_before_the_switch(world: World) -> None:
    (world.folder / ".errgen").write_text("a file is in the way")
    with pytest.raises(LocalFilesFailed):
        world.publish(ONE)
    assert world.rules() == []


def test_a_site_without_a_host_cannot_be_published(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"errgen\.toml: site\.shop\.host: is required"):
        open_target(ONE.manifest, b"", ONE.read, None, [], {}, where="errgen.toml: site.shop", project=tmp_path)


def test_a_static_edge_alone_is_published_by_its_host(world: World) -> None:
    world.edges = [{"kind": "netlify"}]
    outcome = world.publish(ONE)
    assert outcome.switched == (f"directory {world.pages.root}",)
    assert (world.pages.root / "current").is_symlink()
    assert world.network.asked == []


def test_the_free_plan_has_no_rules_and_publishes_pages_only(world: World) -> None:
    world.emulator.scopes["zone", ZONE].plan = "free"
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "free"}]
    world.publish(ONE)
    assert (world.rules(), world.network.writes()) == ([], [])


def test_the_owner_s_zone_is_asked_for_by_its_id(world: World) -> None:
    world.edges = [{"kind": "cloudflare", "zone": "example", "plan": "pro"}]
    with pytest.raises(RemoteFailed) as caught:
        world.publish(ONE)
    assert "answered 404: 7003" in caught.value.message
    assert "the id of 32 hex digits" in str(caught.value.hint)


def test_a_host_that_fails_after_the_switch_is_partly_applied(world: World) -> None:
    world.publish(ONE)

    def in_the_way(_: str) -> list[str]:
        (world.pages.root / "current").unlink()
        (world.pages.root / "current").write_text("a file")
        return []

    with pytest.raises(PartlyApplied) as caught:
        world.publish(TWO, verify=in_the_way)
    assert str(caught.value).startswith(f"{world.pages.root}/current: the new answers are live at {NAME}, but then: ")
    assert str(caught.value.hint) == (
        "move it away, or choose another path for this host; run the same command again; it carries on from here; "
        f"{ONLY_HERE}: {world.pages.root}/current: is a file or folder, and not the link that errgen switches between "
        "releases"
    )
    assert world.problems(TWO) == []
    (world.pages.root / "current").unlink()
    world.publish(TWO)
    assert len(world.assets()) == 4


def test_a_page_server_that_recovers_is_asked_again(world: World) -> None:
    failures = ["first", "second"]

    def busy(path: str) -> Response | None:
        return Response("busy", 503) if path == PAGE and failures and failures.pop() else None

    world.pages.instead = busy
    world.publish(ONE)
    assert world.clock.slept == [1.0, 2.0]


def test_a_page_server_that_is_not_there(world: World) -> None:
    table = {**world.host_table, "public_url": "http://127.0.0.1:9"}
    with pytest.raises(RemoteFailed) as caught:
        world.publish(ONE, host=table)
    assert str(caught.value).startswith(f"GET http://127.0.0.1:9{PAGE}: cannot be reached: ")
    assert world.network.writes() == []


def test_limits_below_the_plan_leave_others_their_room(world: World) -> None:
    """With a plan and limits, all assets count against the plan, and ours alone against the limits."""
    world.edges = [{"kind": "cloudflare", "zone": ZONE, "plan": "pro", "limits": {"rules": 10, "assets": 8}}]
    world.add_assets(*(f"theirs_{number}" for number in range(17)))
    world.publish(ONE)
    world.publish(TWO)
    assert world.problems(TWO) == []
    assert len(world.assets()) == 21
