"""nginx: include files for ``http`` and for ``server``, and the pages. Needs nginx 1.13.10 or later, and no module.

Every code has an ``error_page`` line whose address holds the language and the extension, which ``map`` blocks make of
Accept-Language and Accept. The pages are behind an ``internal`` location, so that nobody can ask for one by its
address (nginx.org/en/docs/http/ngx_http_core_module.html, error_page and internal).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from ..model import EXTENSIONS, MEDIA_TYPES, Codes, Compiled, Format, Manifest
from ._accept_patterns import Family
from ._edge import Read
from ._scope_patterns import scope_pattern
from ._server_files import COMMON_HEADERS, PROFILE, Binding, Layout, groups_by, lay_out
from ._server_options import ServerOptions

__all__ = ["PROFILE", "Options", "compile_files", "options_model"]

HTTP_FILE: Final = "http.conf"
SERVER_FILE: Final = "server.conf"
CODES_FILE: Final = "error_pages.conf"
BAD_REQUESTS: Final[Codes] = ((494, 497),)
"""What nginx calls four kinds of a bad request inside. Its documentation has them answered with 400."""
REFUSED: Final = ((BAD_REQUESTS, "nginx uses it for a bad request of some kind, which the page of 400 answers"),)

# nginx tells types apart by what stands behind the last dot, so that .problem.json would be .json.
_EXTENSIONS: Final[Mapping[Format, str]] = {**EXTENSIONS, "problem": "problem"}
_DIFFERENCES: Final = (
    "Before nginx 1.23 only the first line of an Accept or Accept-Language header counts that comes in several.",
)
_SCOPE_DIFFERENCES: Final = (
    "In scopes, a request that names no host, as in HTTP/1.0, is for the server's first name.",
)
_NOTES: Final = (
    "A location with an error_page line of its own has no other: include error_pages.conf there, too.",
    "Answers of an upstream give way to pages; a location keeps them with proxy_intercept_errors off;",
    "A return in server itself fires again when the page is fetched: write it in a location.",
    "The headers that add_header sets in server are not on these pages: nginx does not inherit them.",
)


class Options(ServerOptions):
    """``[[site.NAME.edge]]`` with ``kind = "nginx"``."""

    kind: Literal["nginx"]


def options_model() -> type[Options]:
    """The model of this edge's table."""
    return Options


def compile_files(manifest: Manifest, read: Read, options: Options) -> Compiled:
    """The include files, the pages and ``report.json``."""
    layout = lay_out(manifest, options, "nginx", REFUSED)
    files = layout.page_files(read, _EXTENSIONS)
    files[HTTP_FILE] = _text(_http(layout, options.root))
    files[SERVER_FILE] = _text(_server(layout, options.root))
    files[CODES_FILE] = _text(_error_pages(layout))
    files["report.json"] = layout.report(
        differences=_DIFFERENCES + (_SCOPE_DIFFERENCES if layout.scopes else ()), notes=_NOTES
    )
    return Compiled(dict(sorted(files.items())), layout.findings)


