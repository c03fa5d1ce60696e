"""A site of Netlify. A release is a deploy: all of its files at once, at an address of its own, published in one step.

Keys are laid out as ``_release_folders`` says, and the folder of a release is the root of its deploy: the page at
``releases/<digest:12>/errors/en/404.html`` is ``/errors/en/404.html`` for visitors. The manifest is in the deploy too,
at ``/releases/<digest>.json``: that makes a deploy one of errgen's. New pages go to a draft first, so that they can be
fetched and proved at its address; ``activate`` publishes a deploy of the same files, and sends nothing twice. What a
deploy never changes is said by its index, ``/releases/files.json``.

A deploy replaces the whole site. So a site whose published deploy is not errgen's is refused, unless ``replace`` says
otherwise. Netlify keeps old deploys by itself, for 90 days where the team has not set more; it keeps no single files,
and so no backups and audit lines.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from ..errors import PlanRefused, RemoteFailed
from . import _keys, _release_folders
from ._host import Host, Opening, Release, Stored, Upload
from ._netlify_calls import NetlifyCalls
from ._netlify_deploys import Content, Deploy, NetlifySite, content_of, read_index, write_index
from ._netlify_options import Options as Options
from ._netlify_options import live_address as live_address
from ._netlify_options import rights as rights
from ._netlify_titles import NOTHING, release_in, site_in, title_of

_INDEX = _keys.RELEASES + "files.json"


def connect(options: Options, opening: Opening) -> Host:
    """The site of ``options``; nothing is sent before the first method that needs it."""
    return Netlify(options, opening.environ, sleep=time.sleep, now=time.time)


class Netlify:
    """Deploys of one site. ``sleep`` and ``now`` (Unix time) are given by tests."""

    keeps_records = False

    def __init__(
        self,
        options: Options,
        environ: Mapping[str, str],
        *,
        sleep: Callable[[float], None],
        now: Callable[[], float],
    ) -> None:
        self.keep = options.keep
        self._options = options
        self._environ = environ
        self._sleep = sleep
        self._now = now
        self._ready: Sequence[Deploy] | None = None
        self._indexes: dict[str, Mapping[str, Content]] = {}
        self._drafts: dict[str, tuple[Deploy, Mapping[str, Content]]] = {}  # what this run has brought, by folder

    @property
    def name(self) -> str:
        """``netlify example-errors``."""
        return f"netlify {self._options.site}"

    def place(self, file_path: str, sha256: str, release: str) -> str:  # noqa: ARG002  # other hosts go by content
        """``releases/<release:12>/errors/en/404.html``."""
        return _release_folders.place(file_path, release)

    def record_key(self, name: str) -> str:
        """``records/<name>``, which cannot be written here."""
        return _keys.RECORDS + _keys.safe(name)

    def url(self, key: str) -> str:
        """The address of a page at its own deploy, draft or not."""
        folder = _release_folders.folder_of(_keys.safe(key)) or ""
        deploy = self._deploy_at(folder)
        if deploy is None:
            raise self._missing(key)
        return _keys.public_address(deploy.address, key.removeprefix(f"{folder}/"))

    def cache_control(self, key: str) -> str | None:  # noqa: ARG002  # set by the _headers file of a deploy
        """None: the file ``_headers`` decides."""
        return None

    def check(self) -> None:
        """The site is there and may be ours. That deploys are allowed shows in the first draft, which harms nothing."""
        self._published()

    def list(self) -> Mapping[str, Stored]:
        """The pages of every release, from the indexes of their deploys, and those that this run has brought."""
        published = self._published()
        found: dict[str, Content] = {}
        for deploy in (*self._deploys(anew=True), *((published,) if published else ())):
            if release := release_in(deploy.title):
                found |= _pages(_release_folders.folder(release), self._index(deploy))
        for folder, (_, files) in self._drafts.items():
            found |= _pages(folder, files)
        return {key: Stored(key, one.size, one.sha256) for key, one in sorted(found.items())}

    def look(self, likely: str) -> tuple[Mapping[str, Stored], str | None]:
        """Of a published deploy of ``likely`` the index tells the pages; which others there are is not asked."""
        published = self._published()
        release = release_in(published.title) if published else None
        if published is None or release != likely:
            return self.list(), release
        found = _pages(_release_folders.folder(likely), self._index(published))
        return {key: Stored(key, one.size, one.sha256) for key, one in sorted(found.items())}, release

    def inspect(self, keys: Iterable[str]) -> Mapping[str, Stored]:
        """Size and digest, of the fetched bytes."""
        found = {key: content for key in keys if (content := self._fetched(key)) is not None}
        return {key: Stored(key, len(one), hashlib.sha256(one).hexdigest()) for key, one in found.items()}

    def read(self, key: str) -> bytes:
        """The bytes of a page or a manifest, from its deploy's own address. Raises RemoteFailed where there is none."""
        content = self._fetched(key)
        if content is None:
            raise self._missing(key)
        return content

    def write(self, key: str, content: bytes, media_type: str, cache_control: str | None) -> None:
        """As ``write_many``."""
        self.write_many([Upload(key, content, media_type, cache_control)], lambda _: None)

    def write_many(self, objects: Iterable[Upload], progress: Callable[[Upload], None]) -> None:
        """All of a release's pages as one draft; those of the published release as a deploy in its place."""
        by_folder: dict[str, list[Upload]] = {}
        for upload in objects:
            folder = _release_folders.folder_of(upload.key)
            if folder is None:
                raise RemoteFailed(
                    "Netlify keeps whole deploys and no single files",
                    where=f"{self.name}: {upload.key}",
                    hint="keep backups and audit lines from .errgen/, as an artifact of the CI job for example",
                )
            by_folder.setdefault(folder, []).append(upload)
        for folder, uploads in by_folder.items():
            new = {one.key.removeprefix(f"{folder}/"): content_of(one.content) for one in uploads}
            self._bring(folder, new)
            for upload in uploads:
                progress(upload)

    def delete(self, keys: Iterable[str]) -> None:
        """Remove the deploys of releases, and pages from what this run has brought. A published deploy stays whole."""
        keys = [_release_folders.ours(key) for key in keys]
        doomed = {release for key in keys if (release := _keys.release_of(key))}
        published = self._site.published() if doomed else None
        for deploy in self._deploys(anew=True) if doomed else ():
            if release_in(deploy.title) in doomed and (published is None or deploy.id != published.id):
                self._site.remove(deploy)
        for folder, (_, files) in [*self._drafts.items()]:
            left = {path: content for path, content in files.items() if f"{folder}/{path}" not in keys}
            if len(left) < len(files):
                self._drafts[folder] = (self._draft(folder, left), left)

    def releases(self) -> tuple[Release, ...]:
        """The production deploys that are errgen's, by when each release was deployed first."""
        first: dict[str, Release] = {}
        for deploy in self._deploys(anew=True):
            if release := release_in(deploy.title):
                first.setdefault(release, Release(release, _keys.release_key(release), deploy.created))
        return tuple(first.values())

    def records(self) -> tuple[str, ...]:
        """None: Netlify keeps no single files."""
        return ()

    def current(self) -> str | None:
        """The release of the published deploy."""
        published = self._published()
        return release_in(published.title) if published else None

    def activate(self, release: str, manifest: bytes) -> None:
        """Publish what this run has brought together with the manifest; or else restore the release's deploy."""
        title = title_of(manifest, release)
        self._require_same_site(title)
        brought = self._drafts.pop(_release_folders.folder(release), None)
        if brought is not None:
            self._site.prove(*brought)
            self._publish({**brought[1], _keys.release_key(release): content_of(manifest)}, title)
            return
        deploys = [deploy for deploy in self._deploys(anew=True) if release_in(deploy.title) == release]
        if not deploys:
            raise RemoteFailed(
                "cannot switch to a release whose pages are not there",
                where=f"{self.name}: {_release_folders.folder(release)}",
                hint="publish it again",
            )
        self._site.restore(deploys[-1])

    def draft(self, files: Mapping[str, bytes], title: str) -> str:
        """Bring these files where nobody gets them who is not told; gives the address of that."""
        brought = {path: content_of(content) for path, content in files.items()}
        deploy = self._site.deploy(brought, f"errgen: preview of {title}", draft=True)
        self._site.prove(deploy, brought)
        return deploy.address

    def deactivate(self) -> None:
        """Publish a deploy with nothing in it but a mark that it is errgen's: Netlify cannot go back to having none."""
        published = self._published()
        if published is not None and published.title != NOTHING:
            self._publish({}, NOTHING)

    @cached_property
    def _site(self) -> NetlifySite:
        calls = NetlifyCalls(self._environ, sleep=self._sleep, now=self._now)
        return NetlifySite(self._options.site, calls, self._sleep)

    def _published(self) -> Deploy | None:
        """What visitors get. Raises PlanRefused where that is not errgen's and must not be replaced."""
        published = self._site.published()
        if published is None or published.title == NOTHING or release_in(published.title) or self._options.replace:
            return published
        if not (paths := self._site.paths()):
            return None
        raise PlanRefused(
            f"holds {len(paths)} files that are not errgen's ({', '.join(sorted(paths)[:3])}), and a deploy would "
            "replace the whole site",
            where=self.name,
            hint="make a new site for the error pages and name that in site; or write replace = true in the host's "
            "table, and everything on this one is replaced",
        )

    def _require_same_site(self, title: str) -> None:
        published = self._site.published()
        theirs = site_in(published.title) if published else None
        if theirs and theirs != site_in(title) and not self._options.replace:
            raise PlanRefused(
                f"holds the pages of the site «{theirs}», and a deploy would replace them",
                where=self.name,
                hint="give each site of errgen.toml a site of its own at Netlify",
            )

    def _bring(self, folder: str, new: Mapping[str, Content]) -> None:
        """Deploy ``new`` with what is there of the same release: as a draft, unless that is the published one."""
        published = self._published()
        current = release_in(published.title) if published else None
        if published and current and _release_folders.folder(current) == folder:
            self._publish({**self._index(published), **new}, published.title)
            return
        deploy = self._deploy_at(folder)
        there = self._drafts[folder][1] if folder in self._drafts else self._index(deploy) if deploy else {}
        files = {**there, **new}
        self._drafts[folder] = (self._draft(folder, files), files)

    def _publish(self, files: Mapping[str, Content], title: str) -> None:
        self._site.publish({**files, _INDEX: content_of(write_index(files))}, title)
        self._ready = None

    def _index(self, deploy: Deploy) -> Mapping[str, Content]:
        """The files of a deploy, which never change."""
        if deploy.id not in self._indexes:
            self._indexes[deploy.id] = read_index(self._site.page(deploy, _INDEX))
        return self._indexes[deploy.id]

    def _draft(self, folder: str, files: Mapping[str, Content]) -> Deploy:
        return self._site.deploy(files, f"errgen: draft of {folder.removeprefix(_keys.RELEASES)}", draft=True)

    def _deploy_at(self, folder: str) -> Deploy | None:
        """The deploy whose root is ``folder``."""
        if folder in self._drafts:
            return self._drafts[folder][0]
        if not folder:
            return None
        found = [
            one
            for one in self._deploys()
            if (digest := release_in(one.title)) and _release_folders.folder(digest) == folder
        ]
        return found[-1] if found else None

    def _deploys(self, *, anew: bool = False) -> Sequence[Deploy]:
        """The production deploys that are ready, asked for once, or ``anew``."""
        if self._ready is None or anew:
            self._ready = self._site.deploys()
        return self._ready

    def _fetched(self, key: str) -> bytes | None:
        release, folder = _keys.release_of(key), _release_folders.folder_of(key)
        deploy = self._deploy_at(_release_folders.folder(release) if release else folder or "")
        return self._site.page(deploy, key.removeprefix(f"{folder}/") if folder else key) if deploy else None

    def _missing(self, key: str) -> RemoteFailed:
        return RemoteFailed(
            "there is no such file",
            where=f"{self.name}: {key}",
            hint="publish again: that stores whatever is missing",
        )


def _pages(folder: str, files: Mapping[str, Content]) -> dict[str, Content]:
    """The files of a deploy by their keys, without its manifest."""
    return {f"{folder}/{path}": one for path, one in files.items() if not path.startswith(_keys.RELEASES)}
