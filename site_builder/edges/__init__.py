"""Who decides what a client gets. An edge is one file or folder here, and its name is the ``kind`` users write.

A module offers ``PROFILE``, the name of the profile whose pages it serves; ``options_model()``, which gives the
pydantic model of its table in errgen.toml; and ``compile_files(manifest, read, options)``, which touches neither disk
nor network. One whose clients get pages from the site's host may offer ``with_host(options, host, where)``, which
completes its options by the host's table; one whose table names a file of the project, ``with_project(options, project,
where)``, which reads it. One that is reached over the network has ``open_remote`` in its module ``remote`` (see
``_remote.Remote``) and ``rights(options)``, what its credentials must be allowed; it may offer
``names_remote(options)``: whether its table says where, and ``places(options)``: the options of each place where the
table names several. One whose rules can be evaluated here may offer
``explainer(manifest, read, options, facts)``, which tells who gets what and why; what it compiles may carry
a ``proof`` that compares that with the reference for many clients. Files whose names start with ``_`` are shared parts.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Fault, InvalidInput
from ._edge import Edge, EdgeModule

__all__ = ["Edge", "kinds", "open_edge"]


def kinds() -> tuple[str, ...]:
    """The kinds of edges there are, by name."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def open_edge(
    table: Mapping[str, Any], where: str, host: Mapping[str, Any] | None = None, project: Path | None = None
) -> Edge:
    """The edge that one ``[[site.NAME.edge]]`` table asks for.

    ``where`` is the table's key path for messages, ``errgen.toml: site.default.edge[0]``. ``host`` is the table
    of the site's host, unchecked; ``project`` the folder in which files lie that the table names. Raises InvalidInput
    with every fault of the table or of such a file, and LocalFilesFailed for one that cannot be read.
    """
    kind = table.get("kind")
    from ..validation import near_miss, validate

    if kind not in kinds():
        problem = "is required" if kind is None else f"there is no edge called {kind!r}"
        raise InvalidInput(
            [Fault(f"{where}.kind", problem + near_miss(str(kind), kinds()))],
            hint=f"write one of: {', '.join(kinds())}",
        )
    module: EdgeModule = importlib.import_module(f"{__name__}.{kind}")
    options = validate(module.options_model(), table, where)
    if host is not None and (with_host := getattr(module, "with_host", None)):
        options = with_host(options, host, where)
    if project is not None and (with_project := getattr(module, "with_project", None)):
        options = with_project(options, project, where)
    return Edge(str(kind), where, module, options)
