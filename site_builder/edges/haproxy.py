"""HAProxy 2.6 or later: one configuration file, two tables for each negotiated header, and the pages.

HAProxy can put a negotiated page in the place of a server's answer, but not in the place of an error of its own: what
it says when no server answers is set once for a backend. So a website's frontend continues the defaults section of
this file, which negotiates, and hands every request to the backend of this file for that language and format. Those
lead through a socket of HAProxy's own to the frontend that was there before, and what comes back from it, a server's
error or HAProxy's, is a server's answer to them. Nothing of the website's backends has to be repeated.

A status cannot be kept by one rule for many codes: each code is a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal

from pydantic import Field

from ..manifest import is_own_page
from ..model import EXTENSIONS, MEDIA_TYPES, Codes, Compiled, Finding, Format, Manifest, contains
from ._accept_patterns import Family
from ._codes import difference, union
from ._edge import Read
from ._scope_patterns import scope_pattern
from ._server_files import COMMON_HEADERS, PROFILE, Binding, Layout, groups_by, lay_out
from ._server_options import STATUSES, ServerOptions

__all__ = ["PROFILE", "Options", "compile_files", "options_model"]

SCOPES_FILE: Final = "scopes.map"
OWN_CODES: Final[Codes] = union(
    (code, code) for code in (400, 401, 403, 404, 405, 407, 408, 410, 413, 421, 422, 425, 429, 500, 501, 502, 503, 504)
)
"""The errors that HAProxy 2.6 can make by itself; ``http-error`` takes no other status."""
LARGEST_PAGE: Final = 15_000
"""In bytes. An answer has to fit into tune.bufsize, 16,384 bytes, without the 1,024 of tune.maxrewrite, with its head.

A larger page is answered with HAProxy's own 500, or the configuration is refused.
"""
LONGEST_HEADER: Final = 1000
"""In characters; a browser's Accept has fewer than 200. Every request is matched, because a backend is chosen before
anything fails, and a header as long as HAProxy takes would keep it busy for milliseconds."""
RANGES_A_LINE: Final = 40
"""HAProxy reads up to 64 words a line."""
_NO_PAGE_OF_ITS_OWN: Final = (
    "a family's page needs a line for each code in every language and format, so that the codes have to be named"
)
_DIFFERENCES: Final = (
    f"An Accept or Accept-Language header of more than {LONGEST_HEADER:,} characters counts as absent.",
    "Of several Accept header lines the first two count, of several Accept-Language lines the first.",
    "What is no HTTP request at all, or comes too late, gets HAProxy's built-in 400 or 408.",
    "What the outer frontend itself refuses (deny, tarpit) gets the HTML page in the site's default language; rules "
    "of the inner frontend are negotiated.",
)


class Options(ServerOptions):
    """``[[site.NAME.edge]]`` with ``kind = "haproxy"``.

    ``defaults`` is the name of the website's own defaults section, which this one continues: mode, timeouts, logs.
    ``inside`` is the address at which the inner frontend listens; without, it is ``abns@errgen-SITE``, which only Linux
    has.
    """

    kind: Literal["haproxy"]
    defaults: str = Field("common", pattern=r"^[A-Za-z0-9_.:-]+$", examples=["common"])
    inside: str | None = Field(
        None,
        pattern=r"^(?:abns@[A-Za-z0-9_.-]+|unix@/[A-Za-z0-9_./-]+|127\.0\.0\.1:[0-9]+)$",
        examples=["unix@/run/errgen.sock"],
    )


def options_model() -> type[Options]:
    """The model of this edge's table."""
    return Options


def compile_files(manifest: Manifest, read: Read, options: Options) -> Compiled:
    """``errgen.cfg``, the tables that it reads, the pages, ``report.json``."""
    layout = lay_out(manifest, options, "haproxy", _refused(manifest, options))
    pages = layout.page_files(read)
    files = {
        "errgen.cfg": "".join(f"{line}\n" for line in _configuration(layout, options)).encode(),
        **_tables("accept", layout.accept),
        **(_tables("accept-language", layout.accept_language) if layout.accept_language else {}),
        **({SCOPES_FILE: _scopes(layout)} if layout.scopes else {}),
        **pages,
        "report.json": layout.report(
            differences=_DIFFERENCES, notes=[_own_codes_note(layout), _address_note(layout, options)]
        ),
    }
    return Compiled(dict(sorted(files.items())), (*layout.findings, *_too_large(pages)))


