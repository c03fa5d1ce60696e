"""Origins: where the texts of a site's pages are written, and how far they have come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ..catalog import TEXT_FIELDS
from ..catalog.completeness import entry_states
from ..errors import ErrgenError

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..catalog.states import State
    from ..model import Entry
    from ..settings import Settings, SiteSettings

Places = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By language and entry the lines that its texts are on, ``errgen.toml:12`` before ``catalog/http.yaml:78``."""


def own_places(settings: Settings, site: SiteSettings, texts: Mapping[str, Iterable[Entry]]) -> Places:
    """The places of what has texts of the site's own: those in errgen.toml, and the catalog's where it has the rest.

    ``texts`` is by language what the pages say.
    """
    if not site.overrides:
        return {}
    lines = settings.lines()
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for tag, entries in texts.items():
        for entry in entries:
            own = [place for name in TEXT_FIELDS if (place := site.place_of_own(tag, entry.key, name))]
            if own:
                places = [lines.placed(place).partition(": ")[0] for place in own]
                rest = [] if len(own) == len(TEXT_FIELDS) else [str(entry.source)]
                found.setdefault(tag, {})[entry.key] = tuple(dict.fromkeys([*places, *rest]))
    return found


def states_of(settings: Settings, catalog: Catalog, tags: Iterable[str]) -> dict[str, Mapping[str, State]]:
    """By language and entry how far its translation has come; all are drafts where the records cannot be read.

    ``errgen check`` says what is wrong with records; pages do not depend on them.
    """
    found = {}
    for tag in tags:
        try:
            found[tag] = entry_states(catalog, settings.catalog_folders, tag)
        except ErrgenError:
            found[tag] = entry_states(catalog, (), tag)
    return found
