"""Rebuild: after a save, first the pages that somebody has in view, then everything; told when it is on the disk."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .. import tree
from ..errors import ErrgenError, from_os_error
from ..model import EXTENSIONS, PROFILES, Finding
from ..preview.files import PAGES
from . import cache as caches
from . import site as site_maker
from .build import Built, choose, write
from .check import errors_of
from .problem import faults_of, findings_as_faults
from .sources import Inputs, Sources, read_inputs
from .studio import Build, Studio

if TYPE_CHECKING:
    from ..settings import SiteSettings
    from .site import Draft, SiteOutput

DIGITS = 16
"""Hexadecimal digits by which the gallery tells two states of a page apart."""
SENT = f".{EXTENSIONS['html']}"
"""Of the pages in view, those that look like this are sent along with the news of them, and need not be fetched."""
MOST_LEFT = 3
"""Rounds in a row that are left to the next one; what is saved without end is built all the same."""
MOST_IN_VIEW = 60
"""Pages of one site that are made before all others; more do not fit on a screen."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of building. ``changed`` are the paths that began it, none for the first. One of the last two is set.

    ``seconds`` is until the output was on the disk; checks come after that.
    """

    changed: frozenset[str]
    seconds: float
    built: tuple[Built, ...] = ()
    error: ErrgenError | None = None


class _SupersededError(Exception):
    """More has been saved, so that what is being made is not wanted any more."""


class Rebuilder:
    """Brings the output and ``studio`` to what the sources of ``project`` say, as often as it is asked."""

    def __init__(self, project: Path, out: Path, sites: Sequence[str], studio: Studio) -> None:
        self._project = project
        self._out = out
        self._names = sites
        self._studio = studio
        self._seen: Inputs | None = None
        self._early: dict[str, dict[str, bytes]] = {}
        self._left = 0
        self._version = int(time.time())  # a client that has met another run of errgen sees that this is not the same

    def turn(self, changed: frozenset[str] = frozenset(), pending: Callable[[], bool] = lambda: False) -> Round | None:
        """Build what has changed; None where nothing has. A source that does not build leaves the output as it was.

        Where more is ``pending``, the pages in view are made and the rest is left to the next round, so that a save
        during a long build shows at once: None, too.
        """
        begin = time.perf_counter()
        good = self._studio.build
        version = self._version = self._version + 1
        built: list[Built] = []
        try:
            stamps = caches.stamp_inputs(self._project)
            inputs = read_inputs(self._project)
            if inputs == self._seen and not self._studio.problem:
                return None
            self._seen = inputs
            sources = good.sources.renewed(inputs) if good else Sources.of(self._project, inputs)
            chosen = choose(sources.settings(), self._names)
            if good:
                self._show_early(good, sources, chosen, version)
            proceed = _raising(pending) if good and self._left < MOST_LEFT else lambda: None
            outputs = _make(sources, chosen, proceed)
            digest = caches.digest_inputs(stamps, time.time_ns())
            for output in outputs:
                built.append(write(self._project, output, self._out, inputs=digest))  # noqa: PERF401 kept where one fails
        except _SupersededError:
            self._left += 1
            self._seen = None
            return None
        except ErrgenError as error:
            return self._failed(good, error, changed, begin, built)
        except OSError as error:  # what was there a moment ago has gone, and the event of that is still to come
            failure = from_os_error(error, error.filename or self._project, "read the sources")
            return self._failed(good, failure, changed, begin, built)
        early, self._early, self._left = self._early, {}, 0
        self._studio.built(Build(version, sources, {one.settings.site.name: one for one in outputs}))
        for output in outputs:
            self._tell_all(good, output, version)
        if good is None:
            self._studio.events.tell("", "reload", {})
        if self._studio.problem and not self._studio.problem["built"]:
            self._studio.has_problem(None)  # at once: to check all pages takes longer than to make some of them
        seconds = time.perf_counter() - begin
        built = [_with(one, early) for one in built]
        try:
            built = [
                self._checked(one, sources, output, _raising(pending))
                for one, output in zip(built, outputs, strict=True)
            ]
        except _SupersededError:
            self._seen = None  # what is wrong is told by the next round
        else:
            faults = findings_as_faults((finding for one in built for finding in one.findings), self._project)
            self._studio.has_problem({"faults": faults, "built": True} if faults else None)
        return Round(changed, seconds, tuple(built))

    def _checked(self, built: Built, sources: Sources, output: SiteOutput, proceed: Callable[[], None]) -> Built:
        """With all that keeps the site from being published. Raises what ``proceed`` does, and _SupersededError."""
        try:
            found = errors_of(sources.settings(), output, sources.catalog(), proceed)
        except (ErrgenError, OSError) as error:
            if read_inputs(self._project) != sources.inputs:  # what is being saved just now, of which the watcher tells
                raise _SupersededError from None
            found = (_unchecked(error),)
        return replace(built, findings=(*built.findings, *found))

    def _failed(
        self, good: Build | None, error: ErrgenError, changed: frozenset[str], begin: float, built: Sequence[Built]
    ) -> Round:
        self._left = 0
        self._take_back(good, [one.site for one in built])
        faults = faults_of(error, self._project)
        self._studio.has_problem({"faults": faults, "built": False})
        return Round(changed, time.perf_counter() - begin, error=error)

    def _show_early(self, good: Build, sources: Sources, chosen: Sequence[SiteSettings], version: int) -> None:
        """Make the pages in view, write those that have changed, and tell of them."""
        for name, in_view in self._studio.in_view().items():
            site = next((one for one in chosen if one.site.name == name), None)
            if site is not None and name in good.outputs:
                draft = site_maker.draft_of(site, sources.catalog())
                for some in _portions(in_view[:MOST_IN_VIEW]):
                    pages = _pages_in_view(sources, draft, some)
                    built, early = good.outputs[name].files, self._early.get(name, {})
                    shown = {path: early.get(path, built[path]) for path in pages if path in built}
                    if new := {path: pages[path] for path, before in shown.items() if pages[path] != before}:
                        self._early[name] = {**early, **new}
                        self._put(name, new)
                        self._studio.shown_early(name, self._early[name])
                        self._send(name, version, new, complete=False)

    def _take_back(self, good: Build | None, written: Sequence[str]) -> None:
        """Put back what pages in view were, and the sites ``written`` whole, because not all could be made."""
        for name in written:
            if good and name in good.outputs:
                with suppress(ErrgenError):
                    write(self._project, good.outputs[name], self._out)
        for name, new in self._early.items():
            if good:
                old = {path: good.outputs[name].files[path] for path in new}
                with suppress(ErrgenError):  # a full disk, say, which is what the round has failed of and told already
                    self._put(name, old)
                self._studio.shown_early(name, {})
                self._send(name, good.version, old, complete=True)
        self._early = {}

    def _put(self, site: str, files: Mapping[str, bytes]) -> None:
        changed = tree.Difference((), tuple(sorted(files)), ())
        tree.replace(self._out / site, files, changed, last=site_maker.MANIFEST)

    def _send(self, site: str, version: int, new: Mapping[str, bytes], *, complete: bool) -> None:
        """Tell of new files, and send the pages among them that people look at."""
        facts = {
            path: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()[:DIGITS]}
            for path, content in new.items()
        }
        contents = {path: content.decode() for path, content in new.items() if path.endswith(SENT)}
        self._tell(site, version, facts, contents=contents, complete=complete)

    def _tell_all(self, good: Build | None, output: SiteOutput, version: int) -> None:
        """Tell of every page that is another than in the last good build, and of those that are not there any more."""
        name = output.settings.site.name
        known = good.outputs[name].manifest.files if good and name in good.outputs else ()
        before = {file.path: file.sha256 for file in known}
        now = {file.path: file for file in output.manifest.files}
        changed = {path: file for path, file in now.items() if before.get(path) != file.sha256}
        facts = {path: {"bytes": file.bytes, "sha256": file.sha256[:DIGITS]} for path, file in changed.items()}
        self._tell(name, version, facts, gone=[path for path in before if path not in now], complete=True)

    def _tell(
        self,
        site: str,
        version: int,
        facts: Mapping[str, Mapping[str, Any]],
        *,
        contents: Mapping[str, str] = MappingProxyType({}),
        gone: Sequence[str] = (),
        complete: bool,
    ) -> None:
        data = {
            "version": version,
            "pages": {path.removeprefix(PAGES): one for path, one in facts.items()},
            "contents": {path.removeprefix(PAGES): content for path, content in contents.items()},
            "gone": [path.removeprefix(PAGES) for path in gone],
            "complete": complete,
        }
        self._studio.events.tell(site, "pages", data)


def _raising(pending: Callable[[], bool]) -> Callable[[], None]:
    """What raises _SupersededError as soon as more is ``pending``."""

    def proceed() -> None:
        if pending():
            raise _SupersededError

    return proceed


def _make(sources: Sources, chosen: Sequence[SiteSettings], proceed: Callable[[], None]) -> list[SiteOutput]:
    """The sites in memory. Raises what ``proceed`` does, which is called again and again."""
    sources.press.proceed = proceed
    try:
        outputs = []
        for one in chosen:
            outputs.append(site_maker.make(sources.settings(), one, sources.catalog(), sources.press))
            proceed()
        return outputs
    finally:
        sources.press.proceed = lambda: None


def _unchecked(error: ErrgenError | OSError) -> Finding:
    """Why the pages of a site could not be checked."""
    failure = error if isinstance(error, ErrgenError) else from_os_error(error, error.filename or "", "check the pages")
    return Finding("build", "error", failure.message, failure.where, failure.hint)


def _portions(in_view: Sequence[str]) -> Iterator[Sequence[str]]:
    """The first page alone, so that it is shown while the others are still being made; then ever more at once."""
    at, count = 0, 1
    while at < len(in_view):
        yield in_view[at : at + count]
        at, count = at + count, count * 4


def _pages_in_view(sources: Sources, draft: Draft, in_view: Sequence[str]) -> dict[str, bytes]:
    """The pages of the entries that are in view, by their paths below the site's output."""
    made = {}
    for path in in_view:
        profile, _, rest = path.partition("/")
        tag, _, name = rest.partition("/")
        entry = draft.by_key.get(tag, {}).get(name.partition(".")[0])
        if entry and tag in draft.texts and profile in PROFILES:
            for page in sources.press.pages(entry, sources.catalog().language(tag), PROFILES[profile], draft.shown):
                made[PAGES + page.path] = page.content
    return made


def _with(built: Built, early: Mapping[str, Mapping[str, bytes]]) -> Built:
    """What was done for one site, with what was written before the rest."""
    return replace(built, written=tuple(sorted({*built.written, *early.get(built.site, {})})))
