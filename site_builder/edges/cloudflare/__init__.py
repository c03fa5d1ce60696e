"""Cloudflare: custom error rules with their assets, and what a client gets from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Compiled, Manifest

if TYPE_CHECKING:
    from .._edge import Read
    from .options import Options

PROFILE = "cloudflare"


def options() -> type[Options]:
    """The model of ``[[site.NAME.edge]]`` with ``kind = "cloudflare"``. Loads pydantic, so it is not at the top."""
    from .options import Options

    return Options


def compile(manifest: Manifest, read: Read, options: Options) -> Compiled:  # noqa: A001  # the name every edge has
    """``ruleset.json`` (the body of the PUT), ``assets.json`` and ``report.json``."""
    from .compile import compile_files

    return compile_files(manifest, read, options)
