"""The rsync program: run so that it never asks, never hangs, and says what went wrong in words."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from ..errors import UsageError
from ._rsync_failures import failure
from ._rsync_target import Target

OLDEST = (3, 1)
"""From this version on a symbolic link is replaced in one step, by a rename."""

QUOTES_ITSELF = (3, 2, 4)
"""From this version on rsync quotes the paths that it hands to a remote shell."""

_SECONDS = 60  # without a byte, before rsync gives up
_SSH = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=30")
_ENTRY = re.compile(r"([-a-zA-Z])\S{9,10} +([0-9]+) ([0-9/]{10} [0-9:]{8}) (.*)")
_GET_IT = "install it: apt-get install rsync  (on macOS: brew install rsync, since Apple's own is another program)"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a listing. ``kind`` is ``-`` for a file, ``d`` for a folder, ``l`` for a symbolic link."""

    kind: str
    bytes: int
    modified: datetime
    path: str
    link: str | None = None


class RsyncProgram:
    """Runs rsync between local folders and ``target``. Every method raises RemoteFailed, or UsageError without rsync.

    ``environ`` may hold RSYNC_RSH, the ssh command with its options, and RSYNC_PASSWORD for a daemon, as rsync has it.
    """

    def __init__(self, target: Target, environ: Mapping[str, str]) -> None:
        self._target = target
        # The C locale and UTC make listings the same everywhere.
        self._environ = {**os.environ, **environ, "LC_ALL": "C", "TZ": "UTC"}

    def listed(self, *includes: str, folder: str = "") -> list[Entry]:
        """What fits ``includes``, rsync's patterns, below a folder of the target, which has to be there."""
        rules = [f"--include={pattern}" for pattern in includes]
        printed = self._run(
            "-rl", "--list-only", "--no-human-readable", *rules, "--exclude=*", self._target.below(folder)
        )
        return [entry for line in printed.splitlines() if (entry := _entry(line)) is not None]

    def push(self, stage: Path, folder: str = "", *, link_to: str | None = None) -> None:
        """Store all that is in ``stage`` below a folder of the target, each file whole or not at all.

        What has equal bytes there is left untouched; what has in the folder ``link_to`` becomes a hard link to it. The
        server's own habits decide owners and rights. Symbolic links are stored as such.
        """
        links = [f"--link-dest={self._target.on_server(link_to)}"] if link_to else []
        options = ["-rlc", "--no-perms", "--chmod=ugo=rwX", *links]
        self._run(*options, f"{stage}/", self._target.below(folder))

    def pull(self, keys: Iterable[str], into: Path) -> None:
        """Fetch those of ``keys`` that are files."""
        options = ("-r", "--files-from=-", "--ignore-missing-args")
        self._run(*options, self._target.below(""), f"{into}/", given="".join(f"{key}\n" for key in keys))

    def remove(self, patterns: Iterable[str], stage: Path) -> None:
        """Delete what fits ``patterns`` in those folders that are in ``stage``, and nothing else.

        rsync deletes what the sending side lacks, and keeps what is excluded: so all but the patterns is.
        """
        folders = sorted(path.relative_to(stage).as_posix() for path in stage.rglob("*"))
        rules = "".join(f"/{path}/\n" for path in folders) + "".join(f"/{pattern}\n" for pattern in patterns)
        options = ("-r", "--existing", "--delete", "--include-from=-", "--exclude=*")
        self._run(*options, f"{stage}/", self._target.below(""), given=rules)

    @cached_property
    def _command(self) -> tuple[str, ...]:
        """The program with what every run needs."""
        version = self._version()
        if version < OLDEST:
            raise UsageError(
                f"rsync {'.'.join(map(str, OLDEST))} or later is needed, and this machine has another", hint=_GET_IT
            )
        quoting = "--no-old-args" if version >= QUOTES_ITSELF else "--protect-args"
        command = ("rsync", quoting, f"--timeout={_SECONDS}")
        if self._target.daemon:
            return (*command, "--contimeout=15")
        shell = self._environ.get("RSYNC_RSH") or "ssh"
        if Path(shlex.split(shell)[0]).name == "ssh":
            shell = " ".join((shell, *_SSH))
        return (*command, f"--rsh={shell}")

    def _version(self) -> tuple[int, ...]:
        try:
            done = subprocess.run(
                ("rsync", "--version"),  # noqa: S607  # whichever rsync the user's PATH has
                env=self._environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise UsageError("the program rsync is not on this machine", hint=_GET_IT) from None
        match = re.match(rb"rsync +version v?([0-9.]+)", done.stdout)
        return tuple(int(part) for part in match.group(1).split(b".") if part) if match else ()

    def _run(self, *arguments: str, given: str = "") -> str:
        done = subprocess.run(  # noqa: S603  # no shell; the target's path has been checked
            (*self._command, *arguments),
            env=self._environ,
            input=given.encode(),
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout.decode("utf-8", "surrogateescape")
        printed = done.stderr.decode("utf-8", "replace")
        raise failure(done.returncode, printed, f"rsync {self._target}", self._target.server, self._target.path)


def _entry(line: str) -> Entry | None:
    """A line of ``rsync --list-only``; None where it is anything else."""
    match = _ENTRY.fullmatch(line)
    if match is None:
        return None
    kind, size, moment, path = match.groups()
    modified = datetime.strptime(moment, "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC)
    path, _, link = path.partition(" -> ") if kind == "l" else (path, "", "")
    return Entry(kind, int(size), modified, path, link or None)
