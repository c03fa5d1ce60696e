from __future__ import annotations

import socket

import pytest
from starlette.responses import Response

from tests.emulator.conftest import ASSETS, BUSINESS, ENTERPRISE, FREE, FREE_OWNER, OWNER, PRO, Cloud


def body(cloud: Cloud, name: str = "page", path: str = "/page.html") -> dict[str, str]:
    return {"name": name, "description": "A page", "url": cloud.host.url + path}


@pytest.mark.parametrize("scope", [f"zones/{PRO}", f"accounts/{OWNER}"])
def test_life_of_an_asset(cloud: Cloud, scope: str) -> None:
    url = f"{cloud.host.url}/page.html"
    created = cloud.call("POST", ASSETS, body(cloud), scope=scope)
    asset = {"name": "page", "description": "A page", "url": url, "size_bytes": 34}
    assert created.status_code == 200
    assert created.json() == {
        "result": {**asset, "last_updated": "2026-04-24T09:22:43.123456Z"},
        "success": True,
        "errors": [],
        "messages": [],
    }
    assert cloud.ok("GET", f"{ASSETS}/page", scope=scope) == created.json()["result"]

    cloud.host.pages["/page.html"] = (200, b"longer than it was before, at the same address")
    updated = cloud.ok("PUT", f"{ASSETS}/page", {"description": "", "url": url}, scope=scope)
    assert updated == {
        **asset,
        "description": "",
        "size_bytes": 46,
        "last_updated": "2026-04-24T09:22:46.123456Z",
    }
    assert cloud.ok("GET", ASSETS, scope=scope) == [updated]
    assert cloud.host.asked == ["/page.html", "/page.html"]

    deleted = cloud.call("DELETE", f"{ASSETS}/page", scope=scope)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert "content-type" not in deleted.headers
    for method in ("GET", "PUT", "DELETE"):
        assert cloud.call(method, f"{ASSETS}/page", {"description": "", "url": url}, scope=scope).status_code == 404


def test_zone_and_account_do_not_share_assets(cloud: Cloud) -> None:
    cloud.add_asset("page")
    assert cloud.ok("GET", ASSETS, scope=f"accounts/{OWNER}") == []
    assert cloud.ok("GET", ASSETS, scope=f"zones/{BUSINESS}") == []


def test_lists_come_in_pages_of_twenty(cloud: Cloud) -> None:
    scope = f"zones/{BUSINESS}"
    names = [f"page_{number}" for number in range(45)]
    for name in names:
        cloud.add_asset(name, scope=scope)
    seen: list[str] = []
    for page, count in ((1, 20), (2, 20), (3, 5), (4, 0)):
        answer = cloud.call("GET", f"{ASSETS}?page={page}", scope=scope).json()
        assert answer["result_info"] == {
            "count": count, "page": page, "per_page": 20, "total_count": 45, "total_pages": 3,
        }  # fmt: skip
        seen += [asset["name"] for asset in answer["result"]]
    assert seen == names
    answer = cloud.call("GET", f"{ASSETS}?page=2&per_page=30", scope=scope).json()
    assert answer["result_info"] == {"count": 15, "page": 2, "per_page": 30, "total_count": 45, "total_pages": 2}


@pytest.mark.parametrize("query", ["page=0", "page=x", "per_page=0", "per_page=101", "per_page=-1", "page=²"])
def test_nonsense_pages_are_refused(cloud: Cloud, query: str) -> None:
    assert cloud.refused("GET", f"{ASSETS}?{query}")


@pytest.mark.parametrize(
    ("plan_scope", "quota"),
    [(f"zones/{FREE}", 0), (f"zones/{PRO}", 25), (f"zones/{BUSINESS}", 50), (f"accounts/{FREE_OWNER}", 0)],
)
def test_quota_of_the_plan(cloud: Cloud, plan_scope: str, quota: int) -> None:
    for number in range(quota):
        cloud.add_asset(f"page_{number}", scope=plan_scope)
    (error,) = cloud.refused("POST", ASSETS, body(cloud, "one_more"), scope=plan_scope)
    assert f"plan allows {quota} custom error assets and {quota} exist" in error["message"]
    if quota:
        cloud.call("DELETE", f"{ASSETS}/page_0", scope=plan_scope)
        cloud.add_asset("one_more", scope=plan_scope)


def test_enterprise_takes_three_hundred(cloud: Cloud) -> None:
    assert cloud.state.scopes["zone", ENTERPRISE].quota == 300


@pytest.mark.parametrize(
    "name", ["", "a-b", "a.b", "a b", "ü", "a" * 201, "../x", "a\n", None, 7], ids=lambda name: repr(name)[:12]
)
def test_bad_names_are_refused(cloud: Cloud, name: object) -> None:
    (error,) = cloud.refused("POST", ASSETS, {**body(cloud), "name": name})
    assert error["source"] == {"pointer": "/name"}
    assert cloud.host.asked == []


