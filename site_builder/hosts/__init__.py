"""The places where pages are stored. A host is one module here, and its file name is the ``kind`` users write.

A module offers ``Options``, a pydantic model of its table in errgen.toml, ``connect(options, opening)``, which gives a
``Host`` without touching the network, and ``rights(options)``, what its credentials must be allowed. It may offer
``live_address(options)``, where visitors get the files of its current release. Files whose names start with ``_`` are
shared parts.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Fault, InvalidInput
from ..rights import Rights
from ._host import Host, Opening, Release, Stored, Upload

__all__ = ["Host", "Release", "Stored", "Upload", "kinds", "live_address", "open_host", "rights_of"]


def kinds() -> tuple[str, ...]:
    """The kinds of hosts there are, by name."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def open_host(table: Mapping[str, Any], where: str, environ: Mapping[str, str], *, project: Path | None = None) -> Host:
    """The host that a ``[site.NAME.host]`` table asks for.

    ``where`` is the table's key path for messages, ``errgen.toml: site.default.host``; ``environ`` is where credentials
    and endpoints are looked up first; relative paths start at ``project`` (the current folder). Raises InvalidInput
    with every fault of the table.
    """
    module, options = _checked(table, where)
    host: Host = module.connect(options, Opening(where, environ, project if project is not None else Path()))
    return host


def live_address(table: Mapping[str, Any], where: str) -> str | None:
    """Below which address visitors get the files of the current release by their paths in the manifest.

    None where they are at the addresses at which pages are proved before, or nothing says where. Arguments and failures
    are those of ``open_host``.
    """
    module, options = _checked(table, where)
    found: str | None = module.live_address(options) if hasattr(module, "live_address") else None
    return found


def rights_of(table: Mapping[str, Any], where: str) -> Rights:
    """What the credentials of a host must be allowed. Arguments and failures are those of ``open_host``."""
    module, options = _checked(table, where)
    needed: Rights = module.rights(options)
    return needed


def _checked(table: Mapping[str, Any], where: str) -> tuple[Any, Any]:
    """The module of a host's table, and its options."""
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

    return module, validate(module.Options, table, where)
