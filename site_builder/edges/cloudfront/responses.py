"""Which page CloudFront gives for which code. It takes one for each of eleven codes, whatever a client accepts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...manifest import first_match, is_catch_all, is_own_page
from ...model import File, Format, Manifest, Rule, contains
from ...object_keys import object_key
from .._edge import pages_of
from .options import BINDABLE, Options

PROFILE = "static"
FORMAT: Format = "html"


@dataclass(frozen=True, slots=True)
class Response:
    """One custom error response. ``path`` is the page's at the distribution, ``status`` what the viewer gets.

    ``caching_seconds`` is for how long CloudFront answers from its cache before it asks the origin again.
    """

    code: int
    rule: Rule
    path: str
    status: int
    caching_seconds: int

    @property
    def via(self) -> str:
        """Whether the page is the code's ``own``, a ``family``'s or a ``catch-all``'s."""
        return "own" if is_own_page(self.rule) else "catch-all" if is_catch_all(self.rule) else "family"

    @property
    def asked_status(self) -> int:
        """The status that the catalog asks for; ``status`` is another where CloudFront cannot send it."""
        return self.rule.status or self.code


def responses_of(manifest: Manifest, options: Options) -> tuple[Response, ...]:
    """The responses by code: for each the page that stands for it in the default language. Codes without one lack."""
    pages = pages_of(manifest, PROFILE)
    found = ((code, first_match(manifest, code, FORMAT, manifest.languages[0])) for code in BINDABLE)
    return tuple(
        _response(code, rule, pages[rule.page], options) for code, rule in found if rule and rule.page in pages
    )


def announced_responses(manifest: Manifest, options: Options) -> tuple[Response, ...]:
    """The responses while planned work is announced: its page stands before those of its codes. Empty without one."""
    pages, language = pages_of(manifest, PROFILE), manifest.languages[0]
    rule = next(
        (one for one in manifest.rules if one.maintenance and one.format == FORMAT and one.language == language), None
    )
    if rule is None or rule.page not in pages:
        return ()
    usual = {one.code: one for one in responses_of(manifest, options)}
    announced = {
        code: _response(code, rule, pages[rule.page], options) for code in BINDABLE if contains(rule.codes, code)
    }
    return tuple(one for _, one in sorted({**usual, **announced}.items()))


def _response(code: int, rule: Rule, file: File, options: Options) -> Response:
    # A client that comes back as late as Retry-After asks must not meet the failure that it was asked to wait for.
    seconds = min(options.caching_seconds, rule.retry_after or options.caching_seconds)
    status = rule.status if rule.status in BINDABLE else code
    return Response(code, rule, f"{options.pages_path}/{object_key(file.path, file.sha256)}", status, seconds)


def custom_error_responses(responses: Iterable[Response]) -> dict[str, Any]:
    """``CustomErrorResponses`` as UpdateDistribution takes it (API 2020-05-31); there, ResponseCode is a text."""
    items = [
        {
            "ErrorCode": one.code,
            "ResponsePagePath": one.path,
            "ResponseCode": str(one.status),
            "ErrorCachingMinTTL": one.caching_seconds,
        }
        for one in responses
    ]
    return {"Quantity": len(items), "Items": items}
