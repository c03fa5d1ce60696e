"""A distribution published to: the whole plan, each step, and somebody else who writes at the same time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest

from site_builder.edges import open_edge
from site_builder.edges._remote import Change, CutOffError, EdgePlan, Limit, Live
from site_builder.edges.cloudfront.calls import CallFailed
from site_builder.edges.cloudfront.remote import CloudFrontRemote, open_remote
from site_builder.errors import PlanRefused, RemoteFailed
from site_builder.model import Finding
from site_builder.object_keys import object_key
from tests.cloudfront_double import CONFIGURATION, DOMAIN, ENVIRON, ID, SECRET, Double, refusal
from tests.cloudfront_peer import CloudFront, cloudfront
from tests.edges.conftest import Built, an_entry, build_site
from tests.s3_peers import moto

__all__ = ["cloudfront", "moto"]  # fixtures

TARGET = f"cloudfront distribution {ID}"
ENTRIES = [an_entry("404"), an_entry("503", retry_after=5), an_entry("403"), an_entry("410")]


def built(version: str = "1") -> Built:
    contents = {f"en/{one.key}.html": f"{one.key} in version {version}".encode() for one in ENTRIES}
    return build_site(ENTRIES, profile="static", contents=contents, formats=("html",))


OLD, NEW = built("1"), built("2")


def page(site: Built, key: str) -> str:
    """Where a page is at the distribution."""
    file = next(one for one in site.manifest.files if one.path.endswith(f"/{key}.html"))
    return f"/errors/{object_key(file.path, file.sha256)}"


def sha256(site: Built, key: str) -> str:
    return next(one.sha256 for one in site.manifest.files if one.path.endswith(f"/{key}.html"))


@pytest.fixture
def double() -> Double:
    return Double()


@pytest.fixture
def said() -> list[str]:
    return []


Open = Callable[..., CloudFrontRemote]


@pytest.fixture
def remote(double: Double, said: list[str]) -> Open:
    def make(
        site: Built = NEW, *, environ: dict[str, str] | None = None, maintenance: bool | None = None, **options: Any
    ) -> CloudFrontRemote:
        table = {"kind": "cloudfront", "distribution": ID, "path": "/errors", "bucket": "example-errors", **options}
        edge = open_edge(table, "errgen.toml: site.default.edge[0]")
        sleep = said.append
        return open_remote(
            site.manifest,
            site.read,
            edge.options,
            ENVIRON if environ is None else environ,
            maintenance=maintenance,
            report=said.append,
            transport=double,
            sleep=lambda seconds: sleep(f"slept {seconds}"),
        )

    return make


def publish(remote: CloudFrontRemote) -> None:
    remote.switch(remote.read())


def told(site: Built, key: str, seconds: int = 10) -> str:
    fields = {"ErrorCachingMinTTL": seconds, "ResponseCode": key, "ResponsePagePath": page(site, key)}
    return json.dumps(fields)


def test_the_first_plan(remote: Open, double: Double) -> None:
    one = remote()
    state = one.read()

    assert one.plan(state) == EdgePlan(
        TARGET,
        "E1VERSION",
        (
            Change("create", "rule", TARGET, "error response 404", "missing", None, told(NEW, "404")),
            Change("create", "rule", TARGET, "error response 503", "missing", None, told(NEW, "503", 5)),
        ),
        (Limit(TARGET, "error responses", 4, 4, 11),),
        ("error response 405: no page, cached for 0 s", "error response 403: /index.html with 200, cached for 300 s"),
        (
            Finding(
                "cloudfront-taken",
                "warning",
                "403 keeps the error response that somebody else made: /index.html with 200, cached for 300 s",
                where=TARGET,
                hint="add 403 to replaces in this edge's table to have errgen's page for it",
            ),
            Finding(
                "cloudfront-eventual",
                "info",
                "CloudFront takes some minutes to bring a change to all places; until then some answer as before",
                where=TARGET,
            ),
        ),
        live=Live(0, 9),
    )
    assert double.asked == [f"GET /2020-05-31/distribution/{ID}/config"]


def test_a_switch_changes_our_error_responses_and_nothing_else(remote: Open, double: Double) -> None:
    before = double.around()
    publish(remote(OLD))
    assert double.paths() == {405: "", 403: "/index.html", 404: page(OLD, "404"), 503: page(OLD, "503")}
    assert double.around() == before
    assert b'<FieldOfTomorrow quoted="a > b"/>' in double.xml

    publish(remote(NEW))
    assert double.paths() == {405: "", 403: "/index.html", 404: page(NEW, "404"), 503: page(NEW, "503")}
    assert double.around() == before
    assert remote(NEW).plan(remote(NEW).read()).changes == ()


def test_a_change_is_told_with_what_it_was(remote: Open, double: Double, said: list[str]) -> None:
    publish(remote(OLD, caching_seconds=600))
    double.status = "InProgress"
    one = remote(NEW)
    plan = one.plan(one.read())

    assert plan.changes == (
        Change("update", "rule", TARGET, "error response 404", "differs", told(OLD, "404", 600), told(NEW, "404")),
        Change("update", "rule", TARGET, "error response 503", "differs", told(OLD, "503", 5), told(NEW, "503", 5)),
    )
    one.check(one.read())
    assert said[-1] == f"{TARGET}: its last change is still on the way to all places that answer for it"
    assert [(one.id, one.severity, one.message) for one in plan.findings[1:]] == [
        (
            "cloudfront-eventual",
            "info",
            "CloudFront takes some minutes to bring a change to all places; until then some answer as before",
        ),
        ("cloudfront-cached", "info", "an error that is cached by now is answered as before for up to 600 s"),
    ]


def test_what_somebody_else_made_is_replaced_where_the_table_says_so_and_comes_back(
    remote: Open, double: Double
) -> None:
    one = remote(NEW, replaces=[403, 405])
    state = one.read()
    before = one.switch(state)
    assert double.paths() == {405: "", 403: page(NEW, "403"), 404: page(NEW, "404"), 503: page(NEW, "503")}
    assert one.standing(before) == "new"

    one.restore(before)
    assert one.standing(before) == "old"
    assert double.paths() == {403: "/index.html", 405: ""}
    assert b'<FieldOfTomorrow quoted="a > b"/>' in double.xml


def test_what_has_no_page_any_more_is_removed(remote: Open, double: Double) -> None:
    publish(remote(OLD))
    fewer = build_site([an_entry("503")], profile="static", formats=("html",))
    one = remote(fewer)

    assert [(one.action, one.name) for one in one.plan(one.read()).changes] == [
        ("delete", "error response 404"),
        ("update", "error response 503"),
    ]
    publish(one)
    assert set(double.paths()) == {403, 405, 503}


def test_the_pages_have_to_be_readable_at_the_distribution(remote: Open) -> None:
    one = remote(NEW)
    assert one.serves(one.read()).pages == {
        f"https://{DOMAIN}{page(NEW, key)}": sha256(NEW, key) for key in ("403", "404", "503")
    }
    publish(one)
    elsewhere = remote(NEW, url="https://www.example.com/")
    assert elsewhere.serves(elsewhere.read()).pages == {
        f"https://www.example.com{page(NEW, '403')}": sha256(NEW, "403")
    }
    assert one.fetches(one.read()) == {}
    assert set(one.references(one.read())) == {"/index.html", page(NEW, "404"), page(NEW, "503")}
    assert one.page_of("x") is None
    with pytest.raises(RemoteFailed, match="keeps no copy"):
        one.refetch(one.read(), "x", "https://example.com/")


def test_the_backup_has_the_error_responses_and_no_secret(remote: Open) -> None:
    one = remote()
    backup = one.backup(one.read())

    assert b"canary" not in backup
    assert json.loads(backup) == {
        "target": TARGET,
        "site": "default",
        "version": "E1VERSION",
        "custom_error_responses": [
            {"ErrorCode": 405, "ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 0},
            {"ErrorCode": 403, "ResponsePagePath": "/index.html", "ResponseCode": "200", "ErrorCachingMinTTL": 300},
        ],
    }


def test_rights_are_checked_without_a_change(remote: Open, double: Double) -> None:
    one = remote()
    state = one.read()
    one.check(state)
    assert (double.xml, double.version) == (CONFIGURATION, 1)

    double.forbidden = {"_update"}
    with pytest.raises(CallFailed) as caught:
        one.check(state)
    assert str(caught.value) == (
        f"PUT /distribution/{ID}/config: answered 403 AccessDenied: User: arn:aws:iam::1:user/x is not authorized: "
        "_update"
    )
    assert "cloudfront:UpdateDistribution" in str(caught.value.hint)


SOMEBODY = (
    b"<CustomErrorResponse><ErrorCode>404</ErrorCode><ErrorCachingMinTTL>1</ErrorCachingMinTTL></CustomErrorResponse>"
)


def test_who_writes_between_our_look_and_our_write_keeps_what_they_wrote(
    remote: Open, double: Double, said: list[str]
) -> None:
    one = remote()
    state = one.read()

    def write() -> None:
        double.before_write = lambda: None
        double.edit(
            b"<Quantity>2</Quantity><Items><CustomErrorR",
            b"<Quantity>3</Quantity><Items>" + SOMEBODY + b"<CustomErrorR",
        )
        double.edit(b"<Enabled>true", b"<Enabled>false")

    double.before_write = write
    before = one.switch(state)

    assert double.paths() == {404: "", 405: "", 403: "/index.html", 503: page(NEW, "503")}
    assert b"<Enabled>false" in double.xml
    assert before.version == "E3VERSION"
    assert f"{TARGET}: somebody changed the distribution meanwhile; their version is kept and merged" in said
    assert one.standing(before) == "new"


def test_who_writes_all_the_time_is_reported(remote: Open, double: Double) -> None:
    one = remote()
    state = one.read()
    double.before_write = double.touch

    with pytest.raises(RemoteFailed) as caught:
        one.switch(state)
    assert str(caught.value) == f"{TARGET}: somebody else changes the distribution all the time; gave up after 3 rounds"
    assert double.xml == CONFIGURATION


def test_what_was_not_stored_as_sent_is_taken_back(remote: Open, double: Double) -> None:
    publish(remote(OLD))
    one = remote(NEW)
    state = one.read()

    def wrong(xml: bytes) -> bytes:
        double.stored = lambda sent: sent
        return xml.replace(page(NEW, "404").encode(), b"/errors/o/x.html")

    double.stored = wrong
    with pytest.raises(RemoteFailed, match="is not what was sent; the previous error responses are back"):
        one.switch(state)
    assert double.paths() == {405: "", 403: "/index.html", 404: page(OLD, "404"), 503: page(OLD, "503")}


def test_what_is_read_back_too_early_is_read_again(remote: Open, double: Double, said: list[str]) -> None:
    one = remote()
    state = one.read()
    early = [httpx.Response(200, content=double.xml, headers={"ETag": double.etag})]
    double.spoil = lambda _, request, send: early.pop() if early and request.method == "GET" else send()

    one.switch(state)
    assert f"GET /distribution/{ID}/config the answer is a version that was replaced; trying again in 1 s" in said


def test_who_changes_our_responses_right_after_us_is_reported(remote: Open, double: Double) -> None:
    one = remote()
    state = one.read()

    def hurry(_: int, request: httpx.Request, send: Callable[[], httpx.Response]) -> httpx.Response:
        answer = send()
        if request.method == "PUT":
            double.edit(page(NEW, "404").encode(), page(OLD, "404").encode())
        return answer

    double.spoil = hurry
    with pytest.raises(CutOffError) as caught:
        one.switch(state)
    assert "somebody else changed our error responses right after us" in str(caught.value.__cause__)
    assert one.standing(state) == "neither"


@pytest.mark.parametrize("late", [True, False])
def test_a_lost_answer_is_not_repeated_blindly(remote: Open, double: Double, late: bool) -> None:
    one = remote()
    state = one.read()

    def lose(_: int, request: httpx.Request, send: Callable[[], httpx.Response]) -> httpx.Response:
        if late:
            send()
        raise httpx.ReadError(f"connection reset {SECRET}", request=request)

    double.spoil = lose
    with pytest.raises(CutOffError) as caught:
        one.switch(state)
    assert str(caught.value.__cause__) == (
        f"PUT /distribution/{ID}/config: CloudFront cannot be reached: connection reset [secret]"
    )
    double.spoil = None
    assert one.standing(state) == ("new" if late else "old")
    assert len(double.writes) == 1


def test_ctrl_c_at_the_write_is_looked_into(remote: Open, double: Double) -> None:
    one = remote()
    state = one.read()

    def interrupt(_: int, __: httpx.Request, send: Callable[[], httpx.Response]) -> httpx.Response:
        send()
        raise KeyboardInterrupt

    double.spoil = interrupt
    with pytest.raises(CutOffError):
        one.switch(state)


def test_cached_answers_are_dropped_once_for_a_change(remote: Open, double: Double, said: list[str]) -> None:
    remote().prune()
    assert double.asked == []

    one = remote(invalidate=["/shop/*", "/*"])
    publish(one)

    def lose(_: int, request: httpx.Request, send: Callable[[], httpx.Response]) -> httpx.Response:
        if request.method == "POST":
            double.spoil = None
            send()
            raise httpx.ReadTimeout("", request=request)
        return send()

    double.spoil = lose
    one.prune()
    assert double.invalidations == {"errgen-default-E2VERSION": ["/*", "/shop/*"]}
    assert said[-2:] == [
        f"POST /distribution/{ID}/invalidation CloudFront cannot be reached: no answer in time; trying again in 1 s",
        "slept 1.0",
    ]
    double.forbidden = {"_invalidate"}
    with pytest.raises(CallFailed) as caught:
        one.prune()
    assert str(caught.value.hint).endswith(
        f"do this by hand: aws cloudfront create-invalidation --distribution-id {ID} --paths '/*' '/shop/*'"
    )


def test_what_cannot_be_published_to(remote: Open, double: Double) -> None:
    double.edit(b"<Enabled>", b"<ConnectionMode>tenant-only</ConnectionMode><Enabled>")
    one = remote()
    with pytest.raises(PlanRefused, match="is a multi-tenant distribution"):
        one.plan(one.read())
    with pytest.raises(PlanRefused) as caught:
        remote(maintenance=True)
    assert str(caught.value) == f"{TARGET}: cannot announce planned work: there is no HTML page maintenance in en"


MAINTAINED = build_site([*ENTRIES, an_entry("maintenance", (500, 599), serve_status=503)], profile="static")


def test_planned_work_is_announced_stays_so_and_ends(remote: Open, double: Double) -> None:
    def step(maintenance: bool | None) -> tuple[bool, list[str], dict[int, str]]:
        one = remote(MAINTAINED, maintenance=maintenance)
        state = one.read()
        plan = one.plan(state)
        one.restore(one.switch(state))
        publish(one)
        messages = [found.message for found in plan.findings if found.id == "cloudfront-maintenance"]
        return plan.announced, messages, {code: path for code, path in double.paths().items() if code > 405}

    usual = {503: page(MAINTAINED, "503")}
    announced = dict.fromkeys((500, 501, 502, 503, 504), page(MAINTAINED, "maintenance"))
    assert step(None) == (False, [], usual)
    will_be = (
        "planned work will be announced: 500, 501, 502, 503, 504 are answered with the page for it and status 503; "
        "whatever the website still answers below 400 stays open"
    )
    assert step(True) == (True, [will_be], announced)
    assert set(re.findall(rb"maintenance-[0-9a-f]{8}.html</ResponsePagePath><ResponseCode>(\d+)<", double.xml)) == {
        b"503"
    }
    assert step(None) == (True, ["planned work is announced; it stays so"], announced)
    no_longer = "planned work is no longer announced: every 5xx of the website gets its usual page again"
    assert step(False) == (False, [no_longer], usual)
    assert f"https://{DOMAIN}{page(MAINTAINED, 'maintenance')}" in remote(MAINTAINED).serves(remote().read()).pages


QUIET = {"replaces": [403], "caching_seconds": 300}


@pytest.mark.parametrize(
    ("old", "new", "options", "name", "message"),
    [
        (
            b"<Id>errgen-default</Id><DomainName>example-errors.",
            b"<Id>pages</Id><DomainName>other.",
            {},
            "cloudfront-no-origin",
            "has no origin errgen-default, from which CloudFront could read the pages",
        ),
        (
            b"<PathPattern>/errors/o/*",
            b"<PathPattern>/errors/x/*",
            {},
            "cloudfront-no-behavior",
            "asks the origin application for pages: the behavior * takes their addresses, /errors/o/*",
        ),
        (
            b"",
            b"",
            {"origin_path": "/shop"},
            "cloudfront-origin-path",
            "asks errgen-default for pages below /, and they are below /shop",
        ),
        (
            b"<Method>GET</Method></Items></AllowedMethods></DefaultCacheBehavior>",
            b"<Method>GET</Method><Method>POST</Method></Items></AllowedMethods></DefaultCacheBehavior>",
            {},
            "cloudfront-api",
            "clients that send to *, where POST or other methods are allowed, get HTML for errors: error responses are "
            "for the whole distribution",
        ),
        (
            b"app.example.com",
            b"website.s3.amazonaws.com",
            {"replaces": [403]},
            "cloudfront-403",
            "files that are missing from the bucket behind * are answered with 403 and its page, not with 404, unless "
            "CloudFront may list that bucket",
        ),
        (b"app.example.com", b"website.s3-website.eu-west-1.amazonaws.com", QUIET, None, ""),
        (b"app.example.com", b"website.s3.amazonaws.com", {}, "cloudfront-taken", "403 keeps the error response"),
        (b"<Id>errgen-default</Id>", b"<Id>group-member</Id>", QUIET, None, ""),
        (b"<TargetOriginId>errgen-default", b"<TargetOriginId>a-group", QUIET, None, ""),
    ],
)
def test_what_keeps_the_pages_from_their_readers_is_said(
    remote: Open,
    double: Double,
    old: bytes,
    new: bytes,
    options: dict[str, Any],
    name: str | None,
    message: str,
) -> None:
    if old:
        double.edit(old, new)
    one = remote(**options)
    found = {finding.id: finding.message for finding in one.plan(one.read()).findings}

    if name is None:
        assert set(found) == {"cloudfront-eventual"}
    else:
        assert found[name].startswith(message)


def test_too_many_calls_are_slowed_down(remote: Open, double: Double, said: list[str]) -> None:
    one = remote()
    state = one.read()
    left = 2

    def throttle(_: int, __: httpx.Request, send: Callable[[], httpx.Response]) -> httpx.Response:
        nonlocal left
        left -= 1
        return refusal(400, "Throttling", "Rate exceeded") if left >= 0 else send()

    double.spoil = throttle
    one.switch(state)
    where = f"PUT /distribution/{ID}/config answered 400 Throttling: Rate exceeded; trying again in"
    assert [line for line in said if "s" in line and ("trying" in line or "slept" in line)] == [
        f"{where} 1 s", "slept 1.0", f"{where} 2 s", "slept 2.0",
    ]  # fmt: skip
    assert one.standing(state) == "new"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            httpx.Response(200, content=b"<html>", headers={"ETag": "E1"}),
            "the answer is not XML: no element found: line 1, column 6",
        ),
        (httpx.Response(200, content=b"<Distribution/>"), "the answer is not a distribution's configuration"),
        (httpx.Response(502, content=b"<html>Bad gateway"), "answered 502 with something that is not CloudFront's"),
        (refusal(503, "ServiceUnavailable", "try again"), "answered 503 ServiceUnavailable: try again"),
        (refusal(429, "TooManyRequestsException", ""), "answered 429 TooManyRequestsException"),
    ],
)
def test_what_fails_in_passing_is_asked_again_and_then_reported(
    remote: Open, double: Double, answer: httpx.Response, message: str
) -> None:
    double.spoil = lambda *_: answer
    with pytest.raises(CallFailed) as caught:
        remote().read()
    assert str(caught.value) == f"GET /distribution/{ID}/config: {message}"
    assert len(double.asked) == 4


@pytest.mark.parametrize(
    ("environ", "message", "hint"),
    [
        (
            {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE"},
            "CloudFront: the credentials cannot be read: Partial credentials found in the environment, missing: "
            "AWS_SECRET_ACCESS_KEY",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
        ),
        (
            {"AWS_PROFILE": "nobody"},
            "CloudFront: the credentials cannot be read: The config profile (nobody) could not be found",
            "set AWS_ACCESS_KEY_ID",
        ),
        ({}, "CloudFront: there are no credentials for AWS", "set AWS_ACCESS_KEY_ID"),
        (
            {"AWS_ACCESS_KEY_ID": "AKIDOTHER", "AWS_SECRET_ACCESS_KEY": SECRET},
            f"GET /distribution/{ID}/config: answered 403 SignatureDoesNotMatch: the signature does not match that "
            "made with [secret]",
            "set AWS_ACCESS_KEY_ID",
        ),
    ],
)
def test_credentials_that_do_not_do(
    remote: Open, environ: dict[str, str], message: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    with pytest.raises(RemoteFailed) as caught:
        remote(environ=environ).read()
    assert str(caught.value) == message
    assert str(caught.value.hint).startswith(hint)


def test_a_race_at_a_peer_that_knows_the_api(cloudfront: CloudFront) -> None:
    """What another parser of the same XML says: everything else is as it was, and as somebody else left it."""
    theirs = {"ErrorCode": 405, "ResponsePagePath": "", "ResponseCode": "", "ErrorCachingMinTTL": 0}
    identifier = cloudfront.distribution(
        "example-errors", origin="errgen-default", CustomErrorResponses={"Quantity": 1, "Items": [theirs]}
    )

    def config() -> tuple[dict[str, Any], str]:
        answer = cloudfront.client.get_distribution_config(Id=identifier)
        return answer["DistributionConfig"], answer["ETag"]

    edge = open_edge({"kind": "cloudfront", "distribution": identifier, "path": "/errors"}, "x")
    environ = cloudfront.s3.environ | {"AWS_ENDPOINT_URL_CLOUDFRONT": cloudfront.s3.endpoint}
    one = open_remote(NEW.manifest, NEW.read, edge.options, environ)
    with closing(one):
        state = one.read()
        before, version = config()
        cloudfront.client.update_distribution(
            Id=identifier, DistributionConfig={**before, "Comment": "größer"}, IfMatch=version
        )
        one.check(state)
        replaced = one.switch(state)
        after, _ = config()
        assert one.standing(replaced) == "new"
        one.restore(replaced)
        assert config()[0] == {**before, "Comment": "größer"}
        one.prune()

    responses = after.pop("CustomErrorResponses")
    del before["CustomErrorResponses"]
    assert after == {**before, "Comment": "größer"}
    assert [(item["ErrorCode"], item["ResponsePagePath"]) for item in responses["Items"]] == [
        (405, ""),
        *((int(key), page(NEW, key)) for key in ("403", "404", "503")),
    ]


def test_addresses_that_are_none(remote: Open) -> None:
    with pytest.raises(RemoteFailed, match="is not an address"):
        remote(environ=ENVIRON | {"AWS_ENDPOINT_URL_CLOUDFRONT": "cloudfront"})
    with pytest.raises(ValueError, match="without a distribution"):
        remote(distribution=None)
