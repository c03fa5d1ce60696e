"""Entry and site -> what an HTML template sees, with every text escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from markupsafe import Markup

from ..model import EXTENSIONS, MEDIA_TYPES, Entry, Format, Profile
from . import brand, maintenance, path, problem, prose
from .html import Alternate, PageContext
from .links import links, with_reference
from .text import one_line
from .tokens import html_text
from .wording import Wording

ALTERNATES: tuple[Format, ...] = ("json", "problem", "markdown", "text", "xml")


def context(entry: Entry, wording: Wording, strings: Mapping[str, Markup]) -> PageContext:
    """What a template sees of ``entry``, without tokens. ``strings`` is ``wording.own_strings()``, made once."""
    site = wording.site
    headline = one_line(entry.headline)
    where = links(entry, wording, strings)
    return PageContext(
        key=entry.key,
        lang=wording.language.tag,
        dir=wording.language.direction,
        document_title=html_text(wording.text("document_title", headline=headline)),
        site_name=html_text(one_line(site.title)),
        tagline=brand.tagline(site, wording.language),
        logo=brand.logo(site),
        code=entry.code,
        code_label=None
        if entry.code is None
        else wording.html("code_label", code=Markup("<bdi>{}</bdi>").format(entry.code)),
        title=html_text(one_line(entry.title)),
        headline=html_text(headline),
        detail=prose.to_html(entry.detail),
        what_you_should_do=prose.to_html(entry.what_you_should_do),
        retry_hint=html_text(hint) if (hint := wording.retry_hint(entry)) else None,
        retry_after=entry.retry_after if entry.retryable else None,
        next_step=where.next_step,
        links=where.others,
        home=where.home,
        contact=where.contact,
        status_page=where.status_page,
        sign_in=where.sign_in,
        path=path.steps(entry, strings),
        maintenance=maintenance.html_facts(entry, wording),
        ray_id=None,
        client_ip=None,
        region=None,
        alternates=_alternates(entry, wording),
        script=False,
        footer=wording.html(problem.footer_key(entry)),
        strings=strings,
    )


def with_tokens(page: PageContext, profile: Profile, wording: Wording) -> PageContext:
    """``page`` with the tokens that the edge of ``profile`` replaces, the reference also in the subject of a mail."""
    ray_id = _token(profile.ray_id)
    contact, next_step, others = page.contact, page.next_step, page.links
    if contact and ray_id:
        contact = with_reference(contact, wording.site, ray_id)
        next_step = contact if next_step is page.contact else next_step
        others = tuple(contact if link is page.contact else link for link in others)
    return replace(
        page,
        contact=contact,
        next_step=next_step,
        links=others,
        ray_id=ray_id,
        client_ip=_token(profile.client_ip),
        region=_token(profile.region),
        script=wording.site.script and bool(ray_id or page.retry_after),
    )


def _alternates(entry: Entry, wording: Wording) -> tuple[Alternate, ...]:
    """The other formats of this page, where the site says that they can be fetched."""
    site, tag = wording.site, wording.language.site_tag
    if not site.pages_url:
        return ()
    return tuple(
        Alternate(
            MEDIA_TYPES[form].partition(";")[0],
            html_text(f"{site.pages_url.rstrip('/')}/{tag}/{entry.key}.{EXTENSIONS[form]}"),
        )
        for form in ALTERNATES
        if form in site.formats
    )


def _token(token: str | None) -> Markup | None:
    return None if token is None else Markup(token)  # noqa: S704 - tokens are constants of the model
