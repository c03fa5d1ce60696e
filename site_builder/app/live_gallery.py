"""What the gallery shows while ``errgen watch`` runs: the build, and every theme and language that it could be in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..catalog.completeness import read_all_states, texts
from ..catalog.contents import DEFAULT_LANGUAGE, PSEUDO_LANGUAGE
from ..errors import ErrgenError
from ..preview.gallery import GalleryEdge, GalleryTheme, gallery_data
from ..rendering import themes
from ..rendering.theme import theme_names

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..catalog.states import State
    from ..settings import Settings
    from .site import SiteOutput
    from .sources import Sources

_WORST_FIRST: tuple[State, ...] = ("stale", "draft", "reviewed")


def gallery(sources: Sources, outputs: Mapping[str, SiteOutput], site: str, version: int) -> dict[str, Any]:
    """The data of the gallery for one of ``outputs``, as ``preview.gallery`` has it."""
    output, settings = outputs[site], sources.settings()
    catalog = _readable(sources)
    own = dict.fromkeys(output.settings.site.languages)
    others = [tag for tag, translated in catalog.translations.items() if translated and tag not in own]
    tags = [tag for tag in (*own, *sorted(others)) if tag != PSEUDO_LANGUAGE or tag in own]
    data = gallery_data(
        output.settings.site,
        output.manifest,
        sources.catalog().everything,
        {tag: output.texts[tag] if tag in output.texts else catalog.localised(tag) for tag in tags},
        languages=[sources.catalog().language(tag) if tag in own else catalog.language(tag) for tag in tags],
        edges=[GalleryEdge(one.folder, one.edge.kind, one.edge.profile) for one in output.edges],
        sites=list(outputs),
        themes=_themes(settings),
        states=states_of(sources),
    )
    return {**data, "live": True, "version": version}


def states_of(sources: Sources) -> Mapping[str, Mapping[str, str]]:
    """By language and entry how far its translation has come: as far as the text that has come least far."""
    catalog, folders = _readable(sources), sources.settings().catalog_folders
    return {
        tag: _states(catalog, tag, read_all_states(catalog, folders, tag))
        for tag in catalog.translations
        if tag not in (DEFAULT_LANGUAGE, PSEUDO_LANGUAGE)
    }


def _states(catalog: Catalog, tag: str, records: Any) -> dict[str, str]:
    found: dict[str, State] = {}
    for text in texts(catalog, tag, records):
        if text.state != "missing":
            before = found.get(text.key, text.state)
            found[text.key] = min(before, text.state, key=_WORST_FIRST.index)
    return dict(found)


def _readable(sources: Sources) -> Catalog:
    """The catalog in all languages; in those of the sites where another has a fault, which is no matter of a build."""
    try:
        return sources.whole_catalog()
    except ErrgenError:
        return sources.catalog()


def _themes(settings: Settings) -> list[GalleryTheme]:
    """All themes, with what they say of themselves where all of them say it as they should."""
    folders = settings.template_folders
    try:
        return [GalleryTheme(one.key, one.name, one.description) for one in themes(folders)]
    except ErrgenError:
        return [GalleryTheme(key) for key in theme_names(folders)]
