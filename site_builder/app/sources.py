"""What a project is made from, read once and kept until it changes: for commands that build again and again."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .. import catalog as catalogs
from .. import settings as settings_file
from ..errors import ErrgenError
from ..preview.editors import is_of_editors
from ..rendering.theme import theme_names
from . import cache as caches
from . import site as site_maker
from .origins import states_of
from .press import Press

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..catalog.states import State
    from ..model import Entry, Language, Page, Profile, Site
    from ..settings import Settings

MOST_PROOFS = 1000
"""Entries whose pages are kept although no build has them: some ten megabytes."""


class SourcesChangedError(ErrgenError):
    """What was read is not what a build was made from: it has been saved since."""

    def __init__(self) -> None:
        super().__init__("the sources have been saved since they were built", hint="ask again in a moment")


Digests = Mapping[str, bytes]
"""By path, the digest of what a file holds."""
Folder = Literal["catalog", "templates"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files that a build reads: errgen.toml with what it names, the catalog's, the templates'."""

    settings: Digests
    catalog: Digests
    templates: Digests


def read_inputs(project: Path) -> Inputs:
    """The digests of all there are now. What cannot be read is left out; the build says why."""
    own = project.resolve() / settings_file.FILE_NAME
    return Inputs(
        _digests([str(own), *(str(own.parent / name) for name in caches.named_files(own))]),
        _digests(_files(project, "catalog")),
        _digests(_files(project, "templates")),
    )


def _files(project: Path, name: Folder) -> list[str]:
    """Without those of editors, of which the watcher says nothing: a build would never come to know them."""
    found = []
    for folder in settings_file.overlay(project, name):
        below = len(str(folder)) + 1
        for root, _, files in os.walk(folder):  # leaves out what goes while it looks, as a branch switch has it
            # A folder counts as such, because one that comes or goes is a change although it may be empty.
            found += [path for path in (root, *(f"{root}/{file}" for file in files)) if not is_of_editors(path[below:])]
    return found


def _digests(paths: Iterable[str]) -> Digests:
    digests = {}
    for path in paths:
        try:
            digests[path] = hashlib.sha256(Path(path).read_bytes()).digest()
        except IsADirectoryError:
            digests[path] = b""
        except OSError:
            continue
    return digests


@dataclass(slots=True)
class Sources:
    """One state of a project's sources. What is asked for is read then, and kept.

    ``press`` makes what is built, ``proofs`` what is only looked at. Raises what reading raises, each time anew, and
    SourcesChangedError where that reads what is not in ``inputs``. It may be asked by several threads.
    """

    project: Path
    inputs: Inputs
    press: Press
    proofs: Press
    _settings: Settings | None = None
    _catalog: Catalog | None = None
    _whole: Catalog | None = None
    _states: Mapping[str, Mapping[str, State]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _late: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def of(cls, project: Path, inputs: Inputs | None = None) -> Sources:
        """The sources as they are now. ``inputs`` where they have been read already."""
        return cls(project, inputs or read_inputs(project), _press(project), _press(project, MOST_PROOFS))

    def renewed(self, inputs: Inputs) -> Sources:
        """The sources with other ``inputs``; what these do not concern is taken over."""
        if inputs.templates != self.inputs.templates:
            new = Sources.of(self.project, inputs)
        else:
            new = Sources(self.project, inputs, self.press, self.proofs)
        same_catalog = inputs.catalog == self.inputs.catalog
        if same_catalog:
            new._whole, new._states = self._whole, self._states
        with self._lock:
            if inputs.settings == self.inputs.settings:
                new._settings = self._settings
                if same_catalog:
                    new._catalog = self._catalog
        return new

    def settings(self) -> Settings:
        """The settings."""
        with self._lock:
            if self._settings is None:
                self._settings = settings_file.load(self.project)
            return self._settings

    def catalog(self) -> Catalog:
        """The catalog in the languages that the sites ask for, as a build has it."""
        with self._lock:
            if self._catalog is None:
                settings = self.settings()
                self._catalog = site_maker.load_catalog(settings)
                self.press.keep_only([one.site for one in settings.sites], self._catalog.everything)
            return self._catalog

    def whole_catalog(self) -> Catalog:
        """The catalog in all languages that there are files for."""
        with self._late:  # and not what a build waits for
            if self._whole is None:
                settings = self.settings()
                self._require_as_built("catalog")  # some milliseconds, and to load it some hundred
                with self._as_built("catalog"):
                    found = catalogs.load(settings.catalog_folders, own=settings.has_own_catalog)
                self._whole = found
            return self._whole

    def readable_catalog(self) -> Catalog:
        """The same, or only the languages of the sites where another has a fault, which is no matter of a build."""
        try:
            return self.whole_catalog()
        except SourcesChangedError:
            raise
        except ErrgenError:
            return self.catalog()

    def states(self) -> Mapping[str, Mapping[str, State]]:
        """By language and entry how far its translation has come: as far as the text that has come least far."""
        catalog, settings = self.readable_catalog(), self.settings()
        with self._late:
            if unknown := [tag for tag in catalog.languages if tag not in self._states]:
                with self._as_built("catalog"):
                    found = states_of(settings, catalog, unknown)
                self._states = {**self._states, **found}
            return self._states

    def theme_names(self) -> list[str]:
        """The folders that are themes."""
        return theme_names(self.settings().template_folders)

    def proof(self, entry: Entry, language: Language, profile: Profile, site: Site) -> tuple[Page, ...]:
        """Pages that no build has, see ``Press.pages``. Raises SourcesChangedError, too."""
        press = self.proofs
        before = press.files()
        try:
            with self._as_built("templates", lambda: press.files() != before):
                return press.pages(entry, language, profile, site)
        except SourcesChangedError:
            self.proofs = _press(self.project, MOST_PROOFS)  # the other one has templates that are not in the inputs
            raise

    @contextmanager
    def _as_built(self, name: Folder, has_read: Callable[[], bool] = lambda: True) -> Iterator[None]:
        """What is read in this block is what ``inputs`` has, or else it raises SourcesChangedError."""
        try:
            yield
        finally:
            if has_read():
                self._require_as_built(name)

    def _require_as_built(self, name: Folder) -> None:
        if _digests(_files(self.project, name)) != getattr(self.inputs, name):
            raise SourcesChangedError


def _press(project: Path, most: int | None = None) -> Press:
    return Press(tuple(reversed(settings_file.overlay(project, "templates"))), most)
