"""Every command with every fault at every request: nothing is ever half old and half new, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import Survived

from .cloudflare_trials import COMMANDS, AtCloudflare
from .faults import FAULTS, LASTING, PARTS, Fault
from .world import World


@pytest.fixture(scope="module", params=COMMANDS)
def trial(request: pytest.FixtureRequest, make_worlds: Callable[[], World]) -> AtCloudflare:
    return AtCloudflare(make_worlds(), request.param)


WHOLE = ("publish", "rollback", "removal", "disable")
"""Here each request meets each fault in every run; the others take the same steps."""


def numbers(trial: AtCloudflare, kind: int, part: str) -> range:
    return trial.numbers(kind, "all" if trial.name in WHOLE else part)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_any_one_request_may_fail(trial: AtCloudflare, fault: Fault, part: str, survived: Survived) -> None:
    survived(trial.name, trial.meets(fault, numbers=numbers(trial, FAULTS.index(fault), part)))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("fault", LASTING, ids=str)
def test_the_network_may_fail_for_good(trial: AtCloudflare, fault: Fault, part: str, survived: Survived) -> None:
    survived(trial.name, trial.meets(fault, lasting=True, numbers=numbers(trial, LASTING.index(fault), part)))
