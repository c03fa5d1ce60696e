"""Apache httpd: one include file for a virtual host, and the pages. Needs 2.4.47 or later.

Every code has an ``ErrorDocument`` whose address is an expression over two variables, which SetEnvIf makes of Accept
and Accept-Language: of its lines the last one that matches counts, so that the best come last. mod_negotiation is not
used: it settles ties by itself, and gives Apache's own page to clients that accept nothing of what there is
(httpd.apache.org/docs/2.4/mod/core.html#errordocument, mod_setenvif, mod_proxy#proxyerroroverride).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from ..model import EXTENSIONS, MEDIA_TYPES, Codes, Compiled, Finding, Manifest, codes_text
from ._accept_patterns import Family
from ._codes import difference, union
from ._edge import Read
from ._scope_patterns import scope_pattern
from ._server_files import COMMON_HEADERS, PROFILE, Binding, Layout, groups_by, lay_out
from ._server_options import STATUSES, ServerOptions

__all__ = ["PROFILE", "Options", "compile_files", "options_model"]

INCLUDE_FILE: Final = "errgen.conf"
KNOWN: Final[Codes] = (
    *((400, 417), (421, 424), (426, 426), (428, 429), (431, 431), (451, 451)),
    *((500, 508), (510, 511)),
)
"""What httpd knows as an error (its table of status lines); it does not start with ErrorDocument for another code."""
REFUSED: Final = ((difference(STATUSES, KNOWN), "Apache takes no ErrorDocument for it"),)

_DIFFERENCES: Final = ("Retry-After is that of the page, whatever an upstream has said: Apache drops its headers.",)
_NOTES: Final = (
    "Answers of an upstream give way to pages; ProxyErrorOverride Off in a Location keeps them.",
    "An upstream's answer with a code that is not bound is passed on as it is.",
    "A RewriteRule for every path has to leave these alone: RewriteCond %{REQUEST_URI} !^/\\.errgen/",
    "Where a request cannot be read at all, the page is in HTML and in the default language.",
)


class Options(ServerOptions):
    """``[[site.NAME.edge]]`` with ``kind = "apache"``."""

    kind: Literal["apache"]


def options_model() -> type[Options]:
    """The model of this edge's table."""
    return Options


def compile_files(manifest: Manifest, read: Read, options: Options) -> Compiled:
    """The include file, the pages and ``report.json``."""
    layout = lay_out(manifest, options, "apache", REFUSED)
    files = layout.page_files(read)
    files[INCLUDE_FILE] = "".join(f"{line}\n" for line in _include(layout, options.root)).encode()
    files["report.json"] = layout.report(differences=_DIFFERENCES, notes=_NOTES)
    return Compiled(dict(sorted(files.items())), (*layout.findings, *_other_statuses(layout)))


def _other_statuses(layout: Layout) -> Iterator[Finding]:
    changed = union(*(binding.codes for binding in layout.bindings if binding.status))
    if changed:
        message = f"apache cannot answer {codes_text(changed)} with another status; the page is sent with its own code"
        yield Finding("apache-status", "warning", message, hint="leave serve_status out, or bind other codes only")


def _include(layout: Layout, root: str) -> Iterator[str]:
    yield f"# The error pages of {layout.manifest.site}, made by errgen. It belongs into each VirtualHost of the"
    yield "# website, before any ProxyPass, and needs the modules alias, headers and setenvif:"
    yield "#"
    yield "#     <VirtualHost *:443>"
    yield "#         ServerName www.example.com"
    yield f"#         Include {root}/{INCLUDE_FILE}"
    yield "#     </VirtualHost>"
    extensions: dict[str, str] = {format_: EXTENSIONS[format_] for format_ in layout.formats}
    yield from _family(layout.accept, "ERRGEN_TYPE", "ERRGEN_EXTENSION", extensions)
    if layout.scopes:
        yield "# The first scope that the request is in decides, whatever Accept says: here, too, the last line counts."
        yield 'SetEnvIf Host "^(.*)$" ERRGEN_HOST=$1'
    for scope in reversed(layout.scopes):
        test = f"'%{{reqenv:ERRGEN_HOST}} %{{THE_REQUEST}}' =~ m#{scope_pattern(scope, method=True)}#"
        yield f'SetEnvIfExpr "{test}" ERRGEN_EXTENSION={extensions[scope.format]}'
    if layout.accept_language:
        tags = {tag: tag for tag in layout.languages}
        yield from _family(layout.accept_language, "ERRGEN_RANGE", "ERRGEN_LANGUAGE", tags)
    for binding in layout.bindings:
        for code in binding.each_code:
            yield f"ErrorDocument {code} {_address(layout, binding)}"
    yield "# Errors of what is behind Apache count like its own."
    yield "<IfModule mod_proxy.c>"
    yield f'    ProxyPass "{_path(layout)}/" "!"'
    yield f"    ProxyErrorOverride On {' '.join(str(code) for one in layout.bindings for code in one.each_code)}"
    yield "</IfModule>"
    yield from _folder(layout, root)


