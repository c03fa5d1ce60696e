"""Errors that are answered as if all were well: search engines index them, and programs take the page for the data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import Fault, InvalidInput
from ..manifest import page_key
from ..model import codes_text
from ._check import Problem, site_check
from ._subject import Subject

FIRST_ERROR = 400
_OF_APIS = ("403", "404")


@site_check("error-as-success", "error", "An error that is answered with a status below 400 is no error to a program.")
def error_as_success(subject: Subject) -> Iterator[Problem]:
    """Rules that give an error's page a status below 400."""
    for rule in subject.manifest.rules:
        if rule.status is not None and rule.status < FIRST_ERROR:
            yield Problem(
                f"{codes_text(rule.codes)} is answered with {rule.status}",
                str(subject.entries[page_key(rule.page)].source),
                "remove serve_status, or make it 400 or more",
            )


@site_check(
    "cloudfront-success",
    "warning",
    "A distribution of CloudFront that turns errors into 200 does so for APIs and for search engines too.",
)
def cloudfront_success(subject: Subject) -> Iterator[Problem]:
    """Custom error responses of CloudFront with a status below 400, in the files of ``check.cloudfront``."""
    for name, items in _distributions(subject):
        for item in items:
            status, code = str(item.get("ResponseCode", "")), str(item["ErrorCode"])
            if status.isdigit() and int(status) < FIRST_ERROR:
                more = "; an API behind it gets this page as data, because the setting is for the whole distribution"
                yield Problem(
                    f"CloudFront turns {code} into {status}" + (more if code in _OF_APIS else ""),
                    name,
                    f"set the ResponseCode of {code} to {code}; a single-page application can rewrite paths in a "
                    "CloudFront function instead",
                )


@site_check(
    "cloudfront-ttl",
    "warning",
    "CloudFront's own documents disagree on how long it keeps an error, 10 or 300 seconds, where nobody says it.",
)
def cloudfront_ttl(subject: Subject) -> Iterator[Problem]:
    """Custom error responses of CloudFront without ``ErrorCachingMinTTL``."""
    for name, items in _distributions(subject):
        codes = [str(item["ErrorCode"]) for item in items if item.get("ErrorCachingMinTTL") is None]
        if codes:
            yield Problem(
                f"CloudFront may keep {', '.join(codes)} for as long as it likes: ErrorCachingMinTTL is not set",
                name,
                "set ErrorCachingMinTTL, in seconds; 10 suits errors that pass",
            )


def _distributions(subject: Subject) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Each file with its custom error responses. Raises InvalidInput for every one that is not as AWS prints it."""
    faults = []
    found = []
    for index, name in enumerate(subject.settings.check.cloudfront):
        try:
            found.append((name, _items(json.loads((subject.project / name).read_text("utf-8")))))
        except OSError as error:
            message = f"'{name}' cannot be read: {error.strerror or error}"
            faults.append(Fault(f"{subject.settings.where}.check.cloudfront[{index}]", message))
        except ValueError as error:
            faults.append(Fault(name, str(error) if isinstance(error, _ShapeError) else f"is not JSON: {error}"))
    if faults:
        raise InvalidInput(
            faults, hint="make the file with: aws cloudfront get-distribution-config --id ID > cloudfront.json"
        )
    yield from found


class _ShapeError(ValueError):
    """JSON that is no configuration of a distribution."""


def _items(raw: object) -> list[Mapping[str, Any]]:
    config = raw.get("DistributionConfig", raw) if isinstance(raw, dict) else None
    responses = config.get("CustomErrorResponses") if isinstance(config, dict) else None
    if not isinstance(responses, dict):
        raise _ShapeError("has no DistributionConfig.CustomErrorResponses, so it is no distribution's configuration")
    items = responses.get("Items") or []
    if not isinstance(items, list) or not all(isinstance(one, dict) and "ErrorCode" in one for one in items):
        raise _ShapeError("CustomErrorResponses.Items is not a list of entries with an ErrorCode")
    return items


CHECKS = (error_as_success, cloudfront_success, cloudfront_ttl)
