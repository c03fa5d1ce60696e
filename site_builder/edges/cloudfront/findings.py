"""What a person has to know about a distribution before pages are bound to it, from its configuration. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .access import origin_id, path_pattern
from .configuration import Behavior, Configuration, ErrorResponse, Origin
from .options import Options

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
Said = tuple[str, str, str]
"""The id of a finding, its message and a hint."""

_BUCKET = re.compile(r".+\.s3([.-](?!website)[a-z0-9-]+)?\.amazonaws\.com")
"""The REST endpoints of S3 (Amazon S3 User Guide, "Virtual hosting of buckets"); those of websites are otherwise."""


def setup(site: str, options: Options, configuration: Configuration) -> Iterator[Said]:
    """Why the pages would not be found: no behavior for their addresses, or one that asks elsewhere.

    Nothing is said of an origin group or of an origin that errgen does not know: what proves a page is reading it.
    """
    page = f"{options.pages_path}/o/static-en-404.html"
    behavior = configuration.behavior_of(page)
    origins = {one.id: one for one in configuration.origins}
    ours = [one for one in origins.values() if _has_pages(one, site, options)]
    if not ours:
        yield (
            "cloudfront-no-origin",
            f"has no origin {origin_id(site, options)}, from which CloudFront could read the pages",
            "add it as edges/cloudfront/report.json says under merging",
        )
    elif behavior and behavior.origin in origins and origins[behavior.origin] not in ours:
        yield (
            "cloudfront-no-behavior",
            f"asks the origin {behavior.origin} for pages: the behavior {behavior.pattern} takes their addresses, "
            f"{path_pattern(options)}",
            "put edges/cloudfront/cache_behavior.json before every behavior that takes the same addresses",
        )
    else:
        asked = [one for one in ours if behavior is None or one.id == behavior.origin]
        yield from (
            (
                "cloudfront-origin-path",
                f"asks {one.id} for pages below {one.path or '/'}, and they are below {options.origin_path or '/'}",
                f'write origin_path = "{one.path}" in this edge\'s table, or change the origin',
            )
            for one in asked
            if one.path != options.origin_path
        )


def audience(options: Options, configuration: Configuration, responses: Sequence[ErrorResponse]) -> Iterator[Said]:
    """Who gets the pages and should not, and who gets the page of another error. ``responses`` are as they will be."""
    pages = configuration.behavior_of(f"{options.pages_path}/o/static-en-404.html")
    others = [one for one in configuration.behaviors if one != pages or one.pattern == "*"]
    if apis := [one.pattern for one in others if one.methods - SAFE_METHODS]:
        yield (
            "cloudfront-api",
            f"clients that send to {', '.join(apis)}, where POST or other methods are allowed, get HTML for errors: "
            "error responses are for the whole distribution",
            "an API that has to answer JSON needs a distribution of its own",
        )
    status = next((one.status for one in responses if one.code == 403), None)
    if status == "403" and (websites := _on_buckets(others, configuration.origins)):
        yield (
            "cloudfront-403",
            f"files that are missing from the bucket behind {', '.join(websites)} are answered with 403 and its page, "
            "not with 404, unless CloudFront may list that bucket",
            "allow CloudFront s3:ListBucket in the policy of that bucket",
        )


def _has_pages(origin: Origin, site: str, options: Options) -> bool:
    known = options.bucket is not None and origin.domain.startswith(f"{options.bucket}.s3")
    return known or origin.id == origin_id(site, options)


def _on_buckets(behaviors: Sequence[Behavior], origins: Sequence[Origin]) -> list[str]:
    buckets = {one.id for one in origins if _BUCKET.fullmatch(one.domain)}
    return [one.pattern for one in behaviors if one.origin in buckets]
