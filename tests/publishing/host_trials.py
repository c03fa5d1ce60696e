"""Commands at buckets and at a site of Netlify, without edges, to be spoilt: clients get the host's current release."""

from __future__ import annotations

import copy
import json
from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal

from site_builder import manifest as manifests
from site_builder.hosts import Host, _s3_client
from site_builder.hosts import netlify as netlify_host
from site_builder.hosts.netlify import Options
from site_builder.object_keys import object_key
from site_builder.publishing import Journal, Target, apply, survey
from site_builder.publishing.releases import KeptPages, choose, kept, require_whole
from tests.netlify_double import TOKEN, NetlifyDouble
from tests.s3_peers import CANARY, Peer

from .commands import NOTHING
from .faults import Fault, Trial
from .wires import FaultAt, Numbers, spoilt_boto3, spoilt_httpx
from .world import Built, Clock, an_entry, build

ENTRIES = (an_entry("404"), an_entry("5xx", (500, 599)))
OLD, NEW = (build(version, ENTRIES, formats=("html", "json")) for version in "12")
Name = Literal["publish", "rollback", "removal"]
NAMES: tuple[Name, ...] = ("publish", "rollback", "removal")


class AtHost(Trial):
    """One of the commands at a host, which is opened anew for each run."""

    def __init__(self, folder: Path, name: Name) -> None:
        self.name = f"{name} at {self.where}"
        self._name, self._folder, self._clock = name, folder, Clock()
        self._numbers, self._said = Numbers(), list[str]()
        self._publish(OLD)
        if name != "publish":
            self._publish(NEW)
        self.save()
        super().__init__()

    where: str
    """What users call the host."""

    @abstractmethod
    def host(self) -> Host:
        """The host, as a run of its own has it."""

    @abstractmethod
    def save(self) -> None:
        """Keep what is stored, for ``go_back``."""

    @abstractmethod
    def spoilt(self, fault_at: FaultAt, numbers: Numbers) -> AbstractContextManager[None]:
        """Spoil requests to the host."""

    @abstractmethod
    def current(self) -> Mapping[str, bytes] | None:
        """The pages of the current release by their paths, as clients get them; None without one."""

    def _publish(self, built: Built) -> None:
        self._apply(Target(built.manifest, manifests.dumps(built.manifest), built.read, self.host(), ()))

    def _apply(self, target: Target) -> None:
        journal = Journal(self._folder / ".errgen", {}, self._clock)
        apply(target, survey(target), journal=journal, report=self._said.append, command=self._name)

    def command(self, fault_at: Callable[[int], Fault | None]) -> None:
        self._numbers, self._said = Numbers(), []
        with self.spoilt(fault_at, self._numbers):
            if self._name == "publish":
                self._publish(NEW)
            elif self._name == "removal":
                self._apply(Target(NOTHING.manifest, b"", NOTHING.read, self.host(), (), removal="release"))
            else:
                host = self.host()
                release = choose(kept(host, "default"), host.current(), OLD.manifest.release, host.name)
                manifest = release.manifest(host.name)
                require_whole(host, manifest)
                self._apply(Target(manifest, release.content, KeptPages(host, manifest).__getitem__, host, ()))

    def asked(self) -> Iterable[bool]:
        return [method not in ("GET", "HEAD") for method in self._numbers.methods]

    def live(self) -> Iterable[str]:
        old, new = (OLD, NEW) if self._name == "publish" else (NEW, OLD)
        found = self.current()
        if found == dict(old.pages):
            yield "old"
        if found == (None if self._name == "removal" else dict(new.pages)):
            yield "new"

    def said(self) -> str:
        return f"{self._said}"


