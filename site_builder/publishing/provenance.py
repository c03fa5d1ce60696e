"""Who runs errgen, and on which commit: as a CI service says, or else this machine and git."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

PEOPLE = (
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "CIRCLE_USERNAME",
    "BUILD_REQUESTEDFOR",
    "LOGNAME",
    "USER",
    "USERNAME",
)
COMMITS = (
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "BITBUCKET_COMMIT",
    "CIRCLE_SHA1",
    "BUILD_SOURCEVERSION",
    "GIT_COMMIT",
    "COMMIT_REF",
)
"""Of GitHub, GitLab, Bitbucket, CircleCI, Azure Pipelines, Jenkins and Netlify, each as its documentation has it."""

CHANGED = "+changes"
SECONDS = 10.0


def person(environ: Mapping[str, str]) -> str | None:
    """Who started the CI job, or is logged in here; None where nothing says."""
    return _first(environ, PEOPLE)


def account() -> str:
    """The name of the account that errgen runs under, where the environment of a container says nothing."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a number without a name, as containers have it
        return ""


def commit(environ: Mapping[str, str], folder: Path) -> str | None:
    """The commit that a CI job is for, or that is checked out around ``folder``; None where there is none.

    A checkout with changes of its own ends in ``+changes``.
    """
    return _first(environ, COMMITS) or _checked_out(folder)


def _first(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environ[name] for name in names if environ.get(name)), None)


def _checked_out(folder: Path) -> str | None:
    command = ("git", "describe", "--always", "--abbrev=40", "--exclude=*", f"--dirty={CHANGED}")
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and not a word of it is from outside
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):  # no git here, or one that does not answer
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
