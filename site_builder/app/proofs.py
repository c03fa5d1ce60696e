"""Proofs: pages to be looked at, those of the last good build and those of themes and languages that it has not.

What is built is taken from memory. The rest is made of files that may have been saved since; then it is refused, and
there once these are built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import EXTENSIONS, PROFILES, Entry, Format, Page
from ..preview.files import PAGES

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..rendering import Renderer
    from ..settings import SiteSettings
    from .site import SiteOutput
    from .sources import Sources


@dataclass(frozen=True, slots=True)
class Proof:
    """The pages of one entry in one theme, language and profile, in the order of the formats; never none.

    ``settings`` are the site's as it is shown, ``catalog`` has what the pages say.
    """

    pages: tuple[Page, ...]
    settings: SiteSettings
    catalog: Catalog
    renderer: Renderer

    @property
    def entry(self) -> Entry:
        """What the pages say."""
        return self.pages[0].entry

    @property
    def templates(self) -> Mapping[Format, Sequence[str]]:
        """By format the files that the theme was seen to read for it, the page's own first; none were for others."""
        from ..rendering import HTML_TEMPLATE, MARKDOWN_TEMPLATE

        named: dict[Format, str] = {"html": HTML_TEMPLATE, "markdown": MARKDOWN_TEMPLATE}
        return {
            form: sorted(self.renderer.files(form), key=lambda file: not file.endswith(f"/{name}"))
            for form, name in named.items()
        }


def proof(output: SiteOutput, sources: Sources, theme: str, profile: str, language: str, key: str) -> Proof | None:
    """The proof of one entry; None where there can be none of that name.

    Raises InvalidInput where the theme or the language has a fault, SourcesChangedError where it has just been saved.
    """
    if profile not in PROFILES or (theme != output.manifest.theme and theme not in sources.theme_names()):
        return None
    built = language in output.texts
    catalog = sources.catalog() if built else sources.whole_catalog()
    texts = output.texts[language] if built else catalog.localised(language) if language in catalog.languages else ()
    entry = next((one for one in texts if one.key == key), None)
    if entry is None:
        return None
    shown = replace(output.settings.site, languages=output.manifest.languages, theme=theme)
    settings = replace(output.settings, site=shown)
    if built and theme == output.manifest.theme and (pages := _built(output, profile, language, entry)):
        return Proof(pages, settings, catalog, sources.press.renderer(shown))
    pages = sources.proof(entry, catalog.language(language), PROFILES[profile], shown)
    return Proof(pages, settings, catalog, sources.proofs.renderer(shown))


def _built(output: SiteOutput, profile: str, language: str, entry: Entry) -> tuple[Page, ...]:
    """The pages of ``entry`` that the build has; none where it has none for ``profile``."""
    paths: dict[Format, str] = {
        form: f"{profile}/{language}/{entry.key}.{extension}" for form, extension in EXTENSIONS.items()
    }
    return tuple(
        Page(path, entry, form, language, profile, content)
        for form, path in paths.items()
        if (content := output.files.get(PAGES + path)) is not None
    )