def _family(family: Family, captured: str, chosen: str, values: Mapping[str, str]) -> Iterator[str]:
    yield f"# {family.header}: the last line that matches counts. The best quality, and of equals the first listed."
    for step in reversed(family.steps):
        yield f'SetEnvIfNoCase {family.header} "{step}" {captured}=$1'
    yield f'SetEnvIf Request_URI "^" {chosen}={values[family.default]}'
    for expression, value in reversed(family.values):
        yield f'SetEnvIfNoCase {captured} "{expression}" {chosen}={values[value]}'


def _address(layout: Layout, binding: Binding) -> str:
    language = "%{reqenv:ERRGEN_LANGUAGE}" if layout.accept_language else layout.languages[0]
    return f"{_path(layout)}/{binding.name}/{language}.%{{reqenv:ERRGEN_EXTENSION}}"


def _folder(layout: Layout, root: str) -> Iterator[str]:
    """Where the pages lie, and what goes with them."""
    names = "|".join(binding.name for binding in layout.bindings)
    languages = "|".join(layout.languages)
    extensions = {format_: re.escape(EXTENSIONS[format_]) for format_ in layout.formats}
    path = re.escape(_path(layout))
    any_extension = "|".join(extensions.values())
    yield f'AliasMatch "^{path}/({names})/({languages})\\.({any_extension})$" "{root}/pages/$2/$1.$3"'
    yield "# A request that cannot be read has no variables, and gets the default."
    yield f'AliasMatch "^{path}/({names})/" "{root}/pages/{layout.languages[0]}/$1.html"'
    yield f'<Directory "{root}/pages">'
    yield "    Options None"
    yield "    AllowOverride None"
    yield "    FileETag None"
    yield "    # What keeps people from the website does not keep them from reading why. If counts after Location."
    yield '    <If "true">'
    yield "        Require all granted"
    yield "    </If>"
    yield "    # Whoever asks for a page by its address gets a 404."
    yield '    <If "-z %{reqenv:REDIRECT_STATUS}">'
    yield '        Redirect 404 "/"'
    yield "    </If>"
    for format_, extension in extensions.items():
        yield f'    <FilesMatch "^[^.]+\\.{extension}$">'
        yield f'        ForceType "{MEDIA_TYPES[format_]}"'
        yield "    </FilesMatch>"
    for name, value in sorted({**COMMON_HEADERS, "Content-Language": layout.languages[0]}.items()):
        yield f'    Header always set {name} "{value}"'
    yield f'    Header always merge Vary "{layout.vary}"'
    for seconds, bindings in groups_by(layout.bindings, lambda binding: binding.retry_after).items():
        yield f'    <FilesMatch "^(?:{"|".join(binding.name for binding in bindings)})\\.">'
        yield f'        Header always set Retry-After "{seconds}"'
        yield "    </FilesMatch>"
    yield "    Header unset Last-Modified"
    yield "    Header unset Accept-Ranges"
    yield "</Directory>"
    for language in layout.languages[1:]:
        yield f'<Directory "{root}/pages/{language}">'
        yield f'    Header always set Content-Language "{language}"'
        yield "</Directory>"


def _path(layout: Layout) -> str:
    """Where the pages are for Apache itself. No website has such a path."""
    return f"/.errgen/{layout.manifest.site}"
