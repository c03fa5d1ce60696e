"""The words of the interface: strings of ``interface:`` in languages/TAG.yaml with their placeholders filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup

from .. import languages
from ..errors import Fault, InvalidInput
from ..model import Entry, Language, Site
from .text import one_line
from .tokens import html_text

PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "document_title": frozenset({"headline", "site"}),
    "problem_title": frozenset({"code", "title"}),
    "code_label": frozenset({"code"}),
    "what_you_can_do": frozenset(),
    "retry_in": frozenset({"duration"}),
    "retry_soon": frozenset(),
    "home": frozenset({"site"}),
    "status_page": frozenset(),
    "contact": frozenset({"site"}),
    "sign_in": frozenset(),
    "try_again": frozenset(),
    "reference": frozenset(),
    "reference_hint": frozenset(),
    "path": frozenset(),
    "path_you": frozenset(),
    "path_network": frozenset(),
    "path_site": frozenset({"site"}),
    "path_works": frozenset(),
    "path_broken": frozenset(),
    "path_unknown": frozenset(),
    "copy": frozenset(),
    "copied": frozenset(),
    "auto_retry": frozenset(),
    "auto_retry_stop": frozenset(),
    "auto_retry_stopped": frozenset(),
    "maintenance_when": frozenset(),
    "maintenance_between": frozenset({"start", "end"}),
    "maintenance_from": frozenset({"start"}),
    "maintenance_until": frozenset({"end"}),
    "still_works": frozenset(),
    "markdown_what_happened": frozenset(),
    "markdown_what_you_should_do": frozenset(),
    "footer_cloudflare": frozenset(),
    "footer_site": frozenset({"site"}),
}
"""Every string that pages are made of, with the placeholders it may use. A project's theme may add its own strings."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Wording:
    """The strings of one language for one site. Raises InvalidInput where one is missing or cannot be filled in."""

    def __init__(self, language: Language, site: Site) -> None:
        self.language = language
        self.site = site
        self._site_text = one_line(site.title)
        self._site_html = Markup("<bdi>{}</bdi>").format(html_text(self._site_text))
        faults = [
            Fault(where(language, key), f"is missing; pages need this string{_listed(allowed)}")
            for key, allowed in PLACEHOLDERS.items()
            if not language.strings.get(key)
        ]
        for key, text in language.strings.items():
            allowed = PLACEHOLDERS.get(key, frozenset({"site"}))
            unknown = [name for name in _PLACEHOLDER.findall(text) if name not in allowed]
            faults += [
                Fault(where(language, key), f"{{{name}}} cannot be filled in{_listed(allowed)}") for name in unknown
            ]
        if faults:
            raise InvalidInput(faults, hint=f"correct catalog/languages/{language.tag}.yaml")

    def text(self, key: str, **values: object) -> str:
        """A string as plain text, on one line."""
        filled = {"site": self._site_text, **values}
        return _PLACEHOLDER.sub(lambda found: str(filled[found[1]]), one_line(self.language.strings[key]))

    def html(self, key: str, **values: Markup) -> Markup:
        """A string as HTML; what is filled in is HTML already, and the site's name is isolated from its direction."""
        filled = {"site": self._site_html, **values}
        pieces = _PLACEHOLDER.split(one_line(self.language.strings[key]))
        return Markup("").join(filled[piece] if index % 2 else html_text(piece) for index, piece in enumerate(pieces))

    def retry_hint(self, entry: Entry) -> str | None:
        """When to try again, as plain text; None where that is no help."""
        if entry.retryable is not True:
            return None
        if entry.retry_after is None:
            return self.text("retry_soon")
        return self.text("retry_in", duration=languages.duration(entry.retry_after, self.language.tag))

    def own_strings(self) -> Mapping[str, Markup]:
        """The strings that need nothing but the site's name, as HTML: what a theme can use under ``page.strings``."""
        return {key: self.html(key) for key in self.language.strings if PLACEHOLDERS.get(key, frozenset()) <= {"site"}}


def where(language: Language, key: str) -> str:
    """Where a user finds a string: ``catalog/languages/en.yaml: interface.home``."""
    return f"catalog/languages/{language.tag}.yaml: interface.{key}"


def _listed(placeholders: frozenset[str]) -> str:
    if not placeholders:
        return " (it has no placeholders)"
    return f" (it may use {', '.join(f'{{{name}}}' for name in sorted(placeholders))})"
