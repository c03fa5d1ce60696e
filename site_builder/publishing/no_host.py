"""The host of changes that are made at edges alone: no pages are at it, and at most records are brought to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..errors import ErrgenError, RemoteFailed
from ..hosts import Host, Release, Stored, Upload


class NoHost:
    """Has no pages and no releases. Whatever would need one is a bug in errgen: ValueError."""

    name = "no host"
    keep = 1
    keeps_records = False

    def place(self, file_path: str, sha256: str, release: str) -> str:  # noqa: ARG002  # as hosts have it
        """There is no place for any file."""
        raise ValueError(file_path)

    def record_key(self, name: str) -> str:
        """There is no place for records either: they are in ``.errgen`` alone."""
        raise ValueError(name)

    def url(self, key: str) -> str:
        """No key has an address."""
        raise ValueError(key)

    def cache_control(self, key: str) -> str | None:
        """No key has headers."""
        raise ValueError(key)

    def check(self) -> None:
        """Nothing is written, so that everything needed for it is there."""

    def list(self) -> Mapping[str, Stored]:
        """No pages."""
        return {}

    def look(self, likely: str) -> tuple[Mapping[str, Stored], str | None]:  # noqa: ARG002  # as hosts have it
        """No pages, and no release."""
        return {}, None

    def inspect(self, keys: Iterable[str]) -> Mapping[str, Stored]:  # noqa: ARG002  # as hosts have it
        """None of them."""
        return {}

    def read(self, key: str) -> bytes:
        """No key has bytes."""
        raise ValueError(key)

    def write(self, key: str, content: bytes, media_type: str, cache_control: str | None) -> None:  # noqa: ARG002
        """Nothing can be written."""
        raise ValueError(key)

    def write_many(self, objects: Iterable[Upload], progress: Callable[[Upload], None]) -> None:  # noqa: ARG002
        """No files are written; ValueError for any."""
        for upload in objects:
            raise ValueError(upload.key)

    def delete(self, keys: Iterable[str]) -> None:
        """No files are removed; ValueError for any."""
        for key in keys:
            raise ValueError(key)

    def releases(self) -> tuple[Release, ...]:
        """No releases."""
        return ()

    def records(self) -> tuple[str, ...]:
        """No records."""
        return ()

    def current(self) -> str | None:
        """None is current."""
        return None

    def activate(self, release: str, manifest: bytes) -> None:  # noqa: ARG002  # as hosts have it
        """No release can be made the current one."""
        raise ValueError(release)

    def deactivate(self) -> None:
        """None is current already."""


class RecordsOnly(NoHost):
    """The records of such changes are kept at the host that ``opened`` gives, where that keeps any.

    It is opened when the first of them is there to be brought, and asked no more once it did not take one. Whatever is
    wrong with it is a RemoteFailed. ``report`` is told before each.
    """

    keeps_records = True

    def __init__(self, opened: Callable[[], Host], report: Callable[[str], None]) -> None:
        self._opened = opened
        self._report = report
        self._failed: RemoteFailed | None = None

    def record_key(self, name: str) -> str:
        """The name itself; ``write`` gives it to the host."""
        return name

    def cache_control(self, key: str) -> str | None:  # noqa: ARG002  # as hosts have it
        """None: the host's own is taken."""
        return None

    def write(self, key: str, content: bytes, media_type: str, cache_control: str | None) -> None:  # noqa: ARG002
        """Keep the record with the name ``key``."""
        if self._failed:
            raise self._failed
        try:
            host = self._opened()
            if host.keeps_records:
                self._report(f"copying a record to {host.name}")
                place = host.record_key(key)
                host.write(place, content, media_type, host.cache_control(place))
        except ErrgenError as failure:
            self._failed = RemoteFailed(failure.message, where=failure.where, hint=failure.hint)
            raise self._failed from failure
