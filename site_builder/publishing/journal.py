"""What publishing did, line by line, and what was live before: ``.errgen/audit.jsonl`` and ``.errgen/backups/``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import from_os_error

AUDIT = "audit.jsonl"
BACKUPS = "backups"
_COMMITS = ("GITHUB_SHA", "CI_COMMIT_SHA", "COMMIT_REF")
_PEOPLE = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "USERNAME")


class Journal:
    """Keeps records in ``folder``, a project's ``.errgen``. ``environ`` tells who runs errgen and on which commit."""

    def __init__(self, folder: Path, environ: Mapping[str, str], now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._who = next((environ[name] for name in _PEOPLE if environ.get(name)), None)
        self._commit = next((environ[name] for name in _COMMITS if environ.get(name)), None)
        self._now = now

    def back_up(self, target: str, content: bytes) -> Path:
        """Keep what was live at ``target``; gives the new file. Raises LocalFilesFailed."""
        moment = self._now().astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        path = self._folder / BACKUPS / f"{moment}-{re.sub(r'[^A-Za-z0-9]+', '-', target).strip('-')}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(content)
        except OSError as error:
            raise from_os_error(error, path, "write the backup") from error
        return path

    def note(self, action: str, site: str, release: str, target: str, **facts: Any) -> None:
        """Append one line: ``action`` was done at ``target``. Raises LocalFilesFailed."""
        line = {
            "when": self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "who": self._who,
            "commit": self._commit,
            "action": action,
            "site": site,
            "release": release,
            "target": target,
            **facts,
        }
        path = self._folder / AUDIT
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as error:
            raise from_os_error(error, path, "write the audit line") from error
