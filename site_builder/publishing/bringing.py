"""Everything that new answers need, brought and proved before any edge is switched to them. Changes no answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..edges._remote import Remote
from ..errors import PlanRefused, RemoteFailed
from ..hosts import Upload
from .done import RULES, Done
from .meanwhile import require_unmoved
from .proof import Prove
from .switching import At


class Bringing:
    """Brings what ``done.plan`` says to the host and to edges. ``prove`` finds pages at their addresses.

    Every method may raise RemoteFailed and LocalFilesFailed.
    """

    def __init__(self, done: Done, prove: Prove) -> None:
        self._done = done
        self._target = done.target
        self._prove = prove
        self._places = done.target.places()

    def check(self, edges: Sequence[At]) -> None:
        """That everything that follows is allowed, before the first write.

        Raises PlanRefused where somebody else has published to the host since the plan was made.
        """
        host = self._target.host
        require_unmoved(host, self._done.plan, PlanRefused)
        self._done.journal.check()
        self._done.report(f"checking the rights at {host.name}")
        host.check()
        for remote, state in edges:
            self._done.say(remote, f"checking the rights at {remote.name}")
            remote.check(state)

    def upload(self, edges: Sequence[At]) -> None:
        """Upload the pages, and prove those that ``edges`` will fetch."""
        host = self._target.host
        wanted = {change.name for change in self._done.plan.of(host.name, "page")}
        items = [item for item in self._target.items() if self._places[item.path] in wanted]
        uploads = (
            Upload(key, self._target.content(item.path), item.media_type, host.cache_control(key))
            for item in items
            for key in (self._places[item.path],)
        )
        stored = 0

        def progress(upload: Upload) -> None:
            nonlocal stored
            stored += 1
            self._done.report(f"uploaded {stored} of {len(items)}: {upload.key}")

        host.write_many(uploads, progress)
        fetched = {path: sha256 for remote, state in edges for path, sha256 in remote.fetches(state).items()}
        self._prove((host.url(self._places[path]), sha256) for path, sha256 in sorted(fetched.items()))

    def prepare(self, edges: Sequence[At]) -> None:
        """Register pages at ``edges``, then ask each whether it would take its switch."""
        for remote, state in edges:
            remote.prepare(state, lambda path: self._target.host.url(self._places[path]))
            self._prove_at(remote, state)
        for remote, state in edges:
            if self._done.plan.of(remote.name, *RULES):
                self._done.say(remote, f"trying the new rules at {remote.name}")
                remote.rehearse(state)

    def _prove_at(self, remote: Remote[Any], state: Any) -> None:
        served = remote.serves(state)
        try:
            self._prove(served.pages.items())
        except RemoteFailed as failure:
            failure.hint = served.hint
            raise
