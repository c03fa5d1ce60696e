"""Pages registered as assets: Cloudflare fetches each when it is asked to, which takes longer than the asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ...parallel import in_parallel
from .client import CloudflareClient
from .replies import CallFailed
from .rules import Asset

FETCH_FAILED = 1202


def register(
    client: CloudflareClient,
    assets: Iterable[Asset],
    url_of: Callable[[str], str],
    told: Callable[[Asset], None],
) -> None:
    """Create ``assets``. ``told`` is called before each, ``url_of`` gives the address of a page by its path.

    The first failure, Ctrl-C included, keeps further ones from starting, ends what waits for its turn, and is raised
    once all that was sent is answered. Raises CallFailed.
    """

    def create(asset: Asset) -> None:
        url = url_of(asset.page_path)
        try:
            client.create_asset(asset.name, url, asset.description)
        except CallFailed as failure:
            if FETCH_FAILED in failure.codes:
                failure.hint = (
                    "Cloudflare fetches pages from the United States and through your own firewall rules; "
                    f"let it read {url} without a challenge"
                )
            raise

    def begun() -> Iterator[Asset]:
        for asset in assets:
            told(asset)
            yield asset

    in_parallel(create, begun(), client.at_once, lambda *_: None, client.hurry)
