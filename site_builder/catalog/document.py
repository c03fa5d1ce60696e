"""One file of the catalog as plain values, each with its line."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from ..errors import Fault, InvalidInput, from_os_error
from .plain_style import Item, read_plain_style


def read_document(path: Path, shown: str) -> dict[str, Item]:
    """The mapping that a file holds; keys are text as written, values have their lines.

    ``shown`` is the file's name for people. What was read is kept and given again while a file holds the same: do not
    change it. Raises InvalidInput with every fault of the file, LocalFilesFailed where it cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise from_os_error(error, path, "read the catalog") from error
    return _parsed(data, shown)


@lru_cache(maxsize=64)
def _parsed(data: bytes, shown: str) -> dict[str, Item]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"is not UTF-8: byte 0x{data[error.start]:02x} on this line cannot be decoded"
        raise InvalidInput([Fault(f"{shown}:{line}", message)]) from None
    plain = read_plain_style(text)
    if plain is not None:
        return plain
    from .whole_yaml import read_whole_yaml  # ruamel.yaml takes longer to import than a catalog to read

    return read_whole_yaml(text, shown)
