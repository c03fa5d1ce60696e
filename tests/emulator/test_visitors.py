from __future__ import annotations

import itertools
import json
import re

import pytest

from tests.emulator.conftest import BUSINESS, ENTERPRISE, OWNER, PRO, Cloud, rule

ACCOUNT = f"accounts/{OWNER}"
BROWSER = {"accept": "text/html", "accept_encoding": "gzip"}
CLIENT = {"accept": "application/json", "accept_encoding": "gzip"}
AGENT = {"accept": "text/markdown", "accept_encoding": "gzip"}
LAYERS = ("zone rule of_zone", "account rule of_account", "zone Error Page 500_errors", "account Error Page 500_errors")


def put_layer(cloud: Cloud, layer: str) -> None:
    scope = f"zones/{PRO}" if layer.startswith("zone") else ACCOUNT
    if "rule" in layer:
        cloud.put_rules(rule("http.response.code eq 522", layer.split()[-1], content=layer), scope=scope)
        return
    page = f"<head></head>{layer} ::CLOUDFLARE_ERROR_500S_BOX::".encode()
    cloud.host.pages["/layer"] = (200, page)
    cloud.ok("PUT", "/custom_pages/500_errors", {"state": "customized", "url": f"{cloud.host.url}/layer"}, scope=scope)


@pytest.mark.parametrize("present", [some for n in range(5) for some in itertools.combinations(LAYERS, n)], ids=str)
def test_priority_order(cloud: Cloud, present: tuple[str, ...]) -> None:
    for layer in present:
        put_layer(cloud, layer)
    for headers in (BROWSER, CLIENT, AGENT):
        made = cloud.visit("/cdn-cgi/error/522", **headers)
        expected = next(iter(present), "Cloudflare")
        assert (made.status_code, made.headers["errgen-served-by"]) == (522, expected)
        if present:
            assert made.headers["content-type"].startswith("text/html")
            assert expected in made.text
        else:
            assert made.headers["content-type"] == f"{headers['accept']}; charset=utf-8"
    origin = cloud.visit("/origin/522", **BROWSER)
    rules = [layer for layer in present if "rule" in layer]
    assert origin.headers["errgen-served-by"] == next(iter(rules), "origin")
    without_coding = cloud.visit("/cdn-cgi/error/522", accept="text/html")
    assert without_coding.headers["errgen-served-by"] == next(iter(rules), "Cloudflare")


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/cdn-cgi/error/1015", {}),
        ("/cdn-cgi/error/1015/", {}),
        ("/shop/cart", {"errgen_fail": "edge 1015"}),
        ("/origin/503", {"errgen_fail": "edge 1015"}),
    ],
)
def test_ways_to_make_the_edge_fail(cloud: Cloud, path: str, headers: dict[str, str]) -> None:
    made = cloud.visit(path, **CLIENT, **headers)
    assert made.status_code == 429
    assert made.headers["cf-error-type"] == "1015"
    assert made.headers["cf-error-origin"] == "edge"
    assert made.headers["retry-after"] == "30"
    body = made.json()
    assert (body["error_code"], body["zone"], body["ray_id"]) == (1015, "example.com", made.headers["cf-ray"])
    assert body["timestamp"].startswith("2026-04-24T09:22:4")


@pytest.mark.parametrize(
    ("path", "headers"), [("/origin/503", {}), ("/origin/503/", {}), ("/a", {"errgen_fail": "origin 503"})]
)
def test_ways_to_make_the_origin_fail(cloud: Cloud, path: str, headers: dict[str, str]) -> None:
    made = cloud.visit(path, **CLIENT, **headers)
    assert (made.status_code, made.headers["errgen-served-by"]) == (503, "origin")
    assert made.headers["x-origin"] == "errgen"
    assert "cf-error-type" not in made.headers
    assert "The origin answers with 503." in made.text


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 200),
        ("/client/v4x", {}, 200),
        ("/cdn-cgi/error/", {}, 200),
        ("/cdn-cgi/error/99", {}, 400),
        ("/cdn-cgi/error/200", {}, 400),
        ("/cdn-cgi/error/2000", {}, 400),
        ("/cdn-cgi/error/abc", {}, 400),
        ("/origin/199", {}, 400),
        ("/origin/1015", {}, 400),
        ("/", {"errgen_fail": "everything"}, 400),
        ("/", {"errgen_fail": "edge"}, 400),
        ("/", {"errgen_fail": "visitor 404"}, 400),
    ],
)
def test_what_cannot_fail_says_how_to_fail(cloud: Cloud, path: str, headers: dict[str, str], status: int) -> None:
    cloud.put_rules(rule("true"))
    made = cloud.visit(path, **headers)
    assert (made.status_code, made.headers["errgen-served-by"]) == (status, "errgen")
    assert made.headers["content-type"] == "text/plain; charset=utf-8"
    assert "/cdn-cgi/error/522" in made.text


