"""What the pages of a built site weigh: bytes, bytes after gzip, and tokens of a language model, for each format."""

from __future__ import annotations

import gzip
import statistics
from dataclasses import dataclass
from pathlib import Path

from .. import manifest as manifests
from ..errors import from_os_error
from ..model import EXTENSIONS, Format
from .site import MANIFEST

BYTES_PER_TOKEN = 4
"""The usual rule of thumb for English text and markup; other scripts take more tokens for as many bytes."""


@dataclass(frozen=True, slots=True)
class Weight:
    """The pages of one format. The three sizes are medians over its pages; ``largest`` is in bytes."""

    format: Format
    pages: int
    bytes: int
    gzip_bytes: int
    tokens: int
    largest: int


def weigh(folder: Path) -> tuple[Weight, ...]:
    """The weight of each format of the site that was built into ``folder``. Raises LocalFilesFailed."""
    sizes: dict[Format, list[tuple[int, int]]] = {}
    path = folder / MANIFEST
    try:
        for file in manifests.loads(path.read_bytes(), str(path)).files:
            path = folder / file.path
            # Level 6 is what web servers use; without a time, so that the same page always weighs the same.
            sizes.setdefault(file.format, []).append((file.bytes, len(gzip.compress(path.read_bytes(), 6, mtime=0))))
    except OSError as error:
        raise from_os_error(error, path, "read the page") from error
    return tuple(_weight(wanted, sizes[wanted]) for wanted in EXTENSIONS if wanted in sizes)


def _weight(wanted: Format, sizes: list[tuple[int, int]]) -> Weight:
    plain = round(statistics.median(size for size, _ in sizes))
    packed = round(statistics.median(size for _, size in sizes))
    return Weight(wanted, len(sizes), plain, packed, -(-plain // BYTES_PER_TOKEN), max(size for size, _ in sizes))
