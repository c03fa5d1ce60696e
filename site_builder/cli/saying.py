"""A line on standard output or standard error, for as long as they can be written; then the run goes on without.

For commands that change something live: that the reader went away (``errgen publish --verbose 2>&1 | head``), or that
the disk is full, must not leave half done what has been begun.
"""

from __future__ import annotations

import os
import sys

import click


def say(line: str, *, err: bool = False) -> None:
    """Print ``line``, with ``err`` on standard error. That standard output is lost is said there once."""
    try:
        click.echo(line, err=err)
    except OSError as error:
        lost = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), lost.fileno())  # what is left in its buffer has to go somewhere
        if not err:
            say(f"warning: standard output cannot be written any more: {error.strerror}", err=True)