def test_an_emulator_without_zones_still_answers(cloud: Cloud) -> None:
    cloud.state.zones = ()
    assert cloud.visit("/").status_code == 200
    made = cloud.visit("/origin/404")
    assert made.status_code == 400
    assert made.text.startswith("errgen emulates Cloudflare here. It has no zone, so nothing can fail.\n")


@pytest.mark.parametrize("status", [200, 204, 301, 304, 399])
def test_what_is_no_error_passes(cloud: Cloud, status: int) -> None:
    cloud.put_rules(rule("true"))
    made = cloud.visit(f"/origin/{status}")
    assert (made.status_code, made.headers["errgen-served-by"]) == (status, "origin")


def test_any_method_is_answered(cloud: Cloud) -> None:
    cloud.put_rules(rule('http.request.method eq "POST"', "posted"))
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"):
        made = cloud.http.request(method, f"{cloud.url}/origin/404")
        assert made.headers["errgen-served-by"] == ("zone rule posted" if method == "POST" else "origin")
    head, get = (cloud.http.request(method, f"{cloud.url}/origin/404") for method in ("HEAD", "GET"))
    assert (head.content, head.headers["content-length"]) == (b"", get.headers["content-length"])


def test_tokens_in_content_assets_and_error_pages(cloud: Cloud) -> None:
    text = "::RAY_ID:: ::CLIENT_IP:: ::GEO:: ::RAY_ID::"
    cloud.add_asset("page", text.encode())
    cloud.put_rules(
        rule("http.response.code eq 500", content=text, content_type="text/plain"),
        rule("http.response.code eq 404", content=None, asset_name="page"),
    )
    cloud.host.pages["/x"] = (200, f"<head></head>::CLOUDFLARE_ERROR_500S_BOX::{text}".encode())
    cloud.ok("PUT", "/custom_pages/500_errors", {"state": "customized", "url": f"{cloud.host.url}/x"})
    rays = set()
    for path in ("/origin/500", "/origin/404", "/cdn-cgi/error/522"):
        made = cloud.visit(path, **BROWSER)
        ray = made.headers["cf-ray"]
        assert re.fullmatch("[0-9a-f]{16}", ray)
        assert f"{ray} 203.0.113.7 DE {ray}" in made.text
        assert "::" not in made.text
        rays.add(ray)
    assert len(rays) == 3
    assert cloud.visit("/origin/404").headers["content-type"] == "text/html"


