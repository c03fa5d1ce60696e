"""What a site has set of its own and its theme does not show."""

from __future__ import annotations

from collections.abc import Iterator

from ..rendering.theme import themes
from ._check import Problem, site_check
from ._subject import Subject

KINDS = ("logo", "tagline", "colors")


@site_check("brand-unused", "warning", "A logo, tagline or colour that the theme does not show is on no page.")
def brand_unused(subject: Subject) -> Iterator[Problem]:
    """Settings of the brand that the theme's ``shows`` does not name."""
    site = subject.settings.site
    for kind in KINDS:
        if getattr(site, kind) and kind not in subject.theme.shows:
            able = [theme.key for theme in themes(subject.template_folders) if kind in theme.shows]
            yield Problem(
                f"the theme {site.theme} shows no {kind}",
                f"{subject.settings.where}.{kind}",
                f"choose a theme that does: {', '.join(able)}" if able else "remove it",
            )


CHECKS = (brand_unused,)
