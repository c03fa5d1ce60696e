"""What the gallery shows while ``errgen watch`` runs: the build, and every theme and language that it could be in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..catalog import PSEUDO_LANGUAGE
from ..errors import ErrgenError
from ..preview.gallery import GalleryEdge, GalleryTheme, gallery_data
from ..rendering import themes
from ..rendering.theme import theme_names

if TYPE_CHECKING:
    from ..settings import Settings
    from .site import SiteOutput
    from .sources import Sources


def gallery(
    sources: Sources, outputs: Mapping[str, SiteOutput], site: str, version: int, *, whole: bool = True
) -> dict[str, Any]:
    """The data of the gallery for one of ``outputs``, as ``preview.gallery`` has it.

    Raises SourcesChangedError where languages that no site has are not what they were when the sites were built. Not so
    without ``whole``: that has the languages of the sites alone.
    """
    output, settings = outputs[site], sources.settings()
    catalog = sources.readable_catalog() if whole else sources.catalog()
    own = dict.fromkeys(output.settings.site.languages)
    others = [tag for tag, translated in catalog.translations.items() if translated and tag not in own]
    tags = [tag for tag in (*own, *sorted(others)) if tag != PSEUDO_LANGUAGE or tag in own]
    originals = sources.catalog().everything
    keys = {entry.key for entry in originals}
    texts = {tag: [one for one in catalog.localised(tag) if one.key in keys] for tag in tags if tag not in output.texts}
    data = gallery_data(
        output.settings.site,
        output.manifest,
        originals,
        {**output.texts, **texts},
        languages=[sources.catalog().language(tag) if tag in own else catalog.language(tag) for tag in tags],
        edges=[GalleryEdge(one.folder, one.edge.kind, one.edge.profile) for one in output.edges],
        sites=list(outputs),
        themes=_themes(settings),
        states={**(sources.states() if whole else {}), **output.states},
        places=output.places,
    )
    return {**data, "live": True, "version": version}


def _themes(settings: Settings) -> list[GalleryTheme]:
    """All themes, by name where all of them say theirs as they should."""
    folders = settings.template_folders
    try:
        return [GalleryTheme(one.key, one.name) for one in themes(folders)]
    except ErrgenError:
        return [GalleryTheme(key) for key in theme_names(folders)]
