"""The summary of a GitHub job: a file of Markdown that its steps add to, shown on the page of the run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..errors import from_os_error

VARIABLE = "GITHUB_STEP_SUMMARY"
"""docs.github.com, "Workflow commands for GitHub Actions", Adding a job summary."""


def is_there(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the job that runs this has a summary."""
    return bool(environ.get(VARIABLE))


def append(markdown: str, environ: Mapping[str, str] = os.environ) -> None:
    """Add ``markdown`` to the summary of the job that runs this; nothing elsewhere. Raises LocalFilesFailed."""
    if not (name := environ.get(VARIABLE)):
        return
    try:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(f"{markdown}\n")
    except OSError as error:
        raise from_os_error(error, Path(name), "write the job summary") from error
