"""The studio: what the gallery of ``errgen watch`` shows and asks, answered from the last good build in memory."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..model import EXTENSIONS
from ..preview.events import Events
from ..preview.files import PAGES
from ..preview.gallery import gallery_document, text_state
from . import page_facts
from .asking import ask
from .explain import explainer_of
from .live_gallery import gallery
from .proofs import proof
from .site import MANIFEST
from .sources import SourcesChangedError

if TYPE_CHECKING:
    from ..edges._explaining import Explainer
    from .site import EdgeOutput, SiteOutput
    from .sources import Sources

_NAME = re.compile(r"[a-z0-9]{1,32}")
MOST_CLIENTS = 100
"""How many tabs are remembered with what they have in view."""


@dataclass(frozen=True, slots=True)
class Build:
    """One good build: the sources, and by name what was made of them. ``version`` grows with each, restarts too."""

    version: int
    sources: Sources
    outputs: Mapping[str, SiteOutput]
    explainers: dict[tuple[str, str], Explainer] = field(default_factory=dict)
    galleries: dict[str, dict[str, Any]] = field(default_factory=dict)


class Studio:
    """Answers the preview's server, in any thread, while builds go on; see ``preview.server.Studio``."""

    def __init__(self, out: Path, events: Events | None = None) -> None:
        self.events = events or Events()
        self._out = out
        self._lock = threading.Lock()
        self._drawing = threading.Lock()  # of a gallery, so that two tabs do not do the same work at once
        self._compiling = threading.Lock()  # of what explains an edge, for the same reason
        self._build: Build | None = None
        self._early: Mapping[str, Mapping[str, bytes]] = {}
        self._problem: dict[str, Any] | None = None
        self._views: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._open: dict[str, int] = {}

    # What happens

    @property
    def build(self) -> Build | None:
        """The last good build; None until there is one."""
        return self._build

    @property
    def problem(self) -> dict[str, Any] | None:
        """What is wrong with the newest sources, as ``event: problem`` tells it; None where nothing is."""
        return self._problem

    def in_view(self) -> dict[str, list[str]]:
        """By site the pages that somebody has in view, each once; those of who looked last come first."""
        with self._lock:
            views = list(reversed(self._views.values()))
        found: dict[str, dict[str, None]] = {}
        for site, pages in views:
            found.setdefault(site, {}).update(dict.fromkeys(pages))
        return {site: list(pages) for site, pages in found.items()}

    def shown_early(self, site: str, pages: Mapping[str, bytes]) -> None:
        """From now on these are the newest ``pages`` of ``site``, by path, while the rest is still being made."""
        self._early = {**self._early, site: pages}

    def built(self, build: Build) -> None:
        """From now on this is what is shown. Who looks at a site that is not there any more is told."""
        before = self.sites()
        self._build, self._early = build, {}
        for site in before:
            if site not in build.outputs:
                self.events.tell(site, "gone", {})

    def has_problem(self, problem: dict[str, Any] | None) -> None:
        """Tell every client what is wrong, or that nothing is any more; once each."""
        before, self._problem = self._problem, problem
        if problem == before:
            return
        self.events.tell(None, "problem" if problem else "mended", problem or {})
        self.events.tell("", "reload", {})

    # What is asked

    def sites(self) -> Sequence[str]:
        """The sites of the last good build."""
        return tuple(self._build.outputs) if self._build else ()

    def folder(self, site: str) -> Path | None:
        """Where the build of a site is, also one from before; None where there is none."""
        folder = self._out / site
        return folder if _NAME.fullmatch(site) and (folder / MANIFEST).is_file() else None

    def joined(self, client: str) -> list[tuple[str, Mapping[str, Any]]]:
        """``client`` is there and gets these events first. Version 0 is before the first build, of which it is told."""
        with self._lock:
            self._open[client] = self._open.get(client, 0) + 1
        version = self._build.version if self._build else 0
        problem = self._problem
        return [("hello", {"version": version}), ("problem", problem) if problem else ("mended", {})]

    def left(self, client: str) -> None:
        """One connection of ``client`` is gone; with its last one it has nothing in view any more."""
        with self._lock:
            self._open[client] = self._open.get(client, 1) - 1
            if self._open[client] < 1:
                del self._open[client]
                self._views.pop(client, None)

    def view(self, client: str, site: str, pages: Sequence[str]) -> None:
        """What ``client`` has in view from now on. It says so again whenever it joins."""
        with self._lock:
            if client not in self._open:
                return  # what was said on the way out
            self._views.pop(client, None)
            self._views[client] = (site, tuple(pages))
            while len(self._views) > MOST_CLIENTS:
                del self._views[next(iter(self._views))]

    def problem_text(self) -> str:
        """What is wrong with the newest sources, for people."""
        if not self._problem:
            return ""
        lines = [f"{fault['where']}: {fault['message']}" for fault in self._problem["faults"]]
        return "\n".join(lines)

    def document(self, site: str) -> bytes:
        """The gallery with what it shows.

        Where that is being saved just now it is of version 0, which no build has: it fetches the newest by itself.
        """
        try:
            data = self.data(site)
        except SourcesChangedError:
            build = self._of(site)
            data = {**gallery(build.sources, build.outputs, site, 0, whole=False), "problem": self._problem}
        return gallery_document(data)

    def data(self, site: str) -> Mapping[str, Any]:
        """What the gallery shows: the build, and the themes and languages that it has not.

        Raises SourcesChangedError where these are being saved just now.
        """
        build = self._of(site)
        with self._drawing:
            if site not in build.galleries:
                build.galleries[site] = gallery(build.sources, build.outputs, site, build.version)
        return {**build.galleries[site], "problem": self._problem}

    def page(self, site: str, theme: str, profile: str, language: str, name: str) -> bytes | None:
        """A page: the one that is built, or one that is made to be looked at. Raises as ``proof`` does."""
        early = self._early  # before the build: what is early is not let go of until it is in that
        build = self._of(site)
        output = build.outputs[site]
        if theme == output.manifest.theme:
            path = f"{PAGES}{profile}/{language}/{name}"
            content = early.get(site, {}).get(path) or output.files.get(path)
            if content is not None:
                return content
        key, _, extension = name.partition(".")
        found = proof(output, build.sources, theme, profile, language, key)
        pages = found.pages if found else ()
        return next((page.content for page in pages if EXTENSIONS[page.format] == extension), None)

    def facts(self, site: str, theme: str, profile: str, language: str, key: str) -> Mapping[str, Any] | None:
        """Sizes, findings, headers, and the lines and templates that made the pages of one entry.

        Raises as ``proof`` does.
        """
        build = self._of(site)
        output, sources = build.outputs[site], build.sources
        found = proof(output, sources, theme, profile, language, key)
        original = next((one for one in output.entries if one.key == key), None)
        if found is None or original is None:
            return None
        lines = sources.settings().lines()
        findings = [
            dataclasses.replace(one, where=lines.placed(one.where)) if one.where else one
            for one in page_facts.findings(sources.settings(), found.settings, found.catalog, found.pages)
        ]
        edge = next((one for one in output.edges if one.edge.profile == profile), None)
        explainer = self._explainer(build, site, edge) if edge else None
        states = output.states if language in output.states else sources.states()
        return {
            "sizes": page_facts.sizes(found.pages),
            "findings": [dataclasses.asdict(finding) for finding in findings],
            "headers": page_facts.headers(found.pages, found.entry.codes[0][0], explainer),
            "templates": found.templates,
            "source": str(original.source),
            "text_sources": output.places.get(language, {}).get(key, (str(found.entry.source),)),
            "state": text_state(found.entry, original, states.get(language, {})),
        }

    def ask(self, site: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """What an edge answers. Raises UsageError for what cannot be asked."""
        build = self._of(site)
        output = build.outputs[site]
        return ask(output, question, lambda edge: self._explainer(build, site, edge))

    def _of(self, site: str) -> Build:
        if self._build is None or site not in self._build.outputs:
            raise UsageError(f"there is no site '{site}'")
        return self._build

    def _explainer(self, build: Build, site: str, edge: EdgeOutput) -> Explainer:
        with self._compiling:
            if (site, edge.folder) not in build.explainers:
                build.explainers[site, edge.folder] = explainer_of(build.outputs[site], edge)
            return build.explainers[site, edge.folder]
