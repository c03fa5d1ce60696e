"""CloudFront's API for one distribution: its configuration, where it answers, and paths to forget.

Contract: docs.aws.amazon.com/cloudfront/latest/APIReference/, version 2020-05-31.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from .calls import CallFailed, Calls, Reply
from .configuration import Configuration
from .document import parse

if TYPE_CHECKING:
    import httpx

NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
NO_VERSION = "ERRGENCHECKSRIGHTS"
"""An If-Match that no configuration has."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Where a distribution answers, ``d111111abcdef8.cloudfront.net``, and whether its last change is everywhere."""

    domain: str
    is_deployed: bool


class CloudFrontClient:
    """The calls that publishing needs, for the distribution with ``id``. Every method may raise CallFailed.

    Reading is tried again while it fails in passing, writing only where it was turned away.
    """

    def __init__(
        self,
        id: str,  # noqa: A002  # what CloudFront calls it
        environ: Mapping[str, str],
        profile: str | None,
        *,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
        report: Callable[[str], None],
    ) -> None:
        self._calls = Calls(environ, profile, transport=transport, sleep=sleep, report=report)
        self._path = f"/distribution/{id}"

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def distribution(self) -> Distribution:
        """GetDistribution."""
        return self._calls.patiently("GET", self._path, _distribution)

    def configuration(self, replaced: str | None = None) -> Configuration:
        """GetDistributionConfig: all of it, and its version.

        ``replaced`` is a version that it is not any more. Where it is given all the same, it is asked for again.
        """

        def read(reply: Reply) -> Configuration:
            if reply.etag == replaced:
                raise ValueError("is a version that was replaced")
            return Configuration(reply.etag, reply.content)

        return self._calls.patiently("GET", f"{self._path}/config", read)

    def update(self, xml: bytes, version: str) -> str:
        """UpdateDistribution, provided that ``version`` is still the current one; gives the new version."""
        return self._calls.write("PUT", f"{self._path}/config", xml, {"If-Match": version}, _version)

    def check_update(self, configuration: Configuration) -> None:
        """That the credentials may update the distribution. Changes nothing.

        UpdateDistribution has no dry run. Today's configuration is sent for a version that there is not: who may not
        update is told so (403), and everybody else that the version is not the current one (412, or 400). Were it taken
        after all, nothing would have changed either.
        """
        try:
            self.update(configuration.xml, NO_VERSION)
        except CallFailed as failure:
            if failure.status not in (400, 412) or not failure.code or failure.passing:
                raise

    def invalidate(self, paths: Sequence[str], reference: str) -> None:
        """CreateInvalidation. The same ``reference`` and paths again name the invalidation that was made for them."""
        items = "".join(f"<Path>{escape(path)}</Path>" for path in paths)
        body = (
            f'<InvalidationBatch xmlns="{NAMESPACE}"><Paths><Quantity>{len(paths)}</Quantity><Items>{items}</Items>'
            f"</Paths><CallerReference>{escape(reference)}</CallerReference></InvalidationBatch>"
        )
        self._calls.patiently("POST", f"{self._path}/invalidation", lambda _: None, body.encode())


def _distribution(reply: Reply) -> Distribution:
    root = parse(reply.content)
    if root.name != "Distribution" or not root.value("DomainName"):
        raise ValueError("is not a distribution")
    return Distribution(root.value("DomainName"), root.value("Status") == "Deployed")


def _version(reply: Reply) -> str:
    if not reply.etag:
        raise ValueError("has no version")
    return reply.etag
