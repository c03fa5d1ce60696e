"""Our error responses put back as a backup has them; others' stay as they are by now."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ...errors import Fault, InvalidInput, PlanRefused
from ...object_keys import OBJECTS
from .._remote import Report
from .._session import Session
from .client import CloudFrontClient
from .configuration import ErrorResponse, made_response
from .merging import is_ours, pages_prefix
from .planning import Wanted
from .remote import CloudFrontRemote

if TYPE_CHECKING:
    import httpx

    from ...model import Manifest
    from .._edge import Read
    from .options import Options


def open_restore(
    backup: Mapping[str, Any],
    where: str,
    manifest: Manifest,
    read: Read,  # noqa: ARG001  # the common interface: the pages are read where the host serves them
    options: Options,
    environ: Mapping[str, str],
    *,
    prove: Callable[[Iterable[tuple[str, str]]], None],  # noqa: ARG001  # they are proved at the distribution
    digests: Callable[[], Mapping[str, str]],
    report: Report = lambda _: None,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),  # noqa: ARG001  # the common interface
    session: Session | None = None,  # noqa: ARG001  # the common interface: AWS's own client keeps the pace
) -> CloudFrontRemote:
    """The distribution of ``options``, whose error responses of ours are to be those of ``backup`` from ``where``.

    ``digests`` gives the SHA-256 of the host's pages by their names in a bucket. Raises InvalidInput where it is no
    backup of error responses, and PlanRefused where a page is no longer kept.
    """
    if options.distribution is None:
        raise ValueError("an edge without a distribution has nothing to put a backup back at")
    target = f"cloudfront distribution {options.distribution}"
    responses = restored(backup, pages_prefix(options), where)
    sums = _sums(responses, pages_prefix(options), digests(), target) if responses else {}
    wanted = Wanted(manifest.site, target, options, responses, (), sums)
    client = CloudFrontClient(
        options.distribution, environ, options.profile, transport=transport, sleep=sleep, report=report
    )
    return CloudFrontRemote(client, wanted, report)


def restored(backup: Mapping[str, Any], prefix: str, where: str) -> tuple[ErrorResponse, ...]:
    """The error responses of ``backup`` that give pages below ``prefix``. Raises InvalidInput for anything else."""
    try:
        responses = tuple(
            made_response(
                int(one["ErrorCode"]), str(one["ResponsePagePath"]), str(one["ResponseCode"]), one["ErrorCachingMinTTL"]
            )
            for one in backup["custom_error_responses"]
        )
    except (KeyError, TypeError, ValueError):
        raise InvalidInput(
            [Fault(where, "is not a backup of CloudFront's error responses that errgen wrote")],
            hint="backups are in .errgen/backups, one for each switch",
        ) from None
    return tuple(one for one in responses if is_ours(one, prefix))


def _sums(responses: Iterable[ErrorResponse], prefix: str, digests: Mapping[str, str], target: str) -> dict[str, str]:
    """SHA-256 of each response's page by its address at the distribution."""
    names = {one.path: OBJECTS + one.path.removeprefix(prefix) for one in responses}
    lost = sorted(path for path, name in names.items() if name not in digests)
    if lost:
        raise PlanRefused(
            f"{len(lost)} pages of the backup are in no release that the host keeps, the first: {lost[0]}",
            where=target,
            hint="go back to a kept release instead: errgen rollback --to RELEASE",
        )
    return {path: digests[name] for path, name in names.items()}
