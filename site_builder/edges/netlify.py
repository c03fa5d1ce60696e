"""Netlify: a whole publish folder with every static page, its headers, and the 404 that Netlify serves by itself.

The layout is ``404.html`` for the site's default language, every page at ``errors/LANGUAGE/KEY.EXT``, and a small
``index.html`` that lists them. Netlify looks at no Accept header and has no pages for failures of its own, so that all
but 404 is there to be linked to, or to be fetched by another edge. In a scope that the beginning of a path tells, a
rewrite gives the 404 in the scope's format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Literal

from ..languages import fallback_chain
from ..manifest import first_match, page_key, scope_content
from ..model import EXTENSIONS, MAINTENANCE, Compiled, File, Finding, Format, Manifest, Scope
from ..validation import Table
from ._edge import Read, pages_of

PROFILE = "static"
CACHE_CONTROL = "public, max-age=300"
"""Errors change seldom, and a corrected page has to arrive soon."""

STANDARD_HEADERS: Mapping[str, str] = {
    "Cache-Control": CACHE_CONTROL,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Options(Table):
    """``[[site.NAME.edge]]`` with ``kind = "netlify"``. Where to publish is the host's to say."""

    kind: Literal["netlify"]


def options_model() -> type[Options]:
    """The model of this edge's table."""
    return Options


def compile_files(manifest: Manifest, read: Read, options: Options) -> Compiled:  # noqa: ARG001  # the common interface
    """The publish folder; ``report.json`` is in it and hidden from visitors by a redirect."""
    pages = pages_of(manifest, PROFILE)
    default = manifest.languages[0]
    files = {f"errors/{page}": read(file.path) for page, file in pages.items()}
    not_found = _not_found_page(manifest, default, "html", pages)
    findings = [_not_served(scope) for scope in manifest.scopes if not _is_served(scope)]
    if not_found is None:
        message = f"there is no page for 404 in {default}, so Netlify serves its own"
        findings.append(Finding("netlify-no-404", "error", message, hint="give the catalog a page for 404 or for 4xx"))
    else:
        files["404.html"] = read(pages[not_found].path)
    files["_headers"] = _headers(pages, default).encode()
    files["_redirects"] = _redirects(manifest, pages, served=not_found is not None).encode()
    files["index.html"] = _index(manifest, pages).encode()
    files["report.json"] = _json(_report(manifest, pages, not_found))
    return Compiled(dict(sorted(files.items())), tuple(findings))


def _not_found_page(manifest: Manifest, language: str, format_: Format, pages: Mapping[str, File]) -> str | None:
    rule = first_match(manifest, 404, format_, language)
    return rule.page if rule and rule.page in pages else None


def _is_served(scope: Scope) -> bool:
    """Whether ``_redirects`` can tell a scope's requests: by whole paths, or by what comes before a final asterisk."""
    return not scope.hosts and all("*" not in path[:-1] for path in scope.paths)


def _not_served(scope: Scope) -> Finding:
    message = f"Netlify cannot tell what is in the scope of {scope}, so that it does not count there"
    hint = 'name no hosts, and paths with one asterisk at their end only: paths = ["/api/*"]'
    return Finding("netlify-scopes", "warning", message, hint=hint)


def _headers(pages: Mapping[str, File], default: str) -> str:
    """``_headers``. No header stands in two sections that fit one path, because Netlify would join the two values.

    Types are set name by name, for all languages at once: an asterisk before ``.json`` would fit ``.problem.json`` too.
    """
    sections: list[tuple[str, Mapping[str, str]]] = [
        ("/*", STANDARD_HEADERS),
        ("/404.html", {"Content-Language": default}),
    ]
    languages = sorted({file.language for file in pages.values()})
    sections += [(f"/errors/{language}/*", {"Content-Language": language}) for language in languages]
    types = {page.partition("/")[2]: file.media_type for page, file in pages.items()}
    sections += [(f"/errors/:language/{name}", {"Content-Type": type_}) for name, type_ in sorted(types.items())]
    lines = []
    for path, headers in sections:
        lines.append(path)
        lines += [f"  {name}: {value}" for name, value in sorted(headers.items())]
    return "\n".join(lines) + "\n"


def _redirects(manifest: Manifest, pages: Mapping[str, File], *, served: bool) -> str:
    """``_redirects``, first match first.

    A file is answered with 200 under its own name, 404.html too. A forced rule to itself would be passed over, which is
    why each of its two names is rewritten to the other (answers.netlify.com, topic 21154).
    """
    lines = []
    if served:
        lines += ["/404.html /404 404!", "/404 /404.html 404!", "/report.json /404.html 404!"]
    some = [(language, f" Language={','.join(tags)}") for language, tags in _language_conditions(manifest.languages)]
    everybody = [*some, (manifest.languages[0], "")]
    scoped = ((path, scope.format) for scope in manifest.scopes if _is_served(scope) for path in scope.paths)
    rewritten: list[tuple[str, Format, list[tuple[str, str]]]] = [(*one, everybody) for one in scoped]
    for path, format_, visitors in [*rewritten, ("/*", "html", some)]:
        for language, condition in visitors:
            page = _not_found_page(manifest, language, format_, pages)
            if page:
                lines.append(f"{path} /errors/{page} 404{condition}")
    return "".join(f"{line}\n" for line in lines)


