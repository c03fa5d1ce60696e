"""The host of changes that are made at edges alone: there is nothing at it, and nothing is brought to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..hosts import Release, Stored, Upload


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

    def inspect(self, keys: Iterable[str]) -> Mapping[str, Stored]:  # noqa: ARG002  # as hosts have it
    def look(self, likely: str) -> tuple[Mapping[str, Stored], str | None]:  # noqa: ARG002  # as hosts have it
        """No pages, and no release."""
        return {}, None

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

    def current(self) -> str | None:
        """None is current."""
        return None

    def activate(self, release: str, manifest: bytes) -> None:  # noqa: ARG002  # as hosts have it
        """No release can be made the current one."""
        raise ValueError(release)

    def deactivate(self) -> None:
        """None is current already."""
