"""Caddy 2.6 or later: one file of two snippets, for a site and for its reverse proxies, and the pages.

The site's snippet is a ``handle_errors`` block, which is run for every error that Caddy makes. An upstream's error is
an answer to Caddy like any other; the second snippet makes an error of it. The pages are read from a folder of their
own, so that they have no address in the website (caddyserver.com/docs/caddyfile/directives/handle_errors).

``map`` lines are tried in their order, and the first that matches decides. Regular expressions are RE2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal

from ..model import EXTENSIONS, MEDIA_TYPES, Compiled, Manifest, Scope
from ._accept_patterns import Family
from ._edge import Read
from ._scope_patterns import scope_pattern
from ._server_files import COMMON_HEADERS, PROFILE, Layout, lay_out
from ._server_options import ServerOptions

__all__ = ["PROFILE", "Options", "compile_files", "options_model"]

FILE: Final = "errgen.caddy"
LONGEST_HEADER: Final = 1000
"""In characters; a browser's Accept has fewer than 200. Caddy takes headers of a megabyte, on which the expressions,
though linear, would be at work for seconds."""
LONGEST_TARGET: Final = 8000
"""In characters: what a client asks for with its query, for the same reason. Other servers refuse longer ones."""
_DIFFERENCES: Final = (
    f"An Accept or Accept-Language header of more than {LONGEST_HEADER:,} characters counts as absent.",
    "What is no HTTP request at all is refused by Go's own server, with a line of plain text.",
    "An upstream's WWW-Authenticate and other headers are not kept where a page takes the place of its answer, only "
    "Retry-After is.",
)
_SCOPE_DIFFERENCES: Final = (f"A request for an address of more than {LONGEST_TARGET:,} characters is in no scope.",)
_NOTES: Final = (
    "A site can have one handle_errors block only before Caddy 2.8: write what else yours does to other codes.",
    "respond and redir make answers and no errors: write error /path 403 where a page is to be shown.",
)


class Options(ServerOptions):
    """``[[site.NAME.edge]]`` with ``kind = "caddy"``."""

    kind: Literal["caddy"]


def options_model() -> type[Options]:
    """The model of this edge's table."""
    return Options


def compile_files(manifest: Manifest, read: Read, options: Options) -> Compiled:
    """``errgen.caddy``, the pages, ``report.json``."""
    layout = lay_out(manifest, options, "caddy")
    files = layout.page_files(read)
    files[FILE] = "".join(f"{line}\n" for line in _file(layout, options.root)).encode()
    files["report.json"] = layout.report(
        differences=_DIFFERENCES + (_SCOPE_DIFFERENCES if layout.scopes else ()), notes=_NOTES
    )
    return Compiled(dict(sorted(files.items())), layout.findings)


def _file(layout: Layout, root: str) -> Iterator[str]:
    name = f"errgen-{layout.manifest.site}"
    yield from f"""\
# Error pages for Caddy 2.6 or later, made by errgen. The folder that this file is in belongs at {root}.
# In your Caddyfile, import this file before your sites, and its two snippets where they belong:
#     import {root}/{FILE}
#     example.com {{
#         import {name}
#         reverse_proxy localhost:8080 {{
#             import {name}-upstream
#         }}
#     }}

({name}) {{
	handle_errors {{""".splitlines()
    yield from _indented(2, _by_code(layout))
    yield '\t\t@errgen expression `{errgen_page} != ""`'
    yield "\t\troute @errgen {"
    yield from _indented(3, _negotiation(layout))
    yield from _indented(3, _answer(layout, root))
    yield from ("\t\t}", "\t}", "}", "")
    yield f"({name}-upstream) {{"
    codes = (str(code) for binding in layout.bindings for code in binding.each_code)
    yield f"\t@errgen status {' '.join(sorted(codes))}"
    yield "\thandle_response @errgen {"
    yield '\t\terror "from the upstream" {http.reverse_proxy.status_code}'
    yield from ("\t}", "}")


def _indented(depth: int, lines: Iterator[str]) -> Iterator[str]:
    return ("\t" * depth + line for line in lines)


