"""Cloudflare's API for custom errors: assets, the entry point of the phase, Error Pages, of one zone or account.

Contract: developers.cloudflare.com/rules/custom-errors/api-calls/ and /ruleset-engine/rulesets-api/. Rulesets are read
and written as raw JSON, so that what errgen does not know in somebody else's rule survives.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from ...errors import RemoteFailed
from .calls import NO_ROUTE, PERMISSIONS, CallFailed, Calls, Reply

if TYPE_CHECKING:
    import httpx
    from cloudflare.types.rulesets.phase_update_params import Rule as SdkRule

BASE_URL = "https://api.cloudflare.com/client/v4"
PHASE: Literal["http_custom_errors"] = "http_custom_errors"
JSON = Mapping[str, Any]

SERVER_FIELDS = ("id", "version", "last_updated")
"""What the server adds to a rule."""


@dataclass(frozen=True, slots=True)
class RemoteAsset:
    """An asset as Cloudflare has it: its copy was fetched from ``url`` at ``last_updated`` (RFC 3339)."""

    name: str
    url: str
    description: str
    last_updated: str


@dataclass(frozen=True, slots=True)
class Ruleset:
    """The entry point of the phase: ``version`` counts its writes from 1, ``rules`` are raw and in order."""

    version: str
    rules: tuple[JSON, ...]


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """One of the older Error Pages, ``500_errors``; ``url`` is None unless it is customised."""

    id: str
    url: str | None


def token_of(environ: Mapping[str, str]) -> str:
    """The API token in ``environ``. Raises RemoteFailed, without repeating it, where there is none that can be sent."""
    token = environ.get("CLOUDFLARE_API_TOKEN", "").strip()
    if not token:
        raise RemoteFailed(
            "CLOUDFLARE_API_TOKEN is not set",
            where="Cloudflare",
            hint=f"make a token with {PERMISSIONS} at https://dash.cloudflare.com/profile/api-tokens and export it; "
            "errgen reads no file and takes no flag for it",
        )
    if not re.fullmatch(r"[!-~]+", token):
        raise RemoteFailed(
            "CLOUDFLARE_API_TOKEN has blanks, line breaks or other characters that no token has",
            where="Cloudflare",
            hint="copy the token again; it is one word",
        )
    return token


class CloudflareClient:
    """The calls that publishing needs, for ``scope`` zone or account with ``id``.

    Every method may raise CallFailed, a RemoteFailed that names method and path. Reading is tried again while it fails
    in passing; writing only after a look whether it was carried out. ``report`` is told before each pause.
    """

    def __init__(
        self,
        token: str,
        scope: Literal["zone", "account"],
        id: str,  # noqa: A002  # what Cloudflare calls it
        *,
        base_url: str | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        report: Callable[[str], None] = lambda _: None,
    ) -> None:
        base = (base_url or BASE_URL).rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", base):
            raise RemoteFailed(
                "CLOUDFLARE_BASE_URL is not an address", where="Cloudflare", hint=f"unset it, or write {BASE_URL}"
            )
        self._calls = Calls(token, base, transport=transport, sleep=sleep, now=now, report=report)
        sdk = self._calls.sdk
        self._assets = sdk.custom_pages.assets.with_raw_response
        self._pages = sdk.custom_pages.with_raw_response
        self._phases = sdk.rulesets.phases.with_raw_response
        self._versions = sdk.rulesets.phases.versions.with_raw_response
        self._in: dict[str, Any] = {f"{scope}_id": id}
        self._root = f"/{scope}s/{id}"
        self._entry_point = f"{self._root}/rulesets/phases/{PHASE}/entrypoint"
        self.name = f"{scope} {id}"

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def list_assets(self) -> tuple[RemoteAsset, ...]:
        """Every asset, page after page."""
        where = f"GET {self._root}/custom_pages/assets"
        found: dict[str, RemoteAsset] = {}
        page = 1
        while True:
            reply = self._calls.patiently(partial(self._assets.list, page=page, **self._in))
            if not isinstance(reply.result, list):
                raise self._calls.unusable(where, "has no list of assets")
            new = {one.name: one for one in (self._asset(item, where) for item in reply.result)}
            if page > 1 and new.keys() & found.keys():
                raise self._calls.unusable(f"{where}?page={page}", "repeats assets of an earlier page")
            found.update(new)
            if not new or page >= _count(reply.info.get("total_pages"), page):
                return tuple(found.values())
            page += 1

    def get_asset(self, name: str) -> RemoteAsset | None:
        """One asset; None where there is none."""
        try:
            reply = self._calls.patiently(lambda: self._assets.get(name, **self._in))
        except CallFailed as failure:
            if _is_absent(failure):
                return None
            raise
        return self._asset(reply.result, f"GET {self._root}/custom_pages/assets/{name}")

    def create_asset(self, name: str, url: str, description: str) -> RemoteAsset:
        """Let Cloudflare fetch ``url`` and keep it as ``name``. One that is there already, and equal, is taken."""

        def same() -> RemoteAsset | None:
            found = self.get_asset(name)
            return found if found and (found.url, found.description) == (url, description) else None

        try:
            return self._calls.carefully(
                lambda: self._assets.create(name=name, url=url, description=description, **self._in),
                same,
                lambda reply: self._asset(reply.result, f"POST {self._root}/custom_pages/assets"),
            )
        except CallFailed as failure:
            there = same() if failure.status in (400, 409) and failure.in_envelope else None
            if there is None:
                raise
            return there

    def refetch_asset(self, asset: RemoteAsset) -> RemoteAsset:
        """Let Cloudflare fetch the asset's URL again."""

        def newer() -> RemoteAsset | None:
            found = self.get_asset(asset.name)
            return found if found and found.last_updated != asset.last_updated else None

        return self._calls.carefully(
            lambda: self._assets.update(asset.name, url=asset.url, description=asset.description, **self._in),
            newer,
            lambda reply: self._asset(reply.result, f"PUT {self._root}/custom_pages/assets/{asset.name}"),
        )

    def delete_asset(self, name: str) -> None:
        """Delete an asset; one that is gone already is no failure."""

        def gone() -> Literal[True] | None:
            return True if self.get_asset(name) is None else None

        try:
            self._calls.carefully(lambda: self._assets.delete(name, **self._in), gone, lambda _: True)
        except CallFailed as failure:
            if not _is_absent(failure):
                raise

    def check_assets(self, absent: str) -> None:
        """That the token may write assets: asks to delete the asset ``absent``, which there is not. Changes nothing.

        Cloudflare offers no dry run for assets, and looks at the rights before it looks for the asset. Whatever it
        answers but a refusal says nothing about rights and passes.
        """
        try:
            self._calls.patiently(lambda: self._assets.delete(absent, **self._in))
        except CallFailed as failure:
            if failure.status in (401, 403) or failure.status is None or failure.passing:
                raise

    def entry_point(self) -> Ruleset | None:
        """The live rules; None before the phase has been given its first."""
        try:
            reply = self._calls.patiently(lambda: self._phases.get(PHASE, **self._in))
        except CallFailed as failure:
            if _is_absent(failure):
                return None
            if failure.status == 400:
                failure.hint = "custom error rules may not be part of this plan: they need Pro or above"
            raise
        return self._ruleset(reply, f"GET {self._entry_point}")

    def version(self, number: str) -> Ruleset | None:
        """The entry point as one of its earlier versions; None where that is not kept."""
        try:
            reply = self._calls.patiently(lambda: self._versions.get(number, ruleset_phase=PHASE, **self._in))
        except CallFailed as failure:
            if _is_absent(failure):
                return None
            raise
        return self._ruleset(reply, f"GET {self._entry_point}/versions/{number}")

    def check_entry_point(self, rules: Sequence[JSON]) -> None:
        """Ask whether ``rules`` would be accepted, and the token may write them. Stores nothing."""
        body = _body(rules)
        self._calls.patiently(lambda: self._phases.update(PHASE, rules=body, dry_run=True, **self._in))

    def put_entry_point(self, rules: Sequence[JSON]) -> Ruleset:
        """Replace all rules of the phase; gives what is stored then."""

        def stored() -> Ruleset | None:
            found = self.entry_point()
            return found if found and same_rules(rules, found.rules) else None

        body = _body(rules)
        return self._calls.carefully(
            lambda: self._phases.update(PHASE, rules=body, **self._in),
            stored,
            lambda reply: self._ruleset(reply, f"PUT {self._entry_point}"),
        )

    def error_pages(self) -> tuple[ErrorPage, ...]:
        """The Error Pages, customised or not."""
        where = f"GET {self._root}/custom_pages"
        reply = self._calls.patiently(lambda: self._pages.list(**self._in))
        if not isinstance(reply.result, list) or not all(isinstance(one, dict) for one in reply.result):
            raise self._calls.unusable(where, "has no list of Error Pages")
        return tuple(
            ErrorPage(str(one.get("id")), str(one.get("url")) if one.get("state") == "customized" else None)
            for one in reply.result
        )

    def _asset(self, item: Any, where: str) -> RemoteAsset:
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            raise self._calls.unusable(where, "has no asset in it")
        return RemoteAsset(item["name"], *(str(item.get(key) or "") for key in ("url", "description", "last_updated")))

    def _ruleset(self, reply: Reply, where: str) -> Ruleset:
        result = reply.result
        rules = (result.get("rules") or []) if isinstance(result, dict) else None
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            raise self._calls.unusable(where, "has no ruleset in it")
        return Ruleset(str(result.get("version", "")), tuple(rules))


def same_rules(wanted: Sequence[JSON], found: Sequence[JSON]) -> bool:
    """Whether ``found`` holds every field of every rule in ``wanted``, in that order. The server may add fields."""
    return len(wanted) == len(found) and all(
        key in SERVER_FIELDS or have.get(key, True if key == "enabled" else None) == value
        for want, have in zip(wanted, found, strict=True)
        for key, value in want.items()
    )


def _body(rules: Iterable[JSON]) -> list[SdkRule]:
    """Rules as a PUT takes them: what the server counts is left out, ``id`` stays, all else goes through untouched."""
    # Raw on purpose: the SDK sends mappings as they are.
    return [
        {key: value for key, value in rule.items() if key not in ("version", "last_updated")}  # type: ignore[misc]
        for rule in rules
    ]


def _is_absent(failure: CallFailed) -> bool:
    """A 404 about the object asked for, told by Cloudflare itself, and not one about the way there."""
    return failure.status == 404 and failure.in_envelope and not NO_ROUTE & set(failure.codes)


def _count(value: Any, default: int) -> int:
    return value if isinstance(value, int) else default
