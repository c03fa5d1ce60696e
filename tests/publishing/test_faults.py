"""Every command with every fault at every request: nothing is ever half old and half new, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Survived

from .cloudflare_trials import COMMANDS, AtCloudflare
from .faults import FAULTS, LASTING, Fault
from .world import World


@pytest.fixture(scope="module", params=COMMANDS)
def trial(request: pytest.FixtureRequest, make_worlds: Callable[[], World]) -> AtCloudflare:
    return AtCloudflare(make_worlds(), request.param)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_any_one_request_may_fail(trial: AtCloudflare, fault: Fault, survived: Survived) -> None:
    survived(trial.name, trial.meets(fault))


@pytest.mark.parametrize("fault", LASTING, ids=str)
def test_the_network_may_fail_for_good(trial: AtCloudflare, fault: Fault, survived: Survived) -> None:
    survived(trial.name, trial.meets(fault, lasting=True))
