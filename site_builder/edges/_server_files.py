"""What the web servers share: which code gets which page, the page files as a server needs them, and the report.

A server is configured once for a whole site, by an include file. Codes whose pages are the same in every language and
format share one binding, and a binding's pages lie at ``pages/LANGUAGE/NAME.EXT``, NAME being that of the binding.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..manifest import is_own_page, page_key, scope_content
from ..model import EXTENSIONS, MAINTENANCE, MEDIA_TYPES, Codes, Finding, Format, Manifest, Rule, Scope, codes_text
from ._accept_patterns import DIFFERENCES, LANGUAGE_DIFFERENCES, Family, accept_family, language_family
from ._codes import difference, intersection, union
from ._edge import Read, pages_of
from ._scope_patterns import DIFFERENCES as SCOPE_DIFFERENCES
from ._scope_patterns import LONGEST, scope_pattern
from ._server_options import STATUSES, ServerOptions

PROFILE: Final = "static"
NO_BODY: Final[Codes] = ((444, 444), (460, 460), (499, 499))
"""Codes that servers write in their logs and never send: the connection is gone."""
LEFT_ALONE: Final[Mapping[int, str]] = {
    401: "its answer needs WWW-Authenticate, which clients sign in by",
    405: "its answer needs Allow",
    407: "its answer needs Proxy-Authenticate",
    416: "its answer needs Content-Range, and who asks for parts of a file reads no page",
    426: "its answer needs Upgrade",
    511: "it is for networks that want people to sign in, and never a website's own answer",
}
"""Codes that are bound only where ``codes`` asks for them: a header of the answer matters more than a page, and a
server that puts a page in the place of an answer does not keep its headers (RFC 9110 sections 11.6, 14.4, 15.5)."""

COMMON_HEADERS: Final[Mapping[str, str]] = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
"""With every page. Without no-store a cache may keep 404, 405, 410, 414 and 501 (RFC 9110 section 15.1)."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Codes that get the same pages. ``pages`` has what rules call a page, ``en/404.html``, by language and format.

    ``retry_after`` is in seconds; ``status`` replaces the status of the answer.
    """

    name: str
    codes: Codes
    pages: Mapping[tuple[str, Format], str]
    retry_after: int | None
    status: int | None

    @property
    def each_code(self) -> Iterator[int]:
        """Its codes one by one."""
        for low, high in self.codes:
            yield from range(low, high + 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """What one server serves of a site. ``unbound`` says why codes have no page, ``findings`` what users should know.

    ``languages`` and ``formats`` are those that have a page for every bound code, the site's default language first.
    """

    kind: str
    manifest: Manifest
    languages: tuple[str, ...]
    formats: tuple[Format, ...]
    bindings: tuple[Binding, ...]
    unbound: tuple[tuple[Codes, str], ...]
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> Codes:
        """Every bound code."""
        return union(*(binding.codes for binding in self.bindings))

    @property
    def accept(self) -> Family:
        """How Accept is answered."""
        return accept_family(self.formats)

    @property
    def accept_language(self) -> Family | None:
        """How Accept-Language is answered; None where there is one language only."""
        return language_family(self.languages) if len(self.languages) > 1 else None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The site's scopes, but for those whose format is not served."""
        return tuple(scope for scope in self.manifest.scopes if scope.format in self.formats)

    @property
    def vary(self) -> str:
        """The value of Vary (RFC 9110 section 12.5.5): what the choice of a page looks at."""
        return "Accept, Accept-Language" if len(self.languages) > 1 else "Accept"

    def page_files(self, read: Read, extensions: Mapping[Format, str] = EXTENSIONS) -> dict[str, bytes]:
        """The pages as ``pages/LANGUAGE/NAME.EXT``."""
        return {
            f"pages/{language}/{binding.name}.{extensions[format_]}": read(f"pages/{PROFILE}/{page}")
            for binding in self.bindings
            for (language, format_), page in binding.pages.items()
        }

    def report(self, *, differences: Sequence[str] = (), notes: Sequence[str] = ()) -> bytes:
        """``report.json``. ``differences`` are the server's own from the reference answer, besides its patterns'."""
        content = {
            "edge": self.kind,
            "site": self.manifest.site,
            "release": self.manifest.release,
            "languages": list(self.languages),
            "formats": {format_: MEDIA_TYPES[format_] for format_ in self.formats},
            "headers": {name.lower(): value for name, value in (*COMMON_HEADERS.items(), ("Vary", self.vary))},
            **({"scopes": [scope_content(scope) for scope in self.scopes]} if self.scopes else {}),
            "codes": {codes_text(binding.codes): _binding_content(binding) for binding in self.bindings},
            "not_bound": [{"codes": codes_text(codes), "reason": reason} for codes, reason in self.unbound],
            "differences": [
                *DIFFERENCES,
                *(LANGUAGE_DIFFERENCES if len(self.languages) > 1 else ()),
                *(SCOPE_DIFFERENCES if self.scopes else ()),
                *differences,
            ],
            "notes": list(notes) + self._planned_work(),
        }
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

    def _planned_work(self) -> list[str]:
        if not any(rule.maintenance for rule in self.manifest.rules):
            return []
        return [f"Planned work is not announced here: no code is bound to the page {MAINTENANCE}."]


