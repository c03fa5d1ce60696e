"""HTML pages: what a template sees, with every text escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup

from .. import languages
from ..errors import Fault, InvalidInput
from ..model import Entry, Profile, Site
from ..settings import LINK_SCHEMES
from . import problem, prose
from .text import one_line
from .tokens import html_text
from .wording import Wording


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go: what it is called, and where it leads (escaped for a quoted attribute)."""

    label: Markup
    href: Markup


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the way from the visitor to the website. ``state`` is in words, None where nobody can know it."""

    name: Markup
    state: Markup | None
    broken: bool


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a template sees, under the name ``page``. Texts are HTML already: write ``{{ page.headline }}``, no filter.

    ``key``             names the page everywhere: ``404``, ``1015``, ``5xx``, ``access_denied``
    ``lang``, ``dir``   for ``<html>``: a language tag, and ``ltr`` or ``rtl``
    ``document_title``  for ``<title>``: what happened, and the site's name
    ``site_name``       the name of the website
    ``code``            the number, None for a page that stands for several; put it in ``<bdi>``
    ``code_label``      “Error 404” with the number isolated from the direction of the text; None as above
    ``title``           the official name of the error: “Not Found”
    ``headline``        what happened, for people: the page's one ``<h1>``
    ``detail``          what happened and who is responsible, with inline elements
    ``what_you_should_do``  what to do next, with inline elements
    ``retry_hint``      “You can try again in 2 minutes.”, None where trying again is no help
    ``next_step``       the Link to put first: what suits whoever has to act
    ``home``, ``contact``, ``status_page``  Links; the last two are None where the site has none
    ``path``            three Steps from the visitor to the website; empty where no one part is known to have failed
    ``ray_id``, ``client_ip``, ``region``  tokens for the edge to fill in; None where the edge cannot
    ``footer``          who speaks
    ``strings``         all ``interface:`` strings of the language that need nothing but the site's name, by key

    A stylesheet is written into the page by ``{{ styles("style.css") }}``, without its comments and blanks.
    """

    key: str
    lang: str
    dir: Literal["ltr", "rtl"]
    document_title: Markup
    site_name: Markup
    code: int | None
    code_label: Markup | None
    title: Markup
    headline: Markup
    detail: Markup
    what_you_should_do: Markup
    retry_hint: Markup | None
    next_step: Link
    home: Link
    contact: Link | None
    status_page: Link | None
    path: tuple[Step, ...]
    ray_id: Markup | None
    client_ip: Markup | None
    region: Markup | None
    footer: Markup
    strings: Mapping[str, Markup]


def context(entry: Entry, wording: Wording, strings: Mapping[str, Markup]) -> PageContext:
    """What a template sees of ``entry``, without tokens. ``strings`` is ``wording.own_strings()``, made once."""
    site = wording.site
    home = Link(strings["home"], _href(wording, "home", site.home))
    contact = Link(strings["contact"], _contact(entry, wording, site.contact)) if site.contact else None
    status = Link(strings["status_page"], _href(wording, "status_page", site.status_page)) if site.status_page else None
    headline = one_line(entry.headline)
    return PageContext(
        key=entry.key,
        lang=wording.language.tag,
        dir=wording.language.direction,
        document_title=html_text(wording.text("document_title", headline=headline)),
        site_name=html_text(one_line(site.title)),
        code=entry.code,
        code_label=None
        if entry.code is None
        else wording.html("code_label", code=Markup("<bdi>{}</bdi>").format(entry.code)),
        title=html_text(one_line(entry.title)),
        headline=html_text(headline),
        detail=prose.to_html(entry.detail),
        what_you_should_do=prose.to_html(entry.what_you_should_do),
        retry_hint=_retry_hint(entry, wording),
        next_step=_next_step(entry, home, contact, status),
        home=home,
        contact=contact,
        status_page=status,
        path=_path(entry, strings),
        ray_id=None,
        client_ip=None,
        region=None,
        footer=html_text(problem.footer(entry, wording)),
        strings=strings,
    )


def with_tokens(page: PageContext, profile: Profile, site: Site) -> PageContext:
    """``page`` with the tokens that the edge of ``profile`` replaces, the reference also in the subject of a mail."""
    ray_id = _token(profile.ray_id)
    contact, next_step = page.contact, page.next_step
    if contact and ray_id and _takes_subject(site.contact):
        contact = Link(contact.label, contact.href + Markup("%20") + ray_id)
        next_step = contact if next_step is page.contact else next_step
    return replace(
        page,
        contact=contact,
        next_step=next_step,
        ray_id=ray_id,
        client_ip=_token(profile.client_ip),
        region=_token(profile.region),
    )


def _next_step(entry: Entry, home: Link, contact: Link | None, status: Link | None) -> Link:
    """Visitors who can act go on from the home page; what may pass can be watched; the rest has to be told."""
    if entry.who_acts == "visitor":
        return home
    if entry.who_acts == "network" or (entry.who_acts == "owner" and entry.retryable is not False):
        return status or contact or home
    return contact or status or home


def _retry_hint(entry: Entry, wording: Wording) -> Markup | None:
    if entry.retryable is not True:
        return None
    if entry.retry_after is None:
        return wording.html("retry_soon")
    return wording.html("retry_in", duration=html_text(languages.duration(entry.retry_after, wording.language.tag)))


def _path(entry: Entry, strings: Mapping[str, Markup]) -> tuple[Step, ...]:
    """The three parts, where one is known to have failed: what lies before it worked, what lies after it is unknown."""
    if entry.who_acts not in ("owner", "network"):
        return ()
    parts = ("you", "network", "site")
    broken = "site" if entry.who_acts == "owner" else "network"
    place = parts.index(broken)
    states = [strings["path_works"]] * place + [strings["path_broken"]] + [None] * (len(parts) - place - 1)
    return tuple(
        Step(strings[f"path_{part}"], state, part == broken) for part, state in zip(parts, states, strict=True)
    )


def _contact(entry: Entry, wording: Wording, address: str) -> Markup:
    """The site's contact. A mail address that says no more gets what happened as its subject."""
    href = _href(wording, "contact", address)
    return (
        href + "?subject=" + quote(one_line(f"{entry.code or ''} {entry.title}")) if _takes_subject(address) else href
    )


def _takes_subject(address: str | None) -> bool:
    return address is not None and address.startswith("mailto:") and "?" not in address


def _href(wording: Wording, key: str, address: str) -> Markup:
    address = one_line(address)
    if not address.startswith(LINK_SCHEMES):
        raise InvalidInput(
            [Fault(f"errgen.toml: site.{wording.site.name}.{key}", f"'{address}' is not a link that a page can carry")],
            hint="write an address that starts with " + ", ".join(LINK_SCHEMES),
        )
    return html_text(address)


def _token(token: str | None) -> Markup | None:
    return None if token is None else Markup(token)  # noqa: S704 - tokens are constants of the model
