"""Every failure a user can cause or meet, each with its exit code.

Code raises these with a message that states the fact, ``where`` it is (``file:line``, a key path of errgen.toml, or
``METHOD /path``) and a ``hint`` that says what to do next. Only ``cli`` prints them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ErrgenError(Exception):
    """A failure with a message for people. Raised as one of the classes below, each with its own exit code."""

    exit_code = 1

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def each(self) -> list[tuple[str | None, str]]:
        """Every place and what is wrong there, where a failure is about several."""
        return [(self.where, self.message)]


class UsageError(ErrgenError):
    """The command line asks for something that cannot be done as written."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in the input: ``where`` is ``catalog/http.yaml:12`` or ``errgen.toml: site.default.home``."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class _OfFaults(ErrgenError):
    """A failure that carries every fault found, not only the first."""

    def __init__(self, faults: Sequence[Fault], *, hint: str | None = None) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(first.message, where=first.where, hint=hint)

    def __str__(self) -> str:
        return "\n".join(str(fault) for fault in self.faults)

    def each(self) -> list[tuple[str | None, str]]:
        """Every fault."""
        return [(fault.where, fault.message) for fault in self.faults]


class InvalidInput(_OfFaults):
    """Catalog, settings or templates are invalid. ``check`` is the id of the check that is about the same, if any."""

    exit_code = 3

    def __init__(self, faults: Sequence[Fault], *, hint: str | None = None, check: str | None = None) -> None:
        super().__init__(faults, hint=hint)
        self.check = check


class ChecksFailed(ErrgenError):
    """A check found an error, or the output differs from what a build would make."""

    exit_code = 4


class PlanRefused(ErrgenError):
    """The plan is unsafe, over a limit, or what is live changed since it was reviewed. Nothing was written."""

    exit_code = 5


class UnsafePlan(_OfFaults, PlanRefused):
    """The plan would lose more than anybody may have meant; the faults are the reasons."""


class RemoteFailed(ErrgenError):
    """A host or an edge refused or failed. What was live before is still serving."""

    exit_code = 6


class PartlyApplied(ErrgenError):
    """The remote failed after something had been switched; the message says what stands and what is left."""

    exit_code = 7


class LiveAnswersDiffer(ErrgenError):
    """What the live site answers is not what was published."""

    exit_code = 8


class LocalFilesFailed(ErrgenError):
    """A local file or folder could not be read or written, or the disk is full. The old output is intact."""

    exit_code = 9


class ChangesExist(ErrgenError):
    """``plan --detailed-exitcode`` found something to change."""

    exit_code = 10


class SwitchedOff(ErrgenError):
    """The live site serves nothing of errgen's because its rules were switched off on purpose; nothing else differs."""

    exit_code = 11


class Interrupted(ErrgenError):
    """Ctrl-C before anything was applied."""

    exit_code = 130


def from_os_error(error: OSError, path: object, action: str) -> LocalFilesFailed:
    """An operating-system failure on ``path`` while trying to ``action`` it («write», «read»), put into words."""
    import errno

    hints = {
        errno.ENOSPC: "free some disk space and run the command again; nothing that was there before has been lost",
        errno.EDQUOT: "your disk quota is used up; free some space and run the command again",
        errno.EACCES: "check the permissions of the file and of the folder it is in",
        errno.EPERM: "check the permissions of the file and of the folder it is in",
        errno.EROFS: "the file system is read-only; choose another folder with --out",
        errno.ENOENT: "check the path",
        errno.ENOTDIR: "a part of the path is a file; move it away or choose another folder",
    }
    reason = error.strerror or str(error)
    return LocalFilesFailed(f"cannot {action}: {reason}", where=str(path), hint=hints.get(error.errno or 0))