def lay_out(manifest: Manifest, options: ServerOptions, kind: str, refused: Sequence[tuple[Codes, str]] = ()) -> Layout:
    """The bindings of a site at the server ``kind``. ``refused`` are codes that it cannot take, each with the reason.

    A code that it cannot take is in the report. It is a finding, too, where it has a page of its own, and a warning
    where ``codes`` asks for it.
    """
    default = manifest.languages[0]
    wanted = options.codes or difference(STATUSES, union((code, code) for code in LEFT_ALONE))
    reasons: list[tuple[Codes, str]] = [
        (((code, code),), reason) for code, reason in LEFT_ALONE.items() if not options.codes
    ]
    reasons += [(intersection(codes, wanted), reason) for codes, reason in (*refused, (NO_BODY, _NEVER_SENT))]
    takable = difference(wanted, union(*(codes for codes, _ in (*refused, (NO_BODY, _NEVER_SENT)))))
    rules = _rules(manifest)
    bound = [code for low, high in takable for code in range(low, high + 1) if (default, "html", code) in rules]
    pageless = difference(takable, union((code, code) for code in bound))
    reasons.append((pageless, "the catalog has no page for it"))
    languages = tuple(tag for tag in manifest.languages if all((tag, "html", code) in rules for code in bound))
    formats = tuple(
        format_
        for format_ in EXTENSIONS
        if all((language, format_, code) in rules for language in languages for code in bound)
    )
    findings = [
        *_refusals(kind, manifest, options, refused),
        *_absent_languages(kind, manifest, rules, languages, bound),
        *(_unusable_scopes(kind, manifest, formats) if bound else ()),
    ]
    if not bound:
        hint = "name codes that the catalog has pages for, or leave codes out"
        findings.append(Finding(f"{kind}-no-codes", "error", "no page is bound to any code", hint=hint))
    return Layout(
        kind,
        manifest,
        languages,
        formats,
        tuple(_bindings(rules, bound, languages, formats)),
        tuple((codes, reason) for codes, reason in reasons if codes),
        tuple(findings),
    )


_NEVER_SENT: Final = "it stands in logs only: the client is gone, so that no page can be sent"
_Rules = Mapping[tuple[str, Format, int], Rule]


def _rules(manifest: Manifest) -> _Rules:
    """The rule that manifest.first_match gives for a code, by language, format and code, where its page is there."""
    pages = pages_of(manifest, PROFILE)
    rules: dict[tuple[str, Format, int], Rule] = {}
    for rule in manifest.rules:
        if not rule.maintenance and rule.page in pages:
            for low, high in intersection(rule.codes, STATUSES):
                for code in range(low, high + 1):
                    rules.setdefault((rule.language, rule.format, code), rule)
    return rules