def test_longest_name_is_taken(cloud: Cloud) -> None:
    assert cloud.ok("POST", ASSETS, body(cloud, "A_9" * 66 + "ab"))["name"] == "A_9" * 66 + "ab"


def test_a_name_in_use_is_refused(cloud: Cloud) -> None:
    cloud.add_asset("page")
    (error,) = cloud.refused("POST", ASSETS, body(cloud))
    assert (error["message"], error["source"]) == ("an asset with the name page already exists", {"pointer": "/name"})


@pytest.mark.parametrize("missing", ["name", "description", "url"])
def test_every_field_is_required(cloud: Cloud, missing: str) -> None:
    without = {name: value for name, value in body(cloud).items() if name != missing}
    assert cloud.refused("POST", ASSETS, without)[0]["source"] == {"pointer": f"/{missing}"}


def test_unknown_fields_are_refused(cloud: Cloud) -> None:
    (error,) = cloud.refused("POST", ASSETS, {**body(cloud), "content": "x"})
    assert (error["message"], error["source"]) == ("invalid JSON: unknown field content", {"pointer": "/content"})
    cloud.add_asset("page")
    assert cloud.refused("PUT", f"{ASSETS}/page", body(cloud))[0]["source"] == {"pointer": "/name"}


@pytest.mark.parametrize("status", [201, 204, 301, 302, 304, 403, 404, 500, 503])
def test_only_200_counts_when_fetching(cloud: Cloud, status: int) -> None:
    cloud.host.pages["/other"] = (status, b"" if status in (204, 304) else b"something")
    url = f"{cloud.host.url}/other"
    assert cloud.refused("POST", ASSETS, body(cloud, path="/other")) == [
        {
            "code": 1202,
            "message": f"Error fetching page: Fetch failed, {url} returned {status} (Code: 1202)",
            "source": {"pointer": "/url"},
        }
    ]
    assert cloud.ok("GET", ASSETS) == []
    assert cloud.host.asked == ["/other"]


def test_a_failed_update_keeps_the_asset(cloud: Cloud) -> None:
    before = cloud.add_asset("page")
    url = f"{cloud.host.url}/gone"
    assert cloud.refused("PUT", f"{ASSETS}/page", {"description": "new", "url": url})[0]["code"] == 1202
    assert cloud.ok("GET", f"{ASSETS}/page") == before


@pytest.mark.parametrize(
    "url",
    ["page.html", "file:///etc/passwd", "ftp://example.com/x", "http://", "http://[::1", "http://a:x/", "http://a:0/"],
)
def test_urls_that_are_none(cloud: Cloud, url: str) -> None:
    (error,) = cloud.refused("POST", ASSETS, {**body(cloud), "url": url})
    assert error["source"] == {"pointer": "/url"}


def test_an_address_where_nobody_listens(cloud: Cloud) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nothing else can answer there
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        (error,) = cloud.refused("POST", ASSETS, {**body(cloud), "url": url})
    assert (error["code"], "could not be reached (Code: 1202)" in error["message"]) == (1202, True)


@pytest.mark.parametrize(("size", "fits"), [(1_499_999, True), (1_500_000, True), (1_500_001, False)])
def test_size_limit(cloud: Cloud, size: int, fits: bool) -> None:
    cloud.host.pages["/big"] = (200, b"x" * size)
    if fits:
        assert cloud.ok("POST", ASSETS, body(cloud, path="/big"))["size_bytes"] == size
    else:
        (error,) = cloud.refused("POST", ASSETS, body(cloud, path="/big"))
        assert error["message"] == "Your custom page must be smaller than 1500000 characters."


@pytest.mark.parametrize("blank", [b"", b" \r\n\t "])
def test_blank_pages_are_refused(cloud: Cloud, blank: bytes) -> None:
    cloud.host.pages["/blank"] = (200, blank)
    assert (
        cloud.refused("POST", ASSETS, body(cloud, path="/blank"))[0]["message"] == "Your custom page must not be blank."
    )


def test_proxies_are_not_used(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert cloud.add_asset("page")["size_bytes"] == 11


def test_the_stored_copy_can_be_minified(cloud: Cloud) -> None:
    cloud.state.minify = True
    assert cloud.add_asset("page", b"<p>\n    two   words\n</p>\n")["size_bytes"] == len(b"<p> two words </p> ")


def test_the_emulator_can_fetch_from_itself(cloud: Cloud) -> None:
    cloud.state.faults = lambda seen: Response(b"own page") if seen.path == "/own.html" else None
    asset = cloud.ok("POST", ASSETS, {"name": "own", "description": "", "url": f"{cloud.url}/own.html"})
    assert asset["size_bytes"] == 8
