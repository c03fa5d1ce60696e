"""Rendering: entry + language + profile + site -> the bytes of every format. A pure function: no clock, no random.

``Renderer`` is the whole interface; ``themes`` lists what there is to choose from; ``marker_of`` recognises a page,
``csp_of`` gives the hashes of its inline parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from ..errors import Fault, InvalidInput
from ..model import Entry, Finding, Format, Language, Profile, Site
from . import brand, context, html, markdown, marker, problem, tokens
from .csp import csp_of
from .marker import digest_with_blank_marker, marker_of
from .theme import Theme, themes
from .theme_file import SHOWS
from .wording import Wording

__all__ = ["Renderer", "Theme", "csp_of", "digest_with_blank_marker", "marker_of", "themes"]

HTML_TEMPLATE = "page.html.j2"
MARKDOWN_TEMPLATE = "page.md.j2"
STYLESHEET = "style.css"
PAGE_BUDGET = 10_000
"""Bytes of an HTML page that Cloudflare takes within a rule; every theme that ships stays below."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An entry in one language on one site, before a profile's tokens are put in."""

    entry: Entry
    wording: Wording
    page: html.PageContext
    values: Mapping[str, problem.Value]
    body: str


class Renderer:
    """Renders pages in one theme. ``template_folders`` are ``templates/`` roots, the project's own first.

    Raises InvalidInput: a theme that is not there at ``where`` (the setting that names it), a fault in a template at
    its file and line, in an interface string at its key, in a text that looks like a token at its entry.
    """

    def __init__(self, template_folders: Sequence[Path], theme: str, *, where: str = "errgen.toml: site.theme") -> None:
        from . import colors
        from .environment import Templates

        self._templates = Templates(template_folders, theme, where)
        contrast = self._templates.theme.contrast
        self._css = self._templates.source(STYLESHEET) if contrast else ""
        self._palette = colors.palette(self._css)
        self._contrast = colors.known_pairs(contrast, self._palette)
        self._colors: dict[int, tuple[Site, Markup]] = {}
        self._wordings: dict[tuple[int, int], tuple[Wording, Mapping[str, Markup]]] = {}
        self._last: _Prepared | None = None

    def render(self, entry: Entry, language: Language, profile: Profile, site: Site) -> dict[Format, bytes]:
        """The pages of ``entry`` by format: html, json, problem (the same bytes as json), markdown, and text and xml
        where the site asks for them.
        """
        prepared = self._prepared(entry, *self._wording(language, site))
        values = problem.with_tokens(prepared.values, profile)
        json = problem.dumps(values, profile)
        pages: dict[Format, bytes] = {
            "html": self._html(prepared, profile),
            "json": json,
            "problem": json,
            "markdown": self._markdown(prepared.body, profile, values),
        }
        if "text" in site.formats:
            from . import plain_text  # most sites have neither

            pages["text"] = plain_text.render(entry, prepared.wording, profile)
        if "xml" in site.formats:
            from . import problem_xml

            pages["xml"] = problem_xml.dumps(values, profile, language.tag)
        return pages

    def files(self, form: Format) -> tuple[str, ...]:
        """The templates, stylesheets and scripts that pages so far were made with, as their user knows them.

        Only HTML and Markdown are made with templates.
        """
        return self._templates.files(html=form == "html") if form in ("html", "markdown") else ()

    def findings(self, site: Site, sizes: Mapping[str, int]) -> tuple[Finding, ...]:
        """What ``site`` has that this theme does not show, what of it is too large, and the theme's own contrast.

        ``sizes`` are the bytes of its HTML pages by their names for people.
        """
        from . import colors

        theme = self._templates.theme
        found = [
            Finding(
                id="brand-not-shown",
                severity="warning",
                message=f"the theme {theme.key} does not show it",
                where=f"errgen.toml: site.{site.name}.{what}",
                hint="choose a theme that does, or leave it out",
            )
            for what in SHOWS
            if getattr(site, what) and what not in theme.shows
        ]
        stylesheet = self._templates.file_of(STYLESHEET)
        size, name = max(((size, name) for name, size in sizes.items()), default=(0, ""))
        logo = len((brand.logo(site) or "").encode())
        if size > PAGE_BUDGET >= size - logo:
            message = (
                f"makes pages larger than the {PAGE_BUDGET:,} bytes that edges take inline: {name} has {size:,}, "
                f"of which the logo is {logo:,}"
            )
            where = f"errgen.toml: site.{site.name}.logo"
            over = size - PAGE_BUDGET
            hint = f"simplify it by {over:,} bytes: fewer points, fewer decimals"
            if site.logo and site.logo.media_type != "image/svg+xml":
                less = 3 * -(-over // 4)  # Base64 makes four bytes of three
                hint = f"make its file smaller by {less:,} bytes: fewer pixels, fewer colours; or take an SVG"
            found.append(Finding("logo-too-large", "warning", message, where, hint))
        return (*found, *colors.theme_findings(theme.contrast, self._palette, stylesheet, self._css))

    def _wording(self, language: Language, site: Site) -> tuple[Wording, Mapping[str, Markup]]:
        """Made once for all pages of one site in one language. The key stays true: a Wording keeps both alive."""
        key = (id(language), id(site))
        if key not in self._wordings:
            wording = Wording(language, site)
            self._wordings[key] = (wording, wording.own_strings())
        return self._wordings[key]

    def _prepared(self, entry: Entry, wording: Wording, strings: Mapping[str, Markup]) -> _Prepared:
        """What all profiles share, kept until the next entry: whoever renders goes through the profiles of each."""
        last = self._last
        if last is None or last.entry is not entry or last.wording is not wording:
            markdown.check_tokens(entry, wording)
            last = self._last = _Prepared(
                entry,
                wording,
                context.context(entry, wording, strings),
                problem.members(entry, wording),
                self._templates.markdown(MARKDOWN_TEMPLATE, markdown.body_values(entry, wording)).strip(),
            )
        return last

    def _site_colors(self, site: Site) -> Markup:
        """The site's colours as a stylesheet, made once for it; none where the theme does not show them."""
        if id(site) not in self._colors:
            from . import colors

            shown = site.colors and "colors" in self._templates.theme.shows
            css = colors.site_stylesheet(site, self._contrast, self._palette) if shown else ""
            self._colors[id(site)] = (site, Markup(css))  # noqa: S704 - names of the theme's, and values like #0f6b62
        return self._colors[id(site)][1]

    def _html(self, prepared: _Prepared, profile: Profile) -> bytes:
        page = context.with_tokens(prepared.page, profile, prepared.wording)
        text = self._templates.html(HTML_TEMPLATE, page, self._site_colors(prepared.wording.site))
        if text.count(marker.BLANK) != 1:
            raise InvalidInput(
                [
                    Fault(
                        self._templates.file_of(HTML_TEMPLATE),
                        f"writes {marker.BLANK} {text.count(marker.BLANK)} times",
                    )
                ],
                hint="write it once, in <head>: publishing recognises a page of ours by it (document.html.j2 has it)",
                check="marker",
            )
        self._refuse_strangers(text, profile, HTML_TEMPLATE)
        return marker.marked(text)

    def _markdown(self, body: str, profile: Profile, values: Mapping[str, problem.Value]) -> bytes:
        text = f"{markdown.front_matter(values)}\n{body}\n"
        self._refuse_strangers(text, profile, MARKDOWN_TEMPLATE)
        return text.encode()

    def _refuse_strangers(self, text: str, profile: Profile, template: str) -> None:
        """Texts carry no tokens by now, so what still looks like one and is not the profile's is the template's."""
        strangers = tokens.strangers(text, profile.tokens)
        if strangers:
            message = (
                f"{', '.join(strangers)} would stay in pages of the profile {profile.name}, which cannot fill it in"
            )
            raise InvalidInput(
                [Fault(self._templates.file_of(template), message)],
                hint="use page.ray_id, page.client_ip or page.region, which are None where an edge cannot fill them in",
                check="token",
            )
