"""What went wrong in rsync or ssh, in words: what they printed and their exit code -> the next thing to do.

Exit codes: EXIT VALUES of rsync(1); ssh(1) ends in 255 where it fails itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..errors import RemoteFailed

_AGAIN = "run the same command again; it carries on where it stopped"

_SAID: Sequence[tuple[str, str]] = (
    (
        r"Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED",
        "ssh does not know this server's key, or knows another one: connect once by hand, compare the fingerprint with "
        "what the server's owner tells you, and give CI the line of your ~/.ssh/known_hosts",
    ),
    (
        r"Permission denied \([a-z,-]+\)|Too many authentication failures|no mutual signature",
        "ssh must log in without a question: name the key in ~/.ssh/config or load it into ssh-agent, and try it with: "
        "ssh -o BatchMode=yes {login} true",
    ),
    (
        r"Could not resolve hostname|Connection refused|Connection timed out|No route to host|Network is unreachable"
        r"|failed to connect|getaddrinfo",
        "check the server's name and port in target and ~/.ssh/config, and that it can be reached from here",
    ),
    (
        r"Failed to exec",
        "install the program that logs in: apt-get install openssh-client (RSYNC_RSH may name another)",
    ),
    (
        r"rsync: (command )?not found|rsync: No such file or directory",
        "install rsync on the server: apt-get install rsync",
    ),
    (
        r"is your shell clean|protocol version mismatch",
        "the login shell of the server prints something before rsync starts: silence its .bashrc for non-interactive "
        "logins, and try with: ssh {login} true",
    ),
    (r"@ERROR: auth failed", "set RSYNC_PASSWORD to the password of this user of the daemon"),
    (r"@ERROR: Unknown module", "check the module's name in target; the daemon's rsyncd.conf has them"),
    (
        r"^\S*rrsync error",
        "the account is restricted by rrsync: it needs read and write access, and deletes (no -ro, -wo and -no-del)",
    ),
    (
        r"module is read only",
        "the account may only read: give it write access (read only = no in rsyncd.conf)",
    ),
    (
        r"change_dir .* failed: No such file or directory",
        "make the folder on the server (mkdir -p {path}), or correct target; an rrsync account counts paths from its "
        "own folder",
    ),
    (r"No space left on device|Disk quota exceeded", f"free some space on the server, then {_AGAIN}"),
    (r"Permission denied \(13\)|Operation not permitted", "let the account write below {path}: check owner and rights"),
    (r"Read-only file system", "the server's file system is read-only: choose another path"),
)
"""What is printed, and what to do about it: the first that fits."""

_CODES: Mapping[int, str] = {
    2: "the two rsyncs do not understand each other: install rsync 3.1 or later on both sides",
    5: "the rsync daemon refused: its log says why",
    10: f"the connection broke; {_AGAIN}",
    11: "files could not be read or written: check rights and free space on both sides",
    12: f"the connection broke, or no rsync runs on the server: try ssh {{login}} rsync --version, then {_AGAIN}",
    23: f"what could be stored is stored and nothing has been switched; see to the cause, then {_AGAIN}",
    24: f"files went away while they were read: is somebody else publishing? Then {_AGAIN}",
    30: f"nothing came for a minute; {_AGAIN}",
    35: f"the daemon did not answer; {_AGAIN}",
    255: "ssh failed: try it with: ssh -o BatchMode=yes {login} true",
}

_NOISE = re.compile(
    r"rsync error: |rsync warning: |rsync: connection unexpectedly closed|--link-dest arg does not exist"
    r"|Warning: Permanently added|kex_exchange_identification|rsync: \[\w+\] (safe_)?(read|write)"
)


def failure(code: int, printed: str, where: str, login: str, path: str) -> RemoteFailed:
    """The failure of a run that ended in ``code``; ``login`` and ``path`` are the target's for the hints."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    for pattern, hint in _SAID:
        for line in lines:
            if re.search(pattern, line):
                return _failed(line, where, hint, login, path)
    telling = [line for line in lines if not _NOISE.search(line)] or lines
    said = telling[0] if telling else f"rsync ended with code {code}"
    hint = _CODES.get(code, f"rsync ended with code {code} (see EXIT VALUES in man rsync)")
    return _failed(said, where, hint, login, path)


def _failed(line: str, where: str, hint: str, login: str, path: str) -> RemoteFailed:
    said = re.sub(r"^rsync: (\[\w+\] )?", "", line)
    return RemoteFailed(said, where=where, hint=hint.format(login=login, path=path))