class AtBucket(AtHost):
    """A bucket of a real service, which holds somebody else's object too."""

    secrets = (CANARY,)

    def __init__(self, peer: Peer, folder: Path, name: Name) -> None:
        self.where = f"S3 ({peer.name})"
        self._peer, self._bucket = peer, peer.bucket()
        peer.client.put_object(Bucket=self._bucket, Key="errors/index.html", Body=b"theirs")
        self._connection: _s3_client.Connection | None = None
        super().__init__(folder, name)

    def host(self) -> Host:
        """A new one with the first one's connection: reading botocore's models takes longer than all the rest."""
        host = self._peer.host(self._bucket, prefix="errors", concurrency=1)
        if self._connection:
            vars(host)["_connection"] = self._connection
        else:
            self._connection = vars(type(host))["_connection"].func(host)
        return host

    def spoilt(self, fault_at: FaultAt, numbers: Numbers) -> AbstractContextManager[None]:
        return spoilt_boto3(s3_words, fault_at, numbers)

    def save(self) -> None:
        self._saved = self._contents()

    def go_back(self) -> None:
        now = self._etags()
        for key in now.keys() - self._saved.keys():
            self._peer.client.delete_object(Bucket=self._bucket, Key=key)
        for key, (etag, content, media_type, metadata) in self._saved.items():
            if now.get(key) != etag:
                self._peer.client.put_object(
                    Bucket=self._bucket, Key=key, Body=content, ContentType=media_type, Metadata=metadata
                )

    def _etags(self) -> dict[str, str]:
        pages = self._peer.client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        return {item["Key"]: item["ETag"] for page in pages for item in page.get("Contents", [])}

    def _contents(self) -> dict[str, tuple[str, bytes, str, dict[str, str]]]:
        found = {}
        for key, etag in self._etags().items():
            one = self._peer.client.get_object(Bucket=self._bucket, Key=key)
            found[key] = (etag, one["Body"].read(), one["ContentType"], one["Metadata"])
        return found

    def current(self) -> Mapping[str, bytes] | None:
        found = {key.removeprefix("errors/"): one[1] for key, one in self._contents().items()}
        if "current" not in found:
            return None
        built = {one.manifest.release: one for one in (OLD, NEW)}[found["current"].decode().strip()]
        assert found[f"releases/{built.manifest.release}.json"] == manifests.dumps(built.manifest)
        return {one.path: found[object_key(one.path, one.sha256)] for one in built.manifest.files}

    def around(self) -> bytes:
        body: bytes = self._peer.client.get_object(Bucket=self._bucket, Key="errors/index.html")["Body"].read()
        return body

    def stored(self) -> Hashable:
        ours = {key: etag for key, etag in self._etags().items() if not key.startswith("errors/records/")}
        return json.dumps(ours, sort_keys=True)


def s3_words(status: int) -> bytes:
    """An error of S3, which repeats the secret."""
    code = {429: "SlowDown", 500: "InternalError"}.get(status, "AccessDenied")
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>with {CANARY}</Message></Error>'.encode()


class AtNetlify(AtHost):
    """A site of Netlify's double."""

    secrets = (TOKEN,)
    where = "Netlify"

    def __init__(self, double: NetlifyDouble, folder: Path, name: Name) -> None:
        self._double = double
        super().__init__(folder, name)

    def host(self) -> Host:
        environ = {"NETLIFY_AUTH_TOKEN": TOKEN, "NETLIFY_API_URL": f"{self._double.url}/api/v1"}
        options = Options.model_validate({"kind": "netlify", "site": "example-errors"})
        return netlify_host.Netlify(options, environ, sleep=self._clock.sleep, now=lambda: 1_000_000.0)

    def spoilt(self, fault_at: FaultAt, numbers: Numbers) -> AbstractContextManager[None]:
        return spoilt_httpx(self._double.url, netlify_words, fault_at, numbers)

    def save(self) -> None:
        self._saved = copy.deepcopy(self._double.stored)

    def go_back(self) -> None:
        self._double.stored = copy.deepcopy(self._saved)

    def current(self) -> Mapping[str, bytes] | None:
        live = {path.removeprefix("/"): content for path, content in self._double.live().items()}
        for built in (OLD, NEW):
            if live.pop(f"releases/{built.manifest.release}.json", None) is not None:
                assert live.keys() == built.pages.keys()
        return live or None

    def around(self) -> bytes:
        return b""

    def stored(self) -> Hashable:
        """The releases that deploys are, and which is published; drafts that were given up are Netlify's to remove."""
        stored = self._double.stored
        ready = {one.raw["title"] for one in stored.deploys.values() if not one.raw["draft"]}
        published = stored.deploys[stored.published] if stored.published else None
        return json.dumps([sorted(ready), published and (published.raw["title"], published.files)], sort_keys=True)


def netlify_words(status: int) -> bytes:
    """An error of Netlify's API, which repeats the token that it was sent."""
    return json.dumps({"code": status, "message": f"failed with {TOKEN}"}).encode()
