"""One site at Cloudflare and at CloudFront: all is checked and brought to both before either is switched."""

from __future__ import annotations

from contextlib import closing

import httpx
import pytest

from site_builder import manifest as manifests
from site_builder.errors import PartlyApplied, RemoteFailed
from site_builder.model import Page, Site
from site_builder.object_keys import object_key
from site_builder.rendering.marker import BLANK, marked
from tests.cloudfront_double import DOMAIN, ENVIRON, ID, Double, refusal

from .world import ZONE, Built, Network, World, an_entry

CLOUDFLARE, CLOUDFRONT = f"cloudflare zone {ZONE}", f"cloudfront distribution {ID}"
EDGES = [
    {"kind": "cloudflare", "zone": ZONE, "plan": "pro"},
    {"kind": "cloudfront", "distribution": ID, "path": "/errors"},
]


def build(version: str) -> Built:
    pages = []
    for profile in ("cloudflare", "static"):
        for entry in (an_entry("404"), an_entry("5xx", (500, 599))):
            html = marked(f"<!DOCTYPE html><html><head>{BLANK}<title>{entry.key} {version} {profile}</title></head>")
            pages.append(Page(f"{profile}/en/{entry.key}.html", entry, "html", "en", profile, html))
    built = manifests.build(pages, Site("default", "Example", "plain", ("en",), "https://example.com/"))
    return Built(built, {f"pages/{page.path}": page.content for page in pages})


def at_distribution(built: Built) -> dict[str, bytes]:
    files = [one for one in built.manifest.files if one.path.startswith("pages/static/")]
    return {f"/errors/{object_key(one.path, one.sha256)}": built.pages[one.path] for one in files}


OLD, NEW = build("1"), build("2")


class BothNetworks(Network):
    """Cloudflare as it is emulated, and a double of CloudFront."""

    def __init__(self, double: Double) -> None:
        super().__init__()
        self.double = double

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        ours = request.url.host in (DOMAIN, "cloudfront.amazonaws.com")
        return self.double.handle_request(request) if ours else super().handle_request(request)


@pytest.fixture
def double() -> Double:
    return Double(pages=at_distribution(OLD) | at_distribution(NEW))


@pytest.fixture
def both(world: World, double: Double) -> World:
    world.edges, world.environ, world.network = EDGES, ENVIRON, BothNetworks(double)
    return world


def bound(double: Double) -> set[str]:
    return {path for path in double.paths().values() if path.startswith("/errors/")}


def test_both_are_switched_each_with_its_own_pages(both: World, double: Double) -> None:
    outcome = both.publish(OLD)

    assert outcome.switched[:2] == (CLOUDFLARE, CLOUDFRONT)
    assert len(both.rules()) == 2
    assert bound(double) == set(at_distribution(OLD))
    double.asked.clear()
    assert both.publish(OLD).plan.is_empty
    assert double.asked == [f"GET /2020-05-31/distribution/{ID}/config"]


def test_what_one_cannot_take_leaves_both_as_they_are(both: World, double: Double) -> None:
    both.publish(OLD)
    rules, xml = both.rules(), double.xml
    missing = next(iter(at_distribution(NEW)))
    content = double.pages.pop(missing)
    with pytest.raises(RemoteFailed) as caught:
        both.publish(NEW)
    assert str(caught.value) == f"GET https://{DOMAIN}{missing}: answered 403"

    double.pages[missing] = content
    double.forbidden = {"_update"}
    with pytest.raises(RemoteFailed, match="answered 403 AccessDenied"):
        both.publish(NEW)
    assert (both.rules(), double.xml) == (rules, xml)


def test_a_failure_at_the_second_says_what_is_live_and_is_carried_on(both: World, double: Double) -> None:
    both.publish(OLD)
    with closing(both.target(NEW)) as target:
        _, found = both.survey(NEW)
        double.spoil = lambda _, request, send: (
            refusal(400, "InvalidArgument", "no")
            if "If-Match" in double.asked[-1] and request.headers["if-match"] == double.etag
            else send()
        )
        with pytest.raises(PartlyApplied) as caught:
            both.apply(target, found)
    assert caught.value.message == (
        f"the new answers are live at {CLOUDFLARE}, but then: answered 400 InvalidArgument: no"
    )
    assert bound(double) == set(at_distribution(OLD))

    double.spoil = None
    both.publish(NEW)
    assert bound(double) == set(at_distribution(NEW))
    assert both.survey(NEW)[1].plan.is_empty


def test_a_distribution_that_is_a_canary_is_switched_before_a_zone_is_prepared(both: World, double: Double) -> None:
    both.edges = [EDGES[0], {**EDGES[1], "canary": True}]
    both.publish(OLD)
    both.network.spoil = lambda _, request, send: (
        httpx.Response(403, json={"success": False, "errors": [{"code": 10000, "message": "no"}]})
        if request.method == "POST"
        else send()
    )
    with pytest.raises(PartlyApplied) as caught:
        both.publish(NEW)
    assert f"the new answers are live at {CLOUDFRONT}, but then: answered 403" in caught.value.message
    assert bound(double) == set(at_distribution(NEW))

    both.network.spoil = None
    outcome = both.publish(NEW)
    assert outcome.switched[0] == CLOUDFLARE
    assert both.survey(NEW)[1].plan.is_empty