def _text(lines: Iterator[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _http(layout: Layout, root: str) -> Iterator[str]:
    """The maps. Variables bear the site's name, so that several sites can be served by one nginx."""
    name = _variable(layout)
    yield f"# How nginx chooses the error pages of {layout.manifest.site}, made by errgen. It belongs into http, once:"
    yield "#"
    yield "#     http {"
    yield f"#         include {root}/{HTTP_FILE};"
    yield "#     }"
    values: dict[str, str] = {format_: _EXTENSIONS[format_] for format_ in layout.formats}
    accepted = f"{name}_accepted" if layout.scopes else f"{name}_extension"
    yield from _family(layout.accept, "$http_accept", f"{name}_type", accepted, values)
    if layout.scopes:
        yield "# The first scope that the request is in decides, and Accept where it is in none."
        yield f'map "$host $request_uri" {name}_extension {{'
        yield f"    default {accepted};"
        for scope in layout.scopes:
            yield f'    "~{scope_pattern(scope)}" {values[scope.format]};'
        yield "}"
    if layout.accept_language:
        tags = {tag: tag for tag in layout.languages}
        family = layout.accept_language
        yield from _family(family, "$http_accept_language", f"{name}_range", f"{name}_language", tags)
    yield "# Retry-After, in seconds, by the page that is sent; what an upstream has said counts before."
    yield f"map $uri {name}_wait {{"
    yield '    default "";'
    for seconds, bindings in groups_by(layout.bindings, lambda binding: binding.retry_after).items():
        names = "|".join(re.escape(binding.name) for binding in bindings)
        yield f'    "~/(?:{names})\\.[a-z]+$" {seconds};'
    yield "}"
    yield f"map $upstream_http_retry_after {name}_retry_after {{"
    yield "    default $upstream_http_retry_after;"
    yield f'    "" {name}_wait;'
    yield "}"


def _family(family: Family, header: str, captured: str, chosen: str, values: Mapping[str, str]) -> Iterator[str]:
    yield f"# {family.header}: the best quality first, and of equals the first listed."
    yield f"map {header} {captured} {{"
    yield '    default "";'
    for step in family.steps:
        yield f'    "~*{step}" $1;'
    yield "}"
    yield f"map {captured} {chosen} {{"
    yield f"    default {values[family.default]};"
    for expression, value in family.values:
        yield f'    "~*{expression}" {values[value]};'
    yield "}"


def _server(layout: Layout, root: str) -> Iterator[str]:
    yield f"# The error pages of {layout.manifest.site}, made by errgen. It belongs into each server of the website:"
    yield "#"
    yield "#     server {"
    yield "#         server_name www.example.com;"
    yield f"#         include {root}/{SERVER_FILE};"
    yield "#     }"
    yield f"include {root}/{CODES_FILE};"
    yield "# Errors of what is behind nginx count like its own."
    for protocol in ("proxy", "fastcgi", "uwsgi", "scgi", "grpc"):
        yield f"{protocol}_intercept_errors on;"
    yield f"location ^~ {_folder(layout)}/ {{"
    yield f"    alias {root}/pages/;"
    yield "    # Whoever asks for a page by its address gets a 404."
    yield "    internal;"
    yield "    # What keeps people from the website does not keep them from reading why."
    yield "    allow all;"
    yield "    auth_basic off;"
    yield "    # The answer is that of another request, not of this file."
    yield "    etag off;"
    yield "    if_modified_since off;"
    yield "    max_ranges 0;"
    yield "    charset utf-8;"
    types = {format_: MEDIA_TYPES[format_].partition(";")[0] for format_ in layout.formats}
    yield f"    charset_types {' '.join(sorted(set(types.values()) - {'text/html'}))};"
    yield "    types {"
    for format_, media_type in types.items():
        yield f"        {media_type} {_EXTENSIONS[format_]};"
    yield "    }"
    headers = {
        **COMMON_HEADERS,
        "Content-Language": f"{_variable(layout)}_language" if layout.accept_language else layout.languages[0],
        "Retry-After": f"{_variable(layout)}_retry_after",
        "Vary": f'"{layout.vary}"',
    }
    for header, value in sorted(headers.items()):
        yield f"    add_header {header} {value} always;"
    yield "}"


def _error_pages(layout: Layout) -> Iterator[str]:
    yield f"# Which code gets which page of {layout.manifest.site}, made by errgen. server.conf includes it, and so"
    yield "# should every location that has an error_page line of its own."
    for binding in layout.bindings:
        codes = " ".join(map(str, binding.each_code))
        status = f" ={binding.status}" if binding.status else ""
        yield f"error_page {codes}{status} {_address(layout, binding)};"
        if 400 in binding.each_code and not binding.status:
            kinds = " ".join(str(code) for low, high in BAD_REQUESTS for code in range(low, high + 1))
            yield f"error_page {kinds} =400 {_address(layout, binding)};"


def _address(layout: Layout, binding: Binding) -> str:
    language = f"{_variable(layout)}_language" if layout.accept_language else layout.languages[0]
    return f"{_folder(layout)}/{language}/{binding.name}.{_variable(layout)}_extension"


def _folder(layout: Layout) -> str:
    """Where the pages are for nginx itself. No website has such a path."""
    return f"/.errgen/{layout.manifest.site}"


def _variable(layout: Layout) -> str:
    return f"$errgen_{layout.manifest.site}"
