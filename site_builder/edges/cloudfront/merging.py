"""Our custom error responses among everybody else's: which are ours, and what the list becomes. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence

from ...object_keys import OBJECTS
from .._remote import Change
from .configuration import ErrorResponse
from .options import Options
from .responses import PROFILE

_NAME = re.compile(rf"{PROFILE}-[A-Za-z0-9_-]+-[0-9a-f]{{8}}\.html")


def pages_prefix(options: Options) -> str:
    """What the address of every page of ours starts with: ``/errors/o/``."""
    return f"{options.pages_path}/{OBJECTS}"


def is_ours(response: ErrorResponse, prefix: str) -> bool:
    """Whether a response gives one of our pages: below ``prefix``, and named as pages in a bucket are."""
    return response.path.startswith(prefix) and _NAME.fullmatch(response.path, len(prefix)) is not None


def kept(live: Iterable[ErrorResponse], prefix: str, replaced: Collection[int]) -> list[ErrorResponse]:
    """The responses that are others' and stay: a code has but one, and only those of ``replaced`` may become ours."""
    return [one for one in live if not is_ours(one, prefix) and one.code not in replaced]


def merge(
    live: Sequence[ErrorResponse], wanted: Sequence[ErrorResponse], prefix: str, replaced: Collection[int] = ()
) -> list[ErrorResponse]:
    """``live`` with our responses as ``wanted``. Others' stay as they are, and where they are for a code of ours, too.

    A response that is as wanted already is kept as it came, and one for the same code takes its place; what is new
    follows, by code.
    """
    theirs = {one.code for one in kept(live, prefix, _codes(wanted) & {*replaced})}
    ours = {one.code: one for one in wanted if one.code not in theirs}
    merged = []
    for one in live:
        if one.code in theirs:
            merged.append(one)
        elif new := ours.pop(one.code, None):
            merged.append(one if one == new else new)
    return merged + [ours[code] for code in sorted(ours)]


def put_back(live: Sequence[ErrorResponse], before: Sequence[ErrorResponse], prefix: str) -> list[ErrorResponse]:
    """``live`` with each code that is ours, or was, as it stood in ``before``; what others wrote since stays."""
    theirs = [one for one in live if not is_ours(one, prefix)]
    taken = _codes(theirs)
    ours_now = _codes(one for one in live if is_ours(one, prefix))
    back = [one for one in before if one.code not in taken and (is_ours(one, prefix) or one.code in ours_now)]
    return [*theirs, *sorted(back, key=lambda one: one.code)]


def response_changes(live: Sequence[ErrorResponse], merged: Sequence[ErrorResponse], target: str) -> list[Change]:
    """What turns ``live`` into ``merged``, code by code."""
    before, after = {one.code: one for one in live}, {one.code: one for one in merged}
    changes = []
    for code in sorted({*before, *after}):
        old, new = before.get(code), after.get(code)
        if old == new:
            continue
        name, texts = f"error response {code}", (_json(old), _json(new))
        if new is None:
            changes.append(Change("delete", "rule", target, name, "stale", *texts))
        elif old is None:
            changes.append(Change("create", "rule", target, name, "missing", *texts))
        elif old.path == new.path and old.status != new.status:  # a page's name carries its digest, and so its code
            changes.append(Change("update", "rule", target, name, "edited by hand", *texts, drift=True))
        else:
            changes.append(Change("update", "rule", target, name, "differs", *texts))
    return changes


def _codes(responses: Iterable[ErrorResponse]) -> set[int]:
    return {one.code for one in responses}


def _json(response: ErrorResponse | None) -> str | None:
    if response is None:
        return None
    fields = {
        "ErrorCachingMinTTL": response.seconds,
        "ResponseCode": response.status or None,
        "ResponsePagePath": response.path or None,
    }
    return json.dumps({name: value for name, value in fields.items() if value is not None}, sort_keys=True)
