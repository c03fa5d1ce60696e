"""Servers that rsync talks to: the remote shell's part played on this machine, a real sshd, and a real rsync daemon."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from site_builder.hosts import Host, open_host

WHERE = "errgen.toml: site.default.host"


def host_at(target: str, environ: Mapping[str, str], **options: Any) -> Host:
    """The host of a table."""
    return open_host({"kind": "rsync", "target": target, **options}, WHERE, environ)


def local_shell(folder: Path, before: str = "") -> dict[str, str]:
    """The environment in which the command for the server is run by a shell of this machine, as rsync's own tests do.

    ``before`` is what that shell does first.
    """
    script = folder / "remote-shell"
    script.write_text(f'#!/bin/sh\nshift\n{before}\nexec sh -c "$*"\n')
    script.chmod(0o755)
    return {"RSYNC_RSH": str(script)}


def restricted_shell(folder: Path, root: Path, *options: str) -> dict[str, str]:
    """The same for an account that rrsync keeps within ``root``, as its line in authorized_keys would."""
    script = folder / "restricted-shell"
    script.write_text(f'#!/bin/sh\nshift\nSSH_ORIGINAL_COMMAND="$*" exec rrsync {" ".join(options)} "{root}"\n')
    script.chmod(0o755)
    return {"RSYNC_RSH": str(script)}


@dataclass
class Sshd:
    """A real OpenSSH server, started anew for each login and spoken to over a pipe: it listens nowhere."""

    folder: Path

    def __post_init__(self) -> None:
        if os.geteuid() == 0:  # sshd wants this folder, which Debian's start script makes
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        for name in ("host_key", "user_key"):
            subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name), check=True)
        host_key = (self.folder / "host_key.pub").read_text()
        (self.folder / "known_hosts").write_text(f"web.example {host_key}")
        shutil.copy(self.folder / "user_key.pub", self.folder / "authorized_keys")

    def shell(self, *options: str) -> dict[str, str]:
        """The environment in which ssh logs in at ``web.example``. ``options`` are ssh's, ``Name=value``, and win."""
        config = {
            "HostKey": self.folder / "host_key",
            "AuthorizedKeysFile": self.folder / "authorized_keys",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PidFile": "none",
        }
        (self.folder / "sshd_config").write_text("".join(f"{name} {value}\n" for name, value in config.items()))
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
        client = {
            "ProxyCommand": f"{sshd} -i -f {self.folder / 'sshd_config'}",
            "User": getpass.getuser(),
            "IdentityFile": self.folder / "user_key",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "UserKnownHostsFile": self.folder / "known_hosts",
            "GlobalKnownHostsFile": "/dev/null",
        }
        lines = [*(option.replace("=", " ", 1) for option in options), *(f"{name} {client[name]}" for name in client)]
        (self.folder / "ssh_config").write_text("\n".join(lines) + "\n")
        return {"RSYNC_RSH": f"ssh -F {self.folder / 'ssh_config'}"}


def daemon(folder: Path, root: Path, *settings: str) -> dict[str, str]:
    """The environment in which a real daemon answers, whose module ``pages`` is ``root``. It listens nowhere either.

    ``settings`` are further lines of its configuration, and win.
    """
    config = folder / "rsyncd.conf"
    owner = (f"uid = {os.geteuid()}", f"gid = {os.getegid()}") if os.geteuid() == 0 else ()
    lines = ("[pages]", f"path = {root}", "use chroot = no", "read only = no", "munge symlinks = no", *owner, *settings)
    config.write_text("log file = /dev/null\n" + "\n".join(lines) + "\n")
    return {"RSYNC_CONNECT_PROG": f"rsync --daemon --config={config}"}
