from __future__ import annotations

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from site_builder.emulator import Emulator, Incoming, Logged, Zone
from tests.emulator.conftest import ASSETS, ENTRY, FREE, FREE_OWNER, JSON, OWNER, PRO, TOKEN, Cloud, rule

AUTHENTICATION = [{"code": 10000, "message": "Authentication error"}]


@pytest.mark.parametrize("authorization", ["Bearer wrong", "Bearer", f"bearer{TOKEN}", "", f"Basic {TOKEN}"])
@pytest.mark.parametrize("path", [f"/zones/{PRO}{ASSETS}", "/user/tokens/verify", "/nothing"])
def test_no_call_without_the_token(cloud: Cloud, authorization: str, path: str) -> None:
    response = cloud.http.get(f"{cloud.url}/client/v4{path}", headers={"authorization": authorization})
    assert (response.status_code, response.json()["errors"]) == (401, AUTHENTICATION)
    assert response.headers["content-type"] == "application/json"


def test_a_token_is_verified(cloud: Cloud) -> None:
    response = cloud.http.get(f"{cloud.url}/client/v4/user/tokens/verify")
    assert response.json()["success"] is True
    assert response.json()["result"]["status"] == "active"


CALLS = {
    "Custom Pages": (("GET", ASSETS), ("POST", ASSETS), ("GET", "/custom_pages"), ("PUT", "/custom_pages/500_errors")),
    "Custom Error Rules": (("GET", ENTRY), ("PUT", f"{ENTRY}?dry_run=true"), ("GET", "/rulesets")),
    "Zone": (("GET", ""),),
}


@pytest.mark.parametrize("right", ["Read", "Edit"])
@pytest.mark.parametrize("group", list(CALLS))
@pytest.mark.parametrize("scope", [f"zones/{PRO}", f"accounts/{OWNER}"])
def test_each_permission_group_opens_its_own_calls(cloud: Cloud, group: str, right: str, scope: str) -> None:
    cloud.state.withheld = {f"{group}:{right}"}
    for called, calls in CALLS.items():
        for method, path in calls:
            response = cloud.call(method, path, {"rules": []}, scope=scope)
            if called == group and (right == "Read" or method != "GET"):
                assert (response.status_code, response.json()["errors"]) == (403, AUTHENTICATION)
            else:
                assert response.status_code in (200, 400, 404), response.text


def test_only_permissions_that_exist_can_be_withheld() -> None:
    with pytest.raises(ValueError, match="Everything:Edit"):
        Emulator((), withheld=["Everything:Edit"])


def test_zones_and_accounts_are_shown(cloud: Cloud) -> None:
    zone = cloud.ok("GET", "")
    assert zone == {
        "id": PRO,
        "name": "example.com",
        "status": "active",
        "paused": False,
        "type": "full",
        "account": {"id": OWNER, "name": "Owner"},
        "plan": {"id": "pro", "legacy_id": "pro", "name": "Pro Website"},
    }
    assert cloud.ok("GET", "", scope="zones?name=example.com") == [zone]
    assert len(cloud.ok("GET", "", scope="zones")) == 4
    assert cloud.ok("GET", "", scope="zones?name=nobody.example") == []
    assert cloud.ok("GET", "", scope=f"accounts/{OWNER}") == {"id": OWNER, "name": "Owner", "type": "enterprise"}
    assert [account["id"] for account in cloud.ok("GET", "", scope="accounts")] == [OWNER, FREE_OWNER]


def test_an_account_that_is_not_given_has_the_best_plan_of_its_zones() -> None:
    state = Emulator([Zone("1", "a.example", "x", "pro"), Zone("2", "b.example", "x", "business")])
    account = state.scopes["account", "x"]
    assert (account.name, account.plan) == ("Account of b.example", "business")


