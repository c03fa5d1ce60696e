"""Where people can go from a page: the one step that suits the error, and the other links of the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup

from ..errors import Fault, InvalidInput
from ..model import Entry, Site
from ..settings import LINK_SCHEMES
from .html import Link
from .text import one_line
from .tokens import html_text
from .wording import Wording

# Signing in to the website is what these ask for. 407 and 511 ask for it elsewhere, at the visitor's own network.
SIGN_IN_HELPS = frozenset({401, 403})
NETWORK_ASKS = frozenset({407, 511})


@dataclass(frozen=True, slots=True)
class Links:
    """The links of one page. ``others`` leaves out the next step, but never the contact."""

    next_step: Link
    others: tuple[Link, ...]
    home: Link
    contact: Link | None
    status_page: Link | None
    sign_in: Link | None


def links(entry: Entry, wording: Wording, strings: Mapping[str, Markup]) -> Links:
    """The links of ``entry``. Raises InvalidInput for an address that a page cannot carry."""
    site = wording.site
    home = Link(strings["home"], _href(site, "home", site.home))
    contact = Link(strings["contact"], _contact(entry, site, site.contact)) if site.contact else None
    status = Link(strings["status_page"], _href(site, "status_page", site.status_page)) if site.status_page else None
    sign_in = Link(strings["sign_in"], _href(site, "sign_in", site.sign_in)) if site.sign_in else None
    again = Link(strings["try_again"], Markup(""))
    next_step = _next_step(entry, home, contact, status, sign_in, again)
    # Signing in can change what the website itself answers, and nothing about an answer that it did not give.
    offered = (contact, status, sign_in if entry.category == "client" else None, home)
    others = tuple(link for link in offered if link and (link is contact or link is not next_step))
    return Links(next_step, others, home, contact, status, sign_in)


def with_reference(link: Link, site: Site, reference: Markup) -> Link:
    """The contact of ``site`` with the reference in the subject of a mail."""
    return Link(link.label, link.href + Markup("%20") + reference) if takes_subject(site.contact) else link


def takes_subject(address: str | None) -> bool:
    """Whether a subject can be added to this address: that of a mail which says no more."""
    return address is not None and address.startswith("mailto:") and "?" not in address


def _next_step(
    entry: Entry, home: Link, contact: Link | None, status: Link | None, sign_in: Link | None, again: Link
) -> Link:
    """Who can act decides: a visitor signs in, tries again or starts anew; what passes is watched; the rest told."""
    if entry.code in SIGN_IN_HELPS and sign_in:
        return sign_in
    theirs = entry.who_acts in ("owner", "network")
    if entry.retryable is True:
        return (status if theirs else None) or again
    if entry.code in NETWORK_ASKS:
        return again
    if entry.who_acts == "visitor":
        return home
    if theirs and entry.retryable is None:
        return status or contact or home
    return contact or status or home


def _contact(entry: Entry, site: Site, address: str) -> Markup:
    """The site's contact. A mail address that says no more gets what happened as its subject."""
    href = _href(site, "contact", address)
    if not takes_subject(address):
        return href
    return href + "?subject=" + quote(one_line(f"{entry.code or ''} {entry.title}"))


def _href(site: Site, key: str, address: str) -> Markup:
    address = one_line(address)
    if not address.startswith(LINK_SCHEMES):
        raise InvalidInput(
            [Fault(f"errgen.toml: site.{site.name}.{key}", f"'{address}' is not a link that a page can carry")],
            hint="write an address that starts with " + ", ".join(LINK_SCHEMES),
        )
    return html_text(address)
