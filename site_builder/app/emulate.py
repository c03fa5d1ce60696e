"""Emulate: a Cloudflare on this machine, its API and its visitors' side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import catalog as catalogs
from .. import settings as settings_file
from ..model import Entry
from ..serving import base_url, listen, serve

if TYPE_CHECKING:
    from ..emulator import Emulator
    from ..emulator.state import Plan

API = "/client/v4"
ACCOUNT = "9a7806061c88ada191ed06f989cc3dac"


@dataclass(frozen=True, slots=True)
class Started:
    """What a client needs to reach the emulator."""

    url: str
    api: str
    token: str
    zone: str
    account: str
    plan: str


def facts_of(project: Path) -> Callable[[int], Entry | None]:
    """What a project's catalog, or else the one that ships, knows about a code."""
    catalog = catalogs.load(settings_file.overlay(project, "catalog"), (catalogs.DEFAULT_LANGUAGE,))
    return {entry.code: entry for entry in catalog.entries if entry.code is not None}.get


def emulate(project: Path, *, port: int, zone: str, plan: Plan, started: Callable[[Started], None]) -> None:
    """Serve an empty emulator with one zone and its account until Ctrl-C."""
    from ..emulator import Emulator, Zone, create_app

    facts = facts_of(project)
    state: Emulator = Emulator(zones=[Zone(zone, "example.com", ACCOUNT, plan)])
    listener = listen(port)
    url = base_url(listener)
    started(Started(url, url + API, state.token, zone, ACCOUNT, plan))
    serve(create_app(state, facts=facts), listener)
