"""Planned work: when it takes place and what works meanwhile, as the site says it."""

from __future__ import annotations

import re
from datetime import datetime

from markupsafe import Markup

from .. import languages
from ..model import MAINTENANCE, Entry, Finding, Site
from . import prose
from .brand import not_in_language
from .html import MaintenanceFacts
from .tokens import html_text
from .wording import Wording


def html_facts(entry: Entry, wording: Wording) -> MaintenanceFacts | None:
    """What the page for planned work shows; None for every other page."""
    if entry.key != MAINTENANCE:
        return None
    key = _sentence(wording)
    facts = wording.site.maintenance
    when = None
    if key:
        moments = {"start": facts.start, "end": facts.end}
        values = {name: _time(moment, wording) for name, moment in moments.items() if moment}
        when = _with_particles(wording.html(key, **values))
    works = _still_works(wording)
    return MaintenanceFacts(when, prose.to_html(works) if works else None)


_TIME = re.compile(r"(\w*)(<time [^>]*><bdi>)([^<]*)(</bdi></time>)(\w*)")


def _with_particles(sentence: Markup) -> Markup:
    """What stands at a time without a space, as in ``{start}から``, is put into its ``<bdi>``: browsers break a line at
    the end of one even where ``word-break: keep-all`` holds, and never between two times without a ``<wbr>``.
    """
    joined = _TIME.sub(r"\2\1\3\5\4", str(sentence)).replace("</time><time", "</time><wbr><time")
    return Markup(joined)  # noqa: S704 - the same pieces in another order


def sentences(entry: Entry, wording: Wording) -> list[tuple[str, str]]:
    """The same for formats that are not HTML: the key of each heading, and one line of inline Markdown."""
    if entry.key != MAINTENANCE:
        return []
    facts = wording.site.maintenance
    said = []
    if key := _sentence(wording):
        moments = {"start": facts.start, "end": facts.end}
        words = {name: _in_words(moment, wording) for name, moment in moments.items() if moment}
        said.append(("maintenance_when", prose.escape(wording.text(key, **words))))
    if works := _still_works(wording):
        said.append(("still_works", prose.to_source(works)))
    return said


def absent_texts(site: Site) -> list[Finding]:
    """A finding where some languages of the site do not say what still works."""
    return not_in_language(site, "maintenance.still_works", site.maintenance.still_works)


def _sentence(wording: Wording) -> str | None:
    """The string that suits what is known: between, from, until; None where no time is."""
    facts = wording.site.maintenance
    known = (facts.start is not None, facts.end is not None)
    return {
        (True, True): "maintenance_between",
        (True, False): "maintenance_from",
        (False, True): "maintenance_until",
    }.get(known)


def _still_works(wording: Wording) -> str | None:
    return wording.site.maintenance.still_works.get(wording.language.site_tag)


def _in_words(moment: datetime, wording: Wording) -> str:
    return languages.moment(moment, wording.language.tag, wording.site.maintenance.time_zone)


def _time(moment: datetime, wording: Wording) -> Markup:
    """A time for people, isolated from the direction of the sentence, and for programs."""
    written = moment.isoformat(timespec="minutes")
    return Markup('<time datetime="{}"><bdi>{}</bdi></time>').format(written, html_text(_in_words(moment, wording)))
