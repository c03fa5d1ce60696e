"""Buckets and Netlify with every fault at every request: the current release is always one, and whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from site_builder.serving import running
from tests.conftest import Survived
from tests.netlify_double import NetlifyDouble
from tests.s3_peers import moto, rclone

from .faults import FAULTS, KILLS, LASTING, PARTS, Fault
from .host_trials import NAMES, AtBucket, AtHost, AtNetlify
from .world import Changeable

__all__ = ["moto", "rclone"]  # fixtures


@pytest.fixture(scope="module")
def netlify_server() -> Iterator[Changeable]:
    changeable = Changeable()
    with running(changeable) as url:
        changeable.url = url
        yield changeable


@pytest.fixture(scope="module", params=[f"{name} {kind}" for kind in ("moto", "rclone", "netlify") for name in NAMES])
def trial(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AtHost:
    name, kind = request.param.split()
    folder = tmp_path_factory.mktemp("project")
    if kind != "netlify":
        return AtBucket(request.getfixturevalue(kind), folder, name)
    server = request.getfixturevalue("netlify_server")
    double = NetlifyDouble(server.url)
    server.app = double.app()
    return AtNetlify(double, folder, name)


WHOLE = ("publish at S3 (rclone)", "publish at Netlify")
"""Here each request meets each fault in every run; elsewhere the steps are the same."""


def numbers(trial: AtHost, kind: int, part: str) -> range:
    return trial.numbers(kind, "all" if trial.name in WHOLE else part)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_any_one_request_may_fail(trial: AtHost, fault: Fault, part: str, survived: Survived) -> None:
    survived(trial.name, trial.meets(fault, numbers=numbers(trial, FAULTS.index(fault), part)))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("fault", LASTING, ids=str)
def test_the_network_may_fail_for_good(trial: AtHost, fault: Fault, part: str, survived: Survived) -> None:
    survived(trial.name, trial.meets(fault, lasting=True, numbers=numbers(trial, LASTING.index(fault), part)))


@pytest.mark.long
@pytest.mark.parametrize("fault", KILLS, ids=str)
def test_killed_at_any_request(trial: AtHost, fault: Fault, survived: Survived) -> None:
    survived(f"{trial.name} with SIGKILL", trial.meets(fault))
