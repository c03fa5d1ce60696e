"""``output/SITE/index.html``: what was built, as one static page of links. No script, no request but the links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ..model import EXTENSIONS, Entry, File, Manifest, Site, codes_text

STYLE = """
:root { color-scheme: light dark; --line: #d5d9e0; --soft: #5b6472; --link: #0b57d0; }
@media (prefers-color-scheme: dark) { :root { --line: #3a414d; --soft: #a7b0be; --link: #8ab4f8; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 72rem; }
h1 { font-size: 1.75rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
p { margin: 0 0 .5rem; color: var(--soft); }
a { color: var(--link); padding: .2rem .1rem; } a:focus-visible { outline: 3px solid; outline-offset: 2px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: .45rem .75rem .45rem 0; }
th, td { border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; } td small { color: var(--soft); display: block; }
tbody th { font-variant-numeric: tabular-nums; white-space: nowrap; }
""".strip()


def render_index(manifest: Manifest, entries: Sequence[Entry], site: Site) -> bytes:
    """The page, for the manifest's files; ``entries`` are the site's entries and families in its default language."""
    by_key: dict[tuple[str, str], list[File]] = {}
    for file in manifest.files:
        by_key.setdefault((file.key, file.profile), []).append(file)
    profiles = sorted({file.profile for file in manifest.files})
    codes = sorted((entry for entry in entries if entry.code is not None), key=lambda entry: entry.code or 0)
    families = sorted((entry for entry in entries if entry.code is None), key=lambda entry: entry.codes)
    sections = [_section("Families", families, profiles, by_key), _section("Codes", codes, profiles, by_key)]
    title = f"Error pages of {escape(site.title)}"
    count = len(manifest.files)
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{title}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n"
        f"<p>{count} pages, theme {escape(manifest.theme)}, in {escape(', '.join(manifest.languages))}. "
        f"Release {escape(manifest.release[:12])}.</p>\n" + "".join(sections) + "</main>\n</body>\n</html>\n"
    ).encode()


def _section(
    title: str, entries: Iterable[Entry], profiles: Sequence[str], files: dict[tuple[str, str], list[File]]
) -> str:
    head = "".join(f'<th scope="col">{escape(profile)}</th>' for profile in profiles)
    rows = "".join(_row(entry, profiles, files) for entry in entries)
    return (
        f'<h2>{title}</h2>\n<div class="scroll" role="region" aria-label="{title}" tabindex="0">\n<table>\n'
        f'<thead><tr><th scope="col">Error</th><th scope="col">What it says</th>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def _row(entry: Entry, profiles: Sequence[str], files: dict[tuple[str, str], list[File]]) -> str:
    cells = "".join(f"<td>{_links(files.get((entry.key, profile), []))}</td>" for profile in profiles)
    about = codes_text(entry.codes) if entry.code is None else entry.title
    return (
        f'<tr><th scope="row">{escape(entry.key)}</th>'
        f"<td>{escape(entry.headline)}<small>{escape(about)}</small></td>{cells}</tr>\n"
    )


def _links(files: Iterable[File]) -> str:
    order = list(EXTENSIONS)
    links = []
    for file in sorted(files, key=lambda file: (file.language, order.index(file.format))):
        label = f"{EXTENSIONS[file.format]} of {file.key} in {file.language}, {file.profile}"
        links.append(f'<a href="{escape(file.path)}" aria-label="{escape(label)}">{EXTENSIONS[file.format]}</a>')
    return " ".join(links)
