"""The way of a change to all places that answer for a distribution: minutes, and CloudFront says when it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...errors import RemoteFailed
from .client import CloudFrontClient

if TYPE_CHECKING:
    import httpx

    from .._remote import Report
    from .options import Options

EVERY = 10.0
LONGEST = 1800.0
"""Seconds. Changes take about five minutes; after thirty something is wrong with CloudFront."""


def wait_until_deployed(
    options: Options,
    environ: Mapping[str, str],
    *,
    report: Report = lambda _: None,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Ask for the status of the distribution of ``options`` until its last change is everywhere.

    Raises RemoteFailed where it cannot be asked, and after half an hour.
    """
    if options.distribution is None:
        return
    client = CloudFrontClient(
        options.distribution, environ, options.profile, transport=transport, sleep=sleep, report=report
    )
    name, waited = f"cloudfront distribution {options.distribution}", 0.0
    try:
        while not client.distribution().is_deployed:
            if waited >= LONGEST:
                raise RemoteFailed(
                    f"its last change is not everywhere after {LONGEST / 60:.0f} minutes",
                    where=name,
                    hint="see https://health.aws.amazon.com; until then some clients get the answers of before",
                )
            report(f"{name}: its last change is on the way to all places, for {waited:.0f} s so far")
            sleep(EVERY)
            waited += EVERY
    finally:
        client.close()
