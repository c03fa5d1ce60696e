"""The entry point of one phase of the Rulesets API: the list of all rules of a zone or account in that phase.

Contract: developers.cloudflare.com/ruleset-engine/rulesets-api/. Rules are read and written as raw JSON, so that what
errgen does not know in somebody else's rule survives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from .calls import Calls
from .replies import CallFailed, Reply, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

Phase = Literal["http_custom_errors", "http_response_headers_transform"]
JSON = Mapping[str, Any]

SERVER_FIELDS = ("id", "version", "last_updated")
"""What the server adds to a rule."""

HEADER_RIGHTS = (
    "rules for response headers need a token with «Transform Rules: Edit» and «Account Rulesets: Read» besides; add "
    "them to the one in CLOUDFLARE_API_TOKEN, or leave retry_after out of this edge of errgen.toml"
)
"""developers.cloudflare.com/rules/transform/response-header-modification/create-api/, required permissions."""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """The entry point of a phase: ``version`` counts its writes from 1, ``rules`` are raw and in order."""

    version: str
    rules: tuple[JSON, ...]


class EntryPoint:
    """Reads, checks and replaces the rules of ``phase`` below ``root`` (``/zones/ID``), which ``ids`` name to the SDK.

    Every method may raise CallFailed. Reading is tried again while it fails in passing; writing only after a look
    whether it was carried out.
    """

    def __init__(self, calls: Calls, phase: Phase, root: str, ids: Mapping[str, Any]) -> None:
        self._calls = calls
        self._phases = calls.sdk.rulesets.phases.with_raw_response
        self._versions = calls.sdk.rulesets.phases.versions.with_raw_response
        self._in = dict(ids)
        self._path = f"{root}/rulesets/phases/{phase}/entrypoint"
        self.phase = phase
        self.stored: str | None = None
        """The version that our last PUT has made; None before the first."""

    def read(self) -> Ruleset | None:
        """The live rules; None before the phase has been given its first."""
        try:
            with self._explained():
                reply = self._calls.patiently(lambda: self._phases.get(self.phase, **self._in))
        except CallFailed as failure:
            if failure.is_absence:
                return None
            raise
        return self._ruleset(reply, f"GET {self._path}")

    def version(self, number: str) -> Ruleset | None:
        """The entry point as one of its earlier versions; None where that is not kept."""
        try:
            reply = self._calls.patiently(partial(self._versions.get, number, ruleset_phase=self.phase, **self._in))
        except CallFailed as failure:
            if failure.is_absence:
                return None
            raise
        return self._ruleset(reply, f"GET {self._path}/versions/{number}")

    def check(self, rules: Sequence[JSON]) -> None:
        """Ask whether ``rules`` would be accepted, and the token may write them. Stores nothing."""
        body = _body(rules)
        with self._explained():
            self._calls.patiently(lambda: self._phases.update(self.phase, extra_body=body, dry_run=True, **self._in))

    def put(self, rules: Sequence[JSON]) -> Ruleset:
        """Replace all rules of the phase; gives what is stored then."""

        def stored() -> Ruleset | None:
            found = self.read()
            return found if found and same_rules(rules, found.rules) else None

        body = _body(rules)
        with self._explained():
            made = self._calls.carefully(
                lambda: self._phases.update(self.phase, extra_body=body, **self._in),
                stored,
                lambda reply: self._ruleset(reply, f"PUT {self._path}"),
            )
        self.stored = made.version
        return made

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Failures of this block with a hint that fits the phase."""
        try:
            yield
        except CallFailed as failure:
            if failure.status == 400 and self.phase == "http_custom_errors" and str(failure.where).startswith("GET"):
                failure.hint = "custom error rules may not be part of this plan: they need Pro or above"
            if failure.status in (401, 403) and self.phase == "http_response_headers_transform":
                failure.hint = HEADER_RIGHTS
            raise

    def _ruleset(self, reply: Reply, where: str) -> Ruleset:
        result = reply.result
        rules = (result.get("rules") or []) if isinstance(result, dict) else None
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise unusable(where, "has no ruleset in it")
        return Ruleset(str(result.get("version", "")), tuple(rules))


def same_rules(wanted: Sequence[JSON], found: Sequence[JSON]) -> bool:
    """Whether ``found`` holds every field of every rule in ``wanted``, in that order. The server may add fields."""
    return len(wanted) == len(found) and all(
        key in SERVER_FIELDS or have.get(key, True if key == "enabled" else None) == value
        for want, have in zip(wanted, found, strict=True)
        for key, value in want.items()
    )


def _body(rules: Iterable[JSON]) -> dict[str, list[dict[str, Any]]]:
    """Rules as a PUT takes them: what the server counts is left out, ``id`` stays, all else goes through untouched.

    It is given to the SDK as additional properties, which are sent as they are: the SDK would spend more time on
    looking at every key of every rule than Cloudflare on storing them, and change nothing.
    """
    kept = [{key: value for key, value in rule.items() if key not in ("version", "last_updated")} for rule in rules]
    return {"rules": kept}
