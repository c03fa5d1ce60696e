"""What there is to know of the pages of one entry: sizes, findings, headers, and the lines that made them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import manifest as manifests
from ..checks import Subject, all_checks
from ..edges._explaining import Question
from ..model import EXTENSIONS, MEDIA_TYPES, Entry, Finding, Format, Page
from ..rendering import PAGE_BUDGET

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..edges._explaining import Explainer, MadeBy
    from ..settings import Settings, SiteSettings

OF_THE_SITE = frozenset(
    (
        *("cloudfront-success", "cloudfront-ttl", "contrast-undeclared"),
        *("missing-translation", "stale-translation", "unreviewed-translation"),
    )
)
"""Checks that look at more than pages, and say nothing of one of them."""


def sizes(pages: Sequence[Page]) -> dict[Format, dict[str, int]]:
    """The bytes of each page, beside those that Cloudflare takes as a rule's own content."""
    return {page.format: {"bytes": len(page.content), "budget": PAGE_BUDGET} for page in pages}


def findings(settings: Settings, site: SiteSettings, catalog: Catalog, pages: Sequence[Page]) -> list[Finding]:
    """What ``errgen check`` says of these ``pages``, which are of one site and its theme, each thing once.

    They may be of several entries, languages and profiles. What compares pages with others is left to ``errgen check``.
    Raises InvalidInput where the theme is no longer one.
    """
    checks = [check for check in all_checks() if check.id not in OF_THE_SITE and check.id not in site.check.off]
    found: list[Finding] = []
    for profile in sorted({page.profile for page in pages}):  # most checks look at the pages of one profile
        told = {(one.id, one.where, one.hint) for one in found}
        subject = _subject(settings, site, catalog, [page for page in pages if page.profile == profile])
        said = [one for check in checks for one in check.run(subject)]
        found += [one for one in said if (one.id, one.where, one.hint) not in told]
    return found


def _subject(settings: Settings, site: SiteSettings, catalog: Catalog, pages: Sequence[Page]) -> Subject:
    """A site that has nothing but ``pages``."""
    texts: dict[str, dict[str, Entry]] = {}
    for page in pages:
        texts.setdefault(page.language, {})[page.entry.key] = page.entry
    content = {f"pages/{page.path}": page.content for page in pages}
    return Subject(
        project=settings.project,
        catalog_folders=settings.catalog_folders,
        template_folders=settings.template_folders,
        settings=site,
        catalog=catalog,
        texts={tag: tuple(entries.values()) for tag, entries in texts.items()},
        manifest=manifests.build(pages, dataclasses.replace(site.site, languages=tuple(texts))),
        read=content.__getitem__,
    )


def headers(pages: Sequence[Page], code: int, explainer: Explainer | None) -> dict[Format, dict[str, str]]:
    """The status and headers of each page as its edge sends it, where that serves it for ``code``; else its type."""
    found: dict[Format, dict[str, str]] = {}
    made_by: MadeBy = "edge" if code >= 520 else "origin"
    for page in pages:
        found[page.format] = {"content-type": MEDIA_TYPES[page.format]}
        if explainer:
            accept = MEDIA_TYPES[page.format].partition(";")[0]
            reply = explainer.answer(Question(code, made_by, (accept,), (page.language,))).reply
            if reply.page == f"{page.language}/{page.entry.key}.{EXTENSIONS[page.format]}":
                found[page.format] = {
                    ":status": str(reply.status),
                    **{name.lower(): value for name, value in reply.headers},
                }
    return found