def test_the_origins_headers_survive_a_rule(cloud: Cloud) -> None:
    cloud.state.origin_headers = (
        ("Content-Type", "application/json"),
        ("Content-Security-Policy", "default-src 'none'"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Retry-After", "5"),
    )
    cloud.put_rules(rule("http.response.code eq 503", "r", content="<p>new</p>", status_code=530))
    made = cloud.visit("/origin/503")
    assert (made.status_code, made.text) == (530, "<p>new</p>")
    kept = [(name, value) for name, value in made.headers.multi_items() if name != "date"]
    assert kept == [
        ("content-length", "10"),
        ("content-type", "text/html"),
        ("content-security-policy", "default-src 'none'"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("retry-after", "5"),
        ("cf-ray", made.headers["cf-ray"]),
        ("errgen-served-by", "zone rule r"),
    ]


@pytest.mark.parametrize(
    ("host", "served_by"),
    [
        ("example.com", "zone rule of_pro"),
        ("www.example.com:8080", "zone rule of_pro"),
        ("EXAMPLE.COM", "zone rule of_pro"),
        ("business.example", "zone rule of_business"),
        ("deep.business.example", "zone rule of_business"),
        ("notbusiness.example", "zone rule of_pro"),
        ("127.0.0.1:80", "zone rule of_pro"),
        ("enterprise.example", "account rule of_account"),
        ("free.example", "origin"),
    ],
)
def test_the_host_decides_the_zone(cloud: Cloud, host: str, served_by: str) -> None:
    cloud.put_rules(rule("true", "of_pro"))
    cloud.put_rules(rule("true", "of_business"), scope=f"zones/{BUSINESS}")
    cloud.put_rules(rule('cf.zone.name eq "enterprise.example"', "of_account"), scope=ACCOUNT)
    assert cloud.visit("/origin/404", host=host).headers["errgen-served-by"] == served_by


@pytest.mark.parametrize(
    ("expression", "path", "headers", "matches"),
    [
        ('any(http.request.headers["accept"][*] contains "json")', "/origin/404", CLIENT, True),
        ('any(http.request.headers["accept"][*] contains "json")', "/origin/404", BROWSER, False),
        ('http.host eq "example.com"', "/origin/404", {}, True),
        ('http.request.uri eq "/origin/404?a=b%20c"', "/origin/404?a=b%20c", {}, True),
        ('http.request.uri.path eq "/caf%C3%A9"', "/caf%C3%A9", {"errgen_fail": "origin 404"}, True),
        ('any(http.request.headers.names[*] contains "errgen")', "/a", {"errgen_fail": "edge 404"}, False),
        ('cf.response.error_type eq "1xxx"', "/cdn-cgi/error/1020", {}, True),
        ('cf.response.error_type eq ""', "/origin/522", {}, True),
        ("cf.response.1xxx_code eq 1020 and http.response.code eq 403", "/cdn-cgi/error/1020", {}, True),
        ("cf.response.1xxx_code gt 0", "/cdn-cgi/error/522", {}, False),
        ('http.response.headers["x-origin"][0] eq "errgen"', "/origin/404", {}, True),
        ("ip.src eq 203.0.113.7 and ssl", "/origin/404", {}, True),
    ],
)
def test_expressions_see_the_visit(
    cloud: Cloud, expression: str, path: str, headers: dict[str, str], matches: bool
) -> None:
    cloud.put_rules(rule(expression, "hit"))
    assert (cloud.visit(path, **headers).headers["errgen-served-by"] == "zone rule hit") is matches


def test_52x_can_be_in_the_1xxx_code(cloud: Cloud) -> None:
    cloud.put_rules(rule("cf.response.1xxx_code eq 522", "hit"))
    assert cloud.visit("/cdn-cgi/error/522").headers["errgen-served-by"] == "Cloudflare"
    cloud.state.code_1xxx_covers_52x = True
    assert cloud.visit("/cdn-cgi/error/522").headers["errgen-served-by"] == "zone rule hit"


def test_an_asset_is_what_it_was_when_it_was_fetched(cloud: Cloud) -> None:
    cloud.add_asset("page", b"first")
    cloud.put_rules(rule("true", content=None, asset_name="page"))
    cloud.host.pages["/page.html"] = (200, b"second")
    assert cloud.visit("/origin/404").text == "first"
    cloud.ok("PUT", "/custom_pages/assets/page", {"description": "", "url": f"{cloud.host.url}/page.html"})
    assert cloud.visit("/origin/404").text == "second"
    cloud.call("DELETE", "/custom_pages/assets/page")
    lost = cloud.visit("/origin/404")
    assert lost.headers["errgen-served-by"].startswith("origin, zone rule ")
    assert lost.headers["errgen-served-by"].endswith(" lacks its asset")


@pytest.mark.parametrize(("status", "sent"), [(599, 599), (600, 500), (999, 500)])
def test_statuses_that_the_server_cannot_send_go_into_a_header(cloud: Cloud, status: int, sent: int) -> None:
    cloud.put_rules(rule("true", status_code=status))
    made = cloud.visit("/origin/404")
    assert (made.status_code, made.headers.get("errgen-status")) == (sent, None if sent == status else str(status))


def test_a_strange_ref_is_made_fit_for_a_header(cloud: Cloud) -> None:
    cloud.put_rules(rule("true", "über\r\nx: y"))
    assert cloud.visit("/origin/404").headers["errgen-served-by"] == "zone rule ?ber??x: y"


def test_structured_answers_are_on_every_plan(cloud: Cloud) -> None:
    cloud.put_rules(rule("true"), scope=f"zones/{ENTERPRISE}")
    made = cloud.visit("/cdn-cgi/error/522", host="free.example", **CLIENT)
    assert json.loads(made.content)["zone"] == "free.example"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/", "Nothing failed, so there is no error to show."),
        (
            "/cdn-cgi/error/9999",
            "There is no failure 'edge 9999': the edge fails with 400 to 599 and 1000 to 1999, the origin answers with "
            "200 to 599.",
        ),
    ],
)
def test_says_why_there_is_no_error(cloud: Cloud, path: str, says: str) -> None:
    assert cloud.visit(path).text.splitlines()[0] == f"errgen emulates Cloudflare here. {says}"