def _language_conditions(offered: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The language of a page, and the visitors' tags that lead to it, first match first. No match is the default.

    Netlify compares a tag with the visitor's whole first one, and with the language in front of that: ``zh`` fits
    ``zh-TW`` but ``zh-Hant`` does not fit ``zh-Hant-TW``. So every tag of CLDR whose fallback chain ends elsewhere than
    that of its language is written out, and languages come after.
    """
    if len(offered) == 1:
        return
    from babel.core import get_global
    from babel.localedata import locale_identifiers

    parents = get_global("parent_exceptions")
    known = (*offered, *locale_identifiers(), *get_global("likely_subtags"), *parents)
    tags = {tag.replace("_", "-") for tag in known}
    heads = {tag.partition("-")[0].lower() for tag in offered} | {tag for tag in parents if "_" not in tag}
    chains = {head: chain for head in sorted(heads) if (chain := fallback_chain(head, offered))}
    strays: dict[str, list[str]] = {}
    for tag in sorted(tags):
        usual = chains.get(tag.partition("-")[0].lower())
        if usual and (own := fallback_chain(tag, offered))[0] != usual[0]:
            strays.setdefault(own[0], []).append(tag)
    yield from ((language, strays[language]) for language in offered if language in strays)
    for language in offered[1:]:
        if found := [head for head, chain in chains.items() if chain[0] == language]:
            yield language, found


def _report(manifest: Manifest, pages: Mapping[str, File], not_found: str | None) -> dict[str, Any]:
    automatic: dict[str, Any] = {}
    if not_found:
        by_language = {language: _not_found_page(manifest, language, "html", pages) for language in manifest.languages}
        automatic["404"] = {language: f"errors/{page}" for language, page in by_language.items() if page}
    scopes = [scope for scope in manifest.scopes if _is_served(scope)]
    return {
        "edge": "netlify",
        "site": manifest.site,
        "release": manifest.release,
        "languages": list(manifest.languages),
        "automatic": automatic,
        **({"scopes": [scope_content(scope) for scope in scopes]} if scopes else {}),
        "by_address": [f"errors/{page}" for page in sorted(pages)],
        "notes": [
            "Netlify shows a page of the site for 404 only; pages for its own failures cannot be set.",
            "A page asked for by its own address is answered with status 200, whatever its code is.",
            "Netlify does not look at Accept: every client gets the HTML page for a 404"
            + (", but in a scope that of the scope's format." if scopes else "."),
            *([_ALSO_THE_FOLDER] if scopes else []),
            *_languages(manifest),
            *_planned_work(manifest, pages),
        ],
    }


def _languages(manifest: Manifest) -> list[str]:
    if len(manifest.languages) == 1:
        return []
    return ["Netlify looks at the first language of Accept-Language only, whatever its quality value is."]


_ALSO_THE_FOLDER = "A slash at the end of a path counts for nothing at Netlify: a scope of /api/* is one of /api, too."


def _planned_work(manifest: Manifest, pages: Mapping[str, File]) -> list[str]:
    page = f"{manifest.languages[0]}/{MAINTENANCE}.html"
    if page not in pages:
        return []
    return [f"Planned work cannot be announced at Netlify; its page is there to be linked to, as errors/{page}."]


def _index(manifest: Manifest, pages: Mapping[str, File]) -> str:
    """A list of what is there, so that the root of the site is no 404 itself."""
    rows = "\n".join(_index_rows(manifest, pages))
    names = ("Error", "Language", *_formats(pages))
    columns = "".join(f'<th scope="col">{name}</th>' for name in names)
    title = f"Error pages of {escape(manifest.site)}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font-family: system-ui, sans-serif; }}
body {{ margin: 2rem; }}
td, th {{ padding: .25rem .75rem .25rem 0; text-align: start; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>Release {manifest.release[:12]}, theme {escape(manifest.theme)}.</p>
<table>
<thead><tr>{columns}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def _formats(pages: Mapping[str, File]) -> list[Format]:
    """The formats that the site has, in the order of their columns."""
    made = {file.format for file in pages.values()}
    return [wanted for wanted in EXTENSIONS if wanted in made]


def _index_rows(manifest: Manifest, pages: Mapping[str, File]) -> Iterator[str]:
    by_row: dict[tuple[int, int, str], dict[Format, str]] = {}
    for page, file in pages.items():
        language, key = page_key(page)
        place = (manifest.languages.index(language), file.code or 10_000, key)
        by_row.setdefault(place, {})[file.format] = page
    for (language_index, _, key), formats in sorted(by_row.items(), key=lambda row: row[0]):
        tag = escape(manifest.languages[language_index])
        links = "".join(
            f'<td><a href="errors/{escape(formats[wanted])}">{EXTENSIONS[wanted]}</a></td>'
            if wanted in formats
            else "<td></td>"
            for wanted in _formats(pages)
        )
        yield f'<tr><th scope="row">{escape(key)}</th><td>{tag}</td>{links}</tr>'


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
