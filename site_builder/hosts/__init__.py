"""The places where pages are stored. A host is one module here, and its file name is the ``kind`` users write.

A module offers ``Options``, a pydantic model of its table in errgen.toml, and ``connect(options, opening)``, which
gives a ``Host`` without touching the network. Files whose names start with ``_`` are shared parts.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Fault, InvalidInput
from ._host import Host, Opening, Release, Stored, Upload

__all__ = ["Host", "Release", "Stored", "Upload", "kinds", "open_host"]


def kinds() -> tuple[str, ...]:
    """The kinds of hosts there are, by name."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def open_host(table: Mapping[str, Any], where: str, environ: Mapping[str, str], *, project: Path | None = None) -> Host:
    """The host that a ``[site.NAME.host]`` table asks for.

    ``where`` is the table's key path for messages, ``errgen.toml: site.default.host``; ``environ`` is where credentials
    and endpoints are looked up first; relative paths start at ``project`` (the current folder). Raises InvalidInput
    with every fault of the table.
    """
    kind = table.get("kind")
    if kind not in kinds():
        there_are = ", ".join(kinds())
        problem = "is required" if kind is None else f"there is no host called {kind!r}"
        raise InvalidInput(
            [Fault(f"{where}.kind", f"{problem}; there are: {there_are}")],
            hint=f'write kind = "{kinds()[0]}", or another of: {there_are}',
        )
    module = importlib.import_module(f"{__name__}.{kind}")
    from ..validation import validate

    opening = Opening(where, environ, project if project is not None else Path())
    host: Host = module.connect(validate(module.Options, table, where), opening)
    return host
