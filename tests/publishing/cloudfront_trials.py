"""Commands at a double of CloudFront, whose pages are there whatever host they are uploaded to, to be spoilt."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from site_builder import manifest as manifests
from site_builder.edges import open_edge
from site_builder.errors import ErrgenError
from site_builder.hosts import Host
from site_builder.object_keys import object_key
from site_builder.publishing import Journal, Outcome, Target, apply, open_target, survey
from site_builder.publishing.proof import prover
from site_builder.publishing.releases import KeptPages, choose, kept
from site_builder.publishing.target import Removal, site_host
from tests.cloudfront_double import DOMAIN, ENVIRON, ID, SECRET, Double, Send, refusal
from tests.edges.conftest import Built, an_entry, build_site

from .commands import NOTHING
from .faults import Answer, Fault, Trial, Words
from .world import Clock

ENTRIES = [an_entry("404"), an_entry("503")]
WHERE = "errgen.toml: site.default"
Name = Literal["publish", "rollback", "removal"]
NAMES: tuple[Name, ...] = ("publish", "rollback", "removal")


def build(version: str) -> Built:
    contents = {f"en/{one.key}.html": f"{one.key} in version {version}".encode() for one in ENTRIES}
    return build_site(ENTRIES, profile="static", contents=contents, formats=("html",))


def at_distribution(site: Built) -> dict[str, bytes]:
    """The pages by their paths at the distribution."""
    return {f"/errors/{object_key(one.path, one.sha256)}": site.pages[one.path] for one in site.manifest.files}


OLD, NEW = build("1"), build("2")
GONE = Built(NOTHING.manifest, {})


class Site:
    """A project whose pages a double of CloudFront serves, whatever host they are uploaded to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.double = Double(pages={**at_distribution(OLD), **at_distribution(NEW)})
        self.said: list[str] = []
        self.clock = Clock()
        self.host_table = {"kind": "directory", "path": f"{folder}/public", "public_url": f"https://{DOMAIN}/errors"}
        (folder / "public").mkdir()

    def host(self) -> Host:
        return site_host(self.host_table, {}, where=WHERE, project=self.folder)

    def target(self, site: Built, removal: Removal | None = None) -> Target:
        edge = {"kind": "cloudfront", "distribution": ID, "path": "/errors", "invalidate": ["/*"]}
        return open_target(
            site.manifest,
            manifests.dumps(site.manifest),
            site.read,
            self.host_table,
            [open_edge(edge, f"{WHERE}.edge[0]")],
            ENVIRON,
            where=WHERE,
            project=self.folder,
            removal=removal,
            report=self.said.append,
            transport=self.double,
            sleep=self.clock.sleep,
            now=self.clock,
        )

    def apply(self, site: Built, removal: Removal | None = None) -> Outcome:
        with closing(self.target(site, removal)) as target:
            prove = prover(sleep=self.clock.sleep, report=self.said.append, transport=self.double)
            journal = Journal(self.folder / ".errgen", {}, self.clock)
            return apply(target, survey(target), journal=journal, report=self.said.append, prove=prove)

    def publish(self, site: Built) -> ErrgenError | None:
        try:
            self.apply(site)
        except ErrgenError as failure:
            return failure
        return None

    def back(self) -> Outcome:
        """Go back to the old release."""
        host = self.host()
        release = choose(kept(host, "default"), host.current(), OLD.manifest.release, host.name)
        manifest = release.manifest(host.name)
        return self.apply(Built(manifest, KeptPages(host, manifest)))


@dataclass(frozen=True)
class Refusal(Fault):
    """The service refuses with a code of its own."""

    status: int = 400
    code: str = ""

    def __str__(self) -> str:
        return self.code

    def answer(self, words: Words) -> Answer | None:  # noqa: ARG002  # as with other faults
        return Answer(self.status, refusal(self.status, self.code, "The service's words.").content)


REFUSALS = (Refusal("failed", status=400, code="Throttling"), Refusal("failed", status=412, code="PreconditionFailed"))


def words(status: int) -> bytes:
    """An error of CloudFront's API, which repeats the secret."""
    return refusal(status, "InternalError", f"failed with {SECRET}").content


class AtDistribution(Trial):
    """One of the commands at a distribution that has somebody else's error responses, too."""

    secrets = (SECRET,)

    def __init__(self, folder: Path, name: Name) -> None:
        self.name, self._name, self.site = f"{name} at CloudFront", name, Site(folder)
        self._theirs = self.site.double.paths()
        self.site.apply(OLD)
        if name != "publish":
            self.site.apply(NEW)
        self._xml = self.site.double.xml
        super().__init__()

    def go_back(self) -> None:
        double, host = self.site.double, self.site.host()
        double.xml, double.version = self._xml, double.version + 1
        built = OLD if self._name == "publish" else NEW
        host.activate(built.manifest.release, manifests.dumps(built.manifest))
        if self._name == "publish":
            host.delete([key for key in host.list() if NEW.manifest.release[:12] in key])
            host.delete([one.key for one in host.releases() if one.digest == NEW.manifest.release])

    def command(self, fault_at: Callable[[int], Fault | None]) -> None:
        def spoil(number: int, request: httpx.Request, send: Send) -> httpx.Response:
            fault = fault_at(number)
            return fault.over_httpx(request, send, words) if fault else send()

        self.site.double.asked.clear()
        self.site.said.clear()
        self.site.double.spoil = spoil
        try:
            if self._name == "rollback":
                self.site.back()
            elif self._name == "removal":
                self.site.apply(GONE, "release")
            else:
                self.site.apply(NEW)
        finally:
            self.site.double.spoil = None

    def asked(self) -> Iterable[bool]:
        return [not one.startswith("GET") for one in self.site.double.asked]

    def live(self) -> Iterable[str]:
        bound = {path for path in self.site.double.paths().values() if path.startswith("/errors/")}
        old, new = (OLD, NEW) if self._name == "publish" else (NEW, OLD)
        if bound == set(at_distribution(old)):
            yield "old"
        if bound == (set() if self._name == "removal" else set(at_distribution(new))):
            yield "new"

    def around(self) -> bytes:
        theirs = {code: path for code, path in self.site.double.paths().items() if code in self._theirs}
        return b"".join(self.site.double.around()) + f"{theirs}".encode()

    def stored(self) -> Hashable:
        host = self.site.host()
        releases = tuple(one.digest for one in host.releases())
        return self.site.double.xml, host.current(), tuple(host.list()), releases

    def said(self) -> str:
        return f"{self.site.said}"