def _refused(manifest: Manifest, options: Options) -> list[tuple[Codes, str]]:
    own = union(codes for rule in manifest.rules if is_own_page(rule) for codes in rule.codes)
    return [(difference(STATUSES, own), _NO_PAGE_OF_ITS_OWN)] if own and not options.codes else []


def _too_large(pages: dict[str, bytes]) -> Iterator[Finding]:
    for path, content in sorted(pages.items()):
        if len(content) > LARGEST_PAGE:
            yield Finding(
                "haproxy-page-size",
                "error",
                f"{path} has {len(content):,} bytes, and HAProxy can send {LARGEST_PAGE:,} at most",
                hint="make the page smaller: a smaller logo, fewer words, or another theme",
            )


def _own_codes_note(layout: Layout) -> str:
    own = [str(code) for binding in layout.bindings for code in binding.each_code if contains(OWN_CODES, code)]
    return f"HAProxy makes these errors by itself: {', '.join(sorted(own))}; all others come from a server behind it."


def _address_note(layout: Layout, options: Options) -> str:
    address = _inside(_name(layout), options)
    return f"Every process that can connect to {address} can claim to be any client: see who else is on the machine."


def _tables(name: str, family: Family) -> dict[str, bytes]:
    """What finds a name in a header, best quality first, and what the name stands for. The first match wins in both."""
    steps = "".join(f"(?i){step} \\1\n" for step in family.steps)
    values = "".join(f"(?i){pattern} {value}\n" for pattern, value in family.values)
    return {f"{name}.map": steps.encode(), f"{name}-values.map": values.encode()}


def _scopes(layout: Layout) -> bytes:
    """What finds a request that is in a scope, and the scope's format. The first match wins."""
    return "".join(f"{scope_pattern(scope)} {scope.format}\n" for scope in layout.scopes).encode()


def _configuration(layout: Layout, options: Options) -> Iterator[str]:
    name = _name(layout)
    yield from _introduction(name, options)
    yield ""
    yield f"defaults {name} from {options.defaults}"
    yield from _negotiation(name, layout, options)
    yield from _own_errors(layout, options, layout.languages[0], "html")
    for language in layout.languages:
        for format_ in layout.formats:
            yield ""
            yield f"backend {name}-{language}-{format_} from {options.defaults}"
            yield f"  server inside {_inside(name, options)} send-proxy-v2"
            yield from _retry_after(layout)
            yield from _answers(layout, options, language, format_)
            yield from _own_errors(layout, options, language, format_)


def _name(layout: Layout) -> str:
    return f"errgen-{layout.manifest.site}"


def _inside(name: str, options: Options) -> str:
    return options.inside or f"abns@{name}"


def _introduction(name: str, options: Options) -> Iterator[str]:
    yield from f"""\
# Error pages for HAProxy 2.6 or later, made by errgen. The folder that this file is in belongs at {options.root}.
#
# Start HAProxy with this file between your defaults and your frontends:
#     haproxy -f defaults.cfg -f {options.root}/errgen.cfg -f frontends.cfg
# defaults.cfg has your "defaults {options.defaults}" with mode http and your timeouts. In frontends.cfg, the frontend
# that the world sees only negotiates; all that yours did until now moves into one behind it:
#     frontend web from {name}
#         bind :80
#         use_backend %[var(txn.errgen)]
#     frontend inside from {options.defaults}
#         bind {_inside(name, options)} accept-proxy
#         default_backend app
# src is the client's address in both. Whatever depends on TLS (ssl_fc, X-Forwarded-Proto) belongs into the first.
""".splitlines()


