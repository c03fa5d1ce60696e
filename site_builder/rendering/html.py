"""What an HTML template sees. This is the reference for whoever writes a theme.

A theme is a folder ``templates/NAME`` with ``theme.yaml``; ``theme.py`` says what stands in that. Its ``page.html.j2``
is a Jinja template that begins with ``{% extends "document.html.j2" %}`` and fills in ``{% block body %}``. It has

``page``            a PageContext, below
``styles("FILE")``  a stylesheet of the theme without its comments and blanks, for ``<style>``
``colors()``        the site's own colours as a stylesheet, empty where it has none; ``document.html.j2`` writes it
``scripts("FILE")`` a script without its comments and indentation, for ``<script>``

and two parts that every theme can put in, each of which writes nothing where there is nothing to say:

``{% include "retry.html.j2" %}``      ``<p class="retry">``: when to try again
``{% include "reference.html.j2" %}``  ``<p class="reference">``: what names this one failure, and why to quote it

A theme that extends a page that ships, ``{% extends "plain/page.html.j2" %}``, changes one part of it in a block. Where
a theme has the part, its block has the same name everywhere:

``header``    the name of the site, its logo and tagline (``minimal`` has none)
``main``      everything between header and footer, with the five below in it
``headline``  what happened in one sentence, the code and the official name
``words``     what happened in more words, and when planned work takes place
``next``      the next step and when to try again
``advice``    what to do
``links``     where else one can go
``footer``    reference, links (in ``minimal`` they are in ``main``) and who speaks
``picture``   of the theme ``path`` alone
``icon``, ``styles``, ``alternates``, ``body``  are those of ``document.html.j2``

Where a site asks for the script, it adds buttons to them: ``<button type="button" class="copy">`` and ``class="stop"``,
each beside a ``<span role="status">``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Link:
    """Somewhere to go: what it is called, and where it leads (escaped for a quoted attribute).

    An empty ``href`` is this very address: a browser asks for it anew, with GET, also after a form was sent.
    """

    label: Markup
    href: Markup


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the way from the visitor to the website.

    ``state`` is in words, so that the picture needs neither colour nor shape to be understood; ``state_key`` says the
    same for a class. ``broken`` is true of the one part that is known to have failed.
    """

    name: Markup
    state: Markup
    state_key: Literal["works", "broken", "unknown"]
    broken: bool


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same page in another form, for ``<link rel="alternate">``: its media type and its address."""

    type: str
    href: Markup


@dataclass(frozen=True, slots=True)
class MaintenanceFacts:
    """What the site says of its planned work, each None where it says nothing.

    ``when`` is a sentence with ``<time>`` in it, ``still_works`` a text with inline elements.
    """

    when: Markup | None
    still_works: Markup | None


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a template sees, under the name ``page``. Texts are HTML already: write ``{{ page.headline }}``, no filter.

    ``key``             names the page everywhere: ``404``, ``1015``, ``5xx``, ``access_denied``, ``maintenance``
    ``lang``, ``dir``   for ``<html>``: a language tag, and ``ltr`` or ``rtl``
    ``document_title``  for ``<title>``: what happened, and the site's name
    ``site_name``       the name of the website; put it in ``<bdi>``
    ``tagline``         the site's line about itself, isolated from the direction of the page; None where it has none
    ``logo``            ``<svg class="logo" aria-hidden="true">`` or ``<img class="logo" alt="">``: the name of the site
                        still has to stand on the page. None where the site has none
    ``code``            the number, None for a page that stands for several; put it in ``<bdi>``
    ``code_label``      “Error 404” with the number isolated from the direction of the text; None as above
    ``title``           the official name of the error: “Not Found”
    ``headline``        what happened, for people: the page's one ``<h1>``
    ``detail``          what happened and who is responsible, with inline elements
    ``what_you_should_do``  what to do next, with inline elements
    ``retry_hint``      “You can try again in 2 minutes.”, None where trying again is no help
    ``retry_after``     the same in seconds, None where nobody knows
    ``next_step``       the Link to put first: what suits whoever can act
    ``links``           where else one can go: Links in an order that is the same on all pages; it can be empty.
                        The contact comes first wherever the site has one, also where it is the next step
    ``home``, ``contact``, ``status_page``, ``sign_in``  Links; None where the site has none, which home always is
    ``path``            three Steps from the visitor to the website; empty where no one part is known to have failed
    ``maintenance``     MaintenanceFacts on the page for planned work, None on every other
    ``ray_id``, ``client_ip``, ``region``  tokens for the edge to fill in; None where the edge cannot
    ``alternates``      Alternates, which ``document.html.j2`` writes; empty where they have no address
    ``script``          whether the site asked for a script, and this page has something for it to do
    ``footer``          who speaks
    ``strings``         all ``interface:`` strings of the language that need nothing but the site's name, by key
    """

    key: str
    lang: str
    dir: Literal["ltr", "rtl"]
    document_title: Markup
    site_name: Markup
    tagline: Markup | None
    logo: Markup | None
    code: int | None
    code_label: Markup | None
    title: Markup
    headline: Markup
    detail: Markup
    what_you_should_do: Markup
    retry_hint: Markup | None
    retry_after: int | None
    next_step: Link
    links: tuple[Link, ...]
    home: Link
    contact: Link | None
    status_page: Link | None
    sign_in: Link | None
    path: tuple[Step, ...]
    maintenance: MaintenanceFacts | None
    ray_id: Markup | None
    client_ip: Markup | None
    region: Markup | None
    alternates: tuple[Alternate, ...]
    script: bool
    footer: Markup
    strings: Mapping[str, Markup]
