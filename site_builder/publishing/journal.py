"""What publishing did, line by line, and what was live before: ``.errgen/audit.jsonl`` and ``.errgen/backups/``.

Both go to the host too, as records, because the disk of a CI job is thrown away: each backup before the switch it is
for, and the audit lines of a run together at its end. What the host does not take is told and stops nothing, for the
copies here are complete. The name of every copy ends in a digest of its content: so it shows whether the content is
whole, and cannot be guessed where the host's files are public.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ..errors import ErrgenError, LocalFilesFailed, RemoteFailed, from_os_error
from ..hosts import Host
from .no_host import RecordsOnly
from .provenance import person

AUDIT = "audit.jsonl"
BACKUPS = "backups"


def noted(folder: Path, site: str, target: str | None = None) -> list[Mapping[str, Any]]:
    """The audit lines in ``folder`` as ``about`` gives them; none where nothing can be read."""
    try:
        return about((folder / AUDIT).read_text("utf-8"), site, target)
    except (OSError, ValueError):
        return []


def unverified(folder: Path, site: str) -> frozenset[str]:
    """The targets of ``site`` that a run was about to switch, by the audit in ``folder``, and that nobody asked since.

    A run notes its backup before a switch, so that one which was killed on the way shows too. What was put back is not
    among them: that was live before.
    """
    last: dict[str, str] = {}
    for line in noted(folder, site):
        if line.get("action") in ("back up", "switch", "put back", "verify"):
            last[str(line.get("target"))] = line["action"]
    return frozenset(target for target, action in last.items() if action in ("back up", "switch"))


def about(audit: str, site: str, target: str | None = None) -> list[Mapping[str, Any]]:
    """The lines of an ``audit`` about ``target`` of ``site``, or about all of its targets; oldest first."""
    found: list[Mapping[str, Any]] = []
    for line in audit.splitlines():
        try:
            fields = json.loads(line)
        except ValueError:  # cut off when the disk was full
            continue
        if isinstance(fields, dict) and fields.get("site") == site and target in (None, fields.get("target")):
            found.append(fields)
    return found


ONLY_HERE = "a record is in .errgen only, and not at the host too"


def readable(target: str) -> str:
    """What the names of records call a target: ``cloudflare-zone-023e105f4ecef8ad9ca31a8372d0c353``."""
    return re.sub(r"[^A-Za-z0-9]+", "-", target).strip("-")


Tell = Callable[[str, Mapping[str, Any]], None]
"""Is told what was done as it is done: the action, and the fields of its audit line, or of what goes without one."""


def untold(_action: str, _facts: Mapping[str, Any]) -> None:
    """Tell nobody."""


class Journal:
    """Keeps records in ``folder``, a project's ``.errgen``, and at the host that ``copied_to`` names.

    ``environ`` tells who runs errgen; ``commit`` is asked at most once, when there is something to write. ``tell`` is
    told of every line.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        now: Callable[[], datetime],
        commit: Callable[[], str | None] = lambda: None,
        tell: Tell = untold,
    ) -> None:
        self._folder = folder
        self._who = person(environ)
        self._now = now
        self._find_commit = commit
        self.tell = tell
        self._host: Host | None = None
        self._at_once = True
        self._waiting: list[tuple[str, bytes]] = []
        self._lines: dict[str, list[str]] = {}
        self.uncopied: list[str] = []
        """Why records are here only, in the order in which that was found."""

    def copied_to(self, host: Host) -> Journal:
        """Keep copies at ``host`` from now on, where it keeps single files. Gives the journal itself.

        A host that is there for records only gets all of them by ``close``: it may be down, and nothing waits for it.
        """
        self._host = host if host.keeps_records else None
        self._at_once = not isinstance(host, RecordsOnly)
        return self

    def check(self) -> None:
        """That audit lines can be written, without writing one. Raises LocalFilesFailed."""
        self._append("")

    def back_up(self, target: str, content: bytes) -> Path:
        """Keep what was live at ``target``; gives the new file. Raises LocalFilesFailed."""
        path = self._folder / BACKUPS / self._name(target, content, "json")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(content)
        except OSError as error:
            raise from_os_error(error, path, "write the backup") from error
        if self._at_once:
            self._copy(path.name, content, "application/json")
        else:
            self._waiting.append((path.name, content))
        return path

    def note(self, action: str, site: str, release: str, target: str, **facts: Any) -> None:
        """Append one line: ``action`` was done at ``target``. Raises LocalFilesFailed."""
        fields = {
            "when": self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "who": self._who,
            "commit": self._commit,
            "action": action,
            "site": site,
            "release": release,
            "target": target,
            **facts,
        }
        line = json.dumps(fields, ensure_ascii=False) + "\n"
        self._append(line)
        self._lines.setdefault(site, []).append(line)
        self.tell(action, fields)

    def _append(self, line: str) -> None:
        path = self._folder / AUDIT
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise from_os_error(error, path, "write the audit line") from error

    def unverified(self, site: str) -> frozenset[str]:
        """The targets of ``site`` that a run before this one may have switched without asking what they answer."""
        return unverified(self._folder, site)

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Close at the end of the block, whatever ends it; a failure's hint says what the host did not take."""
        try:
            yield
        except ErrgenError as failure:
            self.close()
            told = [f"{ONLY_HERE}: {reason}" for reason in self.uncopied]
            failure.hint = "; ".join([failure.hint, *told] if failure.hint else told) or None
            raise
        finally:
            self.close()

    def close(self) -> None:
        """Bring the lines that were noted since the last time to the host, and backups that wait. Without, nothing."""
        lines, self._lines = self._lines, {}
        waiting, self._waiting = self._waiting, []
        try:
            for name, content in waiting:
                self._copy(name, content, "application/json")
            for site, noted in lines.items():
                content = "".join(noted).encode()
                self._copy(self._name(f"audit {site}", content, "jsonl"), content, "application/x-ndjson")
        except KeyboardInterrupt:  # all that was to be done is done
            self.uncopied.append("interrupted before the audit lines were at the host")

    @cached_property
    def _commit(self) -> str | None:
        return self._find_commit()

    def _name(self, target: str, content: bytes, extension: str) -> str:
        moment = self._now().astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        return f"{moment}-{readable(target)}-{hashlib.sha256(content).hexdigest()[:16]}.{extension}"

    def _copy(self, name: str, content: bytes, media_type: str) -> None:
        if self._host is None:
            return
        try:
            key = self._host.record_key(name)
            self._host.write(key, content, media_type, self._host.cache_control(key))
        except (RemoteFailed, LocalFilesFailed) as failure:
            if str(failure) not in self.uncopied:
                self.uncopied.append(str(failure))
