"""A bucket of Amazon S3, Cloudflare R2, or any service that speaks S3. Keys below ``<prefix>/``:

    o/<name>-<sha256:8>.<ext>   pages, addressed by their content: stored once, cached for ever, never overwritten
    releases/<digest>.json      the manifest of a release, written after all of its pages
    current                     the digest of the current release, written last
    records/<name>              backups and audit lines

Nothing else is listed or deleted, whatever else is below the prefix. S3 objects carry only headers that describe their
content, and Cache-Control; others, such as X-Robots-Tag, are the affair of what serves the bucket.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import RemoteFailed
from ..object_keys import OBJECTS, object_key
from ..parallel import in_parallel
from . import _keys, _s3_client
from ._host import Host, Opening, Release, Stored, Upload
from ._s3_answers import DIGEST, MISSING, digest, require, stored
from ._s3_bulk import delete_batch
from ._s3_current import content_of, release_in, replaced
from ._s3_failures import describe
from ._s3_listing import entries, is_page, names_current, pages_among, releases_among, up_to_the_pages
from ._s3_options import Options
from ._s3_rights import rights as rights

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import ObjectTypeDef, PutObjectRequestTypeDef

_PROBE = "errgen-write-check"
_DELETES = 1000  # keys in one DeleteObjects request


def connect(options: Options, opening: Opening) -> Host:
    """The bucket of ``options``; boto3 is loaded by the first method that needs it."""
    return S3(options, opening.environ)


class S3:
    """Content-addressed pages below one prefix of one bucket."""

    keeps_records = True

    def __init__(self, options: Options, environ: Mapping[str, str]) -> None:
        self.keep = options.keep
        self._options = options
        self._environ = environ
        self._bucket = options.bucket
        self._root = f"{options.prefix}/" if options.prefix else ""
        self._seen: str | None = None  # the ETag of ``current`` where it was asked for, empty where it was not there

    @property
    def name(self) -> str:
        """``s3://bucket/prefix``."""
        return f"s3://{self._bucket}/{self._options.prefix}".rstrip("/")

    def place(self, file_path: str, sha256: str, release: str) -> str:  # noqa: ARG002  # the content decides
        """``<prefix>/o/static-en-404-1a2b3c4d.html``."""
        return f"{self._root}{object_key(file_path, sha256)}"

    def record_key(self, name: str) -> str:
        """``<prefix>/records/<name>``."""
        return self._root + _keys.RECORDS + _keys.safe(name)

    def url(self, key: str) -> str:
        """``<public_url>/<key without the prefix>``: public_url is the address of ``<prefix>/``."""
        return _keys.public_address(self._options.public_url, self._below_root(key))

    def cache_control(self, key: str) -> str | None:
        """Pages are cached for long because their key moves with their content; everything else is asked for anew."""
        seconds = self._options.cache_seconds
        if seconds and self._below_root(key).startswith(OBJECTS):
            return f"public, max-age={seconds}, immutable"
        return "no-cache"

    def check(self) -> None:
        """List, then write, read and delete one small object. Where versions are kept, this one's are too."""
        with self._talking("LIST", self._root):
            answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._root, MaxKeys=1)
            require("IsTruncated" in answer)
        probe = self._root + _PROBE
        try:
            self.write(probe, b"errgen may write here\n", "text/plain", "no-cache")
            self.read(probe)
        except BaseException:  # Ctrl-C, too, leaves nothing behind
            with contextlib.suppress(RemoteFailed):
                self._delete_one(probe)
            raise
        self._delete_one(probe)

    def list(self) -> Mapping[str, Stored]:
        """Every page by size and etag; ``inspect`` tells the rest, at the cost of a request for each."""
        return pages_among(self._listed(OBJECTS), self._root)

    def look(self, likely: str) -> tuple[Mapping[str, Stored], str | None]:
        """One listing from ``current`` to the last page, a thousand keys a request, unless others keep much in between.

        It says whether ``current`` is ``likely`` where an ETag is the MD5 of what is stored, as it is of objects that
        are not encrypted with keys of the customer's. Elsewhere that is asked for by itself.
        """
        found = up_to_the_pages(self._listed("", (self._root + _keys.CURRENT)[:-1]), self._root)
        if found is None:
            return self.list(), self.current()
        is_likely = names_current(found, self._root, likely)
        return pages_among(found, self._root), likely if is_likely else self.current()

    def inspect(self, keys: Iterable[str]) -> Mapping[str, Stored]:
        """One HEAD for each key, in parallel."""
        found: dict[str, Stored] = {}

        def keep(key: str, there: Stored | None) -> None:
            if there is not None:
                found[key] = there

        _ = self._connection  # made in this thread: boto3's sessions are not for several
        in_parallel(self._head, keys, self._options.concurrency, keep)
        return found

    def read(self, key: str) -> bytes:
        """The bytes of an object. Raises RemoteFailed where there is none, and where they are not what was stored."""
        found = self._fetched(key)
        if found is None:
            raise RemoteFailed(
                "there is no such object",
                where=f"GET {self._address(key)}",
                hint="publish again: that stores whatever is missing",
            )
        return found[0]

    def write(self, key: str, content: bytes, media_type: str, cache_control: str | None) -> None:
        """One PUT, whole or not at all, with the content's sha256 as metadata. No ACL: the bucket's owner decides."""
        with self._talking("PUT", key):
            require("ETag" in self._client.put_object(**self._put(key, content, media_type, cache_control)))

    def _put(self, key: str, content: bytes, media_type: str, cache_control: str | None) -> PutObjectRequestTypeDef:
        request: PutObjectRequestTypeDef = {
            "Bucket": self._bucket,
            "Key": key,
            "Body": content,
            "ContentType": media_type,
            "Metadata": {DIGEST: hashlib.sha256(content).hexdigest()},
        }
        if cache_control is not None:
            request["CacheControl"] = cache_control
        return request

    def write_many(self, objects: Iterable[Upload], progress: Callable[[Upload], None]) -> None:
        """``concurrency`` PUTs at a time."""
        _ = self._connection  # made in this thread: boto3's sessions are not for several
        in_parallel(
            lambda upload: self.write(upload.key, upload.content, upload.media_type, upload.cache_control),
            objects,
            self._options.concurrency,
            lambda upload, _: progress(upload),
        )

    def delete(self, keys: Iterable[str]) -> None:
        """A thousand a request; one by one where the service does not take that."""
        rest = [self._ours(key) for key in keys]
        while rest:
            batch, rest = rest[:_DELETES], rest[_DELETES:]
            with self._talking("POST", "?delete"):
                done = delete_batch(self._client, self._bucket, batch)
            if not done:
                in_parallel(self._delete_one, [*batch, *rest], self._options.concurrency, lambda *_: None)
                return

    def releases(self) -> tuple[Release, ...]:
        """By the time their manifests were stored first."""
        return releases_among(self._listed(_keys.RELEASES), self._root)

    def records(self) -> tuple[str, ...]:
        """The objects below ``records/``."""
        start = len(self._root + _keys.RECORDS)
        return tuple(sorted(name for item in self._listed(_keys.RECORDS) if (name := item["Key"][start:])))

    def current(self) -> str | None:
        """What the object ``current`` says; None where there is none, or it names no release."""
        content, self._seen = self._fetched(self._root + _keys.CURRENT) or (b"", "")
        return release_in(content)

    def activate(self, release: str, manifest: bytes) -> None:
        """The manifest first, unless it is there already, and then ``current``: each is one PUT.

        Where somebody else has written ``current`` since it was asked for, it stays theirs, as far as the service can
        tell (RFC 9110 section 13). Raises RemoteFailed then.
        """
        key = self._root + _keys.release_key(release)
        there = self._head(key)
        if there is None or there.digest != hashlib.sha256(manifest).hexdigest():
            self.write(key, manifest, "application/json", self.cache_control(key))
        key = self._root + _keys.CURRENT
        put = self._put(key, content_of(release), "text/plain; charset=utf-8", self.cache_control(key))
        seen = self._seen
        with self._talking("PUT", key):
            is_ours = replaced(self._client, put, seen)
        if not is_ours and (now := self.current()) != release:
            if self._seen != seen:
                raise RemoteFailed(
                    f"somebody else is publishing here: {now[:12] if now else 'no release'} became current meanwhile",
                    where=f"PUT {self._address(key)}",
                    hint="see what errgen plan says now, then run the same command again",
                )
            with self._talking("PUT", key):
                replaced(self._client, put, None)
        self._seen = None

    def deactivate(self) -> None:
        """Delete ``current``."""
        self._delete_one(self._root + _keys.CURRENT)

    @cached_property
    def _connection(self) -> _s3_client.Connection:
        with self._describing(f"connecting to {self.name}", ()):
            return _s3_client.connect(self._options, self._environ)

    @property
    def _client(self) -> S3Client:
        return self._connection.client

    def _address(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def _below_root(self, key: str) -> str:
        if not key.startswith(self._root):
            raise ValueError(f"{key!r} is not below {self.name}")
        return key[len(self._root) :]

    def _ours(self, key: str) -> str:
        name = self._below_root(key)
        if is_page(name) or _keys.release_of(name) or name.startswith(_keys.RECORDS):
            return self._root + _keys.safe(name)
        raise ValueError(f"not a file of errgen's: {key!r}")

    @contextlib.contextmanager
    def _describing(self, where: str, secrets: tuple[str, ...]) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            failure = describe(error, where, self._bucket, secrets)
            if failure is None:
                raise
            leaked = any(secret in str(error) for secret in secrets)
            raise failure from (None if leaked else error)

    @contextlib.contextmanager
    def _talking(self, method: str, key: str) -> Iterator[None]:
        """Failures in here are failures of this request. The connection is made first, and fails as itself."""
        secrets = self._connection.secrets
        with self._describing(f"{method} {self._address(key)}", secrets):
            yield

    def _listed(self, folder: str, after: str = "") -> Iterator[ObjectTypeDef]:
        with self._talking("LIST", self._root + folder):
            yield from entries(self._client, self._bucket, self._root + folder, after)

    def _fetched(self, key: str) -> tuple[bytes, str] | None:
        """The bytes of an object and its ETag; None where there is none."""
        from botocore.exceptions import ClientError

        with self._talking("GET", key):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in MISSING:
                    return None
                raise
            content = answer["Body"].read()
            require("ETag" in answer)  # or it is not the object, but a page of whatever is in between
        known = digest(answer["Metadata"])
        if known is not None and known != hashlib.sha256(content).hexdigest():
            raise RemoteFailed(
                "the bytes are not those that errgen stored there",
                where=f"GET {self._address(key)}",
                hint="somebody changed the object, or it was damaged on the way: delete it and publish again",
            )
        return content, answer["ETag"].strip('"')

    def _head(self, key: str) -> Stored | None:
        from botocore.exceptions import ClientError

        with self._talking("HEAD", key):
            try:
                answer = self._client.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in MISSING:
                    return None
                raise
            return stored(key, answer)

    def _delete_one(self, key: str) -> None:
        with self._talking("DELETE", key):
            self._client.delete_object(Bucket=self._bucket, Key=key)
