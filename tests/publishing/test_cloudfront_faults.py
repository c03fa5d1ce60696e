"""CloudFront with every fault at every request: each code gets its old page or its new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from site_builder import aws_session
from site_builder.aws_session import open_session
from tests.cloudfront_double import DOMAIN, ENVIRON
from tests.conftest import Survived

from .cloudfront_trials import NAMES, NEW, OLD, REFUSALS, AtDistribution, Site, at_distribution
from .faults import FAULTS, LASTING, Fault


@pytest.fixture(scope="module", autouse=True)
def _credentials_are_found_once() -> Iterator[None]:
    """Opening a session takes longer than all the rest of a publish to a double."""
    session = open_session(ENVIRON, profile=None, region=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws_session, "open_session", lambda *_, **__: session)
        yield


@pytest.fixture(scope="module", params=NAMES)
def trial(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AtDistribution:
    return AtDistribution(tmp_path_factory.mktemp("project"), request.param)


@pytest.mark.parametrize("fault", [*FAULTS, *REFUSALS], ids=str)
def test_any_one_request_may_fail(trial: AtDistribution, fault: Fault, survived: Survived) -> None:
    survived(trial.name, trial.meets(fault))


@pytest.mark.parametrize("fault", LASTING, ids=str)
def test_the_network_may_fail_for_good(trial: AtDistribution, fault: Fault, survived: Survived) -> None:
    survived(trial.name, trial.meets(fault, lasting=True))


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
