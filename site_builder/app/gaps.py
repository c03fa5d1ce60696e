"""What a site's languages lack: where no page can be made without it, and what stands in for it otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..catalog.completeness import is_wanted
from ..errors import Fault, InvalidInput
from ..model import Finding

if TYPE_CHECKING:
    from ..catalog import Catalog
    from ..model import Entry
    from ..settings import SiteSettings

Texts = Mapping[str, Mapping[str, "Entry"]]
"""By language and key what its pages say."""


def check_languages(site: SiteSettings, catalog: Catalog) -> None:
    """Raise InvalidInput for languages that there are not, nor one that could stand in for them."""
    faults = [
        Fault(
            f"{site.where}.languages[{index}]",
            f"there is no language '{tag}' in the catalog, nor one that could stand in for it; there are: "
            f"{', '.join(catalog.available)}",
        )
        for index, tag in enumerate(site.site.languages)
        if catalog.resolve(tag) is None
    ]
    if faults:
        raise InvalidInput(faults, hint="add catalog/languages/TAG.yaml to the project, or remove the language")


def check_default_language(site: SiteSettings, catalog: Catalog, texts: Texts) -> None:
    """Raise InvalidInput where the default language lacks a string of the interface or a family."""
    default = site.site.languages[0]
    where = f"{site.where}.languages[0]"
    faults = []
    if lacking := _lacking_strings(catalog, default):
        faults.append(
            Fault(
                where,
                f"{_file(catalog, default)} lacks {_strings(len(lacking))} of the interface, without which there are "
                f"no pages in the default language, {default}: {', '.join(lacking)}",
            )
        )
    absent = [family.key for family in catalog.families if family.key not in texts[default]]
    if absent:
        faults.append(
            Fault(
                where,
                f"the default language, {default}, has no texts for the families {', '.join(absent)}, and every "
                "error without a page of its own is answered by one",
            )
        )
    if faults:
        raise InvalidInput(faults, hint=f"translate them in {_file(catalog, default)}, or put another language first")


def with_pages(site: SiteSettings, catalog: Catalog, texts: Texts) -> tuple[str, ...]:
    """The languages of the site that pages are made in: those that have every string of the interface, and texts.

    A page is in one language as a whole, so what is missing of the interface is not filled in from another.
    """
    return tuple(tag for tag in site.site.languages if texts[tag] and not _lacking_strings(catalog, tag))


def hidden_scopes(site: SiteSettings) -> Iterator[Finding]:
    """Scopes that no request is in, because each that could be is in one before."""
    scopes = site.site.scopes
    for index, scope in enumerate(scopes):
        places = [(host, path) for host in scope.hosts or ("",) for path in scope.paths or ("",)]
        # A pattern that is within another one fits it as text, too.
        if all(any(one.contains(host, path) for one in scopes[:index]) for host, path in places):
            yield Finding(
                id="scope-hidden",
                severity="warning",
                message=f"no request is in the scope of {scope}: each is in one before it, and the first decides",
                where=f"{site.where}.scope[{index}]",
                hint="write the narrower scope first",
            )


def findings(site: SiteSettings, catalog: Catalog, texts: Texts) -> Iterator[Finding]:
    """What there is to say of languages without pages, of entries without texts, and of what stands in for both."""
    default = site.site.languages[0]
    complete = [tag for tag in site.site.languages if not _lacking_strings(catalog, tag)]
    if stand_ins := [
        f"{tag} in the words of {catalog.resolve(tag)}" for tag in complete if catalog.resolve(tag) != tag
    ]:
        yield Finding(
            id="language-stands-in",
            severity="info",
            message=f"these languages have no texts of their own; their pages are: {', '.join(stand_ins)}",
            where=f"{site.where}.languages",
            hint="write what differs in catalog/languages/TAG.yaml",
        )
    own_codes: dict[int, list[str]] = {}
    for index, tag in enumerate(site.site.languages):
        where = f"{site.where}.languages[{index}]"
        if lacking := _lacking_strings(catalog, tag):
            yield Finding(
                id="interface-incomplete",
                severity="warning",
                message=f"no pages are made in {tag}, and its visitors get them in {default}: {_file(catalog, tag)} "
                f"lacks {_strings(len(lacking))} of the interface: {_some(lacking)}",
                where=where,
                hint=f"translate the interface; what is missing is listed by: errgen translate {catalog.resolve(tag)}",
            )
            continue
        absent = [entry for entry in catalog.entries if entry.key not in texts[tag]]
        if wanted := [entry.key for entry in absent if is_wanted(entry)]:
            yield Finding(
                id="untranslated",
                severity="warning",
                message=f"{_entries(len(wanted))} no texts in {tag}; there the answer is a family's, or in {default} "
                f"where a family has none either: {_some(wanted)}",
                where=where,
                hint=f"translate them in {_file(catalog, tag)}",
            )
        if len(absent) > len(wanted):
            own_codes.setdefault(len(absent) - len(wanted), []).append(tag)
    if own_codes:
        counts = "; ".join(f"{count} in {', '.join(tags)}" for count, tags in own_codes.items())
        yield Finding(
            id="untranslated",
            severity="info",
            message=f"Cloudflare’s own codes are answered by families: {counts}",
            where=f"{site.where}.languages",
            hint=None,
        )


def _lacking_strings(catalog: Catalog, tag: str) -> Sequence[str]:
    """The strings of the interface that neither the language nor what stands in for it has."""
    return catalog.borrowed.get(catalog.resolve(tag) or tag, ())


def _file(catalog: Catalog, tag: str) -> str:
    return f"catalog/languages/{catalog.resolve(tag)}.yaml"


def _strings(number: int) -> str:
    return f"{number} string" if number == 1 else f"{number} strings"


def _entries(number: int) -> str:
    return f"{number} entry has" if number == 1 else f"{number} entries have"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
