"""Where an rsync host's pages go: a folder of a server behind ssh, or of an rsync daemon's module."""

from __future__ import annotations

import re
from dataclasses import dataclass

_USER = r"(?:[A-Za-z0-9_][A-Za-z0-9._+-]*@)?"
_HOST = r"(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])"
_SSH = re.compile(rf"({_USER}{_HOST}):(/.*)")
_DAEMON = re.compile(rf"(rsync://{_USER}{_HOST}(?::[0-9]+)?/[A-Za-z0-9._-]+)(/.*)?")
_PATH = re.compile(r"[\w .,~+=@:%/-]+")  # nothing that a shell on the server could take for its own
_DOTS = re.compile(r"/\.\.?(/|$)")


@dataclass(frozen=True, slots=True)
class Target:
    """``server`` as rsync and ssh write it; ``path`` is absolute there, or within the daemon's module."""

    server: str
    path: str
    daemon: bool

    def __str__(self) -> str:
        return f"{self.server}{'' if self.daemon else ':'}{self.path}"

    def below(self, key: str) -> str:
        """The address of what is at ``key``. It ends in a slash where ``key`` does or is empty."""
        return f"{self.server}{'' if self.daemon else ':'}{self.on_server(key)}"

    def on_server(self, key: str) -> str:
        """The path of ``key`` as the server knows it."""
        return f"{self.path.rstrip('/')}/{key}"


def parse(value: str) -> Target:
    """``user@server:/srv/errors`` or ``rsync://server/module/errors``. Raises ValueError with what is wrong."""
    if re.match(r"rsync://[^/@]*:[^/@]*@", value):
        raise ValueError("has a password in it; an rsync daemon's comes from RSYNC_PASSWORD only")
    daemon = _DAEMON.fullmatch(value)
    match = daemon or _SSH.fullmatch(value)
    if match is None:
        if value.startswith(("/", ".", "~")):
            raise ValueError('is a folder of this machine, which is for a host with kind = "directory"')
        raise ValueError("is not a target like user@server:/srv/errors (the path begins with a slash)")
    path = match.group(2) or "/"
    if not _PATH.fullmatch(path) or _DOTS.search(path):
        raise ValueError(
            "has a path that is not made of letters, digits, blanks and . , ~ + = @ : % - between slashes, or has a "
            "folder called . or .. in it"
        )
    return Target(match.group(1), path.rstrip("/") or "/", daemon is not None)
