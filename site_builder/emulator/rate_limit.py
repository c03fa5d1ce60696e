"""How many calls of its API the emulated Cloudflare lets a token make, and what its answers say of that.

Cloudflare publishes that 1,200 calls in five minutes are allowed, that all are refused for the next five minutes after
that, and the three headers. How it counts is unpublished: the emulator's windows begin with a call and end after their
seconds.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

CALLS, SECONDS = 1200, 300


@dataclass(frozen=True, slots=True)
class Counted:
    """What becomes of one call: whether it is ``refused``, and the ``headers`` of its answer."""

    refused: bool
    headers: Mapping[str, str]


class RateLimit:
    """Counts the calls of one token, safe to use from any thread. ``is_strict``: those past ``calls`` are refused."""

    def __init__(self, calls: int = CALLS, seconds: int = SECONDS, *, is_strict: bool = False) -> None:
        self.calls = calls
        self.seconds = seconds
        self.is_strict = is_strict
        self._lock = threading.Lock()
        self._made = 0
        self._ends: datetime | None = None

    def count(self, now: datetime) -> Counted:
        """Count a call at ``now``. One that is refused begins the time in which all are."""
        with self._lock:
            if self._ends is None or now >= self._ends:
                self._made, self._ends = 0, now + timedelta(seconds=self.seconds)
            refused = self.is_strict and self._made >= self.calls
            if refused and self._made == self.calls:
                self._ends = now + timedelta(seconds=self.seconds)
            self._made += 1
            left = max(0, self.calls - self._made) if self.is_strict else self.calls - 1
            wait = math.ceil((self._ends - now).total_seconds())
        headers = {
            "Ratelimit": f'"default";r={left};t={wait}',
            "Ratelimit-Policy": f'"default";q={self.calls};w={self.seconds}',
        }
        return Counted(refused, {**headers, **({"Retry-After": str(wait)} if refused else {})})
