"""Cloudflare's API for custom errors: assets, the entry points of two phases, Error Pages, of one zone or account.

Contract: developers.cloudflare.com/rules/custom-errors/api-calls/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from ...errors import RemoteFailed
from .calls import Calls
from .entry_point import EntryPoint
from .pacing import Pace
from .replies import PERMISSIONS, CallFailed, unusable

if TYPE_CHECKING:
    import httpx

BASE_URL = "https://api.cloudflare.com/client/v4"


AT_ONCE = 8
"""Calls that may be under way at a time, at the one pace that is the token's."""


@dataclass(frozen=True, slots=True)
class RemoteAsset:
    """An asset as Cloudflare has it: its copy was fetched from ``url`` at ``last_updated`` (RFC 3339)."""

    name: str
    url: str
    description: str
    last_updated: str


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

    ``errors`` is the entry point of custom error rules, ``headers`` that of response header transform rules.
    Every method may raise CallFailed, a RemoteFailed that names method and path. Reading is tried again while it fails
    in passing; writing only after a look whether it was carried out. ``report`` is told before each pause. Clients of
    one token share its ``pace``; without one this client has its own.
    """

    def __init__(
        self,
        token: str,
        scope: Literal["zone", "account"],
        id: str,  # noqa: A002  # what Cloudflare calls it
        *,
        base_url: str | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        report: Callable[[str], None] = lambda _: None,
        pace: Pace | None = None,
    ) -> None:
        base = (base_url or BASE_URL).rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", base):
            raise RemoteFailed(
                "CLOUDFLARE_BASE_URL is not an address", where="Cloudflare", hint=f"unset it, or write {BASE_URL}"
            )
        self.at_once = AT_ONCE if transport is None else 1  # who gives a transport may not have it used by threads
        self._calls = Calls(
            token, base, transport=transport, sleep=sleep, now=now, report=report, pace=pace or Pace(now)
        )
        sdk = self._calls.sdk
        self._assets = sdk.custom_pages.assets.with_raw_response
        self._pages = sdk.custom_pages.with_raw_response
        self._in: dict[str, Any] = {f"{scope}_id": id}
        self._root = f"/{scope}s/{id}"
        self.errors = EntryPoint(self._calls, "http_custom_errors", self._root, self._in)
        self.headers = EntryPoint(self._calls, "http_response_headers_transform", self._root, self._in)
        self.name = f"{scope} {id}"

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def hurry(self) -> None:
        """End what waits to send a call, in whichever thread; whoever has to wait from now on fails."""
        self._calls.hurry()

    def list_assets(self) -> tuple[RemoteAsset, ...]:
        """Every asset, page after page."""
        where = f"GET {self._root}/custom_pages/assets"
        found: dict[str, RemoteAsset] = {}
        page = 1
        while True:
            reply = self._calls.patiently(partial(self._assets.list, page=page, **self._in))
            if not isinstance(reply.result, list):
                raise unusable(where, "has no list of assets")
            new = {one.name: one for one in (self._asset(item, where) for item in reply.result)}
            if page > 1 and new.keys() & found.keys():
                raise unusable(f"{where}?page={page}", "repeats assets of an earlier page")
            found.update(new)
            if not new or page >= _count(reply.info.get("total_pages"), page):
                return tuple(found.values())
            page += 1

    def get_asset(self, name: str) -> RemoteAsset | None:
        """One asset; None where there is none."""
        try:
            reply = self._calls.patiently(lambda: self._assets.get(name, **self._in))
        except CallFailed as failure:
            if failure.is_absence:
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
            if not failure.is_absence:
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

    def error_pages(self) -> tuple[ErrorPage, ...]:
        """The Error Pages, customised or not."""
        where = f"GET {self._root}/custom_pages"
        reply = self._calls.patiently(lambda: self._pages.list(**self._in))
        if not isinstance(reply.result, list) or not all(isinstance(one, dict) for one in reply.result):
            raise unusable(where, "has no list of Error Pages")
        return tuple(
            ErrorPage(str(one.get("id")), str(one.get("url")) if one.get("state") == "customized" else None)
            for one in reply.result
        )

    def _asset(self, item: Any, where: str) -> RemoteAsset:
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            raise unusable(where, "has no asset in it")
        return RemoteAsset(item["name"], *(str(item.get(key) or "") for key in ("url", "description", "last_updated")))


def _count(value: Any, default: int) -> int:
    return value if isinstance(value, int) else default
