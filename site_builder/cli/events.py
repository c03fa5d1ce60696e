"""What a run does, as it happens, for programs: one JSON object a line on standard output. The last says how it ended.

Every object has ``event`` and ``moment``, the time in UTC. The names of events and of their fields are kept from one
version of errgen to the next; more may be added.

event       further fields
progress    text: what is being done now
plan        site, release, plan: all of ``errgen plan --json`` for one site
backed_up   file, and as in the audit: a backup of what is replaced next
switched    site, release, target, … as in the audit: new answers are live at an edge
verified    site, release, target, differences: it was asked as clients would
drafted     site, release, target, address: everything is at that address, and nothing was published
put_back    as switched: its previous answers are live again
activated   as switched: the release is the host's current one; deactivated: none is
pruned      as switched: what is no longer needed is gone; refetched: an asset was fetched again
finding     site, id, severity, message, where, hint: what came up on the way
applied     site, release, switched, confirmed, differences, unpruned, uncopied, said: a site is done, with or without
            changes
done        exit_code 0: all of it is done
failed      exit_code, error (plan_refused, …), message, where, hint, faults: every where and message that there is
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..errors import ErrgenError
from .saying import say

AUDITED: Mapping[str, str] = {
    "back up": "backed_up",
    "switch": "switched",
    "put back": "put_back",
    "activate": "activated",
    "deactivate": "deactivated",
    "prune": "pruned",
    "refetch": "refetched",
    "verify": "verified",
}
"""The event for each action that publishing tells of."""


class Events:
    """Prints events, from any thread. ``now`` gives their moments."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._one_at_a_time = threading.RLock()  # Ctrl-C is told in the thread that may be printing just then

    def __call__(self, event: str, **facts: Any) -> None:
        """Print one event."""
        moment = self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = json.dumps({"event": event, "moment": moment, **facts}, ensure_ascii=False)
        with self._one_at_a_time:
            say(line)

    def step(self, action: str, facts: Mapping[str, Any]) -> None:
        """Print what publishing did, ``action`` being its own word for it."""
        ours = {key: value for key, value in facts.items() if key not in ("action", "when")}
        self(AUDITED[action], **ours)

    def failed(self, error: ErrgenError) -> None:
        """Print the last event of a run that did not come to its end."""
        # Of kinds that modules have of their own, the one they are made from: those of ``errors`` alone are for all.
        name = next(one.__name__ for one in type(error).__mro__ if one.__module__ == ErrgenError.__module__)
        kind = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        faults = [{"where": where, "message": message} for where, message in error.each()]
        self(
            "failed",
            exit_code=error.exit_code,
            error=kind,
            message=error.message,
            where=error.where,
            hint=error.hint,
            faults=faults,
        )
