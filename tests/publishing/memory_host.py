"""A host in memory, with keys as a bucket has them or as folders of releases have them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from site_builder.hosts import Release, Stored, Upload
from site_builder.object_keys import object_key

START = datetime(2026, 11, 21, tzinfo=UTC)


@dataclass
class MemoryHost:
    """Each write and each activation is an hour later than the one before."""

    by_content: bool
    keep: int = 3
    files: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    active: str | None = None
    moment: datetime = START
    name: str = "memory"
    keeps_records: bool = True

    def place(self, file_path: str, sha256: str, release: str) -> str:
        return object_key(file_path, sha256) if self.by_content else f"releases/{release[:12]}/{file_path}"

    def record_key(self, name: str) -> str:
        return f"records/{name}"

    def url(self, key: str) -> str:
        return f"https://errors.example.com/{key}"

    def cache_control(self, key: str) -> str | None:  # noqa: ARG002
        return None

    def check(self) -> None:
        pass

    def list(self) -> Mapping[str, Stored]:
        return {
            key: Stored(key, len(content), modified=moment)
            for key, (content, moment) in self.files.items()
            if not key.startswith("records/") and not key.endswith(".manifest")
        }

    def look(self, likely: str) -> tuple[Mapping[str, Stored], str | None]:  # noqa: ARG002
        return self.list(), self.active

    def inspect(self, keys: Iterable[str]) -> Mapping[str, Stored]:
        return {key: self.list()[key] for key in keys if key in self.list()}

    def read(self, key: str) -> bytes:
        return self.files[key][0]

    def write(self, key: str, content: bytes, media_type: str, cache_control: str | None) -> None:  # noqa: ARG002
        self.moment += timedelta(hours=1)
        self.files[key] = (content, self.moment)

    def write_many(self, objects: Iterable[Upload], progress: Callable[[Upload], None]) -> None:
        for upload in objects:
            self.write(upload.key, upload.content, upload.media_type, upload.cache_control)
            progress(upload)

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.files.pop(key, None)

    def releases(self) -> tuple[Release, ...]:
        found = [
            Release(key.removesuffix(".manifest"), key, moment)
            for key, (_, moment) in self.files.items()
            if key.endswith(".manifest")
        ]
        return tuple(sorted(found, key=lambda release: release.published))

    def records(self) -> tuple[str, ...]:
        return tuple(sorted(key.removeprefix("records/") for key in self.files if key.startswith("records/")))

    def current(self) -> str | None:
        return self.active

    def activate(self, release: str, manifest: bytes) -> None:
        if f"{release}.manifest" not in self.files:
            self.write(f"{release}.manifest", manifest, "application/json", None)
        self.active = release

    def deactivate(self) -> None:
        self.active = None