def _bindings(
    rules: _Rules, bound: Sequence[int], languages: Sequence[str], formats: Sequence[Format]
) -> Iterator[Binding]:
    """Codes with equal pages together, in the order of their lowest code."""
    groups: dict[tuple[str, ...], list[int]] = {}
    variants = [(language, format_) for language in languages for format_ in formats]
    for code in bound:
        pages = tuple(rules[(language, format_, code)].page for language, format_ in variants)
        groups.setdefault(pages, []).append(code)
    keys = [page_key(pages[0])[1] for pages in groups]
    for (pages, codes), key in zip(groups.items(), keys, strict=True):
        rule = rules[(languages[0], formats[0], codes[0])]
        # A family that some languages have better pages for is several bindings, which go by their lowest code.
        name = key if keys.count(key) == 1 else str(codes[0])
        together = union((code, code) for code in codes)
        yield Binding(name, together, dict(zip(variants, pages, strict=True)), rule.retry_after, rule.status)


def _refusals(
    kind: str, manifest: Manifest, options: ServerOptions, refused: Sequence[tuple[Codes, str]]
) -> Iterator[Finding]:
    own = union(codes for rule in manifest.rules if is_own_page(rule) for codes in rule.codes)
    for codes, reason in refused:
        asked = intersection(codes, options.codes) if options.codes else _without_left_alone(intersection(codes, own))
        if asked:
            yield Finding(
                f"{kind}-codes",
                "warning" if options.codes else "info",
                f"{kind} gets no page for {codes_text(asked)}: {reason}",
                hint=f"name the codes to bind, without these: codes = {_toml_example(options, asked)}",
            )


def _without_left_alone(codes: Codes) -> Codes:
    return difference(codes, union((code, code) for code in LEFT_ALONE))


def _toml_example(options: ServerOptions, asked: Codes) -> str:
    rest = difference(options.codes, asked) if options.codes else ()
    parts = [str(low) if low == high else f'"{low}..{high}"' for low, high in rest]
    return f"[{', '.join(parts)}]" if parts else '[404, "500..504"]'


def _absent_languages(
    kind: str, manifest: Manifest, rules: _Rules, languages: Sequence[str], bound: Sequence[int]
) -> Iterator[Finding]:
    for tag in manifest.languages:
        if tag not in languages:
            lacking = union((code, code) for code in bound if (tag, "html", code) not in rules)
            yield Finding(
                f"{kind}-language",
                "warning",
                f"{kind} does not serve {tag}, which has no page for {codes_text(lacking)}",
                hint=f"translate these, or the families that they belong to, in catalog/languages/{tag}.yaml",
            )


def _unusable_scopes(kind: str, manifest: Manifest, formats: Sequence[Format]) -> Iterator[Finding]:
    for scope in manifest.scopes:
        if scope.format not in formats:
            message = f"{kind} has no {scope.format} page for some code, so that the scope of {scope} does not count"
            yield Finding(f"{kind}-scope", "warning", message, hint="give the scope a format that every page has")
        elif len(scope_pattern(scope, method=True)) > LONGEST:
            size = f"{len(scope.hosts)} hosts and {len(scope.paths)} paths"
            message = f"{kind} cannot take a scope of {size}: the expression for it would be too long"
            yield Finding(f"{kind}-scope", "error", message, hint="write it as two scopes of the same format")


def _binding_content(binding: Binding) -> dict[str, Any]:
    content: dict[str, Any] = {"page": binding.name}
    if binding.retry_after is not None:
        content["retry_after"] = binding.retry_after
    if binding.status is not None:
        content["status"] = binding.status
    return content


def groups_by(bindings: Sequence[Binding], value: Callable[[Binding], int | None]) -> dict[int, list[Binding]]:
    """The bindings that have a ``value``, by it, in ascending order: those with the same Retry-After together."""
    groups: dict[int, list[Binding]] = {}
    for binding in bindings:
        found = value(binding)
        if found is not None:
            groups.setdefault(found, []).append(binding)
    return dict(sorted(groups.items()))
