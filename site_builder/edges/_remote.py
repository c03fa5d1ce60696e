"""What publishing needs of an edge that is reached over the network: a state to read, a plan, and steps to take it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from ..model import Finding

Action = Literal["create", "update", "delete"]
Standing = Literal["old", "new", "neither"]
Report = Callable[[str], None]

SWITCHED_ON, SWITCHED_OFF = "switched on", "switched off"
"""The reasons of changes by which a rule is only switched, and stays as it is otherwise."""

ALTERED = "-altered"
"""Ends the ids of findings about what somebody else changed and no plan puts right by itself."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that publishing would do, and why.

    ``kind`` is ``page``, ``asset``, ``rule``, ``header rule`` or ``release``; ``target`` the host or edge. ``reason``:
    missing, bytes differ, edited by hand, stale, … ``before`` and ``after`` are texts for people, None where there is
    nothing. ``drift``: it puts right what somebody else changed since errgen wrote it, which is told only where it is
    certain; everything else follows from the build or the settings.
    """

    action: Action
    kind: str
    target: str
    name: str
    reason: str
    before: str | None = None
    after: str | None = None
    drift: bool = False


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a limit is used. ``peak`` is reached while old and new are there together."""

    target: str
    what: str
    used: int
    peak: int
    limit: int


@dataclass(frozen=True, slots=True)
class Live:
    """What is live of ours at an edge: so many ``rules``, and the copies of pages that it keeps.

    ``room`` is for how many rules of ours there is room now. Of each copy ``copies`` has where it was fetched from, and
    the first digits of its SHA-256.
    """

    rules: int
    room: int
    copies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class EdgePlan:
    """What an edge would change. ``version`` names the state that it was made from; ``foreign`` is left alone.

    ``announced``: afterwards the edge serves the page for planned work. ``switched_off``: afterwards it serves nothing
    of ours, because errgen has switched our rules off. ``live`` is what it has of ours before.
    """

    target: str
    version: str
    changes: tuple[Change, ...]
    limits: tuple[Limit, ...]
    foreign: tuple[str, ...]
    findings: tuple[Finding, ...]
    announced: bool = False
    switched_off: bool = False
    live: Live = Live(0, 0)


@dataclass(frozen=True, slots=True)
class Served:
    """Pages that an edge serves at addresses of its own: URL -> SHA-256. ``hint`` is what to do where it does not."""

    pages: Mapping[str, str]
    hint: str


class CutOffError(Exception):
    """Raised where ``switch`` or ``restore`` was cut off and the new answers may be live; the cause says by what."""


State = TypeVar("State")


class Remote(Protocol[State]):
    """One edge, seen from outside. Every method may raise RemoteFailed.

    It is what ``open_remote(manifest, read, options, environ, *, maintenance, report, …)`` of the edge's ``remote.py``
    gives. ``maintenance`` announces planned work (PlanRefused where the edge cannot), ends that, or leaves it (None).

    Publishing goes ``read``, ``check``, ``prepare``, ``serves``, ``rehearse``, ``switch``, ``prune``; until ``switch``
    clients get the old answers, after it the new ones. Each step can be taken again: what is done already is left as it
    is.
    """

    @property
    def name(self) -> str:
        """For people: ``cloudflare zone 023e105f4ecef8ad9ca31a8372d0c353``."""
        ...

    @property
    def stored(self) -> str | None:
        """The version that its last write has made, for the audit; None before the first."""
        ...

    def close(self) -> None:
        """Close the connections; nothing is asked of it afterwards."""
        ...

    def read(self) -> State:
        """What is there."""
        ...

    def plan(self, state: State) -> EdgePlan:
        """What would change. Pure."""
        ...

    def fetches(self, state: State) -> Mapping[str, str]:
        """The pages that ``prepare`` lets the edge fetch from the host: path in the manifest -> SHA-256."""
        ...

    def references(self, state: State) -> Collection[str]:
        """The pages at hosts that the live answers are made from, by URL or path, others' among them."""
        ...

    def backup(self, state: State) -> bytes:
        """What ``restore`` needs and a person can read, as JSON."""
        ...

    def check(self, state: State) -> None:
        """That the credentials let us write, without writing."""
        ...

    def prepare(self, state: State, url_of: Callable[[str], str]) -> None:
        """Bring what the new answers need. ``url_of`` gives the proved address of a page by its path."""
        ...

    def serves(self, state: State) -> Served:
        """The pages that must be readable at the edge itself, after ``prepare``, before new answers name them."""
        ...

    def page_of(self, name: str) -> tuple[str, str] | None:
        """The path and the SHA-256 of the manifest's page that the edge keeps as ``name``; None for other names."""
        ...

    def refetch(self, state: State, name: str, url: str) -> None:
        """Let the edge fetch the page it keeps as ``name`` again, from ``url``."""
        ...

    def rehearse(self, state: State) -> None:
        """That the switch would be accepted, without switching."""
        ...

    def switch(self, state: State) -> State:
        """Make the new answers live in one step, and read back that they are.

        Gives the state that was live until then, which may be newer than ``state``. Raises RemoteFailed where that is
        still (or again) live, and CutOffError where the new answers are live or may be.
        """
        ...

    def standing(self, state: State) -> Standing:
        """What clients get now: the answers of ``state``, the new ones, or neither of the two."""
        ...

    def restore(self, state: State) -> None:
        """Put the answers of ``state`` back. Raises CutOffError where that was cut off."""
        ...

    def prune(self) -> None:
        """Remove what is ours and no longer needed."""
        ...
