"""CloudFront: custom error responses of one distribution, and how it reads the pages from their bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...model import Compiled, Manifest

if TYPE_CHECKING:
    from ...rights import Rights
    from .._edge import Read
    from .options import Options

PROFILE = "static"


def options_model() -> type[Options]:
    """The model of ``[[site.NAME.edge]]`` with ``kind = "cloudfront"``. Loads pydantic, so it is not at the top."""
    from .options import Options

    return Options


def with_host(options: Options, host: Mapping[str, Any], where: str) -> Options:
    """``options`` with the path and the bucket of an S3 host. Raises InvalidInput where they contradict each other."""
    from .options import with_host

    return with_host(options, host, where)


def names_remote(options: Options) -> bool:
    """Whether the table names the distribution to publish to; without one there are only files."""
    return options.distribution is not None


def rights(options: Options) -> Rights:
    """What the AWS credentials must be allowed at the distribution of ``options``."""
    from . import permissions

    return permissions.rights(options)


def compile_files(manifest: Manifest, read: Read, options: Options) -> Compiled:  # noqa: ARG001  # the common interface
    """What to put into the distribution and the bucket's policy, the same for Terraform, and ``report.json``."""
    from . import compile as compiler

    return compiler.compile_files(manifest, options)