def _negotiation(name: str, layout: Layout, options: Options) -> Iterator[str]:
    both = "%[req.fhdr(accept,1)],%[req.fhdr(accept,2)]"
    yield "  http-request set-var(txn.errgen_accept) req.fhdr(accept,1)"
    yield f'  http-request set-var-fmt(txn.errgen_accept) "{both}" if {{ req.fhdr_cnt(accept) ge 2 }}'
    yield from _lookup("format", "var(txn.errgen_accept)", "accept", layout.accept, options)
    if layout.scopes:
        yield '  http-request set-var-fmt(txn.errgen_asked) "%[req.fhdr(host,1)] %[path]"'
        yield f"  http-request set-var(txn.errgen_format) var(txn.errgen_asked),map_reg({options.root}/{SCOPES_FILE})"
    if layout.accept_language:
        header = "req.fhdr(accept-language,1)"
        yield from _lookup("language", header, "accept-language", layout.accept_language, options)
    language = "%[var(txn.errgen_language)]" if layout.accept_language else layout.languages[0]
    yield f'  http-request set-var-fmt(txn.errgen) "{name}-{language}-%[var(txn.errgen_format)]"'


def _lookup(what: str, header: str, table: str, family: Family, options: Options) -> Iterator[str]:
    """Rules that set a variable; where there is no match, set-var leaves it as it was."""
    chosen, named = f"txn.errgen_{what}", f"txn.errgen_{what}_range"
    by_name = f"map_reg({options.root}/{table}-values.map,{family.default})"
    yield f"  http-request set-var({chosen}) str({family.default})"
    brief = f"{{ {header} -m len 1:{LONGEST_HEADER} }}"
    yield f"  http-request set-var({named}) {header},map_regm({options.root}/{table}.map) if {brief}"
    yield f"  http-request set-var({chosen}) var({named}),{by_name}"


def _retry_after(layout: Layout) -> Iterator[str]:
    """The server's own Retry-After wins over the page's."""
    variable = "txn.errgen_retry"
    yield f"  http-response set-var({variable}) res.fhdr(retry-after) if {{ status 400:599 }}"
    for seconds, bindings in groups_by(layout.bindings, lambda binding: binding.retry_after).items():
        spans = union(*(binding.codes for binding in bindings))
        for start in range(0, len(spans), RANGES_A_LINE):
            codes = " ".join(
                str(low) if low == high else f"{low}:{high}" for low, high in spans[start : start + RANGES_A_LINE]
            )
            yield (
                f"  http-response set-var({variable}) str({seconds})"
                f" if {{ status {codes} }} !{{ var({variable}) -m found }}"
            )
    yield f"  http-after-response set-header Retry-After %[var({variable})] if {{ var({variable}) -m found }}"


def _answers(layout: Layout, options: Options, language: str, format_: Format) -> Iterator[str]:
    """A page in the place of what comes from inside."""
    for code, binding in _by_code(layout):
        status = binding.status or code
        reply = _reply(layout, options, binding, language, format_)
        yield f"  http-response return status {status} {reply} if {{ status {code} }}"


def _own_errors(layout: Layout, options: Options, language: str, format_: Format) -> Iterator[str]:
    """A page in the place of what HAProxy says by itself."""
    for code, binding in _by_code(layout):
        if contains(OWN_CODES, code):
            wait = f" hdr Retry-After {binding.retry_after}" if binding.retry_after else ""
            yield f"  http-error status {code} {_reply(layout, options, binding, language, format_)}{wait}"


def _by_code(layout: Layout) -> list[tuple[int, Binding]]:
    pairs = [(code, binding) for binding in layout.bindings for code in binding.each_code]
    return sorted(pairs, key=lambda pair: pair[0])


def _reply(layout: Layout, options: Options, binding: Binding, language: str, format_: Format) -> str:
    headers: dict[str, Any] = {**COMMON_HEADERS, "Content-Language": language, "Vary": layout.vary}
    shown = " ".join(f'hdr {name} "{value}"' for name, value in sorted(headers.items()))
    page = f"{options.root}/pages/{language}/{binding.name}.{EXTENSIONS[format_]}"
    return f'content-type "{MEDIA_TYPES[format_]}" file {page} {shown}'