@pytest.mark.parametrize(
    ("scope", "status", "code"),
    [
        (f"zones/{'9' * 32}", 403, 9109),
        (f"accounts/{PRO}", 403, 9109),
        ("zones/not-an-id", 404, 7003),
        (f"zones/{PRO}/no_such_thing", 404, 7000),
        (f"zones/{PRO}{ASSETS}/a/b", 404, 7000),
        ("memberships", 404, 7000),
    ],
)
def test_objects_and_paths_that_are_not_there(cloud: Cloud, scope: str, status: int, code: int) -> None:
    response = cloud.call("GET", "", scope=scope)
    answer = response.json()
    assert response.status_code == status
    assert [error["code"] for error in answer.pop("errors")] == [code]
    assert answer == {"success": False, "messages": [], "result": None}


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", ASSETS), ("DELETE", ENTRY), ("POST", "/custom_pages"), ("PATCH", "/rulesets"), ("POST", "")],
)
def test_methods_that_a_path_does_not_take(cloud: Cloud, method: str, path: str) -> None:
    response = cloud.call(method, path)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (405, 7001)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"{'rules': []}", b'{"rules": "\\ud800"}', b"[" * 100_000],
    ids=repr,
)
def test_bodies_that_are_no_json_object(cloud: Cloud, content: bytes) -> None:
    for method, path in (("PUT", ENTRY), ("POST", ASSETS), ("PUT", "/custom_pages/500_errors")):
        response = cloud.http.request(method, f"{cloud.url}/client/v4/zones/{PRO}{path}", content=content)
        assert (response.status_code, response.json()["errors"][0]["code"]) == (400, 6007)


def test_faults_go_before_everything(cloud: Cloud) -> None:
    answers: list[Response | None] = [
        HTMLResponse("<h1>502 Bad Gateway</h1>", 502),
        PlainTextResponse('{"result": ', 200),
        Response('{"success": false, "errors": [], "messages": [], "result": null}', 200),
        Response("{}", 429, {"retry-after": "300"}),
        None,
    ]
    seen: list[Incoming] = []

    def fault(incoming: Incoming) -> Response | None:
        seen.append(incoming)
        return answers.pop(0)

    cloud.state.faults = fault
    body: JSON = {"rules": [rule()]}
    responses = [cloud.call("PUT", f"{ENTRY}?dry_run=true&x=1", body) for _ in range(5)]
    assert [response.status_code for response in responses] == [502, 200, 200, 429, 200]
    assert responses[0].text == "<h1>502 Bad Gateway</h1>"
    assert responses[3].headers["retry-after"] == "300"
    assert responses[4].json()["success"] is True
    first = seen[0]
    assert (first.method, first.path) == ("PUT", f"/client/v4/zones/{PRO}{ENTRY}")
    assert (first.query, first.parameters) == ("dry_run=true&x=1", {"dry_run": "true", "x": "1"})
    assert (first.header("authorization"), first.header("absent")) == (f"Bearer {TOKEN}", "")
    assert b'"serve_error"' in first.body


def test_every_request_is_logged_after_its_answer(cloud: Cloud) -> None:
    lines: list[Logged] = []
    cloud.state.log = lines.append
    cloud.call("GET", ENTRY)
    cloud.visit("/cdn-cgi/error/522")
    cloud.state.faults = lambda _: Response(status_code=418)
    cloud.visit("/")
    logged = [(line.incoming.method, line.incoming.path, line.status, line.served_by) for line in lines]
    assert logged == [
        ("GET", f"/client/v4/zones/{PRO}{ENTRY}", 404, None),
        ("GET", "/cdn-cgi/error/522", 522, "Cloudflare"),
        ("GET", "/", 418, None),
    ]


def test_free_zones_can_be_read(cloud: Cloud) -> None:
    assert cloud.ok("GET", ASSETS, scope=f"zones/{FREE}") == []
    assert cloud.ok("GET", "", scope=f"zones/{FREE}")["plan"]["legacy_id"] == "free"


def test_equal_seeds_give_equal_ids() -> None:
    def ids(seed: str) -> list[str]:
        state = Emulator((), seed=seed)
        return [state.new_id("rule"), state.new_id("rule"), state.new_id("ray", 16), state.visit().ray_id]

    assert ids("a") == ids("a")
    assert ids("a") != ids("b")
    assert len(set(ids("a"))) == 4
    assert [len(id_) for id_ in ids("a")] == [32, 32, 16, 16]
