"""A publish to CloudFront with every request spoilt in turn: each code gets its old page or its new one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from site_builder import aws_session
from site_builder import manifest as manifests
from site_builder.aws_session import open_session
from site_builder.edges import open_edge
from site_builder.errors import ErrgenError
from site_builder.object_keys import object_key
from site_builder.publishing import Journal, Target, apply, open_target, survey
from site_builder.publishing.proof import prover
from tests.cloudfront_double import DOMAIN, ENVIRON, ID, SECRET, Double, Send, refusal
from tests.edges.conftest import Built, an_entry, build_site

from .world import Clock

Fault = Callable[[httpx.Request, Send], httpx.Response]
ENTRIES = [an_entry("404"), an_entry("503")]
LONGEST = 20
"""More than the requests of one publish."""


def build(version: str) -> Built:
    contents = {f"en/{one.key}.html": f"{one.key} in version {version}".encode() for one in ENTRIES}
    return build_site(ENTRIES, profile="static", contents=contents, formats=("html",))


def at_distribution(site: Built) -> dict[str, bytes]:
    """The pages by their paths at the distribution."""
    return {f"/errors/{object_key(one.path, one.sha256)}": site.pages[one.path] for one in site.manifest.files}


OLD, NEW = build("1"), build("2")


def refused(request: httpx.Request, _: Send) -> httpx.Response:
    raise httpx.ConnectError("connection refused", request=request)


def lost(request: httpx.Request, send: Send) -> httpx.Response:
    send()
    raise httpx.ReadError("connection reset by peer", request=request)


def hung(request: httpx.Request, _: Send) -> httpx.Response:
    raise httpx.ReadTimeout("", request=request)


def throttled(_: httpx.Request, __: Send) -> httpx.Response:
    return refusal(400, "Throttling", "Rate exceeded")


def html_502_too_late(_: httpx.Request, send: Send) -> httpx.Response:
    send()
    return httpx.Response(502, html="<html><h1>502 Bad Gateway</h1></html>")


def error_500(_: httpx.Request, __: Send) -> httpx.Response:
    return refusal(500, "InternalError", f"we failed with {SECRET}")


def no_xml_too_late(_: httpx.Request, send: Send) -> httpx.Response:
    send()
    return httpx.Response(200, content=b"<Distr")


def stale(_: httpx.Request, __: Send) -> httpx.Response:
    return refusal(412, "PreconditionFailed", "The precondition in If-Match evaluated to false.")


def ctrl_c(_: httpx.Request, __: Send) -> httpx.Response:
    raise KeyboardInterrupt


def ctrl_c_too_late(_: httpx.Request, send: Send) -> httpx.Response:
    send()
    raise KeyboardInterrupt


FAULTS = [
    refused, lost, hung, throttled, html_502_too_late, error_500, no_xml_too_late, stale, ctrl_c, ctrl_c_too_late,
]  # fmt: skip


class Site:
    """A project whose pages a double of CloudFront serves, whatever host they are uploaded to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.double = Double(pages={**at_distribution(OLD), **at_distribution(NEW)})
        self.said: list[str] = []
        self.clock = Clock()
        (folder / "public").mkdir()

    def target(self, site: Built) -> Target:
        edge = {"kind": "cloudfront", "distribution": ID, "path": "/errors", "invalidate": ["/*"]}
        return open_target(
            site.manifest,
            manifests.dumps(site.manifest),
            site.read,
            {"kind": "directory", "path": str(self.folder / "public"), "public_url": f"https://{DOMAIN}/errors"},
            [open_edge(edge, "errgen.toml: site.default.edge[0]")],
            ENVIRON,
            where="errgen.toml: site.default",
            project=self.folder,
            report=self.said.append,
            transport=self.double,
            sleep=self.clock.sleep,
            now=self.clock,
        )

    def publish(self, site: Built) -> ErrgenError | None:
        try:
            with closing(self.target(site)) as target:
                prove = prover(sleep=self.clock.sleep, report=self.said.append, transport=self.double)
                journal = Journal(self.folder / ".errgen", {}, self.clock)
                apply(target, survey(target), journal=journal, report=self.said.append, prove=prove)
        except ErrgenError as failure:
            return failure
        except KeyboardInterrupt:  # while only reading; the command line turns it into exit code 130
            return ErrgenError("interrupted")
        return None


def spoilt(site: Site, fault: Fault, first: int, last: int) -> ErrgenError | None:
    """Publish version 2 with requests ``first`` to ``last`` spoilt; gives the failure."""
    site.double.asked.clear()
    site.double.spoil = lambda number, request, send: fault(request, send) if first <= number <= last else send()
    failure = site.publish(NEW)
    site.double.spoil = None
    return failure


def check_survived(site: Site, failure: ErrgenError | None, around: tuple[bytes, bytes]) -> None:
    """All pages are old or all are new, the rest of the configuration is untouched, the next publish completes."""
    ours = {code: path for code, path in site.double.paths().items() if path.startswith("/errors/")}
    is_old, is_new = (set(ours.values()) == set(at_distribution(one)) for one in (OLD, NEW))
    assert is_old != is_new
    assert site.double.around() == around
    if failure is None:
        assert is_new
    elif failure.exit_code in (6, 130):
        assert is_old
    else:
        assert failure.exit_code == 7 or (failure.message == "interrupted" and is_old)
    assert SECRET not in f"{failure} {failure.hint if failure else ''} {site.said}"
    assert site.publish(NEW) is None
    assert set(site.double.paths().values()) == {"", "/index.html", *at_distribution(NEW)}
    assert site.double.around() == around
    assert survey(site.target(NEW)).plan.is_empty


@pytest.fixture(autouse=True)
def _credentials_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a session takes longer than all the rest of a publish to a double."""
    session = open_session(ENVIRON, profile=None, region=None)
    monkeypatch.setattr(aws_session, "open_session", lambda *_, **__: session)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_any_one_request_may_fail(tmp_path: Path, fault: Fault) -> None:
    check_every_request(tmp_path, fault, lasting=False)


@pytest.mark.parametrize("fault", [refused, no_xml_too_late], ids=lambda fault: fault.__name__)
def test_the_network_may_fail_for_good(tmp_path: Path, fault: Fault) -> None:
    check_every_request(tmp_path, fault, lasting=True)


def check_every_request(folder: Path, fault: Fault, *, lasting: bool) -> None:
    site = Site(folder)
    assert site.publish(OLD) is None
    live, around = site.double.xml, site.double.around()
    for number in range(LONGEST):
        site.double.xml, site.double.version = live, site.double.version + 1
        failure = spoilt(site, fault, number, 10_000 if lasting else number)
        reached = len(site.double.asked) > number
        assert reached or failure is None
        check_survived(site, failure, around)
        if not reached:
            break
    assert 8 < number < LONGEST


def test_a_page_that_the_distribution_does_not_serve_is_bound_to_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert site.publish(OLD) is None
    live = site.double.xml
    for missing in at_distribution(NEW):
        content = site.double.pages.pop(missing)
        failure = site.publish(NEW)
        site.double.pages[missing] = content
        assert failure is not None
        assert (failure.exit_code, str(failure)) == (6, f"GET https://{DOMAIN}{missing}: answered 403")
        assert "no error response names a page that the distribution does not serve" in str(failure.hint)
    site.double.pages[missing] = b"somebody else's"
    assert "answered other bytes than were uploaded" in str(site.publish(NEW))
    assert site.double.xml == live
