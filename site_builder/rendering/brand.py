"""What a site shows of itself besides its name: its tagline and its logo."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from markupsafe import Markup

from .. import languages
from ..model import Finding, Language, Logo, Site
from .text import one_line
from .tokens import html_text


def tagline(site: Site, language: Language) -> Markup | None:
    """The tagline in ``language``. One that the site has in its default language only stands on every page, marked."""
    text = site.tagline.get(language.site_tag)
    if text is not None:
        return Markup("<bdi>{}</bdi>").format(html_text(one_line(text)))
    default = site.languages[0]
    if set(site.tagline) != {default}:
        return None
    text = html_text(one_line(site.tagline[default]))
    return Markup('<bdi lang="{}" dir="{}">{}</bdi>').format(default, languages.direction(default), text)


def absent_taglines(site: Site) -> list[Finding]:
    """A finding where some languages of the site have no tagline, and no other stands there."""
    if set(site.tagline) == {site.languages[0]}:
        return []
    return not_in_language(site, "tagline", site.tagline)


def not_in_language(site: Site, key: str, texts: Mapping[str, str]) -> list[Finding]:
    """A finding where ``texts``, by language, are there for some languages of the site and not for others.

    ``key`` is where errgen.toml has them, below the site's table.
    """
    absent = [tag for tag in site.languages if tag not in texts]
    if not texts or not absent:
        return []
    table = ", ".join(f'{tag} = "…"' for tag in site.languages)
    return [
        Finding(
            id="not-in-language",
            severity="warning",
            message=f"is on no page in {', '.join(absent)}",
            where=f"errgen.toml: site.{site.name}.{key}",
            hint=f"write it for each language: {key.rpartition('.')[2]} = {{ {table} }}",
        )
    ]


def logo(site: Site) -> Markup | None:
    """The logo as an element of its own. Raises InvalidInput for a file that cannot be put into a page."""
    return _logo(site.logo) if site.logo else None


@lru_cache(maxsize=8)
def _logo(logo: Logo) -> Markup:
    from . import logo_file

    return logo_file.svg(logo) if logo.media_type == "image/svg+xml" else logo_file.png(logo)
