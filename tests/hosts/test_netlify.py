"""A site of Netlify: deploys by digest, drafts before what is live, whose site it is, and answers that are failures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from site_builder.certificates import trusted
from site_builder.errors import ErrgenError, InvalidInput, PlanRefused
from site_builder.hosts import Host, Upload, live_address, open_host
from site_builder.hosts.netlify import Netlify as NetlifyHost
from tests.netlify_double import RESET, SITE_ID, TOKEN, problem

from .conftest import Netlify

OLD, NEW = "0a" * 32, "1b" * 32
PAGES = {"404.html": b"four", "errors/en/500.html": b"five", "_headers": b"/*\n  X-Robots-Tag: noindex\n"}
WHERE = "errgen.toml: site.default.host"


def manifest(release: str, site: str = "default") -> bytes:
    return json.dumps({"site": site, "release": release}).encode()


def bring(host: Host, release: str, pages: Mapping[str, bytes]) -> list[str]:
    """The keys of pages that are stored now."""
    uploads = [Upload(host.place(path, "", release), content, "text/html") for path, content in pages.items()]
    host.write_many(uploads, lambda _: None)
    return [upload.key for upload in uploads]


def publish(host: Host, release: str, pages: Mapping[str, bytes], site: str = "default") -> None:
    bring(host, release, pages)
    host.activate(release, manifest(release, site))


def live(release: str, pages: Mapping[str, bytes], site: str = "default") -> dict[str, bytes]:
    """What visitors get of a release."""
    return {f"/releases/{release}.json": manifest(release, site), **{f"/{path}": page for path, page in pages.items()}}


def failure(call: Callable[[], Any]) -> tuple[str, str]:
    """What is said and what is advised."""
    with pytest.raises(ErrgenError) as caught:
        call()
    assert TOKEN not in f"{caught.value} {caught.value.hint} {caught.value.__cause__}"
    return str(caught.value), caught.value.hint or ""


def writes(netlify: Netlify) -> list[tuple[str, str]]:
    return [one for one in netlify.double.asked if one[0] != "GET"]


def sent(netlify: Netlify) -> list[str]:
    """The files that were uploaded."""
    return sorted(path.partition("/files/")[2] for method, path in writes(netlify) if method == "PUT")


def test_pages_go_to_a_draft_and_nothing_is_sent_twice(netlify: Netlify) -> None:
    host = netlify.host()
    host.check()
    keys = bring(host, OLD, PAGES)
    assert netlify.double.live() == {}
    assert [httpx.get(host.url(key), trust_env=False, verify=trusted()).content for key in keys] == list(PAGES.values())
    host.activate(OLD, manifest(OLD))
    assert netlify.double.live() == live(OLD, PAGES)
    one, two = f"{1:024x}", f"{2:024x}"
    assert sorted(writes(netlify)[1:4]) == [("PUT", f"/deploys/{one}/files/{path}") for path in sorted(PAGES)]
    assert [one for one in writes(netlify) if one[0] == "POST"] == [
        ("POST", f"/sites/{SITE_ID}/deploys?title=errgen%3A%20draft%20of%200a0a0a0a0a0a"),
        ("POST", f"/sites/{SITE_ID}/deploys?title=errgen%20default%20{OLD}"),
    ]
    assert sorted(writes(netlify)[5:]) == [
        ("PUT", f"/deploys/{two}/files/releases/{name}.json") for name in (OLD, "files")
    ]
    assert host.name == "netlify example-errors"


def test_a_later_release_sends_only_what_netlify_lacks(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    netlify.double.asked.clear()
    publish(netlify.host(), NEW, PAGES | {"404.html": b"quatre"})
    assert netlify.double.live() == live(NEW, PAGES | {"404.html": b"quatre"})
    assert sent(netlify) == ["404.html", f"releases/{NEW}.json", "releases/files.json"]


def test_an_unchanged_site_is_asked_for_its_deploys_and_their_indexes_only(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    netlify.double.asked.clear()
    host = netlify.host()
    assert (set(host.list()), host.current()) == ({host.place(path, "", OLD) for path in PAGES}, OLD)
    assert netlify.double.asked == [
        ("GET", "/sites/example-errors.netlify.app"),
        ("GET", f"/sites/{SITE_ID}/deploys?production=true&state=ready&per_page=100"),
        ("GET", f"/at/{2:024x}/releases/files.json"),
        ("GET", "/sites/example-errors.netlify.app"),
    ]


def test_one_look_at_a_release_that_is_current_asks_for_its_index_only(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    publish(netlify.host(), NEW, PAGES)
    netlify.double.asked.clear()
    pages, current = netlify.host().look(NEW)
    assert (set(pages), current) == ({netlify.host().place(path, "", NEW) for path in PAGES}, NEW)
    assert netlify.double.asked == [
        ("GET", "/sites/example-errors.netlify.app"),
        ("GET", f"/at/{4:024x}/releases/files.json"),
    ]


def test_going_back_restores_the_deploy_and_uploads_nothing(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    publish(netlify.host(), NEW, {"404.html": b"quatre"})
    netlify.double.asked.clear()
    netlify.host().activate(OLD, manifest(OLD))
    assert netlify.double.live() == live(OLD, PAGES)
    assert writes(netlify) == [("POST", f"/sites/{SITE_ID}/deploys/{2:024x}/restore")]


def test_what_was_cut_off_is_carried_on(netlify: Netlify) -> None:
    bring(netlify.host(), OLD, PAGES)
    host = netlify.host()
    assert (host.list(), host.releases(), host.current()) == ({}, (), None)
    netlify.double.asked.clear()
    publish(host, OLD, PAGES)
    assert netlify.double.live() == live(OLD, PAGES)
    assert sent(netlify) == [f"releases/{OLD}.json", "releases/files.json"]


def test_a_page_of_the_published_release_is_mended_in_one_step(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    host = netlify.host()
    bring(host, OLD, {"_redirects": b"/a /b\n"})
    assert netlify.double.live() == live(OLD, PAGES | {"_redirects": b"/a /b\n"})
    assert host.current() == OLD


def test_many_files_are_compared_behind_the_request(netlify: Netlify) -> None:
    pages = {f"errors/en/{code}.html": str(code).encode() for code in range(400, 520)}
    publish(netlify.host(), OLD, pages)
    assert netlify.double.live() == live(OLD, pages)
    assert netlify.slept.count(1.0) > 2


def test_removing_a_release_removes_its_deploy_but_never_the_published_one(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    publish(netlify.host(), NEW, PAGES)
    host = netlify.host()
    assert set(host.list()) == {host.place(path, "", release) for path in PAGES for release in (OLD, NEW)}
    host.delete([release.key for release in host.releases()])
    assert set(host.list()) == {host.place(path, "", NEW) for path in PAGES}
    assert [release.digest for release in host.releases()] == [NEW]
    assert netlify.double.live() == live(NEW, PAGES)


def test_releases_are_found_on_every_page_of_the_list(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    publish(netlify.host(), NEW, PAGES)
    netlify.double.page_size = 1
    assert [release.digest for release in netlify.host().releases()] == [OLD, NEW]


def test_a_site_with_other_content_is_refused_before_anything_is_written(netlify: Netlify) -> None:
    netlify.double.put_by_hand({"/index.html": b"<h1>Shop</h1>", "/shop.css": b""})
    for call in (netlify.host().check, netlify.host().list, netlify.host().current):
        with pytest.raises(PlanRefused):
            call()
    assert failure(netlify.host().check) == (
        "netlify example-errors: holds 2 files that are not errgen's (index.html, shop.css), and a deploy would "
        "replace the whole site",
        "make a new site for the error pages and name that in site; or write replace = true in the host's table, and "
        "everything on this one is replaced",
    )
    assert writes(netlify) == []
    publish(netlify.host(replace=True), OLD, PAGES)
    assert netlify.double.live() == live(OLD, PAGES)


def test_the_pages_of_another_site_are_not_replaced(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES, "shop")
    host = netlify.host()
    bring(host, NEW, PAGES)
    assert failure(lambda: host.activate(NEW, manifest(NEW))) == (
        "netlify example-errors: holds the pages of the site «shop», and a deploy would replace them",
        "give each site of errgen.toml a site of its own at Netlify",
    )
    assert netlify.double.live() == live(OLD, PAGES, "shop")


def test_without_a_release_the_site_stays_errgens(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    netlify.host().deactivate()
    assert netlify.double.live() == {}
    publish(netlify.host(), NEW, PAGES)
    assert netlify.host().current() == NEW


def test_a_page_missing_from_an_older_release_is_brought_before_that_is_published_again(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    publish(netlify.host(), NEW, PAGES)
    publish(netlify.host(), OLD, {"_redirects": b"/a /b\n"})
    assert netlify.double.live() == live(OLD, PAGES | {"_redirects": b"/a /b\n"})


def test_a_site_that_is_closed_to_visitors_is_told(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    spoil(netlify, "GET", "/at/", Response("Password", 401))
    said, hint = failure(netlify.host().list)
    assert said.endswith("/releases/files.json: answered 401")
    assert hint.startswith("the site is closed to visitors")


def test_single_files_cannot_be_kept(netlify: Netlify) -> None:
    host = netlify.host()
    assert failure(lambda: host.write(host.record_key("audit.jsonl"), b"{}", "application/json", None)) == (
        "netlify example-errors: records/audit.jsonl: Netlify keeps whole deploys and no single files",
        "keep backups and audit lines from .errgen/, as an artifact of the CI job for example",
    )


@pytest.mark.parametrize("site", ["example-errors", SITE_ID, "errors.example.com"])
def test_a_site_is_named_by_its_name_its_id_or_a_domain(netlify: Netlify, site: str) -> None:
    netlify.host(site=site).check()


@pytest.mark.parametrize("site", ["", "https://example-errors.netlify.app", "a/b", "-a"])
def test_what_is_no_site_is_refused(site: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        open_host({"kind": "netlify", "site": site}, WHERE, {})
    assert caught.value.faults[0].where == f"{WHERE}.site"


def test_a_token_is_needed_and_must_be_right(netlify: Netlify) -> None:
    said, hint = failure(netlify.host(NETLIFY_AUTH_TOKEN="").check)
    assert (said, "personal access token" in hint) == ("Netlify: NETLIFY_AUTH_TOKEN is not set", True)
    said, hint = failure(netlify.host(NETLIFY_AUTH_TOKEN="hunter2").check)
    assert said == "GET /sites/example-errors.netlify.app: answered 401: Access Denied"
    assert "hunter2" not in said + hint


def spoil(netlify: Netlify, method: str, part: str, *answers: Response) -> None:
    """Answer the first requests of this kind with these."""
    left = list(answers)

    def answer(request: Request, _: int) -> Response | None:
        return left.pop(0) if left and request.method == method and part in request.url.path else None

    netlify.double.spoil = answer


def test_what_passes_is_waited_out(netlify: Netlify) -> None:
    host = netlify.host()
    spoil(netlify, "POST", "/deploys", problem(429, "Too many", **{"Retry-After": "17"}), problem(503, "down"))
    bring(host, OLD, PAGES)
    assert netlify.slept[:2] == [17.0, 4.0]
    netlify.slept.clear()
    spoil(netlify, "POST", "/deploys", problem(429, "Too many", **{"X-RateLimit-Reset": str(RESET)}))
    host.activate(OLD, manifest(OLD))
    assert netlify.slept[0] == 60.0
    assert netlify.double.live() == live(OLD, PAGES)


def test_an_empty_401_for_an_upload_is_tried_again(netlify: Netlify) -> None:
    spoil(netlify, "PUT", "/files/", Response(status_code=401))
    publish(netlify.host(), OLD, PAGES)
    assert netlify.double.live() == live(OLD, PAGES)


def test_the_last_call_of_a_minute_waits_for_the_next(netlify: Netlify) -> None:
    limits = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(RESET)}
    spoil(netlify, "GET", "/sites/", Response(f'{{"id": "{SITE_ID}"}}', headers=limits, media_type="application/json"))
    netlify.host().check()
    assert netlify.slept == [60.0]


def test_a_wait_that_is_too_long_is_left_to_the_user(netlify: Netlify) -> None:
    spoil(netlify, "GET", "/sites/", problem(429, "Too many", **{"Retry-After": "3600"}))
    assert failure(netlify.host().check) == (
        "GET /sites/example-errors.netlify.app: answered 429: Too many",
        "Netlify asks to wait 3600 seconds; run the same command again after that",
    )
    assert netlify.slept == []


@pytest.mark.parametrize(
    ("answers", "said", "hint"),
    [
        (
            [problem(404, "Not Found")],
            "answered 404: Not Found",
            "check site in the host's table: it is the site's id, its name, or one of its domains",
        ),
        (
            [problem(403, "Forbidden")],
            "answered 403: Forbidden",
            "the token's owner may not do this: let somebody with the role Developer or Owner make one for this site",
        ),
        (
            [Response("<h1>Portal</h1>")],
            "the answer is not one of Netlify's",
            "check NETLIFY_API_URL, and that no proxy is in between",
        ),
        (
            [Response("<h1>Bad Gateway</h1>", 502)] * 5,
            "answered 502",
            "run the same command again later; what is uploaded already is not sent twice",
        ),
    ],
)
def test_failures_say_what_to_do(netlify: Netlify, answers: list[Response], said: str, hint: str) -> None:
    spoil(netlify, "GET", "/sites/", *answers)
    assert failure(netlify.host().check) == (f"GET /sites/example-errors.netlify.app: {said}", hint)


def test_a_netlify_that_cannot_be_reached(netlify: Netlify) -> None:
    said, _ = failure(netlify.host(NETLIFY_API_URL="http://127.0.0.1:1").check)
    assert said.startswith("GET /sites/example-errors.netlify.app: cannot be reached: ")
    assert netlify.slept == [2.0, 4.0, 8.0, 16.0]


def test_a_deploy_that_fails_changes_nothing(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    netlify.double.fails = "processing failed"
    assert failure(lambda: bring(netlify.host(), NEW, PAGES)) == (
        "netlify example-errors: the deploy failed: processing failed",
        f"look at its log in Netlify's dashboard (deploy {3:024x}); what was live still is",
    )
    assert netlify.double.live() == live(OLD, PAGES)


def test_a_deploy_that_never_gets_ready_is_given_up(netlify: Netlify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("site_builder.hosts._netlify_deploys._POLLS", 3)
    raw = {"id": "x", "state": "processing"}
    answers = [Response(json.dumps(raw), media_type="application/json") for _ in range(9)]
    host = netlify.host()
    host.check()
    netlify.double.spoil = lambda request, _: (
        answers.pop() if request.method == "POST" or request.url.path.endswith("/x") else None
    )
    said, hint = failure(lambda: bring(host, OLD, PAGES))
    assert said == "netlify example-errors: the deploy is still «processing» after 3 seconds"
    assert "netlifystatus.com" in hint


def test_a_locked_site_is_told(netlify: Netlify) -> None:
    host = netlify.host()
    bring(host, OLD, PAGES)
    netlify.double.locked = True
    assert failure(lambda: host.activate(OLD, manifest(OLD))) == (
        f"netlify example-errors: the deploy {2:024x} is ready, and visitors still get another",
        "publishing is locked to one deploy: unlock it in Netlify's dashboard (Deploys), then publish again",
    )


def test_a_release_that_is_not_there_cannot_be_switched_to(netlify: Netlify) -> None:
    host = netlify.host()
    assert failure(lambda: host.activate(OLD, manifest(OLD)))[1] == "publish it again"
    key = host.place("404.html", "", OLD)
    assert failure(lambda: host.url(key)) == (
        f"netlify example-errors: {key}: there is no such file",
        "publish again: that stores whatever is missing",
    )


def test_digests_are_of_what_netlify_serves(netlify: Netlify) -> None:
    publish(netlify.host(), OLD, PAGES)
    host = netlify.host()
    key = host.place("404.html", "", OLD)
    sha = hashlib.sha1(b"four", usedforsecurity=False).hexdigest()
    netlify.double.stored.files[sha] = b"FOUR"
    assert host.inspect([key])[key].digest == hashlib.sha256(b"FOUR").hexdigest()


def test_a_draft_that_serves_other_bytes_is_not_published(netlify: Netlify) -> None:
    """As where Netlify's post processing changes HTML."""
    publish(netlify.host(), OLD, PAGES)
    netlify.double.spoil = lambda request, _: (
        Response("changed") if request.url.path.endswith("/errors/en/500.html") else None
    )
    address = f"{netlify.double.url}/at/{3:024x}/errors/en/500.html"
    hint = (
        "nothing was published: switch off what changes pages in Netlify's dashboard (post processing of HTML, "
        "snippets), then publish again"
    )
    changed = PAGES | {"404.html": b"quatre"}
    assert failure(lambda: publish(netlify.host(), NEW, changed)) == (
        f"GET {address}: other bytes are served than were brought",
        hint,
    )
    netlify.double.spoil = lambda request, _: (
        Response("none", 404) if request.url.path.endswith("/errors/en/500.html") else None
    )
    assert failure(lambda: publish(netlify.host(), NEW, changed))[0].endswith("500.html: there is no such page")
    assert netlify.double.live() == live(OLD, PAGES)


def test_a_draft_for_a_preview_changes_nothing(netlify: Netlify) -> None:
    host = netlify.host()
    assert isinstance(host, NetlifyHost)
    publish(host, OLD, PAGES)
    address = host.draft(PAGES | {"404.html": b"quatre"}, "1b1b")
    assert httpx.get(f"{address}/404.html", trust_env=False, verify=trusted()).content == b"quatre"
    assert netlify.double.live() == live(OLD, PAGES)
    assert [release.digest for release in netlify.host().releases()] == [OLD]


@pytest.mark.parametrize(
    ("table", "address"),
    [
        ({"site": "example-errors"}, "https://example-errors.netlify.app"),
        ({"site": "errors.example.com"}, "https://errors.example.com"),
        ({"site": SITE_ID}, None),
        ({"site": SITE_ID, "public_url": "https://errors.example.com/"}, "https://errors.example.com"),
    ],
)
def test_where_visitors_get_it(table: dict[str, str], address: str | None) -> None:
    assert live_address({"kind": "netlify", **table}, WHERE) == address
    assert live_address({"kind": "directory", "path": "public", "public_url": "https://a.example"}, WHERE) is None
