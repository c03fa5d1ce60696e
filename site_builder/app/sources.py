"""What a project is made from, read once and kept until it changes: for commands that build again and again."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .. import catalog as catalogs
from .. import settings as settings_file
from ..catalog import PSEUDO_LANGUAGE
from ..catalog.completeness import read_all_states, texts
from ..errors import ErrgenError
from . import cache as caches
from . import site as site_maker
from .press import Press

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..catalog.completeness import Text
    from ..catalog.states import State
    from ..settings import Settings

MOST_PROOFS = 1000
"""Entries whose pages are kept although no build has them: some ten megabytes."""

_WORST_FIRST: tuple[State, ...] = ("stale", "draft", "reviewed")

Digests = Mapping[str, bytes]
"""By path, the digest of what a file holds."""


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


def _files(project: Path, name: str) -> list[str]:
    found = []
    for folder in settings_file.overlay(project, name):
        for root, _, files in os.walk(folder):  # leaves out what goes while it looks, as a branch switch has it
            found.append(root)  # as such, because a folder that comes or goes is a change although it may be empty
            found += [f"{root}/{file}" for file in files]
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

    ``press`` makes what is built, ``proofs`` what is only looked at. Raises what reading raises, each time anew. It may
    be asked by several threads.
    """

    project: Path
    inputs: Inputs
    press: Press
    proofs: Press
    _settings: Settings | None = None
    _catalogs: dict[bool, Catalog] = field(default_factory=dict)
    _states: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

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
        with self._lock:
            if inputs.settings == self.inputs.settings:
                new._settings = self._settings
                if inputs.catalog == self.inputs.catalog:
                    new._catalogs, new._states = dict(self._catalogs), dict(self._states)
        return new

    def settings(self) -> Settings:
        """The settings."""
        with self._lock:
            if self._settings is None:
                self._settings = settings_file.load(self.project)
            return self._settings

    def catalog(self) -> Catalog:
        """The catalog in the languages that the sites ask for, as a build has it."""
        return self._catalog(everything=False)

    def whole_catalog(self) -> Catalog:
        """The catalog in all languages that there are files for."""
        return self._catalog(everything=True)

    def readable_catalog(self) -> Catalog:
        """The same, or only the languages of the sites where another has a fault, which is no matter of a build."""
        try:
            return self.whole_catalog()
        except ErrgenError:
            return self.catalog()

    def states(self) -> Mapping[str, Mapping[str, str]]:
        """By language and entry how far its translation has come: as far as the text that has come least far."""
        catalog, folders = self.readable_catalog(), self.settings().catalog_folders
        with self._lock:
            for tag in catalog.translations:
                if tag not in self._states and tag != PSEUDO_LANGUAGE:
                    self._states[tag] = _states(texts(catalog, tag, read_all_states(catalog, folders, tag)))
            return self._states

    def _catalog(self, *, everything: bool) -> Catalog:
        with self._lock:
            if everything not in self._catalogs:
                settings = self.settings()
                self._catalogs[everything] = (
                    catalogs.load(settings.catalog_folders, own=settings.has_own_catalog)
                    if everything
                    else site_maker.load_catalog(settings)
                )
            return self._catalogs[everything]


def _states(written: Iterable[Text]) -> dict[str, str]:
    found: dict[str, State] = {}
    for text in written:
        if text.state != "missing":
            found[text.key] = min(found.get(text.key, text.state), text.state, key=_WORST_FIRST.index)
    return dict(found)


def _press(project: Path, most: int | None = None) -> Press:
    return Press(tuple(reversed(settings_file.overlay(project, "templates"))), most)