def _by_code(layout: Layout) -> Iterator[str]:
    """Which page a code gets, after how many seconds to come again, the status; without a page it is left to others."""
    yield "map {err.status_code} {errgen_page} {errgen_wait} {errgen_status} {"
    for binding in layout.bindings:
        codes = "|".join(map(str, binding.each_code))
        wait = binding.retry_after or '""'
        yield f"\t`~^({codes})$` {binding.name} {wait} {binding.status or '${1}'}"
    yield '\tdefault "" "" ""'
    yield "}"


def _negotiation(layout: Layout) -> Iterator[str]:
    types: dict[str, str] = {format_: f'{EXTENSIONS[format_]} "{MEDIA_TYPES[format_]}"' for format_ in layout.formats}
    yield from _named(layout.accept, "errgen_range")
    yield from _scopes(layout.scopes, "errgen_range")
    yield from _chosen(layout.accept, "errgen_range", "{errgen_extension} {errgen_type}", types)
    if layout.accept_language:
        tags = {tag: tag for tag in layout.languages}
        yield from _named(layout.accept_language, "errgen_language_range")
        yield from _chosen(layout.accept_language, "errgen_language_range", "{errgen_language}", tags)


def _named(family: Family, captured: str) -> Iterator[str]:
    """What is named in the header, best quality first.

    A map is computed whenever its result is asked for, which vars has done once.
    """
    yield f"@{captured} expression `size({{header.{family.header}}}) <= {LONGEST_HEADER}`"
    yield f"map @{captured} {{header.{family.header}}} {{{captured}}} {{"
    yield from (f"\t`~(?i){step}` ${{1}}" for step in family.steps)
    yield '\tdefault ""'
    yield "}"
    yield f"vars {captured} {{{captured}}}"


def _scopes(scopes: Sequence[Scope], captured: str) -> Iterator[str]:
    """In a scope it is as if its media type were all that the client had named."""
    if scopes:
        yield f"@errgen_scope expression `size({{http.request.orig_uri}}) <= {LONGEST_TARGET}`"
        yield 'map @errgen_scope "{http.request.host} {http.request.orig_uri}" {errgen_scope} {'
        for scope in scopes:
            media_type = MEDIA_TYPES[scope.format].partition(";")[0]
            yield f"\t`~{scope_pattern(scope, atomic=False)}` {media_type}"
        yield f"\tdefault {{vars.{captured}}}"
        yield "}"
        yield f"vars @errgen_scope {captured} {{errgen_scope}}"


def _chosen(family: Family, captured: str, chosen: str, values: Mapping[str, str]) -> Iterator[str]:
    """What the name stands for."""
    yield f"map {{vars.{captured}}} {chosen} {{"
    yield from (f"\t`~(?i){pattern}` {values[value]}" for pattern, value in family.values)
    yield f"\tdefault {values[family.default]}"
    yield "}"


def _answer(layout: Layout, root: str) -> Iterator[str]:
    language = "{errgen_language}" if layout.accept_language else layout.languages[0]
    headers = {
        **COMMON_HEADERS,
        "Content-Language": language,
        "Content-Type": "{errgen_type}",
        "Vary": f'"{layout.vary}"',
    }
    yield from """\
map {http.reverse_proxy.header.Retry-After} {errgen_retry_after} {
	`~^(.+)$` ${1}
	default {errgen_wait}
}
@errgen_again expression `{errgen_retry_after} != ""`
header @errgen_again Retry-After {errgen_retry_after}
header {""".splitlines()
    yield from (f"\t{header} {value}" for header, value in sorted(headers.items()))
    # They are the file's, and the answer is to another request.
    yield from (f"\t-{header}" for header in ("Accept-Ranges", "Etag", "Last-Modified"))
    yield from f"""\
	defer
}}
request_header -Range
request_header -If-*
@errgen_not_get not method GET HEAD
method @errgen_not_get GET
rewrite * /{language}/{{errgen_page}}.{{errgen_extension}}
file_server {{
	root {root}/pages
	status {{errgen_status}}
}}""".splitlines()
