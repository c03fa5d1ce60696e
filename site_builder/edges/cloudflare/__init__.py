"""Cloudflare: custom error rules with their assets, and what a client gets from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...model import Compiled, Manifest

if TYPE_CHECKING:
    from pathlib import Path

    from ...rights import Rights
    from .._edge import Read
    from .._explaining import Explainer, Facts
    from .options import Options

PROFILE = "cloudflare"


def options_model() -> type[Options]:
    """The model of ``[[site.NAME.edge]]`` with ``kind = "cloudflare"``. Loads pydantic, so it is not at the top."""
    from .options import Options

    return Options


def with_host(options: Options, host: Mapping[str, Any], where: str) -> Options:  # noqa: ARG001  # nothing to refuse
    """``options`` that know where the site's host serves the pages."""
    from . import options as models

    return models.with_host(options, host)


def with_project(options: Options, project: Path, where: str) -> Options:
    """``options`` that know what the file of the project says that ``traffic`` names."""
    from . import options as models

    return models.with_project(options, project, where)


def places(options: Options) -> tuple[Options, ...]:
    """The options of each zone in a table that names several; or else ``options`` alone."""
    return options.places()


def rights(options: Options) -> Rights:
    """What the API token must be allowed at the zone or account of ``options``."""
    from . import permissions

    return permissions.rights(options)


def compile_files(manifest: Manifest, read: Read, options: Options) -> Compiled:
    """``ruleset.json`` (the body of the PUT), the same for planned work and for Terraform, the assets, the report."""
    from . import compile as compiler

    return compiler.compile_files(manifest, read, options)


def explainer(manifest: Manifest, read: Read, options: Options, facts: Facts) -> Explainer:
    """Explains by evaluating the rules that a publish would put there."""
    from .explain import CloudflareExplainer

    return CloudflareExplainer(manifest, read, options, facts)
